"""Visits to a library of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from tests.conftest import copy_home
from ui.calls import Visit

RATE = "到2025年政务服务事项网上可办率要达到多少？"
WHALES = "鲸鱼怎样在深海里睡觉？"


@pytest.fixture(scope="module")
def visit(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A visit of the person at this computer to a copy of the small library."""
    bot = Chatbot.open(Settings(home=copy_home(library, tmp_path_factory.mktemp("visit") / "home")))
    yield Visit(bot, None, True, "hans")
    bot.close()
