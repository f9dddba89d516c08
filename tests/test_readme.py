"""README cannot drift: its settings, commands and Python example are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from evals.cli import app as evaluation
from rag.cli import app as product
from rag.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def commands(app: typer.Typer) -> set[str]:
    own = {each.name or (each.callback.__name__ if each.callback else "") for each in app.registered_commands}
    return own | {str(each.name) for each in app.registered_groups}


def fields(cls: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by name, those of a table after its name and a dot."""
    for name, field in cls.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def test_the_settings_table_is_that_of_the_settings() -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| `(RAG_\w+)` \| `([^`]*)` \| (.*) \|$", page, re.MULTILINE)
    assert "(docs/settings.md)" in README
    assert rows == [
        (name, f"RAG_{name.replace('.', '__').upper()}", str(field.default), field.description)
        for name, field in fields(Settings)
    ]


def test_every_variable_named_is_that_of_a_setting() -> None:
    known = {f"RAG_{name.replace('.', '__').upper()}" for name, _ in fields(Settings)}
    assert set(re.findall(r"\bRAG_\w+", README)) - known == set()


@pytest.mark.parametrize(("program", "app"), [("rag", product), ("rag-eval", evaluation)])
def test_every_command_named_exists(program: str, app: typer.Typer) -> None:
    shell = "\n".join(text for language, text in BLOCKS if not language)
    named = set(re.findall(rf"(?m)(?:^|[ (`]){program} ([a-z][a-z-]+)", shell))
    assert named
    assert named - commands(app) == set()


def test_the_python_example_runs(seeds_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_HOME", str(seeds_home))
    monkeypatch.chdir(Path(__file__).parent.parent)
    (example,) = [text for language, text in BLOCKS if language == "python"]
    told: dict[str, object] = {}
    exec(example.replace('bot.ingest(["seeds/"])\n', ""), told)  # the index is shared with other tests
    assert "72%" in str(told["answer"])


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 150
