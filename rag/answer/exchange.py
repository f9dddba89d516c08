"""Answers as JSON: to keep one, to send it, to have it back as it was."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rag.errors import ExchangeError
from rag.schema import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_NAMED = 3  # so many faults are named: one wrong list makes many


def to_json(answer: Answer) -> str:
    """``answer`` as one JSON object whose keys are the names of its fields; Chinese is not escaped."""
    return _adapter().dump_json(answer).decode("utf-8")


def from_json(text: str) -> Answer:
    """The answer that ``to_json`` wrote; keys that no field has are ignored.

    Raises:
        ExchangeError: ``text`` is no JSON, or a field of the answer is absent or of the wrong kind.
    """
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        ]
        named = "; ".join(faults[:_NAMED])
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        message = f"this is not an answer as JSON ({named}{more}). Give the output of to_json, unchanged."
        raise ExchangeError(message) from error


@cache
def _adapter() -> TypeAdapter[Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)
