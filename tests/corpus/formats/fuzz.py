"""Feeds loaders with mutations of golden files: every outcome must be a text or one of our errors, in time.

The long form, which survives crashes and counts them::

    python -m tests.corpus.formats.fuzz --inputs 10000 docx html
"""

from __future__ import annotations

import argparse
import copy
import io
import multiprocessing
import random
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zlib import crc32

from lxml import etree

from rag.corpus.document import parse_document
from rag.corpus.formats.registry import format_of
from rag.errors import DocumentError
from tests.corpus.formats.goldens import GOLDENS

LONGEST_S = 10.0
_MEMORY = 4 << 30
_BATCH = 500
_TOKENS = (
    b"<", b">", b"&", b'"', b"\0", b"\xff", b"]]>", b"<!--", b"<![CDATA[", b"&#0;",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    b"99999999999", b"-1", b"4294967295", b"65536", b"1e999", b"NaN", b"<table>" * 50, b"<w:p>" * 50, b"</w:p>",
    b"<div>" * 300, b"colspan=999999 rowspan=999999 ", b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f", b"\xef\xbb\xbf",
    b"\xed\xa0\x80", b"\r\n\r\n", b'" ""', b"endobj", b"stream\r\n", b"/Length 999999999", b"xref", b"[0 0 0 0]",
)  # fmt: skip
_VALUES = (
    "", "0", "-1", "1", "8", "9", "255", "65535", "1048576", "4294967295", "99999999999999999999", "1e309", "nan",
    "true",
    "%1%2%3%9", "../../x", "chineseCounting", "s", "b", "e", "d", "str", "inlineStr", "[h]:mm", "0.00%;;@", "A0",
    "XFD1048576",
)  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """``data`` changed in one to four ways; of a container mostly what is inside, so that its readers are reached."""
    if data[:2] == b"PK" and rng.random() < 0.75:
        return _rezipped(data, rng)
    if data[:4] == b"\xd0\xcf\x11\xe0" and rng.random() < 0.75:  # the streams come first, what leads to them last
        half = 512 + len(data) // 2
        return data[:512] + _flip(data[512:half], rng) + data[half:]
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_CHANGES)(data, rng)
    return data


def _rezipped(data: bytes, rng: random.Random) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        changed = set(
            rng.choices(names, weights=[old.getinfo(name).file_size + 200 for name in names], k=rng.randint(1, 2))
        )
        dropped = rng.choice(names) if rng.random() < 0.1 else None
        for name in names:
            content = old.read(name)
            if name in changed:
                content = _inside(content, rng)
            if name != dropped:
                new.writestr(name, content)
    return file.getvalue()


def _inside(content: bytes, rng: random.Random) -> bytes:
    """A member changed; XML mostly so that it stays well-formed, and what reads it is reached."""
    if b"<" in content[:100] and rng.random() < 0.7:
        try:
            root = etree.fromstring(content)
        except etree.XMLSyntaxError:
            return _flip(content, rng)
        for _ in range(rng.randint(1, 6)):
            _change_element(rng.choice(list(root.iter("*"))), rng)
        return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
    for _ in range(rng.randint(1, 4)):
        content = rng.choice(_CHANGES)(content, rng)
    return content


def _change_element(element: Any, rng: random.Random) -> None:
    parent = element.getparent()
    change = rng.randrange(7 if parent is not None else 3)
    if change < 2 and element.attrib:
        element.set(rng.choice(list(element.attrib)), rng.choice(_VALUES))
    elif change < 2:
        element.text = rng.choice(_VALUES)
    elif change == 2:
        element.tag = rng.choice(list(element.getroottree().getroot().iter("*"))).tag
    elif change == 3:
        parent.remove(element)
    elif change == 4:
        for _ in range(rng.choice((1, 1, 300))):
            element.addnext(copy.deepcopy(element))
    elif change == 5:
        for _ in range(rng.choice((1, 1, 100))):
            around = element.makeelement(element.tag, element.attrib)
            element.getparent().replace(element, around)
            around.append(element)
    else:
        rng.choice([parent, *parent.iterancestors()]).append(copy.deepcopy(element))


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 30)) if data else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randint(0, len(data))]


def _span(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randint(0, len(data))
    return start, min(len(data), start + int(rng.paretovariate(0.7)))


def _delete(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    return data[:end] + data[start : min(end, start + 5_000)] * rng.choice((1, 2, 50)) + data[end:]


def _move(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    at = rng.randint(0, len(data))
    return data[:at] + data[start:end] + data[at:]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(_TOKENS) + data[at:]


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    return (
        data[:start]
        + bytes(rng.choice((0, 255, rng.randrange(256))) for _ in range(min(end - start, 5_000)))
        + data[end:]
    )


def _renumber(data: bytes, rng: random.Random) -> bytes:
    """Another number where one stands."""
    digits = [at for at in range(len(data)) if data[at : at + 1].isdigit()] if len(data) < 200_000 else []
    if not digits:
        return data
    at = rng.choice(digits)
    return (
        data[:at] + rng.choice((b"0", b"-1", b"255", b"65535", b"4294967295", b"99999999999999999999")) + data[at + 1 :]
    )


_CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _flip, _flip, _truncate, _delete, _repeat, _move, _insert, _insert, _overwrite, _renumber,
)  # fmt: skip


def outcome(data: bytes, name: str) -> str:
    """``text`` or ``refused``; anything else is an error of the loader and is raised."""
    try:
        loaded = format_of(data, name=name).load(data, name=name)
    except DocumentError as error:
        return (
            "refused"
            if name in str(error) and "Traceback" not in str(error)
            else f"a message that helps nobody: {error}"
        )
    end = len(loaded.text)
    assert all(0 <= each.start < each.end <= end for each in (*loaded.layout.headings, *loaded.layout.furniture))
    assert list(loaded.layout.pages) == sorted(loaded.layout.pages)
    assert not loaded.layout.pages or loaded.layout.pages[0] == 0
    if end < 50_000:
        try:
            parse_document(loaded, source=name)
        except DocumentError:
            return "refused"
    return "text"


def make_input(kind: str, seed: int) -> tuple[bytes, str]:
    """The input of this number, and the name it goes by."""
    goldens = _goldens(kind)
    rng = random.Random(seed * 1_000_003 + crc32(kind.encode()))
    name, data = goldens[seed % len(goldens)]
    return mutated(data, rng), name


_MADE: dict[str, list[tuple[str, bytes]]] = {}


def _goldens(kind: str) -> list[tuple[str, bytes]]:
    if kind not in _MADE:
        _MADE[kind] = GOLDENS[kind]()
    return _MADE[kind]


@dataclass
class Tally:
    """What the long form found: failures as ``(seed, what)``, times in seconds, memory in MB."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[int, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    memory: list[float] = field(default_factory=list)


def run(kind: str, inputs: int, *, first: int = 0) -> Tally:
    """Each batch in a process of its own, so that a crash costs one input."""
    tally, seed, last = Tally(), first, first + inputs
    context = multiprocessing.get_context("fork")
    _goldens(kind)
    while seed < last:
        receiving, sending = context.Pipe(duplex=False)
        child = context.Process(target=_batch, args=(kind, seed, min(seed + _BATCH, last), sending))
        child.start()
        sending.close()
        seed = _collect(receiving, child, tally, seed)
    return tally


def _collect(receiving: Connection, child: multiprocessing.Process, tally: Tally, seed: int) -> int:
    """Where to go on after the batch from ``seed`` on has ended, one way or another."""
    while True:
        try:
            if not receiving.poll(LONGEST_S * 3):
                tally.failures.append((seed, f"no answer for {LONGEST_S * 3:g} s"))
                child.kill()
                break
            seed, kind, seconds = receiving.recv()
        except EOFError:
            child.join()
            if child.exitcode:
                tally.failures.append((seed, f"the process died: {child.exitcode}"))
                break
            return seed
        if kind == "memory":
            tally.memory.append(seconds)
            continue
        tally.counts[kind] = tally.counts.get(kind, 0) + (kind != "begun")
        if kind not in ("begun", "text", "refused") or seconds > LONGEST_S:
            tally.failures.append((seed, f"{kind} after {seconds:.1f} s"))
        tally.slowest = max(tally.slowest, (seconds, seed))
        seed += kind != "begun"
    child.join()
    return seed + 1


def _batch(kind: str, first: int, last: int, sending: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for seed in range(first, last):
        sending.send((seed, "begun", 0.0))
        data, name = make_input(kind, seed)
        start = time.perf_counter()
        try:
            found = outcome(data, name)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
            found = f"{type(error).__module__}.{type(error).__name__}: {str(error)[:200]}"
        sending.send((seed, found, time.perf_counter() - start))
        if seed in (first + (last - first) // 4, last - 1):
            sending.send((seed + (seed == last - 1), "memory", _resident()))
    sending.close()


def _resident() -> float:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize() / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument(
        "formats", nargs="*", default=sorted(GOLDENS), metavar="FORMAT", help=", ".join(sorted(GOLDENS))
    )
    given = parser.parse_args()
    sys.modules["rapidocr_onnxruntime"] = None  # type: ignore[assignment] # what is fuzzed are the loaders, not the OCR
    failed = False
    for kind in given.formats:
        began = time.perf_counter()
        tally = run(kind, given.inputs, first=given.first)
        grown = [after - before for before, after in zip(tally.memory[::2], tally.memory[1::2], strict=False)]
        counts = ", ".join(f"{count} {what}" for what, count in sorted(tally.counts.items()) if count)
        print(  # noqa: T201
            f"{kind}: {counts}; {len(tally.failures)} failures; slowest {tally.slowest[0]:.2f} s "
            f"(input {tally.slowest[1]}); memory at most {max(tally.memory, default=0):.0f} MB, grown by "
            f"{max(grown, default=0):.1f} MB within a batch; {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        for seed, what in tally.failures[:20]:
            print(f"  input {seed}: {what}", flush=True)  # noqa: T201
        failed = failed or bool(tally.failures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
