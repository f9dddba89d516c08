from __future__ import annotations

from dataclasses import replace

from rag.answer.provenance import quoted_from
from rag.schema import Citation, Copy, Hit

CITATION = Citation(1, "a.txt", "", "", 10, 20, "0123456789")
FIRST = Hit("", 0.5, "a.txt", "", "", 0, 10, "c1", issued="2018-06-20", copies=(Copy("b.txt", "", "", 0, 9, "c9"),))
HOLDING = replace(FIRST, start=10, end=20, chunk_id="c2")
OTHER = replace(HOLDING, source="b.txt")


def test_the_passage_that_holds_the_words() -> None:
    assert quoted_from(CITATION, (OTHER, FIRST, HOLDING)) == HOLDING


def test_another_passage_of_the_document_tells_its_date_but_not_its_copies() -> None:
    assert quoted_from(CITATION, (OTHER, FIRST)) == replace(FIRST, copies=())


def test_nothing_of_the_document() -> None:
    assert quoted_from(CITATION, (OTHER,)) is None
