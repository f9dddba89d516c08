"""Bad input to the real command: a message that names value and next step, exit code 1, no traceback, no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.corpus.formats.registry import SAVE_AS
from rag.index.bundled_model import MODEL_FILE, model_folder
from rag.schema import VerifyReport
from tests.conftest import copy_home

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def rag(command_environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command in an empty folder, without RAG_HOME."""
    here = tmp_path / "here"
    here.mkdir()

    def run(*arguments: str | bytes, home: Path | None, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in command_environment.items() if name != "RAG_HOME"}
        environment |= {"RAG_HOME": str(home)} if home else {}
        done = subprocess.run(
            [sys.executable, "-m", "rag.cli", *arguments],
            cwd=here,
            env=environment | settings,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def indexed(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chatbot]:
    """The two small documents in a home that the commands below try to spoil."""
    home = tmp_path_factory.mktemp("bad_input") / "home"
    bot = Chatbot.open(Settings(home=copy_home(library, home)))
    yield bot
    bot.close()


@pytest.fixture
def home(indexed: Chatbot) -> Iterator[Path]:
    """The home of ``indexed``; whatever the test did, all that was in it must still be there and answer."""
    before = indexed.documents()
    assert len(before) == 2
    yield indexed.settings.state
    assert indexed.documents() == before
    assert indexed.verify() == VerifyReport(2, sum(info.chunks for info in before))
    assert "98%" in indexed.ask(QUESTION).text


def failed(done: subprocess.CompletedProcess[str]) -> str:
    """The one message of a command that failed."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    return done.stderr


def test_a_path_that_is_not_there(rag: Run, home: Path, tmp_path: Path) -> None:
    told = failed(rag("ingest", str(tmp_path / "missing"), home=home))
    assert told == f"error: no such file or folder: {tmp_path / 'missing'}. Check the path; nothing was changed.\n"


def test_a_folder_without_documents(rag: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "scan.jpg").write_bytes(b"\xff\xd8\xff")
    told = failed(rag("ingest", str(tmp_path / "papers"), home=home))
    assert told.startswith(f"error: no document in the folder {tmp_path / 'papers'} (those are read: {SAVE_AS}).")


def test_files_that_are_no_text(rag: Run, home: Path, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "zero.txt").write_bytes(b"")
    (papers / "blank.md").write_bytes(b" \r\n\t")
    (papers / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20)
    (papers / "french.txt").write_bytes("Arrêté du préfet relatif à l'été, publié à Orléans. ".encode("latin-1") * 20)
    (papers / "broken.txt").write_bytes("温州市推进市域治理现代化".encode() + b"\xff\xfe\x80")
    with (papers / "line.txt").open("wb") as file:
        for _ in range(50):
            file.write(b"a" * 1_000_000)
    (tmp_path / "report.dwg").write_bytes(b"AC1032")
    done = rag("ingest", str(papers), str(tmp_path / "report.dwg"), "--json", home=home)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert {kind: names for kind, names in report.items() if names and kind != "failed"} == {}
    reasons = {Path(failure["path"]).name: failure["reason"] for failure in report["failed"]}
    next_steps = {
        "zero.txt": "zero.txt is empty (0 bytes). Remove it, or save its text again.",
        "blank.md": "blank.md is empty (4 bytes). Remove it, or save its text again.",
        "line.txt": "line.txt has 50.0 MB, more than the limit of 20 MB. Split it, or raise RAG_MAX_FILE_MB.",
        "report.dwg": f"report.dwg: cannot read .dwg; save it as {SAVE_AS}.",
    }
    assert reasons.keys() == {*next_steps, "image.txt", "french.txt", "broken.txt"}
    assert {name: reasons[name] for name in next_steps} == next_steps
    assert all(name in reasons[name] for name in reasons)
    assert all("Save it as UTF-8" in reasons[name] for name in ("french.txt", "broken.txt"))


def test_a_limit_of_the_users_own(rag: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("白沙区河道办法" * 500, encoding="utf-8")
    done = rag("ingest", str(tmp_path / "long.txt"), home=home, RAG_MAX_FILE_MB="0.01")
    assert done.returncode == 1
    assert "long.txt has 0.0 MB, more than the limit of 0.01 MB. Split it" in " ".join(done.stdout.split())


def test_a_home_that_cannot_be_written(rag: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    (tmp_path / "a.txt").write_text("第一条 每周巡查河道两次。", encoding="utf-8")
    for arguments in (("ingest", str(tmp_path / "a.txt")), ("ask", QUESTION)):
        told = failed(rag(*arguments, home=tmp_path / "file"))
        assert str(tmp_path / "file") in told
        assert "Set RAG_HOME to another one." in told
    assert (tmp_path / "file").read_text("utf-8") == "no folder"


def test_a_damaged_model(rag: Run, home: Path, tmp_path: Path) -> None:
    own = copy_home(home, tmp_path / "own", models=True)
    model = model_folder(own) / MODEL_FILE
    os.truncate(model, 1000)
    told = failed(rag("ask", QUESTION, home=own))
    assert told.startswith(f"error: the embedding model's file {model} is damaged")
    assert told.endswith(f"Delete {model.parent}; the next use builds it anew.\n")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "error: the question is empty. Ask something.\n"),
        (b"\xe6\xb8\xa9\xff", "error: the question holds a broken character, '\\udcff'. Type it again.\n"),
        (
            "长" * 10_000,
            "error: the question has 10000 characters, more than 1000. Shorten it, or raise RAG_MAX_QUESTION_CHARS.\n",
        ),
    ],
)
def test_questions_that_are_none(rag: Run, home: Path, question: str | bytes, message: str) -> None:
    assert failed(rag("ask", question, home=home)) == message


def test_asking_before_ingest(rag: Run, tmp_path: Path) -> None:
    told = failed(rag("ask", QUESTION, home=tmp_path / "new"))
    assert told == f"error: nothing has been ingested into {tmp_path / 'new'} yet. Run `rag ingest PATH` first.\n"


def test_an_index_of_another_chunk_size(rag: Run, home: Path) -> None:
    told = failed(rag("ask", QUESTION, home=home, RAG_CHUNK_CHARS="80"))
    assert "the index was built with chunk_chars 300, now 80. Run `rag verify --repair`" in told


def test_settings_that_are_none(rag: Run, home: Path) -> None:
    told = failed(rag("documents", home=home, RAG_CHUNK_CHAR="80"))
    assert told == "error: unknown setting RAG_CHUNK_CHAR in the environment. Did you mean RAG_CHUNK_CHARS?\n"


@pytest.mark.parametrize("arguments", [("fly",), ("ask",), ("ask", "--loud", QUESTION)])
def test_wrong_usage(rag: Run, home: Path, arguments: tuple[str, ...]) -> None:
    done = rag(*arguments, home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: rag ")


def test_what_the_seeds_cover_adds_up(rag: Run, seeds_home: Path) -> None:
    done = rag("documents", "--json", home=seeds_home)
    documents = json.loads(done.stdout)
    assert (done.returncode, len(documents)) == (0, 5)
    for each in documents:
        assert each["chunk_characters"] > 0
        assert each["furniture_characters"] > 0
        assert each["chunk_characters"] + each["furniture_characters"] == each["characters"]
