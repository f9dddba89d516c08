from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest

from rag import Chatbot, Settings
from rag.answer.llm import ChatModel
from rag.errors import ConfigurationError, PolicyRagError
from rag.settings import LLMSettings, saved_settings
from tests.answer.model_server import Exchange, fails, model_server, says
from tests.conftest import ROOT, copy_home
from ui.calls import BadCallError, Handler, NotAllowedError, Visit
from ui.settings.current import Current
from ui.settings.handlers import handlers
from ui.settings.trial import Answered, Failed, Silent, Trials
from ui.settings.words import EN, MEASURED, WORDS
from ui.words import Language

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
KEY = "marker-key-7f3a91"


class Tab:
    """The handlers, called as the browser calls them."""

    def __init__(self, bot: Chatbot, *, admin: bool = True, language: Language = "en") -> None:
        self.current = Current(bot)
        self._handlers = handlers(self.current)
        self.admin, self.language = admin, language

    def call(self, name: str, **arguments: object) -> Any:
        handler: Handler = self._handlers[f"settings.{name}"]
        return handler(Visit(self.current.bot, None, self.admin, self.language), arguments)

    def save(self, **values: object) -> dict[str, Any]:
        return cast("dict[str, Any]", self.call("save", values=_dotted(values)))

    def test(self, **values: object) -> dict[str, Any]:
        return cast("dict[str, Any]", self.call("test", values=_dotted(values)))


def _dotted(values: Mapping[str, object]) -> dict[str, object]:
    return {name.replace("llm_", "llm."): value for name, value in values.items()}


class Controls(HTMLParser):
    """The controls of a page by name, with their attributes; the texts of the page in ``said``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.by_name: dict[str, dict[str, str | None]] = {}
        self.tags: set[str] = set()
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        known = dict(attrs)
        if tag in ("input", "select") and (name := known.get("name")) and (name not in self.by_name):
            self.by_name[name] = known

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.fixture
def home(library: Path, tmp_path: Path) -> Path:
    return copy_home(library, tmp_path / "mine")


@pytest.fixture
def bot(home: Path) -> Iterator[Chatbot]:
    bot = Chatbot.open(Settings.load(home=home))
    yield bot
    bot.close()


@pytest.fixture
def tab(bot: Chatbot) -> Tab:
    return Tab(bot)


def as_server(address: str, **more: object) -> dict[str, object]:
    return {"provider": "server", "model": "qwen3:8b", "llm_base_url": f"{address}/v1", **more}


# --- what is shown


@pytest.mark.parametrize("language", ["hans", "hant", "en"])
def test_the_tab_speaks_the_language_and_has_all_its_fields(bot: Chatbot, language: Language) -> None:
    words = WORDS[language]
    html = Tab(bot, language=language).call("view", preferences={})
    page = Controls(html)
    assert set(page.by_name) == {
        *("language", "theme", "strictness", "k", "sources", "issuer", "region", "since", "until", "as_of"),
        *("reader", "max_file_mb", "provider", "model", "file", "llm.base_url", "llm.api_key", "llm.fallback"),
        *("llm.flag_unsupported", "llm.temperature", "llm.max_tokens", "llm.context_tokens", "llm.timeout_s"),
    }
    for said in (words.mine, words.shared, words.health, words.provider, words.default.format(value=words.balanced)):
        assert said in page.said


def test_every_control_has_a_label_and_no_id_is_used_twice(tab: Tab) -> None:
    html = tab.call("view", preferences={})
    ids = re.findall(r' id="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))
    labelled = set(re.findall(r' for="([^"]+)"', html))
    unlabelled = [
        control
        for control in re.findall(r"<(?:input|select)\b[^>]*>", html)
        if "aria-label" not in control
        and (found := re.search(r' id="([^"]+)"', control)) is not None
        and found[1] not in labelled
        and 'type="checkbox"' not in control
    ]
    assert unlabelled == []
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(ids)


def test_the_measured_figures_are_those_of_the_docs() -> None:
    told = (ROOT / "docs" / "grounding.md").read_text("utf-8")
    for level, pairs in MEASURED.items():
        shares = " | ".join(f"{missed:.2f} / {refused:.2f}".replace("0.", ".") for missed, refused in pairs)
        assert re.search(rf"^\| `{level}` \| [\d.]+ \| {re.escape(shares)} \|$", told, re.MULTILINE), level


def test_each_strictness_tells_what_was_measured_of_it(tab: Tab) -> None:
    said = Controls(tab.call("mine", preferences={})).said
    assert "refuses 91–96% of questions without an answer, and 2–10% of those with one" in said
    assert "refuses 82–95% of questions without an answer, and 2–5% of those with one" in said
    assert "refuses 82–93% of questions without an answer, and 1–2% of those with one" in said


def test_what_the_browser_keeps_is_what_is_chosen(tab: Tab) -> None:
    kept = {
        "theme": "dark",
        "strictness": "strict",
        "k": 12,
        "where": {"issuer": "青山市", "since": "2020", "sources": ["老年助餐.txt", "不在.txt"]},
    }
    html = tab.call("mine", preferences=kept)
    assert re.findall(r'<option value="dark" selected>', html) != []
    assert re.findall(r'value="strict" checked', html) != []
    assert [Controls(html).by_name[name]["value"] for name in ("k", "issuer", "since")] == ["12", "青山市", "2020"]
    assert html.count('name="sources"') == 3
    assert [re.sub(r"&#46;", ".", each) for each in re.findall(r'name="sources" value="([^"]+)" checked', html)] == [
        "不在.txt",
        "老年助餐.txt",
    ]
    assert EN.absent in html
    assert EN.everything in html


@pytest.mark.parametrize(
    "kept", [None, [], {"where": 3, "theme": 5, "k": {}}, {"where": {"sources": "x", "issuer": 1}}]
)
def test_whatever_else_the_browser_keeps_is_passed_over(tab: Tab, kept: object) -> None:
    assert Controls(tab.call("mine", preferences=kept)).by_name["language"]["id"] == "pr-set-mine-language"


# --- filters


def test_documents_are_found_in_either_script(tab: Tab) -> None:
    assert "老年助餐" in tab.call("documents", find="老年助餐服务", sources=[])
    assert "数字政府" not in tab.call("documents", find="老年助餐服务", sources=[])
    chosen = tab.call("documents", find="老年", sources=["数字政府.txt"])
    assert chosen.index("数字政府") < chosen.index("老年助餐")
    assert tab.call("documents", find="没有", sources=[]) == f'<p class="pr-note">{EN.nothing}</p>'.replace(
        EN.nothing, "No document fits&#46;"
    )


def test_a_filter_is_looked_at_before_it_is_kept(tab: Tab) -> None:
    assert tab.call("where", where={}) == {"errors": {}, "limited": False, "message": EN.unlimited}
    assert tab.call("where", where={"issuer": "青山市", "sources": ["数字政府.txt"]}) == {
        "errors": {},
        "limited": True,
        "message": EN.limited,
    }
    assert tab.call("where", where={"since": "last year", "as_of": "2019-13"}) == {
        "errors": {"since": EN.bad_date, "as_of": EN.bad_date}
    }
    told = tab.call("where", where={"issuer": "火星"})
    assert (told["errors"], "limited" in told) == ({}, False)
    assert told["message"].startswith("Not in force: no document is issued by '火星'")


@pytest.mark.parametrize(
    ("written", "wrong"), [("8", False), ("", False), ("0", True), ("101", True), ("8.5", True), ("many", True)]
)
def test_the_number_of_passages_is_looked_at(tab: Tab, written: str, wrong: bool) -> None:
    told = {"k": EN.between.format(least="1", most="100")} if wrong else {}
    assert tab.call("k", k=written) == {"errors": told}


# --- saving


def test_a_saved_model_answers_the_next_question(tab: Tab, home: Path) -> None:
    with model_server(says("到2025年达到98%。[1]")) as server:
        before = tab.current.bot
        assert before.ask(QUESTION).provider == "extractive"
        told = tab.save(**as_server(server.address, llm_api_key=KEY, strictness="strict", k="6"))
        assert told["message"] == EN.saved
        answer = tab.current.bot.ask(QUESTION)
        assert (answer.provider, answer.text) == ("qwen3:8b", "到2025年达到98%。[1]")
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert (home / "settings.toml").stat().st_mode & 0o777 == 0o600
    found = {name: str(value) for name, value in saved_settings(home).items() if name != "llm.api_key"}
    assert found == {
        "k": "6",
        "strictness": "strict",
        "llm.model": "qwen3:8b",
        "llm.base_url": f"{server.address}/v1",
    }
    settings = Settings.load(home=home)  # as the next start would have it
    assert settings.llm.api_key is not None
    assert (settings.llm.api_key.get_secret_value(), settings.k) == (KEY, 6)
    assert before.settings.k == 8


def test_only_what_changes_is_saved_and_defaults_are_forgotten(tab: Tab, home: Path) -> None:
    shown = {"strictness": "balanced", "k": "8", "reader": True, "provider": "none", "llm_timeout_s": "60"}
    assert tab.save(**shown)["message"] == EN.unchanged
    assert not (home / "settings.toml").exists()
    tab.save(**{**shown, "k": "9", "reader": False})
    assert saved_settings(home) == {"k": 9, "reader": False}
    tab.save(**{**shown, "k": ""})
    assert saved_settings(home) == {}
    assert (tab.current.bot.settings.k, tab.current.bot.settings.reader) == (8, True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"k": "1000"}, "k"),
        ({"k": "a"}, "k"),
        ({"max_file_mb": "0"}, "max_file_mb"),
        ({"max_file_mb": "1024.5"}, "max_file_mb"),
        ({"llm_temperature": "nan"}, "llm.temperature"),
        ({"llm_timeout_s": "0"}, "llm.timeout_s"),
        ({"llm_max_tokens": "1e9"}, "llm.max_tokens"),
        ({"llm_context_tokens": "499"}, "llm.context_tokens"),
        ({"strictness": "reckless"}, "strictness"),
        ({"llm_flag_unsupported": "hide"}, "llm.flag_unsupported"),
        ({"provider": "magic", "model": "m"}, "provider"),
        ({"provider": "openai", "model": " "}, "model"),
        ({"provider": "other", "model": "gpt"}, "model"),
        ({"provider": "gguf", "file": ""}, "file"),
        ({"provider": "server", "model": "m", "llm_base_url": ""}, "llm.base_url"),
        ({"provider": "server", "model": "m", "llm_base_url": "ftp://host/"}, "llm.base_url"),
        ({"provider": "server", "model": "m", "llm_base_url": "http://host:x/v1"}, "llm.base_url"),
        ({"provider": "ollama", "model": "m", "llm_base_url": "localhost:11434"}, "llm.base_url"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_and_nothing_is_saved(
    tab: Tab, home: Path, values: dict[str, object], field: str
) -> None:
    for told in (tab.save(**values), tab.test(**values)):
        assert list(told) == ["errors"]
        assert list(told["errors"]) == [field]
        assert told["errors"][field] != ""
    assert not (home / "settings.toml").exists()


@pytest.mark.parametrize(
    ("values", "model", "address"),
    [
        ({"provider": "openai", "model": "gpt-5"}, "openai:gpt-5", None),
        ({"provider": "anthropic", "model": "claude"}, "anthropic:claude", None),
        ({"provider": "ollama", "model": "qwen3:8b", "llm_base_url": ""}, "ollama:qwen3:8b", None),
        ({"provider": "other", "model": "mistralai:large"}, "mistralai:large", None),
        ({"provider": "gguf", "file": "/models/m.gguf"}, "gguf:/models/m.gguf", None),
        ({"provider": "server", "model": "a/b", "llm_base_url": "https://h/v1"}, "a/b", "https://h/v1"),
        (
            {"provider": "server", "model": "openai:x", "llm_base_url": "https://h/v1"},
            "openai:openai:x",
            "https://h/v1",
        ),
    ],
)
def test_every_provider_is_saved_as_the_settings_name_it(
    tab: Tab, values: dict[str, object], model: str, address: str | None
) -> None:
    told = tab.save(**values)
    llm = tab.current.bot.settings.llm
    assert (llm.model, llm.base_url) == (model, address)
    page = Controls(told["html"])
    field = "file" if values["provider"] == "gguf" else "model"
    assert page.by_name[field]["value"] == re.sub(r"&#\d+;", "", str(values[field]))
    assert f'value="{values["provider"]}" selected' in told["html"]
    assert tab.save(**values)["message"] == EN.unchanged
    tab.save(provider="none")
    assert (tab.current.bot.settings.llm.model, tab.current.bot.settings.llm.base_url) == (None, None)


def test_others_neither_save_nor_test_nor_check(bot: Chatbot, home: Path) -> None:
    visitor = Tab(bot, admin=False)
    for name in ("save", "test", "health"):
        with pytest.raises(NotAllowedError):
            visitor.call(name, values={"k": "3"})
    assert not (home / "settings.toml").exists()


def test_others_see_what_is_set_without_addresses_and_folders(bot: Chatbot) -> None:
    administrator = Tab(bot)
    administrator.save(provider="server", model="qwen3:8b", llm_base_url="http://inner.example/v1", llm_api_key=KEY)
    seen = Tab(administrator.current.bot, admin=False).call("view", preferences={})
    page = Controls(seen)
    assert "qwen3:8b" in page.said
    assert EN.read_only in page.said
    assert "inner" not in seen
    assert {"provider", "llm.api_key", "reader"} & set(page.by_name) == set()
    assert EN.health not in page.said
    administrator.save(provider="gguf", file="/srv/models/m.gguf")
    page = Controls(Tab(administrator.current.bot, admin=False).call("library"))
    assert "m.gguf" in page.said
    assert "srv" not in page.said


# --- what the administrator has fixed


def test_what_is_fixed_is_shown_with_its_source_and_cannot_be_changed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "rag.toml"
    config.write_text('k = 5\n[llm]\nmodel = "ollama:qwen3"\n', encoding="utf-8")
    monkeypatch.setenv("RAG_STRICTNESS", "lenient")
    tab = Tab(Chatbot.open(Settings.load(config, home=home, reader=False)))
    html = tab.call("library")
    page = Controls(html)
    fixed = {name for name, control in page.by_name.items() if "disabled" in control}
    assert fixed == {"strictness", "k", "reader", "provider", "model", "file"}
    assert page.by_name["k"]["value"] == "5"
    for source in ("(environment RAG_STRICTNESS)", "(rag.toml)", "(command line)"):
        assert f"Set by the administrator {source}" in page.said
    values = {"strictness": "strict", "k": "9", "reader": True, "provider": "none"}
    told = tab.save(**values)
    assert told == {
        "errors": {
            "strictness": "Set by the administrator (environment RAG_STRICTNESS)",
            "k": "Set by the administrator (rag.toml)",
            "reader": "Set by the administrator (command line)",
            "model": "Set by the administrator (rag.toml)",
        }
    }
    assert tab.test(**values) == told
    assert not (home / "settings.toml").exists()
    assert tab.save(k="5", strictness="lenient", llm_max_tokens="900")["message"] == EN.saved  # what is as it was
    assert saved_settings(home) == {"llm.max_tokens": 900}
    tab.current.bot.close()


# --- secrets


def marked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str) -> dict[str, Any]:
    """What has a marker for a key come from ``source``."""
    if source == "environment":
        monkeypatch.setenv("RAG_LLM__API_KEY", KEY)
    elif source == "file":
        (tmp_path / "key").write_text(KEY, encoding="utf-8")
        monkeypatch.setenv("RAG_LLM__API_KEY_FILE", str(tmp_path / "key"))
    elif source == "rag.toml":
        (tmp_path / "rag.toml").write_text(f'[llm]\napi_key = "{KEY}"\n', encoding="utf-8")
        return {"config": tmp_path / "rag.toml"}
    elif source == "argument":
        return {"llm": {"api_key": KEY}}
    elif source == "database":
        monkeypatch.setenv("RAG_DATABASE__URL", f"postgresql://user:{KEY}@127.0.0.1:1/none")
    return {}


def said_of(call: Callable[[], object]) -> object:
    """What ``call`` gives, or the words of its error."""
    try:
        return call()
    except PolicyRagError as error:
        return str(error)


@pytest.mark.parametrize("source", ["environment", "file", "rag.toml", "argument", "saved", "database", "address"])
def test_no_secret_comes_to_the_browser(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    tab = Tab(Chatbot.open(Settings.load(home=home, **marked(monkeypatch, tmp_path, source))))

    def echoing(exchange: Exchange) -> None:
        exchange.send(400, f'{{"error": {{"message": "wrong: {KEY} {exchange.headers}"}}}}'.replace("'", ""))

    with model_server(echoing) as server:
        address = server.address.replace("//", f"//user:{KEY}@") if source == "address" else server.address
        written = {"llm_api_key": KEY} if source == "saved" else {}
        values = as_server(address, **written)
        told: list[object] = [tab.test(**values), tab.save(**values), tab.test(), tab.save(k="1000")]
        for shown in (tab, Tab(tab.current.bot, admin=False)):
            told += [said_of(partial(shown.call, name, preferences={})) for name in ("view", "mine", "library")]
        told.append(said_of(lambda: tab.call("health")))
    for each in told:
        assert KEY not in str(each)
        assert "key-7f3a91" not in str(each).replace("&#45;", "-")
    assert (Controls(tab.call("library")).by_name["llm.api_key"]["placeholder"] == EN.key_set) == (
        source not in ("database", "address")
    )
    tab.current.bot.close()


def test_a_saved_key_is_not_sent_to_another_server(tab: Tab) -> None:
    with model_server(says("好")) as right, model_server(says("好")) as other:
        tab.save(**as_server(right.address, llm_api_key=KEY))
        for values in (as_server(other.address), {"provider": "openai", "model": "gpt"}):
            for told in (tab.test(**values), tab.save(**values)):
                assert told == {"errors": {"llm.api_key": EN.key_again}}
        assert other.requests == []
        assert "pr-good" in tab.test(**as_server(right.address, model="another"))["html"]
        assert tab.save(**as_server(other.address, forget_key=True))["message"] == EN.saved
        assert tab.current.bot.settings.llm.api_key is None
        assert tab.save(**as_server(right.address, llm_api_key=KEY))["message"] == EN.saved
        assert tab.save(provider="none")["message"] == EN.saved
        assert tab.current.bot.settings.llm.api_key is None


def test_a_fixed_key_keeps_its_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LLM__API_KEY", KEY)
    tab = Tab(Chatbot.open(Settings.load(home=home)))
    page = Controls(tab.call("library"))
    assert "disabled" in page.by_name["llm.base_url"]
    assert EN.fixed.format(by=EN.with_key) in page.said
    with model_server(says("好")) as server:
        for told in (tab.test(**as_server(server.address)), tab.save(**as_server(server.address))):
            assert set(told) == {"errors"}
        assert tab.save(provider="ollama", model="m", llm_base_url=server.address)["errors"] == {
            "llm.base_url": EN.fixed.format(by=EN.with_key)
        }
        assert server.requests == []
    assert tab.save(provider="openai", model="gpt")["message"] == EN.saved
    tab.current.bot.close()


def test_a_providers_own_key_is_sent_to_no_other_address(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    tab.save(provider="anthropic", model="claude", llm_base_url="http://127.0.0.1:1/v1")
    assert tab.current.bot.settings.llm.base_url is None


# --- the test button


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (fails(401, '{"error": {"message": "no"}}'), "does not accept the key (401)"),
        (fails(404, '{"error": {"message": "no"}}'), "knows no such model (404)"),
        (fails(500, "broken"), "failed (500"),
    ],
)
def test_a_model_that_does_not_answer_is_told_about(tab: Tab, home: Path, reply: Any, said: str) -> None:
    with model_server(reply) as server:
        told = tab.test(**as_server(server.address, llm_api_key=KEY))
        assert len(server.requests) == 1  # tried once
    assert EN.test_failed in Controls(told["html"]).said
    assert said in Controls(told["html"]).said
    assert not (home / "settings.toml").exists()
    assert tab.current.bot.settings.llm.model is None


def test_a_model_that_answers_is_told_about_and_nothing_is_kept(tab: Tab, home: Path) -> None:
    with model_server(says("好", "的")) as server:
        told = tab.test(**as_server(server.address, llm_max_tokens="64"))
    assert server.requests[0].body["max_tokens"] == 64
    assert Controls(told["html"]).said.strip().startswith("qwen3:8b answers; its first word took")
    assert not (home / "settings.toml").exists()


def test_no_model_needs_no_test(tab: Tab) -> None:
    assert EN.test_none in Controls(tab.test(provider="none")["html"]).said


def test_a_silent_model_is_given_up_and_others_are_served_meanwhile(tab: Tab) -> None:
    asked, done = threading.Event(), threading.Event()

    def silent(exchange: Exchange) -> None:
        asked.set()
        done.wait(30)

    told: list[dict[str, Any]] = []
    with model_server(silent) as server:
        values = as_server(server.address, llm_timeout_s="1.5")
        thread = threading.Thread(target=lambda: told.append(tab.test(**values)))
        thread.start()
        assert asked.wait(30)
        assert EN.test_busy in Controls(tab.test(**values)["html"]).said
        assert EN.title in tab.call("view", preferences={})
        thread.join(30)
        done.set()
    assert "no word from" in Controls(told[0]["html"]).said


class Stalled:
    """A model that is opened only when ``go`` is set, as a large file is."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def open(self) -> ChatModel:
        self.go.wait(30)
        raise ConfigurationError("opened")


def test_a_trial_ends_in_time_whatever_the_model_does() -> None:
    trials, stalled = Trials(longest_s=0.05), Stalled()
    assert trials.run(stalled.open) == Silent(0.05)
    assert trials.run(stalled.open) is None  # still being opened, and not opened twice
    stalled.go.set()


def test_what_a_trial_meets_is_told_without_foreign_words() -> None:
    def foreign() -> ChatModel:
        raise RuntimeError(KEY)

    def ours() -> ChatModel:
        raise ConfigurationError("no such file")

    def fake() -> ChatModel:
        from langchain_core.language_models import FakeListChatModel

        return ChatModel.wrap(FakeListChatModel(responses=["好"]), name="fake")

    trials = Trials()
    assert trials.run(foreign) == Failed(kind="RuntimeError")
    assert Trials().run(ours) == Failed(message="no such file")
    found = Trials().run(fake)
    assert isinstance(found, Answered)
    assert found.name == "fake"


def test_a_model_that_the_program_was_started_with_is_named(home: Path) -> None:
    from langchain_core.language_models import FakeListChatModel

    model = ChatModel.wrap(FakeListChatModel(responses=["好"]), name="given-model")
    tab = Tab(Chatbot.open(Settings.load(home=home), model=model))
    assert EN.given.format(name="given-model") in Controls(tab.call("library")).said
    assert "given-model answers" in Controls(tab.test()["html"]).said
    tab.current.bot.close()


# --- health


def test_health_shows_every_check(tab: Tab) -> None:
    html = tab.call("health")
    said = Controls(html).said
    for check in tab.current.bot.doctor():
        assert check.name in said
        assert check.hint is None or check.hint in said
    assert html.count("<li") == len(tab.current.bot.doctor())
    assert "Version " in said


# --- hostile values


@pytest.mark.parametrize(
    "hostile",
    [
        '"><script>alert(1)</script>',
        "<img src=x onerror=alert(1)>",
        "' onfocus='alert(1)",
        "{{7*7}}${7*7}",
        "</textarea>",
    ],
)
def test_hostile_values_are_inert(tab: Tab, hostile: str) -> None:
    kept = {
        "theme": hostile,
        "strictness": hostile,
        "k": hostile,
        "where": {"issuer": hostile, "since": hostile, "sources": [hostile]},
    }
    pages = [tab.call("mine", preferences=kept), tab.call("documents", find=hostile, sources=[hostile])]
    pages += [tab.save(provider="openai", model=hostile)["html"]]
    pages += [Tab(tab.current.bot, admin=False).call("library"), tab.test()["html"], tab.call("health")]
    for html in pages:
        assert Controls(html).tags & {"script", "img", "textarea"} == set()
        assert re.findall(r"<[^>]*\son\w+=", html) == []
        assert hostile not in html


@pytest.mark.parametrize("values", [{"k": 3}, {"reader": "yes"}, {"provider": None}, {"llm_api_key": ["a"]}])
def test_values_of_another_kind_are_refused(tab: Tab, values: dict[str, object]) -> None:
    with pytest.raises(BadCallError):
        tab.save(**values)
    with pytest.raises(BadCallError):
        tab.call("save", values=[values])


def test_saving_at_once_loses_nothing(tab: Tab, home: Path) -> None:
    saving = [
        threading.Thread(target=tab.save, kwargs={name: value})
        for name, value in (("k", "5"), ("strictness", "strict"), ("reader", False), ("llm_max_tokens", "90"))
    ]
    for each in saving:
        each.start()
    for each in saving:
        each.join()
    wanted = {"k": 5, "strictness": "strict", "reader": False, "llm.max_tokens": 90}
    assert saved_settings(home) == wanted
    settings = tab.current.bot.settings
    assert (settings.k, settings.strictness, settings.reader, settings.llm) == (
        *(5, "strict", False),
        LLMSettings(max_tokens=90),
    )


def test_a_folder_that_cannot_be_written_is_said(tab: Tab, home: Path) -> None:
    if os.geteuid() == 0:
        (home / "settings.toml").mkdir()  # whoever is root may write everywhere
    else:
        home.chmod(0o500)
    try:
        with pytest.raises(PolicyRagError, match=r"settings"):
            tab.save(k="5")
    finally:
        home.chmod(0o700)
    assert tab.current.bot.settings.k == 8
