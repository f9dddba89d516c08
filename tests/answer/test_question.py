from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.question import Question, analyse, as_written
from rag.corpus.script import to_simplified, to_traditional

RATE = "温州到2025年的城市化率目标是多少？"


def test_a_question_taken_apart() -> None:
    assert analyse("溫州“兩強三提高”方案裡,2020年要完成哪三項“最多跑一次”改革？") == Question(
        text="溫州“兩強三提高”方案裡,2020年要完成哪三項“最多跑一次”改革？",
        key="温州“两强三提高”方案里,2020年要完成哪三项“最多跑一次”改革?",
        terms=(
            *("温州", "两强", "强三", "三提", "提高", "方案", "案里", "2020", "2020年", "年要", "要完", "完成"),
            *("三项", "最多", "多跑", "跑一", "一次", "改革"),
        ),
        kind="list",
        value=None,
        script="hant",
        quoted=("两强三提高", "最多跑一次"),
        places=("温州",),
        years=("2020",),
        count=3,
        unit=None,
        sought="改革",
    )


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("温州要打造哪些版本的“最多跑一次”？", "版本"),
        ("推了哪些面向百姓的信用产品？", "产品"),
        ("要建立哪几个“一体化”的体系或机制？", "机制"),
        ("分成哪三类？", None),
        ("由哪些部门负责？", None),
        ("在哪一天？", None),
        ("What are they?", None),
    ],
)
def test_the_noun_of_which_several_are_asked_for(question: str, noun: str | None) -> None:
    assert analyse(question).sought == noun


@pytest.mark.parametrize(
    ("question", "script"),
    [
        ("What does 《温州市人民政府关于营商环境的决定》 say about “最多跑一次”?", "en"),
        ("Does the plan (长治市方案) name a fee?", "en"),
        ("温州的ABC计划是什么？", "hans"),
        ("《数据条例》？", "hans"),
        ("What is 温州?", "hans"),
    ],
)
def test_a_chinese_name_does_not_make_an_english_question_chinese(question: str, script: str) -> None:
    assert analyse(question).script == script


def test_places_are_told_as_the_question_writes_them() -> None:
    asked = analyse("Compare WENZHOU and Hong  Kong with Macau, 遂宁 and Hangzhou.")
    assert as_written(asked, ("温州", "澳门", "遂宁", "杭州")) == ("WENZHOU", "Macau", "遂宁", "Hangzhou")
    assert as_written(analyse("温州和杭州？"), ("杭州",)) == ("杭州",)


@pytest.mark.parametrize(
    "question",
    [
        RATE,
        "遂宁打造一流营商环境，围绕哪八个方面的环境列目标清单和责任清单？",
        "温州和遂宁关于村（社区）书记兼任主任，各自是怎么规定的？",
        "长治打破部门“信息孤岛”、形成“全市一张网”这项任务由哪些单位牵头？",
        "温州到2035年新增多少万人？",
        "哪一天通过的？",
    ],
)
def test_the_script_changes_nothing_but_the_script(question: str) -> None:
    simplified, traditional = to_simplified(question), to_traditional(question)
    plain = analyse(simplified)
    assert (plain.script, analyse(traditional).script) == ("hans", "hant")
    assert replace(analyse(traditional), text=simplified, script="hans") == plain


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (RATE, "fact"),
        ("遂宁支持下面哪个区去创建示范区？", "fact"),
        ("长治往哪两类房子上砸钱？", "fact"),
        ("“五廉一体”是哪五个廉？", "list"),
        ("龙港的行政管理模式有哪四个特点？", "list"),
        ("要推动哪些片区的一体化？请全部列出。", "list"),
        ("选人用人的导向用了哪几句话？", "list"),
        ("公务员分类改革，分成哪三类？", "list"),
        ("温州和遂宁各自是怎么规定的？", "compare"),
        ("两份文件各承诺多少天？", "compare"),
        ("两市的做法有什么区别？", "compare"),
        ("三社联动和社区联动分别是哪几方联动？", "compare"),
        ("What urbanisation rate does Wenzhou aim for?", "fact"),
        ("What are the ten actions of the plan?", "list"),
        ("List the goals of the plan.", "list"),
        ("What is the difference between both plans?", "compare"),
    ],
)
def test_kinds(question: str, kind: str) -> None:
    assert analyse(question).kind == kind


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (RATE, "number"),
        ("网格员有几名？", "number"),
        ("How many townships are covered?", "number"),
        ("温州什么时候实现政务钉钉全覆盖？", "time"),
        ("诚信日定在哪一天？", "time"),
        ("到哪年建成？", "time"),
        ("When will the platform be complete?", "time"),
        ("这项任务由谁牵头？", "unit"),
        ("由哪些部门负责？", "unit"),
        ("Who is responsible?", "unit"),
        ("党建品牌叫什么？", "name"),
        ("是哪份文件？", "name"),
        ("What is the platform called?", "name"),
        ("温州怎样化解矛盾纠纷？", None),
    ],
)
def test_values(question: str, value: str | None) -> None:
    assert analyse(question).value == value


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("“最多跑一次”改革", ("最多跑一次",)),
        ('"7431"模式', ("7431",)),
        ("「兩個健康」與『五個一』", ("两个健康", "五个一")),
        ("《容错免责办法》和“瓯江红”", ("容错免责办法", "瓯江红")),
        ("“网”是什么", ()),  # one character stands everywhere
        ("没有引号", ()),
    ],
)
def test_quoted_phrases(question: str, quoted: tuple[str, ...]) -> None:
    assert analyse(question).quoted == quoted


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("溫州和遂寧比，溫州多幾個？", ("温州", "遂宁")),
        ("中山市的规划", ("中山",)),
        ("向中山先生学习", ()),
        ("全市要建多少？", ()),
    ],
)
def test_places(question: str, places: tuple[str, ...]) -> None:
    assert analyse(question).places == places


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("2018-2022年实施方案", ("2018", "2022")),
        ("到二〇三五年", ("2035",)),
        ("到二O三五年", ("2035",)),
        ("２０２５年和2025年", ("2025",)),
        ("12345热线在20251号文件里", ()),
        ("1899年", ()),
    ],
)
def test_years(question: str, years: tuple[str, ...]) -> None:
    assert analyse(question).years == years


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("哪十大行动？", 10),
        ("哪兩項權力？", 2),
        ("哪12条措施？", 12),
        ("第二十条说什么？", 20),
        ("哪131个单位？", None),
        ("哪1.5个？", None),
        ("哪些行动？", None),
    ],
)
def test_how_many_things_are_asked_for(question: str, count: int | None) -> None:
    assert analyse(question).count == count


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("总投资多少亿元？", "亿元"),
        ("新增就业多少万人？", "万人"),
        ("最多多少天办完？", "天"),
        ("配备几名网格员？", "名"),
        ("有多少个小时？", "小时"),
        ("城市化率是多少？", None),
    ],
)
def test_what_the_number_counts(question: str, unit: str | None) -> None:
    assert analyse(question).unit == unit


@pytest.mark.parametrize(
    ("question", "office"),
    [
        ("温州的市长是谁？", "市长"),
        ("溫州市委書記叫什麼名字？", "书记"),
        ("谁担任县长？", "县长"),
        ("Who is the mayor of Wenzhou?", "mayor"),
        ("这项任务由谁负责？", None),
        ("市长信箱由哪个部门办理？", None),
        ("Who is responsible for it?", None),
    ],
)
def test_whose_holder_is_asked_for(question: str, office: str | None) -> None:
    assert analyse(question).office == office


def test_terms_are_what_is_left_without_asking_words_each_once() -> None:
    assert analyse(RATE).terms == (
        *("温州", "州到", "到2025", "2025", "2025年", "城市", "市化", "化率", "率目", "目标", "标是"),
    )
    assert analyse("什么是网格，网格是什么？").terms == ("是网", "网格", "格是")
    assert analyse("What is the urbanisation rate?").terms == ("urbanisation", "rate")
    assert analyse("是否有哪些？").terms == ()


@pytest.mark.parametrize(
    ("question", "limit"),
    [(RATE, 150), ("有哪些片区？", 150), ("有哪三个片区？", 380), ("两市各有什么不同？", 380)],
)
def test_how_long_an_answer_may_be(question: str, limit: int) -> None:
    assert analyse(question).limit == limit
