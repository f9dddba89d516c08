from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from rag.corpus.numerals import NUMERAL
from rag.corpus.script import HAN, search_key
from rag.errors import DocumentError, DocumentNotFoundError, IndexMismatchError, ModelError, StorageError
from rag.index.manifest import Manifest
from rag.index.store import Index
from rag.index.texts import windows
from rag.schema import IngestReport, Progress
from tests.index.parts import (
    CountingEmbeddings,
    agree,
    found_by_text,
    found_by_word,
    ingestor,
    open_index,
    sidecar,
    write,
)

URBAN = (
    "关于城市更新的决定\n\n一、总体要求\n坚持规划引领,提升城市化率。\n二、主要任务\n推进老旧小区改造,完善网格管理。\n"
)
RURAL = "关于乡村振兴的意见\n\n一、发展目标\n粮食产量稳定增长。\n二、保障措施\n健全农村金融体系。\n"
MARINE = "關於海洋經濟的方案\n\n一、發展目標\n建設現代漁港。\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "docs", {"urban.txt": URBAN, "sub/rural.txt": RURAL})


def sources(index: Index) -> list[str]:
    return [info.source for info in index.catalog.infos()]


def test_new_files_are_added(index: Index, docs: Path) -> None:
    assert ingestor(index).run([docs]) == IngestReport(added=("sub/rural.txt", "urban.txt"))
    assert found_by_word(index, "网格") == {"urban.txt"}
    assert found_by_word(index, "金融") == {"sub/rural.txt"}
    assert index.catalog.get("urban.txt").text == URBAN
    assert [info.path for info in index.catalog.infos()] == [str(docs / "sub/rural.txt"), str(docs / "urban.txt")]
    assert agree(index)


def test_what_is_embedded_and_stored(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    ingestor(index).run([docs / "urban.txt"])
    document = index.catalog.get("urban.txt")
    found = [window for chunk in document.chunks for window in windows(chunk, document.metadata)]
    assert sorted(embeddings.take()) == sorted(window.text for window in found)
    stored = index.vectors.vectors(window.window_id for window in found)
    for window in found:
        vector = embeddings.embed_query(window.text)
        assert stored[window.window_id].tolist() == pytest.approx(vector)
        assert index.vectors.search(vector, 1) == [(window.chunk_id, pytest.approx(1.0))]
        assert index.vectors.similarities(vector, [window.chunk_id]) == {window.chunk_id: pytest.approx(1.0)}
    assert index.vectors.count() == len(found)


def test_title_and_headings_are_searched_in_simplified(index: Index, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "docs", {"marine.txt": MARINE, "metadata.yaml": sidecar({"marine.txt": {"title": "海洋經濟方案"}})}
    )
    ingestor(index).run([folder])
    assert (
        found_by_word(index, "海洋经济")
        == found_by_word(index, "发展目标")
        == found_by_word(index, "渔港")
        == {"marine.txt"}
    )
    (chunk, metadata) = next(iter(index.catalog.hits_material(index.catalog.chunk_ids()).values()))
    assert windows(chunk, metadata)[0].text.startswith("海洋经济方案\n")


def test_unchanged_files_are_neither_read_nor_embedded(
    index: Index, docs: Path, tmp_path: Path, embeddings: CountingEmbeddings
) -> None:
    ingestor(index).run([docs])
    assert embeddings.take()
    again = open_index(tmp_path / "home", embeddings)
    assert ingestor(again).run([docs]) == IngestReport(unchanged=("sub/rural.txt", "urban.txt"))
    assert embeddings.take() == []
    again.close()


def test_a_changed_file_replaces_its_document(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    ingestor(index).run([docs])
    embeddings.take()
    (docs / "urban.txt").write_text(URBAN.replace("网格管理", "海绵设施"), encoding="utf-8")
    assert ingestor(index).run([docs]) == IngestReport(updated=("urban.txt",), unchanged=("sub/rural.txt",))
    assert found_by_word(index, "网格") == set()
    assert found_by_word(index, "海绵") == {"urban.txt"}
    assert not any("网格" in text for text in found_by_text(index))
    assert not any("农村" in text for text in embeddings.take())
    assert agree(index)


def test_a_file_that_left_the_folder_is_removed(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    (docs / "sub/rural.txt").unlink()
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("urban.txt",), removed=("sub/rural.txt",))
    assert found_by_word(index, "金融") == set()
    assert sources(index) == ["urban.txt"]
    assert agree(index)


def test_only_the_folders_given_lose_documents(index: Index, docs: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"marine.txt": MARINE})
    ingestor(index).run([docs, other])
    shutil.rmtree(docs / "sub")
    assert ingestor(index).run([other, docs / "urban.txt"]) == IngestReport(unchanged=("marine.txt", "urban.txt"))
    assert sources(index) == ["marine.txt", "sub/rural.txt", "urban.txt"]


def test_a_file_that_fails_is_reported_and_the_others_go_on(index: Index, docs: Path) -> None:
    (docs / "empty.txt").write_bytes(b"")
    (docs / "binary.md").write_bytes(bytes(range(256)) * 20)
    report = ingestor(index).run([docs])
    assert report.added == ("sub/rural.txt", "urban.txt")
    assert [Path(failure.path).name for failure in report.failed] == ["binary.md", "empty.txt"]
    assert "empty.txt is empty" in report.failed[1].reason


def test_a_file_that_fails_now_stays_indexed_as_it_was(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    (docs / "urban.txt").write_bytes(b"")
    report = ingestor(index).run([docs])
    assert (report.unchanged, report.removed) == (("sub/rural.txt",), ())
    assert [failure.path for failure in report.failed] == [str(docs / "urban.txt")]
    assert found_by_word(index, "网格") == {"urban.txt"}
    assert agree(index)


def test_a_file_of_another_kind(index: Index, docs: Path) -> None:
    (docs / "picture.png").write_bytes(b"\x89PNG")
    assert ingestor(index).run([docs]).failed == ()
    report = ingestor(index).run([docs / "picture.png", docs / "urban.txt"])
    assert report.unchanged == ("urban.txt",)
    assert [failure.path for failure in report.failed] == [str(docs / "picture.png")]


def test_hidden_files_are_left_out(index: Index, docs: Path) -> None:
    write(docs / ".git", {"x.txt": MARINE})
    (docs / ".hidden.txt").write_text(MARINE, encoding="utf-8")
    assert ingestor(index).run([docs]).added == ("sub/rural.txt", "urban.txt")


def test_nothing_at_a_path(index: Index, docs: Path) -> None:
    with pytest.raises(DocumentNotFoundError, match=r"no such file or folder: .*nowhere.*nothing was changed"):
        ingestor(index).run([docs, docs / "nowhere"])
    assert sources(index) == []


def test_a_folder_without_documents(index: Index, docs: Path, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty", {"program.exe": "x"})
    with pytest.raises(DocumentError, match=r"no document in the folder .*empty"):
        ingestor(index).run([docs, empty])
    assert sources(index) == []


def test_a_sidecar_that_changes_indexes_its_document_again(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    write_sidecar = (docs / "metadata.yaml").write_text
    write_sidecar(sidecar({"urban.txt": {"title": "滨海新区行动纲要"}}), encoding="utf-8")
    assert ingestor(index).run([docs]) == IngestReport(updated=("urban.txt",), unchanged=("sub/rural.txt",))
    assert index.catalog.get("urban.txt").metadata.title == "滨海新区行动纲要"
    assert found_by_word(index, "滨海") == {"urban.txt"}
    assert ingestor(index).run([docs]).updated == ()
    write_sidecar(sidecar({"urban.txt": {"skip": True}}), encoding="utf-8")
    assert ingestor(index).run([docs]).removed == ("urban.txt",)


def test_a_broken_sidecar_fails_its_files_and_leaves_them_indexed(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    (docs / "metadata.yaml").write_text("urban.txt: [", encoding="utf-8")
    report = ingestor(index).run([docs])
    assert (report.unchanged, report.removed) == (("sub/rural.txt",), ())
    (failure,) = report.failed
    assert failure.path == str(docs / "urban.txt")
    assert "metadata.yaml is not valid YAML" in failure.reason


def test_files_of_one_name_get_their_folders_in_front(index: Index, tmp_path: Path) -> None:
    texts = [URBAN, RURAL, MARINE]
    folders = [
        write(tmp_path / name, {"x.txt": text})
        for name, text in zip(("a/docs", "b/docs", "c/docs"), texts, strict=True)
    ]
    report = ingestor(index).run([folders[0], folders[1] / "x.txt", folders[2]])
    assert report.added == ("c/docs/x.txt", "docs/x.txt", "x.txt")
    assert [index.catalog.text(source) for source in ("x.txt", "docs/x.txt", "c/docs/x.txt")] == texts
    assert ingestor(index).run([folders[2]]).unchanged == ("c/docs/x.txt",)


def test_a_file_reached_twice_counts_once(index: Index, docs: Path) -> None:
    (docs / "link.txt").symlink_to(docs / "urban.txt")
    report = ingestor(index).run([docs, docs / "urban.txt", docs / "sub"])
    assert report == IngestReport(added=("link.txt", "sub/rural.txt"))


def test_a_folder_that_moved_takes_its_names_along(
    index: Index, docs: Path, tmp_path: Path, embeddings: CountingEmbeddings
) -> None:
    ingestor(index).run([docs])
    embeddings.take()
    moved = docs.rename(tmp_path / "moved")
    (moved / "urban.txt").write_text(MARINE, encoding="utf-8")
    assert ingestor(index).run([moved]) == IngestReport(updated=("urban.txt",), unchanged=("sub/rural.txt",))
    assert sorted(index.catalog.states()) == [str(moved / "sub/rural.txt"), str(moved / "urban.txt")]
    assert not any("粮食" in text for text in embeddings.take())
    assert agree(index)


def test_twins_are_two_documents_and_embedded_once(
    index: Index, tmp_path: Path, embeddings: CountingEmbeddings
) -> None:
    entries = {name: {"title": "决定"} for name in ("one.txt", "two.txt")}
    folder = write(tmp_path / "docs", {"one.txt": URBAN, "two.txt": URBAN, "metadata.yaml": sidecar(entries)})
    assert ingestor(index).run([folder]).added == ("one.txt", "two.txt")
    texts = embeddings.take()
    assert len(texts) == len(set(texts)) == index.catalog.count_chunks() // 2
    assert found_by_word(index, "网格") == {"one.txt", "two.txt"}
    assert agree(index)


def long_text(name: str, articles: int) -> str:
    return "".join(f"第{number}条 {name}第{number}号事项由主管部门负责办理。\n" for number in range(1, articles + 1))


def test_texts_are_embedded_once_across_batches(index: Index, tmp_path: Path, embeddings: CountingEmbeddings) -> None:
    entries = {name: {"title": "条例"} for name in ("one.txt", "two.txt")}
    text = long_text("甲", 300)
    folder = write(tmp_path / "docs", {"one.txt": text, "two.txt": text, "metadata.yaml": sidecar(entries)})
    ingestor(index).run([folder])
    texts = embeddings.take()
    assert len(texts) == len(set(texts)) == index.catalog.count_chunks() // 2 >= 300
    assert agree(index)


def test_progress_counts_files_and_chunks(index: Index, docs: Path) -> None:
    events: list[Progress] = []
    ingestor(index).run([docs], progress=events.append)
    chunks = index.catalog.count_chunks()
    assert events == [
        Progress("reading", 1, 2, "urban.txt"),
        Progress("reading", 2, 2, "sub/rural.txt"),
        Progress("embedding", chunks, chunks, "sub/rural.txt"),
    ]


def test_a_model_that_fails_leaves_what_was_indexed(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    ingestor(index).run([docs])
    embeddings.refuses = "坏"
    (docs / "urban.txt").write_text(URBAN.replace("网格", "坏字"), encoding="utf-8")
    (docs / "sub/rural.txt").unlink()
    with pytest.raises(ModelError, match="cannot embed 坏"):
        ingestor(index).run([docs])
    assert found_by_word(index, "网格") == {"urban.txt"}
    assert found_by_word(index, "金融") == {"sub/rural.txt"}
    assert agree(index)


def test_batches_before_the_one_that_fails_stay(index: Index, tmp_path: Path, embeddings: CountingEmbeddings) -> None:
    folder = write(tmp_path / "docs", {"a.txt": long_text("甲", 300), "b.txt": long_text("坏", 20)})
    embeddings.refuses = "坏"
    with pytest.raises(ModelError):
        ingestor(index).run([folder])
    assert sources(index) == ["a.txt"]
    embeddings.refuses = None
    assert ingestor(index).run([folder]) == IngestReport(added=("b.txt",), unchanged=("a.txt",))
    assert agree(index)


def test_an_interrupted_write_shows_nothing_and_is_swept_out(tmp_path: Path, docs: Path) -> None:
    home = tmp_path / "home"
    index = open_index(home)
    ingestor(index).run([docs / "urban.txt"])
    index.close()
    known = index.catalog.chunk_ids()
    (home / "lexical").rename(home / "aside")
    (home / "lexical").write_text("the disk fails after the vectors, before the catalogue")
    index = open_index(home)
    with pytest.raises(StorageError):
        ingestor(index).run([docs])
    index.close()
    (home / "lexical").unlink()
    (home / "aside").rename(home / "lexical")
    index = open_index(home)
    index.require_ready()
    assert index.vectors.ids() > known
    assert index.catalog.chunk_ids() == known
    assert ingestor(index).run([docs / "urban.txt"]) == IngestReport(unchanged=("urban.txt",))
    assert index.vectors.ids() == known
    assert agree(index)
    index.close()


def test_another_model_is_refused_before_anything_changes(index: Index, docs: Path, tmp_path: Path) -> None:
    ingestor(index).run([docs])
    other = open_index(tmp_path / "home", CountingEmbeddings(size=8), Manifest("other", 300, 1))
    (docs / "urban.txt").write_text(MARINE, encoding="utf-8")
    with pytest.raises(IndexMismatchError, match=r"embedding 'fake', now 'other'.*verify --repair"):
        ingestor(other).run([docs])
    other.close()
    assert index.catalog.text("urban.txt") == URBAN


def test_an_emptied_index_takes_another_model(index: Index, docs: Path, tmp_path: Path) -> None:
    ingestor(index).run([docs / "urban.txt"])
    index.remove("urban.txt")
    other = open_index(tmp_path / "home", CountingEmbeddings(size=8), Manifest("other", 300, 1))
    assert ingestor(other).run([docs / "urban.txt"]).added == ("urban.txt",)
    other.require_ready()
    assert agree(other)
    other.close()


def test_any_two_characters_of_a_real_document_find_their_chunks(index: Index) -> None:
    ingestor(index).run([Path(__file__).parents[2] / "seeds" / "wenzhou-governance-decision-2020.txt"])
    chunks = index.catalog.chunks(index.catalog.chunk_ids())
    holders: dict[str, set[str]] = {}
    # Numerals are folded with the words around them, and 著 is read as 着 or not by its neighbours.
    for chunk_id, chunk in chunks.items():
        for pair in re.findall(f"(?=([{HAN}]{{2}}))", chunk.text):
            if not re.search(f"[{NUMERAL}著]", pair):
                holders.setdefault(pair, set()).add(chunk_id)
    missed = {
        pair
        for pair, ids in holders.items()
        if not ids <= {chunk_id for chunk_id, _ in index.lexical.search(search_key(pair), len(chunks))}
    }
    assert len(holders) > 4000
    assert missed == set()
