"""Who may import whom: only from an earlier place in the order, never from a later one, never from another shell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASE = ("errors", "schema", "settings", "setting_names", "saved", "private", "resources", "plain", "listening")
ORDER = ("corpus", "index", "reader", "retrieval", "answer", "chat", "users", "shared", "parts", "doctor", "chatbot")
COMMAND = ("cli", "ingesting", "progress", "terminal", "options", "reporting", "talking", "conversations", "accounts")
SHELLS = {**{f"rag.{name}": "cli" for name in COMMAND}, "rag.api": "api", "ui": "ui", "evals": "evals"}


def place(module: str) -> tuple[int, str]:
    """Rank and group of a module; within a rank, a group may import only itself."""
    parts = module.split(".")
    part = parts[1] if len(parts) > 1 else ""
    for prefix, shell in SHELLS.items():
        if module == prefix or module.startswith(f"{prefix}."):
            return len(ORDER) + 1, shell
    if module == "rag" or part in BASE:
        return 0, "base"
    if part in ORDER:
        return ORDER.index(part) + 1, part
    raise LookupError(f"{module} has no place in the order")


def modules(root: Path) -> dict[str, Path]:
    files = (file for top in ("rag", "ui", "evals") for file in sorted((root / top).rglob("*.py")))
    return {".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(module: str, path: Path) -> Iterator[tuple[str, str]]:
    """Each import in a file, wherever it stands, as (module, name); name is empty for ``import module``."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*start, node.module] if node.module else start)
            yield from ((origin, alias.name) for alias in node.names)


def violations(root: Path) -> list[str]:
    known = modules(root)
    # ``from rag import Chatbot`` reaches the module that rag/__init__.py takes the name from.
    exported = {name: origin for origin, name in imported("rag", known["rag"]) if name}
    found = []
    for module, path in known.items():
        rank, group = place(module) if module != "rag" else (len(ORDER) + 1, "rag")
        for origin, name in imported(module, path):
            target = f"{origin}.{name}" if f"{origin}.{name}" in known else origin
            target = exported.get(name, target) if target == "rag" else target
            if target.split(".")[0] not in ("rag", "ui", "evals"):
                continue
            target_rank, target_group = place(target)
            if target_rank > rank or (target_rank == rank and target_group != group):
                found.append(f"{module} imports {target}")
    return found


def test_every_import_follows_the_order() -> None:
    assert violations(ROOT) == []


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in {"rag/__init__.py": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_what_the_rule_allows(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "rag/__init__.py": "def __getattr__(name):\n    from rag.chatbot import Chatbot\n",
            "rag/errors.py": "",
            "rag/settings.py": "from rag.errors import ConfigurationError\nimport os\n",
            "rag/corpus/__init__.py": "from rag.corpus.script import fold\n",
            "rag/corpus/script.py": "from .. import errors\n",
            "rag/answer/extractive.py": "import rag.corpus.script\nfrom rag import errors, __version__\n",
            "rag/chat/sessions.py": "from ..answer import extractive\n",
            "rag/chatbot.py": "from rag.chat import sessions\nfrom rag.settings import Settings\n",
            "rag/cli.py": "from rag import Chatbot\nimport torch.nn\n",
            "ui/app.py": "from rag import Chatbot\nfrom ui.render import html\nfrom . import render\n",
            "ui/render.py": "",
        },
    )
    assert violations(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("rag/errors.py", "import rag.corpus.script\n", "rag.errors imports rag.corpus.script"),
        ("rag/corpus/script.py", "from rag.index import catalog\n", "rag.corpus.script imports rag.index.catalog"),
        ("rag/corpus/script.py", "from ..index.catalog import X\n", "rag.corpus.script imports rag.index.catalog"),
        ("rag/corpus/__init__.py", "from .. import chatbot\n", "rag.corpus imports rag.chatbot"),
        ("rag/chat/sessions.py", "from rag import Chatbot\n", "rag.chat.sessions imports rag.chatbot"),
        ("rag/chatbot.py", "from rag import cli\n", "rag.chatbot imports rag.cli"),
        ("rag/cli.py", "def ui():\n    from ui.app import main\n", "rag.cli imports ui.app"),
        ("ui/app.py", "import evals.runner\n", "ui.app imports evals.runner"),
        ("evals/runner.py", "import rag.cli as cli\n", "evals.runner imports rag.cli"),
        (
            "rag/retrieval/hybrid.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rag.answer import Answerer\n",
            "rag.retrieval.hybrid imports rag.answer",
        ),
    ],
)
def test_what_the_rule_catches(tmp_path: Path, path: str, text: str, expected: str) -> None:
    tree = {
        "rag/__init__.py": "def __getattr__(name):\n    from rag.chatbot import Chatbot\n",
        "rag/corpus/script.py": "",
        "rag/index/catalog.py": "",
        "rag/answer/__init__.py": "",
        "rag/chatbot.py": "",
        "rag/cli.py": "",
        "ui/app.py": "",
        "evals/runner.py": "",
    }
    write(tmp_path, {**tree, path: text})
    assert violations(tmp_path) == [expected]


def test_a_module_without_a_place_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"rag/utils.py": ""})
    with pytest.raises(LookupError, match=r"^rag\.utils has no place in the order$"):
        violations(tmp_path)
