"""What the chatbots on one index share: the index itself, what rests on it alone, and the language model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import SecretStr

from rag.settings import LLMSettings, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from rag.answer.extractive import ExtractiveAnswerer
    from rag.answer.grounding import SupportChecker
    from rag.answer.llm import ChatModel
    from rag.answer.suggesting import Suggester
    from rag.chat.sessions import Conversations
    from rag.corpus.isolation import Workers
    from rag.index.served_vectors import Servers
    from rag.index.store import Index
    from rag.reader.reader import Reader
    from rag.retrieval.hybrid import HybridRetriever, Ordering

T = TypeVar("T")


class Made:
    """Parts by name, each made once for as long as the index it rests on is open."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._index: Index | None = None
        self._parts: dict[Hashable, Any] = {}

    def once(self, name: Hashable, index: Index, make: Callable[[], T]) -> T:
        """The part ``name`` made of ``index``; of another index than before, all are made anew."""
        with self._lock:
            if index is not self._index:
                self._index, self._parts = index, {}
            if name not in self._parts:
                self._parts[name] = make()
            return cast("T", self._parts[name])


class Shared:
    """The parts that are the same under all settings that need no other index; those of ``settings`` that do count."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening = threading.Lock()
        self._connecting = threading.Lock()  # of its own: a database that does not answer holds up nobody who asks
        self._index: Index | None = None
        self._conversations: Conversations | None = None
        self._reader: Reader | None = None
        self._workers: Workers | None = None
        self._made = Made()

    def close(self) -> None:
        """Release the files; the next use opens them again."""
        with self._opening:
            index, self._index = self._index, None
            workers, self._workers = self._workers, None
        with self._connecting:
            conversations, self._conversations = self._conversations, None
        if index is not None:
            index.close()
        if workers is not None:
            workers.close()
        if conversations is not None:
            conversations.close()

    @property
    def index(self) -> Index:
        """The index, open."""
        with self._opening:
            if self._index is None:
                self._index = self._open_index()
            return self._index

    def _open_index(self) -> Index:
        from rag.corpus.chunking import CHUNKER_VERSION
        from rag.index.embeddings import create_embeddings, fingerprint
        from rag.index.manifest import Manifest
        from rag.index.store import Index

        home, model = self._settings.state, self._settings.embedding_model
        manifest = Manifest(fingerprint(model), self._settings.chunk_chars, CHUNKER_VERSION)
        return Index(home, create_embeddings(model, home=home), manifest, servers=_servers(self._settings))

    @property
    def workers(self) -> Workers:
        """The processes that read files; none is started before it is needed."""
        from rag.corpus.isolation import WorkerLimits, Workers
        from rag.index.sessions import cores

        with self._opening:
            if self._workers is None:
                given = self._settings.ingest
                processes = given.workers or max(1, cores() - 1)  # the one left over embeds
                self._workers = Workers(WorkerLimits(processes, given.timeout_s, given.memory_mb))
            return self._workers

    @property
    def conversations(self) -> Conversations:
        """The conversations of whoever uses this computer."""
        from rag.chat.database import Database
        from rag.chat.sessions import Conversations

        with self._connecting:
            if self._conversations is None:
                path = self._settings.state / "catalog.db"
                self._conversations = Conversations(Database(path, url=_told(self._settings.database.url)))
            return self._conversations

    @property
    def reader(self) -> Reader:
        """What reads a question and passages together; it outlives a close, for it holds no file open."""
        from rag.reader.reader import Reader

        with self._opening:
            if self._reader is None:
                self._reader = Reader(self._settings.state)
            return self._reader

    def retriever(self, settings: Settings) -> HybridRetriever:
        """What finds passages under ``settings``; ``EmptyIndexError`` when nothing has been ingested."""
        from rag.retrieval.hybrid import HybridRetriever

        index = self.index

        def make() -> HybridRetriever:
            index.require_ready()
            return HybridRetriever(index, candidates=settings.candidates, ordering=self._ordering(settings))

        return self._made.once((settings.candidates, settings.reader, settings.reader_passages), index, make)

    def _ordering(self, settings: Settings) -> Ordering | None:
        if settings.reranker is not None:
            return self._made.once("reranking", self.index, lambda: _reranking(settings))
        if settings.reader:
            from rag.retrieval.reading import ReaderOrdering

            return ReaderOrdering(self.reader, settings.reader_passages)
        return None

    @property
    def answerer(self) -> ExtractiveAnswerer:
        """What finds the words of an answer in passages."""
        from rag.answer.extractive import ExtractiveAnswerer

        index = self.index
        return self._made.once("answerer", index, lambda: ExtractiveAnswerer(index))

    @property
    def checker(self) -> SupportChecker:
        """What judges whether passages support a sentence."""
        from rag.answer.grounding import SupportChecker
        from rag.answer.remembered import RememberedPassages

        index = self.index
        return self._made.once("checker", index, lambda: SupportChecker(RememberedPassages(index.embeddings)))

    @property
    def suggester(self) -> Suggester:
        """What makes questions that the documents answer."""
        from rag.answer.suggesting import Suggester

        index = self.index
        return self._made.once("suggester", index, lambda: Suggester(index.catalog))


def _servers(settings: Settings) -> Servers:
    from rag.index.databases import address_of, is_shared
    from rag.index.served_vectors import ChromaServer, Servers

    url, chroma = _told(settings.database.url), settings.chroma
    server = ChromaServer(chroma.url, chroma.collection, _told(chroma.token)) if chroma.url else None
    # An SQLite file that is named holds conversations only: the catalogue's belongs to the folder of the index.
    return Servers(url if url and is_shared(address_of(url)) else None, server)


def _told(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _reranking(settings: Settings) -> Ordering:
    from rag.retrieval.rerank import CrossEncoderReranker, Reranking

    assert settings.reranker is not None
    return Reranking(CrossEncoderReranker(settings.reranker), settings.rerank_passages)


class LanguageModel:
    """The model ``given`` or else the one that ``llm`` names, if any, opened once."""

    def __init__(self, llm: LLMSettings, given: BaseChatModel | ChatModel | None) -> None:
        self.given = given
        self._llm = llm
        self._opening = threading.Lock()
        self._opened: ChatModel | None = None

    def opened(self) -> ChatModel | None:
        """The model; ``None``: there is none. ``LLMError``, ``ConfigurationError``: it cannot be used as configured."""
        with self._opening:  # a model of several gigabytes is loaded once, however many ask at first
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> ChatModel | None:
        if self.given is None and self._llm.model is None and self._llm.base_url is None:
            return None
        from rag.answer.llm import ChatModel, open_model

        if self.given is None:
            return open_model(self._llm)
        return self.given if isinstance(self.given, ChatModel) else ChatModel.wrap(self.given, self._llm)
