"""Every error this package raises on purpose. Each message names the offending value and the next step.

::

    PolicyRagError
    ├── ConfigurationError          a setting is unknown or out of bounds
    │   └── MissingDependencyError  an optional package is not installed
    ├── QuestionError               the question is empty or too long
    ├── FilterError                 a filter is malformed, or fits no document
    ├── DocumentError               one file cannot be ingested; the others go on
    │   ├── DocumentNotFoundError   no such file, folder or document
    │   ├── UnsupportedFormatError  not a format we read
    │   ├── EncodingError           the bytes are not text in an encoding we can be sure of
    │   └── DocumentSizeError       empty, or larger than the limit
    ├── IndexStateError             the index cannot serve
    │   ├── EmptyIndexError         nothing has been ingested yet
    │   ├── IndexMismatchError      built with another model, chunker or format
    │   └── StorageError            RAG_HOME cannot be written, or its content is damaged
    ├── ModelError                  an embedding model cannot be built or loaded
    └── ExchangeError               a text is not an answer as JSON
"""

from __future__ import annotations


class PolicyRagError(Exception):
    """Base class: catch this to catch everything policy-rag raises on purpose."""


class ConfigurationError(PolicyRagError):
    """A setting is unknown or out of bounds."""


class MissingDependencyError(ConfigurationError):
    """An optional package is not installed."""


class QuestionError(PolicyRagError):
    """The question is empty or too long."""


class FilterError(PolicyRagError):
    """A filter is malformed, or fits no document."""


class DocumentError(PolicyRagError):
    """One file cannot be ingested."""


class DocumentNotFoundError(DocumentError):
    """No such file, folder or document."""


class UnsupportedFormatError(DocumentError):
    """Not a format we read."""


class EncodingError(DocumentError):
    """The bytes are not text in an encoding we can be sure of."""


class DocumentSizeError(DocumentError):
    """The file is empty or larger than the limit."""


class IndexStateError(PolicyRagError):
    """The index cannot serve."""


class EmptyIndexError(IndexStateError):
    """Nothing has been ingested yet."""


class IndexMismatchError(IndexStateError):
    """The index was built with another model, chunker or format."""


class StorageError(IndexStateError):
    """RAG_HOME cannot be written, or its content is damaged."""


class ModelError(PolicyRagError):
    """An embedding model cannot be built or loaded."""


class ExchangeError(PolicyRagError):
    """A text is not an answer as JSON."""
