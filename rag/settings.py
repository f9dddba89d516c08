"""Settings: defaults < ``rag.toml`` < ``RAG_*`` environment < keyword arguments (command-line flags)."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from rag.errors import ConfigurationError

CONFIG_FILE = "rag.toml"
_SECRET = ("llm.api_key", "database.url")  # never told, not even in an error


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


class DatabaseSettings(BaseModel):
    """Where conversations are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = Field(
        None,
        min_length=1,
        description="`postgresql://user:password@host/name`; none: in the catalogue's SQLite file",
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
    database: DatabaseSettings = Field(DatabaseSettings(), description="where conversations are kept")
    ui_host: str = Field("127.0.0.1", description="address the web UI listens on")
    ui_port: Annotated[int, Field(ge=0, le=65535)] = Field(7860, description="port of the web UI (0: any free port)")

    @classmethod
    def load(cls, config: Path | None = None, **overrides: Any) -> Settings:
        """Settings from ``config`` (default: ``rag.toml`` here, if any), the environment and ``overrides``.

        An override of ``None`` counts as not given.

        Raises:
            ConfigurationError: an unknown key, a value out of bounds, or a ``config`` that cannot be read.
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
            raise ConfigurationError(_explain(cls, error)) from error
        except (ValueError, SettingsError) as error:
            raise ConfigurationError(f"cannot read the settings ({path} or RAG_*): {error}. Mend that line.") from error
        return values

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # all arrive by keyword
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, sources["env_settings"], TomlConfigSettingsSource(settings_cls)

    @property
    def state(self) -> Path:
        """``home`` with ``~`` expanded, absolute."""
        return self.home.expanduser().absolute()


def _refuse_unknown_environment(cls: type[BaseSettings]) -> None:
    known = {f"RAG_{name.replace('.', '__')}".upper() for name in _names(cls)}
    for variable in os.environ:
        name = variable.upper()
        if name.startswith("RAG_") and name not in known:
            raise ConfigurationError(f"unknown setting {variable} in the environment. {_suggest(name, known)}")


def _names(cls: type[BaseModel]) -> set[str]:
    """Every setting, those of a table after its name: ``k``, ``llm``, ``llm.model``."""
    names = set(cls.model_fields)
    for name, field in cls.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names |= {f"{name}.{inner}" for inner in _names(field.annotation)}
    return names


def _explain(cls: type[BaseSettings], error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            table = key.rpartition(".")[0]
            known = {name for name in _names(cls) if name.rpartition(".")[0] == table}
            lines.append(f"unknown setting {key!r}. {_suggest(key, known)}")
        else:
            value = "…" if key in _SECRET else repr(problem["input"])
            lines.append(f"setting {key} = {value}: {problem['msg']}. Change it or leave it away.")
    return "\n".join(lines)


def _suggest(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(known))}."
