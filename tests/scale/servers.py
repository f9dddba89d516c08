"""Real servers on loopback, which tests start, kill and start again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

_PATIENCE_S = 120


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


class Served:
    """A command that serves HTTP on ``port`` once ``path`` answers 200."""

    def __init__(
        self, command: Sequence[str | Path], *, port: int, path: str, folder: Path, **environment: str
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [str(part) for part in command]
        self._path = path
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"server-{port}.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def wait(self) -> None:
        """Until it is ready."""
        assert self._process is not None
        end = time.monotonic() + _PATIENCE_S
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(self.url + self._path, trust_env=False).status_code == 200:
                    return
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < end, f"{self._command} is not ready"
            time.sleep(0.1)

    def kill(self) -> None:
        """As ``kill -9`` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def chroma(folder: Path) -> Served:
    """A Chroma server that keeps its data in ``folder``."""
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    command = [program, "run", "--path", folder / "data", "--host", "127.0.0.1", "--port", str(port)]
    return Served(command, port=port, path="/api/v2/heartbeat", folder=folder)


def replica(folder: Path, **environment: str) -> Served:
    """``rag serve`` with a home of its own, as the settings in ``environment`` say."""
    port = free_port()
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", str(port)]
    return Served(command, port=port, path="/health", folder=folder, **environment)
