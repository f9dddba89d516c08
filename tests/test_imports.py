"""Importing costs little and does nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {"torch", "transformers", "sentence_transformers", "onnxruntime", "chromadb", "gradio", "langchain"}

IMPORT_EVERYTHING = """
import importlib, os, pkgutil

class Spy(type(os.environ)):
    def __getitem__(self, key):
        if str(key).upper().startswith("RAG_"):
            raise AssertionError(f"{key} was read")
        return super().__getitem__(key)

os.environ.__class__ = Spy
names = ["rag"]
for name in names:
    module = importlib.import_module(name)
    names += [found.name for found in pkgutil.iter_modules(getattr(module, "__path__", []), f"{name}.")]
print(*names)
"""


def test_help_imports_nothing_heavy(command_environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "rag.cli", "--help"],
        env=command_environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert "ingest" in result.stdout
    lines = (line for line in result.stderr.splitlines() if line.startswith("import time:"))
    packages = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}
    assert "rag" in packages
    assert packages & HEAVY == set()


def test_importing_every_module_does_nothing(command_environment: dict[str, str], tmp_path: Path) -> None:
    home = Path(command_environment["HOME"])
    here = tmp_path / "here"
    here.mkdir()
    # Settings made while a module is imported would read this and refuse it.
    (here / "rag.toml").write_text("not_a_setting = 1\n", encoding="utf-8")
    environment = {key: value for key, value in command_environment.items() if not key.startswith("RAG_")}
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING],
        cwd=here,
        env={**environment, "TMPDIR": str(home)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert {"rag.chatbot", "rag.cli", "rag.corpus", "rag.index"} <= set(result.stdout.split())
    assert (list(home.iterdir()), list(here.iterdir())) == ([], [here / "rag.toml"])
