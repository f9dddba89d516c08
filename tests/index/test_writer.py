"""What a writer embeds and what it need not, and what a reader sees of it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.corpus.document import parse_document
from rag.errors import ModelError, StorageError
from rag.index.store import Index
from rag.index.texts import windows
from rag.index.verify import verify
from rag.index.writer import Writer
from rag.schema import Document
from tests.index.parts import CountingEmbeddings, found_by_text, found_by_word, open_index, put

ARTICLES = tuple(f"第{number}条 第{number}项事务由主管部门办理。" for number in range(1, 13))


def document(source: str = "a.txt", articles: Sequence[str] = ARTICLES, *, title: str | None = "服务办法") -> Document:
    text = "\n".join(articles) + "\n"
    return parse_document(text, source=source, overrides={"title": title} if title else None)


def texts_of(document: Document) -> list[str]:
    return sorted(window.text for chunk in document.chunks for window in windows(chunk, document.metadata))


@pytest.fixture
def index(tmp_path: Path, embeddings: CountingEmbeddings) -> Iterator[Index]:
    """An index with one document, as another process has left it."""
    first = open_index(tmp_path / "home", embeddings)
    put(first, document())
    first.close()
    assert sorted(embeddings.take()) == texts_of(document())
    index = open_index(tmp_path / "home", embeddings)
    yield index
    assert verify(index).problems == ()
    index.close()


def test_of_a_changed_document_only_what_changed_is_embedded(index: Index, embeddings: CountingEmbeddings) -> None:
    before = found_by_text(index)
    put(index, document(articles=[*ARTICLES[:5], "第6条 这一条改过了。", *ARTICLES[6:]]))
    assert embeddings.take() == ["服务办法\n这一条改过了。"]
    assert found_by_text(index) == {*before} - {ARTICLES[5]} | {"第6条 这一条改过了。"}


def test_what_only_moved_within_its_document_is_not_embedded(index: Index, embeddings: CountingEmbeddings) -> None:
    put(index, document(articles=["第0条 这一条是新的。", *reversed(ARTICLES)]))
    assert embeddings.take() == ["服务办法\n这一条是新的。"]


def test_a_copy_elsewhere_is_not_embedded(index: Index, embeddings: CountingEmbeddings) -> None:
    put(index, document("b.txt"))
    put(index, document("c.txt"), document("d.txt"))
    assert embeddings.take() == []
    assert found_by_word(index, "主管部门") == {"a.txt", "b.txt", "c.txt", "d.txt"}


def test_the_next_version_shares_what_it_repeats(index: Index, embeddings: CountingEmbeddings) -> None:
    put(index, document("2024.txt", [*ARTICLES, "第13条 新的一条。"]))
    assert embeddings.take() == ["服务办法\n新的一条。"]


def test_a_copy_without_a_title_is_recognised_as_a_whole(index: Index, embeddings: CountingEmbeddings) -> None:
    plain = document("plain.txt", title=None)
    assert plain.metadata.title is None
    put(index, plain)
    assert sorted(embeddings.take()) == texts_of(plain)
    put(index, document("copy.txt", title=None))
    assert embeddings.take() == []


def test_another_title_is_another_text(index: Index, embeddings: CountingEmbeddings) -> None:
    retitled = document(title="管理办法")
    put(index, retitled)
    assert sorted(embeddings.take()) == texts_of(retitled)
    put(index, document(title="管理办法", articles=ARTICLES[:3]))
    assert embeddings.take() == []


def test_what_an_interrupted_writer_has_embedded_is_of_use(
    index: Index, embeddings: CountingEmbeddings, tmp_path: Path
) -> None:
    lexical = tmp_path / "home" / "lexical"
    lexical.rename(tmp_path / "aside")
    lexical.write_text("the disk fails after the vectors, before the catalogue")
    new = document("new.txt", title="新办法")
    index.close()
    failing = open_index(tmp_path / "home", embeddings)
    with pytest.raises(StorageError):
        put(failing, new)
    failing.close()
    lexical.unlink()
    (tmp_path / "aside").rename(lexical)
    assert sorted(embeddings.take()) == texts_of(new)
    put(index, new)
    assert embeddings.take() == []
    assert found_by_word(index, "主管部门") == {"a.txt", "new.txt"}


def test_what_the_very_first_writer_has_embedded_is_of_use(tmp_path: Path) -> None:
    embeddings = CountingEmbeddings(refuses="坏")
    first = open_index(tmp_path / "home", embeddings)
    many = [f"第{number}条 第{number}项。" for number in range(1, 300)]
    with pytest.raises(ModelError):
        put(first, document("a.txt", many), document("b.txt", ["第1条 坏的。"], title="别的"))
    assert len(embeddings.take()) == len(many)
    first.catalog.remove("a.txt")  # as if it had been killed just before it was made known
    embeddings.refuses = None
    put(first, document("a.txt", many))
    assert embeddings.take() == []
    assert verify(first).problems == ()
    first.close()


def test_until_a_new_title_is_known_the_old_one_is_found_and_nothing_else(
    index: Index, embeddings: CountingEmbeddings, tmp_path: Path
) -> None:
    reader = open_index(tmp_path / "home", embeddings)
    with index.writing():
        # All but the catalogue, as a writer does it that is killed then.
        retitled = document(title="管理规定")
        Writer(index, lambda _: None).add([(chunk, retitled.metadata) for chunk in retitled.chunks])
        known = reader.catalog.chunk_ids()
        assert known.isdisjoint(chunk.chunk_id for chunk in retitled.chunks)
        for key, sources in {"服务": {"a.txt"}, "规定": set()}.items():
            assert found_by_word(reader, key) == sources
        vector = embeddings.embed_query(texts_of(document())[0])
        best, cosine = reader.vectors.search(vector, 1)[0]
        assert best in known
        assert cosine == pytest.approx(1.0)
        assert reader.vectors.ids() > known
    put(index, document(title="管理规定"))
    assert [found_by_word(reader, key) for key in ("服务", "规定")] == [set(), {"a.txt"}]
    reader.close()


def test_a_renamed_document_goes_as_it_comes(index: Index, embeddings: CountingEmbeddings, tmp_path: Path) -> None:
    with index.writing():
        writer = Writer(index, lambda _: None)
        writer.remove("/a.txt")
        writer.remove("/unknown.txt")
        assert found_by_word(index, "主管部门") == {"a.txt"}
        writer.put(document("b.txt"), path="/b.txt", overrides="")
        writer.flush()
    assert (found_by_word(index, "主管部门"), embeddings.take()) == ({"b.txt"}, [])


def test_files_that_exchange_their_paths_lose_nothing(index: Index) -> None:
    put(index, document("b.txt", title="别的办法"))
    with index.writing():
        writer = Writer(index, lambda _: None)
        writer.put(document("a.txt"), path="/b.txt", overrides="")
        writer.put(document("b.txt", title="别的办法"), path="/a.txt", overrides="")
        writer.flush()
    assert {info.source: info.path for info in index.catalog.infos()} == {"a.txt": "/b.txt", "b.txt": "/a.txt"}
    assert found_by_word(index, "主管部门") == {"a.txt", "b.txt"}
