"""Runs a data set through a chatbot: rows that are on disk as soon as they are scored, and the report they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals import provenance
from evals.datasets import Case, Dataset, check_evidence
from evals.questions import in_other_script
from evals.results import VERSION, Report, Row
from evals.rowfile import RowFile
from evals.scoring import Scorer
from evals.summary import by_type, of_run
from rag.chatbot import Chatbot
from rag.errors import ConfigurationError

Progress = Callable[[int, int, Row | None], None]
"""Told how many questions are done, of how many, and the row that is new; ``None`` at the start."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: ``rows`` is where they are kept meanwhile, ``resume`` takes over those already there.

    ``workers`` ask at the same time. One is right for the extractive answerer: it computes on every core by itself, so
    more gain little and blur the times; with answers from a server, more save waiting. ``script_gap`` asks every
    question in the other script too; ``replay`` asks the earlier turns of a conversation anew (see ``Scorer``).
    """

    rows: Path | None = None
    resume: bool = False
    workers: int = 1
    script_gap: bool = False
    replay: bool = False


def run(
    bot: Chatbot,
    dataset: Dataset,
    *,
    options: Options = Options(),
    progress: Progress | None = None,
) -> Report:
    """The report of all cases, in their order.

    Raises:
        ConfigurationError: no cases, or evidence that the index lacks. StorageError: the rows cannot be written.
    """
    if not dataset.cases:
        raise ConfigurationError(f"no case of {dataset.name} is left to run. Choose others with --types or --limit.")
    check_evidence(dataset.cases, bot)
    documents = bot.documents()
    made_with: dict[str, Any] = {
        "corpus": provenance.corpus_hash(documents),
        "commit": provenance.commit(),
        "settings": provenance.settings_told(bot.settings),
        "versions": provenance.versions(),
        "prompts": provenance.prompts(),
    }
    twins = {case.id: in_other_script(case) for case in dataset.cases} if options.script_gap else {}
    cases = _to_ask(dataset.cases, twins)
    scorer = Scorer(bot, retrieval_only=dataset.retrieval_only, replay=options.replay)
    file = RowFile(options.rows, {**made_with, "report": VERSION, "replay": options.replay}) if options.rows else None
    found = _Run(scorer, file, options).rows(cases, progress or (lambda *_: None))
    rows = tuple(found[case.id] for case in dataset.cases)
    pairs = [
        _pair(found[case.id], found.get(twin.id, found[case.id]))
        for case in dataset.cases
        if (twin := twins.get(case.id))
    ]
    return Report(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        cases=dataset.name,
        documents=len(documents),
        groups=by_type(rows),
        extra=of_run(rows, pairs),
        rows=rows,
        **made_with,
    )


def _to_ask(cases: Sequence[Case], twins: dict[str, Case | None]) -> list[Case]:
    """The cases, and those twins that are not word for word the same question."""
    other = [twin for case in cases if (twin := twins.get(case.id)) and twin.question != case.question]
    return [*cases, *other]


def _pair(row: Row, twin: Row) -> tuple[Row, Row]:
    """Simplified first."""
    return (twin, row) if twin.script == "hans" else (row, twin)


@dataclass(frozen=True, slots=True)
class _Run:
    scorer: Scorer
    file: RowFile | None
    options: Options

    def rows(self, cases: Sequence[Case], progress: Progress) -> dict[str, Row]:
        found = self._kept(cases)
        progress(len(found), len(cases), None)
        left = [case for case in cases if case.id not in found]
        if left:  # so that opening index and model is in no case's time
            Scorer(self.scorer.bot, retrieval_only=True).row(left[0])
        for case, row in self._asked(left):
            if self.file:
                self.file.append(case, row)
            found[case.id] = row
            progress(len(found), len(cases), row)
        return found

    def _kept(self, cases: Sequence[Case]) -> dict[str, Row]:
        if not self.file:
            return {}
        kept = self.file.kept() if self.options.resume else {}
        keys = {case.id: self.file.key(case) for case in cases}
        found = {name: kept[key] for name, key in keys.items() if key in kept}
        self.file.restart({keys[name]: row for name, row in found.items()})
        return found

    def _asked(self, cases: Sequence[Case]) -> Iterator[tuple[Case, Row]]:
        """Each case with its row, as they are done."""
        if self.options.workers == 1:
            yield from ((case, self.scorer.row(case)) for case in cases)
            return
        pool = ThreadPoolExecutor(self.options.workers)
        try:
            jobs = {pool.submit(self.scorer.row, case): case for case in cases}
            yield from ((jobs[job], job.result()) for job in as_completed(jobs))
        finally:  # after an interruption too: what has not begun is not waited for
            pool.shutdown(cancel_futures=True)
