"""What a process that reads hostile files may do: so much memory, files in one folder, no TCP."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

MOST_WRITTEN = 500_000_000
"""Bytes of a file that a parser writes for itself."""

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # Landlock's system calls, the same on every processor
_NO_NEW_PRIVILEGES = 38
_WRITE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_CHANGES = _WRITE | sum(1 << bit for bit in range(4, 13))  # write, remove, make files and folders of every kind
_MAKE_SOCKET, _REMOVE_FILE = 1 << 9, 1 << 5
_SOCKETS = Path("/tmp")  # where LibreOffice makes one, wherever else it is told to put its files
_TCP = 0b11
_DYING_S = 2.0


def limit(memory_bytes: int) -> None:
    """Let this process and those it starts have no more than ``memory_bytes`` each (Linux), and leave no core."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = ((resource.RLIMIT_DATA, memory_bytes), (resource.RLIMIT_FSIZE, MOST_WRITTEN), (resource.RLIMIT_CORE, 0))
    for kind, most in wanted:
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails then, instead of ending the process


def confine(folder: Path) -> bool:
    """Let this thread and all it starts make and change files in ``folder`` only, and open no TCP connection.

    Whether it could: by Landlock, which Linux has since 5.13 (see landlock(7); TCP since 6.7).
    """
    if not sys.platform.startswith("linux"):
        return False
    system = ctypes.CDLL(None, use_errno=True).syscall
    version = system(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    handled = _CHANGES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = (ctypes.c_uint64 * 2)(handled, _TCP)
    size = 16 if version >= 4 else 8
    ruleset = system(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        _allow(system, ruleset, folder, handled)
        _allow(system, ruleset, Path(os.devnull), handled & (_WRITE | _TRUNCATE))
        _allow(system, ruleset, _SOCKETS, _MAKE_SOCKET | _REMOVE_FILE)
        ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(system(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def kill_started(process: int) -> None:
    """Kill all that ``process`` has started, and what that has, where the system tells; ``process`` must not go on."""
    held: list[int] = []
    while fresh := [each for each in started(process) if each not in held]:
        for each in fresh:
            _signal(each, signal.SIGSTOP)  # so that it starts no more
        held += fresh
    for each in held:
        _signal(each, signal.SIGKILL)


def remove(folder: Path) -> None:
    """Remove ``folder``, in which processes that were just killed may still make a file or two."""
    until = monotonic() + _DYING_S
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists() and monotonic() < until:
        sleep(0.02)
        shutil.rmtree(folder, ignore_errors=True)


def started(process: int) -> list[int]:
    """All that ``process`` has started and what that has, while it runs, where the system tells."""
    found = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            below = [int(child) for child in children.read_text().split()]
        except OSError:
            continue
        for child in below:
            found += [child, *started(child)]
    return found


def _signal(process: int, number: int) -> None:
    with suppress(OSError):
        os.kill(process, number)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow(system: ctypes._NamedFuncPointer, ruleset: int, path: Path, allowed: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(allowed, parent)
        system(_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(parent)
