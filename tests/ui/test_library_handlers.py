from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from rag import Chatbot, Settings
from tests.conftest import SMALL_DOCUMENTS, bot_on, copy_home
from tests.ui.fragments import PAYLOADS, Fragment, shows
from ui.calls import Handler, Visit, answer
from ui.library.handlers import handlers
from ui.library.words import HANS
from ui.uploads import Uploads
from ui.words import WORDS

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
GOVERNMENT = SMALL_DOCUMENTS["数字政府.txt"]
NEW = "白河市图书馆管理办法\n第一条 图书馆每周二闭馆，其余时间开放到晚上九点。\n第二条 每人最多借书十二册。\n"


class Page:
    """What the browser does: calls by name, as one visitor."""

    def __init__(self, bot: Chatbot, *, owner: str | None = None, admin: bool = True, like: Page | None = None) -> None:
        self.bot = bot
        self.owner = owner
        self.uploads = like.uploads if like else Uploads(bot.settings.state / "uploads", max_bytes=lambda: 1_000_000)
        self.handlers: Mapping[str, Handler] = like.handlers if like else handlers(self.uploads)
        self.visit = Visit(bot, owner, admin, "hans")

    def __call__(self, name: str, /, **arguments: object) -> Any:
        """The result; ``LookupError`` with the message that the visitor is told instead."""
        told = answer(self.handlers, self.visit, f"library.{name}", arguments)
        if "error" in told:
            raise LookupError(told["error"])
        return told["result"]

    def upload(self, name: str, content: str | bytes, *, replace: bool = False) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield content.encode() if isinstance(content, str) else content

        kept = asyncio.run(self.uploads.receive(name, chunks(), self.owner))
        self("add", token=kept.token, name=kept.name, replace=replace)

    def ingested(self) -> str:
        """What the visitor reads when every file is through."""
        while (now := self("progress"))["busy"]:
            time.sleep(0.02)
        return Fragment(now["html"]).text

    def sources(self, **arguments: object) -> list[str]:
        got = self("list", **{"sort": "title", "find": "", "start": 0, **arguments})
        return Fragment(got["html"]).values("data-at")


@pytest.fixture
def page(library: Path, tmp_path: Path) -> Page:
    """The library of two small documents, to be changed."""
    return Page(Chatbot.open(Settings(home=copy_home(library, tmp_path / "copy"))))


@pytest.fixture
def reading(library: Path) -> Page:
    """The same, to be read."""
    return Page(Chatbot.open(Settings(home=library)), admin=False)


@pytest.fixture
def empty(home: Path) -> Page:
    return Page(Chatbot.open(Settings(home=home)))


# --- reading


def test_the_list_is_filtered_in_the_other_script(reading: Page) -> None:
    both = reading("list", sort="title", find="", start=0)
    assert (both["count"], both["total"], both["shown"], both["more"]) == ("2 份", 2, 2, "")
    one = reading("list", sort="title", find="临水县 助餐", start=0)
    assert one["count"] == "2 份中的 1 份"
    assert shows(one["html"], "臨水縣老年助餐服務辦法")
    none = reading("list", sort="title", find="没有这份", start=0)
    assert (none["count"], none["total"]) == ("2 份中的 0 份", 2)
    assert shows(none["html"], HANS.nothing)


def test_the_list_is_sorted_by_what_is_asked(reading: Page) -> None:
    sizes = [info.characters for info in reading.bot.documents()]
    for descending in (False, True):
        got = reading("list", sort="characters", descending=descending, find="", start=0)
        cells = Fragment(got["html"]).text
        smaller, larger = cells.index(f"{min(sizes):,}"), cells.index(f"{max(sizes):,}")
        assert (smaller > larger) is descending


def test_three_hundred_documents_come_a_hundred_at_a_time(tmp_path: Path, model_home: Path) -> None:
    # The same words: their vectors are computed once.
    names = [f"{number:03}.txt" for number in range(300)]
    page = Page(bot_on(dict.fromkeys(names, GOVERNMENT), tmp_path, model_home))
    first = page("list", sort="title", find="", start=0)
    assert (first["count"], first["shown"], Fragment(first["more"]).text) == ("300 份", 100, "再显示 100 份")
    assert [page.sources(start=start) for start in (0, 100, 200, 300)] == [names[:100], names[100:200], names[200:], []]
    last = page("list", sort="title", find="", start=200)
    assert (last["shown"], last["more"]) == (300, "")
    assert not last["html"].startswith("<table")  # rows, for the table that is there
    assert page.sources(find="29") == [name for name in names if "29" in name]


def test_a_document_is_shown_with_its_outline(reading: Page) -> None:
    shown = reading("document", source="数字政府.txt")
    assert shown["title"] == "青山市人民政府关于印发数字政府建设方案的通知"
    assert all(
        shows(shown["html"], text) for text in ("青政发〔2021〕7号", "一、总体目标", "二、重点任务", "只问这份文件")
    )
    document, opened = reading.bot.document("数字政府.txt"), Fragment(shown["html"])
    marks = {
        document.text[int(at["data-start"]) : int(at["data-end"])]
        for _, at in opened.elements
        if at.get("data-do") == "library.read"
    }
    assert {"一、总体目标", "二、重点任务"} <= marks


def test_a_document_that_is_not_there_is_an_error_that_says_so(reading: Page) -> None:
    with pytest.raises(LookupError, match=r"no document '没有\.txt' is indexed"):
        reading("document", source="没有.txt")


def test_an_empty_library_says_how_to_begin(empty: Page) -> None:
    got = empty("list", sort="title", find="", start=0)
    assert (got["total"], got["count"]) == (0, "")
    assert shows(got["html"], HANS.empty_admin)
    reader = Page(empty.bot, admin=False, like=empty)
    assert shows(reader("list", sort="title", find="", start=0)["html"], HANS.empty)
    assert not shows(empty("view"), HANS.first)  # its model is built


def test_who_begins_without_a_model_is_told_that_it_takes_a_while(tmp_path: Path) -> None:
    assert shows(Page(Chatbot.open(Settings(home=tmp_path / "new")))("view"), HANS.first)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"sort": "colour", "find": "", "start": 0}, "sort"),
        ({"sort": "title", "find": "长" * 201, "start": 0}, "find"),
        ({"sort": "title", "find": None, "start": 0}, "find"),
        ({"sort": "title", "find": "", "start": -1}, "start"),
        ({"sort": "title", "find": "", "start": 0, "descending": "yes"}, "descending"),
    ],
)
def test_a_list_nobody_can_ask_for_is_refused(reading: Page, arguments: dict[str, object], named: str) -> None:
    with pytest.raises(LookupError, match=f"^{named} must be"):
        reading("list", **arguments)


# --- in


def test_what_is_uploaded_is_found_answered_and_listed(page: Page) -> None:
    page.upload("图书馆.txt", NEW)
    assert page.ingested() == f"图书馆.txt已入库 · {len(page.bot.document('图书馆.txt').chunks)} 段"
    assert page("progress")["said"] == "入库完成 1 份。"
    found = page.bot.ask("白河市每人最多借书多少册？")
    assert "十二册" in found.text
    assert {citation.source for citation in found.citations} == {"图书馆.txt"}
    assert page("list", sort="title", find="白河", start=0)["count"] == "3 份中的 1 份"
    page("clear")
    assert page("progress") == {"html": "", "said": "", "finished": [], "busy": False}


def test_files_are_ingested_in_order_and_each_failure_says_what_to_do(page: Page) -> None:
    page.upload("空.txt", "")
    page.upload("图.txt", bytes(range(256)) * 8)
    page.upload("图书馆.txt", NEW)
    assert page.ingested().startswith(
        "空.txt空.txt is empty (0 bytes). Remove it, or save its text again.没有入库图.txt图.txt "
    )
    now = page("progress")
    assert now["said"] == "入库完成 1 份，失败 2 份。"
    assert shows(now["html"], "Save it as UTF-8, or name its encoding in metadata.yaml.")
    assert len(now["finished"]) == 3
    assert [info.source for info in page.bot.documents()] == sorted(["图书馆.txt", *SMALL_DOCUMENTS])
    assert sorted(each.name for each in (page.bot.settings.state / "uploads").iterdir()) == [".incoming", "图书馆.txt"]


def test_the_same_name_is_asked_about_and_then_replaces(page: Page) -> None:
    asked = page("known", names=["数字政府.txt", "folder/老年助餐.txt", "图书馆.txt"])
    assert asked["same"] == [True, True, False]
    assert "数字政府.txt、老年助餐.txt（2 份）" in asked["question"]
    with pytest.raises(LookupError, match=r"库里已有“数字政府\.txt”"):
        page.upload("数字政府.txt", GOVERNMENT.replace("98%", "99%"))
    assert "98%" in page.bot.ask(QUESTION).text
    page.upload("数字政府.txt", GOVERNMENT.replace("98%", "99%"), replace=True)
    assert page.ingested() == "数字政府.txt已替换 · 4 段"
    assert "99%" in page.bot.ask(QUESTION).text
    assert sorted(info.source for info in page.bot.documents()) == sorted(SMALL_DOCUMENTS)
    # Once more: now the one that was uploaded is replaced by itself, and then by another.
    page.upload("数字政府.txt", GOVERNMENT.replace("98%", "99%"), replace=True)
    assert page.ingested().endswith("数字政府.txt内容没有变化 · 4 段")
    page.upload("数字政府.txt", GOVERNMENT.replace("98%", "97%"), replace=True)
    assert page.ingested().endswith("数字政府.txt已替换 · 4 段")
    assert "97%" in page.bot.ask(QUESTION).text


def test_a_replacement_that_cannot_be_read_leaves_what_was_there(page: Page) -> None:
    before = page.bot.document("数字政府.txt"), page.bot.documents()
    page.upload("数字政府.txt", b"\0\1\2" * 500, replace=True)
    assert page.ingested().endswith("没有入库")
    assert (page.bot.document("数字政府.txt"), page.bot.documents()) == before
    assert "98%" in page.bot.ask(QUESTION).text


def test_a_token_works_once_and_for_its_owner(page: Page) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield NEW.encode()

    kept = asyncio.run(page.uploads.receive("图书馆.txt", chunks(), "li"))
    with pytest.raises(LookupError, match="Upload the file again"):
        page("add", token=kept.token, name=kept.name)
    li = Page(page.bot, owner="li", like=page)
    li("add", token=kept.token, name=kept.name)
    assert li.ingested().startswith("图书馆.txt已入库")
    assert page("progress")["html"] == ""  # each sees the files they sent
    with pytest.raises(LookupError, match="Upload the file again"):
        li("add", token=kept.token, name="x.txt")


def test_an_index_that_cannot_be_used_is_told_and_the_next_file_goes_on(page: Page) -> None:
    from filelock import FileLock

    with FileLock(page.bot.settings.state / "write.lock"):
        page.upload("图书馆.txt", NEW)
        assert "is writing to" in page.ingested()
    page.upload("图书馆.txt", NEW)
    assert "图书馆.txt已入库" in page.ingested()


def test_hostile_names_arrive_as_text(page: Page) -> None:
    payloads = PAYLOADS[::6]  # all of them are rendered elsewhere
    for number, payload in enumerate(payloads):
        page.upload(f"{payload} {number}.txt", GOVERNMENT)
    ours = {"ul", "li", "svg", "path", "span", "a"}
    assert page.ingested().count("已入库") == len(payloads)
    assert set(Fragment(page("progress")["html"]).tags) == ours
    for info in page.bot.documents():
        shown = page("document", source=info.source)["html"]
        assert shows(shown, info.source)
        assert not {"script", "img", "iframe"} & set(Fragment(shown).tags)


# --- out


def test_what_is_removed_is_not_found_and_comes_back_whole(page: Page) -> None:
    before = page.bot.document("数字政府.txt"), page.bot.documents(), page.bot.ask(QUESTION).text
    removed = page("remove", source="数字政府.txt")
    assert "98%" not in page.bot.ask(QUESTION).text
    line = page("removed", ids=[removed])
    assert shows(line, "已移除“青山市人民政府关于印发数字政府建设方案的通知”")
    assert page("restore", id=removed) == "“青山市人民政府关于印发数字政府建设方案的通知”已放回"
    assert (page.bot.document("数字政府.txt"), page.bot.documents(), page.bot.ask(QUESTION).text) == before
    assert page("removed", ids=[removed]) == ""
    with pytest.raises(LookupError, match="can no longer be put back"):
        page("restore", id=removed)


def test_removing_what_was_uploaded_deletes_the_copy_and_no_other_file(page: Page) -> None:
    page.upload("图书馆.txt", NEW)
    page.ingested()
    copy = page.bot.settings.state / "uploads" / "图书馆.txt"
    original = Path(next(info.path for info in page.bot.documents() if info.source == "数字政府.txt"))
    assert (copy.exists(), original.exists()) == (True, True)
    removed = page("remove", source="图书馆.txt")
    page("remove", source="数字政府.txt")
    assert (copy.exists(), original.exists()) == (False, True)
    page("restore", id=removed)
    assert "十二册" in page.bot.ask("白河市每人最多借书多少册？").text


def test_undo_gives_way_to_what_is_there_now(page: Page) -> None:
    removed = page("remove", source="数字政府.txt")
    page.upload("数字政府.txt", NEW)
    page.ingested()
    with pytest.raises(LookupError, match=r"库里已有“数字政府\.txt”"):
        page("restore", id=removed)
    page("remove", source="数字政府.txt")
    page("restore", id=removed)  # it was not lost by the attempt
    assert "98%" in page.bot.ask(QUESTION).text


def test_each_undoes_their_own(page: Page) -> None:
    removed = page("remove", source="数字政府.txt")
    li = Page(page.bot, owner="li", like=page)
    assert li("removed", ids=[removed]) == ""
    with pytest.raises(LookupError, match="can no longer be put back"):
        li("restore", id=removed)


def test_what_is_not_there_cannot_be_removed(page: Page) -> None:
    with pytest.raises(LookupError, match="is indexed"):
        page("remove", source="没有.txt")


# --- who may


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("known", {"names": ["a.txt"]}),
        ("add", {"token": "t", "name": "a.txt"}),
        ("progress", {}),
        ("clear", {}),
        ("remove", {"source": "数字政府.txt"}),
        ("removed", {"ids": []}),
        ("restore", {"id": "1"}),
    ],
)
def test_who_is_no_administrator_changes_nothing(reading: Page, name: str, arguments: dict[str, object]) -> None:
    with pytest.raises(LookupError, match=WORDS["hans"].admins_only):
        reading(name, **arguments)
    assert len(reading.bot.documents()) == 2


def test_who_is_no_administrator_sees_no_way_to(reading: Page) -> None:
    listing = reading("list", sort="title", find="", start=0)["html"]
    for html in (reading("view"), listing, reading("document", source="数字政府.txt")["html"]):
        assert not {"library.choose", "library.remove"} & set(Fragment(html).values("data-do"))
    assert shows(Page(reading.bot, like=reading)("view"), HANS.choose)


def test_without_a_place_for_uploads_none_is_offered(reading: Page) -> None:
    page = Page(reading.bot, like=reading)
    page.handlers = handlers(None)
    assert not shows(page("view"), HANS.choose)
    with pytest.raises(LookupError, match="rag ingest"):
        page("add", token="t", name="a.txt")
