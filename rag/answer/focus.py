"""The words of a sentence that answer: where the reader found them, or the cell of a table's row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rag.answer.citations import Extract
from rag.answer.question import Question, Value
from rag.corpus.script import search_key
from rag.corpus.sentences import CELL_BREAK
from rag.retrieval.hybrid import Passage

_LONGEST = 40  # characters; more is no answer within a sentence but the sentence
_MOST = 0.7  # of the sentence
_COLUMNS: Mapping[Value, re.Pattern[str]] = {  # names, as search keys, of columns that hold such a value
    "time": re.compile("时限|时间|日期|期限|进度|年度"),
    "unit": re.compile("单位|部门|责任|牵头|主管"),
}


def focus(text: str, words: Extract, passages: Iterable[Passage]) -> tuple[int, int] | None:
    """Where in ``text``, which says ``words``, the reader's answer stands; ``None`` where it found none there.

    ``passages`` are those that were retrieved. What the reader finds only half likely is not pointed at.
    """
    for passage in passages:
        reading = passage.reading
        if reading is None or passage.hit.chunk_id != words.hit.chunk_id or reading.answers <= 0:
            continue
        first, last = reading.span
        found = passage.chunk.text[first:last]
        start = passage.chunk.locate(first) - words.start if found else -1
        if start < 0 or "\n" in found or len(found) > min(_LONGEST, _MOST * len(text)):
            return None
        return _nearest(text, found, start)
    return None


def _nearest(text: str, found: str, expected: int) -> tuple[int, int] | None:
    """The place of ``found`` in ``text`` nearest to ``expected``: what is left out of a sentence moves its words."""
    starts = [start for start in range(len(text) - len(found) + 1) if text.startswith(found, start)]
    if not starts:
        return None
    start = min(starts, key=lambda each: abs(each - expected))
    return start, start + len(found)


def cell(row: str, question: Question) -> tuple[int, int] | None:
    """Where in a table's ``row`` the value stands that ``question`` asks for; ``None`` where no column tells.

    It is that of the column whose name fits best, as a whole, by its kind or by words of the question, and that the
    question does not give itself.
    """
    if CELL_BREAK not in row:
        return None
    wanted = _COLUMNS.get(question.value) if question.value else None
    best, place, start = 0, None, 0
    for each in row.split(CELL_BREAK):
        label, colon, value = each.partition("：")
        key, said = search_key(label), search_key(value).strip(" 。；;")
        if colon and said and said not in question.key:
            shared = sum(key[at : at + 2] in question.key for at in range(len(key) - 1))
            fits = shared + (3 if key and key in question.key else 2 if wanted and wanted.search(key) else 0)
            if fits > best:
                best, place = fits, (start + len(label) + 1, start + len(each))
        start += len(each) + len(CELL_BREAK)
    return place
