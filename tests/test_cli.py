from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rag import Chatbot, Filter, Settings, __version__
from rag.cli import app
from rag.index.bundled_model import MODEL_FILE, model_folder
from tests.conftest import copy_home

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
OFF_TOPIC = "鲸鱼怎样在深海里睡觉？"


@pytest.fixture(scope="module")
def library(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: what is chatted here stays in it."""
    return copy_home(library, tmp_path_factory.mktemp("chatted") / "home")


@pytest.fixture
def rag(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command in this process on the shared library, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAG_INGEST__NICE", "0")  # the process is that of the tests

    def run(*arguments: str, home: Path = library, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--home", str(home), *arguments], input=typed)

    return run


@pytest.fixture
def own(library: Path, tmp_path: Path) -> Path:
    """A copy of the library that a test may change."""
    return copy_home(library, tmp_path / "own", models=True)


@pytest.fixture
def bot(library: Path) -> Chatbot:
    return Chatbot.open(Settings.load(home=library))


def plain(value: Any) -> Any:
    """``value`` as JSON gives it back, without what differs from run to run."""
    decoded = json.loads(json.dumps(value))
    if isinstance(decoded, dict):
        decoded.pop("timings", None)
    return decoded


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"policy-rag {__version__}\n")


@pytest.mark.parametrize(
    "arguments", [[], ["ask"], ["ingest"], ["remove"], ["search", "-k", "0", "x"], ["ui", "--port", "70000"], ["fly"]]
)
def test_wrong_usage_exits_2_with_nothing_but_a_hint(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stdout + result.stderr


def test_ask_as_json_is_the_answer_itself(rag: Any, bot: Chatbot) -> None:
    result = rag("ask", "--json", QUESTION)
    assert (result.exit_code, result.stderr) == (0, "")
    assert plain(json.loads(result.stdout)) == plain(asdict(bot.ask(QUESTION)))
    assert QUESTION in result.stdout


def test_ask_prints_the_answer_and_its_sources(rag: Any, bot: Chatbot) -> None:
    answer = bot.ask(QUESTION)
    result = rag("ask", QUESTION)
    assert result.exit_code == 0
    assert result.stdout.startswith(answer.text + "\n\nSources\n[1] ")
    assert "98%" in answer.text
    for citation in answer.citations:
        assert f"[{citation.number}] {citation.title} › {citation.section}\n" in result.stdout
        assert all(line.strip() in result.stdout for line in citation.quote.splitlines())


def test_a_refusal_is_no_error(rag: Any, bot: Chatbot) -> None:
    answer = bot.ask(OFF_TOPIC)
    result = rag("ask", OFF_TOPIC)
    assert answer.refused
    assert result.exit_code == 0
    assert result.stdout.startswith(f"No answer: {answer.reason}\n\nNearest passages\n[1] ")


def test_ask_shows_as_many_passages_as_asked_for(rag: Any) -> None:
    assert len(json.loads(rag("ask", "-k", "2", "--json", QUESTION).stdout)["hits"]) == 2


def test_search_as_json_is_the_list_of_hits(rag: Any, bot: Chatbot) -> None:
    result = rag("search", "-k", "3", "--json", QUESTION)
    assert json.loads(result.stdout) == plain([asdict(hit) for hit in bot.search(QUESTION, k=3)])


@pytest.mark.parametrize(
    ("flags", "where"),
    [
        (["--source", "数字政府.txt", "--source", "老年助餐.txt"], Filter(sources=("数字政府.txt", "老年助餐.txt"))),
        (["--issuer", "青山市人民政府"], Filter(issuer="青山市人民政府")),
        (["--region", "臨水縣"], Filter(region="臨水縣")),
        (["--number", "青政发[2021]7号"], Filter(number="青政发[2021]7号")),
    ],
)
def test_the_flags_of_a_filter(rag: Any, bot: Chatbot, flags: list[str], where: Filter) -> None:
    hits = bot.search(QUESTION, k=3, where=where)
    assert hits
    searched = rag("search", "-k", "3", "--json", *flags, QUESTION)
    assert json.loads(searched.stdout) == plain([asdict(hit) for hit in hits])
    asked = rag("ask", "--json", *flags, QUESTION)
    assert plain(json.loads(asked.stdout)) == plain(asdict(bot.ask(QUESTION, where=where)))
    chatted = rag("chat", "--json", *flags, typed=f"{QUESTION}\n")
    assert [plain(answer) for answer in json.loads(chatted.stdout)] == [plain(asdict(bot.ask(QUESTION, where=where)))]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--since", "2021-02-30"], "since is '2021-02-30', which is no date. Write 2019, 2019-06 or 2019-06-20."),
        (["--since", "2021", "--until", "2020-12"], "since is 2021, after until, 2020-12. Exchange them."),
        (["--as-of", "2022-01-01"], "no document was issued by 2022-01-01: none has a date. Leave as_of away."),
    ],
)
def test_the_flags_of_time(rag: Any, flags: list[str], message: str) -> None:
    result = rag("search", *flags, QUESTION)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"error: {message}\n")


@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_filter_that_fits_nothing_says_so(rag: Any, command: str) -> None:
    result = rag(command, "--issuer", "青出市", QUESTION)
    message = "no document is issued by '青出市'. Did you mean 青山市人民政府?"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"error: {message}\n")
    result = rag(command, "--issuer", "青出市", "--json", QUESTION)
    assert json.loads(result.stdout) == {"error": {"type": "FilterError", "message": message}}


def test_search_prints_passages_best_first(rag: Any, bot: Chatbot) -> None:
    best = bot.search(QUESTION, k=1)[0]
    result = rag("search", "-k", "1", QUESTION)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"[1] {best.title} › {best.section}\n    {best.text.splitlines()[0].strip()}\n")
    assert result.stdout.endswith(f"    {best.source}  score {best.score:.4f}\n")


def test_documents_as_json_count_chunks_and_furniture(rag: Any, bot: Chatbot) -> None:
    listed = json.loads(rag("documents", "--json").stdout)
    assert listed == plain([asdict(info) for info in bot.documents()])
    assert [one["chunk_characters"] + one["furniture_characters"] for one in listed] == [
        one["characters"] for one in listed
    ]


def test_documents_are_listed_with_their_coverage(rag: Any, bot: Chatbot) -> None:
    result = rag("documents")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines() if line.strip()][2:]
    assert [(line[0], line[-1]) for line in lines] == [(info.source, "100%") for info in bot.documents()]


def test_ingest_reports_what_it_did_and_fails_with_the_file_that_failed(own: Path, rag: Any, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "新办法.txt").write_text("新办法\n第一条 为了规范管理，制定本办法。\n", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    first = rag("ingest", str(folder), "--json", home=own)
    assert first.exit_code == 1
    report = json.loads(first.stdout)
    assert {key: report[key] for key in ("added", "updated", "unchanged", "removed")} == {
        "added": ["新办法.txt"],
        "updated": [],
        "unchanged": [],
        "removed": [],
    }
    assert [Path(failure["path"]).name for failure in report["failed"]] == ["empty.txt"]
    (folder / "empty.txt").unlink()
    second = rag("ingest", str(folder), home=own)
    assert second.exit_code == 0
    assert [line.split() for line in second.stdout.splitlines() if "unchanged" in line] == [["unchanged", "1"]]


def test_ingest_prints_the_reason_of_each_failure(own: Path, rag: Any, tmp_path: Path) -> None:
    (tmp_path / "[red]x[bold].txt").write_bytes(b"")
    result = rag("ingest", str(tmp_path / "[red]x[bold].txt"), home=own)
    assert result.exit_code == 1
    assert "✗ " in result.stdout
    assert "[red]x[bold].txt: " in result.stdout


def test_remove_takes_one_document_out(own: Path, rag: Any) -> None:
    result = rag("remove", "数字政府.txt", "--json", home=own)
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"removed": "数字政府.txt"})
    left = json.loads(rag("documents", "--json", home=own).stdout)
    assert [document["source"] for document in left] == ["老年助餐.txt"]


@pytest.mark.parametrize(
    ("arguments", "kind", "named"),
    [
        (["ask", ""], "QuestionError", "empty"),
        (["ask", "长" * 10_000], "QuestionError", "10000"),
        (["search", " "], "QuestionError", "empty"),
        (["remove", "nowhere.txt"], "DocumentNotFoundError", "nowhere.txt"),
        (["ingest", "/no/such/folder"], "DocumentNotFoundError", "/no/such/folder"),
    ],
)
def test_our_errors_are_a_line_or_a_document_and_exit_1(rag: Any, arguments: list[str], kind: str, named: str) -> None:
    told = rag(*arguments)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("error: ")
    assert named in told.stderr
    document = rag(*arguments, "--json")
    assert (document.exit_code, document.stderr) == (1, "")
    assert json.loads(document.stdout) == {"error": {"type": kind, "message": told.stderr[len("error: ") : -1]}}


def test_asking_before_ingest_says_what_to_run(rag: Any, tmp_path: Path) -> None:
    result = rag("ask", QUESTION, home=tmp_path / "new")
    assert result.exit_code == 1
    assert "rag ingest" in result.stderr


def test_debug_shows_where_an_error_comes_from(library: Path) -> None:
    result = CliRunner().invoke(app, ["--debug", "--home", str(library), "ask", ""])
    assert type(result.exception).__name__ == "QuestionError"


def test_settings_come_from_the_file_that_is_named(rag: Any, tmp_path: Path, library: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("k = 1\n", encoding="utf-8")
    assert len(json.loads(rag("--config", str(config), "ask", "--json", QUESTION).stdout)["hits"]) == 1
    missing = rag("--config", str(tmp_path / "none.toml"), "documents")
    assert (missing.exit_code, "none.toml" in missing.stderr) == (1, True)


def test_chat_holds_a_conversation_until_quit(rag: Any, bot: Chatbot) -> None:
    answer = bot.ask(QUESTION)
    result = rag("chat", typed=f"{QUESTION}\n\n/sources\n/quit\n{OFF_TOPIC}\n")
    assert result.exit_code == 0
    assert result.stdout.count(answer.text) == 2
    assert answer.citations[0].quote.splitlines()[0].strip() in result.stdout
    assert "No answer" not in result.stdout


def test_chat_as_json_is_one_list_and_survives_a_bad_question(rag: Any, bot: Chatbot) -> None:
    result = rag("chat", "--json", typed=f"{QUESTION}\n{'长' * 2000}\n")
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)
    assert plain(first) == plain(asdict(bot.ask(QUESTION)))
    assert second["error"]["type"] == "QuestionError"


def test_verify_and_doctor_find_a_sound_library_sound(rag: Any, bot: Chatbot) -> None:
    verified = rag("verify", "--json")
    assert (verified.exit_code, json.loads(verified.stdout)) == (0, plain(asdict(bot.verify())))
    assert "✓" in rag("verify").stdout
    examined = rag("doctor", "--json")
    assert examined.exit_code == 0
    # The free space of the disk may be another one a moment later.
    told, known = (
        [check | {"detail": re.sub(r"\d+ MB free", "", check["detail"])} for check in checks]
        for checks in (json.loads(examined.stdout), plain([asdict(check) for check in bot.doctor()]))
    )
    assert told == known
    assert rag("doctor").stdout.startswith("✓ ")


def test_doctor_says_how_to_get_what_is_missing(rag: Any, tmp_path: Path) -> None:
    result = rag("doctor", home=tmp_path / "new")
    assert result.exit_code == 0
    assert "  → it is built at first use, or now by `rag doctor --build`\n" in result.stdout


def test_doctor_exits_1_when_a_check_fails(rag: Any, own: Path) -> None:
    (model_folder(own) / MODEL_FILE).write_bytes(b"damaged")
    result = rag("doctor", home=own)
    assert result.exit_code == 1
    assert "✗ embedding model: " in result.stdout


def test_ui_names_a_port_that_is_taken(rag: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = rag("ui", "--port", str(port))
    assert result.exit_code == 1
    assert str(port) in result.stderr
    assert "--port" in result.stderr


@pytest.fixture
def command(library: Path, command_environment: dict[str, str], tmp_path: Path) -> list[str]:
    """The command as a process of its own, on the shared library."""
    del command_environment["RAG_HOME"]
    return [sys.executable, "-m", "rag.cli", "--home", str(library)]


def test_output_is_utf8_whatever_the_terminal_claims(command: list[str], command_environment: dict[str, str]) -> None:
    environment = {**command_environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    result = subprocess.run([*command, "documents"], env=environment, capture_output=True, check=True)
    assert "数字政府" in result.stdout.decode("utf-8")


def test_a_reader_that_goes_away_is_no_error(command: list[str], command_environment: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        result = subprocess.run([*command, "documents"], env=command_environment, stdout=pipe, stderr=subprocess.PIPE)
    assert result.stderr == b""


def test_ctrl_c_ends_with_one_line_and_130(command: list[str], command_environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*command, "chat"],
        env=command_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(QUESTION + "\n")
        process.stdin.flush()
        answered = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (answered != "", process.returncode, errors) == (True, 130, "interrupted\n")
