from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from rag.corpus.archive import ArchiveLimits, Contents, list_archive
from rag.errors import DocumentError, DocumentNotFoundError
from rag.index.discovery import File, Found, find_files, with_members
from rag.schema import Failure, Skipped
from tests.index.parts import pack, write

PIPE = "it is no file but a pipe, a socket or a device."
EMPTY = "no document is in it; what was in it before stays until one is."


def listed(path: Path) -> Contents:
    return list_archive(path, limits=ArchiveLimits())


def names(found: Found) -> list[str]:
    return [file.name for file in found.files]


def test_documents_and_archives_of_a_folder_in_order(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"b.txt": "x", "a.MD": "x", "in/c.txt": "x", "z.zip": "x", "metadata.yaml": ""})
    found = find_files([folder])
    assert names(found) == ["a.MD", "b.txt", "z.zip", "in/c.txt"]
    assert found.files[0] == File(folder / "a.MD", folder / "a.MD", "a.MD")
    assert (found.folders, found.unreadable, found.skipped) == ((folder,), (), ())


def test_what_programs_leave_behind_is_not_worth_a_word(tmp_path: Path) -> None:
    clutter = (".hidden.txt", ".git/x.txt", "~$a.docx", "Thumbs.db", ".DS_Store", "desktop.ini", "a.docx.part", "b.tmp")
    folder = write(tmp_path / "d", {"a.txt": "x", **dict.fromkeys(clutter, "x"), "__MACOSX/a.txt": "x"})
    found = find_files([folder])
    assert (names(found), found.skipped) == (["a.txt"], ())


def test_files_that_are_not_read_are_counted(tmp_path: Path) -> None:
    files = ["a.exe", "b.EXE", "in/c.exe", "d.dwg", "README"]
    folder = write(tmp_path / "d", {"a.txt": "x", **dict.fromkeys(files, "x")})
    reason = "5 files of formats that are not read: .exe (3), no ending (1), .dwg (1)"
    assert find_files([folder]).skipped == (Skipped(str(folder), reason),)


def test_one_file_that_is_not_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"a.txt": "x", "a.exe": "x"})
    assert find_files([folder]).skipped == (Skipped(str(folder), "1 file of a format that is not read: .exe (1)"),)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.txt": "x"})
    folder = write(tmp_path / "d", {"a.txt": "x", "in/b.txt": "x"})
    (folder / "file.txt").symlink_to(outside / "secret.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "inside.txt").symlink_to("in/b.txt")
    (folder / "again").symlink_to("in")
    (folder / "nowhere.txt").symlink_to("gone.txt")
    found = find_files([folder])
    assert [(file.name, file.real) for file in found.files] == [
        ("a.txt", folder / "a.txt"),
        ("inside.txt", folder / "in/b.txt"),
    ]
    out = f"it is a link out of the folder, to {outside}"
    assert found.skipped == (
        Skipped(str(folder / "folder"), f"{out}. Name that too if it is to be read."),
        Skipped(str(folder / "file.txt"), f"{out}/secret.txt. Name that too if it is to be read."),
        Skipped(str(folder / "nowhere.txt"), "it is a link that leads nowhere."),
    )


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"a.txt": "x"})
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "link.txt").symlink_to(outside / "a.txt")
    found = find_files([tmp_path / "link", tmp_path / "link.txt"])
    assert (names(found), found.folders, found.skipped) == (["a.txt"], (outside,), ())


def test_loops_of_links_end(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"a.txt": "x"})
    (folder / "loop").symlink_to(folder)
    (folder / "one.txt").symlink_to("two.txt")
    (folder / "two.txt").symlink_to("one.txt")
    found = find_files([folder])
    assert names(found) == ["a.txt"]
    assert [Path(skipped.path).name for skipped in found.skipped] == ["one.txt", "two.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_pipes_and_sockets_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "d", {"a.txt": "x"})
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.chdir(folder)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")
        found = find_files([folder])
    assert names(found) == ["a.txt"]
    assert found.skipped == (
        Skipped(str(folder / "pipe.txt"), PIPE),
        Skipped(str(folder / "socket.txt"), PIPE),
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_listed_keeps_its_documents(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"a.txt": "x", "in/b.txt": "x"})
    (folder / "in").chmod(0)
    try:
        found = find_files([folder])
    finally:
        (folder / "in").chmod(0o700)
    assert [failure.path for failure in found.unreadable] == [str(folder / "in")]
    assert found.covers(folder / "a.txt")
    assert not found.covers(folder / "in/b.txt")


def test_nothing_at_a_path_and_nothing_in_a_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"a.exe": "x"})
    with pytest.raises(DocumentNotFoundError, match=r"no such file or folder: .*gone"):
        find_files([folder, tmp_path / "gone"])
    with pytest.raises(DocumentError, match=r"no document in the folder .*/d \(those are read: PDF, .*plain text\)"):
        find_files([folder])


def test_an_empty_folder_counts_as_not_looked_into(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    found = find_files([empty], empty=True)
    assert found == Found((), (), skipped=(Skipped(str(empty), EMPTY),))
    assert not found.covers(empty / "a.txt")


def test_members_take_the_place_of_their_archive(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"a.txt": "x", "c.txt": "x"})
    archive = pack(folder / "b.zip", {"in/x.txt": "x", "y.exe": "x"})
    found = with_members(find_files([folder]), listed, lambda _: True)
    assert names(found) == ["a.txt", "b.zip/in/x.txt", "c.txt"]
    assert found.files[1].real == archive / "in/x.txt"
    assert found.skipped == (Skipped(str(archive), "1 file of a format that is not read: .exe (1)"),)
    assert found.covers(archive / "gone.txt")


def test_an_archive_that_cannot_be_read_or_is_not_looked_into_keeps_its_documents(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", {"a.txt": "x", "torn.zip": "PK"})
    kept = pack(folder / "kept.zip", {"x.txt": "x"})
    found = with_members(find_files([folder]), listed, lambda path: path != kept)
    assert names(found) == ["a.txt"]
    (failure,) = found.unreadable
    assert failure == Failure(str(folder / "torn.zip"), failure.reason)
    assert [found.covers(folder / name) for name in ("gone.txt", "torn.zip/x.txt", "kept.zip/x.txt")] == [
        True,
        False,
        False,
    ]
