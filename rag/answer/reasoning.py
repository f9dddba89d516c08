"""What a reasoning model says before it answers, which is not for the reader."""

from __future__ import annotations

import re

_NAMES = ("think", "thinking", "thought", "reasoning")
_TAG = re.compile(f"<(/?)({'|'.join(_NAMES)})>")
_TAGS = tuple(f"<{slash}{name}>" for name in _NAMES for slash in ("", "/"))
_LONGEST = max(map(len, _TAGS))


class Unreasoned:
    """Takes ``<think>…</think>`` out of a text that arrives in pieces; no part of a tag is ever given out."""

    def __init__(self) -> None:
        self.reasoned = False
        self._held = ""
        self._until: str | None = None

    def feed(self, piece: str) -> str:
        """What may be shown now that ``piece`` has arrived."""
        self._held += piece
        shown: list[str] = []
        while self._step(shown):
            pass
        return "".join(shown)

    def rest(self) -> str:
        """What is left to show at the end: what only looked like the beginning of a tag."""
        left, self._held = self._held, ""
        return "" if self._until else left

    def _step(self, shown: list[str]) -> bool:
        """Read up to the next tag; whether there may be another."""
        if self._until:
            inside, tag, after = self._held.partition(self._until)
            self._held = after if tag else inside[-_LONGEST:]
            self._until = None if tag else self._until
            return bool(tag)
        if found := _TAG.search(self._held):
            shown.append(self._held[: found.start()])
            self._held = self._held[found.end() :]
            if not found[1]:
                self._until, self.reasoned = f"</{found[2]}>", True
            return True
        kept = self._held.rfind("<")
        waits = kept >= 0 and any(tag.startswith(self._held[kept:]) for tag in _TAGS)
        shown.append(self._held[:kept] if waits else self._held)
        self._held = self._held[kept:] if waits else ""
        return False
