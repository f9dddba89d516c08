"""Several machines on one catalogue in PostgreSQL and one Chroma server: each a process with a home of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import SMALL_DOCUMENTS, write_documents
from tests.postgres import database_of_its_own
from tests.scale.servers import Served, chroma, replica

QUESTION = "年滿八十周歲的老年人每餐補助多少？"
SOURCE = "老年助餐.txt"


class Site:
    """The servers, and the environment of whatever uses them, each with another home."""

    def __init__(self, chroma_server: Served, common: dict[str, str], folder: Path, models: Path) -> None:
        self.chroma = chroma_server
        self.folder = folder
        self._common = common
        self._models = models

    def environment(self, name: str) -> dict[str, str]:
        home = self.folder / name
        if not home.exists():
            home.mkdir()
            (home / "models").symlink_to(self._models)
        return {**self._common, "RAG_HOME": str(home)}

    def rag(self, name: str, *arguments: str | Path) -> Any:
        """What a command prints as JSON."""
        command = [sys.executable, "-m", "rag.cli", *map(str, arguments), "--json"]
        done = subprocess.run(command, env=self.environment(name), cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def site(postgres: str, command_environment: dict[str, str], model_home: Path, tmp_path: Path) -> Iterator[Site]:
    server = chroma(tmp_path)
    server.start()
    server.wait()
    database = database_of_its_own(postgres)
    common = {
        **command_environment,
        "RAG_DATABASE__URL": database,
        "RAG_CHROMA__URL": server.url,
        "RAG_READER": "false",
    }
    yield Site(server, common, tmp_path, model_home / "models")
    server.kill()


def ask(server: Served) -> httpx.Response:
    return httpx.post(f"{server.url}/ask", json={"question": QUESTION}, timeout=60, trust_env=False)


def cited(response: httpx.Response) -> set[str]:
    assert response.status_code == 200, response.text
    return {citation["source"] for citation in response.json()["citations"]}


def soon(server: Served, expected: set[str]) -> None:
    """Until the server cites ``expected``; fails when it does not within half a minute."""
    end = time.monotonic() + 30
    while (found := cited(ask(server))) != expected:
        assert time.monotonic() < end, found
        time.sleep(0.2)


def test_replicas_follow_and_one_that_is_killed_is_not_missed(site: Site) -> None:
    papers = write_documents({"数字政府.txt": SMALL_DOCUMENTS["数字政府.txt"]}, site.folder / "papers")
    site.rag("writer", "ingest", papers)
    with ExitStack() as stack:
        first, second = (replica(site.folder, **site.environment(name)) for name in ("first", "second"))
        for server in (first, second):
            stack.callback(server.kill)
            server.start()
        for server in (first, second):
            server.wait()
            assert SOURCE not in cited(ask(server))

        (papers / SOURCE).write_text(SMALL_DOCUMENTS[SOURCE], encoding="utf-8")
        assert site.rag("writer", "ingest", papers)["added"] == [SOURCE]
        for server in (first, second):
            soon(server, {SOURCE})

        first.kill()
        assert cited(ask(second)) == {SOURCE}
        site.rag("another writer", "remove", SOURCE)
        soon(second, set())
        site.rag("writer", "ingest", papers)
        soon(second, {SOURCE})
        first.start()  # with what it had when it was killed
        first.wait()
        soon(first, {SOURCE})

        site.chroma.kill()
        response = ask(second)
        assert (response.status_code, response.json()["error"]["type"]) == (503, "StorageError")
        site.chroma.start()
        site.chroma.wait()
        for server in (first, second):
            soon(server, {SOURCE})
    verified = site.rag("writer", "verify")
    assert (verified["documents"], verified["problems"]) == (2, [])
