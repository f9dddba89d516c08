"""Whatever a storage engine says when its files are damaged, as one error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import StorageError

_LONGEST_REASON = 200  # Tantivy quotes the whole damaged file
_ADVICE = "Check that the folder is writable, then run `rag verify --repair`."


@contextmanager
def storage_errors(subject: str, *foreign: type[Exception], advice: str = _ADVICE) -> Iterator[None]:
    """Raise ``StorageError`` about ``subject`` in place of ``foreign`` errors and of a panic in Rust code."""
    try:
        yield
    except foreign as error:
        raise _storage_error(subject, error, advice) from error
    except BaseException as error:
        # pyo3 derives its panics from BaseException and exports no name to catch them by.
        if type(error).__name__ != "PanicException":
            raise
        raise _storage_error(subject, error, advice) from error


def _storage_error(subject: str, error: BaseException, advice: str) -> StorageError:
    reason = " ".join(str(error).split()).rstrip(".")
    reason = reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
    return StorageError(f"{subject} cannot be used: {reason}. {advice}")
