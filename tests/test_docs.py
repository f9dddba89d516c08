"""The pages under docs cannot drift: their Python runs, and what they link to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import copy_home

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def python(page: Path) -> str:
    """The page's Python blocks, as one program whose lines are numbered as in the page."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = line.startswith("```")
        lines.append(line if inside and not fence else "")
        inside = line == "```python" if fence else inside
    return "\n".join(lines)


def test_there_are_pages_with_examples() -> None:
    assert "langchain.md" in [page.name for page in PAGES if python(page).strip()]


@pytest.mark.parametrize("page", [page for page in PAGES if python(page).strip()], ids=lambda page: page.name)
def test_the_examples_run(page: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_home(library, tmp_path / "home")
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    exec(compile(python(page), str(page), "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
