"""Ingest: files into the index, idempotent by content; what has not changed is neither read nor embedded again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.corpus.archive import Contents
from rag.corpus.formats.registry import MARKDOWN, TEXT
from rag.errors import ConfigurationError, DocumentError
from rag.index.discovery import File, Found, find_files, with_members
from rag.index.planning import Kind, Plan, Step
from rag.index.reading import Ahead, ListArchive, Read, in_order, list_archive_here
from rag.index.untold import Untold
from rag.index.writer import Report, Writer
from rag.schema import Document, Failure, IngestReport, Metadata, Moved, Progress, Skipped

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from rag.index.store import Index

__all__ = ["Ingestor", "Read"]


class Ingestor:
    """Brings ``index`` up to date with files, which it reads with ``read`` in as many ``threads``.

    ``list_archive`` says what is in an archive. ``break_off`` ends what ``read`` is doing, when a run ends early.
    ``embeddings``, the model of the index elsewhere, takes the place of its own.
    """

    def __init__(
        self,
        index: Index,
        *,
        read: Read,
        list_archive: ListArchive | None = None,
        threads: int = 1,
        break_off: Callable[[], None] | None = None,
        embeddings: Embeddings | None = None,
    ) -> None:
        self._index = index
        self._read = read
        self._list_archive = list_archive or list_archive_here
        self._threads = threads
        self._break_off = break_off or (lambda: None)
        self._embeddings = embeddings

    def run(
        self,
        paths: Iterable[Path],
        *,
        progress: Report | None = None,
        changed: Collection[Path] | None = None,
        empty: bool = False,
        keep: Callable[[str], None] | None = None,
    ) -> IngestReport:
        """Add, replace, move and remove documents until the index holds what the files at ``paths`` say.

        A file that cannot be read is reported and stays indexed as it was; the others go on. With ``changed`` (paths
        without links), the content of all others is taken for unchanged. Folders may be ``empty`` if that says so.
        What an ingest moved that ended before its report is in this one.
        ``keep`` is told the source of each document before it is replaced or removed; with it, none is removed when
        no file could be read.

        Raises:
            DocumentNotFoundError: there is nothing at a path. DocumentError: no document in a folder.
            IndexMismatchError: the index was built with something else. StorageError: it cannot be written.
            ModelError: a text cannot be embedded. Documents already written stay, the others are as before.
        """
        found = find_files(paths, empty=empty)
        report = progress or (lambda _: None)
        with self._index.writing():
            self._index.prepare()
            found = self._with_members(found, report, changed)
            known = self._index.catalog.states()
            plan = Plan(known, found, changed)
            run = _Run(self._index, Writer(self._index, report, embeddings=self._embeddings), keep)
            run.earlier = run.untold.left({state.source for state in known.values()})
            with self._reading() as read:
                steps = in_order(self._ahead(plan.steps(), read))
                for number, (file, step) in enumerate(zip(found.files, steps, strict=True), start=1):
                    report(Progress("reading", number, len(found.files), file.name))
                    run.take(step)
            run.writer.flush()
            run.drop(plan.left())
            done = run.report(found.unreadable, found.skipped)
            run.untold.forget()
        return done

    def _with_members(self, found: Found, report: Report, changed: Collection[Path] | None) -> Found:
        def listed(path: Path) -> Contents:
            report(Progress("reading", 0, len(found.files), path.name))
            return self._list_archive(path)

        return with_members(found, listed, lambda path: changed is None or path in changed)

    def _ahead(
        self, steps: Iterable[Step | None], read: Callable[..., Future[Document]]
    ) -> Iterator[Ahead[Step | None]]:
        for step in steps:
            if step is None or step.kind in ("unchanged", "failed"):
                yield Ahead(step, None, 0)
            else:
                overrides = step.overrides if step.before is None else self._kept(step)
                reading = read(step.file.real, source=step.source, overrides=overrides)
                yield Ahead(step, reading, _size(step.file))

    def _kept(self, step: Step) -> Mapping[str, Any]:
        """The sidecar entry of a file that was renamed; where only its old name has one, what that said."""
        assert step.before is not None
        if step.overrides or not step.before[1].overrides:
            return step.overrides
        document = self._index.catalog.get(step.before[1].source)
        known = {each.name: getattr(document.metadata, each.name) for each in fields(Metadata)}
        text = step.file.real.suffix.lower() in (*TEXT.suffixes, *MARKDOWN.suffixes)
        return {**known, "encoding": document.encoding} if text else known

    @contextmanager
    def _reading(self) -> Iterator[Callable[..., Future[Document]]]:
        """Starts a reading in a thread; when the block is left by an error, all that goes on are broken off."""
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="reading")
        try:
            yield lambda path, **options: pool.submit(self._read, path, **options)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self._break_off()
            raise
        finally:
            pool.shutdown()


@dataclass
class _Run:
    """One ingest: what it has done."""

    index: Index
    writer: Writer
    keep: Callable[[str], None] | None = None
    done: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, Moved] = field(default_factory=dict)
    earlier: list[Moved] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.untold = Untold(self.index.home / "moves.jsonl")

    def take(self, ahead: Ahead[Step | None]) -> None:
        """Write the document of a step, or note why not."""
        step = ahead.what
        if step is None:
            return
        if step.kind == "failed":
            self.failed.append(Failure(str(step.file.path), step.reason))
            return
        if ahead.reading is not None:
            try:
                document = ahead.reading.result()
            except (DocumentError, ConfigurationError) as error:
                self.failed.append(Failure(str(step.file.path), str(error)))
                self.unread |= {step.before[0]} if step.before else set()
                return
            if step.before is not None:
                self._leave(step.before[1].source)
                self.untold.note(Moved(step.before[1].source, step.source))
                self.writer.remove(step.before[0])
            elif step.kind == "updated":
                self._leave(step.source)
            self.writer.put(document, path=str(step.file.real), overrides=step.mark)
            self.skipped += [Skipped(str(step.file.path), said) for said in document.unread]
        elif step.relocated:
            self.index.catalog.move(step.source, str(step.file.real))
        if step.before is not None:
            path, state = step.before
            self.moved[path] = Moved(state.source, step.source)
        else:
            self.done[step.kind].append(step.source)

    def drop(self, sources: Mapping[str, str]) -> None:
        """Remove the documents of ``sources`` (by path), which have no file any more.

        One whose file was renamed and could not be read under the new name stays.
        """
        if self.keep is not None and not any(self.done.values()) and not self.moved:
            return
        for path, source in sources.items():
            if path in self.unread or path in self.moved:
                continue
            self._leave(source)
            self.index.drop(self.index.catalog.remove(source))
            self.removed.append(source)

    def _leave(self, source: str) -> None:
        """The document ``source`` is about to go, or to be replaced."""
        if self.keep is not None:
            self.keep(source)

    def report(self, unreadable: Iterable[Failure], skipped: tuple[Skipped, ...]) -> IngestReport:
        return IngestReport(
            added=tuple(sorted(self.done["added"])),
            updated=tuple(sorted(self.done["updated"])),
            unchanged=tuple(sorted(set(self.done["unchanged"]) - {moved.new for moved in self.earlier})),
            removed=tuple(sorted(self.removed)),
            failed=(*self.failed, *unreadable),
            moved=tuple(sorted([*self.moved.values(), *self.earlier], key=lambda moved: (moved.old, moved.new))),
            skipped=(*self.skipped, *skipped),
        )


def _size(file: File) -> int:
    try:
        return file.member.size if file.member else file.path.stat().st_size
    except OSError:
        return 0
