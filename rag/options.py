"""The flags that several commands share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from rag.schema import Filter

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Question = Annotated[str, typer.Argument(help="What you want to know.", show_default=False)]
Passages = Annotated[
    int | None, typer.Option("--k", "-k", min=1, max=100, help="Passages to return.", show_default=False)
]

_HELP = {
    "sources": "Only this document; may be given several times.",
    "issuer": "Only documents of this office.",
    "region": "Only documents of this place.",
    "number": "Only the document with this number.",
    "since": "Only documents from this year, month or day on.",
    "until": "Only documents up to this year, month or day.",
    "as_of": "Only what was issued by then, in the version of that time.",
}


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """``command``, with a flag for each field of the ``Filter`` that it takes as ``where``."""

    @functools.wraps(command)
    def run(*arguments: Any, **values: Any) -> None:
        given = {name: values.pop(name) for name in _HELP}
        command(*arguments, **values, where=Filter(**given | {"sources": tuple(given["sources"] or ())}))

    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "where"]
    parameters = [*own, *(_flag(name) for name in _HELP)]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _flag(name: str) -> inspect.Parameter:
    spelling = "--source" if name == "sources" else f"--{name.replace('_', '-')}"
    kind: Any = list[str] | None if name == "sources" else str | None
    annotation: Any = Annotated[kind, typer.Option(spelling, help=_HELP[name], show_default=False)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
