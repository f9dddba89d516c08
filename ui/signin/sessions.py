"""Signed cookies: they say who is signed in, until the account goes or has another password."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from rag.errors import StorageError
from rag.private import write_private
from rag.users import User, Users

KEY_FILE = "session.key"
SECONDS = 14 * 24 * 3600
_KEY_BYTES = 32
_ENDED = 10_000  # sessions that were signed out and are remembered for it
_LONGEST = 1000


class Sessions:
    """Sessions of ``users``, signed with the key under ``home``, which is made at first use.

    A cookie is ``name.issued.nonce.signature``; the signature covers the account's stamp, so that another password ends
    every session. Signing out is remembered as long as the process runs. Safe to share between threads.
    """

    def __init__(self, home: Path, users: Users, *, now: Callable[[], float] = time.time) -> None:
        self._path = home / KEY_FILE
        self._users = users
        self._now = now
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def cookie(self) -> str:
        """Name of the cookie: one for each home, since the ports of a computer share their cookies."""
        return f"policy-rag-{sha256(self._key).hexdigest()[:8]}"

    def begin(self, user: User) -> str:
        """The cookie of a new session of ``user``."""
        said = f"{user.name.encode().hex()}.{int(self._now())}.{secrets.token_hex(8)}"
        return f"{said}.{self._signature(said, user.name)}"

    def user(self, cookie: str | None) -> User | None:
        """Whose session it is; ``None`` when it is forged, too old, signed out, or the account is another by now."""
        if cookie is None or len(cookie) > _LONGEST:
            return None
        said, _, signature = cookie.rpartition(".")
        try:
            name, issued, nonce = said.split(".")
            who = bytes.fromhex(name).decode()
            age = self._now() - int(issued)
        except ValueError:
            return None
        if not hmac.compare_digest(self._signature(said, who).encode(), signature.encode("utf-8", "replace")):
            return None
        return self._users.get(who) if age <= SECONDS and nonce not in self._ended else None

    def end(self, cookie: str | None) -> None:
        """Sign out: the session is none from now on, whoever kept its cookie."""
        if cookie is None or self.user(cookie) is None:
            return
        with self._lock:
            self._ended[cookie.split(".")[2]] = None
            while len(self._ended) > _ENDED:
                self._ended.popitem(last=False)

    def _signature(self, said: str, name: str) -> str:
        stamp = self._users.stamp(name) or secrets.token_hex()  # nobody's signature is none that can be had
        return hmac.new(self._key, f"{said}|{stamp}".encode("utf-8", "replace"), sha256).hexdigest()

    @cached_property
    def _key(self) -> bytes:
        try:
            if not self._path.exists():
                write_private(self._path, secrets.token_bytes(_KEY_BYTES))
            key = self._path.read_bytes()
        except OSError as error:
            raise StorageError(f"cannot use {self._path}: {error.strerror}. Check its permissions.") from error
        if len(key) != _KEY_BYTES:
            raise StorageError(f"{self._path} is damaged. Remove it: another is made, and everyone signs in again.")
        return key
