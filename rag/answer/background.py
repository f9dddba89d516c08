"""One event loop in a thread of its own, for what must be stoppable while it waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_THREADS = 32  # models without an asynchronous side each hold one while they wait
_starting = threading.Lock()


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Start ``work`` on the loop; cancelling what is returned cancels it where it waits."""
    with _starting:  # ``cache`` alone would let two first callers make a loop each
        loop = _loop()
    return asyncio.run_coroutine_threadsafe(work, loop)


def stop(timeout_s: float = 5) -> None:
    """Cancel all work that is under way, and wait until it has let go of what it holds."""
    with suppress(TimeoutError):
        asyncio.run_coroutine_threadsafe(_cancel_others(), _loop()).result(timeout_s)


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="rag-llm"))
    threading.Thread(target=loop.run_forever, name="rag-llm", daemon=True).start()
    return loop
