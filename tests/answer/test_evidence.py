from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.answer.evidence import Candidate, Weighing, compare_meaning, find_candidates
from rag.answer.question import analyse
from rag.corpus.chunking import body_start
from rag.index.bundled_model import model_folder
from rag.index.embeddings import BundledEmbeddings, embed_query
from tests.answer.parts import candidate, passage

RATE = analyse("城市化率目标是多少？")  # 城市 市化 化率 率目 目标 标是


def found(question: str, text: str, **options: object) -> list[Candidate]:
    asked = analyse(question)
    weighing = Weighing.of(asked, dict.fromkeys(asked.terms, 1.0))
    return find_candidates(asked, [passage(text, **options)], weighing)  # type: ignore[arg-type]


def test_weights_are_rarities_that_sum_to_one() -> None:
    weighing = Weighing.of(analyse("网格员"), {"网格": 1.0, "格员": 3.0})
    assert weighing.weights == {"网格": 0.25, "格员": 0.75}


def test_a_word_the_corpus_lacks_weighs_as_much_as_the_rarest_it_has() -> None:
    weighing = Weighing.of(analyse("网格，鲸鱼"), {"网格": 1.0, "党建": 3.0})
    assert weighing.weights == {"网格": 0.25, "鲸鱼": 0.75}


def test_weights_sum_to_one_and_so_does_a_text_that_holds_every_term() -> None:
    weighing = Weighing.of(RATE, {"城市": 0.7, "市化": 2.1, "化率": 3.3, "目标": 1.1})
    assert sum(weighing.weights.values()) == pytest.approx(1)
    assert weighing.share("城市化率目标是72%") == pytest.approx(1)
    assert weighing.share("乡村振兴") == 0


def test_a_pair_that_only_joins_two_known_words_counts_for_nothing() -> None:
    # 「率目」 joins 化率 and 目标; 「标是」 holds a particle. Neither is a word the corpus lacks.
    weighing = Weighing.of(RATE, {"城市": 1.0, "市化": 1.0, "化率": 1.0, "目标": 1.0})
    assert weighing.weights == {"城市": 0.25, "市化": 0.25, "化率": 0.25, "目标": 0.25}


def test_a_pair_beside_another_unknown_one_is_an_unknown_word() -> None:
    # 鲸鱼睡觉: 鲸鱼, 鱼睡 and 睡觉 are all unknown, so none of them is an accident.
    weighing = Weighing.of(analyse("鲸鱼睡觉"), {})
    assert weighing.weights == {
        "鲸鱼": pytest.approx(1 / 3),
        "鱼睡": pytest.approx(1 / 3),
        "睡觉": pytest.approx(1 / 3),
    }


def test_a_word_that_stands_alone_is_no_accident() -> None:
    assert Weighing.of(analyse("网格，鲸鱼，党建"), {"网格": 1.0, "党建": 1.0}).weights == {
        "网格": pytest.approx(1 / 3),
        "鲸鱼": pytest.approx(1 / 3),
        "党建": pytest.approx(1 / 3),
    }


def test_a_question_without_words_weighs_nothing() -> None:
    weighing = Weighing.of(analyse("是多少？"), {})
    assert weighing.weights == {}
    assert weighing.share("什么都有") == 0


def test_numbers_and_latin_words_count_only_as_a_whole() -> None:
    weighing = Weighing.of(analyse("2 rate"), {"2": 1.0, "rate": 1.0})
    assert weighing.share("2025 rates") == 0
    assert weighing.share("1.2 corporate") == 0
    assert weighing.share("2个") == 0.5
    assert weighing.share("the rate: 2") == 1


def test_every_sentence_is_a_candidate_in_order_of_passages_and_text() -> None:
    asked = analyse("网格员")
    weighing = Weighing.of(asked, dict.fromkeys(asked.terms, 1.0))
    passages = [
        passage("配齐网格员队伍。建立网格制度。\n另起一行不少。", ordinal=0),
        passage("后一段有网格员。", ordinal=1),
    ]
    every = find_candidates(asked, passages, weighing)
    assert [(each.rank, each.text, each.own) for each in every] == [
        (0, "配齐网格员队伍。", 1.0),
        (0, "建立网格制度。", 0.5),
        (0, "另起一行不少。", 0.0),
        (1, "后一段有网格员。", 1.0),
    ]
    assert [each.near for each in every] == [1.0, 1.0, 1.0, 1.0]


def test_scraps_are_no_candidates() -> None:
    assert [each.text for each in found("网格员", "见附件。\n配齐专职网格员。")] == ["配齐专职网格员。"]


def test_the_frame_is_title_and_headings_but_not_the_own_words() -> None:
    [only] = found("网格，党建", "配备专职人员五名。", path=("一、网格管理",), title="党建方案")
    assert (only.own, only.framed, only.near) == (0.0, 1.0, 1.0)


def test_traditional_text_is_weighed_like_simplified() -> None:
    [only] = found("网格员", "配備專職網格員。")
    assert (only.text, only.own) == ("配備專職網格員。", 1.0)


def test_the_share_of_quoted_phrases_in_sentence_or_frame() -> None:
    [only] = found("“一肩挑”“瓯江红”“鹿鸣计划”在哪？", "全面推行書記主任“一肩挑”。", path=("一、瓯江红",))
    assert only.quoted == pytest.approx(2 / 3)
    [none] = found("网格员在哪？", "全面推行“一肩挑”。")
    assert none.quoted == 0


@pytest.mark.parametrize(
    ("question", "sentence", "holds"),
    [
        ("城市化率是多少？", "城市化率达72%以上。", True),
        ("有几项任务？", "共有十二项重点任务。", True),
        ("城市化率是多少？", "城市化率明显提升。", False),
        ("什么时候建成？", "2019年底前基本建成。", True),
        ("什么时候建成？", "加快建成数据平台。", False),
        ("由谁负责？", "建立平台（责任单位：市政府办公室）", True),
        ("由谁负责？", "办公室设在市委组织部。", True),
        ("由谁负责？", "进一步加强数据共享。", False),
        ("品牌叫什么？", "持续擦亮“瓯江红”品牌。", True),
        ("品牌叫什么？", "持续擦亮基层党建品牌。", False),
        ("怎样化解纠纷？", "2019年共化解“一肩挑”纠纷5起。", False),
    ],
)
def test_whether_the_value_asked_for_is_there(question: str, sentence: str, holds: bool) -> None:
    assert [each.holds for each in found(question, sentence)] == [holds]


@pytest.mark.parametrize(
    ("question", "sentence", "enumerates"),
    [
        ("是哪五个廉？", "形成诗廉、书廉、莲廉、盐廉、助廉文化格局。", True),
        ("是哪四个廉？", "形成诗廉、书廉、莲廉、盐廉、助廉文化格局。", False),
        ("有哪些廉？", "形成诗廉、书廉、莲廉文化格局。", True),
        ("有哪些廉？", "形成诗廉、书廉文化格局。", False),
        ("是哪三个化？", "做到“精准化”、“精细化”、“规范化”。", True),
        ("是哪三个化？", "做到精准、精细，规范、高效。", False),
        ("怎样治理？", "形成诗廉、书廉、莲廉文化格局。", False),
        # Two are enough where they end like the noun.
        ("打造“一次办好”的哪些版本？", "打造“一次办好”城市版、乡村版。", True),
        ("打造“一次办好”的哪些版本？", "把“一次办好”用于城市、乡村。", False),
    ],
)
def test_whether_as_many_things_are_enumerated_as_asked_for(question: str, sentence: str, enumerates: bool) -> None:
    assert [each.enumerates for each in found(question, sentence)] == [enumerates]


@pytest.mark.parametrize(
    ("question", "sentence", "members"),
    [
        ("要打造哪些版本的“一次办好”？", "积极打造“一次办好”城市版、乡村版。", True),
        ("要打造哪三个版本的“一次办好”？", "积极打造“一次办好”城市版、乡村版。", False),
        ("要打造哪些版本的“一次办好”？", "深化“一次办好”改革，精简事项、优化流程、压减时间。", False),
        ("推动哪些片区的一体化？", "推动河东一体化、河西一体化发展。", False),
        ("推动哪些片区的一体化？", "推动河东一体化、河西一体化和河南一体化。", True),
        ("怎样推动一体化？", "推动河东一体化、河西一体化。", False),
    ],
)
def test_whether_several_things_like_the_one_asked_for_are_there(question: str, sentence: str, members: bool) -> None:
    assert [each.members for each in found(question, sentence)] == [members]


@pytest.mark.parametrize(
    ("text", "path", "body"),
    [
        ("第一条 为了规范管理，制定本办法。", ("第一条",), "为了规范管理，制定本办法。"),
        ("一、总体要求\n（一）目标\n到2025年建成。", ("一、总体要求", "（一）目标"), "到2025年建成。"),
        ("（一）建设平台。2022年底前完成。", ("二、任务", "（一）建设平台"), "2022年底前完成。"),
        ("任务：\u3000建成。", ("任务",), "建成。"),
        ("没有标题的正文。", ("一、总体要求",), "没有标题的正文。"),
        ("没有路径的正文。", (), "没有路径的正文。"),
        ("一、总体要求", ("一、总体要求",), "一、总体要求"),  # nothing but a heading: better than nothing
    ],
)
def test_the_body_follows_the_headings(text: str, path: tuple[str, ...], body: str) -> None:
    chunk = passage(text, path=path).chunk
    assert chunk.text[body_start(chunk) :] == body


def test_no_heading_is_a_candidate() -> None:
    text = "一、总体目标要求\n（一）城市化率目标\n城市化率达到72%。"
    every = found("城市化率目标是多少？", text, path=("一、总体目标要求", "（一）城市化率目标"))
    assert [each.text for each in every] == ["城市化率达到72%。"]


def test_meaning_is_the_cosine_to_the_question(model_home: Path) -> None:
    embeddings = BundledEmbeddings(model_folder(model_home))
    vector = embed_query(embeddings, "老年人在哪里吃饭")
    sentences = [candidate("老人可以到助餐点用餐。"), candidate("主干路每日巡查一次。")]
    compared = compare_meaning(sentences, vector, embeddings)
    expected = np.asarray(embeddings.embed_documents([each.key for each in sentences])) @ vector
    assert [each.similarity for each in compared] == pytest.approx(expected.tolist(), abs=1e-5)
    assert compared[0].similarity > compared[1].similarity
    assert [each.text for each in compared] == [each.text for each in sentences]
    assert compare_meaning([], vector, embeddings) == []
