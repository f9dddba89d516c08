from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from rag import Chatbot, Settings
from rag.chat.database import Database
from rag.chat.sessions import UNANSWERED, Conversations
from rag.errors import ConfigurationError, IndexMismatchError, StorageError
from rag.index.catalog import Catalog
from tests.chat.parts import ANSWER
from tests.conftest import copy_home

WRITE = """
import sys
from pathlib import Path
from rag.chat.database import Database
from rag.chat.sessions import Conversations
from tests.chat.parts import answer_with

url, conversation_id, name = sys.argv[1:]
store = Conversations(Database(Path("unused.db"), url=url))
print("open", flush=True)
conversation_id = conversation_id or sys.stdin.readline().strip()
for number in range(25):
    turn = store.begin(conversation_id, f"{name}{number}？")
    store.finish(conversation_id, turn, answer_with(f"{name}{number}？"))
store.close()
"""


def start(code: str, *arguments: str, environment: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_two_processes_on_one_new_database_lose_nothing(
    url: str, command_environment: dict[str, str], tmp_path: Path
) -> None:
    del command_environment["RAG_HOME"]
    # Both create the tables, neither knowing of the other, and both write to one conversation.
    writers = [start(WRITE, url, "", name, environment=command_environment, folder=tmp_path) for name in "甲乙"]
    assert [writer.stdout.readline() for writer in writers if writer.stdout] == ["open\n"] * 2
    store = Conversations(Database(tmp_path / "unused.db", url=url))
    conversation = store.create()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(f"{conversation.id}\n")
        writer.stdin.flush()
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [("", 0)] * 2
    turns = store.turns(conversation.id)
    store.close()
    asked = [turn.content for turn in turns if turn.role == "user"]
    assert [turn.content for turn in turns if turn.role == "assistant"] == asked
    for name in "甲乙":
        assert [content for content in asked if content.startswith(name)] == [f"{name}{n}？" for n in range(25)]
    assert len(turns) == 100


ASK = """
import sys
from rag import Chatbot, Settings
from tests.conftest import copy_home
bot = Chatbot.open(Settings(home=sys.argv[1]))
events = bot.converse(sys.argv[2], "到2025年网上可办率要达到多少？")
print(type(next(events)).__name__, flush=True)
sys.stdin.readline()
"""


def test_a_process_that_is_killed_leaves_the_question(
    library: Path, command_environment: dict[str, str], tmp_path: Path
) -> None:
    home = copy_home(library, tmp_path / "home")
    bot = Chatbot.open(Settings(home=home))
    conversation = bot.conversations.create()
    del command_environment["RAG_HOME"]
    process = start(ASK, str(home), conversation.id, environment=command_environment, folder=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "HitsEvent\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    kept = [(turn.role, turn.content, turn.note) for turn in bot.conversations.turns(conversation.id)]
    bot.close()
    assert kept == [("user", "到2025年网上可办率要达到多少？", UNANSWERED)]


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:hidden@127.0.0.1/x",
        "postgresql:/hidden",
        "hidden",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:hidden@127.0.0.1:port/x",
    ],
)
def test_an_address_of_another_kind_is_refused_without_being_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database(tmp_path / "unused.db", url=url)
    assert str(caught.value) == (
        "database.url (RAG_DATABASE__URL) is no address of a PostgreSQL database or an SQLite file. Write "
        "postgresql://user:password@host:5432/name or sqlite:////folder/file.db."
    )
    assert caught.value.__cause__ is None


def test_a_server_that_cannot_be_reached_is_named_without_its_password(postgres: str, tmp_path: Path) -> None:
    for wrong, subject in (
        ("postgresql://tester:hidden@127.0.0.1:1/x", "postgresql://127.0.0.1:1/x"),
        (
            postgres.replace("tester:", "tester:hidden"),
            postgres.replace(postgres.split("@")[0], "postgresql://").replace("//@", "//"),
        ),
    ):
        with pytest.raises(StorageError) as caught:
            Database(tmp_path / "unused.db", url=wrong)
        message = str(caught.value)
        assert message.startswith(f"the conversations in {subject} cannot be used: ")
        assert message.endswith("or set RAG_DATABASE__URL to another database.")
        assert "hidden" not in message


def test_another_format_is_refused(url: str, tmp_path: Path) -> None:
    Database(tmp_path / "unused.db", url=url).close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE conversation_format SET version = 99"))
    engine.dispose()
    with pytest.raises(
        IndexMismatchError, match=r"have the format 99, this version reads 1\. Use the version that wrote"
    ):
        Database(tmp_path / "unused.db", url=url)


def test_a_database_from_before_there_was_feedback_is_given_it(url: str, tmp_path: Path) -> None:
    store = Conversations(Database(tmp_path / "unused.db", url=url))
    conversation = store.create()
    store.finish(conversation.id, store.begin(conversation.id, "问？"), ANSWER)
    before = store.turns(conversation.id)
    store.close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE feedback"))
    again = Conversations(Database(tmp_path / "unused.db", url=url))
    assert again.turns(conversation.id) == before
    again.rate(conversation.id, before[1].id, "up", "好")
    assert [turn.feedback.comment for turn in again.turns(conversation.id) if turn.feedback] == ["好"]
    with engine.connect() as connection:  # the version from before reads it still
        assert connection.execute(text("SELECT version FROM conversation_format")).scalars().all() == [1]
    engine.dispose()
    again.close()


def test_an_unknown_format_is_given_nothing(url: str, tmp_path: Path) -> None:
    Database(tmp_path / "unused.db", url=url).close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE feedback"))
        connection.execute(text("UPDATE conversation_format SET version = 99"))
    with pytest.raises(IndexMismatchError, match="have the format 99"):
        Database(tmp_path / "unused.db", url=url)
    assert not inspect(engine).has_table("feedback")
    engine.dispose()


def test_a_damaged_file_and_a_folder_that_is_a_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"catalog\.db cannot be used: file is not a database\. Check that"):
        Database(tmp_path / "catalog.db")
    with pytest.raises(StorageError, match=r"cannot create the folder .*catalog\.db.*Set RAG_HOME"):
        Database(tmp_path / "catalog.db" / "catalog.db")


@pytest.mark.parametrize("catalogue_first", [True, False])
def test_conversations_share_the_file_of_the_catalogue(tmp_path: Path, catalogue_first: bool) -> None:
    path = tmp_path / "new" / "catalog.db"
    if catalogue_first:
        Catalog(path).close()
    store = Conversations(Database(path))
    conversation = store.create()
    store.finish(conversation.id, store.begin(conversation.id, "问？"), ANSWER)
    catalog = Catalog(path)
    assert (catalog.infos(), catalog.count_chunks()) == ([], 0)
    assert [each.id for each in store.recent()] == [conversation.id]
    catalog.close()
    store.close()
