"""A corpus of any size in which no sentence comes twice: notices in the style of Chinese local governments, drawn."""

from __future__ import annotations

from pathlib import Path
from random import Random

_PLACES = (
    "青山",
    "临水",
    "东河",
    "云岭",
    "平湖",
    "安宁",
    "北川",
    "南浦",
    "西塘",
    "丰泽",
    "龙泉",
    "石门",
    "双江",
    "白沙",
)
_UNITS = ("市", "县", "区", "自治县", "高新区")
_TOPICS = (
    *(
        "城市更新",
        "养老助餐",
        "数字政府建设",
        "乡村振兴",
        "安全生产",
        "水污染防治",
        "义务教育",
        "公共卫生",
        "网格化管理",
    ),
    *("营商环境优化", "就业创业", "住房保障", "防汛抗旱", "森林防火", "食品安全", "知识产权保护", "社会信用体系建设"),
)
_KINDS = ("实施方案", "管理办法", "若干意见", "行动计划", "实施细则", "工作方案", "暂行规定", "通知")
_OFFICES = (
    *("发展和改革局", "财政局", "民政局", "教育局", "卫生健康局", "住房和城乡建设局", "农业农村局", "应急管理局"),
    *("市场监督管理局", "政务服务局", "人力资源和社会保障局", "自然资源局", "生态环境局", "大数据局"),
)
_OBJECTS = (
    *("老旧小区改造", "社区服务站建设", "农村饮水工程", "普惠托育机构", "智慧停车设施", "污水管网", "应急避难场所"),
    *("图书馆分馆", "公共充电桩", "农产品冷链仓库", "志愿服务队伍", "学校食堂", "河道清淤", "就业见习基地"),
)
_SENTENCES = (
    "到{year}年，全{unit}{object}覆盖率达到{percent}%，累计完成{count}处，总投资不少于{money}万元。",
    "{office}负责{object}的统筹协调，每季度至少开展{few}次检查，检查结果应当在{days}个工作日内公布。",
    "申请{object}补助的单位，应当自公告之日起{days}日内向{office}提交材料，经审核后按每处{money}万元的标准拨付。",
    "对在{object}工作中弄虚作假的，由{office}责令限期改正；逾期不改的，追回已拨付资金，并处{few}万元以上罚款。",
    "{office}会同{other}建立{object}信息共享机制，{year}年底前实现数据互通，群众办理时限压缩至{days}个工作日。",
    "符合条件的居民每人每月可享受{money}元补贴，年满{age}周岁的，另行增加{count}元，由{office}按月发放。",
)
_NUMERALS = "〇一二三四五六七八九"


def write(documents: int, into: Path, *, characters: int = 400, seed: int = 0) -> None:
    """Write ``documents`` text files of ``characters`` or a sentence more into the new folder ``into``.

    Document number i depends on ``seed``, ``characters`` and i alone. Titles, numbers and sentences are drawn, so that
    hardly any is the same as another.
    """
    into.mkdir(parents=True)
    for number in range(1, documents + 1):
        title, text = _document(Random(f"{seed}-{number}"), characters)
        (into / f"{number:05}-{title[:40]}.txt").write_text(text, encoding="utf-8")


def _document(draw: Random, characters: int) -> tuple[str, str]:
    place, unit, year = draw.choice(_PLACES) + draw.choice(_PLACES), draw.choice(_UNITS), draw.randint(2008, 2024)
    title = f"{place}{unit}{draw.choice(_TOPICS)}{draw.choice(_KINDS)}"
    lines = [title, f"{place[0]}政发〔{year}〕{draw.randint(1, 199)}号", ""]
    article = 0
    while sum(map(len, lines)) < characters:
        article += 1
        body = "".join(_sentence(draw, unit, year) for _ in range(draw.randint(1, 3)))
        lines.append(f"第{_numeral(article)}条 {body}")
    return title, "\n".join(
        lines
    ) + f"\n{place}{unit}人民政府\n{year}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日\n"


def _sentence(draw: Random, unit: str, year: int) -> str:
    office, other = draw.sample(_OFFICES, 2)
    return draw.choice(_SENTENCES).format(
        unit=unit,
        office=office,
        other=other,
        object=draw.choice(_OBJECTS),
        year=year + draw.randint(1, 8),
        percent=draw.randint(40, 99),
        count=draw.randint(3, 900),
        money=draw.randint(5, 9000),
        few=draw.randint(1, 9),
        days=draw.randint(3, 60),
        age=draw.randint(55, 90),
    )


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return before + (_NUMERALS[ones] if ones else "") or _NUMERALS[0]
