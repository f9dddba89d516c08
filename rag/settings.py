"""Settings: defaults < saved by the web UI < ``rag.toml`` < ``RAG_*`` environment < keyword arguments (flags)."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from rag import saved
from rag.errors import ConfigurationError
from rag.setting_names import checked, explain, leaves, names, nested, suggest

CONFIG_FILE = "rag.toml"
Origin = Literal["default", "saved", "rag.toml", "environment", "argument"]
CHANGEABLE = ("k", "candidates", "reader", "reader_passages", "strictness", "min_confidence", "max_file_mb", "llm")
"""What can be changed while a chatbot is open: it needs no other index."""
SAVABLE = (
    *("k", "strictness", "min_confidence", "reader", "max_file_mb"),
    *("llm.model", "llm.base_url", "llm.api_key", "llm.temperature", "llm.fallback", "llm.flag_unsupported"),
    *("llm.context_tokens", "llm.max_tokens", "llm.timeout_s"),
)
"""What the web UI may set: how questions are answered, how large a file may be; not where anything is, nor for whom."""
_saving = threading.Lock()


class LLMSettings(BaseModel):
    """The language model that words the answers, if there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str | None = Field(
        None,
        min_length=1,
        description="`openai:NAME`, `anthropic:…`, `ollama:…`, `deepseek:…`, a .gguf file; none: quotes",
    )
    base_url: str | None = Field(
        None, pattern=r"^https?://", description="address of an OpenAI-compatible server, with its `/v1`"
    )
    api_key: SecretStr | None = Field(None, min_length=1, description="key; else the provider's usual variable")
    api_key_file: Path | None = Field(None, description="file that holds the key, instead")
    temperature: Annotated[float, Field(ge=0, le=2)] = Field(0.0, description="how freely the model chooses its words")
    max_tokens: Annotated[int, Field(ge=16, le=32000)] = Field(
        800, description="longest answer of the model, in tokens"
    )
    context_tokens: Annotated[int, Field(ge=500, le=1_000_000)] = Field(
        6000, description="tokens of instructions, passages and question that it is given"
    )
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        60, description="longest silence of the model, in seconds"
    )
    retries: Annotated[int, Field(ge=0, le=10)] = Field(2, description="further attempts before its first word")
    fallback: bool = Field(False, description="when the model fails, quote the documents instead, and say so")
    flag_unsupported: Literal["drop", "flag"] = Field(
        "flag", description="a sentence that no document supports: `flag` or `drop`"
    )
    prompt: str = Field("answer.v1", min_length=1, description="prompt of answers, by name or file")
    rewrite_prompt: str = Field("rewrite.v1", min_length=1, description="prompt that completes follow-up questions")
    summary_prompt: str = Field("summarise.v1", min_length=1, description="prompt that shortens a long conversation")


class DatabaseSettings(BaseModel):
    """Where catalogue and conversations are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = Field(
        None,
        min_length=1,
        description="`postgresql://user:password@host/name` for catalogue and conversations; none: a file in `home`",
    )


class ChromaSettings(BaseModel):
    """The Chroma server that keeps the vectors, if there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+$",
        description="address of a Chroma server, `http://host:port`; none: in `home`",
    )
    collection: str = Field(
        "windows",
        pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]$",
        description="collection of this library there",
    )
    token: SecretStr | None = Field(None, min_length=1, description="sent to it as a bearer token")


class ApiSettings(BaseModel):
    """Where the HTTP API listens, and who may use it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="address the HTTP API listens on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="port of the HTTP API (0: any free port)")
    token: SecretStr | None = Field(
        None, min_length=16, description="needed for the HTTP API as a bearer token; none: only this computer is served"
    )


class IngestSettings(BaseModel):
    """What reading files may cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: Annotated[int, Field(ge=1, le=64)] | None = Field(
        None, description="files read at once, in processes of their own; none: one less than there are cores"
    )
    timeout_s: Annotated[float, Field(gt=0, le=86400)] = Field(
        60, description="longest time to read a file (a scanned page), in seconds"
    )
    memory_mb: Annotated[int, Field(ge=256, le=65536)] = Field(
        1024, description="most memory to read a file, in MB (on Linux)"
    )
    archive_files: Annotated[int, Field(ge=1, le=100_000)] = Field(5000, description="most files in a ZIP archive")
    archive_mb: Annotated[float, Field(gt=0, le=102_400)] = Field(
        500, description="largest ZIP archive, packed and unpacked, in MB"
    )
    nice: Annotated[int, Field(ge=0, le=19)] = Field(
        10, description="how far `rag ingest` steps back while the processor is wanted (0 to 19; not on Windows)"
    )


class Settings(BaseSettings):
    """Everything that can be configured; immutable, bounded, unknown keys refused."""

    model_config = SettingsConfigDict(
        env_prefix="RAG_",
        env_nested_delimiter="__",
        toml_file=CONFIG_FILE,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # one of them may be a key
    )

    home: Path = Field(Path("~/.policy-rag"), description="folder for the index, the catalogue and the built model")
    embedding_model: str = Field(
        "bundled", min_length=1, description="`bundled`, or a sentence-transformers model by name or folder"
    )
    chunk_chars: Annotated[int, Field(ge=80, le=2000)] = Field(
        300, description="target length of a chunk, in characters"
    )
    max_file_mb: Annotated[float, Field(gt=0, le=1024)] = Field(20, description="largest file ingested, in MB")
    max_question_chars: Annotated[int, Field(ge=10, le=20000)] = Field(
        1000, description="longest question accepted, in characters"
    )
    k: Annotated[int, Field(ge=1, le=100)] = Field(
        8, description="passages returned by search and shown with an answer"
    )
    candidates: Annotated[int, Field(ge=10, le=500)] = Field(
        40, description="candidates each search arm contributes before fusion"
    )
    reranker: str | None = Field(
        None, min_length=1, description="cross-encoder that orders the best passages, by name or folder; off by default"
    )
    rerank_passages: Annotated[int, Field(ge=2, le=100)] = Field(
        16, description="best passages that the reranker reads, if there is one"
    )
    reader: bool = Field(True, description="read the best passages together with the question: better, but slower")
    reader_passages: Annotated[int, Field(ge=2, le=50)] = Field(
        8, description="best passages that are read, if there is no reranker"
    )
    strictness: Literal["strict", "balanced", "lenient"] = Field(
        "balanced", description="how sure an answer must be: `strict`, `balanced` or `lenient`"
    )
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="below this confidence the answer is a refusal, whatever `strictness` says"
    )
    llm: LLMSettings = Field(LLMSettings(), description="the language model, if any")
    database: DatabaseSettings = Field(DatabaseSettings(), description="where catalogue and conversations are kept")
    chroma: ChromaSettings = Field(ChromaSettings(), description="the Chroma server, if any")
    api: ApiSettings = Field(ApiSettings(), description="the HTTP API")
    ingest: IngestSettings = Field(IngestSettings(), description="what reading files may cost")
    ui_host: str = Field("127.0.0.1", description="address the web UI listens on")
    ui_port: Annotated[int, Field(ge=0, le=65535)] = Field(7860, description="port of the web UI (0: any free port)")
    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._origins.update(_find_origins(type(self), values, self.state))

    @classmethod
    def load(cls, config: Path | None = None, **overrides: Any) -> Settings:
        """Settings from ``home``, ``config`` (default: ``rag.toml`` here, if any), the environment and ``overrides``.

        An override of ``None`` counts as not given.

        Raises:
            ConfigurationError: an unknown key, a value out of bounds, or a file that cannot be read.
        """
        _refuse_unknown_environment(cls)
        path = Path(CONFIG_FILE) if config is None else config
        if config is not None and not config.is_file():
            raise ConfigurationError(f"no such settings file: {config}. Create it, or leave --config away.")

        class Loaded(cls):  # type: ignore[misc, valid-type]
            model_config = SettingsConfigDict(toml_file=path)

        try:
            values = Loaded(**{key: value for key, value in overrides.items() if value is not None})
        except ValidationError as error:
            raise ConfigurationError(explain(cls, error)) from error
        except (ValueError, SettingsError) as error:
            raise ConfigurationError(f"cannot read the settings ({path} or RAG_*): {error}. Mend that line.") from error
        return values

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # all arrive by keyword
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        above = init_settings, sources["env_settings"], TomlConfigSettingsSource(settings_cls)
        return *above, _SavedSource(settings_cls)

    def origins(self) -> dict[str, Origin]:
        """Where each setting has its value from, by name (``k``, ``llm.model``).

        What is neither ``default`` nor ``saved`` has been decided by whoever started the program: to save another value
        would change nothing.
        """
        return {name: self._origins.get(name, "default") for name, _ in leaves(self)}

    def changed(self, **changes: Any) -> Settings:
        """These settings with others of ``CHANGEABLE``; of ``llm``, a mapping changes only what it names.

        Reads neither files nor the environment.

        Raises:
            ConfigurationError: a value out of bounds, or a setting that cannot be changed; the message names it.
        """
        for name in sorted(changes.keys() & (type(self).model_fields.keys() - CHANGEABLE)):
            raise ConfigurationError(
                f"setting {name} cannot be changed while a chatbot is open. Open another one, with Settings({name}=…)."
            )
        if isinstance(llm := changes.get("llm"), Mapping):
            changes["llm"] = {**self.llm.model_dump(), **llm}
        values = checked(Settings, CHANGEABLE, changes)
        return self.model_copy(update={name: getattr(values, name) for name in values.model_fields_set})

    def renewed(self) -> Settings:
        """These settings with what is saved in ``home`` by now, wherever nothing else has decided.

        Raises:
            ConfigurationError: what is saved cannot be read.
        """
        origins, found = self.origins(), saved_settings(self.state)
        free = [name for name in SAVABLE if origins[name] in ("default", "saved")]
        defaults = dict(leaves(Settings.model_construct()))
        renewed = self.changed(**nested({name: found.get(name, defaults[name]) for name in free}))
        renewed._origins = {**origins, **{name: "saved" if name in found else "default" for name in free}}
        return renewed

    @property
    def state(self) -> Path:
        """``home`` with ``~`` expanded, absolute."""
        return _expanded(self.home)


def saved_settings(home: Path) -> dict[str, Any]:
    """What is saved in ``home``, by name (``k``, ``llm.model``); the key ``llm.api_key`` is a ``SecretStr``.

    Raises:
        ConfigurationError: the file cannot be read, or holds what may not be saved.
    """
    home = _expanded(home)
    return _checked_file(home, saved.read(home))


def save_settings(home: Path, changes: Mapping[str, Any]) -> None:
    """Keep ``changes``, of ``SAVABLE`` by name, in ``home`` for ``Settings.load``; ``None`` forgets a setting.

    What else is saved stays. ``Settings.renewed`` has a program that runs take them over.

    Raises:
        ConfigurationError: a value out of bounds, or what may not be saved; nothing is written then.
        StorageError: it cannot be written.
    """
    home = _expanded(home)
    for name in sorted(changes.keys() - set(SAVABLE)):
        raise ConfigurationError(f"setting {name} cannot be saved. {suggest(name, set(SAVABLE))}")
    wanted = checked(Settings, SAVABLE, nested({name: value for name, value in changes.items() if value is not None}))
    with _saving:
        merged = {**saved_settings(home), **changes, **dict(leaves(wanted.model_dump(exclude_unset=True)))}
        saved.write(home, nested({name: _shown(value) for name, value in merged.items() if value is not None}))


class _SavedSource(PydanticBaseSettingsSource):
    """What is saved in the home that the sources above this one name."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError  # asked for only by the __call__ that is replaced here

    def __call__(self) -> dict[str, Any]:
        home = self.current_state.get("home", self.settings_cls.model_fields["home"].default)
        if not isinstance(home, str | Path):
            return {}  # refused when all settings are checked
        found = saved_settings(Path(home))
        if dict(leaves(self.current_state)).get("llm.api_key_file") is not None:
            found.pop("llm.api_key", None)  # it would go before the file
        return nested(found)


def _find_origins(cls: type[BaseSettings], values: Mapping[str, Any], home: Path) -> dict[str, Origin]:
    """Which source each setting is from; those that have the default are left out."""
    sources: tuple[tuple[Origin, Mapping[str, Any]], ...] = (
        ("saved", saved.read(home)),
        ("rag.toml", TomlConfigSettingsSource(cls)()),
        ("environment", EnvSettingsSource(cls)()),
        ("argument", values),
    )
    origins = {name: origin for origin, found in sources for name, _ in leaves(found)}
    if "llm.api_key_file" in origins and origins.get("llm.api_key", "saved") == "saved":
        origins["llm.api_key"] = origins["llm.api_key_file"]
    return origins


def _checked_file(home: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(leaves(checked(Settings, SAVABLE, found).model_dump(exclude_unset=True)))
    except ConfigurationError as error:
        path = home / saved.SAVED_FILE
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in str(error).splitlines())) from error


def _shown(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _expanded(home: Path) -> Path:
    try:
        return home.expanduser().absolute()
    except RuntimeError as error:
        raise ConfigurationError(f"setting home = {str(home)!r}: {error}. Name another folder.") from error


def _refuse_unknown_environment(cls: type[BaseSettings]) -> None:
    known = {f"RAG_{name.replace('.', '__')}".upper() for name in names(cls)}
    for variable in os.environ:
        name = variable.upper()
        if name.startswith("RAG_") and name not in known:
            raise ConfigurationError(f"unknown setting {variable} in the environment. {suggest(name, known)}")
