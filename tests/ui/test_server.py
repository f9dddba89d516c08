from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest


@pytest.fixture
def url(library: Path, command_environment: dict[str, str]) -> Iterator[str]:
    """The address of a page served by ``rag ui`` under the network guard, ended with Ctrl-C."""
    del command_environment["RAG_HOME"]
    process = subprocess.Popen(
        [sys.executable, "-m", "rag.cli", "--home", str(library), "ui", "--port", "0", "--json"],
        env=command_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line == "}\n":
            break
    yield json.loads(told)["url"]
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate()
    assert (process.returncode, rest, errors) == (130, "", "interrupted\n")


def test_the_page_is_served_on_loopback_and_names_no_other_host(url: str) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    page = httpx.get(url, trust_env=False)
    assert page.status_code == 200
    assert '"title":"政策问答"' in page.text
    assert '"analytics_enabled":false' in page.text
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["connect-src"]) == ("'self'", "'self'")
    assert not re.search(r"https?:|\*", page.headers["content-security-policy"])
    loaded = re.findall(r"""<(?:script|link|img)\b[^>]*\b(?:src|href)=["'](https?://[^"']+)""", page.text)
    assert loaded == []
    style = httpx.get(f"{url}/theme.css", trust_env=False).text
    assert "PingFang SC" in style
    assert re.findall(r"@import|url\((?!['\"]?data:)", style) == []


def test_pages_nobody_asked_for_are_not_there(url: str) -> None:
    paths = ("docs", "redoc", "openapi.json", "monitoring/summary")
    statuses = {path: httpx.get(f"{url}/{path}", trust_env=False).status_code for path in paths}
    assert statuses == {**dict.fromkeys(paths, 404), "monitoring/summary": 403}
    endpoints = httpx.get(f"{url}/gradio_api/info", trust_env=False).json()
    assert endpoints == {"named_endpoints": {}, "unnamed_endpoints": {}}
    upload = httpx.post(f"{url}/gradio_api/upload", files={"files": ("a.txt", b"more than a byte")}, trust_env=False)
    assert upload.status_code == 413


def test_files_of_the_machine_are_not_served(url: str, library: Path) -> None:
    source = next(library.rglob("*.*"))
    for path in (source, Path("/etc/hostname"), Path(__file__)):
        assert httpx.get(f"{url}/gradio_api/file={path}", trust_env=False).status_code in (403, 404)
