"""What we say beside a model's words, in the asker's language and script: flags, notices, why nothing is shown."""

from __future__ import annotations

from typing import Literal

from rag.corpus.script import to_traditional
from rag.schema import Script, Verdict

Notice = Literal["dropped", "fallback", "broken", "unfounded", "silent"]

_FLAGS: dict[Verdict, str] = {"supported": "", "partly": "（资料仅部分证实）", "unsupported": "（资料未证实）"}
_FLAGS_ENGLISH: dict[Verdict, str] = {
    "supported": "",
    "partly": " (only partly confirmed by the documents)",
    "unsupported": " (not confirmed by the documents)",
}
_NOTICES: dict[Notice, str] = {
    "dropped": "模型写的{}句话没有资料支持，已略去。",
    "fallback": "语言模型没有作答（{}），以下是资料原文的摘录。",
    "broken": "语言模型没有写完（{}），以上是已核对的部分。",
    "unfounded": "语言模型的回答没有资料支持，未予显示。",
    "silent": "语言模型认为所给资料回答不了这个问题。",
}
_NOTICES_ENGLISH: dict[Notice, str] = {
    "dropped": "Sentences of the model without support in the documents, left out: {}.",
    "fallback": "The language model did not answer ({}); these are the documents' own words.",
    "broken": "The language model did not finish ({}); what it wrote until then has been checked.",
    "unfounded": "Nothing that the language model wrote is supported by the documents, so none of it is shown.",
    "silent": "The language model finds no answer to this question in the passages.",
}


def flag(verdict: Verdict, script: Script) -> str:
    """What follows a sentence with this verdict in the text; nothing where it is supported."""
    return _FLAGS_ENGLISH[verdict] if script == "en" else _in(script, _FLAGS[verdict])


def without_flag(text: str) -> str:
    """``text`` without a flag at its beginning: for a shell that shows the verdict in its own way."""
    said = [text_ for texts in (_FLAGS, _FLAGS_ENGLISH) for text_ in texts.values() if text_]
    for each in (*said, *map(to_traditional, said)):
        text = text.removeprefix(each)
    return text


def notice(kind: Notice, script: Script, *values: object) -> str:
    """A sentence about how the answer came about; ``values`` fill its gaps."""
    said = _NOTICES_ENGLISH[kind] if script == "en" else _in(script, _NOTICES[kind])
    return said.format(*values)


def _in(script: Script, text: str) -> str:
    return to_traditional(text) if script == "hant" else text
