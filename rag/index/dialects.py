"""What SQLite and PostgreSQL say differently, as expressions that each is given in its own words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, Self

from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Integer, String, Text, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine


def among(column: ColumnElement[Any], values: Iterable[str] | Collection[int]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``values``: one parameter however many there are, a statement prepared once."""
    kind = Integer() if isinstance(column.type, Integer) else String()
    return _Among(column, bindparam(None, list(values), type_=_Many(kind)))


def holds(column: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Whether ``part`` stands in ``column``, letter by letter: no character is a wildcard, no case is alike."""
    return _Holds(column, literal(part, Text()))


class _Many(TypeDecorator[list[Any]]):
    """A list as a parameter: an array in PostgreSQL, JSON in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        many: TypeEngine[Any] = ARRAY(self.kind) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(many)

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        """Itself: SQLAlchemy would compare it with 1 for SQLite, which then reads the whole table, not its index."""
        return self


class _Holds(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} = ANY ({values}))"


@compiles(_Holds, "sqlite")
def _holds_instr(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    column, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(instr({column}, {part}) > 0)"


@compiles(_Holds, "postgresql")
def _holds_strpos(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    column, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(strpos({column}, {part}) > 0)"
