"""A page served on loopback by uvicorn in a thread, for clients that speak HTTP to it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from rag.users import Users

PASSWORD = "correct horse"


@contextmanager
def serving(make: Callable[[], FastAPI]) -> Iterator[str]:
    """The URL of the application that ``make`` makes, stopped afterwards."""
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        # Made in the loop that serves it: where there is none, Gradio makes loops that nobody closes.
        config = uvicorn.Config(make(), log_level="critical", timeout_graceful_shutdown=1)
        servers.append(uvicorn.Server(config))
        await servers[0].serve(sockets=[listener])

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        serving = thread.submit(asyncio.run, serve())
        while not serving.done() and not (servers and servers[0].started):
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            if servers:
                servers[0].should_exit = True
            serving.result()


def client(url: str, **headers: str) -> httpx.Client:
    """A browser without a window: it keeps cookies, follows no redirect, and uses no proxy."""
    return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30)


@contextmanager
def signed_in(url: str, users: Users, name: str, *, admin: bool = False) -> Iterator[httpx.Client]:
    """A client in which ``name``, who has no account yet, is signed in."""
    users.add(name, PASSWORD, admin=admin)
    with client(url) as browser:
        answer = browser.post("/login", data={"name": name, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        yield browser
