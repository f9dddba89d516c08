"""One measurement in a process of its own: ``python -m evals.bench_worker TASK``, which prints JSON.

A process of its own makes the peak of its memory that of the task alone, and its duration a cold start.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from evals.bench_memory import TreePeak, peak_mb
from rag.errors import PolicyRagError

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure: an ingest of ``corpus``, one search, latencies, or those while ``corpus`` is ingested elsewhere.

    ``home`` holds the index.

    ``model`` is the baseline's; ``callers`` are the numbers of threads that ask at once, ``calls`` how many calls
    each of them is measured by at least, ``seconds`` for how long there are searches while another process ingests.
    """

    system: Literal["ours", "baseline"]
    kind: Literal["ingest", "first", "latency", "busy"]
    home: str
    corpus: str = ""
    model: str = ""
    questions: tuple[str, ...] = ()
    callers: tuple[int, ...] = ()
    calls: int = 0
    seconds: float = 0.0

    def as_json(self) -> str:
        """The task for the command line; ``task_from`` reads it back."""
        return json.dumps(asdict(self), ensure_ascii=False)


def task_from(text: str) -> Task:
    """The task that ``as_json`` wrote."""
    found: Any = {key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(text).items()}
    return Task(**found)


def perform(task: Task) -> Figures:
    """The figures of ``task``, among them the peak memory of this process in MB (``None`` without /proc)."""
    work = {"ours": _ours, "baseline": _baseline}[task.system](task)
    return {**work, "peak": peak_mb()}


def latencies(operation: Callable[[str], object], questions: Sequence[str], callers: int, calls: int) -> list[float]:
    """Milliseconds of each of ``calls`` calls or more, ``callers`` of them at once, over ``questions`` in turn."""
    wanted = max(calls, 8 * callers)

    def timed(number: int) -> float:
        start = perf_counter()
        operation(questions[number % len(questions)])
        return (perf_counter() - start) * 1000

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(timed, range(wanted)))


def _ours(task: Task) -> Figures:
    from rag.chatbot import Chatbot
    from rag.schema import Progress
    from rag.settings import Settings

    bot = Chatbot.open(Settings.load(home=Path(task.home)))
    if task.kind == "ingest":
        last = [0.0]

        def show(progress: Progress) -> None:
            if perf_counter() - last[0] > 1 or progress.done == progress.total:
                last[0] = perf_counter()
                _show(progress.done, progress.total, progress.stage)

        _warm(bot)
        with TreePeak() as tree:
            seconds = _seconds(lambda: bot.ingest([task.corpus], progress=show))
        again = _seconds(lambda: bot.ingest([task.corpus]))
        infos = bot.documents()
        counts = {"documents": len(infos), "characters": sum(i.characters for i in infos)}
        found = {"chunks": sum(i.chunks for i in infos), "seconds": seconds, "again": again, "tree": tree.mb}
        return {**counts, **found}
    if task.kind == "busy":
        from evals.bench_busy import busy

        return dict(busy(bot, Path(task.home), Path(task.corpus), task.questions, task.seconds))
    return _asked(task, {"search": bot.search, "ask": bot.ask})


def _warm(bot: Chatbot) -> None:
    """Load the model before the clock starts, as for the baseline, with a document that is removed again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "warm-up.txt")
        path.write_text("第一条 本文件用于预热。\n", encoding="utf-8")
        bot.ingest([path])
    bot.remove(path.name)


def _baseline(task: Task) -> Figures:
    from evals.bench_baseline import Baseline, quiet

    quiet()
    pipeline = Baseline(task.model, Path(task.home))
    if task.kind == "ingest":
        pipeline.search("")  # loads the model
        start = perf_counter()
        counts = pipeline.ingest(Path(task.corpus), progress=lambda done, total: _show(done, total, "embedding"))
        return {**counts, "seconds": perf_counter() - start}
    return _asked(task, {"search": pipeline.search})


def _asked(task: Task, operations: dict[str, Callable[[str], object]]) -> Figures:
    if task.kind == "first":
        operations["search"](task.questions[0])
        return {}
    figures: Figures = {}
    for name, operation in operations.items():
        for question in task.questions:
            operation(question)
        for callers in task.callers:
            start = perf_counter()
            found = latencies(operation, task.questions, callers, task.calls)
            label = f"{name}, {callers} caller{'s' if callers > 1 else ''}"
            figures[f"{label}, p50, ms"] = statistics.median(found)
            figures[f"{label}, p95, ms"] = statistics.quantiles(found, n=20, method="inclusive")[-1]
            figures[f"{label}, calls/s"] = len(found) / (perf_counter() - start)
    return figures


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _show(done: int, total: int, what: str) -> None:
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r  {what} {done}/{total}{end}")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Perform the task in ``arguments``; libraries that print do so on stderr."""
    with contextlib.redirect_stdout(sys.stderr):
        try:
            figures: dict[str, Any] = dict(perform(task_from(arguments[0])))
        except PolicyRagError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
