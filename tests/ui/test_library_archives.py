"""ZIP archives that are uploaded: what comes of their documents, and what the visitor is told."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from filelock import FileLock

from rag import Chatbot, Settings
from tests.conftest import SMALL_DOCUMENTS, copy_home
from tests.ui.fragments import Fragment, shows
from tests.ui.test_library_handlers import GOVERNMENT, NEW, QUESTION, Page
from ui.library.words import HANS
from ui.uploads import Uploads

LENT = "白河市每人最多借书多少册？"
MUSEUM = "白河市博物馆管理办法\n第一条 博物馆每周一闭馆。\n第二条 讲解每天两场。\n"
IN_ARCHIVE = ["a.zip/in/图书馆.txt", "a.zip/博物馆.txt"]


def packed(files: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


BOTH = packed({"in/图书馆.txt": NEW, "博物馆.txt": MUSEUM})


@pytest.fixture
def page(library: Path, tmp_path: Path) -> Page:
    return Page(Chatbot.open(Settings(home=copy_home(library, tmp_path / "copy"))))


def sources(page: Page) -> list[str]:
    return [info.source for info in page.bot.documents() if info.source not in SMALL_DOCUMENTS]


def uploaded(page: Page) -> list[str]:
    return sorted(each.name for each in (page.bot.settings.state / "uploads").iterdir() if each.is_file())


def brought(page: Page, content: bytes) -> str:
    """What the visitor reads about the archive ``a.zip`` in the end."""
    page("clear")
    page.upload("a.zip", content, replace=True)
    return page.ingested()


def test_what_is_in_an_archive_is_found_answered_and_listed(page: Page) -> None:
    page.upload("a.zip", BOTH)
    assert page.ingested() == "a.zip新增 2 份"
    now = page("progress")
    assert (now["said"], len(now["finished"])) == ("入库完成 2 份。", 1)
    assert sources(page) == IN_ARCHIVE
    answer = page.bot.ask(LENT)
    assert "十二册" in answer.text
    assert {citation.source for citation in answer.citations} == {IN_ARCHIVE[0]}
    assert page("list", sort="title", find="白河", start=0)["count"] == "4 份中的 2 份"
    assert shows(page("document", source=IN_ARCHIVE[0])["html"], "白河市图书馆管理办法")


def test_the_same_archive_once_more_is_asked_about_and_replaces(page: Page) -> None:
    page.upload("a.zip", BOTH)
    page.ingested()
    asked = page("known", names=["a.zip", "b.zip", "图书馆.txt"])
    assert asked["same"] == [True, False, False]
    assert "a.zip（1 份）" in asked["question"]
    with pytest.raises(LookupError, match=r"库里已有“a\.zip”"):
        page.upload("a.zip", BOTH)
    assert brought(page, BOTH) == "a.zip未变 2 份"
    changed = packed({"in/图书馆.txt": NEW.replace("十二册", "二十册"), "新.txt": GOVERNMENT})
    assert brought(page, changed) == "a.zip新增 1 份 · 替换 1 份 · 移除 1 份"
    assert sources(page) == ["a.zip/in/图书馆.txt", "a.zip/新.txt"]
    assert "二十册" in page.bot.ask(LENT).text
    assert brought(page, packed({"in/图书馆.txt": NEW, "改名.txt": GOVERNMENT})) == "a.zip替换 1 份 · 改名 1 份"


def test_an_archive_that_was_ingested_from_elsewhere_gives_way(page: Page, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(BOTH)
    page.bot.ingest([tmp_path / "a.zip"])
    assert brought(page, packed({"in/图书馆.txt": NEW})) == "a.zip未变 1 份 · 移除 1 份"
    assert sources(page) == IN_ARCHIVE[:1]
    assert {Path(info.path).parents[1] for info in page.bot.documents() if info.source in IN_ARCHIVE} == {
        page.bot.settings.state / "uploads" / "a.zip"
    }
    assert (tmp_path / "a.zip").exists()


def test_files_in_it_that_fail_or_are_none_are_told_and_the_others_come_in(page: Page) -> None:
    content = packed(
        {
            "in/图书馆.txt": NEW,
            "空.txt": "",
            "图.txt": bytes(range(256)) * 8,
            "b.zip": "PK",
            "p.png": "x",
            "../c.txt": NEW,
        }
    )
    assert brought(page, content).startswith("a.zip新增 1 份2 份没有入库 · 略过 3 项空.txt is empty (0 bytes).")
    now = page("progress")
    assert now["said"] == "入库完成 1 份，失败 2 份。"
    for told in (
        "Save it as UTF-8, or name its encoding in metadata.yaml.",
        "b.zip an archive in an archive is not read. Unpack it, or pack its files with the others.",
        "../c.txt its name leads out of the archive. Rename it there.",
        "1 file of a format that is not read: .png (1)",
    ):
        assert shows(now["html"], told)
    assert str(page.bot.settings.state) not in now["html"]
    assert sources(page) == IN_ARCHIVE[:1]


def encrypted(content: bytes) -> bytes:
    """``content`` with the marks of a password on each of its files."""
    marked = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(mark)
        while at >= 0:
            marked[at + offset] |= 1
            at = marked.find(mark, at + 1)
    return bytes(marked)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK no archive", "a.zip is no ZIP archive, or damaged"),
        (packed({}), HANS.nothing_read),
        (packed({"p.png": "x"}), f"{HANS.nothing_read}没有入库略过 1 项1 file of a format"),
        (packed({"空.txt": ""}), "没有入库1 份没有入库空.txt is empty"),
        (encrypted(BOTH), "2 份没有入库in/图书馆.txt is encrypted. Unpack the archive with its password"),
        (packed({"a.txt": "x" * 30_000}), "a.txt has 0.0 MB, more than the limit of 0.02 MB. Split it, or raise RAG_M"),
        (
            packed({f"{n}.txt": "" for n in range(5)}),
            "holds 5 files, more than the limit of 4. Split it, or raise RAG_I",
        ),
        (
            packed({"a.txt": "x" * 60_000}),
            "unpacks to 0 MB, more than the limit of 0.05 MB. Split it, or raise RAG_ING",
        ),
    ],
    ids=["no archive", "nothing", "no document", "empty", "encrypted", "large file", "many files", "large"],
)
def test_one_that_cannot_be_read_says_why_and_changes_nothing(
    library: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    limits = {"max_file_mb": 0.02, "ingest": {"archive_files": 4, "archive_mb": 0.05}}
    page = Page(Chatbot.open(Settings(home=copy_home(library, tmp_path / "copy"), **limits)))
    assert brought(page, BOTH) == "a.zip新增 2 份"
    before = page.bot.documents(), [page.bot.document(source) for source in IN_ARCHIVE]
    assert told in brought(page, content)
    assert shows(page("progress")["html"], HANS.states["failed"])
    assert (page.bot.documents(), [page.bot.document(source) for source in IN_ARCHIVE]) == before
    assert (page.bot.settings.state / "uploads" / "a.zip").read_bytes() == BOTH
    assert "十二册" in page.bot.ask(LENT).text


def test_a_first_one_that_fails_leaves_nothing(page: Page) -> None:
    assert HANS.nothing_read in brought(page, packed({"p.png": "x"}))
    with FileLock(page.bot.settings.state / "write.lock"):
        assert "is writing to" in brought(page, BOTH)
    assert (sources(page), uploaded(page)) == ([], [])
    assert brought(page, BOTH) == "a.zip新增 2 份"


def test_progress_counts_documents(page: Page) -> None:
    seen: set[str] = set()
    page.upload("a.zip", packed({f"{number}.txt": f"第{number}号\n{GOVERNMENT}" for number in range(40)}))
    while (now := page("progress"))["busy"]:
        seen.add(Fragment(now["html"]).text)
    assert any("正在建索引：" in each or " / 40 份" in each for each in seen)
    assert page.ingested() == "a.zip新增 40 份"


# --- out


def test_a_document_of_an_archive_is_removed_by_itself_and_stays_away(page: Page) -> None:
    brought(page, BOTH)
    removed = page("remove", source=IN_ARCHIVE[0])
    assert (sources(page), uploaded(page)) == (IN_ARCHIVE[1:], ["a.zip"])
    assert "十二册" not in page.bot.ask(LENT).text
    page("clear")
    page.upload("数字政府.txt", GOVERNMENT.replace("98%", "99%"), replace=True)
    page.ingested()
    assert HANS.nothing_read in brought(page, packed({}))  # which puts back what was there, and not this
    assert sources(page) == IN_ARCHIVE[1:]
    page("restore", id=removed)
    assert sources(page) == IN_ARCHIVE
    assert "十二册" in page.bot.ask(LENT).text
    # Who uploads the archive again asks for all of it, as who ingests it again.
    page("remove", source=IN_ARCHIVE[0])
    assert brought(page, BOTH) == "a.zip新增 1 份 · 未变 1 份"


def test_the_archive_goes_with_the_last_of_its_documents(page: Page) -> None:
    brought(page, BOTH)
    page.upload("a.zip.txt", NEW)
    page.ingested()
    ids = [page("remove", source=source) for source in IN_ARCHIVE]
    assert uploaded(page) == ["a.zip.txt"]
    for each in ids:
        page("restore", id=each)
    assert sources(page) == sorted([*IN_ARCHIVE, "a.zip.txt"])
    assert "十二册" in page.bot.ask(LENT).text
    assert brought(page, BOTH) == "a.zip未变 2 份"
    assert "98%" in page.bot.ask(QUESTION).text


def test_a_link_in_an_archive_leads_nowhere(page: Page) -> None:
    file, link = io.BytesIO(), ZipInfo("密.txt")
    link.external_attr = 0o120777 << 16
    with ZipFile(file, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("图书馆.txt", NEW)
    assert (
        brought(page, file.getvalue()) == "a.zip新增 1 份略过 1 项密.txt it is a link. Pack the file that it leads to."
    )


def test_the_upload_has_the_limit_of_archives(page: Page) -> None:
    folder = page.bot.settings.state / "uploads"
    page.uploads = Uploads(folder, max_bytes=lambda: 10, archive_bytes=lambda: 1000)
    with pytest.raises(Exception, match=r"a\.zip is larger than the limit of 0\.001 MB\..* RAG_INGEST__ARCHIVE_MB"):
        page.upload("a.zip", b"x" * 1001)
    assert uploaded(page) == []
