from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evals.corpora import file_names, open_corpus
from evals.datasets import Case, Dataset
from rag import Settings
from rag.errors import EmptyIndexError
from rag.schema import Progress

CASES = (Case("1", "fact", "市花是什么？", True),)
DOCUMENTS = {"花.txt": "青山市的市花是茶花。", "山.txt": "青山市最高的山是云山。"}


def test_file_names_are_safe_and_all_different() -> None:
    assert file_names(["a/b", "A:B", "../..", "温州 1", "a_b-2", ""]) == [
        "a_b.txt",
        "A_B-2.txt",
        "_.txt",
        "温州_1.txt",
        "a_b-2-2.txt",
        "document.txt",
    ]


def test_a_corpus_has_an_index_of_its_own(home: Path) -> None:
    settings, seen = Settings(home=home), list[Progress]()
    bot = open_corpus(Dataset("set", CASES, DOCUMENTS), settings, progress=seen.append)
    assert [info.source for info in bot.documents()] == ["山.txt", "花.txt"]
    assert "茶花" in bot.search("市花是什么？")[0].text
    assert {at.stage for at in seen} == {"reading", "embedding"}
    assert {path.name for path in home.iterdir()} == {"models", "evals"}
    assert (bot.settings.home / "models").resolve() == (home / "models").resolve()


def test_the_index_of_a_corpus_is_used_again(home: Path) -> None:
    settings, data = Settings(home=home), Dataset("set", CASES, DOCUMENTS)
    first = open_corpus(data, settings)
    seen = list[Progress]()
    again = open_corpus(data, settings, progress=seen.append)
    assert again.settings == first.settings
    assert {at.stage for at in seen} == {"reading"}


def test_other_documents_or_other_chunks_have_another_index(home: Path) -> None:
    homes = {
        open_corpus(Dataset("set", CASES, documents), Settings(home=home, chunk_chars=size)).settings.home
        for documents in (DOCUMENTS, {"花.txt": DOCUMENTS["花.txt"]})
        for size in (300, 200)
    }
    assert len(homes) == 4


def test_an_index_of_an_earlier_version_is_mended(home: Path) -> None:
    data, settings = Dataset("set", CASES, DOCUMENTS), Settings(home=home)
    own = open_corpus(data, settings).settings.home
    manifest = own / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(": 300", ": 200"), encoding="utf-8")
    assert len(open_corpus(data, settings).search("市花是什么？")) == 2


def test_cases_without_documents_ask_the_users_index(library: Path) -> None:
    bot = open_corpus(Dataset("set", CASES), Settings(home=library))
    assert (bot.settings.home, len(bot.documents())) == (library, 2)


def test_an_empty_index_of_the_user_says_what_to_do(home: Path) -> None:
    with pytest.raises(EmptyIndexError, match=r"no documents at .*Run `rag ingest`"):
        open_corpus(Dataset("set", CASES), Settings(home=home))


def test_documents_that_were_not_all_written_are_written_again(home: Path) -> None:
    data, settings = Dataset("set", CASES, DOCUMENTS), Settings(home=home)
    folder = open_corpus(data, settings).settings.home.parent
    shutil.move(folder / "documents", folder / "documents.partial")
    (folder / "documents.partial" / "花.txt").write_text("青", encoding="utf-8")
    assert open_corpus(data, settings).document("花.txt").text == DOCUMENTS["花.txt"]
