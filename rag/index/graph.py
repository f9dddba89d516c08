"""The files of Chroma's graph: whether they are whole, and whose turn it is with them.

Chroma (1.5) writes its graph in place, a thousand changes at a time, and forgets the changes. A process that is killed
while it does so leaves files that Chroma refuses, that give wrong neighbours or that crash whoever reads them, as do
files that are read while another process writes them. So the files are sealed after each change: what bears no seal is
not opened, and the graph is made anew from the exact copy (``rag.index.exact``), which SQLite keeps whole.
"""

from __future__ import annotations

import json
import shutil
import zlib
from contextlib import AbstractContextManager
from pathlib import Path

from rag.index.turns import turn

_Marks = dict[str, tuple[int, int]]
"""By the file's name below the folder: its size and when it was last changed, in nanoseconds."""
_PATIENCE_S = 1.0  # for a reader: longer than Chroma takes for one batch of changes, shorter than a user's
_BLOCK = 1 << 20
_TURNS = ("turn.lock", "turn.queue")  # never removed: others may be waiting for them
_OURS = ("exact.db", "exact.db-journal", "revision", "graph.json", *_TURNS)


class Graph:
    """The graph in the folder ``path``. Methods raise ``OSError`` when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seal = path / "graph.json"
        self._seen: tuple[_Marks, str, bool] | None = None

    def turn(self, *, write: bool) -> AbstractContextManager[bool]:
        """A turn with the graph; who reads and waits too long does without."""
        if write:
            self._path.mkdir(parents=True, exist_ok=True)
            return turn(self._path / "turn.lock", write=True)
        return turn(self._path / "turn.lock", patience_s=_PATIENCE_S)

    def is_whole(self, *, thorough: bool = False) -> bool:
        """Whether the files are those that were sealed; also where none ever were (an index of an earlier version).

        ``thorough`` reads them; otherwise their sizes and times tell.
        """
        try:
            sealed = self._seal.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return True
        marks = self._marks()
        if thorough:
            return self._fits(marks, sealed, by_time=False)
        if self._seen is None or self._seen[:2] != (marks, sealed):
            self._seen = marks, sealed, self._fits(marks, sealed)
        return self._seen[2]

    def seal(self, *, first: bool = False) -> None:
        """Declare the files whole; ``first``: only if nobody ever did."""
        if first and self._seal.exists():
            return
        try:
            before = json.loads(self._seal.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            before = {}
        marks = self._marks()
        sums = {
            name: before[name] if before.get(name, [])[:2] == list(mark) else [*mark, self._sum(name)]
            for name, mark in marks.items()
        }
        if sums != before or not self._seal.exists():
            self._write(sums)

    def spoil(self) -> None:
        """Declare the files broken, until they are sealed again."""
        self._write({"being made anew": [0, 0, 0]})

    def clear(self, *, sealed: bool = True) -> None:
        """Remove all that is Chroma's; unless ``sealed``, all but the locks, as if nobody had ever written here."""
        for entry in self._path.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name not in (_OURS if sealed else _TURNS):
                entry.unlink()

    def _fits(self, marks: _Marks, sealed: str, *, by_time: bool = True) -> bool:
        try:
            sums = json.loads(sealed)
            if sums.keys() != marks.keys() or any(sums[name][0] != marks[name][0] for name in marks):
                return False
            # A copy of the folder has other times.
            timely = {name for name in marks if by_time and sums[name][1] == marks[name][1]}
            return all(sums[name][2] == self._sum(name) for name in marks.keys() - timely)
        except (ValueError, AttributeError, TypeError, IndexError):
            return False

    def _marks(self) -> _Marks:
        found = {}
        # Until this file is there, Chroma takes all from its log of changes, and begins the others anew when it opens.
        for written in sorted(self._path.glob("*/index_metadata.pickle")):
            for file in sorted(written.parent.iterdir()):
                status = file.stat()
                found[file.relative_to(self._path).as_posix()] = status.st_size, status.st_mtime_ns
        return found

    def _sum(self, name: str) -> int:
        total = 0
        with (self._path / name).open("rb") as file:
            while block := file.read(_BLOCK):
                total = zlib.crc32(block, total)
        return total

    def _write(self, sums: dict[str, list[int]]) -> None:
        fresh = self._seal.with_suffix(".new")
        fresh.write_text(json.dumps(sums), "utf-8")
        fresh.replace(self._seal)
