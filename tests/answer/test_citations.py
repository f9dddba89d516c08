from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.citations import Extract, cite, extract, markers, pieces
from rag.corpus.document import parse_document
from rag.retrieval.hybrid import Passage
from rag.schema import Citation, Sentence
from tests.answer.parts import passage

# A page of a document site: the number of a slice is wedged into a sentence.
ORIGINAL = "前文。开展全市信用\n14、体系建设，到2025年建成。后文。"
WEDGED = passage("开展全市信用体系建设，到2025年建成。", path=("一、信用",), title="信用方案", start=3, gaps=((9, 13),))


def test_an_extract_knows_where_its_words_are_in_the_original() -> None:
    assert WEDGED.chunk.end == ORIGINAL.index("后文")
    assert extract(WEDGED, 0, 6) == Extract(WEDGED.hit, 3, 9, "开展全市信用")
    assert extract(WEDGED, 6, 10) == Extract(WEDGED.hit, 13, 17, "体系建设")
    assert extract(WEDGED, 4, 8) == Extract(WEDGED.hit, 7, 15, "信用体系")


def test_a_quote_is_the_original_with_what_was_taken_out_for_reading() -> None:
    words = extract(WEDGED, 0, len(WEDGED.chunk.text))
    assert words.text == "开展全市信用体系建设，到2025年建成。"
    assert cite(words, number=2, original=ORIGINAL) == Citation(
        number=2,
        source="a.txt",
        title="信用方案",
        section="一、信用",
        start=3,
        end=27,
        quote="开展全市信用\n14、体系建设，到2025年建成。",
    )


def test_words_that_lost_characters_are_quoted_as_they_are_and_marked() -> None:
    texts = ["工业投资增长 06%，增速居前。", "出口增长 6%。"]
    passages = [passage(texts[0]), passage(texts[1], start=len(texts[0]))]
    cited = [
        cite(extract(each, 0, len(each.chunk.text)), number=number, original="".join(texts))
        for number, each in enumerate(passages, 1)
    ]
    assert [(each.quote, each.damaged) for each in cited] == [(texts[0], True), (texts[1], False)]


def test_no_gap_at_either_end_is_quoted() -> None:
    assert cite(extract(WEDGED, 0, 6), number=1, original=ORIGINAL).quote == "开展全市信用"
    assert cite(extract(WEDGED, 6, 7), number=1, original=ORIGINAL).quote == "体"


def test_the_same_holds_for_a_document_that_was_read() -> None:
    text = "信用方案\n\n一、信用\n开展全市信用体系建设\u3000，到2025年\u200b建成。\n二、网格\n配齐网格员。\n"
    document = parse_document(text, source="a.txt")
    [chunk] = [chunk for chunk in document.chunks if "信用体系" in chunk.text]
    read = Passage(passage(chunk.text).hit, chunk, document.metadata)
    start = chunk.text.index("开展")
    words = extract(read, start, len(chunk.text.rstrip()))
    citation = cite(words, number=1, original=document.text)
    assert citation.quote == text[citation.start : citation.end]
    assert citation.quote.startswith("开展全市信用体系建设")
    assert citation.quote.endswith("建成。")


@pytest.mark.parametrize(("numbers", "written"), [((), ""), ((1,), "[1]"), ((1, 12), "[1][12]")])
def test_markers(numbers: tuple[int, ...], written: str) -> None:
    assert markers(numbers) == written


def test_an_answer_is_its_sentences_each_with_its_markers() -> None:
    said = [Sentence("目标是72%。", (1,), "supported"), Sentence("由市政府负责。", (2, 3), "supported")]
    assert pieces(said) == ["目标是72%。[1]", "由市政府负责。[2][3]"]
    assert pieces([]) == []


def test_an_item_of_a_list_begins_a_line() -> None:
    texts = ["(一)坚持改革", "二、坚持服务。", "3.坚持法治", "3.5公里。", "——坚持创新"]
    said = [Sentence(text, (1,), "supported") for text in texts]
    expected = ["(一)坚持改革[1]", "\n二、坚持服务。[1]", "\n3.坚持法治[1]", "3.5公里。[1]", "\n——坚持创新[1]"]
    assert pieces(said) == expected


def test_a_row_of_a_table_begins_a_line() -> None:
    said = [
        Sentence("任务：网格 | 单位：甲局", (1,), "supported"),
        Sentence("任务：平台 | 单位：乙局", (1,), "supported"),
    ]
    assert pieces(said) == ["任务：网格 | 单位：甲局[1]", "\n任务：平台 | 单位：乙局[1]"]


def test_a_citation_names_the_page_it_begins_on() -> None:
    chunk = replace(WEDGED.chunk, page=3, page_breaks=(9,))
    paged = replace(WEDGED, chunk=chunk)
    spans = ((0, 4), (4, len(chunk.text)), (6, 10))
    assert [extract(paged, start, end).page for start, end in spans] == [3, 3, 4]
    assert cite(extract(paged, 6, 10), number=1, original=ORIGINAL).page == 4
    assert cite(extract(WEDGED, 6, 10), number=1, original=ORIGINAL).page is None
