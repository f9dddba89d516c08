from __future__ import annotations

import pytest

from rag.corpus.formats.pptx import load
from rag.errors import DocumentError
from rag.schema import Heading, Layout
from tests.corpus.formats.golden import parsed
from tests.corpus.formats.making_others import golden_pptx, shape

TABLE = (
    "<p:graphicFrame><a:graphic><a:graphicData><a:tbl>"
    "<a:tr><a:tc><a:txBody><a:p><a:r><a:t>序号</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:txBody><a:p><a:r><a:t>任务</a:t></a:r></a:p></a:txBody></a:tc></a:tr>"
    "<a:tr><a:tc><a:txBody><a:p><a:r><a:t>1</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:txBody><a:p><a:r><a:t>网格</a:t></a:r></a:p></a:txBody></a:tc></a:tr>"
    "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
)


def test_each_slide_is_a_page_with_its_title_as_heading() -> None:
    group = f"<p:grpSp>{shape('组内')}</p:grpSp>"
    loaded = load(
        golden_pptx(
            [
                shape("坚持统筹。", "分步实施。") + shape("总体要求", kind="title") + shape("2020年", kind="dt"),
                shape("任务", kind="title") + TABLE + group,
            ]
        ),
        name="a.pptx",
    )
    assert loaded.text == "总体要求\n坚持统筹。\n分步实施。\n任务\n序号：1 | 任务：网格\n组内\n"
    assert loaded.layout == Layout(headings=(Heading(0, 4, 1), Heading(17, 19, 1)), pages=(0, 17))
    assert [(chunk.page, chunk.path) for chunk in parsed(loaded, "a.pptx").chunks] == [
        (1, ("总体要求",)),
        (2, ("任务",)),
    ]


def test_hidden_slides_and_empty_presentations() -> None:
    hidden = golden_pptx([shape("藏")])
    data = golden_pptx([shape("见")])
    assert load(data, name="a.pptx").text == "见\n"
    assert hidden != data
    with pytest.raises(DocumentError, match=r"^a\.pptx holds no text"):
        load(golden_pptx([]), name="a.pptx")
