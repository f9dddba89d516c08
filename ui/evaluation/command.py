"""``rag-eval`` in a process of its own, with the settings of this server: the page never imports it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from rag.errors import PolicyRagError
from rag.setting_names import leaves
from rag.settings import Settings

_ROOT = Path(__file__).parent.parent.parent  # where the packages lie, in a checkout and when installed
_LONGEST_S = 120


class EvaluationError(PolicyRagError):
    """What ``rag-eval`` says when it does not do what it was asked for."""


def command(*arguments: str | Path) -> list[str]:
    """The command line; ``-P``: a folder that happens to be called evals where the server was started is not ours."""
    return [sys.executable, "-P", "-m", "evals.cli", *map(str, arguments)]


def environment(settings: Settings) -> dict[str, str]:
    """The environment for a command that reads ``settings``, keys and all, and finds our packages."""
    given = {f"RAG_{name.replace('.', '__')}".upper(): value for name, value in leaves(settings) if value is not None}
    return {
        **_surroundings(),
        **{name: _written(value) for name, value in given.items()},
        "RAG_HOME": str(settings.state),
    }


def compare(base: Path, new: Path) -> Mapping[str, object]:
    """What ``rag-eval compare --json`` says; ``EvaluationError`` when nothing can be said."""
    done = _done("compare", base, new, "--json")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise EvaluationError(complaint(done.stderr.splitlines())) from None
    assert isinstance(found, dict)
    return found


def write_page(report: Path, page: Path) -> None:
    """``report`` as a page that needs nothing else; ``EvaluationError`` when that cannot be done."""
    done = _done("show", report, "--html", page)
    if done.returncode:
        raise EvaluationError(complaint(done.stderr.splitlines()))


def complaint(told: Sequence[str]) -> str:
    """What went wrong, from the lines on stderr: our own message, or else the last line."""
    lines = [line for line in told if line.strip()]
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].startswith("error: "):
            return "\n".join(lines[number:]).removeprefix("error: ")
    return lines[-1] if lines else "rag-eval ended without a word. See the log of the server."


def _done(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command(*arguments),
            env=_surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EvaluationError(f"rag-eval {arguments[0]} did not run: {error}. Try again.") from error


def _surroundings() -> dict[str, str]:
    paths = filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8:replace"}


def _written(value: object) -> str:
    """A setting as the environment has it."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
