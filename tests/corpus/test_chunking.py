from __future__ import annotations

import pytest

from rag.corpus.document import parse_document, rechunk
from rag.schema import Chunk

SENTENCE = "各乡镇要落实河长职责，定期巡查河道，发现问题及时处置，做到守水有责、管水担责、护水尽责。"


def chunks(text: str, chunk_chars: int = 300) -> list[Chunk]:
    return list(parse_document(text, source="a", chunk_chars=chunk_chars).chunks)


@pytest.mark.parametrize("target", [80, 150, 300, 600])
def test_chunks_come_out_near_the_target_and_end_with_a_sentence(target: int) -> None:
    pieces = chunks("一、任务\n" + SENTENCE * 60, target)
    assert all(target * 0.6 <= len(piece.text) <= target * 1.5 for piece in pieces)
    assert all(piece.text.endswith("。") for piece in pieces)


def test_a_short_section_is_one_chunk_with_its_heading_and_path() -> None:
    [first, second] = chunks("某县方案\n一、任务\n(一)巡河。每周巡河。\n(二)清淤。每年清淤。\n")[-2:]
    assert (first.text, first.path) == ("一、任务\n(一)巡河。每周巡河。", ("一、任务", "(一)巡河"))
    assert (second.text, second.path) == ("(二)清淤。每年清淤。", ("一、任务", "(二)清淤"))


def test_a_chunk_never_holds_text_of_two_sections() -> None:
    pieces = chunks("一、甲\n短。\n二、乙\n也短。\n三、丙\n还短。\n")
    assert [piece.text for piece in pieces] == ["一、甲\n短。", "二、乙\n也短。", "三、丙\n还短。"]


def test_headings_without_text_of_their_own_lead_the_first_chunk_below_them() -> None:
    [piece] = chunks("第一编 总则\n第一章 规定\n第一条 甲。\n")
    assert piece.text == "第一编 总则\n第一章 规定\n第一条 甲。"
    assert piece.path == ("第一编 总则", "第一章 规定", "第一条")


def test_the_paragraphs_of_an_item_inherit_its_path() -> None:
    pieces = chunks(f"一、任务\n(一)巡河。{SENTENCE * 4}\n{SENTENCE * 4}\n{SENTENCE * 4}\n", 100)
    assert len(pieces) > 3
    assert {piece.path for piece in pieces} == {("一、任务", "(一)巡河")}


def test_a_short_list_stays_in_one_chunk_with_the_sentence_that_introduces_it() -> None:
    text = (
        f"第一条 {SENTENCE * 3}\n申请登记应当提交下列材料：\n（一）身份证明；\n"
        "（二）住所证明；\n（三）登记申请表。\n第二条 乙。\n"
    )
    [holding] = [piece for piece in chunks(text, 150) if "（一）身份证明" in piece.text]
    assert holding.text.endswith("申请登记应当提交下列材料：\n（一）身份证明；\n（二）住所证明；\n（三）登记申请表。")


def test_a_long_list_takes_the_sentence_that_introduces_it_as_the_last_step_of_its_path() -> None:
    items = "".join(f"（{n}）{SENTENCE[:-1]}；\n" for n in "一二三四五六七八九十")
    pieces = chunks(f"第一条 县政府职责如下：\n{items}第二条 乙。\n", 150)
    assert pieces[0].text.startswith("第一条 县政府职责如下：\n（一）")
    of_list = [piece for piece in pieces if piece.path[0] == "第一条"]
    assert len(of_list) > 2
    assert [piece.path for piece in of_list[1:]] == [("第一条", "第一条 县政府职责如下：")] * (len(of_list) - 1)


def test_a_list_inside_a_paragraph_takes_it_too_and_the_text_after_the_list_does_not() -> None:
    items = "".join(f"{n}是{SENTENCE}" for n in "一二三四五六七八")
    pieces = chunks(f"一、做法\n主要抓了八件事：{items}\n{SENTENCE * 5}\n", 100)
    of_list = [
        piece.path
        for piece in pieces
        if piece.text.startswith(("二是", "三是", "四是", "五是", "六是", "七是", "八是"))
    ]
    assert len(of_list) > 1
    assert set(of_list) == {("一、做法", "主要抓了八件事：")}
    assert pieces[-1].path == ("一、做法",)


def test_a_sentence_longer_than_twice_the_target_is_cut_at_its_clauses() -> None:
    text = "，".join(f"第{n}项工作由县政府办公室牵头" for n in "甲乙丙丁戊己庚辛壬癸" * 3) + "。"
    pieces = chunks(text, 80)
    assert "".join(piece.text for piece in pieces) == text
    assert all(len(piece.text) <= 160 for piece in pieces)
    assert all(piece.text[-1] in "，。" for piece in pieces)


def test_text_without_any_pause_is_cut_at_twice_the_target() -> None:
    assert [len(piece.text) for piece in chunks("治" * 1000, 100)] == [200] * 5


def test_chunk_ids_depend_on_source_place_and_text() -> None:
    def ids(text: str, source: str) -> list[str]:
        return [chunk.chunk_id for chunk in parse_document(text, source=source).chunks]

    text = "一、甲\n同样。\n二、甲\n同样。\n"
    assert ids(text, "a") == ids(text, "a")
    assert len({*ids(text, "a"), *ids(text, "b"), *ids(f"开头。\n{text}", "a")}) == 7


def test_a_removed_span_inside_a_chunk_is_a_gap() -> None:
    text = "一、甲\n\n\n甲的正文。\n \n乙的正文。\n"
    [piece] = chunks(text)
    assert piece.text == "一、甲\n甲的正文。\n乙的正文。"
    assert (piece.start, piece.end) == (0, len(text) - 1)
    assert piece.gaps == ((4, 6), (12, 14))
    assert text[piece.locate(piece.text.index("乙"))] == "乙"


def test_rechunk_keeps_everything_but_the_chunks() -> None:
    document = parse_document(f"一、甲\n{SENTENCE * 10}", source="a", overrides={"title": "题"})
    again = rechunk(document, 100)
    assert len(again.chunks) > len(document.chunks)
    assert (again.text, again.metadata, again.sections, again.sha256) == (
        document.text,
        document.metadata,
        document.sections,
        document.sha256,
    )
    assert rechunk(again, 300) == document


def test_the_rows_of_a_markdown_table_keep_its_header() -> None:
    header = "| 序号 | 任务 | 责任单位 |"
    rows = "".join(f"| {n} | 第{n}项任务，{SENTENCE} | 某局 |\n" for n in range(1, 13))
    pieces = chunks(f"一、分工\n下表列出任务。\n{header}\n|---|:--:|---:|\n{rows}表后说明。\n| 不是 | 表格 |\n", 150)
    assert len(pieces) > 4
    assert pieces[0].path == ("一、分工",)
    holding = [piece for piece in pieces[1:] if piece.text.startswith("| ") and "任务" in piece.text]
    assert len(holding) > 3
    assert {piece.path for piece in holding} == {("一、分工", header)}
    assert all(row in "\n".join(piece.text for piece in pieces) for row in rows.splitlines())
