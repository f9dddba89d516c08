"""The sentences of an answer as HTML: marks as chips, verdicts, and the words that answer."""

from __future__ import annotations

import re

from rag.answer.notices import without_flag
from rag.schema import Answer, Citation, Sentence, Verdict
from ui.chat.words import Words
from ui.icons import icon
from ui.markup import escape

_MARK = re.compile(r"\[(\d{1,4})\]")
# Two characters that mean nothing stand for the tags around the words that answer until all others are escaped.
_FOCUS, _FOCUS_END = "\ue000", "\ue001"
_NO_FOCUS = {ord(_FOCUS): None, ord(_FOCUS_END): None}


def text(answer: Answer, words: Words) -> str:
    """The paragraphs of the answer, each sentence with its verdict; what belongs to no sentence has none.

    What is quoted from several documents stands under the title of each; the prose of a model does not.
    """
    titles = {citation.number: citation.title or citation.source for citation in answer.citations}
    places = {each.number: _paged(titles[each.number], each, words) for each in answer.citations}
    several = answer.prompt is None and len({citation.source for citation in answer.citations}) > 1
    paragraphs, before = [""], ""
    for piece, sentence in _pieces(answer):
        title = titles.get(sentence.citations[0], "") if several and sentence and sentence.citations else ""
        if title and title != before:
            paragraphs += [f'<span class="pr-of">{escape(title)}</span>', ""]
            before = title
        for index, line in enumerate(piece.split("\n")):
            if index:
                paragraphs.append("")
            judged = sentence.verdict if sentence and line.strip() else None
            paragraphs[-1] += _judged(_marked(line, places, words), judged, words)
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph.strip())


def _paged(title: str, citation: Citation, words: Words) -> str:
    return f"{title} {words.page.format(page=citation.page)}" if citation.page else title


def written(text: str, words: Words) -> str:
    """The paragraphs of a text that is being written, which has no verdicts yet."""
    lines = [line for line in text.translate(_NO_FOCUS).splitlines() if line.strip()]
    return "".join(f"<p>{_marked(line, None, words)}</p>" for line in lines)


def _pieces(answer: Answer) -> list[tuple[str, Sentence | None]]:
    """The text cut at its sentences; when it does not hold them all in order, the sentences alone."""
    rest = answer.text.removesuffix(answer.partial or "").rstrip().translate(_NO_FOCUS)
    pieces: list[tuple[str, Sentence | None]] = []
    for sentence in answer.sentences:
        before, found, rest = rest.partition(_said(sentence))
        if not found:
            said_before = [(answer.correction, None)] if answer.correction else []
            return [*said_before, *((_focused(each), each) for each in answer.sentences)]
        pieces += [(before, None), (_focused(sentence), sentence)]
        rest = without_flag(rest)
    return [*pieces, (rest, None)]


def _said(sentence: Sentence) -> str:
    return sentence.text.translate(_NO_FOCUS) + "".join(f"[{number}]" for number in sentence.citations)


def _focused(sentence: Sentence) -> str:
    """As ``_said``, the words that answer between the two marks for them."""
    if sentence.focus is None or sentence.text != sentence.text.translate(_NO_FOCUS):
        return _said(sentence)
    start, end = sentence.focus
    said = _said(sentence)
    return f"{said[:start]}{_FOCUS}{said[start:end]}{_FOCUS_END}{said[end:]}"


def _judged(line: str, verdict: Verdict | None, words: Words) -> str:
    if verdict is None:
        return line
    label = escape(getattr(words, verdict))
    if verdict == "supported":
        mark = f'<span class="pr-verdict" role="img" aria-label="{label}" title="{label}">{icon("check")}</span>'
    else:
        mark = f'<span class="pr-flag">{icon("warn" if verdict == "partly" else "cross")}{label}</span>'
    said, chip, number = line.rpartition('<button type="button" class="pr-chip"')
    if not number.endswith("</button>"):
        said, chip, number = line, "", ""
    # The last chip and the mark stay on one line.
    tail = f'<span class="pr-tail">{chip}{number}{mark}</span>'
    return f'<span class="pr-said pr-{verdict}"><span class="pr-words">{said}</span>{tail}</span>'


def _marked(line: str, titles: dict[int, str] | None, words: Words) -> str:
    """``line`` with each citation mark as a chip; bracketed numbers that cite nothing stay what they are."""
    pieces, position = [], 0
    for match in _MARK.finditer(line):
        number = int(match[1])
        if titles is None or number in titles:
            title = (titles or {}).get(number, "").translate(_NO_FOCUS)
            label = words.cited.format(number=number, title=title)
            pieces.append(escape(line[position : match.start()]))
            pieces.append(
                f'<button type="button" class="pr-chip" data-do="source" data-number="{number}" '
                f'aria-label="{escape(label)}">{number}</button>'
            )
            position = match.end()
    html = "".join([*pieces, escape(line[position:])])
    return html.replace(_FOCUS, "<strong>").replace(_FOCUS_END, "</strong>")
