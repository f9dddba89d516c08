"""The words of the web UI, in 简体, 繁體 and English; questions and quotes are never translated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Language = Literal["hans", "hant", "en"]


@dataclass(frozen=True, slots=True)
class Strings:
    """Every label in one language; those with a name in braces are filled with ``str.format``."""

    tag: str
    title: str
    promise: str
    corpus: str
    empty_title: str
    empty_hint: str
    ingest: str
    welcome: str
    placeholder: str
    question: str
    conversation: str
    examples: str
    new: str
    language: str
    source: str
    sources: str
    whole: str
    refused: str
    nearest: str
    read_as: str
    high: str
    medium: str
    low: str
    supported: str
    partly: str
    unsupported: str
    count: str
    damaged: str
    as_it_stands: str
    superseded: str
    copies: str
    more: str
    failed: str
    broken: str
    searching: str


HANS = Strings(
    tag="zh-Hans",
    title="政策问答",
    promise="回答只用已入库文件的原文，每句注明出处；找不到依据就直说。",
    corpus="{documents} 份文件 · {chunks} 个段落",
    empty_title="还没有文件",
    empty_hint="请在终端运行下面的命令，然后刷新本页：",
    ingest="rag ingest 文件夹",
    welcome="请用自己的话提问",
    placeholder="输入问题，按 Enter 发送",
    question="问题",
    conversation="对话",
    examples="例如",
    new="新对话",
    language="界面语言",
    source="来源",
    sources="来源",
    whole="展开全文",
    refused="文件里没有找到足够的依据",
    nearest="最接近的段落",
    read_as="检索时理解为：{question}",
    high="把握很大（{percent}%）",
    medium="把握较大（{percent}%）",
    low="把握不大（{percent}%）",
    supported="每句都有原文依据",
    partly="只有部分依据",
    unsupported="没有原文依据",
    count="{verdict}：{number} 句",
    damaged="原文可能有缺损",
    as_it_stands="这里的原文可能有缺损，按原样引用，没有改动",
    superseded="已有新版：{source}",
    copies="也见于：{places}",
    more="另外 {number} 处",
    failed="这个问题没能回答",
    broken="文件库暂时打不开",
    searching="正在查找……",
)

HANT = Strings(
    tag="zh-Hant",
    title="政策問答",
    promise="回答只用已入庫文件的原文，每句註明出處；找不到依據就直說。",
    corpus="{documents} 份文件 · {chunks} 個段落",
    empty_title="還沒有文件",
    empty_hint="請在終端機執行下面的命令，然後重新整理本頁：",
    ingest="rag ingest 資料夾",
    welcome="請用自己的話提問",
    placeholder="輸入問題，按 Enter 送出",
    question="問題",
    conversation="對話",
    examples="例如",
    new="新對話",
    language="介面語言",
    source="來源",
    sources="來源",
    whole="展開全文",
    refused="文件裡沒有找到足夠的依據",
    nearest="最接近的段落",
    read_as="檢索時理解為：{question}",
    high="把握很大（{percent}%）",
    medium="把握較大（{percent}%）",
    low="把握不大（{percent}%）",
    supported="每句都有原文依據",
    partly="只有部分依據",
    unsupported="沒有原文依據",
    count="{verdict}：{number} 句",
    damaged="原文可能有缺損",
    as_it_stands="這裡的原文可能有缺損，按原樣引用，沒有改動",
    superseded="已有新版：{source}",
    copies="也見於：{places}",
    more="另外 {number} 處",
    failed="這個問題沒能回答",
    broken="文件庫暫時打不開",
    searching="正在查找……",
)

EN = Strings(
    tag="en",
    title="Policy answers",
    promise="Answers use only the words of the documents, each sentence with its source. No source, no answer.",
    corpus="{documents} documents · {chunks} passages",
    empty_title="No documents yet",
    empty_hint="Run this in a terminal, then reload the page:",
    ingest="rag ingest FOLDER",
    welcome="Ask in your own words",
    placeholder="Type a question, press Enter",
    question="Question",
    conversation="Conversation",
    examples="For example",
    new="New conversation",
    language="Language",
    source="Source",
    sources="Sources",
    whole="Show all",
    refused="The documents do not support an answer",
    nearest="Nearest passages",
    read_as="Searched as: {question}",
    high="High confidence ({percent}%)",
    medium="Fair confidence ({percent}%)",
    low="Low confidence ({percent}%)",
    supported="Every sentence is supported by its source",
    partly="Only partly supported",
    unsupported="Not supported",
    count="{verdict}: {number}",
    damaged="Possibly damaged",
    as_it_stands="The document may have lost characters here; quoted as it stands",
    superseded="Newer version: {source}",
    copies="Also in: {places}",
    more="{number} more",
    failed="This question could not be answered",
    broken="The library cannot be opened",
    searching="Searching…",
)

STRINGS: Mapping[Language, Strings] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
LANGUAGES: tuple[tuple[str, Language], ...] = (("简体", "hans"), ("繁體", "hant"), ("English", "en"))

_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "wenzhou-governance-decision-2020.txt": "温州到2025年的城市化率目标是多少？",
        "suining-governance-decision-2019.txt": "遂宁怎样用好“12345”服务热线？",
        "wenzhou-government-improvement-plan-2018.txt": "“两强三提高”建设的总体目标是什么？",
        "changzhi-governance-work-plan.txt": "长治怎样形成“全市一张网”？",
    }
)


def example_questions(sources: Iterable[str]) -> list[str]:
    """Questions to start with, one for each shipped seed among ``sources``; empty for a corpus of other files."""
    present = set(sources)
    return [question for source, question in _EXAMPLES.items() if source in present]
