from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from ui import app, shell
from ui.calls import Visit
from ui.words import EN, HANT


@pytest.fixture
def bot(library: Path) -> Iterator[Chatbot]:
    bot = Chatbot.open(Settings(home=library))
    yield bot
    bot.close()


def test_the_frame_comes_with_the_words_and_rights_of_the_visitor(bot: Chatbot) -> None:
    assert app.HANDLERS["page.frame"](Visit(bot, "ann", False, "hant"), {}) == {
        "html": shell.frame("hant", owner="ann"),
        "admin": False,
        "words": asdict(HANT),
    }


def test_the_bar_tells_how_much_there_is(bot: Chatbot) -> None:
    assert app.HANDLERS["page.corpus"](Visit(bot, None, True, "en"), {}) == shell.corpus_line(bot.documents(), EN)


def test_scripts_and_styles_name_no_other_host() -> None:
    folder = Path(app.__file__).parent
    files = [
        *app.STYLE_SHEETS,
        folder / "base.js",
        folder / "start.js",
        *(folder / part / f"{part}.js" for part in app.PARTS),
    ]
    for file in files:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?://|//[\w-]+\.\w|@import|\beval\(|new Function|document\.write", text) == [], file
