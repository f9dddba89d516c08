"""Speed and memory on a real corpus: ingest, re-ingest, search, ask, and the cold start of the command line."""

from __future__ import annotations

import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from rag.chatbot import Chatbot
from rag.resources import shipped
from rag.settings import Settings

QUESTIONS = (
    "温州到2025年的城市化率目标是多少？",
    "遂宁打造一流营商环境,围绕哪八个方面的环境列目标清单和责任清单?",
    "溫州要持續擦亮的基層黨建品牌叫什麼?",
    "长治打破部门“信息孤岛”、形成“全市一张网”这项任务由哪些单位牵头?",
    "What urbanisation rate does the Wenzhou decision aim for by 2025?",
)
_REPEATS = 8
_PROCESSES = 3


def measure(corpus: Path | None = None) -> dict[str, float]:
    """Figures by name, with their unit; the embedding model is built (not counted) before the first one."""
    folder = corpus or shipped("seeds")
    settings = Settings.load()
    Chatbot.open(settings).doctor(build=True)
    with tempfile.TemporaryDirectory() as home:
        models = settings.state / "models"
        if models.is_dir():
            (Path(home) / "models").symlink_to(models)
        return _measure(folder, Settings.load(home=Path(home)))


def _measure(folder: Path, settings: Settings) -> dict[str, float]:
    bot = Chatbot.open(settings)
    ingest = _seconds(lambda: bot.ingest([folder]))
    infos = bot.documents()
    characters, chunks = sum(i.characters for i in infos), sum(i.chunks for i in infos)
    again = _seconds(lambda: bot.ingest([folder]))
    for question in QUESTIONS:
        bot.ask(question)
    search = [_seconds(lambda q=question: bot.search(q)) for _ in range(_REPEATS) for question in QUESTIONS]  # type: ignore[misc]
    ask = [_seconds(lambda q=question: bot.ask(q)) for _ in range(_REPEATS) for question in QUESTIONS]  # type: ignore[misc]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    command = [sys.executable, "-m", "rag.cli", "--home", str(settings.home)]
    cold = [_seconds(lambda: _run([*command, "ask", QUESTIONS[0]])) for _ in range(_PROCESSES)]
    asking = _peak_mb(["--home", str(settings.home), "ask", QUESTIONS[0]])
    helps = [_seconds(lambda: _run([*command, "--help"])) for _ in range(_PROCESSES)]
    return {
        "documents": len(infos),
        "characters": characters,
        "chunks": chunks,
        "ingest, s": ingest,
        "ingest, characters/s": characters / ingest,
        "ingest, chunks/s": chunks / ingest,
        "re-ingest of unchanged documents, s": again,
        "index on disk, MB": _size(settings.state) / 1e6,
        "search warm p50, ms": statistics.median(search) * 1000,
        "search warm p95, ms": _p95(search) * 1000,
        "ask warm p50, ms": statistics.median(ask) * 1000,
        "ask warm p95, ms": _p95(ask) * 1000,
        "peak memory of ingest, search and ask, MB": own,
        "`rag ask` as a fresh process, s": statistics.median(cold),
        "peak memory of `rag ask`, MB": asking,
        "`rag --help` as a fresh process, s": statistics.median(helps),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _peak_mb(arguments: list[str]) -> float:
    """Peak memory of the ``rag`` command in a process of its own, in MB; 0 where the system does not tell (no /proc).

    Not from ``getrusage``: on Linux its peak goes back to before the process replaced the one that started it.
    """
    status = Path("/proc/self/status")
    code = f"import atexit, pathlib, sys; sys.argv[1:] = {arguments!r}\n"
    code += f"atexit.register(lambda: sys.stderr.write(pathlib.Path('{status}').read_text()))\n"
    code += "from rag.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    peak = re.search(r"VmHWM:\s*(\d+) kB", done.stderr)
    return int(peak[1]) / 1024 if peak else 0.0


def _size(folder: Path) -> int:
    models = folder / "models"
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and models not in f.parents)
