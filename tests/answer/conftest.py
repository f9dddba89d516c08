from __future__ import annotations

from pathlib import Path

import pytest

from rag import Chatbot
from tests.conftest import bot_on

DOCUMENTS = {
    "宁波.txt": """宁波市老年助餐服务办法
第一条 为了方便老年人用餐，制定本办法。
第二条 年满八十周岁的老年人每餐补助五元，由市民政局按月发放。
第三条 助餐点应当公示菜价。
""",
    "绍兴.txt": """紹興市老年助餐服務辦法
第一條 為了方便老年人用餐，制定本辦法。
第二條 年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。
第三條 助餐點每日供應兩餐。
""",
    "方案.txt": """青山区数字政府建设方案
一、总体目标
到2025年，网上可办率达到98%。
二、主要任务
（一）建设统一政务云平台
2022年底前完成各部门系统迁移。
（二）推进公共数据共享开放
2023年底前建成数据目录。
（三）实施政务大厅适老改造
2024年底前全部完成。
（四）开展网络安全实战演练
每年不少于两次。
三、工作要求
各单位应当做好以下工作：制定实施计划；明确责任人员；按季报告进度。
四、附则
本方案自印发之日起施行。
""",
    "长句.txt": f"""白沙区河道治理意见
一、总体要求
{"坚持节水优先、空间均衡、系统治理，" * 8}\
到2027年全区河道水质优良比例达到百分之九十五，\
{"统筹上下游、左右岸、干支流，" * 8}形成长效机制。
二、河长职责
河长履行以下职责：
（一）巡查河道。每周至少一次。
（二）督办问题。七日内办结。
（三）报告情况。每月报告一次。
三、经费保障
经费列入区级预算。
""",
    "补助.txt": """黑水县创业补助办法
第一章 补助标准
创业补助标准如下：
第一条 创业补助甲类每户五百元，乙类补助每户三百元。
第二条 创业补助丙类每户一百元。
第二章 附则
第三条 本办法自印发之日起施行。
""",
}


@pytest.fixture(scope="session")
def small_bot(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    """A chatbot on five short documents, to be asked and not to be changed."""
    return bot_on(DOCUMENTS, tmp_path_factory.mktemp("answer"), model_home)
