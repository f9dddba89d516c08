"""OFD (GB/T 33190): not read, and said so."""

from __future__ import annotations

from rag.corpus.loading import LoadedText
from rag.errors import UnsupportedFormatError


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:  # noqa: ARG001
    """Raises ``UnsupportedFormatError``, always: no kept library reads the format."""
    raise UnsupportedFormatError(
        f"{name}: OFD is not read. Open it in an OFD reader, and save or print it as PDF first."
    )
