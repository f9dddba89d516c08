from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.errors import ConfigurationError, StorageError
from rag.settings import SAVABLE, Settings, save_settings, saved_settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    return tmp_path


def test_defaults_without_any_source() -> None:
    assert Settings.load().model_dump() == {
        "home": Path("~/.policy-rag"),
        "embedding_model": "bundled",
        "chunk_chars": 300,
        "max_file_mb": 20,
        "max_question_chars": 1000,
        "k": 8,
        "candidates": 40,
        "reranker": None,
        "rerank_passages": 16,
        "reader": True,
        "reader_passages": 8,
        "strictness": "balanced",
        "min_confidence": None,
        "llm": {
            "model": None,
            "base_url": None,
            "api_key": None,
            "api_key_file": None,
            "temperature": 0.0,
            "max_tokens": 800,
            "context_tokens": 6000,
            "timeout_s": 60,
            "retries": 2,
            "fallback": False,
            "flag_unsupported": "flag",
            "prompt": "answer.v1",
            "rewrite_prompt": "rewrite.v1",
            "summary_prompt": "summarise.v1",
        },
        "database": {"url": None},
        "chroma": {"url": None, "collection": "windows", "token": None},
        "api": {"host": "127.0.0.1", "port": 8000, "token": None},
        "ingest": {
            "workers": None,
            "timeout_s": 60,
            "memory_mb": 1024,
            "archive_files": 5000,
            "archive_mb": 500,
            "nice": 10,
        },
        "ui_host": "127.0.0.1",
        "ui_port": 7860,
    }


def test_file_then_environment_then_arguments(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "rag.toml").write_text("k = 3\ncandidates = 30\nchunk_chars = 200\n", encoding="utf-8")
    monkeypatch.setenv("RAG_CANDIDATES", "40")
    monkeypatch.setenv("RAG_CHUNK_CHARS", "250")
    settings = Settings.load(chunk_chars=280)
    assert (settings.k, settings.candidates, settings.chunk_chars) == (3, 40, 280)


def test_an_argument_of_none_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_K", "5")
    assert Settings.load(k=None).k == 5


def test_a_named_file_replaces_the_one_here(here: Path) -> None:
    (here / "rag.toml").write_text("k = 3\n", encoding="utf-8")
    (here / "other.toml").write_text("candidates = 30\n", encoding="utf-8")
    settings = Settings.load(here / "other.toml")
    assert (settings.k, settings.candidates) == (8, 30)


def test_one_load_leaves_nothing_for_the_next(here: Path) -> None:
    (here / "other.toml").write_text("k = 3\n", encoding="utf-8")
    assert [Settings.load(here / "other.toml").k, Settings.load().k] == [3, 8]


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings.load().k = 3


def test_state_is_absolute_and_knows_the_user_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here / "someone"))
    assert Settings.load().state == here / "someone" / ".policy-rag"
    assert Settings.load(home="relative").state == here / "relative"


def message(config: Path | None = None, **overrides: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(config, **overrides)
    return str(caught.value)


def test_unknown_key_in_the_file(here: Path) -> None:
    (here / "rag.toml").write_text("chunk_char = 300\n", encoding="utf-8")
    assert message() == "unknown setting 'chunk_char'. Did you mean chunk_chars?"


def test_unknown_name_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CANDIDATE", "40")
    assert message() == "unknown setting RAG_CANDIDATE in the environment. Did you mean RAG_CANDIDATES?"


def test_unknown_argument() -> None:
    assert message(ui_prt=1) == "unknown setting 'ui_prt'. Did you mean ui_port?"


def test_unknown_key_like_no_other_lists_all() -> None:
    assert message(zzz=1) == (
        "unknown setting 'zzz'. Known: api, candidates, chroma, chunk_chars, database, embedding_model, home, ingest, "
        "k, llm, max_file_mb, max_question_chars, min_confidence, reader, reader_passages, rerank_passages, "
        "reranker, strictness, ui_host, ui_port."
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("chunk_chars", 79, "Input should be greater than or equal to 80"),
        ("chunk_chars", 2001, "Input should be less than or equal to 2000"),
        ("max_file_mb", 0, "Input should be greater than 0"),
        ("max_file_mb", 1025, "Input should be less than or equal to 1024"),
        ("max_question_chars", 9, "Input should be greater than or equal to 10"),
        ("max_question_chars", 20001, "Input should be less than or equal to 20000"),
        ("k", 0, "Input should be greater than or equal to 1"),
        ("k", 101, "Input should be less than or equal to 100"),
        ("candidates", 9, "Input should be greater than or equal to 10"),
        ("candidates", 501, "Input should be less than or equal to 500"),
        ("rerank_passages", 1, "Input should be greater than or equal to 2"),
        ("rerank_passages", 101, "Input should be less than or equal to 100"),
        ("min_confidence", -0.1, "Input should be greater than or equal to 0"),
        ("min_confidence", 1.1, "Input should be less than or equal to 1"),
        ("strictness", "bold", "Input should be 'strict', 'balanced' or 'lenient'"),
        ("ui_port", -1, "Input should be greater than or equal to 0"),
        ("ui_port", 65536, "Input should be less than or equal to 65535"),
        ("embedding_model", "", "String should have at least 1 character"),
        ("reranker", "", "String should have at least 1 character"),
    ],
)
def test_values_out_of_bounds(name: str, value: object, reason: str) -> None:
    assert message(**{name: value}) == f"setting {name} = {value!r}: {reason}. Change it or leave it away."


def test_the_address_of_a_database_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_DATABASE__URL", "postgresql://me:hidden@127.0.0.1/x")
    settings = Settings.load()
    assert settings.database.url is not None
    assert settings.database.url.get_secret_value() == "postgresql://me:hidden@127.0.0.1/x"
    assert "hidden" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert "hidden" not in message(database={"url": ["hidden"]})
    monkeypatch.setenv("RAG_DATABASE__ADDRESS", "hidden")
    assert message().startswith("unknown setting RAG_DATABASE__ADDRESS in the environment. Did you mean RAG_DATABASE__")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("chunk_chars", [80, 2000]),
        ("max_file_mb", [0.001, 1024]),
        ("max_question_chars", [10, 20000]),
        ("k", [1, 100]),
        ("candidates", [10, 500]),
        ("rerank_passages", [2, 100]),
        ("min_confidence", [0, 1]),
        ("strictness", ["strict", "balanced", "lenient"]),
        ("ui_port", [0, 65535]),
    ],
)
def test_values_at_the_bounds(name: str, values: list[object]) -> None:
    assert [getattr(Settings.load(**{name: value}), name) for value in values] == values


def test_a_value_of_the_wrong_kind_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_K", "many")
    assert message().startswith("setting k = 'many': Input should be a valid integer")


def test_every_problem_is_named_at_once(here: Path) -> None:
    (here / "rag.toml").write_text("k = 0\nui_port = 70000\n", encoding="utf-8")
    assert [line.split(":")[0] for line in message().splitlines()] == ["setting k = 0", "setting ui_port = 70000"]


def test_a_named_file_that_is_missing(here: Path) -> None:
    path = here / "absent.toml"
    assert message(path) == f"no such settings file: {path}. Create it, or leave --config away."


@pytest.mark.parametrize("content", [b"k = = 3\n", b"k = '\xff'\n"], ids=["not-toml", "not-utf-8"])
def test_a_file_that_cannot_be_read(here: Path, content: bytes) -> None:
    (here / "rag.toml").write_bytes(content)
    text = message()
    assert text.startswith("cannot read the settings (rag.toml or RAG_*): ")
    assert text.endswith(" Mend that line.")


def test_a_table_from_every_source(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "rag.toml").write_text('[llm]\nmodel = "ollama:q"\nretries = 5\ntimeout_s = 9\n', encoding="utf-8")
    monkeypatch.setenv("RAG_LLM__RETRIES", "4")
    monkeypatch.setenv("RAG_LLM__TIMEOUT_S", "8")
    monkeypatch.setenv("RAG_LLM__FALLBACK", "true")
    settings = Settings.load(llm={"timeout_s": 7}).llm
    assert (settings.model, settings.retries, settings.timeout_s, settings.fallback) == ("ollama:q", 4, 7, True)


def test_unknown_names_in_a_table(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "rag.toml").write_text('[llm]\nmodle = "ollama:q"\n', encoding="utf-8")
    assert message() == "unknown setting 'llm.modle'. Did you mean llm.model?"
    monkeypatch.setenv("RAG_LLM__MODLE", "ollama:q")
    assert message() == "unknown setting RAG_LLM__MODLE in the environment. Did you mean RAG_LLM__MODEL?"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("model", "", "String should have at least 1 character"),
        ("base_url", "127.0.0.1:8000", "String should match pattern '^https?://'"),
        ("temperature", 2.1, "Input should be less than or equal to 2"),
        ("max_tokens", 15, "Input should be greater than or equal to 16"),
        ("context_tokens", 499, "Input should be greater than or equal to 500"),
        ("timeout_s", 0, "Input should be greater than 0"),
        ("retries", 11, "Input should be less than or equal to 10"),
        ("flag_unsupported", "hide", "Input should be 'drop' or 'flag'"),
    ],
)
def test_values_of_a_table_out_of_bounds(name: str, value: object, reason: str) -> None:
    assert message(llm={name: value}) == f"setting llm.{name} = {value!r}: {reason}. Change it or leave it away."


def test_a_key_is_never_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "rag.toml").write_text("[llm]\napi_key = 123456789\nretries = 11\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        Settings.load()
    assert str(caught.value).splitlines()[0] == (
        "setting llm.api_key = …: Input should be a valid string. Change it or leave it away."
    )
    assert "123456789" not in "".join(traceback.format_exception(caught.value))
    (here / "rag.toml").unlink()
    monkeypatch.setenv("RAG_LLM__API_KEY", "sk-secret")
    settings = Settings.load()
    assert settings.llm.api_key is not None
    assert settings.llm.api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in f"{settings!r}{settings.model_dump()}{settings.model_dump_json()}"


# --- saved by the web UI ----------------------------------------------------------------------------------------

EVERYTHING = {
    "k": 12,
    "strictness": "strict",
    "min_confidence": 0.25,
    "reader": False,
    "max_file_mb": 2.5,
    "llm.model": 'openai:"甲"\\\n\t\x7f\x01',
    "llm.base_url": "https://127.0.0.1/v1",
    "llm.api_key": "sk-secret",
    "llm.temperature": 1e-07,
    "llm.fallback": True,
    "llm.flag_unsupported": "drop",
    "llm.context_tokens": 5000,
    "llm.max_tokens": 99,
    "llm.timeout_s": 9.5,
}


def told(settings: Settings) -> dict[str, object]:
    """What ``settings`` have for each name that can be saved, the key in the open."""
    llm = {f"llm.{name}": value for name, value in settings.llm}
    found = {name: dict(settings).get(name, llm.get(name)) for name in SAVABLE}
    key = settings.llm.api_key
    return {**found, "llm.api_key": key and key.get_secret_value()}


def test_everything_that_can_be_saved_is_loaded_again(here: Path) -> None:
    assert tuple(EVERYTHING) == SAVABLE
    home = here / "new" / "home"
    save_settings(home, EVERYTHING)
    assert told(Settings.load(home=home)) == told(Settings(home=home)) == EVERYTHING
    assert {name: value for name, value in saved_settings(home).items() if name != "llm.api_key"} == {
        name: value for name, value in EVERYTHING.items() if name != "llm.api_key"
    }
    assert "sk-secret" not in f"{saved_settings(home)}"
    assert [path.name for path in home.iterdir()] == ["settings.toml"]
    assert (home / "settings.toml").stat().st_mode & 0o777 == 0o600


def test_what_is_saved_goes_before_the_defaults_and_behind_all_else(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "rag.toml").write_text(f'home = "{here / "kept"}"\n[llm]\nmax_tokens = 50\n', encoding="utf-8")
    monkeypatch.setenv("RAG_LLM__TIMEOUT_S", "5")
    save_settings(
        here / "kept", {"k": 2, "reader": False, "strictness": "strict", "llm.max_tokens": 40, "llm.timeout_s": 4}
    )
    settings = Settings.load(strictness="lenient")
    assert (settings.k, settings.reader, settings.strictness) == (2, False, "lenient")
    assert (settings.llm.max_tokens, settings.llm.timeout_s) == (50, 5)
    origins = settings.origins()
    assert {name: origin for name, origin in origins.items() if origin != "default"} == {
        "home": "rag.toml",
        "k": "saved",
        "reader": "saved",
        "strictness": "argument",
        "llm.max_tokens": "rag.toml",
        "llm.timeout_s": "environment",
    }
    assert set(SAVABLE) < origins.keys()
    assert (origins["llm.model"], origins["candidates"]) == ("default", "default")


def test_the_home_that_counts_is_the_one_in_use(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(("user/.policy-rag", "of-the-environment", "given"), start=1):
        save_settings(here / name, {"k": number})
    save_settings(Path("~/tilde"), {"k": 4})
    assert Settings.load().k == 1
    monkeypatch.setenv("RAG_HOME", str(here / "of-the-environment"))
    assert [Settings.load().k, Settings.load(home=here / "given").k, Settings.load(home="~/tilde").k] == [2, 3, 4]
    assert Settings.load(home=here / "empty").k == 8


def test_saving_changes_what_is_named_and_none_forgets_it(here: Path) -> None:
    save_settings(here, {"k": 2, "llm.model": "ollama:q", "llm.api_key": "sk-secret"})
    save_settings(here, {"k": None, "reader": False, "llm.model": None, "min_confidence": None})
    assert told(Settings.load(home=here)) == {**told(Settings()), "reader": False, "llm.api_key": "sk-secret"}
    save_settings(here, {"reader": None, "llm.api_key": None})
    assert (saved_settings(here), Settings.load(home=here).origins()["reader"]) == ({}, "default")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"k": 0, "reader": False},
            "setting k = 0: Input should be greater than or equal to 1. Change it or leave it away.",
        ),
        (
            {"llm.temperature": 3},
            "setting llm.temperature = 3: Input should be less than or equal to 2. Change it or leave it away.",
        ),
        ({"llm.api_key": ""}, "setting llm.api_key = …: Value should have at least 1 item after validation, not 0."),
        ({"llm.modle": "x"}, "setting llm.modle cannot be saved. Did you mean llm.model?"),
        ({"llm": {"model": "x"}}, "setting llm cannot be saved."),
        ({"home": None}, "setting home cannot be saved."),
        ({"llm.api_key_file": "/etc/passwd"}, "setting llm.api_key_file cannot be saved."),
        ({"database.url": "postgresql://x"}, "setting database.url cannot be saved."),
        ({"llm.model": "a\ud800"}, "setting llm.model = "),
    ],
)
def test_what_is_bad_is_refused_and_nothing_written(here: Path, changes: dict[str, object], message: str) -> None:
    save_settings(here, {"k": 3})
    before = (here / "settings.toml").read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        save_settings(here, changes)
    assert str(caught.value).startswith(message)
    assert (here / "settings.toml").read_bytes() == before
    assert [path.name for path in here.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"k = 0\n", "setting k = 0: Input should be greater than or equal to 1. Change it or leave it away."),
        (b"[llm]\nmodle = 'x'\n", "unknown setting 'llm.modle'. Did you mean llm.model?"),
        (
            b"home = '/elsewhere'\n",
            "unknown setting 'home'. Known: k, llm, max_file_mb, min_confidence, reader, strictness.",
        ),
        (b"[llm]\napi_key = 12345678\n", "setting llm.api_key = …: Input should be a valid string. Change it or leave"),
    ],
)
def test_a_bad_saved_setting_names_the_file(here: Path, content: bytes, problem: str) -> None:
    (here / "settings.toml").write_bytes(content)
    for use in (lambda: Settings.load(home=here), lambda: Settings(home=here), lambda: save_settings(here, {"k": 3})):
        with pytest.raises(ConfigurationError) as caught:
            use()
        assert str(caught.value).startswith(f"{here / 'settings.toml'}: {problem}")
        assert "12345678" not in "".join(traceback.format_exception(caught.value))
    assert (here / "settings.toml").read_bytes() == content


@pytest.mark.parametrize("content", [b"k = = 3\n", b"k = '\xff'\n"], ids=["not-toml", "not-utf-8"])
def test_a_saved_file_that_cannot_be_read(here: Path, content: bytes) -> None:
    (here / "settings.toml").write_bytes(content)
    text = message(home=here)
    assert text.startswith(f"cannot read {here / 'settings.toml'}: ")
    assert text.endswith(" Mend that line, or delete the file.")


def test_a_home_that_cannot_be_written_is_named(here: Path) -> None:
    (here / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"^cannot save settings in .*file: .*Make it writable or set RAG_HOME\.$"):
        save_settings(here / "file", {"k": 3})
    assert message(home="~nobody-of-this-name/x").startswith("setting home = '~nobody-of-this-name/x': ")


def test_a_key_file_of_the_administrator_goes_before_a_saved_key(here: Path) -> None:
    save_settings(here, {"llm.api_key": "sk-saved", "k": 3})
    (here / "rag.toml").write_text('[llm]\napi_key_file = "key"\n', encoding="utf-8")
    settings = Settings.load(home=here)
    assert (settings.llm.api_key, settings.llm.api_key_file, settings.k) == (None, Path("key"), 3)
    assert (settings.origins()["llm.api_key"], settings.origins()["k"]) == ("rag.toml", "saved")


def test_what_was_saved_meanwhile_is_taken_over_where_nothing_else_has_decided(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_K", "5")
    settings = Settings.load(home=here, llm={"model": "ollama:q"})
    save_settings(here, {"k": 9, "reader": False, "llm.model": "ollama:other", "llm.max_tokens": 40})
    renewed = settings.renewed()
    assert (renewed.k, renewed.reader, renewed.llm.model, renewed.llm.max_tokens) == (5, False, "ollama:q", 40)
    assert renewed.origins() == Settings.load(home=here, llm={"model": "ollama:q"}).origins()
    save_settings(here, {"reader": None, "llm.max_tokens": None})
    assert renewed.renewed().model_dump() == settings.model_dump()
    assert renewed.renewed().origins() == settings.origins()


def test_changed_settings_keep_the_rest_and_read_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(home=here, llm={"model": "ollama:q", "api_key": "sk-secret"})
    monkeypatch.setenv("RAG_CANDIDATES", "99")
    changed = settings.changed(k=3, min_confidence=0.5, llm={"max_tokens": 40})
    expected = settings.model_dump() | {"k": 3, "min_confidence": 0.5}
    assert changed.model_dump() == {**expected, "llm": {**expected["llm"], "max_tokens": 40}}
    assert changed.changed(min_confidence=None).min_confidence is None
    assert changed.origins() == settings.origins()
