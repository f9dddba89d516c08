"""Speed and memory on a real corpus, ours beside a plain LangChain pipeline: ingest, search, ask, cold start.

Every figure comes from a fresh index, and every peak of memory from a process that does nothing else.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Literal

from evals.bench_corpus import grow
from evals.bench_report import Bench, Run, bench_of
from evals.bench_worker import Figures, Task
from evals.bench_written import write
from evals.folder import read_folder
from rag.errors import ConfigurationError, PolicyRagError
from rag.index.bundled_model import TOKENIZER_FILE, ensure_model, model_folder
from rag.resources import shipped
from rag.schema import Document
from rag.settings import Settings

QUESTIONS = (
    "温州到2025年的城市化率目标是多少？",
    "遂宁打造一流营商环境,围绕哪八个方面的环境列目标清单和责任清单?",
    "溫州要持續擦亮的基層黨建品牌叫什麼?",
    "长治打破部门“信息孤岛”、形成“全市一张网”这项任务由哪些单位牵头?",
    "What urbanisation rate does the Wenzhou decision aim for by 2025?",
)
BUNDLED = "bundled"
_MORE = 2000  # documents to ingest while searches are measured; it is broken off when they are done
_DRAFTS = 20  # questions drafted from a corpus that is not the seeds

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    ``corpus``: a folder, the shipped seeds if ``None``. ``sizes``: measure a corpus grown from it to each of these
    numbers of documents (``evals.bench_corpus.grow`` says how) instead of the folder itself. ``baseline``: also run
    the pipeline of ``evals.bench_baseline``. ``callers``: at how many callers at once; ``calls``: how many calls a
    latency is taken from, at least; ``processes``: how many fresh processes a cold start is the median of.
    ``written``: measure on so many documents of about so many ``characters`` instead, which ``evals.bench_written``
    writes. ``busy_s``: for how long searches are measured while another process ingests.
    """

    corpus: Path | None = None
    sizes: tuple[int, ...] = ()
    baseline: bool = True
    callers: tuple[int, ...] = (1, 4, 16)
    calls: int = 40
    processes: int = 3
    written: int = 0
    characters: int = 400
    busy_s: float = 60.0

    def __post_init__(self) -> None:
        for size in (*self.sizes, *([self.written] if self.written else [])):
            if size < 1:
                raise ConfigurationError(f"cannot grow a corpus to {size} documents. Give numbers from 1.")


def measure(plan: Plan, *, settings: Settings | None = None, say: Say = lambda _: None) -> Bench:
    """Perform ``plan``; ``say`` gets a line before each step.

    Models are built or written beforehand and not counted. The index that ``settings`` name is not touched.

    Raises:
        DocumentNotFoundError, DocumentError: no such corpus, or no document in it.
        MissingDependencyError: a package of the baseline is not installed.
        PolicyRagError: a measuring process failed; it has said why on stderr.
    """
    settings = settings or Settings.load()
    if plan.written:
        with tempfile.TemporaryDirectory(prefix="policy-rag-bench-") as scratch:
            corpus = Path(scratch, f"written-{plan.written}")
            write(plan.written, corpus, characters=plan.characters)
            return measure(replace(plan, written=0, corpus=corpus, sizes=()), settings=settings, say=say)
    folder = plan.corpus or shipped("seeds")
    say(f"reading {folder}")
    real, failures = read_folder(folder)
    for failure in failures:
        say(f"left out: {failure.reason}")
    if not real:
        raise ConfigurationError(f"no document in {folder} can be read. Name another corpus.")
    questions = QUESTIONS if plan.corpus is None else _drafted(real)
    with _bench(plan, settings, questions, say) as bench:
        if not plan.sizes:
            return bench_of((bench.run(folder, folder.name, len(real)),))
        return bench_of(tuple(bench.run(*_grown(real, size, bench.scratch, folder.name)) for size in plan.sizes))


def _grown(real: list[Document], size: int, scratch: Path, name: str) -> tuple[Path, str, int]:
    into = scratch / f"corpus-{size}"
    grown = grow(real, size, into)
    what = f"{name}, {len(real)} documents, grown to {size} from {grown.sections} sections, each used "
    return into, f"{what}{grown.uses:.1f} times", size


def _drafted(real: list[Document]) -> tuple[str, ...]:
    """Questions drafted from the documents; where nothing can be drafted, the documents' titles."""
    from evals.make_cases import draft_cases

    step = max(1, len(real) // _DRAFTS)
    some = real[::step][:_DRAFTS]
    drafts = tuple(case.question for case in draft_cases(some, per_document=max(1, _DRAFTS // len(some))))
    return drafts or tuple(document.metadata.title or Path(document.source).stem for document in some)


@contextmanager
def _bench(plan: Plan, settings: Settings, questions: tuple[str, ...], say: Say) -> Iterator[_Bench]:
    with tempfile.TemporaryDirectory(prefix="policy-rag-bench-") as scratch:
        if settings.embedding_model == BUNDLED:
            say("preparing the embedding model")
            ensure_model(model_folder(settings.state))
        yield _Bench(plan, Path(scratch), questions, say, settings, _model(plan, settings, Path(scratch)))


def _model(plan: Plan, settings: Settings, scratch: Path) -> str:
    """What sentence-transformers loads: the bundled model written out for it, or the model that is configured."""
    if not plan.baseline:
        return ""
    from evals.bench_baseline import require_packages, write_model

    require_packages()
    if settings.embedding_model != BUNDLED:
        return settings.embedding_model
    write_model(scratch / "model", tokenizer=model_folder(settings.state) / TOKENIZER_FILE)
    return str(scratch / "model")


@dataclass
class _Bench:
    plan: Plan
    scratch: Path
    questions: tuple[str, ...]
    say: Say
    settings: Settings
    model: str
    homes: list[Path] = field(default_factory=list)

    def run(self, corpus: Path, name: str, documents: int) -> Run:
        """Both systems on ``corpus``."""
        self.say(f"{name}: policy-rag")
        home = self._home()
        models = self.settings.state / "models"
        if models.is_dir():
            (home / "models").symlink_to(models)
        ours = self._system("ours", corpus, home)
        ours |= {**self._commands(home), **self._busy(home)}
        baseline: Figures = {}
        if self.plan.baseline:
            self.say(f"{name}: plain LangChain")
            baseline = self._system("baseline", corpus, self._home())
        return Run(name, documents, ours, baseline)

    def _system(self, system: Literal["ours", "baseline"], corpus: Path, home: Path) -> Figures:
        """One system on ``corpus``; what only one of them reports is left out of the other's figures."""
        task = Task(system, "first", str(home), corpus=str(corpus), model=self.model, questions=self.questions)
        self.say("  ingest")
        ingest, _ = _worker(replace(task, kind="ingest"))
        self.say("  a first search, in fresh processes")
        first = [_worker(task)[1] for _ in range(self.plan.processes)]
        self.say(f"  {', '.join(map(str, self.plan.callers))} callers at once")
        asked, _ = _worker(replace(task, kind="latency", callers=self.plan.callers, calls=self.plan.calls))
        return {
            **_ingested(ingest),
            "index on disk, MB": _size(home) / 1e6,
            "peak memory of ingest, MB": ingest["peak"],
            **({"peak memory of ingest and its processes, MB": ingest["tree"]} if "tree" in ingest else {}),
            "peak memory of searching and asking, MB": asked.pop("peak"),
            "first search in a fresh process, s": statistics.median(first),
            **asked,
        }

    def _commands(self, home: Path) -> Figures:
        """The command line as a user meets it, each time in a fresh process."""
        self.say("  the command line")
        command = [sys.executable, "-m", "rag.cli", "--home", str(home)]
        repeats = range(self.plan.processes)
        ask = [_seconds(lambda: _run([*command, "ask", self.questions[0]])) for _ in repeats]
        helps = [_seconds(lambda: _run([*command, "--help"])) for _ in repeats]
        return {
            "`rag ask` as a fresh process, s": statistics.median(ask),
            "peak memory of `rag ask`, MB": _peak_mb(["--home", str(home), "ask", self.questions[0]]),
            "`rag --help` as a fresh process, s": statistics.median(helps),
        }

    def _busy(self, home: Path) -> Figures:
        """Searching while more is ingested, which changes the index: the last that is measured on it."""
        self.say("  a search while another process ingests")
        more = self.scratch / "more"
        if not more.exists():
            write(_MORE, more, characters=1000, seed=1)
        task = Task("ours", "busy", str(home), str(more), questions=self.questions, seconds=self.plan.busy_s)
        found, _ = _worker(task)
        return {name: value for name, value in found.items() if name != "peak"}

    def _home(self) -> Path:
        home = self.scratch / f"home-{len(self.homes)}"
        home.mkdir()
        self.homes.append(home)
        return home


def _ingested(found: Figures) -> Figures:
    """Counts, time and throughput of an ingest."""
    seconds, again = found["seconds"] or 1e-9, found.get("again")
    counts = {name: found[name] for name in ("documents", "characters", "chunks")}
    rates = {f"ingest, {name}/s": (found[name] or 0) / seconds for name in ("characters", "chunks")}
    repeated = {} if again is None else {"re-ingest of unchanged documents, s": again}
    return {**counts, "ingest, s": seconds, **rates, **repeated}


def _worker(task: Task) -> tuple[Figures, float]:
    """The figures of ``task``, and the seconds its process took in all."""
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "evals.bench_worker", task.as_json()], stdout=subprocess.PIPE, text=True, check=False
    )
    seconds = perf_counter() - start
    if done.returncode:
        raise PolicyRagError(
            f"measuring {task.kind} of {task.system} failed (exit code {done.returncode}); the reason is above. "
            "Mend it, or leave the baseline out with --no-baseline."
        )
    figures: Figures = json.loads(done.stdout)
    return figures, seconds


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _peak_mb(arguments: list[str]) -> float | None:
    """Peak memory of the ``rag`` command in a process of its own, in MB; ``None`` where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    code = f"import atexit, pathlib, sys; sys.argv[1:] = {arguments!r}\n"
    code += f"atexit.register(lambda: sys.stderr.write(pathlib.Path('{status}').read_text()))\n"
    code += "from rag.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    peak = re.search(r"VmHWM:\s*(\d+) kB", done.stderr)
    return int(peak[1]) / 1024 if peak else None


def _size(folder: Path) -> int:
    models = folder / "models"
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and models not in f.parents)
