"""Random sequences of everything that is done to an index, against a model of it: a dict of files.

``STATEFUL_SEQUENCES=200 pytest tests/index/test_stateful.py`` runs 200 long sequences instead of a few short ones.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rag.corpus.document import rechunk
from rag.index.store import Index
from rag.index.verify import repair, verify
from rag.retrieval.hybrid import HybridRetriever
from rag.schema import Document, IngestReport
from tests.index.parts import CountingEmbeddings, agree, found_by_word, ingestor, open_index

WORDS = ["规划", "社区", "养老", "渔港", "金融", "人才", "生态", "交通"]
NAMES = [f"{name}.txt" for name in ("甲", "乙", "丙", "丁", "戊")]
names = st.sampled_from(NAMES)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)


def text_of(words: list[str], title: str) -> str:
    lines = [f"第{number}条 {word}工作由{word}部门负责办理。" for number, word in enumerate(words, start=1)]
    return "\n".join([f"关于{title}的办法", "", *lines]) + "\n"


class IndexMachine(RuleBasedStateMachine):
    """Files come, change, get other names and go; the index is brought up to date now and then."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.docs = self.folder / "docs"
        self.docs.mkdir()
        self.embeddings = CountingEmbeddings()
        self.index: Index = open_index(self.folder / "home", self.embeddings)
        self.files: dict[str, str] = {}  # in the folder
        self.indexed: dict[str, str] = {}  # at the last ingest
        self.removed: list[Document] = []

    def teardown(self) -> None:
        self.index.close()
        shutil.rmtree(self.folder)

    # --- files -----------------------------------------------------------------------------------------------

    @rule(name=names, words=texts, title=st.sampled_from(WORDS))
    def write(self, name: str, words: list[str], title: str) -> None:
        self.files[name] = text_of(words, title)
        (self.docs / name).write_text(self.files[name], encoding="utf-8")

    @rule(name=names)
    def delete(self, name: str) -> None:
        (self.docs / name).unlink(missing_ok=True)
        self.files.pop(name, None)

    @rule(old=names, new=names)
    def rename(self, old: str, new: str) -> None:
        if old in self.files and new not in self.files:
            (self.docs / old).rename(self.docs / new)
            self.files[new] = self.files.pop(old)

    @rule(old=names, new=names)
    def copy(self, old: str, new: str) -> None:
        if old in self.files and old != new:
            shutil.copy(self.docs / old, self.docs / new)
            self.files[new] = self.files[old]

    # --- the index -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.files)
    @rule()
    def ingest(self) -> None:
        report = ingestor(self.index).run([self.docs])
        assert report.failed == ()
        assert {*report.added, *report.updated, *report.unchanged, *(each.new for each in report.moved)} == {
            *self.files
        }
        embedded = self.embeddings.take()
        assert len(embedded) == len(set(embedded))
        if self.files == self.indexed:
            assert (report, embedded) == (IngestReport(unchanged=tuple(sorted(self.files))), [])
        if set(self.files.values()) <= set(self.indexed.values()):
            assert embedded == []
        self.indexed = dict(self.files)
        self.removed = []

    @rule(name=names)
    def remove(self, name: str) -> None:
        if name in self.indexed:
            self.removed.append(self.index.catalog.get(name))
            self.index.remove(name)
            del self.indexed[name]

    @precondition(lambda self: self.removed)
    @rule()
    def restore(self) -> None:
        document = self.removed.pop()
        if document.source not in self.indexed:
            self.index.restore(document)
            self.indexed[document.source] = document.text
            self.embeddings.take()

    @rule()
    def reopen(self) -> None:
        self.index.close()
        self.index = open_index(self.folder / "home", self.embeddings)

    @rule(lost=st.sampled_from(["vectors", "lexical", "nothing"]))
    def damage_and_repair(self, lost: str) -> None:
        if lost != "nothing" and self.indexed:
            self.index.close()
            shutil.rmtree(self.folder / "home" / lost, ignore_errors=True)
            assert len(verify(self.index).problems) == 1
        assert repair(self.index, rechunk=lambda each: rechunk(each, 300)).repaired == bool(
            lost != "nothing" and self.indexed
        )
        self.embeddings.take()

    # --- what always holds -----------------------------------------------------------------------------------

    @invariant()
    def the_catalogue_has_what_was_ingested(self) -> None:
        sources = [info.source for info in self.index.catalog.infos()]
        assert {source: self.index.catalog.text(source) for source in sources} == self.indexed

    @invariant()
    def the_stores_agree(self) -> None:
        assert agree(self.index)

    @invariant()
    def a_word_is_found_where_it_is(self) -> None:
        for word in WORDS[:3]:
            there = {source for source, text in self.indexed.items() if word in text}
            assert found_by_word(self.index, word) == there

    @precondition(lambda self: self.indexed)
    @rule(word=st.sampled_from(WORDS))
    def search(self, word: str) -> None:
        passages = HybridRetriever(self.index, candidates=40).retrieve(f"{word}工作由谁负责？", 40).passages
        found = {(passage.chunk.source, passage.chunk.text) for passage in passages}
        copies = {copy.chunk_id for passage in passages for copy in passage.hit.copies}
        there = {
            (chunk.source, chunk.text)
            for source in self.indexed
            for chunk in self.index.catalog.get(source).chunks
            if chunk.chunk_id not in copies
        }
        assert found <= there
        assert {text for _, text in found} == {text for _, text in there}

    @rule()
    def check(self) -> None:
        assert verify(self.index).problems == ()


_SEQUENCES = int(os.environ.get("STATEFUL_SEQUENCES", "0"))
TestIndex = IndexMachine.TestCase
TestIndex.settings = settings(
    max_examples=_SEQUENCES or 6,
    stateful_step_count=50 if _SEQUENCES else 12,
    deadline=None,
    derandomize=not _SEQUENCES,
    suppress_health_check=list(HealthCheck),
    database=None,
)
