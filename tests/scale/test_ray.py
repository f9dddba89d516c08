"""Ingest on a real Ray of two workers, one of which is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from rag import Chatbot, Settings
from rag.schema import VerifyReport
from tests.conftest import SEEDS

PATIENCE_S = 400
BAD = "坏.txt"


def ingest(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rag.cli", "ingest", str(folder), "--engine", "ray", "--json", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def embedding(driver: int) -> list[int]:
    """The processes that embed texts just now for the ingest with that process id."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if name.startswith(b"ray::_Embedder.embed") and driver in _ancestors(int(folder.name)):
            found.append(int(folder.name))
    return found


def _ancestors(process: int) -> list[int]:
    found = []
    while process > 1:
        try:
            process = int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            break
        found.append(process)
    return found


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'policy-rag[scale]'")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the workers in /proc")
def test_a_worker_that_is_killed_loses_nothing(
    home: Path, papers: Path, library: Path, command_environment: dict[str, str]
) -> None:
    shutil.copy(SEEDS / "wenzhou-government-improvement-plan-2018.txt", papers)
    (papers / BAD).write_bytes(b"\0\1\2")
    # Ray's own processes look for the cloud they are in unless this file tells them, and for their own address.
    user = Path(command_environment["HOME"])
    (user / "ray_bootstrap_config.yaml").write_text("provider: {type: local}\n", encoding="utf-8")
    environment = {**command_environment, "RAG_HOME": str(home), "RAG_INGEST__WORKERS": "2"}
    environment["PYTHONPATH"] = environment["PYTHONPATH"].rpartition(os.pathsep)[2]  # without the guard
    process = ingest(papers, environment)
    end = time.monotonic() + PATIENCE_S
    while not (workers := embedding(process.pid)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    os.kill(workers[0], signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, err.decode()  # for the bad file
    report = json.loads(out)
    names = {path.name for path in papers.iterdir()} - {BAD}
    assert set(report["added"]) == names
    assert [Path(failure["path"]).name for failure in report["failed"]] == [BAD]

    bot, local = Chatbot.open(Settings(home=home)), Chatbot.open(Settings(home=library))
    chunks = bot._index.catalog.count_chunks()
    assert bot.verify() == VerifyReport(len(names), chunks)
    windows = [f"{chunk.chunk_id}:0" for info in local.documents() for chunk in local.document(info.source).chunks]
    ours, theirs = bot._index.vectors.vectors(windows), local._index.vectors.vectors(windows)
    assert ours.keys() == theirs.keys() == set(windows)
    assert all(np.allclose(ours[window], theirs[window], atol=1e-5) for window in windows)
    bot.close()
    local.close()


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_the_command_to_install_it_is_told(papers: Path, command_environment: dict[str, str]) -> None:
    out, _ = ingest(papers, command_environment).communicate()
    assert json.loads(out)["error"]["type"] == "MissingDependencyError"
    assert "pip install 'policy-rag[scale]'" in json.loads(out)["error"]["message"]


def test_watching_goes_with_the_local_engine_only(papers: Path, command_environment: dict[str, str]) -> None:
    process = ingest(papers, command_environment, "--watch")
    assert b"--watch goes with the engine local only" in process.communicate()[1]
    assert process.returncode == 2
