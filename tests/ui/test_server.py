from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from rag.users import Users
from tests.conftest import guarded
from tests.ui.serving import PASSWORD, client, serving
from ui.server import mounted
from ui.signin import Visitor


@pytest.fixture(scope="module")
def url(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page served by ``rag ui`` under the network guard."""
    with guarded(tmp_path_factory.mktemp("served")) as environment:
        del environment["RAG_HOME"]
        command = [sys.executable, "-m", "rag.cli", "--home", str(library), "ui", "--port", "0", "--json"]
        with started(command, environment) as address:
            yield address


@contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """The address that ``command`` serves; it is ended with Ctrl-C."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line == "}\n":
            break
    try:
        yield json.loads(told)["url"]
    finally:
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
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"https?:|\*", page.headers["content-security-policy"])
    loaded = re.findall(r"""<(?:script|link|img)\b[^>]*\b(?:src|href)=["'](https?://[^"']+)""", page.text)
    assert loaded == []
    style = httpx.get(f"{url}/theme.css", trust_env=False).text
    assert "PingFang SC" in style
    assert re.findall(r"@import|url\((?!['\"]?data:)", style) == []


def test_pages_nobody_asked_for_are_not_there(url: str) -> None:
    paths = (
        "docs",
        "redoc",
        "openapi.json",
        "monitoring",
        "monitoring/summary",
        "gradio_api/upload",
        "gradio_api/runs",
    )
    statuses = {path: httpx.get(f"{url}/{path}", trust_env=False).status_code for path in paths}
    assert statuses == dict.fromkeys(paths, 404)
    endpoints = httpx.get(f"{url}/gradio_api/info", trust_env=False).json()
    assert endpoints == {"named_endpoints": {}, "unnamed_endpoints": {}}
    upload = httpx.post(f"{url}/gradio_api/upload", files={"files": ("a.txt", b"more than a byte")}, trust_env=False)
    assert upload.status_code == 404


def test_files_of_the_machine_are_not_served(url: str, library: Path) -> None:
    ours = [path for path in library.rglob("*") if path.is_file()]
    assert "catalog.db" in [path.name for path in ours]
    with client(url) as browser:
        for path in (*ours, library, Path("/etc/hostname"), Path(__file__)):
            for route in ("file=", "file/", "file=file://", "stream/", "proxy="):
                assert browser.get(f"/gradio_api/{route}{path}").status_code == 404


def test_gradio_itself_would_take_no_upload_and_serve_no_file(library: Path, tmp_path: Path) -> None:
    """Should the gate in front of it fail."""

    def unguarded() -> FastAPI:
        app = FastAPI()
        app.middleware("http")(as_admin)
        return mounted(app, gr.Blocks(analytics_enabled=False))

    with serving(unguarded) as url, client(url) as browser:
        assert browser.post("/gradio_api/upload", files={"files": ("a.txt", b"too long")}).status_code == 413
        for path in (library / "catalog.db", Path("/etc/hostname"), Path(__file__), tmp_path):
            assert browser.get(f"/gradio_api/file={path}").status_code in (403, 404)

    def without_visitor() -> FastAPI:
        return mounted(FastAPI(), gr.Blocks(analytics_enabled=False))

    with serving(without_visitor) as url, client(url) as browser:
        for path in ("/", "/config", "/gradio_api/info", "/gradio_api/queue/status", "/gradio_api/file=/etc/hostname"):
            assert browser.get(path).status_code == 401
        for path in ("/gradio_api/queue/join", "/gradio_api/component_server", "/gradio_api/upload"):
            assert browser.post(path, json={}).status_code == 401


async def as_admin(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    request.state.visitor = Visitor("ann", admin=True)
    return await call_next(request)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_computers_are_served_only_where_there_is_an_account(
    host: str, command_environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "rag.cli", "ui", "--host", host, "--port", "0"]
    done = subprocess.run(command, env=command_environment, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        f"error: cannot serve on '{host}', which other computers can reach: nobody has an account to sign in with. "
        "Add one with `rag user add NAME`. Or leave --host away.\n",
    )


def test_with_an_account_other_computers_are_served_and_sign_in(command_environment: dict[str, str]) -> None:
    users = Users(Path(command_environment["RAG_HOME"]), rounds=4)
    users.add("ann", PASSWORD)
    command = [sys.executable, "-m", "rag.cli", "ui", "--host", "0.0.0.0", "--port", "0", "--json"]
    with started(command, command_environment) as url, client(url, host="policy.example") as browser:
        assert url.startswith("http://127.0.0.1:")
        assert browser.get("/config").status_code == 401
        signed_in = browser.post("/login", data={"name": "ann", "password": PASSWORD})
        browser.headers["cookie"] = signed_in.headers["set-cookie"].split(";")[0]
        assert browser.get("/config").status_code == 200
        users.remove("ann")
        assert browser.get("/config").status_code == 503
