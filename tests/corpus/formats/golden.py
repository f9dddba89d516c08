"""Documents of a random structure that is known, for the makers of golden files, and what must come back of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.corpus.document import parse_document
from rag.corpus.loading import LoadedText
from rag.schema import Document


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SUBJECTS = words("各区县人民政府 市级有关部门 牵头单位 村民委员会 行业主管部门 基层党组织 社会组织 项目业主")
_VERBS = words("应当建立 要统筹推进 负责完善 定期公布 逐步健全 依法落实 按季度评估 及时上报")
_OBJECTS = words(
    "网格化服务体系 公共数据目录 应急预案 营商环境指标 生态补偿机制 信用档案 矛盾调处平台 老旧小区改造计划"
)
_ENDS = words("并向社会公开 确保取得实效 不得层层加码 接受人大监督 做到责任到人 形成长效机制")
_TOPICS = words(
    "总体要求 主要目标 基层治理 数字赋能 保障措施 公共服务 风险防控 法治建设 城乡融合 人才队伍 监督检查 绿色发展"
)
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Item:
    """A piece of a document: ``level`` 1 to 3 a heading, 0 a paragraph, or a table with its header row."""

    text: str = ""
    level: int = 0
    number: str = ""  # of a heading, as printed
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def printed(self) -> str:
        return self.number + self.text


@dataclass(frozen=True)
class Golden:
    title: str
    items: tuple[Item, ...] = field(default=())

    def headings(self) -> list[Item]:
        return [item for item in self.items if item.level]

    def texts(self) -> Iterator[str]:
        """Everything that must be found, word for word."""
        for item in self.items:
            yield from ([cell for row in item.rows for cell in row if cell] if item.rows else [item.printed])

    def sections(self) -> list[tuple[str, ...]]:
        """The paths of headings."""
        found: list[tuple[str, ...]] = []
        above: list[str] = []
        for item in self.headings():
            above = [*above[: item.level - 1], item.printed]
            found.append(tuple(above))
        return found


def make(seed: int, *, tables: bool = True) -> Golden:
    """A document of three levels; the same for the same ``seed``."""
    rng = random.Random(seed)
    items = [Item(sentence(rng)) for _ in range(rng.randint(1, 2))]
    for one in range(1, rng.randint(3, 5)):
        items.append(Item(_topic(rng), 1, f"{_NUMERALS[one - 1]}、"))
        items += _body(rng, tables=tables)
        for two in range(1, rng.choice((1, 3, 4))):
            items.append(Item(_topic(rng), 2, f"（{_NUMERALS[two - 1]}）"))
            items += _body(rng, tables=tables)
            for three in range(1, rng.choice((1, 1, 3))):
                items.append(Item(_topic(rng), 3, f"{three}．"))
                items += _body(rng, tables=False)
    return Golden(f"关于加快推进{_topic(rng)}工作的实施意见（第{seed}稿）", tuple(items))


def sentence(rng: random.Random) -> str:
    parts = [rng.choice(words) for words in (_SUBJECTS, _VERBS, _OBJECTS)]
    return f"{''.join(parts)}，到{rng.randint(2021, 2035)}年覆盖率达到{rng.randint(10, 99)}%，{rng.choice(_ENDS)}。"


def _topic(rng: random.Random) -> str:
    return f"{rng.choice(_TOPICS)}与{rng.choice(_OBJECTS)}{rng.randint(100, 999)}"


def _body(rng: random.Random, *, tables: bool) -> list[Item]:
    items = [Item("".join(sentence(rng) for _ in range(rng.randint(1, 4)))) for _ in range(rng.randint(1, 3))]
    if tables and rng.random() < 0.3:
        rows = [("序号", "任务", "责任单位", "完成比例")]
        for number in range(1, rng.randint(3, 6)):
            task = rng.choice(_OBJECTS) + rng.choice(_ENDS)
            rows += [(str(number), task, rng.choice(_SUBJECTS), f"{number * 7}%")]
        items.append(Item(rows=tuple(rows)))
    return items


def text_recall(golden: Golden, found: str) -> float:
    """Share of the characters of the golden texts that are found, each text as a whole."""
    texts = list(golden.texts())
    return sum(len(text) for text in texts if text in found) / sum(map(len, texts))


def heading_recall(golden: Golden, document: Document) -> float:
    found = {section.path for section in document.sections}
    wanted = golden.sections()
    return sum(path in found for path in wanted) / len(wanted)


def parsed(loaded: LoadedText, source: str) -> Document:
    """The document; every chunk stands in its text where it says."""
    document = parse_document(loaded, source=source)
    for chunk in document.chunks:
        assert [document.text[chunk.locate(at)] for at in range(len(chunk.text))] == list(chunk.text)
    return document


def chunk_text(document: Document) -> str:
    return "".join(chunk.text for chunk in document.chunks)
