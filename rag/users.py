"""Who may use the web UI: names, hashed passwords and roles, in one file that nobody else may read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal
from unicodedata import category, normalize

import bcrypt
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from rag.errors import StorageError, UserError
from rag.private import write_private

FILE = "users.json"
ROUNDS = 12  # of bcrypt: a quarter of a second for each password tried
LEAST_CHARS, MOST_BYTES = 8, 72  # bcrypt reads no more than 72 bytes

_NAME = re.compile(r"\w[\w.@+-]{0,63}")
_LOCK_SECONDS = 10

Role = Literal["admin", "user"]


@dataclass(frozen=True, slots=True)
class User:
    """An account without its password; ``created`` is ISO 8601 in UTC."""

    name: str
    role: Role
    created: str

    @property
    def admin(self) -> bool:
        """Whether library and settings may be changed."""
        return self.role == "admin"


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str
    hash: Annotated[str, StringConstraints(pattern=r"^\$2b\$\d\d\$[./A-Za-z0-9]{53}$")]
    role: Role
    created: str

    @property
    def user(self) -> User:
        return User(self.name, self.role, self.created)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: Literal[1] = 1
    users: tuple[_Account, ...]


class Users:
    """The accounts under ``home``, in ``users.json``; nothing is there until the first is added.

    Names are the same in any case and width. Safe to share between threads and between processes: what another one
    changes is seen at the next call. Passwords are hashed with 2 to the ``rounds`` steps of bcrypt. Each method raises
    ``StorageError`` when the file cannot be used; those that change something raise ``UserError``.
    """

    def __init__(self, home: Path, *, rounds: int = ROUNDS) -> None:
        self._path = home / FILE
        self._rounds = rounds
        self._known: tuple[tuple[int, ...], Mapping[str, _Account]] | None = None

    def list(self) -> tuple[User, ...]:
        """Every account, by name."""
        return tuple(account.user for _, account in sorted(self._accounts().items()))

    def get(self, name: str) -> User | None:
        """The account with this name, if there is one."""
        account = self._accounts().get(normalised(name))
        return account.user if account else None

    def stamp(self, name: str) -> str | None:
        """What becomes another as soon as the account has another password or is made anew; ``None`` without one."""
        account = self._accounts().get(normalised(name))
        return sha256(account.hash.encode()).hexdigest() if account else None

    def verify(self, name: str, password: str) -> User | None:
        """The account, if that is its password. Takes as long when there is no such name."""
        accounts = self._accounts()
        account = accounts.get(normalised(name))
        secret = normalize("NFKC", password).encode("utf-8", "replace")
        decoy = account or next(iter(accounts.values()), None)
        against = decoy.hash if decoy else self._hash(b"")
        matches = bcrypt.checkpw(secret[:MOST_BYTES], against.encode())
        return account.user if account and matches and len(secret) <= MOST_BYTES else None

    def add(self, name: str, password: str, *, admin: bool = False) -> User:
        """A new account; ``UserError`` when the name is taken or no name, or the password will not do."""
        key = _checked_name(name)
        hashed = self._hash(_checked_password(password))
        created = datetime.now(UTC).isoformat(timespec="seconds")
        with self._changing() as accounts:
            if key in accounts:
                raise UserError(f"there is a user {key!r} already. `rag user passwd {key}` gives another password.")
            accounts[key] = _Account(name=key, hash=hashed, role="admin" if admin else "user", created=created)
        return accounts[key].user

    def set_password(self, name: str, password: str) -> User:
        """Another password: whoever is signed in with the old one no longer is."""
        hashed = self._hash(_checked_password(password))
        with self._changing() as accounts:
            account = _existing(accounts, name)
            accounts[account.name] = account.model_copy(update={"hash": hashed})
        return account.user

    def remove(self, name: str) -> User:
        """Take an account away; conversations of that name stay where they are."""
        with self._changing() as accounts:
            account = _existing(accounts, name)
            del accounts[account.name]
        return account.user

    def _hash(self, secret: bytes) -> str:
        return bcrypt.hashpw(secret, bcrypt.gensalt(self._rounds)).decode()

    def _accounts(self) -> Mapping[str, _Account]:
        """What the file says, read again only when it is another one."""
        try:
            found = self._path.stat()
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
            if self._known is None or self._known[0] != mark:
                file = _File.model_validate_json(self._path.read_bytes())
                self._known = (mark, {account.name: account for account in file.users})
            return self._known[1]
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror}. Check its permissions.") from error
        except ValidationError as error:
            raise StorageError(
                f"{self._path} is damaged: {error.errors()[0]['msg']}. "
                "Restore it, or remove it and add the users again."
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, _Account]]:
        """The accounts, written when the block ends well; one process at a time."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                accounts = dict(self._accounts())
                yield accounts
                write_private(self._path, _File(users=tuple(accounts.values())).model_dump_json(indent=2).encode())
                self._known = None
        except OSError as error:
            raise StorageError(
                f"cannot write {self._path}: {error.strerror}. Check the folder's permissions."
            ) from error
        except Timeout as error:
            raise StorageError(f"another process is changing {self._path}. Try again.") from error


def normalised(name: str) -> str:
    """``name`` as accounts are kept under it: one for all cases and widths."""
    return normalize("NFKC", normalize("NFKC", name).strip().casefold())


def _existing(accounts: Mapping[str, _Account], name: str) -> _Account:
    account = accounts.get(normalised(name))
    if account is None:
        raise UserError(f"there is no user {name!r}. `rag user list` names them.")
    return account


def _checked_name(name: str) -> str:
    key = normalised(name)
    if not _NAME.fullmatch(key):
        raise UserError(
            f"{name[:80]!r} cannot be a name: 1 to 64 letters, digits and . _ @ + -, the first a letter or digit. "
            "Choose another."
        )
    return key


def _checked_password(password: str) -> bytes:
    text = normalize("NFKC", password)
    if len(text) < LEAST_CHARS:
        raise UserError(f"a password has at least {LEAST_CHARS} characters, this one {len(text)}. Choose a longer one.")
    if any(category(character) in ("Cc", "Cs") or character == "\ufffd" for character in text):
        raise UserError("the password holds a control character or a broken one. Choose another.")
    secret = text.encode()
    if len(secret) > MOST_BYTES:
        raise UserError(
            f"a password has at most {MOST_BYTES} bytes ({MOST_BYTES} Latin letters, {MOST_BYTES // 3} Chinese "
            f"characters), this one {len(secret)}. Choose a shorter one."
        )
    return secret
