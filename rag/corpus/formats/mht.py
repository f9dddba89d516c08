"""Web pages saved with their pictures in one file (.mht, .mhtml): the page is one part of a mail message."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import Message

from rag.corpus.formats.html import load as load_html
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """The text of the page in the file; see ``rag.corpus.formats.html``.

    Raises:
        DocumentError: there is no page in it.
    """
    try:
        message: Message = message_from_bytes(data, policy=policy.compat32)
        parts = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
        pages = [
            (payload, part.get_content_charset())
            for part in parts
            if isinstance(payload := part.get_payload(decode=True), bytes)
        ]
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:  # of malformed headers
        raise DocumentError(f"{name} is damaged ({error}). Save the page again as HTML or PDF.") from error
    if not pages:
        raise DocumentError(f"{name} holds no web page. Save the page again as HTML or PDF.")
    page, stated = max(pages, key=lambda each: len(each[0]))
    if encoding is None and stated and b"charset" not in page[:4096].lower():
        page = f'<meta charset="{stated}">'.encode("ascii", "ignore") + page
    return load_html(page, name=name, encoding=encoding)
