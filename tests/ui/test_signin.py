from __future__ import annotations

import asyncio
import json
import re
import stat
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from rag import Chatbot, Settings
from rag.errors import StorageError, UserError
from rag.users import Users
from tests.ui.serving import PASSWORD, client, serving, signed_in
from ui.markup import escape
from ui.server import mounted, walled
from ui.signin import Visitor, visitor
from ui.signin.gate import Gate, is_this_computer
from ui.signin.page import sign_in_page
from ui.signin.sessions import SECONDS, Sessions
from ui.signin.throttle import Throttle
from ui.signin.words import WORDS, preferred
from ui.uploads import Uploads
from ui.words import Language

# What Gradio serves, whether this page uses it or not; and what is ours.
USED = [
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/config/"),
    ("GET", "/theme.css"),
    ("GET", "/assets/index.js"),
    ("GET", "/static/img/logo.svg"),
    ("GET", "/svelte/svelte.js"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/heartbeat/x"),
    ("GET", "/gradio_api/queue/data?session_hash=x"),
    ("GET", "/gradio_api/queue/status"),
    ("GET", "/gradio_api/startup-events"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/component_server/"),
    ("POST", "/files?name=a.txt"),
    ("POST", "/logout"),
    ("GET", "/export/0123456789ab.md"),
    ("GET", "/manifest.json"),
    ("GET", "/favicon.ico"),
    ("OPTIONS", "/config"),
]
CLOSED = [
    ("GET", "/gradio_api/file=/etc/hostname"),
    ("GET", "/gradio_api/file=http://127.0.0.1/"),
    ("GET", "/gradio_api/file/etc/hostname"),
    ("GET", "/gradio_api/proxy=http://127.0.0.1/"),
    ("POST", "/gradio_api/upload"),
    ("GET", "/gradio_api/upload_progress?upload_id=x"),
    ("GET", "/gradio_api/user"),
    ("GET", "/gradio_api/token"),
    ("GET", "/gradio_api/dev/reload"),
    ("GET", "/gradio_api/deep_link"),
    ("GET", "/gradio_api/openapi.json"),
    ("GET", "/gradio_api/runs"),
    ("GET", "/gradio_api/stream/x/1/1/playlist.m3u8"),
    ("GET", "/gradio_api/custom_component/x/client/component/index.js"),
    ("GET", "/gradio_api/vibe-code"),
    ("POST", "/gradio_api/vibe-edit"),
    ("POST", "/gradio_api/process_recording"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/api/predict"),
    ("POST", "/gradio_api/call/predict"),
    ("POST", "/login/"),
    ("GET", "/logout/"),
    ("GET", "/monitoring"),
    ("GET", "/monitoring/summary"),
    ("GET", "/pwa_icon"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/users.json"),
]


@pytest.fixture
def bot(tmp_path: Path) -> Chatbot:
    return Chatbot.open(Settings.load(home=tmp_path / "home"))


@pytest.fixture
def users(bot: Chatbot) -> Users:
    return Users(bot.settings.state, rounds=4)


def page() -> gr.Blocks:
    """A page that says whom it takes the visitor for, when called and in an event."""

    def call(data: dict[str, object], request: gr.Request) -> str:
        return str(visitor(request))

    def told(request: gr.Request) -> str:
        return str(visitor(request))

    with gr.Blocks(analytics_enabled=False) as blocks:
        html = gr.HTML(server_functions=[call], elem_id="page")
        html.click(told, None, html)
    return blocks


@pytest.fixture
def url(bot: Chatbot) -> Iterator[str]:
    """Everything but the page itself, as it is served to this computer."""
    with serving(lambda: everything(bot, loopback=True)) as address:
        yield address


@pytest.fixture
def whole(bot: Chatbot) -> Iterator[str]:
    """The same with a page."""
    with serving(lambda: mounted(everything(bot, loopback=True), page())) as address:
        yield address


@pytest.fixture
def far(bot: Chatbot) -> Iterator[str]:
    """Everything but the page itself, as it is served to other computers."""
    with serving(lambda: everything(bot, loopback=False)) as address:
        yield address


def everything(bot: Chatbot, *, loopback: bool) -> FastAPI:
    return walled(bot, Uploads(bot.settings.state / "uploads", max_bytes=lambda: 1000), loopback=loopback)


def known(browser: httpx.Client) -> bool:
    """Whether somebody is signed in: who is gets to know that there is no such conversation."""
    return {404: True, 401: False}[browser.get("/export/x.md").status_code]


def called(browser: httpx.Client) -> str:
    """Who the page's function is called by."""
    components = browser.get("/config").json()["components"]
    [number] = [each["id"] for each in components if each["type"] == "html"]
    body = {"component_id": number, "fn_name": "call", "session_hash": "x", "data": {}}
    return str(browser.post("/gradio_api/component_server", json=body).json())


def queued(browser: httpx.Client) -> str:
    """Who the page's event comes from."""
    browser.post("/gradio_api/queue/join", json={"fn_index": 0, "session_hash": "x", "data": [], "event_data": {}})
    with browser.stream("GET", "/gradio_api/queue/data", params={"session_hash": "x"}) as messages:
        for line in messages.iter_lines():
            message = json.loads(line.removeprefix("data: ") or "{}")
            if message.get("msg") == "process_completed":
                return str(message["output"]["data"][0])
    return "nobody"


# --- without an account ---------------------------------------------------------------------------------------


def test_without_accounts_the_page_is_for_whoever_is_at_this_computer(whole: str) -> None:
    with client(whole) as browser:
        assert browser.get("/").status_code == 200
        assert called(browser) == queued(browser) == str(Visitor(None, admin=True))
        for method in ("GET", "POST"):
            answer = browser.request(method, "/login", data={} if method == "GET" else {"name": "a", "password": "b"})
            assert answer.cookies == httpx.Cookies()
        assert browser.get("/login").headers["location"] == "/"


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "127.8.8.8:80", "[::1]", "[::1]:7860"])
def test_names_of_this_computer(url: str, host: str) -> None:
    assert is_this_computer(host)
    with client(url, host=host) as browser:
        assert known(browser)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:7860",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "x@y",
        "[",
    ],
)
def test_other_names_of_this_computer_are_refused_without_accounts(url: str, host: str) -> None:
    with client(url, host=host) as browser:
        for path in ("/", "/config", "/login", "/gradio_api/info"):
            answer = browser.get(path)
            assert (answer.status_code, list(answer.json())) == (421, ["error"])
            assert "rag user add NAME" in answer.json()["error"]


def test_other_computers_get_nothing_as_long_as_there_is_no_account(far: str, users: Users) -> None:
    with client(far) as browser:
        for path in ("/", "/config", "/login", "/export/x.md"):
            answer = browser.get(path)
            assert (answer.status_code, "rag user add NAME" in answer.json()["error"]) == (503, True)
    with signed_in(far, users, "ann") as browser:
        assert known(browser)
        users.remove("ann")
        assert browser.get("/export/x.md").status_code == 503


def test_a_damaged_list_of_accounts_opens_nothing(url: str, bot: Chatbot, users: Users) -> None:
    users.add("ann", PASSWORD)
    (bot.settings.state / "users.json").write_text("{}", encoding="utf-8")
    with client(url) as browser:
        answers = [browser.get("/"), browser.get("/login"), browser.post("/login", data={"name": "ann"})]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "users.json is damaged" in answers[0].json()["error"]


# --- with accounts --------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_gets_nothing(whole: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    with client(whole) as browser:
        statuses = {(method, path): browser.request(method, path).status_code for method, path in [*USED, *CLOSED]}
        assert statuses == {**dict.fromkeys(USED, 401), **dict.fromkeys(CLOSED, 404)}
        assert list(browser.get("/config").json()) == ["error"]


def test_whoever_is_not_signed_in_and_opens_a_page_is_sent_to_the_form(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    with client(url) as browser:
        for headers in ({"sec-fetch-mode": "navigate"}, {"accept": "text/html,*/*"}):
            for path in ("/", "/export/0123456789ab.html"):
                answer = browser.get(path, headers=headers)
                assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/login", "")
        assert browser.get("/config", headers={"sec-fetch-mode": "cors", "accept": "text/html"}).status_code == 401
        assert browser.post("/logout", headers={"accept": "text/html"}).status_code == 401
        assert browser.get("/login").status_code == 200


def test_what_the_page_does_not_use_is_closed_for_everybody(whole: str, users: Users) -> None:
    with signed_in(whole, users, "ann", admin=True) as browser:
        assert {browser.request(method, path).status_code for method, path in CLOSED} == {404}


def test_no_web_socket_is_opened(users: Users, tmp_path: Path) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    gate = Gate(accepting, users=users, sessions=Sessions(tmp_path, users), loopback=True)
    asyncio.run(gate({"type": "websocket", "path": "/", "headers": [(b"host", b"127.0.0.1")]}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_two_users_are_told_apart_in_calls_and_in_events(whole: str, users: Users) -> None:
    with signed_in(whole, users, "ann", admin=True) as ann, signed_in(whole, users, "王小明") as wang:
        for browser, who in ((ann, Visitor("ann", admin=True)), (wang, Visitor("王小明", admin=False))):
            assert called(browser) == queued(browser) == str(who)


def test_the_cookie_is_for_this_page_alone(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    with client(url) as browser:
        form = {"name": " ANN ", "password": PASSWORD}
        cookie = browser.post("/login", data=form).headers["set-cookie"]
        assert re.fullmatch(
            rf"policy-rag-[0-9a-f]{{8}}=[0-9a-f.]+; HttpOnly; Max-Age={14 * 24 * 3600}; Path=/; SameSite=lax", cookie
        )
        secure = browser.post("/login", data=form, headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
        assert secure.endswith("; SameSite=lax; Secure")


def test_a_wrong_password_gives_the_form_again(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    users.add("bob", "battery staple")
    wrong = [("ann", ""), ("ann", "battery staple"), ("eve", PASSWORD), ("", ""), ("<b>", PASSWORD), ("ann", "x" * 73)]
    with client(url, **{"accept-language": "en"}) as browser:
        for name, password in wrong:
            answer = browser.post("/login", data={"name": name, "password": password})
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
            assert escape(WORDS["en"].wrong) in answer.text
            assert "<b>" not in answer.text
        assert browser.post("/login", content=b"name=%ff&password=\xff&=&&name").status_code == 401
        assert browser.post("/login", content=b"x" * 8001).status_code == 413


def test_a_session_ends_with_sign_out(url: str, users: Users) -> None:
    with signed_in(url, users, "ann") as browser:
        [cookie] = browser.cookies.items()
        assert known(browser)
        answer = browser.post("/logout")
        assert (answer.status_code, answer.headers["location"], len(browser.cookies)) == (303, "/login", 0)
        browser.cookies.set(*cookie)  # who kept a copy has nothing
        assert not known(browser)
    with client(url) as again:
        again.post("/login", data={"name": "ann", "password": PASSWORD})
        assert again.post("/logout", headers={"x-policy-rag": "1"}).status_code == 204
        assert not known(again)


def test_a_session_ends_with_another_password_and_with_the_account(url: str, users: Users) -> None:
    users.add("admin", PASSWORD)
    with signed_in(url, users, "ann") as browser:
        users.set_password("ann", PASSWORD)
        assert not known(browser)
        browser.post("/login", data={"name": "ann", "password": PASSWORD})
        assert known(browser)
        users.remove("ann")
        assert not known(browser)
        users.add("ann", PASSWORD)
        assert not known(browser)


def test_a_session_outlives_the_process(bot: Chatbot, users: Users) -> None:
    def app() -> FastAPI:
        return everything(bot, loopback=True)

    with serving(app) as url, signed_in(url, users, "ann") as browser:
        [cookie] = browser.cookies.items()
    with serving(app) as url, client(url) as browser:
        browser.cookies.set(*cookie)
        assert known(browser)
    (bot.settings.state / "session.key").unlink()
    with serving(app) as url, client(url) as browser:
        browser.cookies.set(*cookie)
        assert not known(browser)


def test_after_ten_wrong_passwords_the_right_one_has_to_wait(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    users.add("bob", PASSWORD)
    with client(url) as browser:
        for _ in range(3):
            assert browser.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303
        statuses = [browser.post("/login", data={"name": "Ann", "password": "wrong"}).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        answer = browser.post("/login", data={"name": "ann", "password": PASSWORD})
        assert (answer.status_code, 500 < int(answer.headers["retry-after"]) <= 600) == (429, True)
        assert escape(WORDS["hans"].too_often.format(minutes=10)) in answer.text
        assert browser.post("/login", data={"name": "bob", "password": PASSWORD}).status_code == 303


def test_after_a_hundred_wrong_names_the_address_has_to_wait(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    with client(url) as browser:
        tries = [{"name": f"eve{number}", "password": "wrong"} for number in range(101)]
        statuses = [browser.post("/login", data=each).status_code for each in tries]
        assert statuses == [401] * 100 + [429]
        assert browser.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 429


# --- other sites ----------------------------------------------------------------------------------------------

ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://evil.example"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "null"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_what_another_site_posts_is_refused(url: str, users: Users, headers: dict[str, str]) -> None:
    posts = [path for method, path in USED if method == "POST"]
    with client(url) as nobody:
        assert {nobody.post(path, headers=headers).status_code for path in posts} == {403}
    with signed_in(url, users, "ann", admin=True) as ann:
        assert {ann.post(path, headers={**headers, "x-policy-rag": "1"}).status_code for path in posts} == {403}
        assert known(ann)
        form = ann.post("/login", headers=headers, data={"name": "ann", "password": PASSWORD})
        assert (form.status_code, "set-cookie" in form.headers) == (403, False)
        assert escape(WORDS["hans"].elsewhere) in form.text


def test_what_the_page_itself_posts_is_taken(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    for headers in ({"sec-fetch-site": "same-origin", "origin": "null"}, {"origin": url}):
        with client(url) as browser:
            answer = browser.post("/login", headers=headers, data={"name": "ann", "password": PASSWORD})
            assert answer.status_code == 303
            assert browser.post("/logout", headers=headers).status_code == 303


def test_no_other_site_may_read_an_answer(whole: str, users: Users) -> None:
    for host in ("127.0.0.1", "policy.example"):
        with client(whole, host=host, origin="http://localhost:1") as browser:
            answers = [browser.get("/"), browser.get("/gradio_api/info"), browser.get("/login")]
            asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-policy-rag"}
            answers.append(browser.options("/gradio_api/queue/join", headers=asked))
        for answer in answers:
            assert "access-control-allow-origin" not in answer.headers
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        users.add(f"ann{host}", PASSWORD)  # without an account the second name would be refused


def test_a_preflight_is_not_granted_to_a_signed_in_user_either(whole: str, users: Users) -> None:
    with signed_in(whole, users, "ann") as ann:
        asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
        answer = ann.options("/config", headers={**asked, "host": "policy.example"})
        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
        read = ann.get("/config", headers={"origin": "http://evil.example", "host": "policy.example"})
        assert "access-control-allow-origin" not in read.headers


# --- the page of the form -------------------------------------------------------------------------------------


def test_the_form_runs_no_script_and_loads_nothing(url: str, users: Users) -> None:
    users.add("ann", PASSWORD)
    with client(url) as browser:
        answer = browser.get("/login")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["form-action"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert "script-src" not in policy
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    assert not re.search(r"<script|<img|\bsrc=|url\(|@import|https?:", answer.text)


@pytest.mark.parametrize(("language", "tag"), [("hans", "zh-Hans"), ("hant", "zh-Hant"), ("en", "en")])
def test_the_form_in_each_language(language: Language, tag: str) -> None:
    words = WORDS[language]
    shown = sign_in_page(language, name="Ann", problem=words.wrong)
    assert f'<html lang="{tag}">' in shown
    assert f'<p class="problem" role="alert">{escape(words.wrong)}</p>' in shown
    assert f'<label for="name">{escape(words.name)}</label>' in shown
    assert f'<label for="password">{escape(words.password)}</label>' in shown
    assert (
        shown.count("aria-current") == shown.split("<nav")[1].count("aria-current") + shown.count("[aria-current]") == 2
    )
    assert shown.count(" autofocus") == 1


@pytest.mark.parametrize("typed", ['"><script>alert(1)</script>', "' onfocus=alert(1) x='", "a\nb\u202e", "&lt;{{x}}"])
def test_what_was_typed_is_shown_and_never_run(typed: str) -> None:
    plain, shown = sign_in_page("hans", name="x"), sign_in_page("hans", name=typed, problem=typed)
    assert re.sub(r'value="[^"]*"', "", shown.replace(escape(typed), "")).count("<") == plain.count("<") + 2
    assert not re.search(r"<script|onfocus=|\{\{|\u202e", shown)


@pytest.mark.parametrize(
    ("chosen", "accepted", "expected"),
    [
        (None, "", "hans"),
        ("en", "zh-CN", "en"),
        ("fr", "zh-TW,zh;q=0.9", "hant"),
        (None, "zh-Hant-HK", "hant"),
        (None, "zh-HK;q=0.5, en;q=0.8", "en"),
        (None, "fr-FR, fr;q=0.9, en-GB;q=0.1", "en"),
        (None, "zh", "hans"),
        (None, "zh-Hans-MO", "hant"),
        (None, "*;q=x,,;;=", "hans"),
        (None, "de", "hans"),
    ],
)
def test_which_language_a_browser_would_like(chosen: str | None, accepted: str, expected: str) -> None:
    assert preferred(chosen, accepted) == expected


def test_the_colours_are_those_of_the_page() -> None:
    folder = Path(__file__).parents[2] / "ui"
    token = re.compile(r"(--[\w-]+): (#[0-9a-f]+);")
    base = (folder / "base.css").read_text(encoding="utf-8")
    own = (folder / "signin" / "signin.css").read_text(encoding="utf-8").split("@media")
    for colours, block in zip(own, (base.split(".dark {")[0], base.split(".dark {")[1].split("}")[0]), strict=True):
        theirs = dict(token.findall(block))
        shared = {name: colour for name, colour in token.findall(colours) if name in theirs}
        assert shared == {name: theirs[name] for name in shared}
        assert {"--ink", "--paper", "--accent", "--bad"} <= set(shared)


# --- the parts ------------------------------------------------------------------------------------------------


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


def test_a_session_lasts_a_fortnight(users: Users, tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, users, now=clock)
    ann = users.add("ann", PASSWORD)
    cookie = sessions.begin(ann)
    clock.time += 14 * 24 * 3600
    assert sessions.user(cookie) == ann
    clock.time += 1
    assert sessions.user(cookie) is None
    assert SECONDS == 14 * 24 * 3600


def test_a_session_cannot_be_forged(users: Users, tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, users)
    ann, bob = users.add("ann", PASSWORD), users.add("bob", PASSWORD)
    cookie = sessions.begin(ann)
    name, issued, nonce, signature = cookie.split(".")
    other = bob.name.encode().hex()
    forged = [
        None,
        "",
        "....",
        f"{other}.{issued}.{nonce}.{signature}",
        f"{name}.{int(issued) + 1}.{nonce}.{signature}",
        f"{name}.{issued}.{nonce}0.{signature}",
        f"{name}.{issued}.{nonce}.{signature[:-1]}",
        f"{name}.{issued}.{nonce}.",
        f"{name}.{issued}.{nonce}.{signature}é",
        f"{name}.x.{nonce}.{signature}",
        f"zz.{issued}.{nonce}.{signature}",
        f"ff.{issued}.{nonce}.{signature}",
        f"{b'eve'.hex()}.{issued}.{nonce}.{signature}",
        cookie + "0" * 1000,
        Sessions(tmp_path / "other", users).begin(ann),
    ]
    assert [sessions.user(each) for each in forged] == [None] * len(forged)
    for each in forged:
        sessions.end(each)
    assert sessions.user(cookie) == ann


def test_one_session_ends_and_the_others_stay(users: Users, tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, users)
    ann = users.add("ann", PASSWORD)
    first, second = sessions.begin(ann), sessions.begin(ann)
    sessions.end(first)
    assert (sessions.user(first), sessions.user(second)) == (None, ann)


def test_the_key_is_for_its_owner_alone(users: Users, tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "new", users)
    assert not (tmp_path / "new").exists()
    cookie = sessions.begin(users.add("ann", PASSWORD))
    file = tmp_path / "new" / "session.key"
    assert (stat.S_IMODE(file.stat().st_mode), file.stat().st_size) == (0o600, 32)
    assert Sessions(tmp_path / "new", users).user(cookie) == users.get("ann")
    assert Sessions(tmp_path / "other", users).cookie != sessions.cookie
    file.write_bytes(b"short")
    with pytest.raises(StorageError, match=r"session\.key is damaged"):
        Sessions(tmp_path / "new", users).user(cookie)


def test_so_many_tries_in_so_much_time() -> None:
    clock = Clock()
    throttle = Throttle(most=2, seconds=60, now=clock)
    assert (throttle.wait("a"), throttle.wait("b")) == (0, 0)
    clock.time += 20
    assert (throttle.wait("a"), throttle.wait("a"), throttle.wait("b")) == (0, 40, 0)
    clock.time += 40
    assert (throttle.wait("a"), throttle.wait("a")) == (0, 20)
    throttle.forgive("a")
    throttle.forgive("nobody")
    assert (throttle.wait("a"), throttle.wait("a")) == (0, 20)


def test_the_keys_tried_longest_ago_are_forgotten() -> None:
    throttle = Throttle(most=1, seconds=60, now=Clock())
    assert {throttle.wait(key) for key in range(10_001)} == {0}
    assert (throttle.wait(10_000), throttle.wait(0)) == (60, 0)


def test_a_request_that_came_past_the_gate_is_nobodys() -> None:
    request = Request({"type": "http"})
    for each in (request, gr.Request(request)):
        with pytest.raises(UserError, match="nobody is signed in"):
            visitor(each)
