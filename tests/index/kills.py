"""Kills a process that writes to an index, again and again, and checks what is left: ``python -m tests.index.kills``.

Each process first checks what the killed one has left, then writes until it is killed itself. What it begins and what
it has finished stands in a log, so that the next one knows what must be there: what was finished, and of what was
begun either all or nothing. Then the same with an ingest of a folder in which files are renamed (``--moves``): each
document must be there once, by its old name or by its new one, and each new name must be told of in a report.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from langchain_core.embeddings import DeterministicFakeEmbedding

from rag.corpus.document import ReadLimits, parse_document, read_document
from rag.index.ingest import Ingestor
from rag.index.manifest import Manifest
from rag.index.store import Index
from rag.index.texts import search_keys, windows
from rag.index.verify import verify
from rag.index.writer import Writer
from rag.schema import Document, IngestReport, Moved

EMBEDDINGS = DeterministicFakeEmbedding(size=32)
_SOURCES = [f"文件{number}.txt" for number in range(12)]
_WORDS = "规划 社区 改造 服务 养老 渔港 金融 人才 生态 交通 文化 教育 医疗 数字 产业 公园 河道 供水 防汛 助餐"
# What the parent waits for before it kills: an amount of time, or that one of these changes.
_TRIGGERS = ("time", "time", "vectors/*/data_level0.bin", "vectors/chroma.sqlite3", "vectors/exact.db", "lexical/*")
_TRIGGERS += ("catalog.db-wal", "start")

State = dict[str, dict[str, Any]]
"""By source, what a document is made of: ``title``, ``path`` and a number for each of its ``parts``."""


@lru_cache(maxsize=500)
def _document(source: str, title: str, parts: tuple[int, ...]) -> Document:
    return parse_document(_text(title, parts), source=source, chunk_chars=120, overrides={"title": title})


def _text(title: str, parts: tuple[int, ...]) -> str:
    lines = [f"关于{title}的通知", ""]
    for number, part in enumerate(parts, start=1):
        words = random.Random(part).choices(_WORDS.split(), k=60)
        sentences = (f"{''.join(words[start : start + 6])}由第{part}号部门负责。" for start in range(0, 60, 6))
        lines.append(f"第{number}条 编号{part}。{''.join(sentences)}")
    return "\n".join(lines) + "\n"


def document(source: str, spec: dict[str, Any]) -> Document:
    """The document that ``spec`` stands for."""
    return _document(source, spec["title"], tuple(spec["parts"]))


def step(state: State, chance: random.Random) -> tuple[str, State]:
    """Something to do to ``state``, and what it changes: sources to write together, or one to remove."""
    kind = chance.choice(["add", "add", "part", "title", "whole", "remove", "rename", "swap"])
    there, free = sorted(state), [source for source in _SOURCES if source not in state]
    if kind == "remove" and len(there) > 3:
        return "remove", {chance.choice(there): {}}
    if kind == "rename" and there and free:
        old = chance.choice(there)
        return "write", {old: {}, free[0]: {**state[old], "path": f"/{chance.random()}"}}
    if kind == "swap" and len(there) > 1:
        one, other = chance.sample(there, 2)
        paths = {one: state[other]["path"], other: state[one]["path"]}
        return "write", {source: {**state[source], "path": path} for source, path in paths.items()}
    written: State = {}
    for source in chance.sample(_SOURCES, chance.randint(1, 4)):
        before = state.get(source)
        new = {"title": f"事项{chance.randrange(40)}", "path": f"/{chance.random()}"}
        new["parts"] = [chance.randrange(10**6) for _ in range(chance.randint(1, 45))]
        if before and kind == "title":
            new = {**before, "title": new["title"]}
        elif before and kind == "part":
            parts = list(before["parts"])
            parts[chance.randrange(len(parts))] = chance.randrange(10**6)
            new = {**before, "parts": parts}
        elif before:
            new["path"] = before["path"]
        written[source] = new
    return "write", written


class Log:
    """What has been begun and finished, in a file that outlives whoever writes to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, **entry: Any) -> None:
        line = (json.dumps(entry) + "\n").encode()
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, line)
        os.close(file)

    def count(self, kind: str) -> int:
        """How many notes of one kind there are."""
        return self._path.read_bytes().count(f'"is": "{kind}"'.encode()) if self._path.exists() else 0

    def entries(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_bytes().splitlines()]

    def state(self) -> tuple[State, State]:
        """What must be there, and what was begun and may be there instead (an empty one: gone)."""
        state: State = {}
        begun: State = {}
        for entry in self.entries():
            if entry["is"] == "begun":
                begun = entry["changes"]
            elif entry["is"] == "done":
                state, begun = _after(state, begun), {}
            elif entry["is"] == "found":
                state, begun = entry["state"], {}
        return state, begun


def _after(state: State, changes: State) -> State:
    return {source: spec for source, spec in {**state, **changes}.items() if spec}


def open_index(home: Path) -> Index:
    return Index(home, EMBEDDINGS, Manifest("fake", 120, 1))


@dataclass
class Checked:
    """What a process finds wrong with what the one before has left, and what it had to mend."""

    state: State
    wrong: dict[str, list[str]]
    left_over: bool
    unfinished: bool


def check(index: Index, must: State, begun: State) -> Checked:
    """Compare ``index`` with what must be there, as a reader and then as the next writer."""
    wrong: dict[str, list[str]] = {"lost": [], "half-visible": [], "duplicated": [], "verify": []}
    unfinished = not index.vectors.is_whole()
    state = _look(index, must, begun, wrong)
    left_over = any("unknown" in problem for problem in verify(index).problems)
    with index.writing():
        pass
    wrong["verify"] += verify(index).problems
    if index.lexical.count() != len(index.lexical.ids()):
        wrong["duplicated"].append("in the lexical index")
    if _look(index, state, {}, wrong) != state:
        wrong["lost"].append("swept out")
    return Checked(state, wrong, left_over, unfinished)


def _look(index: Index, must: State, begun: State, wrong: dict[str, list[str]]) -> State:
    """What is there, by the catalogue; what is wrong with it goes to ``wrong``."""
    infos = {info.source: info for info in index.catalog.infos()}
    leaving, coming = ([source for source in begun if bool(begun[source]) is kind] for kind in (False, True))
    if leaving and coming and sum(source in infos for source in begun) != 1:  # a document that was renamed
        wrong["duplicated" if leaving[0] in infos else "lost"].append(f"{leaving[0]} as {coming[0]}")
    state: State = {}
    for source in {*must, *begun, *infos}:
        found = index.catalog.get(source) if source in infos else None
        allowed = [spec for spec in (must.get(source), begun.get(source)) if spec]
        fits = [s for s in allowed if found == document(source, s) and infos[source].path == s["path"]]
        if found is None:
            if source in must and begun.get(source, must) != {}:
                wrong["lost"].append(source)
            continue
        if not fits:
            wrong["lost"].append(f"{source} is not what it was")
            continue
        state[source] = fits[0]
        wrong["half-visible"] += _unfound(index, found)
    if infos:
        index.require_ready()
    return state


def _unfound(index: Index, found: Document) -> Iterator[str]:
    """The chunks of a document that one of the arms does not find as what they are."""
    for chunk in found.chunks:
        for window in windows(chunk, found.metadata)[:1]:
            vector = EMBEDDINGS.embed_query(window.text)
            near = index.vectors.search(vector, 8)
            if not any(chunk_id == chunk.chunk_id and cosine > 0.999 for chunk_id, cosine in near):
                yield f"{found.source} {chunk.ordinal} by meaning"
            cosine = index.vectors.similarities(vector, [chunk.chunk_id]).get(chunk.chunk_id, 0.0)
            if cosine < 0.999:
                yield f"{found.source} {chunk.ordinal} by its exact copy"
        if not index.lexical.scores(search_keys(chunk, found.metadata).body, [chunk.chunk_id]):
            yield f"{found.source} {chunk.ordinal} by words"


def work(home: Path, log: Log, seed: int, *, writes: bool = True) -> None:
    """Check what is there, then write until killed, if at all."""
    try:
        index = open_index(home)
        must, begun = log.state()
        checked = check(index, must, begun)
        wrong = {kind: found for kind, found in checked.wrong.items() if found}
        log.note(**{"is": "found"}, state=checked.state, wrong=wrong, left=checked.left_over, torn=checked.unfinished)
        if wrong or not writes:
            return
        state, chance = checked.state, random.Random(seed)
        while True:
            kind, changes = step(state, chance)
            log.note(**{"is": "begun"}, kind=kind, changes=changes)
            _do(index, kind, changes)
            log.note(**{"is": "done"})
            state = _after(state, changes)
    except BaseException:
        log.note(**{"is": "failed"}, why=traceback.format_exc())
        raise


def _do(index: Index, kind: str, changes: State) -> None:
    if kind == "remove":
        index.remove(next(iter(changes)))
        return
    with index.writing():
        index.prepare()
        writer = Writer(index, lambda _: None)
        for source, spec in changes.items():
            if spec:
                writer.put(document(source, spec), path=spec["path"], overrides="")
            else:
                writer.remove(index.catalog.entry(source).path)
        writer.flush()


# --- files that are renamed ----------------------------------------------------------------------------------


TEXTS = {
    str(number): _text(f"事项{number}", tuple(range(number * 100, number * 100 + 4 + 4 * number)))
    for number in range(12)
}
Names = dict[str, str]
"""By the keys of ``TEXTS``, the names of their files in the folder, which are their sources."""


def rename(home: Path, log: Log, seed: int, *, writes: bool = True) -> None:
    """Check what is there, then rename files and ingest until killed, if at all."""
    folder, index, chance = home.parent / "files", open_index(home), random.Random(seed)
    try:
        names, begun = _names(log)
        if not names:
            names = _first(folder)
        wrong: dict[str, list[str]] = {}
        _look_at_names(index, names if log.count("done") else {}, begun, wrong)
        there = {info.source for info in index.catalog.infos()}
        # The note of the moves goes when the report is there, a moment before this log says so.
        told = bool(begun) and there >= set(begun.values()) and not (home / "moves.jsonl").exists()
        left, torn = any("unknown" in each for each in verify(index).problems), not index.vectors.is_whole()
        if log.count("done"):
            _finish(index, folder, names, begun, wrong=wrong, told=told)
            names |= begun
        else:
            _ingest(index, folder)
        wrong |= {"verify": list(verify(index).problems)}
        wrong = {kind: found for kind, found in wrong.items() if found}
        log.note(**{"is": "done"}, names=names)
        log.note(**{"is": "found"}, wrong=wrong, left=left, torn=torn, told=told)
        while writes and not wrong:
            chosen = chance.sample(sorted(names), chance.randint(1, 5))
            begun = {key: f"{chance.choice(['', 'in/'])}{key}-{chance.randrange(10**6)}.txt" for key in chosen}
            log.note(**{"is": "begun"}, names=begun)
            _finish(index, folder, names, begun, wrong=wrong, told=False)
            names |= begun
            log.note(**{"is": "done"}, names=names)
            wrong = {kind: found for kind, found in wrong.items() if found}
            if wrong:
                log.note(**{"is": "found"}, wrong=wrong, left=False, torn=False, told=False)
    except BaseException:
        log.note(**{"is": "failed"}, why=traceback.format_exc())
        raise


def _names(log: Log) -> tuple[Names, Names]:
    """By what name each document was known at last, and by what it may be known since."""
    names: Names = {}
    begun: Names = {}
    for entry in log.entries():
        if entry["is"] == "done":
            names, begun = entry["names"], {}
        elif entry["is"] == "begun":
            begun = entry["names"]
    return names, begun


def _first(folder: Path) -> Names:
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for key, text in TEXTS.items():
        (folder / f"{key}.txt").write_text(text, encoding="utf-8")
    return {key: f"{key}.txt" for key in TEXTS}


def _ingest(index: Index, folder: Path) -> IngestReport:
    def read(path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document:
        return read_document(path, source=source, limits=ReadLimits(chunk_chars=120), overrides=overrides)

    return Ingestor(index, read=read).run([folder])


def _finish(index: Index, folder: Path, names: Names, begun: Names, *, wrong: dict[str, list[str]], told: bool) -> None:
    """Rename what has not been renamed yet and ingest; the report must tell of all, unless one has ``told``."""
    for key, new in begun.items():
        if (folder / names[key]).exists():
            (folder / names[key]).rename(folder / new)
    report = _ingest(index, folder)
    moved = sorted((Moved(names[key], new) for key, new in begun.items()), key=lambda each: (each.old, each.new))
    rest = sorted(name for key, name in names.items() if key not in begun)
    allowed = [IngestReport(unchanged=tuple(rest), moved=tuple(moved))]
    if told:
        allowed.append(IngestReport(unchanged=tuple(sorted([*rest, *begun.values()]))))
    if report not in allowed:
        wrong.setdefault("report", []).append(f"{report} instead of {allowed[0]}")
    _look_at_names(index, names | begun, {}, wrong)


def _look_at_names(index: Index, names: Names, begun: Names, wrong: dict[str, list[str]]) -> None:
    """What is wrong with the documents, each of which has one of its names and is found by it."""
    found = {info.source: index.catalog.get(info.source) for info in index.catalog.infos()}
    for key, name in names.items():
        sources = [source for source, document in found.items() if document.text == TEXTS[key]]
        if len(sources) != 1 or sources[0] not in (name, begun.get(key)):
            kind = "duplicated" if len(sources) > 1 else "lost"
            wrong.setdefault(kind, []).append(f"{name}, {begun.get(key)}: {sources}")
        for source in sources:
            wrong.setdefault("half-visible", []).extend(_unfound(index, found[source]))


def _watched(home: Path, pattern: str) -> Any:
    """What changes when a file of ``pattern`` is written."""
    marks = []
    for file in home.glob(pattern):
        try:
            status = file.stat()
        except FileNotFoundError:
            continue
        marks.append((file.name, status.st_mtime_ns, status.st_size))
    return marks


def _kill(process: multiprocessing.process.BaseProcess, home: Path, log: Log, chance: random.Random) -> str:
    """Let ``process`` check and work for a while, then kill it; what was waited for."""
    trigger = chance.choice(_TRIGGERS)
    checks = log.count("found")
    until = time.monotonic() + (chance.uniform(0.05, 3.0) if trigger == "start" else 120)
    while process.is_alive() and time.monotonic() < until:
        if trigger != "start" and log.count("found") > checks:
            break
        time.sleep(0.02)
    time.sleep(chance.uniform(0.0, 1.5))
    if trigger not in ("time", "start"):
        seen, until = _watched(home, trigger), time.monotonic() + 10
        while process.is_alive() and time.monotonic() < until and _watched(home, trigger) == seen:
            pass
        time.sleep(chance.choice([0.0, 0.0, 0.002, 0.02]))
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return trigger


def run(kills: int, seed: int, folder: Path, *, work: Callable[..., None] = work, say: Any = print) -> dict[str, Any]:
    """Kill ``kills`` processes that do ``work``; what was found, and ``wrong`` what should not have been."""
    home, log = folder / "home", Log(folder / "log.jsonl")
    chance, counts = random.Random(seed), Counter[str]()
    forking = multiprocessing.get_context("fork")
    for number in range(kills):
        process = forking.Process(target=work, args=(home, log, chance.randrange(10**9)))
        process.start()
        trigger = _kill(process, home, log, chance)
        if process.exitcode != -signal.SIGKILL:
            break
        counts[f"killed: {trigger}"] += 1
        counts["kills"] += 1
        say(f"{number + 1} {trigger}", flush=True)
    last = forking.Process(target=work, args=(home, log, 0), kwargs={"writes": False})
    last.start()
    last.join()
    entries = log.entries()
    found = [entry for entry in entries if entry["is"] == "found"]
    wrong: dict[str, list[str]] = {"failed": [entry["why"] for entry in entries if entry["is"] == "failed"]}
    for entry in found:
        for kind, what in entry["wrong"].items():
            wrong.setdefault(kind, []).extend(what)
    return {
        **counts,
        "checks": len(found),
        "operations begun": sum(entry["is"] == "begun" for entry in entries),
        "operations finished": sum(entry["is"] == "done" for entry in entries),
        "graphs torn and mended": sum(entry["torn"] for entry in found),
        "left over and swept": sum(entry["left"] for entry in found),
        "killed between its report and the log": sum(entry.get("told", False) for entry in found),
        "wrong": {kind: what for kind, what in wrong.items() if what},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill writers at random points and check what is left.")
    parser.add_argument("--kills", type=int, default=100, help="of processes that add, replace, remove and rename")
    parser.add_argument("--moves", type=int, default=50, help="of processes that ingest renamed files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where to work, kept afterwards (default: a temporary folder)")
    options = parser.parse_args()
    with nullcontext(options.folder) if options.folder else tempfile.TemporaryDirectory() as folder:
        found = {}
        for kind, kills, does in (("writes", options.kills, work), ("moves", options.moves, rename)):
            (Path(folder) / kind).mkdir()
            found[kind] = run(kills, options.seed, Path(folder) / kind, work=does)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    killed = sum(each.get("kills", 0) for each in found.values())
    return 1 if killed < options.kills + options.moves or any(each["wrong"] for each in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
