from __future__ import annotations

import json
from dataclasses import asdict, replace

from rag.answer import exchange
from rag.chat.export import to_json, to_markdown
from rag.chat.records import Conversation, Feedback, Turn
from rag.schema import Sentence
from tests.chat.parts import ANSWER, CITATION, QUOTE, REFUSAL

TALK = Conversation(
    "3f2a19bc04de", "可办率？", None, "2026-01-02T03:04:05.000006+00:00", "2026-01-02T04:00:00.0+00:00", 5
)
TURNS = [
    Turn(1, "user", "可办率？", "2026-01-02T03:04:05+00:00"),
    Turn(2, "assistant", ANSWER.text, "2026-01-02T03:04:06+00:00", ANSWER),
    Turn(3, "user", "鲸鱼？", "2026-01-02T03:05:00+00:00"),
    Turn(4, "assistant", REFUSAL.text, "2026-01-02T03:05:01+00:00", REFUSAL),
    Turn(5, "user", "还有\n呢？", "2026-01-02T04:00:00+00:00", None, "cancelled"),
]


def test_markdown() -> None:
    assert to_markdown(TALK, TURNS, opens=lambda _: True) == (
        f"""# 可办率？

2026-01-02 03:04 UTC – 2026-01-02 04:00 UTC

## 1. 可办率？

網上可辦率達到98%。[1]

**[1]** 青山市方案 › 一、總體目標{"  "}
數字.txt, characters 50–{50 + len(QUOTE)}

```text
到2025年，全市
網上可辦率達到98%。
```

Answered by extractive.

## 2. 鲸鱼？

资料中没有。

*Reason: 无关。*

Answered by extractive.

## 3. 还有 呢？

*cancelled*
"""
    )


def test_markdown_says_what_is_doubtful_or_has_changed() -> None:
    doubtful = replace(
        ANSWER,
        rewritten="青山的可办率？",
        notice="模型没有回答。",
        provider="openai:x_y",
        prompt="answer.v1",
        sentences=(*ANSWER.sentences, Sentence("乙。", (), "unsupported")),
    )
    told = to_markdown(TALK, [TURNS[0], replace(TURNS[1], answer=doubtful)], opens=lambda _: False)
    for line in (
        "*Searched as: 青山的可办率？*",
        "*Note: 模型没有回答。*",
        "- 乙。 (unsupported)",
        "*The document no longer has these words at this place: it has changed, or is no longer there.*",
        "Answered by openai:x\\_y, prompt answer.v1.",
    ):
        assert line in told.splitlines()


def test_markdown_names_the_page_of_a_citation() -> None:
    paged = replace(TURNS[1], answer=replace(ANSWER, citations=(replace(CITATION, page=3),)))
    told = to_markdown(TALK, [TURNS[0], paged], opens=lambda _: True)
    assert f"{CITATION.source}, page 3, characters 50–{50 + len(QUOTE)}" in told.splitlines()


def test_markdown_runs_nothing_of_what_was_said() -> None:
    evil = "![x](http://evil/p.png) <img src=x> [1](http://evil) [1]: http://evil [a][1]\n# 标题\n```\n\u202e倒 [1]"
    cited = replace(CITATION, quote="```` <b>\n![x](y)")
    answer = replace(ANSWER, text=evil, citations=(cited,))
    told = to_markdown(TALK, [Turn(1, "assistant", evil, "", answer)], opens=lambda _: True)
    assert (
        "!\\[x\\](http://evil/p.png) \\<img src=x\\> \\[1\\](http://evil) \\[1\\]: http://evil \\[a\\][1]\n"
        "\\# 标题\n\\`\\`\\`\n倒 [1]\n"
    ) in told
    assert "`````text\n```` <b>\n![x](y)\n`````\n" in told


def test_json_holds_the_answers_as_they_were() -> None:
    told = json.loads(to_json(TALK, TURNS, opens=lambda citation: citation != CITATION))
    turns = told.pop("turns")
    assert told == {"format": "policy-rag conversation 1", "conversation": asdict(TALK)}
    assert [(turn["role"], turn["content"], turn["created"], turn["note"], turn["stale"]) for turn in turns] == [
        ("user", "可办率？", TURNS[0].created, None, []),
        ("assistant", ANSWER.text, TURNS[1].created, None, [1]),
        ("user", "鲸鱼？", TURNS[2].created, None, []),
        ("assistant", REFUSAL.text, TURNS[3].created, None, []),
        ("user", "还有\n呢？", TURNS[4].created, "cancelled", []),
    ]
    answers = [turn["answer"] and exchange.from_json(json.dumps(turn["answer"])) for turn in turns]
    assert answers == [None, ANSWER, None, REFUSAL, None]


def test_json_holds_what_was_thought_of_the_answers() -> None:
    rated = replace(TURNS[1], feedback=Feedback("down", "少了<日期>\n", "2026-01-02T05:00:00+00:00"))
    told = json.loads(to_json(TALK, [TURNS[0], rated, *TURNS[2:4]], opens=lambda _: True))
    opinion = {"rating": "down", "comment": "少了<日期>\n", "created": "2026-01-02T05:00:00+00:00"}
    assert [turn["feedback"] for turn in told["turns"]] == [None, opinion, None, None]
