"""What an area is: a kind of value, its tables, and how one becomes the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from enum import Enum

    from sqlalchemy import Column, Table

T = TypeVar("T")

Row = Mapping[Any, Any]
"""A row by column name."""
ChildRows = Mapping[str, Sequence[Row]]
"""Rows of each child table, by the table's name, in the order of its key."""


class FilterKind(StrEnum):
    """What a filter does with its value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    """Text in the folded name, wherever, without regard to case; no character is a wildcard."""
    ENDS_AFTER = "ends_after"
    """A date: what has not ended on that day."""
    STARTS_BEFORE = "starts_before"
    """A date: what has begun before that day."""
    SINCE = "since"
    """An instant: what was at it or after it."""
    UNTIL = "until"
    """An instant: what was before it."""
    IS_GIVEN = "is_given"
    """Whether the column holds anything."""
    HAS = "has"
    """Some row of a child table has the value in the column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One allowed filter: what it does, and to which column (of the area's table, or of ``child``)."""

    kind: FilterKind
    column: str
    child: Table | None = None
    choices: type[Enum] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A table of rows that belong to the area's values, and where in the value such a row comes from (JSON pointer)."""

    table: Table
    pointer: Callable[[int, Row], str]
    bearable: frozenset[str] = frozenset()
    """Columns that the value can do without: when a reader may not see one, its rows are shown without it, else not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area(Generic[T]):
    """A kind of business value and how it is stored."""

    name: str
    one: str
    table: Table
    to_row: Callable[[T], dict[str, Any]]
    from_row: Callable[[Row, ChildRows], T]
    to_children: Callable[[T], Mapping[str, Iterable[dict[str, Any]]]] = field(default=lambda _value: {})
    children: tuple[Child, ...] = ()
    sorts: Mapping[str, str] = field(default_factory=dict)
    """Name to column, none of which is ever null; the first is the default."""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    stand_ins: Mapping[str, Any] = field(default_factory=dict)
    """What a reader who may not see a column that cannot be empty is shown instead."""
    guard: str | None = None
    """A column of rights, with spaces between: whoever lacks one of them does not see the row, whatever else they may."""
    guarded_by: tuple[str, Column[Any]] | None = None
    """A column that names a row of another table, and that table's column of rights, which hold for this row too."""

    def references(self, row: Row, children: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, Table, str]]:
        """Every (pointer, table, id) that the rows name in other areas."""
        yield from _references(self.table, row, "")
        for child in self.children:
            for number, child_row in enumerate(children.get(child.table.name, ())):
                yield from _references(child.table, child_row, child.pointer(number, child_row))


def _references(table: Table, row: Row, pointer: str) -> Iterator[tuple[str, Table, str]]:
    for column in table.columns:
        if column.name == "parent_id" or row.get(column.name) is None:
            continue
        for key in column.foreign_keys:
            yield pointer or f"/{column.name}", key.column.table, row[column.name]


def plain(value: object, table: Table, **others: object) -> dict[str, Any]:
    """A row from the attributes that have a column of the same name, and ``others``."""
    row = {c.name: getattr(value, c.name) for c in table.columns if c.name not in others and hasattr(value, c.name)}
    return {**row, **others}


def built(cls: type[T], row: Row, **others: object) -> T:
    """A value from the columns that have an attribute of the same name, and ``others``."""
    return cls(**{name: row[name] for name in _attributes(cls, tuple(row), frozenset(others))}, **others)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def _attributes(cls: type[Any], columns: tuple[str, ...], others: frozenset[str]) -> tuple[str, ...]:
    """Which columns become attributes of a class; the same for each row of a query."""
    return tuple(f.name for f in fields(cls) if f.name not in others and f.name in columns)
