"""Which of many texts a column has: as one parameter, so that a statement costs no more to send and to plan for thousands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, String, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

_CHUNK = 5_000
"""Texts in one statement: so many that reading a whole table for them pays, so few that their rows fit into memory."""
_FEW = 100
"""Texts that are sent one by one, so that SQLite sees how few they are, and which index that speaks for."""


class _Texts(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({wanted})"


@compiles(_Among)
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({wanted}))"  # noqa: S608 - both are what the compiler made, values are parameters


def among(column: ColumnElement[Any], wanted: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column of texts is one of these; they are told apart as the column tells texts apart."""
    listed = list(wanted)
    return column.in_(listed) if len(listed) <= _FEW else _Among(column, bindparam(None, listed, type_=_Texts(), unique=True))


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Parts small enough for one statement."""
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
