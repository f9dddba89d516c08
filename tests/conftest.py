from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import network_guard
import pytest
from filelock import FileLock

from rag import Chatbot, Settings
from rag.index.bundled_model import ensure_model, model_folder
from rag.reader.export import ensure_reader, reader_folder
from rag.schema import IngestReport
from tests.postgres import empty_postgres, postgres

__all__ = ["empty_postgres", "postgres"]  # fixtures of every test

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

SMALL_DOCUMENTS = {
    "数字政府.txt": """青山市人民政府关于印发数字政府建设方案的通知
青政发〔2021〕7号
各区人民政府：
一、总体目标
到2025年，全市政务服务事项网上可办率达到98%，群众办事平均跑动次数降到0.3次以下。
二、重点任务
（一）建设统一的政务云平台。2022年底前完成各部门系统迁移，由市大数据局负责。
（二）推进“一网通办”。推动不动产登记、公积金提取等高频事项全程网办，由市政务服务局负责。
青山市人民政府
2021年3月5日
""",
    "老年助餐.txt": """臨水縣老年助餐服務辦法
第一條 為了方便老年人用餐，制定本辦法。
第二條 本縣年滿六十周歲的老年人可以到助餐點用餐。
第三條 年滿八十周歲的老年人每餐補助五元，由縣民政局按月發放。
""",
}


@pytest.fixture(autouse=True)
def outgoing() -> Iterator[list[str]]:
    """The hosts a test tried to reach; one left in the list fails it, even where the error was swallowed."""
    network_guard.attempts.clear()
    yield network_guard.attempts
    assert network_guard.attempts == []


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see the defaults, whatever ``RAG_*`` the shell or make exports."""
    for name in [name for name in os.environ if name.upper().startswith("RAG_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module", autouse=True)
def chatbots_of_the_module_are_gone() -> Iterator[None]:
    """A chatbot is held in cycles of few objects and much memory, for which Python alone would not come soon."""
    yield
    gc.collect()


@pytest.fixture
def command_environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """``guarded``, in a folder of the test's own."""
    with guarded(tmp_path) as environment:
        yield environment


@contextmanager
def guarded(folder: Path) -> Iterator[dict[str, str]]:
    """Environment for a command that a test starts: its own home in ``folder``, the checkout, and the network guard."""
    home, log = folder / "user", folder / "network.log"
    home.mkdir()
    yield {
        **{name: value for name, value in os.environ.items() if not name.upper().startswith("RAG_")},
        "HOME": str(home),
        "RAG_HOME": str(home / "rag"),
        "RAG_INGEST__NICE": "1",  # other tests run beside it, and none should wait for all of them
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT / 'tests' / 'guard'}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NETWORK_GUARD_LOG": str(log),
    }
    assert not log.exists(), f"the command tried to reach {log.read_text(encoding='utf-8').split()}"


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the bundled models are built, and nothing else."""
    home = tmp_path_factory.mktemp("model_home")
    ensure_model(model_folder(home))
    ensure_reader(reader_folder(home))
    return home


@pytest.fixture
def home(model_home: Path, tmp_path: Path) -> Path:
    """A home of the test's own, with no document in it; the built model is shared and must not be changed."""
    return _new_home(tmp_path / "home", model_home)


@pytest.fixture(scope="session")
def library(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with the built model and two small documents; a test that changes anything in it copies it first."""
    bot = bot_on(SMALL_DOCUMENTS, tmp_path_factory.mktemp("library"), model_home)
    yield bot.settings.state
    assert [each.source for each in bot.documents()] == sorted(SMALL_DOCUMENTS)
    assert bot.conversations.recent() == []


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder of the test's own with the two small documents."""
    return write_documents(SMALL_DOCUMENTS, tmp_path / "papers")


@pytest.fixture(scope="session")
def seeds_home(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the five seed documents; no test changes anything in it, so that all processes of a run share it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "seeds"
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "complete").exists():
            folder.mkdir()
            bot = Chatbot.open(Settings(home=_new_home(folder / "home", model_home)))
            report = bot.ingest([SEEDS])
            assert report == IngestReport(added=tuple(sorted(path.name for path in SEEDS.glob("*.txt"))))
            bot.close()
            (folder / "complete").touch()
    return folder / "home"


@pytest.fixture(scope="session")
def seeds_bot(seeds_home: Path) -> Chatbot:
    """A chatbot on the five seed documents, to be asked and not to be changed."""
    return Chatbot.open(Settings(home=seeds_home))


def bot_on(documents: Mapping[str, str], folder: Path, model_home: Path) -> Chatbot:
    """A chatbot on ``documents`` (texts by file name), which it has ingested; files and home are in ``folder``."""
    bot = Chatbot.open(Settings(home=_new_home(folder / "home", model_home)))
    report = bot.ingest([write_documents(documents, folder / "documents")])
    assert report == IngestReport(added=tuple(sorted(documents)))
    return bot


def write_documents(documents: Mapping[str, str], folder: Path) -> Path:
    """The new ``folder`` with ``documents`` (texts by file name) in it."""
    folder.mkdir()
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def copy_home(home: Path, to: Path, *, models: bool = False) -> Path:
    """A copy of ``home`` at ``to``, made by another process; the built models stay shared unless ``models``.

    A process that opens and closes a SQLite file by itself drops the locks that its own connections hold on it, and
    others may then take away the log that these are still writing.
    """
    subprocess.run(["cp", "-RL" if models else "-RP", home, to], check=True)
    return to


def _new_home(home: Path, model_home: Path) -> Path:
    home.mkdir()
    (home / "models").symlink_to(model_home / "models")
    return home
