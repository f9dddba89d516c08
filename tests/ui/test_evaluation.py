from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from evals.datasets import Evidence
from evals.results import Report, Retrieved
from rag import Chatbot, Settings
from rag.schema import AnswerEvent
from tests.conftest import copy_home
from tests.evals.reports import report, row
from ui.calls import Visit, answer
from ui.evaluation.command import environment
from ui.evaluation.handlers import handlers
from ui.evaluation.routes import report_route
from ui.evaluation.words import EN, HANS
from ui.signin import Visitor
from ui.words import HANS as SHARED

RATE = {
    "id": "rate",
    "type": "fact",
    "question": "到2025年网上可办率要达到多少？",
    "answerable": True,
    "answer": "98%",
    "answer_keys": ["98%"],
    "evidence": [{"source": "数字政府.txt", "quote": "网上可办率达到98%"}],
}
WRONG = {**RATE, "id": "wrong", "answer": "一百", "answer_keys": ["一百"]}
WHALES = {"id": "whales", "type": "unanswerable", "question": "鲸鱼怎样在深海里睡觉？", "answerable": False}
ADMINS_ONLY = {"error": SHARED.admins_only}
Call = Callable[..., Any]


@pytest.fixture
def own(library: Path, tmp_path: Path) -> Path:
    """A copy of the library that a run may write to."""
    return copy_home(library, tmp_path / "rag-home")


@pytest.fixture
def bot(own: Path, command_environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Chatbot:
    """A chatbot on it, whose runs have the network guard inside them."""
    for name in ("PYTHONPATH", "NETWORK_GUARD_LOG"):
        monkeypatch.setenv(name, command_environment[name])
    return Chatbot.open(Settings.load(home=own, k=3, reader=False))


@pytest.fixture
def call(bot: Chatbot) -> Call:
    """Calls a handler as the browser does; what comes back is its result, or the whole answer for an error."""
    known = handlers(bot)

    def called(name: str, /, *, admin: bool = True, **arguments: object) -> Any:
        found = answer(known, Visit(bot, None, admin, "hans"), f"evaluation.{name}", arguments)
        return found.get("result", found)

    return called


def write_cases(home: Path, *cases: Mapping[str, Any], name: str = "mine.jsonl") -> None:
    folder = home / "evals" / "cases"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")


def ended(call: Call) -> dict[str, Any]:
    """The first state without a run."""
    while (state := call("state"))["running"]:
        time.sleep(0.05)
    return dict(state)


def files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "evals").iterdir() if path.name != "cases")


def keep(home: Path, name: str, kept: Report) -> None:
    kept.to_json(home / "evals" / f"{name}.json")


def test_a_run_is_started_watched_and_read(call: Call, own: Path) -> None:
    write_cases(own, RATE, WRONG, WHALES, WHALES | {"id": "left out"})
    assert "mine&#46;jsonl" in call("view")
    assert call("start", cases="mine.jsonl", limit=3) is True
    assert HANS.cancel in call("view")
    assert "progressbar" in call("state")["html"]
    assert ended(call) == {"running": False, "ended": "finished"}

    name = next(file for file in files(own) if file.endswith(".json")).removesuffix(".json")
    assert files(own) == [f"{name}.html", f"{name}.json"]
    assert f"#/evaluation/{name}".replace("#", "&#35;").replace("/", "&#47;").replace("-", "&#45;") in call("view")
    made = Report.from_json(own / "evals" / f"{name}.json")
    assert [each.id for each in made.rows] == ["rate", "wrong", "whales"]
    assert (made.settings["k"], made.settings["reader"]) == (3, False)
    shown = call("run", name=name)
    assert (HANS.outcomes["wrong"] in shown, HANS.outcomes["answered"] in shown) == (True, False)
    assert "一百" in shown


def test_a_cancelled_run_leaves_nothing_and_another_may_follow(call: Call, own: Path) -> None:
    write_cases(own, *({**RATE, "id": str(number)} for number in range(500)))
    call("start", cases="mine.jsonl", limit=None)
    second = call("start", cases="mine.jsonl", limit=None)
    assert second == {"error": "a run is under way already. Wait for it, or cancel it."}
    while "第 " not in call("state")["html"]:
        time.sleep(0.05)
    assert call("cancel") is True
    assert HANS.cancelling in call("state")["html"]
    assert ended(call) == {"running": False, "ended": "cancelled"}
    assert files(own) == []
    assert (call("start", cases="mine.jsonl", limit=None), call("cancel")) == (True, True)
    assert ended(call) == {"running": False, "ended": "cancelled"}
    assert files(own) == []


def test_a_run_that_fails_says_why_on_the_page(call: Call, own: Path) -> None:
    write_cases(own, RATE | {"evidence": [{"source": "<b>.txt", "quote": "x"}]})
    call("start", cases="mine.jsonl", limit=None)
    assert ended(call) == {"running": False, "ended": "failed"}
    shown = call("view")
    assert "mine&#46;jsonl&#44; line 1&#58; field" in shown
    assert "&#60;b&#62;&#46;txt" in shown
    assert HANS.broke.partition("：")[0] not in call("view", admin=False)
    assert files(own) == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for the process in /proc")
def test_a_run_ends_with_the_server(bot: Chatbot, own: Path, tmp_path: Path) -> None:
    write_cases(own, *({**RATE, "id": str(number)} for number in range(2000)))
    server = """
import os, sys, time
from pathlib import Path
from rag import Settings
from ui.evaluation.runs import Runs
home, out, runs = Path(sys.argv[1]), Path(sys.argv[2]), Runs()
cases = home / "evals" / "cases" / "mine.jsonl"
runs.start(Settings.load(home=home, reader=False), out, cases="mine", arguments=[cases])
while runs.progress is not None and runs.progress.done == 0:
    time.sleep(0.05)
print(runs.ended, flush=True)
os._exit(1)  # without a word to anybody, as if it were killed
"""
    out = tmp_path / "report-of-this-test.json"
    surroundings = environment(Settings())
    done = subprocess.run(
        [sys.executable, "-c", server, own, out], env=surroundings, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "None\n")
    while running(str(out)):
        time.sleep(0.05)
    assert not out.exists()


def running(argument: str) -> bool:
    """Whether a process has ``argument`` on its command line."""
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if argument in each.read_text("utf-8", errors="replace"):
                return True
        except OSError:  # it has ended meanwhile
            continue
    return False


def test_the_process_reads_the_settings_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    llm = {"model": "openai:x", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-秘密", "fallback": True}
    settings = Settings.load(home=tmp_path, k=5, reader=False, strictness="strict", min_confidence=0.25, llm=llm)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    read = Settings.load()
    assert read.model_dump() == settings.model_dump()
    assert read.llm.api_key is not None
    assert read.llm.api_key.get_secret_value() == "sk-秘密"


@pytest.mark.parametrize("name", ["../settings.toml", "/etc/passwd", "absent.jsonl", "report.json"])
def test_only_listed_cases_are_run(call: Call, own: Path, name: str) -> None:
    write_cases(own, RATE)
    keep(own, "report", report([row("1")]))
    assert call("start", cases=name, limit=None)["error"].startswith(f"there are no cases {name!r} in ")


@pytest.mark.parametrize("name", ["../evals/a", "a.json", "absent", ""])
def test_only_listed_runs_are_shown_and_deleted(call: Call, own: Path, name: str) -> None:
    keep(own, "a", report([row("1")]))
    message = {"error": f"there is no run {name!r} any more. Reload the page."}
    assert (call("run", name=name), call("delete", name=name)) == (message, message)
    assert files(own) == ["a.json"]


def test_a_file_that_is_no_report_is_passed_over(call: Call, own: Path) -> None:
    keep(own, "a", report([row("1")]))
    (own / "evals" / "bench.json").write_text('{"runs": []}', encoding="utf-8")
    assert "bench" not in call("view")
    assert "bench is no report that this version reads" in call("run", name="bench")["error"]


def test_a_deleted_run_takes_its_page_along(call: Call, own: Path) -> None:
    keep(own, "a", report([row("1")]))
    keep(own, "b", report([row("1")]))
    for name in ("a.html", "a.json.rows.jsonl"):
        (own / "evals" / name).write_text("", encoding="utf-8")
    assert call("delete", name="a") is True
    assert files(own) == ["b.json"]


def test_two_runs_are_compared_as_rag_eval_does(call: Call, own: Path) -> None:
    names = [str(number) for number in range(12)]
    lost = {"correct": 0.0, "recall@5": 1.0, "ms_total": 40.0}
    keep(own, "old", report([row(name) for name in names]))
    keep(own, "new", report([row(name, lost) for name in names], settings={"k": 2, "min_confidence": 0.5}))
    shown = call("compare", base="old", new="new")
    assert HANS.shared.format(count=12) in shown
    assert f"<h3>{HANS.worse}</h3><p>{HANS.metrics['correct']}</p>" in shown
    assert "−100" in shown
    assert f"{HANS.newly_broken} 12" in shown
    assert "k&#58; 8 → 2" in shown
    assert f"<h3>{HANS.improved}</h3>" in call("compare", base="new", new="old")
    assert f'<p class="pr-notice">{HANS.no_change}' in call("compare", base="old", new="old")


def test_runs_that_share_no_case_say_so(call: Call, own: Path) -> None:
    keep(own, "old", report([row("1")]))
    keep(own, "new", report([row("2")]))
    assert "the reports share no case" in call("compare", base="old", new="new")


def test_evidence_opens_where_it_stands(call: Call, own: Path, bot: Chatbot) -> None:
    text = bot.document("老年助餐.txt").text
    quotes = ("年滿八十周歲", "年满八十周岁", "不在里面")
    hit = Retrieved("老年助餐.txt", "", 10, 30, 1.0, {}, True, "")
    evidence = (*(Evidence("老年助餐.txt", quote) for quote in quotes), Evidence("absent.txt", "x"))
    keep(own, "a", report([row("1", evidence=evidence, retrieved=(hit,)), row("2", evidence=evidence, retrieved=())]))
    place = {"source": "老年助餐.txt", "start": text.find(quotes[0]), "end": text.find(quotes[0]) + 6}
    assert call("place", name="a", row=0, number=0) == place
    assert call("place", name="a", row=0, number=1) == {"source": "老年助餐.txt", "start": 10, "end": 30}
    assert call("place", name="a", row=1, number=1) == {"source": "老年助餐.txt", "start": 0, "end": 0}
    assert "absent.txt is not in the library any more" in call("place", name="a", row=0, number=3)["error"]
    assert "there is no evidence 4 of case 0" in call("place", name="a", row=0, number=4)["error"]
    assert "there is no evidence 0 of case 2" in call("place", name="a", row=2, number=0)["error"]


def test_others_may_read_and_not_change(call: Call, own: Path) -> None:
    keep(own, "a", report([row("1")]))
    write_cases(own, RATE)
    shown = call("view", admin=False)
    assert ("evaluation.delete" in shown, "evaluation.start" in shown, str(own) in shown) == (False, False, False)
    assert "hand&#46;jsonl" in call("run", admin=False, name="a")
    for name, arguments in (
        ("start", {"cases": "mine.jsonl", "limit": None}),
        ("cancel", {}),
        ("delete", {"name": "a"}),
        ("feedback", {}),
    ):
        assert call(name, admin=False, **arguments) == ADMINS_ONLY
    assert files(own) == ["a.json"]


def test_a_run_on_what_users_asked_is_for_administrators(call: Call, own: Path) -> None:
    keep(own, "a", report([row("1")], cases="feedback.jsonl"))
    assert "feedback&#46;jsonl" in call("run", name="a")
    assert "feedback&#46;jsonl" not in call("view", admin=False)
    for name, arguments in (
        ("run", {"name": "a"}),
        ("compare", {"base": "a", "new": "a"}),
        ("place", {"name": "a", "row": 0, "number": 0}),
    ):
        assert call(name, admin=False, **arguments) == ADMINS_ONLY


def test_praise_becomes_cases_that_can_be_run(call: Call, own: Path, bot: Chatbot) -> None:
    assert call("feedback") == HANS.feedback_none
    assert not (own / "evals").exists()
    for rating in ("up", "down"):
        mine = bot.conversations.of("lin")
        conversation = mine.create().id
        events = list(bot.converse(conversation, str(RATE["question"]), owner="lin"))
        assert isinstance(events[-1], AnswerEvent)
        mine.rate(conversation, mine.turns(conversation)[-1].id, rating, "")
    said = f"{HANS.feedback_written.format(count=1)} {HANS.drafts.format(count=1)}"
    assert call("feedback") == said
    call("start", cases="feedback.jsonl", limit=None)
    assert ended(call)["ended"] == "finished"
    (name,) = [file for file in files(own) if file.endswith(".json")]
    (asked,) = Report.from_json(own / "evals" / name).rows
    assert (asked.question, asked.scores["citation_recall"]) == (RATE["question"], 1.0)


def test_without_documents_the_page_says_what_comes_first(home: Path) -> None:
    empty = Chatbot.open(Settings.load(home=home))
    known = handlers(empty)
    shown = {
        admin: answer(known, Visit(empty, None, admin, "en"), "evaluation.view", {})["result"]
        for admin in (True, False)
    }
    assert ("#/library" in str(shown[True]), "evaluation.start" in str(shown[True])) == (True, False)
    assert EN.nothing.partition(",")[0] in str(shown[False])


@pytest.fixture
def browser(bot: Chatbot) -> Callable[..., TestClient]:
    """What asks for the page of a run, as an administrator or not."""

    def made(*, admin: bool) -> TestClient:
        app = Starlette(routes=[report_route(bot)])

        async def known(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("state", {})["visitor"] = Visitor("lin", admin)
            await app(scope, receive, send)

        return TestClient(known)

    return made


def test_the_whole_report_is_a_page_that_is_walled_in(browser: Callable[..., TestClient], own: Path) -> None:
    keep(own, "一 #1", report([row("1", question="<script>alert(1)</script>", scores={"correct": 0.0})]))
    found = browser(admin=False).get("/evaluations/%E4%B8%80%20%231.html")
    assert (found.status_code, found.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = found.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "sandbox allow-scripts", "frame-ancestors 'self'"} <= set(policy)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in found.text
    assert files(own) == ["一 #1.html", "一 #1.json"]


def test_a_page_that_is_older_than_its_report_is_made_again(browser: Callable[..., TestClient], own: Path) -> None:
    keep(own, "a", report([row("1")]))
    page = own / "evals" / "a.html"
    page.write_text("old", encoding="utf-8")
    assert browser(admin=True).get("/evaluations/a.html").text == "old"
    keep(own, "a", report([row("1")], cases="later.jsonl"))
    assert "later.jsonl" in browser(admin=True).get("/evaluations/a.html").text


@pytest.mark.parametrize("path", ["a.json", "absent.html", "..%2Fa.html", "a"])
def test_nothing_else_is_served(browser: Callable[..., TestClient], own: Path, path: str) -> None:
    keep(own, "a", report([row("1")]))
    assert browser(admin=True).get(f"/evaluations/{path}").status_code == 404


def test_the_page_of_a_run_on_what_users_asked_is_for_administrators(
    browser: Callable[..., TestClient], own: Path
) -> None:
    keep(own, "a", report([row("1")], cases="feedback.jsonl"))
    assert browser(admin=False).get("/evaluations/a.html").status_code == 403
    assert browser(admin=True).get("/evaluations/a.html").status_code == 200
