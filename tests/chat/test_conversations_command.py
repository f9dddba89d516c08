from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rag import Chatbot
from rag.cli import app

RATE = "到2025年政务服务事项网上可办率要达到多少？"
FOLLOW_UP = "那它由谁负责？"
MEALS = "老年人用餐补助几元？"


@pytest.fixture
def rag(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--home", str(home), *arguments], input=typed)

    return run


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_chat_keeps_its_conversation_and_goes_on_with_it(rag: Any, bot: Chatbot) -> None:
    first = rag("chat", "--json", typed=f"{RATE}\n")
    [conversation] = bot.conversations.recent()
    assert (first.exit_code, conversation.title, conversation.turns) == (0, RATE, 2)
    assert first.stderr == f"kept: `rag chat --resume {conversation.id}` goes on\n"
    second = rag("chat", "--json", "--resume", conversation.id[:6], typed=f"{FOLLOW_UP}\n")
    [answer] = json.loads(second.stdout)
    assert RATE[:4] in answer["rewritten"]
    assert [turn.content for turn in bot.conversations.turns(conversation.id)][::2] == [RATE, FOLLOW_UP]
    third = rag("chat", "-r", "last", typed="/sources\n")
    assert f"› {FOLLOW_UP}\n" in third.stdout
    assert f"› {RATE}\n" not in third.stdout
    assert (third.stderr, bot.conversations.get(conversation.id).turns) == ("", 4)


def test_chat_changes_between_conversations(rag: Any, bot: Chatbot) -> None:
    result = rag("chat", typed=f"{RATE}\n/new\n{MEALS}\n/list\n/resume zz\n/resume\n/quit\n{RATE}\n")
    meals, rate = bot.conversations.recent()
    assert (meals.title, meals.turns, rate.title, rate.turns) == (MEALS, 2, RATE, 2)
    assert result.stderr == (
        "error: there is no conversation 'zz'. `rag conversations list` names them.\n"
        f"kept: `rag chat --resume {meals.id}` goes on\n"
    )
    assert f"{MEALS}  ({meals.id}, " in result.stdout
    assert rate.id in result.stdout


def test_nothing_is_kept_where_nothing_was_asked(rag: Any, bot: Chatbot) -> None:
    result = rag("chat", typed=f"/sources\n/list\n{'长' * 2000}\n")
    assert (result.exit_code, bot.conversations.recent()) == (0, [])
    assert result.stdout == "No conversations yet. `rag chat` begins one.\n"


@pytest.fixture
def talked(rag: Any, bot: Chatbot) -> list[str]:
    """The ids of two conversations, about meals and about rates."""
    rag("chat", "--json", typed=f"{RATE}\n/new\n{MEALS}\n")
    return [conversation.id for conversation in bot.conversations.recent()]


def test_list_and_search(rag: Any, bot: Chatbot, talked: list[str]) -> None:
    listed = rag("conversations", "list", "--json")
    assert json.loads(listed.stdout) == plain([asdict(each) for each in bot.conversations.recent()])
    assert len(json.loads(rag("conversations", "list", "--limit", "1", "--json").stdout)) == 1
    lines = [line.split() for line in rag("conversations", "list").stdout.splitlines() if line.strip()][2:]
    assert [(line[0], line[-2], line[-1]) for line in lines] == [(talked[0], "2", MEALS), (talked[1], "2", RATE)]
    found = rag("conversations", "search", "網上", "--json")
    assert json.loads(found.stdout) == plain([asdict(match) for match in bot.conversations.search("网上")])
    assert rag("conversations", "search", "網上").stdout == f"{talked[1]}  {RATE}\n    {RATE}\n"
    assert rag("conversations", "search", "鲸鱼").stdout == "No conversation has these words.\n"


def test_show(rag: Any, bot: Chatbot, talked: list[str]) -> None:
    told = json.loads(rag("conversations", "show", talked[1], "--json").stdout)
    turns = bot.conversations.turns(talked[1])
    assert told == plain(
        {"conversation": asdict(bot.conversations.get(talked[1])), "turns": [asdict(turn) for turn in turns]}
    )
    shown = rag("conversations", "show", talked[1]).stdout
    assert shown.startswith(f"{RATE}  ({talked[1]}, ")
    assert turns[1].answer is not None
    assert f"\n› {RATE}\n{turns[1].content}\n\nSources\n" in shown
    assert all(citation.quote in shown for citation in turns[1].answer.citations)
    bot.conversations.fail(talked[1], bot.conversations.begin(talked[1], "还有？"), "cancelled\x1b[2J")
    assert rag("conversations", "show", talked[1]).stdout.endswith("\n› 还有？\n  cancelled[2J\n")


def test_rename_and_delete(rag: Any, bot: Chatbot, talked: list[str]) -> None:
    renamed = rag("conversations", "rename", talked[1], "[red]率", "--json")
    assert json.loads(renamed.stdout) == plain(asdict(bot.conversations.get(talked[1])))
    assert json.loads(renamed.stdout)["title"] == "[red]率"
    assert "餐[bold]" in rag("conversations", "rename", "last", "餐[bold]").stdout
    assert json.loads(rag("conversations", "delete", talked[1], "--json").stdout) == {"deleted": talked[1]}
    assert rag("conversations", "delete", "last").stdout == f"deleted {talked[0]}  餐[bold]\n"
    assert bot.conversations.recent() == []


def test_export(rag: Any, bot: Chatbot, talked: list[str], tmp_path: Path) -> None:
    assert rag("conversations", "export", talked[1]).stdout == bot.export(talked[1])
    told = rag("conversations", "export", talked[1], "--json").stdout
    assert json.loads(told) == json.loads(bot.export(talked[1], markdown=False))
    assert rag("conversations", "export", talked[1], "--out", "talk.md").stdout == "written talk.md\n"
    assert (tmp_path / "talk.md").read_text(encoding="utf-8") == bot.export(talked[1])
    written = rag("conversations", "export", talked[1], "--out", "talk.json", "--json")
    assert json.loads(written.stdout) == {"written": "talk.json"}
    assert json.loads((tmp_path / "talk.json").read_text(encoding="utf-8")) == json.loads(told)
    failed = rag("conversations", "export", talked[1], "--out", "no/such/talk.md")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: cannot write no/such/talk.md: ")


def test_feedback(rag: Any, bot: Chatbot, talked: list[str], tmp_path: Path) -> None:
    nothing = rag("conversations", "feedback")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "No answer has been rated yet.\n")
    assert json.loads(rag("conversations", "feedback", "--json").stdout) == []
    for conversation_id in talked:
        bot.conversations.rate(conversation_id, bot.conversations.turns(conversation_id)[1].id, "up")
    cases = bot.rated_cases()
    assert [case["question"] for case in cases] == [RATE, MEALS]
    told = rag("conversations", "feedback").stdout
    assert [json.loads(line) for line in told.splitlines()] == cases
    assert json.loads(rag("conversations", "feedback", "--json").stdout) == cases
    assert rag("conversations", "feedback", "--out", "cases.jsonl").stdout == "written cases.jsonl\n"
    assert (tmp_path / "cases.jsonl").read_text(encoding="utf-8") == told
    failed = rag("conversations", "feedback", "--out", "no/such/cases.jsonl")
    assert failed.stderr.startswith("error: cannot write no/such/cases.jsonl: ")


@pytest.mark.parametrize("command", ["show", "rename", "delete", "export"])
def test_a_conversation_that_is_not_there(rag: Any, command: str) -> None:
    arguments = ["conversations", command, "zz", *(["x"] if command == "rename" else [])]
    message = "there is no conversation 'zz'. `rag conversations list` names them."
    told = rag(*arguments)
    assert (told.exit_code, told.stdout, told.stderr) == (1, "", f"error: {message}\n")
    document = rag(*arguments, "--json")
    assert json.loads(document.stdout) == {"error": {"type": "ConversationNotFoundError", "message": message}}
