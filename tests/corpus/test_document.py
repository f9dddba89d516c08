from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus.document import ReadLimits, parse_document, read_document
from rag.corpus.loading import LoadedText
from rag.errors import ConfigurationError, DocumentSizeError, EncodingError
from rag.schema import Chunk, Document, Furniture, Heading, Layout, Metadata, Section

# Pieces that decide something somewhere in the corpus layer, so that random texts meet their combinations.
PIECES = st.sampled_from(
    [
        piece
        for row in (
            "第一章 总则|第二章|第一节 规划|第一编|第一分编|第一条 |第二条 |第三条所称的|第三條",
            "第 3-1 條|第五条之一 |附则|附 則|附件1|附录|壹、|一、|二、|三、|十一、|(一)|（二）|(-)|()",
            "1.|2．|3、|1 .|I1|12|(1)|①|——|一是|二是|其一,|•|指导思想|1、|2、|3、|4、|目 录|目录\n|……3",
            "....12|推进治理|治理体系 和治理能力|加强领导|工作方案|通知|温政发〔2018〕14号",
            "2018年6月20日|二O三五年|来源:新华网|来源：新华网|电话:010-1|微信公众号|Copyright 2020",
            "版权所有|由会员分享|浏览量:|(摘自某网)|# 标题|## 第一章|### 二级|<!-- 注 -->|<!--|\n|\n\n",
            "\r\n|\r|\u3000|\u00a0|\t|\ufeff|\u200b|。|；|：|:|，|!|？|”|“|》|)|…",
            "全市各级党组织要认真贯彻落实各项部署|办理时限为五个工作日|a|Z|0|9|𠀀|é|😀",
        )
        for piece in row.split("|")
    ]
    + [" ", "\t"]
)
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=60).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, markdown=st.booleans(), chunk_chars=st.sampled_from([80, 300]))
def test_any_text_is_refused_or_kept_whole(
    check: Callable[[Document], None], text: str, markdown: bool, chunk_chars: int
) -> None:
    try:
        document = parse_document(LoadedText(text, "utf-8", markdown=markdown), source="any", chunk_chars=chunk_chars)
    except DocumentSizeError:
        return
    except EncodingError:
        assert "\0" in text
        return
    assert document.text == text
    check(document)


def test_a_small_document_whole() -> None:
    text = "时间:2021-07-04 05:07:32\n某县巡河办法\n一、总则\n每周巡河。\n\n(一)范围\n全县河流。\n"
    document = parse_document(text, source="巡河.txt")
    assert document == Document(
        source="巡河.txt",
        text=text,
        encoding="utf-8",
        sha256=sha256(text.encode()).hexdigest(),
        metadata=Metadata(title="某县巡河办法", published="2021-07-04", script="hans"),
        sections=(
            Section(0, None, 1, "一、", "一、总则", 30, 53, ("一、总则",)),
            Section(1, 0, 2, "(一)", "(一)范围", 42, 53, ("一、总则", "(一)范围")),
        ),
        chunks=(
            Chunk(
                chunk_id=document.chunks[0].chunk_id,
                source="巡河.txt",
                ordinal=0,
                section=0,
                path=("一、总则",),
                text="一、总则\n每周巡河。",
                start=30,
                end=40,
            ),
            Chunk(
                chunk_id=document.chunks[1].chunk_id,
                source="巡河.txt",
                ordinal=1,
                section=1,
                path=("一、总则", "(一)范围"),
                text="(一)范围\n全县河流。",
                start=42,
                end=53,
            ),
        ),
        furniture=(
            Furniture(0, 22, "web header"),
            Furniture(22, 23, "blank"),
            Furniture(23, 29, "title"),
            Furniture(29, 30, "blank"),
            Furniture(40, 41, "blank"),
            Furniture(41, 42, "blank"),
            Furniture(53, 54, "blank"),
        ),
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("推进治理体系和治理能力现代化，" * 30_000, id="no full point"),
        pytest.param("治" * 400_000, id="no pause"),
        pytest.param("一、" * 200_000, id="markers"),
        pytest.param("1.1.1.1." * 50_000, id="points"),
        pytest.param("(" * 200_000 + ")" * 200_000, id="brackets"),
        pytest.param("首" + " " * 400_000 + "尾", id="spaces"),
        pytest.param("第一条 甲。" * 60_000, id="articles"),
    ],
)
def test_one_line_of_400_000_characters(check: Callable[[Document], None], line: str) -> None:
    document = parse_document(line, source="a")
    check(document)
    assert max(len(chunk.text) for chunk in document.chunks) <= 700


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"a\.txt holds a broken character"):
        parse_document("治理\ud800体系", source="a.txt")


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "Copyright 2020 版权所有"])
def test_a_text_without_words_of_its_own_is_refused(text: str) -> None:
    with pytest.raises(DocumentSizeError, match=r"a\.txt holds no text of its own"):
        parse_document(text, source="a.txt")


def test_a_file_is_read_with_its_entry_in_the_sidecar(tmp_path: Path) -> None:
    path = tmp_path / "办法.txt"
    path.write_bytes("某县巡河办法\n一、总则\n每周巡河。\n".encode("gbk"))
    entry = {"encoding": "gbk", "issued": "2020-01-01"}
    document = read_document(path, source="x/办法.txt", limits=ReadLimits(chunk_chars=100), overrides=entry)
    assert document.metadata == Metadata(title="某县巡河办法", issued="2020-01-01", script="hans")
    assert (document.source, document.encoding) == ("x/办法.txt", "gbk")


@pytest.mark.parametrize("encoding", [936.5, ["gbk"], True])
def test_an_encoding_that_is_no_text_is_refused(tmp_path: Path, encoding: object) -> None:
    path = tmp_path / "a.txt"
    path.write_text("每周巡河。", encoding="utf-8")
    with pytest.raises(EncodingError, match=r"a\.txt is not valid"):
        read_document(path, source="a.txt", limits=ReadLimits(), overrides={"encoding": encoding})


def test_a_sidecar_entry_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("每周巡河。", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="unknown key 'regoin'"):
        read_document(path, source="a.txt", limits=ReadLimits(), overrides={"regoin": "温州"})


def test_a_text_that_a_database_would_not_take_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"^a\.txt holds NUL characters"):
        parse_document("第一条 甲\0乙。\n", source="a.txt")


def test_a_heading_that_the_format_marks_is_neither_the_title_nor_a_repeated_one() -> None:
    text = "青山市养老服务办法\n服务标准规定\n一、目标\n提高服务质量。\n服务标准规定\n公开办理结果。\n"
    starts = [match.start() for match in re.finditer("服务标准规定", text)]
    layout = Layout(headings=tuple(Heading(start, start + 6, 1) for start in starts))
    loaded = LoadedText(text, "pdf", layout, Metadata(title="青山市养老服务办法"))
    document = parse_document(loaded, source="a.pdf")
    assert document.metadata.title == "青山市养老服务办法"
    assert [section.heading for section in document.sections] == ["服务标准规定", "一、目标", "服务标准规定"]
