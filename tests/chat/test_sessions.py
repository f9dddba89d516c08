"""Each test runs on SQLite and, where it is installed, on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from rag.chat.database import Database
from rag.chat.memory import count_tokens
from rag.chat.records import Conversation, Feedback, Match, Turn
from rag.chat.sessions import UNANSWERED, Conversations
from rag.errors import ConversationError, ConversationNotFoundError, StorageError
from rag.schema import Answer
from tests.chat.parts import ANSWER, REFUSAL, answer_with


def exchange(store: Conversations, conversation_id: str, question: str, answer: Answer) -> int:
    turn_id = store.begin(conversation_id, question)
    store.finish(conversation_id, turn_id, answer)
    return turn_id


def said(store: Conversations, conversation_id: str) -> list[tuple[str, str, str | None]]:
    return [(turn.role, turn.content, turn.note) for turn in store.turns(conversation_id)]


def test_an_answer_comes_back_as_it_was(store: Conversations, url: str, tmp_path: Path) -> None:
    conversation = store.create()
    first = exchange(store, conversation.id, "可办率？", ANSWER)
    second = exchange(store, conversation.id, "鲸鱼？", REFUSAL)
    again = Conversations(Database(tmp_path / "unused.db", url=url))
    turns = again.turns(conversation.id)
    again.close()
    expected = [
        Turn(first, "user", "可办率？", turns[0].created),
        Turn(turns[1].id, "assistant", ANSWER.text, turns[1].created, ANSWER),
        Turn(second, "user", "鲸鱼？", turns[2].created),
        Turn(turns[3].id, "assistant", REFUSAL.text, turns[3].created, REFUSAL),
    ]
    assert turns == expected
    assert [turn.created for turn in turns] == sorted(turn.created for turn in turns)
    assert all(turn.created.endswith("+00:00") for turn in turns)


def test_a_conversation_is_listed_from_its_first_question_on_and_named_after_it(store: Conversations) -> None:
    conversation = store.create()
    assert re.fullmatch("[0-9a-f]{12}", conversation.id)
    assert (conversation, store.recent()) == (store.get(conversation.id), [])
    store.begin(conversation.id, "  網上可辦率\n是多少？ ")
    [listed] = store.recent()
    assert listed == replace(conversation, title="網上可辦率 是多少？", turns=1, updated=listed.updated)
    exchange(store, conversation.id, "那2030年呢？", ANSWER)
    assert (store.get(conversation.id).title, store.get(conversation.id).turns) == ("網上可辦率 是多少？", 3)


def test_a_long_question_gives_a_short_title(store: Conversations) -> None:
    conversation = store.create()
    store.begin(conversation.id, "长" * 41)
    assert store.get(conversation.id).title == "长" * 39 + "…"
    exact = store.create()
    store.begin(exact.id, "长" * 40)
    assert store.get(exact.id).title == "长" * 40


def test_the_latest_comes_first(store: Conversations) -> None:
    ids = [store.create().id for _ in range(3)]
    for conversation_id in [*ids, ids[0]]:
        exchange(store, conversation_id, "问？", ANSWER)
    store.rename(ids[1], "renamed, which is no news")
    assert [each.id for each in store.recent()] == [ids[0], ids[2], ids[1]]
    assert [each.id for each in store.recent(limit=1)] == [ids[0]]


def test_rename(store: Conversations) -> None:
    conversation = store.create("  first\nname ")
    assert conversation.title == "first name"
    renamed = store.rename(conversation.id, "第二個")
    assert renamed == replace(conversation, title="第二個")
    exchange(store, conversation.id, "问？", ANSWER)
    assert store.get(conversation.id).title == "第二個"


@pytest.mark.parametrize("title", ["", " \n", "长" * 201])
def test_a_title_that_is_none(store: Conversations, title: str) -> None:
    conversation = store.create("name")
    with pytest.raises(ConversationError, match=r"^a title has 1 to 200 characters, this one \d+\. Choose another\.$"):
        store.rename(conversation.id, title)
    assert store.get(conversation.id).title == "name"


def test_delete_takes_what_was_said_along(store: Conversations, url: str) -> None:
    conversation, other = store.create(), store.create()
    for each in (conversation, other):
        exchange(store, each.id, "问？", ANSWER)
    store.delete(conversation.id)
    assert [each.id for each in store.recent()] == [other.id]
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM turns")).scalar() == 2
    engine.dispose()


def every_use(store: Conversations, conversation_id: str) -> list[object]:
    """What a store has for a conversation that is not there: an error each time."""
    uses = [
        lambda: store.get(conversation_id),
        lambda: store.turns(conversation_id),
        lambda: store.rename(conversation_id, "x"),
        lambda: store.delete(conversation_id),
        lambda: store.begin(conversation_id, "问？"),
        lambda: store.finish(conversation_id, 1, ANSWER),
        lambda: store.fail(conversation_id, 1, "x"),
        lambda: store.history(conversation_id, budget=100),
        lambda: store.resolve(conversation_id),
        lambda: store.cut(conversation_id, 1),
        lambda: store.rate(conversation_id, 2, "up"),
    ]
    told: list[object] = []
    for use in uses:
        with pytest.raises(ConversationNotFoundError) as caught:
            use()
        told.append(str(caught.value))
    return told


def test_a_conversation_that_is_not_there(store: Conversations) -> None:
    gone = store.create()
    exchange(store, gone.id, "问？", ANSWER)
    store.delete(gone.id)
    message = f"there is no conversation {gone.id!r}. `rag conversations list` names them."
    assert every_use(store, gone.id) == [message] * 11


def test_each_owner_sees_only_their_own(store: Conversations) -> None:
    owners = {owner: store.of(owner) for owner in (None, "alice", "bob")}
    ids = {}
    for owner, mine in owners.items():
        conversation = mine.create()
        exchange(mine, conversation.id, "共同的问题？", ANSWER)
        assert mine.get(conversation.id).owner == owner
        ids[owner] = conversation.id
    for owner, mine in owners.items():
        assert [each.id for each in mine.recent()] == [ids[owner]]
        assert [match.conversation.id for match in mine.search("共同")] == [ids[owner]]
        assert mine.resolve("last").id == ids[owner]
        for other in ids.keys() - {owner}:
            assert len(every_use(mine, ids[other])) == 11
    assert [said(owners[owner], ids[owner]) for owner in owners] == [
        [("user", "共同的问题？", None), ("assistant", ANSWER.text, None)]
    ] * 3


def test_a_reference_is_an_id_its_beginning_or_last(store: Conversations) -> None:
    with pytest.raises(ConversationNotFoundError, match=r"^there is no conversation yet\. `rag chat` begins one\.$"):
        store.resolve("last")
    found = [store.create() for _ in range(17)]  # of 17 ids, two begin with the same digit
    exchange(store, found[3].id, "问？", ANSWER)
    assert store.resolve("last") == store.get(found[3].id)
    assert [store.resolve(each.id).id for each in found] == [each.id for each in found]
    digits = [each.id[0] for each in found]
    shared = next(digit for digit in digits if digits.count(digit) > 1)
    several = sorted(each.id for each in found if each.id[0] == shared)[:3]
    with pytest.raises(ConversationNotFoundError) as caught:
        store.resolve(shared)
    assert str(caught.value) == (f"several conversations begin with {shared!r}: {', '.join(several)}. Type more of it.")
    for nothing in ("", "%", "_", "zz"):
        with pytest.raises(ConversationNotFoundError, match="there is no conversation"):
            store.resolve(nothing)


# --- search -----------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(store: Conversations) -> dict[str, Conversation]:
    """Two conversations: about rates in simplified, about meals in traditional characters."""
    told = {}
    for name, question, answer in (
        ("rates", "政务服务网上可办率是多少？", "可办率达到98%。[1]另有一句。"),
        ("meals", "老年人用餐補助幾元？", "前一句。年滿八十周歲的每餐補助五元。[1]"),
    ):
        conversation = store.create()
        exchange(store, conversation.id, question, answer_with(answer))
        told[name] = store.get(conversation.id)
    return told


@pytest.mark.parametrize(
    ("text", "name", "excerpt"),
    [
        ("政務服務", "rates", "政务服务网上可办率是多少？"),
        ("补助五元", "meals", "年滿八十周歲的每餐補助五元。"),
        ("９８％", "rates", "可办率达到98%。"),
        ("用餐 五元", "meals", "老年人用餐補助幾元？"),
    ],
)
def test_search_in_both_scripts_and_widths(
    store: Conversations, filled: dict[str, Conversation], text: str, name: str, excerpt: str
) -> None:
    assert store.search(text) == [Match(filled[name], excerpt)]


@pytest.mark.parametrize("text", ["鲸鱼", "用餐 鲸鱼", "", "  ", "_", "可办率 五元", "\x00", "\ud83d"])
def test_search_that_finds_nothing(store: Conversations, filled: dict[str, Conversation], text: str) -> None:
    assert store.search(text) == []


def test_search_by_title_and_the_latest_first(store: Conversations, filled: dict[str, Conversation]) -> None:
    renamed = store.rename(filled["rates"].id, "Ｂudget 預算 100%")
    assert store.search("budget 预算") == [Match(renamed, "Ｂudget 預算 100%")]
    assert [match.conversation for match in store.search("一句")] == [filled["meals"], renamed]
    assert [match.conversation for match in store.search("100%")] == [renamed]


def test_a_long_sentence_is_shortened(store: Conversations) -> None:
    conversation = store.create()
    exchange(store, conversation.id, "字" * 300, ANSWER)
    assert [match.excerpt for match in store.search("字字")] == ["字" * 119 + "…"]


# --- questions without an answer --------------------------------------------------------------------------------


def test_a_question_is_kept_before_it_is_answered(store: Conversations) -> None:
    conversation = store.create()
    turn_id = store.begin(conversation.id, "问？")
    assert said(store, conversation.id) == [("user", "问？", UNANSWERED)]
    store.fail(conversation.id, turn_id, "the model\x00 " + "长" * 600)
    [(_, _, note)] = said(store, conversation.id)
    assert note == "the model� " + "长" * 488 + "…"
    store.finish(conversation.id, turn_id, ANSWER)
    assert said(store, conversation.id) == [("user", "问？", None), ("assistant", ANSWER.text, None)]


def test_answers_stand_behind_their_questions_whatever_order_they_came_in(store: Conversations) -> None:
    conversation = store.create()
    first, second = (store.begin(conversation.id, question) for question in ("甲？", "乙？"))
    store.finish(conversation.id, second, answer_with("乙。"))
    store.finish(conversation.id, first, answer_with("甲。"))
    assert [turn.content for turn in store.turns(conversation.id)] == ["甲？", "甲。", "乙？", "乙。"]


def test_what_cannot_be_stored_is_replaced(store: Conversations) -> None:
    mine = store.of("o\x00wner")
    conversation = mine.create("a\x00b")
    exchange(mine, conversation.id, "甲\x00乙\ud83d？", answer_with("丙\x00丁。"))
    assert (conversation.owner, conversation.title) == ("o�wner", "a�b")
    assert [turn.content for turn in mine.turns(conversation.id)] == ["甲�乙�？", "丙�丁。"]
    assert mine.turns(conversation.id)[1].answer == answer_with("丙\x00丁。")


def test_an_answer_of_a_later_version_names_the_turn(store: Conversations, url: str) -> None:
    conversation = store.create()
    exchange(store, conversation.id, "问？", ANSWER)
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE turns SET answer = '{}' WHERE role = 'assistant'"))
    engine.dispose()
    with pytest.raises(
        StorageError, match=rf"^turn 2 of conversation {conversation.id} in .* is damaged, or was written"
    ):
        store.turns(conversation.id)
    assert store.history(conversation.id, budget=100)[0] == {"role": "user", "content": "问？"}


def test_threads_that_write_at_once_lose_nothing(store: Conversations) -> None:
    conversation = store.create()
    questions = [f"第{number}问？" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda question: exchange(store, conversation.id, question, answer_with(question)), questions))
    contents = [turn.content for turn in store.turns(conversation.id)]
    assert contents[::2] == contents[1::2]
    assert sorted(contents[::2]) == sorted(questions)


# --- asked again ------------------------------------------------------------------------------------------------


def test_cut_forgets_a_question_and_all_after_it(store: Conversations) -> None:
    conversation = store.create()
    first, second = (exchange(store, conversation.id, f"{name}？", answer_with(f"{name}。")) for name in "甲乙")
    waiting = store.begin(conversation.id, "丙？")
    store.finish(conversation.id, first, answer_with("no second answer"))
    other = talk(store, 1)
    store.cut(conversation.id, waiting)
    assert said(store, conversation.id) == [
        (r, c, None) for n in "甲乙" for r, c in [("user", f"{n}？"), ("assistant", f"{n}。")]
    ]
    store.cut(conversation.id, second)
    assert said(store, conversation.id) == [("user", "甲？", None), ("assistant", "甲。", None)]
    assert (store.search("乙"), store.get(conversation.id).turns, store.get(other).turns) == ([], 2, 2)
    assert store.recent()[0].id == conversation.id


def test_an_answer_given_late_to_an_earlier_question_stays(store: Conversations) -> None:
    conversation = store.create()
    first, second = (store.begin(conversation.id, question) for question in ("甲？", "乙？"))
    store.finish(conversation.id, second, answer_with("乙。"))
    store.finish(conversation.id, first, answer_with("甲。"))
    store.cut(conversation.id, second)
    assert said(store, conversation.id) == [("user", "甲？", None), ("assistant", "甲。", None)]


def test_an_answer_on_its_way_to_a_question_that_was_cut_is_not_kept(store: Conversations) -> None:
    conversation = store.create()
    exchange(store, conversation.id, "甲？", ANSWER)
    turn_id = store.begin(conversation.id, "乙？")
    store.cut(conversation.id, turn_id)
    store.finish(conversation.id, turn_id, answer_with("乙。"), question="乙？")
    store.fail(conversation.id, turn_id, "cancelled", question="乙？")
    assert store.get(conversation.id).turns == 2
    # Where the number is given to the next question, that is another question.
    again = store.begin(conversation.id, "丙？")
    store.finish(conversation.id, turn_id, answer_with("乙。"), question="乙？")
    store.fail(conversation.id, turn_id, "cancelled", question="乙？")
    assert said(store, conversation.id)[2:] == [("user", "丙？", UNANSWERED)]
    store.finish(conversation.id, again, answer_with("丙。"), question="丙？")
    store.fail(conversation.id, again, "too late", question="丙？")
    assert said(store, conversation.id)[2:] == [("user", "丙？", None), ("assistant", "丙。", None)]


def test_cutting_the_first_question_takes_its_title_along_but_no_other(store: Conversations) -> None:
    for title, expected in (("", "乙？"), ("chosen", "chosen")):
        conversation = store.create(title)
        store.cut(conversation.id, exchange(store, conversation.id, "甲\n？", ANSWER))
        assert store.get(conversation.id) not in store.recent()
        store.begin(conversation.id, "乙？")
        assert store.get(conversation.id).title == expected


def test_a_summary_of_what_was_cut_goes_too(store: Conversations) -> None:
    conversation_id = talk(store, 10)
    questions = [turn.id for turn in store.turns(conversation_id) if turn.role == "user"]
    store.history(conversation_id, budget=100, summarise=lambda _: "概要")
    summarised = 10 - len([turn for turn in store.history(conversation_id, budget=100) if turn["role"] == "user"])
    assert 2 < summarised < 10
    store.cut(conversation_id, questions[summarised])
    assert contents(store.history(conversation_id, budget=10_000)) == ["概要"]
    store.cut(conversation_id, questions[summarised - 1])
    assert contents(store.history(conversation_id, budget=10_000))[0] == "第0个问题是什么？"
    assert len(store.history(conversation_id, budget=10_000)) == 2 * (summarised - 1)


def test_only_a_question_of_this_conversation_can_be_cut(store: Conversations) -> None:
    ids = [talk(store, 1) for _ in range(2)]
    question, answer = store.turns(ids[0])
    for conversation_id, turn_id in ((ids[0], answer.id), (ids[1], question.id), (ids[0], 999)):
        with pytest.raises(ConversationError) as caught:
            store.cut(conversation_id, turn_id)
        assert str(caught.value) == (
            f"turn {turn_id} of conversation {conversation_id} is no question. Cut at a question's turn."
        )
    assert [store.get(each).turns for each in ids] == [2, 2]


# --- feedback ---------------------------------------------------------------------------------------------------


def test_an_answer_is_rated_rated_again_and_the_rating_taken_back(store: Conversations) -> None:
    conversation_id = talk(store, 2)
    _, first, _, second = store.turns(conversation_id)
    before = store.get(conversation_id)
    store.rate(conversation_id, first.id, "down", "  第一條不\x00對 ")
    store.rate(conversation_id, second.id, "up")
    given = [turn.feedback for turn in store.turns(conversation_id)]
    assert given[::2] == [None, None]
    for found, expected in zip(given[1::2], [("down", "第一條不�對"), ("up", "")], strict=True):
        assert found == Feedback(*expected, created=found.created if found else "")  # type: ignore[arg-type]
        assert found is not None
        assert before.updated <= found.created
    store.rate(conversation_id, first.id, "up", "好" * 2000)
    store.rate(conversation_id, second.id, None)
    ratings = [turn.feedback and (turn.feedback.rating, turn.feedback.comment) for turn in store.turns(conversation_id)]
    assert ratings == [None, ("up", "好" * 2000), None, None]
    assert store.get(conversation_id) == before


def test_what_is_no_rating_or_no_answer(store: Conversations) -> None:
    ids = [talk(store, 1) for _ in range(2)]
    question, answer = store.turns(ids[0])
    for conversation_id, turn_id in ((ids[0], question.id), (ids[1], answer.id), (ids[0], 999)):
        with pytest.raises(ConversationError) as caught:
            store.rate(conversation_id, turn_id, "up")
        assert str(caught.value) == (
            f"turn {turn_id} of conversation {conversation_id} is no answer. Rate an answer's turn."
        )
    with pytest.raises(ConversationError, match=r"^'good' is no rating\. Give up or down, or None to take it back\.$"):
        store.rate(ids[0], answer.id, "good")  # type: ignore[arg-type]
    with pytest.raises(ConversationError, match=r"^the comment has 2001 characters, more than 2000\. Shorten it\.$"):
        store.rate(ids[0], answer.id, "up", "长" * 2001)
    assert store.rated() == []


def test_feedback_goes_with_the_turn_and_with_the_conversation(store: Conversations, url: str) -> None:
    ids = [talk(store, 2) for _ in range(3)]
    for conversation_id in ids:
        for turn in store.turns(conversation_id)[1::2]:
            store.rate(conversation_id, turn.id, "up")
    store.cut(ids[0], store.turns(ids[0])[2].id)
    store.delete(ids[1])
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM feedback")).scalar() == 3
    engine.dispose()
    assert [conversation.id for conversation, _ in store.rated()] == [ids[0], ids[2]]


def test_what_others_rated_is_theirs_unless_everyone_is_asked_for(store: Conversations) -> None:
    told = {}
    for owner in (None, "alice"):
        mine = store.of(owner)
        told[owner] = talk(mine, 1)
        talk(mine, 1)
        mine.rate(told[owner], mine.turns(told[owner])[1].id, "down")
    for owner, conversation_id in told.items():
        mine = store.of(owner)
        assert mine.rated() == [(mine.get(conversation_id), mine.turns(conversation_id))]
    assert [conversation.id for conversation, _ in store.rated(everyone=True)] == list(told.values())


def test_threads_that_rate_at_once_leave_one_rating(store: Conversations) -> None:
    conversation_id = talk(store, 1)
    answer = store.turns(conversation_id)[1]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.rate(conversation_id, answer.id, "up", str(n)), range(24)))
    feedback = store.turns(conversation_id)[1].feedback
    assert feedback is not None
    assert feedback.comment in {str(n) for n in range(24)}


# --- history ----------------------------------------------------------------------------------------------------


def talk(store: Conversations, exchanges: int) -> str:
    conversation = store.create()
    for number in range(exchanges):
        exchange(store, conversation.id, f"第{number}个问题是什么？", answer_with(f"第{number}个回答在这里。[1]"))
    return conversation.id


def contents(history: Sequence[dict[str, str]]) -> list[str]:
    return [turn["content"] for turn in history]


def test_a_short_conversation_is_remembered_whole(store: Conversations) -> None:
    conversation_id = talk(store, 2)
    store.fail(conversation_id, store.begin(conversation_id, "没有回答的？"), "cancelled")
    assert store.history(conversation_id, budget=1000) == [
        {"role": "user", "content": "第0个问题是什么？"},
        {"role": "assistant", "content": "第0个回答在这里。[1]"},
        {"role": "user", "content": "第1个问题是什么？"},
        {"role": "assistant", "content": "第1个回答在这里。[1]"},
        {"role": "user", "content": "没有回答的？"},
    ]


def test_a_question_is_not_its_own_history(store: Conversations) -> None:
    conversation_id = talk(store, 1)
    turn_id = store.begin(conversation_id, "那么？")
    later = store.begin(conversation_id, "后来的？")
    store.finish(conversation_id, later, answer_with("后来的。"))
    history = store.history(conversation_id, budget=1000, before=turn_id)
    assert contents(history) == ["第0个问题是什么？", "第0个回答在这里。[1]"]


def test_the_oldest_turns_are_left_out_first(store: Conversations) -> None:
    conversation_id = talk(store, 10)
    whole = contents(store.history(conversation_id, budget=10_000))
    tokens = [count_tokens(content) for content in whole]
    budget = sum(tokens[-4:])
    assert contents(store.history(conversation_id, budget=budget)) == whole[-4:]
    # One token less: the question no longer fits, and its answer alone is no use.
    assert contents(store.history(conversation_id, budget=budget - 1)) == whole[-2:]


def test_older_turns_are_summarised_once_and_again_when_the_rest_has_grown(store: Conversations) -> None:
    conversation_id = talk(store, 10)
    whole = contents(store.history(conversation_id, budget=10_000))
    asked: list[list[str]] = []

    def summarise(turns: Sequence[Turn]) -> str:
        asked.append([turn.content for turn in turns])
        return f"概要{len(asked)}"

    budget = sum(map(count_tokens, whole)) - 1
    first = store.history(conversation_id, budget=budget, summarise=summarise)
    kept = len(first) - 1
    assert first[0] == {"role": "system", "content": "概要1"}
    assert (contents(first)[1:], asked) == (whole[-kept:], [whole[:-kept]])
    assert store.history(conversation_id, budget=budget, summarise=summarise) == first
    assert len(asked) == 1
    while len(asked) == 1:
        exchange(store, conversation_id, "又一个问题是什么？", answer_with("又一个回答在这里。[1]"))
        latest = store.history(conversation_id, budget=budget, summarise=summarise)
        assert sum(map(count_tokens, contents(latest))) <= budget
    assert asked[1][: 1 + kept] == ["概要1", *whole[-kept:]]
    assert contents(latest)[0] == "概要2"
    assert contents(store.history(conversation_id, budget=10_000)) == contents(latest)


def test_a_summary_takes_at_most_a_quarter(store: Conversations) -> None:
    conversation_id = talk(store, 20)
    history = store.history(conversation_id, budget=200, summarise=lambda _: "概要很长。" * 500)
    assert history[0]["content"].startswith("概要很长。")
    assert count_tokens(history[0]["content"]) <= 50
    assert sum(map(count_tokens, contents(history))) <= 200


@pytest.mark.parametrize("nothing", ["", " \n"])
def test_a_summary_that_does_not_come_is_asked_for_again(store: Conversations, nothing: str) -> None:
    conversation_id = talk(store, 10)
    plain = store.history(conversation_id, budget=100)
    assert store.history(conversation_id, budget=100, summarise=lambda _: nothing) == plain
    told = store.history(conversation_id, budget=100, summarise=lambda _: "概要")
    assert told[0] == {"role": "system", "content": "概要"}


def test_an_exchange_longer_than_the_budget_is_cut(store: Conversations) -> None:
    conversation = store.create()
    exchange(store, conversation.id, "问题？", answer_with("很长的回答，" * 200))
    question, answer = store.history(conversation.id, budget=50)
    assert question == {"role": "user", "content": "问题？"}
    assert ("很长的回答，" * 200).startswith(answer["content"])
    assert 40 <= sum(map(count_tokens, (question["content"], answer["content"]))) <= 50
