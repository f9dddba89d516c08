"""The facade: the only module the shells call. Read it first; ``rag.parts`` chooses what it is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Self

from rag.errors import EmptyIndexError, QuestionError
from rag.parts import Parts
from rag.schema import (
    Answer,
    AnswerEvent,
    Check,
    CitationEvent,
    Document,
    DocumentInfo,
    DocumentPage,
    Event,
    Filter,
    Hit,
    HitsEvent,
    IngestReport,
    Progress,
    TextEvent,
    VerifyReport,
    Waiting,
)
from rag.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from rag.answer.checking import Checked
    from rag.answer.llm import Cancelled, ChatModel
    from rag.chat.recalling import Summarise
    from rag.corpus.isolation import Workers
    from rag.index.distributed import Engine
    from rag.index.ingest import Ingestor
    from rag.index.reading import FileReader
    from rag.retrieval.hybrid import Retrieved
    from rag.retrieval.langchain import PolicyRetriever

_READ = 16  # passages the answerer reads, however few are shown
History = Sequence[Mapping[str, str]]


class Chatbot(Parts):
    """Answers questions from the documents under ``settings.home``; every sentence of an answer is cited.

    Cheap to create: index, model and retriever are opened at first use. Safe to share between threads.
    """

    @classmethod
    def open(cls, settings: Settings | None = None, *, model: BaseChatModel | ChatModel | None = None) -> Self:
        """A chatbot with ``settings``, or those of ``rag.toml`` and the ``RAG_*`` environment.

        ``model``, any LangChain chat model, writes the answers instead of the one that the settings name.
        """
        return cls(settings or Settings.load(), model=model)

    def configured(self, **changes: Any) -> Self:
        """The same library under settings changed as ``Settings.changed`` says; the index and the models are shared.

        Costs nothing and opens nothing. Only closing the chatbot that it comes from closes what is shared.

        Raises:
            ConfigurationError: a value is out of bounds, or the setting needs another index.
        """
        return self._sibling(self.settings.changed(**changes))

    def reconfigured(self) -> Self:
        """As ``configured``, with what ``save_settings`` has saved in ``home`` by now."""
        return self._sibling(self.settings.renewed())

    # --- documents ------------------------------------------------------------------------------------------

    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        progress: Callable[[Progress], None] | None = None,
        engine: Literal["local", "ray"] = "local",
    ) -> IngestReport:
        """Bring the index up to date with files and folders; what has not changed costs no embedding.

        With the ``engine`` ray, files are parsed and texts embedded by Ray's workers, here or on the cluster that
        ``RAY_ADDRESS`` names; this process writes.

        Raises:
            MissingDependencyError: Ray is not installed.
            DocumentNotFoundError: a path does not exist; nothing is changed. A file that cannot be read is no error
                but an entry in ``IngestReport.failed``.
            IndexStateError: the index cannot be written, or was built with another model.
        """
        workers = self._shared.workers
        try:
            with self._engine(workers) if engine == "ray" else nullcontext() as elsewhere:
                ingestor = self._ingestor(workers, elsewhere)
                return ingestor.run([Path(path) for path in paths], progress=progress)
        finally:
            workers.rest()

    def follow(
        self,
        paths: Sequence[str | Path],
        *,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Iterator[IngestReport | Waiting]:
        """Ingest, and go on ingesting what changes, until ``stop`` is set or the iterator is closed.

        The first report is that of a full ingest. Further ones come whenever something changed; then only what changed
        was read. While another process writes, or a folder is away, ``Waiting`` says so once.

        Raises:
            DocumentNotFoundError: a path does not exist at first. IndexMismatchError, ModelError: as ``ingest``.
        """
        from rag.index.watching import Watcher

        workers = self._shared.workers
        watcher = Watcher(self._ingestor(workers), [Path(path) for path in paths], progress=progress)
        for event in watcher.events(stop or threading.Event()):
            workers.rest()
            yield event

    def documents(self) -> list[DocumentInfo]:
        """Every document in the index, sorted by source."""
        return self._index.catalog.infos()

    def page(self, *, after: str | None = None, at_most: int = 100) -> DocumentPage:
        """``at_most`` documents from the first whose source comes ``after`` that one; costs as much as it gives."""
        return self._index.catalog.page(after, at_most)

    def document(self, source: str) -> Document:
        """The document ``source`` with its original text; ``DocumentNotFoundError`` when it is not indexed."""
        return self._index.catalog.get(source)

    def replace(self, path: str | Path, *, progress: Callable[[Progress], None] | None = None) -> IngestReport:
        """Ingest a file or archive as that of the documents of its name, wherever the ones they came from are.

        All or nothing: after an error, and when no file of it can be read, the index is as it was before.

        Raises:
            DocumentNotFoundError, IndexStateError: as ``ingest``.
        """
        from rag.index.replacement import replace

        workers = self._shared.workers
        try:
            return replace(self._index, self._ingestor(workers), Path(path), progress=progress)
        finally:
            workers.rest()

    def remove(self, source: str) -> None:
        """Forget the document ``source``; ``DocumentNotFoundError`` when it is not indexed."""
        self._index.remove(source)

    def restore(self, document: Document) -> None:
        """Put back what ``document(source)`` gave before ``remove(source)``, as it was, whether or not its file exists.

        Raises:
            DocumentError: a document of that source is in the index. IndexStateError: the index cannot be written.
        """
        self._index.restore(document)

    # --- questions ------------------------------------------------------------------------------------------

    def search(
        self, question: str, *, k: int | None = None, history: History = (), where: Filter = Filter()
    ) -> list[Hit]:
        """The ``k`` best passages for ``question`` (default: ``settings.k``) in the documents that fit ``where``.

        Best first; of a document in several versions the one in force, unless question or ``where`` ask for another.

        Raises:
            QuestionError: the question is empty, too long or no text, or ``k`` is less than 1.
            EmptyIndexError: nothing has been ingested. FilterError: no document fits ``where``.
        """
        wanted = self.settings.k if k is None else k
        if wanted < 1:
            raise QuestionError(f"k is {wanted}, but a search gives at least 1 passage. Ask for more, or leave k away.")
        completed = self._complete(question, history)
        retrieved = self.retriever.retrieve(completed, wanted, where=where, originals=False)
        return [passage.hit for passage in retrieved.passages]

    def ask(self, question: str, *, history: History = (), where: Filter = Filter()) -> Answer:
        """The answer to ``question``, or a refusal; ``history`` holds earlier turns (``role``, ``content``).

        Errors are those of ``search``.
        """
        *_, last = self.stream(question, history=history, where=where)
        assert isinstance(last, AnswerEvent)
        return last.answer

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        where: Filter = Filter(),
        cancelled: Cancelled | None = None,
    ) -> Iterator[Event]:
        """The events of answering: hits, citations and pieces of text, and last the ``Answer`` that ``ask`` returns.

        A citation comes before the text that bears its number. Closing the iterator stops a language model. So does
        ``cancelled`` within a second of being true, also while the model is silent; the events then end without an
        answer.
        """
        start = perf_counter()
        completed = self._complete(question, history, cancelled=cancelled)
        retrieved = self.retriever.retrieve(completed, max(self.settings.k, _READ), where=where)
        hits = tuple(passage.hit for passage in retrieved.passages[: self.settings.k])
        found = perf_counter()
        yield HitsEvent(hits)
        answering = perf_counter()
        with closing(self._written(completed, retrieved, cancelled)) as events:
            for event in events:
                if isinstance(event, AnswerEvent):
                    rewritten = completed if completed != question.strip() else None
                    timings = {"retrieve": (found - start) * 1000, "answer": (perf_counter() - answering) * 1000}
                    timings |= event.answer.timings
                    answer = replace(event.answer, question=question, rewritten=rewritten, hits=hits, timings=timings)
                    yield AnswerEvent(answer)
                else:
                    yield event

    def _written(
        self, question: str, retrieved: Retrieved, cancelled: Cancelled | None
    ) -> Generator[CitationEvent | TextEvent | AnswerEvent, None, None]:
        """The answer by the language model where there is one, else in the documents' own words."""
        from rag.answer.composing import events

        if self.writer is None:
            yield from events(self.composer.compose(question, retrieved))
        else:
            yield from self.writer.stream(question, retrieved, cancelled=cancelled)

    def check(self, text: str, *, where: Filter = Filter()) -> list[Checked]:
        """Each sentence of ``text``, whoever wrote it, with whether the documents that fit ``where`` support it.

        Raises:
            QuestionError: the text holds no sentence. EmptyIndexError: nothing has been ingested. FilterError: no
                document fits ``where``.
        """
        from rag.answer.checking import check_text

        return check_text(text, self.retriever, self.checker, where=where)

    def examples(self, n: int = 4, *, around: str | None = None) -> list[str]:
        """At most ``n`` questions that the documents answer, in their script, from different ones; always the same.

        ``around``: those nearest to a question, such as one that was refused, from the documents nearest to it. They
        are made by rules from headings and sentences, and not asked. An empty index has none.
        """
        suggester = self._shared.suggester
        if around is None or self._index.catalog.is_empty():
            return suggester.examples(n)
        return suggester.near(around, self.search(around), n)

    def as_retriever(self, *, k: int | None = None, where: Filter = Filter()) -> PolicyRetriever:
        """``search`` as a LangChain retriever that gives ``k`` passages (default: ``settings.k``) from ``where``."""
        from rag.retrieval.langchain import PolicyRetriever

        return PolicyRetriever(search=self.search, k=self.settings.k if k is None else k, where=where)

    # --- conversations --------------------------------------------------------------------------------------

    def converse(
        self,
        conversation_id: str,
        question: str,
        *,
        where: Filter = Filter(),
        owner: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[Event]:
        """As ``stream``, within a conversation: it gives the history, and keeps the question and what came of it.

        The question is kept before it is searched; when the answer fails, is ``cancelled`` or the iterator is closed
        early, it stays with a note that says so.

        Raises:
            ConversationNotFoundError: ``owner`` has no such conversation. StorageError: it cannot be kept.
        """
        from rag.chat.completing import recalled, summarising
        from rag.chat.conversing import keep

        self._complete(question, ())  # a question that cannot be asked is not kept
        mine = self.conversations.of(owner)

        def summarise() -> Summarise | None:
            return summarising(self._until(cancelled), self.settings.llm.summary_prompt)

        def answer(turn_id: int) -> Iterator[Event]:
            history = recalled(mine, conversation_id, question, before=turn_id, summarise=summarise)
            return self.stream(question, history=history, where=where, cancelled=cancelled)

        yield from keep(mine, conversation_id, question, answer)

    def export(self, conversation_id: str, *, markdown: bool = True, owner: str | None = None) -> str:
        """A conversation as Markdown or else JSON, with every citation in full and whether it still opens.

        Raises:
            ConversationNotFoundError: ``owner`` has no such conversation.
        """
        from rag.chat import export

        mine = self.conversations.of(owner)
        write = export.to_markdown if markdown else export.to_json
        conversation, turns = mine.get(conversation_id), mine.turns(conversation_id)
        return write(conversation, turns, opens=export.opens_in(self._index.catalog))

    def rated_cases(self, *, everyone: bool = False, owner: str | None = None) -> list[dict[str, Any]]:
        """The answers that ``owner`` (or ``everyone``) rated, as cases of an evaluation: see ``rag.chat.cases``."""
        from rag.chat import cases, export

        rated = self.conversations.of(owner).rated(everyone=everyone)
        return cases.rated_cases(rated, opens=export.opens_in(self._index.catalog))

    # --- health ---------------------------------------------------------------------------------------------

    def verify(self, *, repair: bool = False, progress: Callable[[Progress], None] | None = None) -> VerifyReport:
        """Whether catalogue, vectors and lexical index agree; with ``repair``, the other two rebuilt from the first."""
        from rag.corpus.document import rechunk
        from rag.index import verify

        if not repair:
            return verify.verify(self._index)
        target = self.settings.chunk_chars
        return verify.repair(self._index, rechunk=lambda document: rechunk(document, target), progress=progress)

    def doctor(self, *, build: bool = False) -> list[Check]:
        """What is configured, what is missing and how to get it; ``build`` builds the embedding model if needed."""
        from rag.doctor import examine
        from rag.index.verify import verify

        return examine(self.settings, lambda: verify(self._index, contents=False), build=build)

    def prepare(self) -> None:
        """Load all that a question needs, building it if need be, so that the first question does not wait.

        Raises:
            ModelError, StorageError, IndexStateError: what would keep a question from being answered.
        """
        question = "总体目标是什么？"
        try:
            # Not asked: a language model would be sent the question.
            self.composer.compose(question, self.retriever.retrieve(question, _READ))
        except EmptyIndexError:
            self._index.embeddings.embed_query(question)

    def ready(self) -> None:
        """Raise unless a question could be answered now, the models apart; costs milliseconds.

        Raises:
            IndexStateError: nothing has been ingested, or what the index is on cannot be reached or does not fit.
        """
        self._index.require_ready()

    def catch_up(self) -> None:
        """Take over what other machines have changed in a shared catalogue; questions do so too, a second at most."""
        self._index.catch_up()

    def _ingestor(self, workers: Workers, elsewhere: Engine | None = None) -> Ingestor:
        from rag.index.ingest import Ingestor

        read = self._file_reader(workers)
        return Ingestor(
            self._index,
            read=elsewhere.read if elsewhere else read,
            list_archive=read.list_archive,
            threads=2 * elsewhere.workers if elsewhere else workers.limits.processes,
            break_off=workers.close,
            embeddings=elsewhere.embeddings if elsewhere else None,
        )

    def _engine(self, workers: Workers) -> AbstractContextManager[Engine]:
        from rag.index.distributed import Reading, ray_engine

        here, settings = self._file_reader(workers), self.settings
        reading = Reading(here.limits, here.archives, replace(workers.limits, processes=1))
        model, home = settings.embedding_model, settings.state
        return ray_engine(reading, here, model, home=home, workers=settings.ingest.workers)

    def _file_reader(self, workers: Workers) -> FileReader:
        from rag.corpus.archive import ArchiveLimits
        from rag.corpus.document import ReadLimits
        from rag.index.reading import FileReader

        most, within = int(self.settings.max_file_mb * 1_000_000), self.settings.ingest
        archives = ArchiveLimits(within.archive_files, int(within.archive_mb * 1_000_000), most)
        return FileReader(ReadLimits(self.settings.chunk_chars, most), workers, archives)

    def _complete(self, question: str, history: History, *, cancelled: Cancelled | None = None) -> str:
        from rag.chat.completing import check, complete

        check(question, history, longest=self.settings.max_question_chars)
        return complete(question, history, model=self._until(cancelled), prompt=self.settings.llm.rewrite_prompt)

    def _until(self, cancelled: Cancelled | None) -> Callable[[], ChatModel | None]:
        """What gives the language model in reach, for requests that end once ``cancelled``."""

        def model() -> ChatModel | None:
            found = self._model_in_reach()
            return found and found.until(cancelled)

        return model
