"""`rag ui` in a process of its own, as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Served:
    """The page on ``home``, under the network guard; settings are ``RAG_*`` names."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def log(self) -> Path:
        """The hosts that the server tried to reach; there when it did."""
        return self.home.with_name(f"{self.home.name}.network.log")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("RAG_")}
        return {
            **kept,
            **self.settings,
            "HOME": str(self.home.parent),
            "RAG_HOME": str(self.home),
            "PYTHONPATH": f"{ROOT / 'tests' / 'guard'}{os.pathsep}{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "NETWORK_GUARD_LOG": str(self.log),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def rag(self, *arguments: str, stdin: str = "") -> str:
        """What another command prints on the same home."""
        command = [sys.executable, "-m", "rag.cli", *arguments]
        done = subprocess.run(command, env=self.environment, input=stdin, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Serve, on the port of last time if there was one."""
        port = str(urlsplit(self.url).port or 0)
        with self._errors.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rag.cli", "ui", "--port", port, "--json"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        assert self._process.stdout is not None
        told = ""
        for line in self._process.stdout:
            told += line
            if line == "}\n":
                break
        assert told, self._errors.read_text(encoding="utf-8")
        self.url = json.loads(told)["url"]

    def stop(self) -> None:
        """End it with Ctrl-C, as its user would; it has complained of nothing and reached nobody."""
        self._process.send_signal(signal.SIGINT)
        self._process.communicate()
        assert (self._process.returncode, self._errors.read_text(encoding="utf-8")) == (130, "interrupted\n")
        assert not self.log.exists(), f"the server tried to reach {self.log.read_text(encoding='utf-8').split()}"

    @property
    def _errors(self) -> Path:
        return self.home.with_name(f"{self.home.name}.errors.log")
