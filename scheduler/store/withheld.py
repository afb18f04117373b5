"""
Writing a value that was read without some of its columns: what its author could not see stays as it is stored.

Whoever may not see a column may not set it either: a content in its place is refused with ``field.not_allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from scheduler.store.areas.base import Area, Child, Row
    from scheduler.store.sight import Sight

    Rows = Sequence[Mapping[Any, Any]]


def check_new(
    sight: Sight, area: Area[Any], row: dict[str, Any], children: Mapping[str, list[dict[str, Any]]], *, own: frozenset[str]
) -> None:
    """Raise DomainError for a new value that sets what its author may not see, or lacks what it must have; ``own``: set by the program."""
    _refuse(_set_unseen(sight, area, row, own))
    for child in area.children:
        rows = children[child.table.name]
        if not sight.shows(child) and rows:
            _refuse(child.pointer(0, rows[0]))
        _check_bearable(child, rows, hidden=sight.hidden_in(child.table), stored=())


def keep_row(sight: Sight, area: Area[Any], row: dict[str, Any], *, own: frozenset[str]) -> dict[str, Any]:
    """
    The columns of the area's own table that may be written; ``own``: set by the program.

    Raises DomainError for content in place of a hidden one.
    """
    _refuse(_set_unseen(sight, area, row, own))
    return {name: value for name, value in row.items() if name not in sight.hidden or name in own}


def keep_children(
    connection: Connection, sight: Sight, area: Area[Any], row_id: str, children: Mapping[str, list[dict[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of the child tables that are to be replaced, completed by what their author could not see. Raises DomainError."""
    kept = {}
    for child in area.children:
        rows, hidden = children[child.table.name], sight.hidden_in(child.table)
        if not sight.shows(child):
            if rows:
                _refuse(child.pointer(0, rows[0]))
            continue
        kept[child.table.name] = rows
        if child.bearable:
            stored = _stored(connection, child, row_id) if hidden else ()
            _check_bearable(child, rows, hidden=hidden, stored=stored)
            for row in rows:
                row.update({name: _carried(row, stored, child, name) for name in hidden})
    return kept


def _set_unseen(sight: Sight, area: Area[Any], row: Mapping[str, Any], own: frozenset[str]) -> str | None:
    """A hidden column that the value sets."""
    return next((f"/{name}" for name in sorted(sight.hidden - own) if row[name] != area.stand_ins.get(name)), None)


def _check_bearable(child: Child, rows: Rows, *, hidden: frozenset[str], stored: Rows) -> None:
    for number, row in enumerate(rows):
        for name in child.bearable:
            place = child.pointer(number, row).rpartition("/")[0] + f"/{name}"
            if name in hidden and (row[name] is not None or not stored):
                _refuse(place)
            if name not in hidden and row[name] is None:
                message = "This field is required; give it."
                raise DomainError(
                    ErrorKind.INVALID,
                    "field.missing",
                    f"{place[1:]}: {message}",
                    (Fault(pointer=place, code="field.missing", message=message),),
                )


def _carried(row: Mapping[str, Any], stored: Rows, child: Child, name: str) -> Any:
    """What the row had, or what the last one before it had: a new term goes on as the one before."""
    key = next(column.name for column in child.table.primary_key if column.name != "parent_id")
    before = [one for one in stored if one[key] <= row[key]]
    return (before[-1] if before else stored[0])[name]


def _stored(connection: Connection, child: Child, row_id: str) -> Sequence[Row]:
    order: Iterable[Any] = child.table.primary_key
    return connection.execute(select(child.table).where(child.table.c.parent_id == row_id).order_by(*order)).mappings().all()


def _refuse(place: str | None) -> None:
    if place is None:
        return
    message = "You may not see this, so you may not set it; leave it out, or ask somebody who may."
    fault = Fault(pointer=place, code="field.not_allowed", message=message)
    raise DomainError(ErrorKind.FORBIDDEN, "field.not_allowed", f"{place[1:]}: {message}", (fault,))
