"""What is read together is of one state, whatever others write meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path

from rag.corpus.document import parse_document
from rag.index.catalog import Catalog
from rag.retrieval.hybrid import HybridRetriever
from rag.schema import Chunk, Document, Metadata
from tests.index.parts import make_document, open_index, put


def test_a_catalogue_at_one_moment_does_not_see_what_is_written_later(open_catalog: Callable[[], Catalog]) -> None:
    mine, other = open_catalog(), open_catalog()
    old, new = make_document(marker="甲"), make_document(marker="乙")
    mine.put(old, path="/a.txt")
    with mine.at_one_moment() as now:
        assert now.text("a.txt") == old.text
        other.put(new, path="/a.txt")
        assert (now.get("a.txt"), now.texts(["a.txt", "b.txt"])) == (old, {"a.txt": old.text})
        assert mine.get("a.txt") == new
        other.remove("a.txt")
        assert now.chunk_ids() == {chunk.chunk_id for chunk in old.chunks}
    assert mine.texts(["a.txt"]) == {}


class Disturbed(Catalog):
    """A catalogue in which something is written whenever passages are about to be read."""

    def __init__(self, path: Path, disturb: Callable[[], None]) -> None:
        super().__init__(path)
        self._disturb = disturb

    def hits_material(self, ids: Iterable[str]) -> dict[str, tuple[Chunk, Metadata]]:
        self._disturb()
        return super().hits_material(ids)


def _version(word: str) -> Document:
    lines = [f"第{number}条 第{number}项事务由{word}部门办理。" for number in range(1, 5)]
    return parse_document("\n".join(lines) + "\n", source="a.txt", overrides={"title": f"{word}部门服务办法"})


def test_a_document_that_is_replaced_again_and_again_is_found_whole_in_one_version(tmp_path: Path) -> None:
    index = open_index(tmp_path / "home")
    versions = [_version(word) for word in ("主管", "民政")]
    following = cycle([versions[1], versions[0]])
    put(index, versions[0])
    index.catalog.close()
    index.catalog = Disturbed(tmp_path / "home" / "catalog.db", lambda: put(index, next(following)))
    retrieved = HybridRetriever(index).retrieve("《主管部门服务办法》第二条说了什么？", 4)
    [found] = [each for each in versions if each.text == retrieved.originals["a.txt"]]
    assert {passage.chunk for passage in retrieved.passages} == set(found.chunks)
    index.close()
