"""A real PostgreSQL for the tests; ``tests/conftest.py`` makes the fixtures known everywhere."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "p@ss/word"
_AT_HOME = Path("/usr/lib/postgresql")  # where Debian puts what is not on the path


def program(name: str) -> str | None:
    found = sorted(_AT_HOME.glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def runner() -> list[str]:
    """PostgreSQL refuses to be run by root."""
    found = shutil.which("runuser", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return [found or "runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []


class Postgres:
    """A server of the tests' own on loopback, with its data in a folder of its own; it can be stopped and started."""

    def __init__(self) -> None:
        initdb, pg_ctl = program("initdb"), program("pg_ctl")
        if not initdb or not pg_ctl:
            pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
        pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'policy-rag[postgres]'")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="policy-rag-postgres-"))
        secret = self._folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            for path in (self._folder, secret):
                shutil.chown(path, "nobody")
        self._pg_ctl = [pg_ctl, "-D", str(self._folder / "data"), "-w"]
        self._options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        made = ["-U", "tester", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-locale"]
        self._run(initdb, "-D", str(self._folder / "data"), *made)
        self.url = f"postgresql://tester:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        """Start it and wait until it lets one in."""
        self._run(*self._pg_ctl, "-l", str(self._folder / "log"), "-o", self._options, "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop it: ``immediate`` as a crash does, ``fast`` as an administrator does."""
        self._run(*self._pg_ctl, "-m", how, "stop")

    def runs(self) -> bool:
        """Whether it runs."""
        return (
            subprocess.run([*runner(), *self._pg_ctl, "status"], cwd=self._folder, capture_output=True).returncode == 0
        )

    def remove(self) -> None:
        """Delete its data."""
        shutil.rmtree(self._folder)

    def _run(self, *command: str) -> None:
        result = subprocess.run([*runner(), *command], cwd=self._folder, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of the tests' own, on loopback; skipped where there is none installed."""
    server = Postgres()
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
        server.remove()


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    """The same URL, with no table in the database."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres


def database_of_its_own(server: str) -> str:
    """The URL of a new, empty database on that server; it goes with the server."""
    import psycopg

    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server.rpartition('/')[0]}/{name}"
