from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.index.bundled_model import MODEL_FILE, model_folder
from rag.reader.export import reader_folder
from ui.preparing import Preparing


def wait_until_ready(preparing: Preparing) -> None:
    end = time.monotonic() + 120
    while not preparing.ready():
        assert time.monotonic() < end, "still not ready"
        time.sleep(0.05)


def test_whoever_asks_starts_it_once_and_it_comes_to_an_end(library: Path) -> None:
    bot = Chatbot.open(Settings(home=library))
    preparing = Preparing(bot)
    assert not preparing.ready()
    wait_until_ready(preparing)
    assert preparing.ready()
    bot.close()


def test_a_new_home_has_its_model_built(tmp_path: Path) -> None:
    bot = Chatbot.open(Settings(home=tmp_path / "new"))
    wait_until_ready(Preparing(bot))
    assert (model_folder(tmp_path / "new") / MODEL_FILE).is_file()
    assert not reader_folder(tmp_path / "new").exists()  # nothing to read yet
    bot.close()


def test_what_cannot_be_prepared_does_not_keep_the_page_away(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    bot = Chatbot.open(Settings(home=library, chunk_chars=80))
    wait_until_ready(Preparing(bot))
    assert "not prepared: " in caplog.text
    assert "chunk_chars" in caplog.text
    bot.close()
