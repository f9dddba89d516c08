"""What of a chunk is searched: its search keys by words, its windows by meaning. A change here needs a new index."""

from __future__ import annotations

from dataclasses import dataclass

from rag.corpus.chunking import body_start
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans
from rag.index.lexical import LexicalEntry
from rag.schema import Chunk, Metadata

TEXTS_VERSION = 2
_TITLE_CHARS = 40
_WINDOW_CHARS = 120
_LONGEST_WINDOW = 800  # characters; the bundled model reads about 700


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a chunk that has a vector of its own: ``text`` is what is embedded."""

    window_id: str
    chunk_id: str
    source: str
    text: str


def chunk_of(window_id: str) -> str:
    """The id of the chunk that a window belongs to."""
    return window_id.rpartition(":")[0]


def search_keys(chunk: Chunk, metadata: Metadata) -> LexicalEntry:
    """``chunk`` as the search keys of its title, heading path and body."""
    return LexicalEntry(
        chunk_id=chunk.chunk_id,
        source=chunk.source,
        title=search_key(metadata.title or ""),
        # One by one: a key has no space beside Han, and headings must not run into each other.
        heading=" ".join(search_key(heading) for heading in chunk.path),
        body=search_key(chunk.text),
    )


def windows(chunk: Chunk, metadata: Metadata) -> list[Window]:
    """What is embedded of ``chunk``: its body as runs of whole sentences of about 120 characters, as search keys.

    Each is led by the document's title: the bodies of policy documents say only "our city", and which one is meant
    stands there. A chunk as a whole is too much for one vector (docs/retrieval.md has the measurements).
    """
    title = search_key(metadata.title or "")[:_TITLE_CHARS]
    runs = [""]
    for start, end in sentence_spans(chunk.text, body_start(chunk)):
        sentence = search_key(chunk.text[start:end])
        if runs[-1] and len(runs[-1]) + len(sentence) > _WINDOW_CHARS:
            runs.append("")
        runs[-1] += sentence
    texts = [f"{title}\n{run[:_LONGEST_WINDOW]}".strip() for run in runs]
    return [
        Window(f"{chunk.chunk_id}:{number}", chunk.chunk_id, chunk.source, text) for number, text in enumerate(texts)
    ]


def encodable(text: str) -> str:
    """``text`` as tokenizers take it: a lone surrogate, such as of an undecodable command-line byte, has no UTF-8."""
    return text.encode(errors="replace").decode()
