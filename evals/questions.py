"""The script of a question, and the same question in the other one."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from evals.datasets import Case
from rag.corpus.script import detect_script, to_simplified, to_traditional


def script_of(text: str) -> Literal["hans", "hant", "en", ""]:
    """The script ``text`` is written in; empty when no character tells."""
    script = detect_script(text)
    return "" if script == "unknown" else script


def in_other_script(case: Case) -> Case | None:
    """``case`` asked in Traditional if it is in Simplified characters, and the other way; ``None`` in English.

    ``@hant`` or ``@hans`` after the id says which script it is in now.
    """
    script = case.script or script_of(case.question)
    if script == "en":
        return None
    other: Literal["hans", "hant"] = "hans" if script == "hant" else "hant"
    convert = to_simplified if other == "hans" else to_traditional
    history = tuple({**turn, "content": convert(turn["content"])} for turn in case.history)
    return replace(case, id=f"{case.id}@{other}", script=other, question=convert(case.question), history=history)
