"""Reads files in a process of its own, which ``rag.corpus.isolation`` starts: requests on stdin, replies on stdout.

A foreign parser that hangs, crashes or takes all memory takes this process with it and nothing else.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import queue
import shutil
import signal
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from rag.corpus.archive import list_archive
from rag.corpus.confinement import confine, kill_started, limit
from rag.corpus.document import read_document
from rag.corpus.pace import listen
from rag.errors import PolicyRagError

OPERATIONS: Mapping[str, Callable[..., Any]] = {"read": read_document, "list": list_archive}
HEADER = struct.Struct(">Q")
_LONGEST_REASON = 200
STEP = ("step",)
GRACE_S = 5.0
"""How much later than its time limit a process ends itself, should nobody be left to end it."""


def serve(requests: IO[bytes], replies: IO[bytes], nowhere: IO[bytes]) -> None:
    """Perform each request and reply with ``("done", value)``, ``("failed", error, message)`` or ``("memory",)``.

    Before that, ``STEP`` as often as the reader says that it goes on.
    """
    waiting: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_receive, args=(requests, waiting), daemon=True).start()
    longest = 0.0

    def wait_anew() -> None:
        # In a thread that needs no GIL: a parser in C may never give it back.
        faulthandler.dump_traceback_later(longest + GRACE_S, exit=True, file=nowhere)

    def step() -> None:
        _send(replies, STEP)
        wait_anew()

    listen(step)
    while True:
        operation, arguments, options, longest = pickle.loads(waiting.get())
        wait_anew()
        _send(replies, _perform(OPERATIONS[operation], arguments, options))
        faulthandler.cancel_dump_traceback_later()


def _send(replies: IO[bytes], reply: tuple[Any, ...]) -> None:
    data = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
    replies.write(HEADER.pack(len(data)) + data)
    replies.flush()


def _perform(operation: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, ...]:
    try:
        return "done", operation(*arguments, **options)
    except PolicyRagError as error:
        return "failed", type(error).__name__, str(error)
    except MemoryError:
        return ("memory",)
    except Exception as error:  # noqa: BLE001 - whatever a foreign parser raises, the file is what cannot be read
        if "bad_alloc" in str(error):  # what is left of C++ when its memory is used up
            return ("memory",)
        said = str(error).strip().splitlines()  # of some, a whole traceback
        return "failed", None, f"{type(error).__name__}: {said[-1] if said else ''}"[:_LONGEST_REASON]


def _receive(requests: IO[bytes], waiting: queue.Queue[bytes]) -> None:
    while header := requests.read(HEADER.size):
        waiting.put(requests.read(HEADER.unpack(header)[0]))
    _end()  # whoever asked is gone


def _end() -> None:
    kill_started(os.getpid())
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(0)


def main() -> None:
    """Serve on stdin and stdout, with the memory that is given in MB, and a folder for temporary files of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = open(os.devnull, "wb")  # noqa: PTH123, SIM115 - for as long as the process lives
    os.dup2(nowhere.fileno(), 1)  # a parser that prints would garble the replies
    confine(Path(tempfile.gettempdir()))
    limit(int(sys.argv[1]) * 1_000_000)
    serve(sys.stdin.buffer, replies, nowhere)


if __name__ == "__main__":
    main()
