from __future__ import annotations

import asyncio
import os
import socket
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rag import Chatbot, Settings
from rag.corpus.formats.registry import SAVE_AS
from rag.errors import DocumentError, DocumentNotFoundError, DocumentSizeError, StorageError, UnsupportedFormatError
from rag.users import Users
from tests.ui.serving import client, serving, signed_in
from ui.filenames import disposition, safe_name
from ui.server import walled
from ui.settings.current import Current
from ui.uploads import Uploaded, Uploads

TEXT = "第一条 为了规范管理，制定本办法。\n".encode()
OURS = {"x-policy-rag": "1"}


@pytest.fixture
def bot(tmp_path: Path) -> Chatbot:
    return Chatbot.open(Settings.load(home=tmp_path / "home", max_file_mb=0.001))


@pytest.fixture
def current(bot: Chatbot) -> Current:
    return Current(bot)


@pytest.fixture
def uploads(current: Current) -> Uploads:
    return Uploads(current.bot.settings.state / "uploads", max_bytes=current.max_bytes)


@pytest.fixture
def users(bot: Chatbot) -> Users:
    return Users(bot.settings.state, rounds=4)


@pytest.fixture
def url(bot: Chatbot, uploads: Uploads) -> Iterator[str]:
    with serving(lambda: walled(bot, uploads, loopback=True)) as address:
        yield address


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for each in content:
        yield each


def receive(uploads: Uploads, name: str, *content: bytes, owner: str | None = None) -> Uploaded:
    return asyncio.run(uploads.receive(name, pieces(*content), owner))


def kept(uploads_folder: Path) -> dict[str, bytes]:
    """The files in the folder, and in those inside it."""
    found = (path for path in uploads_folder.rglob("*") if path.is_file())
    return {path.relative_to(uploads_folder).as_posix(): path.read_bytes() for path in found}


# --- over HTTP ------------------------------------------------------------------------------------------------


def test_a_file_is_received_and_taken_once(url: str, uploads: Uploads, bot: Chatbot) -> None:
    with client(url, **OURS) as browser:
        answer = browser.post("/files", params={"name": "新办法.txt"}, content=TEXT)
    assert (answer.status_code, sorted(answer.json()), answer.json()["name"]) == (200, ["name", "token"], "新办法.txt")
    folder, token = bot.settings.state / "uploads", answer.json()["token"]
    assert kept(folder) == {f".incoming/{token}": TEXT}
    with uploads.take(token, None).in_place() as path:
        assert path == folder / "新办法.txt"
    assert kept(folder) == {"新办法.txt": TEXT}
    assert stat.S_IMODE((folder / "新办法.txt").stat().st_mode) == 0o600
    with pytest.raises(DocumentNotFoundError, match="Upload the file again"):
        uploads.take(token, None)


def test_only_an_administrator_uploads_and_each_takes_her_own(url: str, users: Users, uploads: Uploads) -> None:
    with signed_in(url, users, "ann", admin=True) as ann, signed_in(url, users, "bob") as bob:
        refused = bob.post("/files?name=a.txt", content=TEXT, headers=OURS)
        assert (refused.status_code, refused.json()) == (403, {"error": "only an administrator may add documents."})
        token = ann.post("/files?name=a.txt", content=TEXT, headers=OURS).json()["token"]
    with client(url) as nobody:
        assert nobody.post("/files?name=a.txt", content=TEXT, headers=OURS).status_code == 401
    for owner in (None, "bob", ""):
        with pytest.raises(DocumentNotFoundError):
            uploads.take(token, owner)
    assert uploads.take(token, "ann").place.name == "a.txt"


def test_a_form_of_another_site_uploads_nothing(url: str, bot: Chatbot) -> None:
    with client(url) as browser:
        assert browser.post("/files?name=a.txt", content=TEXT).status_code == 403
        elsewhere = {**OURS, "sec-fetch-site": "cross-site"}
        assert browser.post("/files?name=a.txt", content=TEXT, headers=elsewhere).status_code == 403
        assert browser.get("/files?name=a.txt", headers=OURS).status_code == 405
    assert kept(bot.settings.state / "uploads") == {}


def test_the_limit(url: str, bot: Chatbot) -> None:
    with client(url, **OURS) as browser:
        assert browser.post("/files?name=a.txt", content=b"x" * 1000).status_code == 200
        for body in (b"x" * 1001, b"x" * 3_000_000, (b"x" * 600 for _ in range(2))):
            answer = browser.post("/files?name=b.txt", content=body)
            message = "b.txt is larger than the limit of 0.001 MB. Split it, or raise RAG_MAX_FILE_MB."
            assert (answer.status_code, answer.json()) == (413, {"error": message})
    assert list(kept(bot.settings.state / "uploads").values()) == [b"x" * 1000]


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("", 400, "'' is no name for a file."),
        ("..", 400, "'..' is no name for a file."),
        ("a/", 400, "'a/' is no name for a file."),
        ("a.dwg", 415, f"a.dwg: cannot read .dwg; save it as {SAVE_AS}."),
        ("metadata.yaml", 415, f"metadata.yaml: cannot read .yaml; save it as {SAVE_AS}."),
        (".txt", 415, f"txt: cannot read a file without ending; save it as {SAVE_AS}."),
    ],
)
def test_what_is_no_document(url: str, bot: Chatbot, name: str, status: int, told: str) -> None:
    with client(url, **OURS) as browser:
        answer = browser.post("/files", params={"name": name}, content=TEXT)
    assert (answer.status_code, answer.json()["error"][: len(told)]) == (status, told)
    assert kept(bot.settings.state / "uploads") == {}


def test_an_upload_that_is_broken_off_leaves_nothing(url: str, bot: Chatbot) -> None:
    address = urlsplit(url)
    head = (
        f"POST /files?name=a.txt HTTP/1.1\r\nHost: {address.netloc}\r\nX-Policy-Rag: 1\r\nContent-Length: 900\r\n\r\n"
    )
    folder = bot.settings.state / "uploads" / ".incoming"
    with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
        connection.sendall(head.encode() + b"x" * 100)
        while not folder.exists() or not list(folder.iterdir()):
            time.sleep(0.01)
    while list(folder.iterdir()):
        time.sleep(0.01)
    with client(url, **OURS) as browser:
        assert browser.post("/files?name=a.txt", content=TEXT).status_code == 200


# --- the parts ------------------------------------------------------------------------------------------------


def test_one_of_the_same_name_is_replaced_unless_something_fails(uploads: Uploads, bot: Chatbot) -> None:
    names = ("a.txt", "a.txt", "x/a.txt")
    first, second, third = [receive(uploads, name, str(number).encode()) for number, name in enumerate(names)]
    folder = bot.settings.state / "uploads"
    with pytest.raises(KeyError), uploads.take(third.token, None).in_place():
        raise KeyError
    assert kept(folder) == {f".incoming/{first.token}": b"0", f".incoming/{second.token}": b"1"}
    with uploads.take(second.token, None).in_place() as path:
        os.utime(path, (time.time() - 25 * 3600,) * 2)
        assert path.read_bytes() == b"1"

    def fail() -> None:
        with uploads.take(first.token, None).in_place() as path:
            assert path.read_bytes() == b"0"
            receive(uploads, "b.txt", TEXT)  # which clears away what is old
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_bytes() == b"1"


def test_a_place_that_cannot_be_taken_is_left_as_it_was(uploads: Uploads, bot: Chatbot) -> None:
    taken = uploads.take(receive(uploads, "a.txt", TEXT).token, None)
    folder = bot.settings.state / "uploads"
    (folder / "a.txt").write_bytes(b"before")
    taken.waiting.unlink()
    with pytest.raises(StorageError, match=r"^cannot keep a\.txt: No such file"), taken.in_place():
        pass
    assert kept(folder) == {"a.txt": b"before"}


def test_archives_have_a_limit_of_their_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", max_file_mb=0.001, ingest={"archive_mb": 0.002})
    current = Current(Chatbot.open(settings))
    uploads = Uploads(tmp_path / "uploads", max_bytes=current.max_bytes, archive_bytes=current.archive_bytes)
    assert receive(uploads, "A.ZIP", b"x" * 1001).name == "A.ZIP"
    message = r"^a\.zip is larger than the limit of 0\.002 MB\. Split it, or raise RAG_INGEST__ARCHIVE_MB\.$"
    with pytest.raises(DocumentSizeError, match=message):
        receive(uploads, "a.zip", b"x" * 2001)


def test_the_oldest_of_more_than_a_hundred_that_wait_is_dropped(uploads: Uploads, bot: Chatbot) -> None:
    other = receive(uploads, "other.txt", TEXT, owner="ann")
    waiting = [receive(uploads, f"{number}.txt", TEXT) for number in range(101)]
    assert len(kept(bot.settings.state / "uploads")) == 101
    with pytest.raises(DocumentNotFoundError):
        uploads.take(waiting[0].token, None)
    assert [uploads.take(each.token, None).place.name for each in (waiting[1], waiting[-1])] == ["1.txt", "100.txt"]
    assert uploads.take(other.token, "ann").place.name == "other.txt"


def test_what_an_earlier_process_left_is_cleared_away(uploads: Uploads, bot: Chatbot) -> None:
    folder = bot.settings.state / "uploads" / ".incoming"
    folder.mkdir(parents=True)
    for name, age in (("old", 25 * 3600), ("fresh", 23 * 3600)):
        (folder / name).write_bytes(b"left")
        os.utime(folder / name, (time.time() - age,) * 2)
    received = receive(uploads, "a.txt", TEXT)
    assert {path.name for path in folder.iterdir()} == {"fresh", received.token}


def test_the_limit_is_the_one_saved_last(tmp_path: Path) -> None:
    current = Current(Chatbot.open(Settings.load(home=tmp_path / "home")))
    uploads = Uploads(tmp_path / "uploads", max_bytes=current.max_bytes)
    assert receive(uploads, "a.txt", b"x" * 1001).name == "a.txt"
    current.save({"max_file_mb": 0.001})
    with pytest.raises(DocumentSizeError, match=r"the limit of 0\.001 MB"):
        receive(uploads, "a.txt", b"x" * 1001)
    current.save({"max_file_mb": None})
    assert receive(uploads, "a.txt", b"x" * 1001).name == "a.txt"


def test_errors_are_ours(uploads: Uploads, tmp_path: Path) -> None:
    for name, error in (("", DocumentError), ("a.exe", UnsupportedFormatError)):
        with pytest.raises(error):
            receive(uploads, name, TEXT)
    with pytest.raises(DocumentSizeError):
        receive(uploads, "a.txt", b"x" * 1001)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"^cannot keep a\.txt: Not a directory\."):
        receive(Uploads(tmp_path / "file", max_bytes=lambda: 9), "a.txt", b"x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("办法.txt", "办法.txt"),
        ("a b  c.txt", "a b c.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("a\\..\\b.md", "b.md"),
        ("/", ""),
        (".", ""),
        ("...", ""),
        (".htaccess", "htaccess"),
        ("..a.txt", "a.txt"),
        (" . a.txt . ", "a.txt"),
        ("a\x00b\nc\x1b[31m.txt", "abc[31m.txt"),
        ("fdp\u202etxt.md", "fdptxt.md"),
        ("\u200b\ufeff\u2066.txt", "txt"),
        (f"a{chr(0xDC80)}.txt", "a.txt"),
        ('<img src=x onerror="1">.txt', "_img src=x onerror=_1__.txt"),
        ("a:b|c?d*.txt", "a_b_c_d_.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.tar.txt", "_Com1.tar.txt"),
        ("console.txt", "console.txt"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("字" * 100 + ".txt", "字" * 65 + ".txt"),
        ("x" * 300, "x" * 200),
        ("a." + "x" * 300, "a." + "x" * 198),
    ],
)
def test_names_are_made_safe(given: str, expected: str) -> None:
    assert safe_name(given) == expected
    assert safe_name(expected) == expected
    assert len(expected.encode()) <= 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("talk.md", "attachment; filename=\"talk.md\"; filename*=UTF-8''talk.md"),
        ('网上 "办"\'.md', "attachment; filename=\"_.md\"; filename*=UTF-8''%E7%BD%91%E4%B8%8A%20_%E5%8A%9E_%27.md"),
        ("a\r\nX: y.md", "attachment; filename=\"aX_y.md\"; filename*=UTF-8''aX_%20y.md"),
        ("..", "attachment; filename=\"file\"; filename*=UTF-8''file"),
    ],
)
def test_names_in_a_header(name: str, expected: str) -> None:
    assert disposition("attachment", name) == expected
