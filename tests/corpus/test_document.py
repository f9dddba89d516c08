from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.corpus.document import parse_document
from rag.errors import DocumentError
from rag.schema import Document

# Pieces that decide something somewhere in the corpus layer, so that random texts meet their combinations.
PIECES = st.sampled_from(
    "第一章 总则|第二章|第一节 规划|第一编|第一分编|第一条 |第二条 |第三条所称的|第三條|第 3-1 條|第五条之一 |附则|附 則|附件1|附录"
    "|壹、|一、|二、|三、|十一、|(一)|（二）|(-)|()|1.|2．|3、|1 .|I1|12|(1)|①|——|一是|二是|其一,|•|指导思想"
    "|1、|2、|3、|4、|目 录|目录\n|……3|....12|推进治理|治理体系 和治理能力|加强领导|工作方案|通知|温政发〔2018〕14号"
    "|2018年6月20日|二O三五年|来源:新华网|来源：新华网|电话:010-1|微信公众号|Copyright 2020|版权所有|由会员分享|浏览量:|(摘自某网)"
    "|# 标题|## 第一章|### 二级|<!-- 注 -->|<!--|\n|\n\n|\r\n|\r|\u3000|\u00a0| |\t|\ufeff|\u200b|。|；|：|:|，|!|？|”|“|》|)|…"
    "|全市各级党组织要认真贯彻落实各项部署|办理时限为五个工作日|a|Z|0|9|𠀀|é|😀".split("|")
)
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=60).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, markdown=st.booleans(), chunk_chars=st.sampled_from([80, 300]))
def test_any_text_is_refused_or_kept_whole(
    check: Callable[[Document], None], text: str, markdown: bool, chunk_chars: int
) -> None:
    try:
        document = parse_document(text, source="any", chunk_chars=chunk_chars, markdown=markdown)
    except DocumentError:
        return
    assert document.text == text
    check(document)
