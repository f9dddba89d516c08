from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.corpus.script import search_key, to_traditional
from rag.retrieval.diversity import asks_across, folded, spread
from rag.retrieval.hybrid import Passage
from rag.schema import Copy
from tests.answer.parts import passage

RULE = "网格员应当每周至少巡查两次河道,发现垃圾、排污口或者违章建筑的,当日报告乡镇河长,并在三日内复查处理结果。"
OTHER = "乡镇人民政府负责本行政区域内老年助餐点的建设和管理,县民政局每季度组织一次检查,结果向社会公开。"


def found(
    text: str, source: str, *, dense: float = 0.88, lexical: float = 20.0, ordinal: int = 0, section: int | None = None
) -> Passage:
    """A passage as the search finds it, with the scores of both arms."""
    made = passage(text, source=source, title=f"{source} 的标题", path=("第一章", "第二条"), start=7, ordinal=ordinal)
    scores = {"dense": dense, "lexical": lexical}
    return replace(made, hit=replace(made.hit, scores=scores), chunk=replace(made.chunk, section=section))


def names(passages: Sequence[Passage]) -> list[str]:
    return [each.hit.chunk_id for each in passages]


def test_the_same_words_in_two_documents_are_one_hit_that_lists_the_other() -> None:
    first, twin, other = found(RULE, "a.txt"), found(RULE, "b.txt"), found(OTHER, "c.txt")
    copy = Copy("b.txt", "b.txt 的标题", "第一章 › 第二条", 7, 7 + len(RULE), "b.txt-0")
    assert folded([first, other, twin]) == [replace(first, hit=replace(first.hit, copies=(copy,))), other]


def test_the_other_script_is_the_same_words() -> None:
    traditional = to_traditional(RULE)
    assert traditional != RULE
    assert search_key(traditional) == search_key(RULE)
    [hit] = [each.hit for each in folded([found(RULE, "a.txt"), found(traditional, "b.txt")])]
    assert (hit.text, [copy.source for copy in hit.copies]) == (RULE, ["b.txt"])


def test_all_copies_are_listed_in_their_order() -> None:
    changed = RULE.replace("每周", "每月")
    passages = [found(text, f"{name}.txt") for name, text in zip("abcd", [RULE, changed, RULE, OTHER], strict=True)]
    kept = folded(passages)
    assert names(kept) == ["a.txt-0", "d.txt-0"]
    assert [copy.source for copy in kept[0].hit.copies] == ["b.txt", "c.txt"]
    assert kept[1].hit.copies == ()


@pytest.mark.parametrize(
    "text",
    [
        OTHER,
        RULE + OTHER,
        RULE[: len(RULE) // 2],
        "网格员应当每月向县级河长汇报一次,发现垃圾、排污口或者违章建筑的,次日报告县水利局,并在十日内公开处理结果。",
    ],
)
def test_what_says_something_else_is_kept(text: str) -> None:
    passages = [found(RULE, "a.txt"), found(text, "b.txt")]
    assert folded(passages) == passages


@pytest.mark.parametrize(
    ("dense", "lexical", "same"),
    [(0.885, 20.0, True), (0.88, 12.0, True), (0.92, 20.0, False), (0.88, 5.0, False), (0.885, 25.0, True)],
)
def test_titles_may_move_the_scores_of_twins_a_little(dense: float, lexical: float, same: bool) -> None:
    twin = found(RULE, "b.txt", dense=dense, lexical=lexical)
    assert len(folded([found(RULE, "a.txt"), twin])) == (1 if same else 2)


@pytest.mark.parametrize("old_first", [True, False])
def test_a_version_is_not_folded_into_the_next(old_first: bool) -> None:
    new, old = found(RULE, "new.txt"), found(RULE, "old.txt")
    old = replace(old, hit=replace(old.hit, superseded_by="new.txt"))
    versions = [old, new] if old_first else [new, old]
    assert folded(versions) == versions
    [kept, other] = folded([*versions, found(RULE, "copy.txt")])
    copies = {each.hit.source: [copy.source for copy in each.hit.copies] for each in (kept, other)}
    assert copies == {"new.txt": ["copy.txt"], "old.txt": []}


def test_twins_without_any_word_of_the_question() -> None:
    assert len(folded([found(RULE, "a.txt", lexical=0.0), found(RULE, "b.txt", lexical=0.0)])) == 1


@pytest.mark.parametrize("text", ["无。", "略", ""])
def test_texts_too_short_to_compare_are_twins_only_when_equal(text: str) -> None:
    assert len(folded([found(text, "a.txt"), found(text, "b.txt")])) == 1
    assert len(folded([found(text, "a.txt"), found("有。", "b.txt")])) == 2


def test_nothing_is_folded_into_nothing() -> None:
    assert folded([]) == []


CROWD = [
    *(found(f"{number}", "a.txt", ordinal=number, section=1) for number in range(4)),
    found("4", "a.txt", ordinal=4, section=2),
    *(found(f"{number}", "b.txt", ordinal=number, section=1) for number in range(3)),
]
APART = ["a.txt-0", "a.txt-1", "a.txt-4", "b.txt-0", "b.txt-1", "a.txt-2", "a.txt-3", "b.txt-2"]


@pytest.mark.parametrize(
    "question",
    [
        "各地怎样管理网格员？",
        "哪些城市设了诚信日？",
        "哪几个市有网格化治理？",
        "哪些文件提到网格员？",
        "各省的标准是什么？",
        "哪裡規定了網格員？",
        "Which cities have a grid system?",
        "grid management across the provinces",
    ],
)
def test_a_question_across_documents(question: str) -> None:
    assert asks_across(search_key(question))


@pytest.mark.parametrize(
    "question",
    ["网格员每周巡查几次？", "温州各部门怎样协调？", "哪八个方面？", "各县级单位怎样考核？", "What is the target?"],
)
def test_a_question_about_one_place(question: str) -> None:
    assert not asks_across(search_key(question))


def test_two_of_a_section_come_before_the_rest() -> None:
    assert names(spread(CROWD)) == APART


def test_what_no_section_holds_is_a_place_of_its_document() -> None:
    loose = [found(f"{number}", source, ordinal=number) for source in ("a.txt", "b.txt") for number in range(3)]
    expected = ["a.txt-0", "a.txt-1", "b.txt-0", "b.txt-1", "a.txt-2", "b.txt-2"]
    assert names(spread(loose)) == expected
