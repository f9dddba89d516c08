"""The folder with the runs: reports, the pages made of them, and the user's own cases."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rag.errors import ConfigurationError, PolicyRagError, StorageError
from ui.evaluation import reports
from ui.evaluation.reports import Estimate, Report

FEEDBACK = "feedback.jsonl"
SHIPPED = "seeds_dev"
_SHOWN = ("correct", "recall@5", "refused_answerable", "refused_unanswerable", "ms_total_p50")
_CASES = (".jsonl", ".csv")
_KEPT = 4  # reports in memory: the one looked at, two compared, and one before


class RunNotFoundError(PolicyRagError):
    """There is no such run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A line of the list: a run and its figures. ``settings`` are those of the report, tables as dictionaries."""

    name: str
    created: str
    cases: str
    count: int
    failed: int
    figures: Mapping[str, Estimate]
    settings: Mapping[str, Any]

    @property
    def private(self) -> bool:
        """Whether it asks what users have asked, which is for administrators only."""
        return self.cases == FEEDBACK


class Folder:
    """The runs in ``home``, and its cases. Safe to share between threads."""

    def __init__(self, home: Path) -> None:
        self.path = home / "evals"
        self.own_cases = self.path / "cases"
        self._runs: dict[Path, tuple[int, Run | None]] = {}
        self._reports: dict[Path, tuple[int, Report]] = {}
        self._lock = threading.Lock()

    def runs(self) -> list[Run]:
        """Every run that can be read, the latest first."""
        found = [run for file in self._files() if (run := self._run(file)) is not None]
        return sorted(found, key=lambda run: run.created, reverse=True)

    def run(self, name: str) -> Run:
        """The run ``name``; ``RunNotFoundError`` when there is none."""
        run = self._run(self.file(name))
        if run is None:
            raise RunNotFoundError(f"{name} is no report that this version reads. Run the evaluation again.")
        return run

    def report(self, name: str) -> Report:
        """The report of the run ``name``; ``RunNotFoundError`` when there is none."""
        file = self.file(name)
        changed = _changed(file)
        with self._lock:
            kept = self._reports.get(file)
        if kept is not None and kept[0] == changed:
            return kept[1]
        report = reports.read(file)
        with self._lock:
            self._reports[file] = changed, report
            for oldest in list(self._reports)[:-_KEPT]:
                del self._reports[oldest]
        return report

    def file(self, name: str) -> Path:
        """The report's file; only a name that is listed has one."""
        for file in self._files():
            if file.stem == name:
                return file
        raise RunNotFoundError(f"there is no run {name[:80]!r} any more. Reload the page.")

    def delete(self, name: str) -> None:
        """Forget a run, with the page made of it."""
        file = self.file(name)
        try:
            for each in (file, file.with_suffix(".html"), rows_of(file)):
                each.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot delete {file}: {error.strerror}. Make its folder writable.") from error

    def new(self, cases: str) -> Path:
        """A file for the report of a run that begins now."""
        started = f"{cases}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        taken = {file.stem for file in self._files()}
        free, number = started, 1
        while free in taken:
            number += 1
            free = f"{started}-{number}"
        return self.path / f"{free}.json"

    def cases(self) -> list[str]:
        """The files with the user's own cases."""
        return [file.name for file in _named(self.own_cases) if file.suffix in _CASES and file.is_file()]

    def cases_file(self, name: str) -> Path:
        """The file ``name`` among them; ``ConfigurationError`` when it is none of them."""
        if name not in self.cases():
            raise ConfigurationError(f"there are no cases {name[:80]!r} in {self.own_cases}. Reload the page.")
        return self.own_cases / name

    def write_cases(self, name: str, text: str) -> None:
        """Keep ``text`` as the user's own cases, in place of what was."""
        partial = self.own_cases / f"{name}.partial"
        try:
            self.own_cases.mkdir(parents=True, exist_ok=True)
            partial.write_text(text, encoding="utf-8")
            partial.replace(self.own_cases / name)
        except OSError as error:
            raise StorageError(f"cannot write {self.own_cases / name}: {error.strerror}. Free space.") from error

    def _files(self) -> list[Path]:
        return [file for file in _named(self.path) if file.suffix == ".json"]

    def _run(self, file: Path) -> Run | None:
        """The line of the list; ``None`` for a file that is no report."""
        changed = _changed(file)
        with self._lock:
            known = self._runs.get(file)
        if known is None or known[0] != changed:
            run = None
            with suppress(ConfigurationError):
                run = _line(file.stem, reports.read(file))
            known = changed, run
            with self._lock:
                self._runs[file] = known
        return known[1]


def rows_of(report: Path) -> Path:
    """Where ``rag-eval run`` keeps the rows of a report that is not finished."""
    return report.with_name(f"{report.name}.rows.jsonl")


def _line(name: str, report: Report) -> Run:
    return Run(
        name=name,
        created=report.created,
        cases=report.cases,
        count=len(report.rows),
        failed=len(report.failures),
        figures={metric: report.overall(metric) for metric in _SHOWN},
        settings=report.settings,
    )


def _named(folder: Path) -> list[Path]:
    """What is in ``folder``, sorted; without names that cannot be shown, and so not be asked for."""
    return sorted(file for file in folder.glob("*") if file.name.isprintable())


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return -1
