from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from rag.corpus.archive import ArchiveLimits, Contents, Member, archive_of, list_archive, read_member
from rag.errors import DocumentError, DocumentNotFoundError, DocumentSizeError
from rag.schema import Failure, Skipped

LIMITS = ArchiveLimits(entries=20, total_bytes=8_000_000, max_bytes=3_000_000)
TEXT = "第一条 为了规范管理，制定本办法。\n"


def packed(path: Path, files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def named_in(encoding: str, path: Path, names: list[str]) -> Path:
    """An archive as old programs write it: names in ``encoding``, which nothing in it says."""
    stand_ins = [f"{'x' * len(name.encode(encoding))}" for name in names]
    packed(path, dict.fromkeys(stand_ins, TEXT))
    data = path.read_bytes()
    for name, stand_in in zip(names, stand_ins, strict=True):
        data = data.replace(stand_in.encode(), name.encode(encoding))
    path.write_bytes(data)
    return path


def member(name: str, text: str = TEXT, **overrides: str) -> Member:
    data = text.encode()
    return Member(name, len(data), hashlib.sha256(data).hexdigest(), overrides)


def test_documents_in_folders_with_what_the_sidecars_say(tmp_path: Path) -> None:
    files = {
        "a.txt": TEXT,
        "内部/乙.md": "# 办法\n",
        "内部/丙.txt": TEXT,
        "metadata.yaml": "a.txt: {title: 办法, issued: 2020-01-02}",
        "内部/metadata.yaml": "丙.txt: {skip: true}",
    }
    path = packed(tmp_path / "a.zip", files)
    expected = (member("a.txt", title="办法", issued="2020-01-02"), member("内部/乙.md", "# 办法\n"))
    assert list_archive(path, limits=LIMITS) == Contents(expected)
    assert read_member(path, "内部/乙.md", 1000) == "# 办法\n".encode()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_a_mark_are_utf8_or_gbk(tmp_path: Path, encoding: str) -> None:
    path = named_in(encoding, tmp_path / "a.zip", ["关于城市更新的决定.txt"])
    assert list_archive(path, limits=LIMITS) == Contents((member("关于城市更新的决定.txt"),))
    assert read_member(path, "关于城市更新的决定.txt", 1000) == TEXT.encode()


def test_a_name_in_the_extra_field_counts(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("guan.txt")
    name = "關於.txt".encode()
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, zlib.crc32(b"guan.txt")) + name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, TEXT)
    assert list_archive(tmp_path / "a.zip", limits=LIMITS).members == (member("關於.txt"),)


def test_what_is_no_document_is_told_or_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = packed(
        tmp_path / "a.zip",
        {
            "folder/": "",
            "__MACOSX/a.txt": TEXT,
            ".DS_Store": "x",
            "~$a.docx": "x",
            "Thumbs.db": "x",
            "../up.txt": TEXT,
            "/etc/passwd.txt": TEXT,
            "C:\\x.txt": TEXT,
            "in/b.zip": "PK",
            "a.exe": "x",
            "b.exe": "x",
            "c": "x",
            "ok.txt": TEXT,
        },
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("ok.txt", "another")
    outside = "its name leads out of the archive. Rename it there."
    assert list_archive(path, limits=LIMITS) == Contents(
        (member("ok.txt"),),
        skipped=(
            Skipped(f"{path}/../up.txt", outside),
            Skipped(f"{path}//etc/passwd.txt", outside),
            Skipped(f"{path}/C:/x.txt", outside),
            Skipped(
                f"{path}/in/b.zip",
                "an archive in an archive is not read. Unpack it, or pack its files with the others.",
            ),
            Skipped(f"{path}/link.txt", "it is a link. Pack the file that it leads to."),
            Skipped(
                f"{path}/ok.txt", "there is another file of this name before it in the archive. Rename one of them."
            ),
            Skipped(str(path), "3 files of formats that are not read: .exe (2), no ending (1)"),
        ),
    )


def test_members_that_cannot_be_read_fail_and_the_others_do_not(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        {"bomb.txt": b"0" * 2_000_000, "large.txt": b"x" * 3_000_001, "torn.txt": "甲" * 100, "ok.txt": TEXT},
    )
    data = path.read_bytes()
    packed_text = zlib.compress("甲".encode() * 100)[2:-4]
    assert packed_text in data
    path.write_bytes(data.replace(packed_text, packed_text[::-1]))
    found = list_archive(path, limits=LIMITS)
    assert found.members == (member("ok.txt"),)
    assert [failure.path for failure in found.failed] == [
        str(path / name) for name in ("bomb.txt", "large.txt", "torn.txt")
    ]
    reasons = [failure.reason for failure in found.failed]
    assert reasons[0].startswith("bomb.txt unpacks to more than 300 times its size")
    assert reasons[1] == ("large.txt has 3.0 MB, more than the limit of 3 MB. Split it, or raise RAG_MAX_FILE_MB.")
    assert reasons[2].startswith("torn.txt is damaged: ")


def test_an_encrypted_member_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": TEXT}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag of the local header, and of the directory's
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    reason = "a.txt is encrypted. Unpack the archive with its password, and ingest what was in it."
    assert list_archive(path, limits=LIMITS) == Contents(failed=(Failure(str(path / "a.txt"), reason),))
    with pytest.raises(DocumentError, match=r"a\.txt is encrypted"):
        read_member(path, "a.txt", 1000)


def test_a_broken_sidecar_fails_what_is_beside_it(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"in/a.txt": TEXT, "in/metadata.yaml": "a.txt: [", "b.txt": TEXT})
    found = list_archive(path, limits=LIMITS)
    assert found.members == (member("b.txt"),)
    assert [failure.path for failure in found.failed] == [str(path / "in/a.txt")]
    assert "in/metadata.yaml is not valid YAML" in found.failed[0].reason


@pytest.mark.parametrize(
    ("files", "limits", "reason"),
    [
        ({f"{n}.txt": "x" for n in range(3)}, ArchiveLimits(entries=2), "holds 3 files, more than the limit of 2"),
        (
            {"a.txt": "x" * 600, "b.txt": "x" * 600},
            ArchiveLimits(total_bytes=1000),
            "unpacks to 0 MB, more than the limit of 0.001 MB",
        ),
        ({"a.txt": bytes(range(256)) * 9}, ArchiveLimits(total_bytes=100), "for an archive"),
    ],
)
def test_an_archive_beyond_the_limits(
    tmp_path: Path, files: Mapping[str, str], limits: ArchiveLimits, reason: str
) -> None:
    with pytest.raises(DocumentSizeError, match=reason):
        list_archive(packed(tmp_path / "a.zip", files), limits=limits)


def test_a_damaged_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DocumentError, match=r"a\.zip is no ZIP archive, or damaged: .*\. Pack it again\."):
        list_archive(tmp_path / "a.zip", limits=LIMITS)


def test_a_member_that_is_not_there_or_empty(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"empty.txt": ""})
    with pytest.raises(DocumentNotFoundError, match=r"holds no b\.txt"):
        read_member(path, "b.txt", 1000)
    with pytest.raises(DocumentSizeError, match=r"empty\.txt is empty"):
        read_member(path, "empty.txt", 1000)


def test_which_paths_lead_into_an_archive(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.ZIP", {"a.txt": TEXT})
    (tmp_path / "b.zip").mkdir()
    assert archive_of(path / "in" / "a.txt") == (path, "in/a.txt")
    assert archive_of(path) is None
    assert archive_of(tmp_path / "b.zip" / "a.txt") is None
