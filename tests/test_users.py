from __future__ import annotations

import json
import stat
from datetime import datetime
from pathlib import Path

import pytest

from rag.errors import StorageError, UserError
from rag.users import User, Users

PASSWORD = "correct horse"


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path / "home", rounds=4)


def names(users: Users) -> list[tuple[str, str]]:
    return [(user.name, user.role) for user in users.list()]


def test_nobody_is_there_until_somebody_is_added(users: Users, tmp_path: Path) -> None:
    assert users.list() == ()
    assert (users.get("ann"), users.stamp("ann"), users.verify("ann", PASSWORD)) == (None, None, None)
    assert not (tmp_path / "home").exists()


def test_an_account_is_known_by_its_password(users: Users) -> None:
    added = users.add("ann", PASSWORD)
    assert (added.name, added.role, added.admin) == ("ann", "user", False)
    assert datetime.fromisoformat(added.created).tzinfo is not None
    assert users.get("ann") == users.verify("ann", PASSWORD) == added
    wrong = ["", "Correct horse", f"{PASSWORD} ", PASSWORD[:-1], "\udc80", "x" * 100]
    assert [users.verify("ann", password) for password in wrong] == [None] * len(wrong)
    assert users.verify("bob", PASSWORD) is None


def test_administrators_are_told_apart(users: Users) -> None:
    users.add("bob", PASSWORD)
    assert users.add("ann", PASSWORD, admin=True).admin
    assert names(users) == [("ann", "admin"), ("bob", "user")]


def test_an_account_goes_and_may_come_again(users: Users) -> None:
    users.add("ann", PASSWORD, admin=True)
    before = users.stamp("ann")
    assert users.remove("ann").name == "ann"
    assert (users.list(), users.verify("ann", PASSWORD), users.stamp("ann")) == ((), None, None)
    users.add("ann", PASSWORD)
    assert names(users) == [("ann", "user")]
    assert users.stamp("ann") not in (None, before)


def test_another_password_takes_the_place_of_the_old_one(users: Users) -> None:
    added, before = users.add("ann", PASSWORD, admin=True), users.stamp("ann")
    assert users.set_password("ann", "battery staple") == added
    assert (users.verify("ann", PASSWORD), users.verify("ann", "battery staple")) == (None, added)
    assert users.stamp("ann") != before
    stamp = users.stamp("ann")
    users.set_password("ann", "battery staple")
    assert users.stamp("ann") != stamp


@pytest.mark.parametrize(
    ("first", "second"), [("Ann", "ANN"), ("ａｎｎ", "ann"), (" ann ", "Ann"), ("Straße", "STRASSE")]
)
def test_a_name_is_the_same_in_any_case_and_width(users: Users, first: str, second: str) -> None:
    added = users.add(first, PASSWORD)
    assert users.verify(second, PASSWORD) == users.get(second) == added
    with pytest.raises(UserError, match=f"^there is a user '{added.name}' already"):
        users.add(second, PASSWORD)
    assert users.remove(second) == added


@pytest.mark.parametrize("name", ["ann", "王小明", "a.b-c_d@example.org+x", "1", "x" * 64])
def test_names(users: Users, name: str) -> None:
    assert users.add(name, PASSWORD).name == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a/b", ".ann", "-ann", "@ann", "x" * 65, "an\x00n", "an\nn", "an\u202en", "<b>", "a'b", "\udc80"],
)
def test_what_is_no_name(users: Users, name: str) -> None:
    with pytest.raises(UserError, match=r" cannot be a name: .* Choose another\.$"):
        users.add(name, PASSWORD)
    assert users.list() == ()


@pytest.mark.parametrize("password", ["12345678", "x" * 72, "好" * 24, "a b  c d ", "密码密码密码密码"])
def test_passwords(users: Users, password: str) -> None:
    assert users.verify("ann", password) is None
    assert users.add("ann", password) == users.verify("ann", password)
    assert users.verify("ann", f"{password}x") is None


def test_a_password_is_the_same_however_its_letters_are_put_together(users: Users) -> None:
    users.add("ann", "caf\u00e9 au lait")
    assert users.verify("ann", "cafe\u0301 au lait") is not None


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "a password has at least 8 characters, this one 0. Choose a longer one."),
        ("1234567", "a password has at least 8 characters, this one 7. Choose a longer one."),
        ("x" * 73, "a password has at most 72 bytes (72 Latin letters, 24 Chinese characters), this one 73."),
        ("好" * 25, "a password has at most 72 bytes (72 Latin letters, 24 Chinese characters), this one 75."),
        ("secret\0secret", "the password holds a control character or a broken one. Choose another."),
        (f"secret{chr(0xDC80)}secret", "the password holds a control character or a broken one. Choose another."),
        ("secret\ufffdsecret", "the password holds a control character or a broken one. Choose another."),
    ],
)
def test_what_is_no_password(users: Users, password: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        users.add("ann", password)
    assert str(caught.value).startswith(message)
    assert users.list() == ()
    users.add("ann", PASSWORD)
    with pytest.raises(UserError):
        users.set_password("ann", password)
    assert users.verify("ann", PASSWORD) is not None


def test_a_name_that_is_not_there(users: Users) -> None:
    for change in (lambda: users.remove("Bob"), lambda: users.set_password("Bob", PASSWORD)):
        with pytest.raises(UserError, match=r"^there is no user 'Bob'\. `rag user list` names them\.$"):
            change()


def test_the_file_is_for_its_owner_alone_and_holds_no_password(users: Users, tmp_path: Path) -> None:
    users.add("ann", PASSWORD)
    users.add("bob", PASSWORD)
    file = tmp_path / "home" / "users.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert PASSWORD not in file.read_text(encoding="utf-8")
    first, second = (user["hash"] for user in kept["users"])
    assert first != second
    assert first.startswith("$2b$04$")
    assert {path.name for path in file.parent.iterdir()} == {"users.json", "users.lock"}


def test_what_another_process_changes_is_seen(users: Users, tmp_path: Path) -> None:
    users.add("ann", PASSWORD)
    other = Users(tmp_path / "home", rounds=4)
    assert names(other) == [("ann", "user")]
    users.add("bob", PASSWORD)
    assert names(other) == [("ann", "user"), ("bob", "user")]
    other.remove("ann")
    assert names(users) == [("bob", "user")]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"format": 2, "users": []}',
        '{"format": 1, "users": [{"name": "ann"}]}',
        '{"format": 1, "users": [{"name": "ann", "hash": "plain", "role": "admin", "created": ""}]}',
    ],
)
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, content: str) -> None:
    file = tmp_path / "users.json"
    file.write_text(content, encoding="utf-8")
    users = Users(tmp_path, rounds=4)
    for use in (users.list, lambda: users.verify("ann", PASSWORD), lambda: users.add("ann", PASSWORD)):
        with pytest.raises(StorageError, match=r"users\.json is damaged: .* add the users again\.$"):
            use()
    assert file.read_text(encoding="utf-8") == content


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"users\.json: "):
        Users(tmp_path / "file" / "home", rounds=4).add("ann", PASSWORD)


def test_a_user_is_a_plain_value() -> None:
    assert User("ann", "admin", "2026-01-01T00:00:00+00:00").admin
