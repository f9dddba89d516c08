"""Every error this package raises on purpose. Each message names the offending value and the next step.

::

    PolicyRagError
    ├── ConfigurationError          a setting is unknown or out of bounds
    │   ├── MissingDependencyError  an optional package is not installed
    │   └── PromptError             a prompt file is missing, malformed or not given what it needs
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
    │       └── IndexBusyError      another process is writing
    ├── ModelError                  an embedding model cannot be built or loaded
    ├── ConversationError           a conversation cannot be given what is asked for
    │   └── ConversationNotFoundError   the owner has no such conversation
    ├── UserError                   an account cannot be given what is asked for
    ├── LLMError                    the language model gave no answer
    │   ├── LLMKeyError             no key, or one the provider does not accept
    │   ├── LLMNotFoundError        the provider has no such model
    │   ├── LLMRequestError         the provider does not accept the request
    │   │   └── LLMContextError     question and passages are longer than the model can read
    │   ├── LLMRateLimitError       too many requests
    │   ├── LLMTimeoutError         no word for longer than ``llm.timeout_s``
    │   ├── LLMConnectionError      the server cannot be reached, or hung up
    │   ├── LLMServerError          the server failed, or is no such server
    │   ├── LLMFilteredError        the provider withheld the answer
    │   └── LLMEmptyError           the answer holds no word
    └── ExchangeError               a text is not an answer as JSON
"""

from __future__ import annotations


class PolicyRagError(Exception):
    """Base class: catch this to catch everything policy-rag raises on purpose."""


class ConfigurationError(PolicyRagError):
    """A setting is unknown or out of bounds."""


class MissingDependencyError(ConfigurationError):
    """An optional package is not installed."""


class PromptError(ConfigurationError):
    """A prompt file is missing, malformed or not given what it needs."""


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


class IndexBusyError(StorageError):
    """Another process is writing to the index."""


class ModelError(PolicyRagError):
    """An embedding model cannot be built or loaded."""


class LLMError(PolicyRagError):
    """The language model gave no answer. Never holds the key."""


class LLMKeyError(LLMError):
    """No key, or one the provider does not accept."""


class LLMNotFoundError(LLMError):
    """The provider has no such model."""


class LLMRequestError(LLMError):
    """The provider does not accept the request."""


class LLMContextError(LLMRequestError):
    """Question and passages are longer than the model can read."""


class LLMRateLimitError(LLMError):
    """Too many requests; ``retry_after_s`` is how long the provider asks to wait, if it says."""

    retry_after_s: float | None = None


class LLMTimeoutError(LLMError):
    """No word for longer than ``llm.timeout_s``."""


class LLMConnectionError(LLMError):
    """The server cannot be reached, or hung up."""


class LLMServerError(LLMError):
    """The server failed, or is no such server."""


class LLMFilteredError(LLMError):
    """The provider withheld the answer."""


class LLMEmptyError(LLMError):
    """The answer holds no word."""


class ConversationError(PolicyRagError):
    """A conversation cannot be given what is asked for."""


class ConversationNotFoundError(ConversationError):
    """The owner has no such conversation."""


class UserError(PolicyRagError):
    """An account cannot be given what is asked for."""


class ExchangeError(PolicyRagError):
    """A text is not an answer as JSON."""
