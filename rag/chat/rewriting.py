"""Follow-up questions completed by a language model, and whether what it wrote can be believed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rag.corpus.places import find_places
from rag.corpus.script import detect_script, search_key, to_simplified, to_traditional
from rag.errors import LLMError
from rag.retrieval.followup import complete, stands_alone

if TYPE_CHECKING:
    from rag.answer.llm import ChatModel
    from rag.answer.prompts import Prompt

_TURNS = 6
_TURN_CHARS = 400
_WHO = {"user": "问", "assistant": "答", "system": "此前概要"}
_LABEL = re.compile(
    r"^(?:改[写寫](?:[后後]?的?(?:问题|問題|追问|追問)?)|(?:rewritten )?question)\s*[:：]\s*", re.IGNORECASE
)
_QUOTES = "“”‘’「」『』\"'`*"
_FRAME = re.compile(r"^(?:那么?|再|还有|另外|然后|而)[,、]?|(?:[这那]边)?[呢吗啊]?[?!。]*$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def transcript(history: Sequence[Mapping[str, str]]) -> str:
    """``history`` (``role``, ``content``) as text, a line a turn."""
    lines = []
    for turn in history:
        content = " ".join(turn.get("content", "").split())
        lines.append(f"{_WHO.get(turn.get('role', ''), _WHO['user'])}：{content}")
    return "\n".join(lines)


def rewrite(question: str, history: Sequence[Mapping[str, str]], model: ChatModel, *, prompt: Prompt) -> str | None:
    """``question`` as it reads without the ``history``, in the same script; ``None`` when the model did not manage.

    It has managed when what it wrote stands alone, is not much longer, keeps the numbers and places of the question and
    adds none that the history does not have. A model that fails counts as one that did not manage.
    """
    recent = [{**turn, "content": turn.get("content", "")[:_TURN_CHARS]} for turn in history[-_TURNS:]]
    try:
        written = model.complete(prompt.render(history=transcript(recent), question=question))
    except LLMError:
        # The answer needs the same model: if it is down, that is said then, with the passages already found.
        return None
    rewritten = _in_script_of(question, _cleaned(written))
    return rewritten if rewritten and _credible(rewritten, question, history) else None


def _cleaned(written: str) -> str:
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    return _LABEL.sub("", lines[0]).strip().strip(_QUOTES).strip() if lines else ""


def _in_script_of(question: str, text: str) -> str | None:
    wanted, found = detect_script(question), detect_script(text)
    if (wanted == "en") != (found == "en"):
        return None
    if wanted == "hans" and found == "hant":
        return to_simplified(text)
    return to_traditional(text) if wanted == "hant" and found == "hans" else text


def _credible(rewritten: str, question: str, history: Sequence[Mapping[str, str]]) -> bool:
    # A short follow-up takes in all of the question before it.
    if len(rewritten) > max(3 * len(question), 2 * len(complete(question, history))):
        return False
    if not stands_alone(rewritten):
        return False
    known = "\n".join([question, *(turn.get("content", "") for turn in history)])
    if not _numbers(question) <= _numbers(rewritten) <= _numbers(known):
        return False
    return _all_in(_places(question), rewritten) and _all_in(_places(rewritten), known)


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(search_key(text)))


def _places(text: str) -> set[str]:
    """The places that are named, also where only 那 and 呢 stand around one."""
    return set(find_places(_FRAME.sub("", search_key(text))))


def _all_in(places: set[str], text: str) -> bool:
    """Whether ``text`` has each of ``places``, in Chinese, with whatever stands around it, or romanised."""
    key = search_key(text)
    return all(place in key for place in places - _places(text))
