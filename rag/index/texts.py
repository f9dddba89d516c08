"""What of a chunk is searched: its search keys, and the text that is embedded. A change here needs a new index."""

from __future__ import annotations

from rag.corpus.script import search_key
from rag.index.lexical import LexicalEntry
from rag.schema import Chunk, Metadata

TEXTS_VERSION = 1
_TITLE_CHARS = 80
_HEADING_CHARS = 120
_BODY_CHARS = 2000


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


def embedding_text(keys: LexicalEntry) -> str:
    """Title, end of the heading path and body, a line each, at most 2,202 characters.

    The bodies of policy documents say only "our city": which one is meant stands in the title.
    """
    parts = (keys.title[:_TITLE_CHARS], keys.heading[-_HEADING_CHARS:], keys.body[:_BODY_CHARS])
    return "\n".join(part for part in parts if part)
