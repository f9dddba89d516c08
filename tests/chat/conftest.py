from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.chat.database import Database
from rag.chat.sessions import Conversations
from tests.conftest import copy_home


@pytest.fixture
def home(library: Path, tmp_path: Path) -> Path:
    """A home of the test's own, with the two small documents."""
    return copy_home(library, tmp_path / "home")


@pytest.fixture
def bot(home: Path) -> Iterator[Chatbot]:
    bot = Chatbot.open(Settings(home=home))
    yield bot
    bot.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'conversations.db'}"
    found: str = request.getfixturevalue("empty_postgres")
    return found


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Conversations]:
    """The conversations in an empty database of either kind."""
    conversations = Conversations(Database(tmp_path / "unused.db", url=url))
    yield conversations
    conversations.close()
