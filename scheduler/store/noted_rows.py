"""
Rows that belong to no area, and their changes for the audit.

Whoever writes such a row says so before (``note``); what it was and what it is are then read from the database, as for areas. The key
of the table is one column. Secrets are never told, and large columns only by their hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, select, type_coerce

from scheduler.domain.ground.audit import ChangeKind
from scheduler.store.among import among, chunks
from scheduler.store.classified import classified
from scheduler.store.column_classes import Holds
from scheduler.store.row_changes import Half, RowChange, plain_json
from scheduler.store.tables.base import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from scheduler.store.repository import Changes

HASHED: Mapping[str, frozenset[str]] = {
    "plans": frozenset({"result"}),
    "plan_problems": frozenset({"problem", "statements", "row_versions"}),
}
UNTOLD: Mapping[str, frozenset[str]] = {
    # Its hash is told.
    "legal_entity_logos": frozenset({"content"}),
    # Progress is no change of a plan; what a failure says in words follows from its code.
    "plans": frozenset({"failure_detail", "progress_seconds", "progress_objective_x60", "progress_bound_x60", "progress_gap"}),
}
_NOTHING: frozenset[str] = frozenset()


def note(connection: Connection, changes: Changes, table: Table, row_id: str) -> None:
    """A row of the table is about to be added, changed or removed."""
    note_all(connection, changes, table, (row_id,))


def note_all(connection: Connection, changes: Changes, table: Table, row_ids: Iterable[str]) -> None:
    """The same of many rows."""
    known = changes.noted[table.name]
    wanted = sorted({row_id for row_id in row_ids if row_id not in known})
    states = _states(connection, table, wanted)
    known.update((row_id, states.get(row_id)) for row_id in wanted)


def noted_changes(connection: Connection, changes: Changes) -> Iterator[RowChange]:
    """What became of the rows that were noted."""
    for name, before_by_id in changes.noted.items():
        table = METADATA.tables[name]
        after_by_id = _states(connection, table, sorted(before_by_id))
        for row_id, was in sorted(before_by_id.items(), key=lambda one: one[0]):
            now = after_by_id.get(row_id)
            if was != now:
                kind = ChangeKind.CREATED if was is None else ChangeKind.DELETED if now is None else ChangeKind.CHANGED
                before, after = _half(table, row_id, was, now), _half(table, row_id, now, was)
                yield RowChange(area=name, row_id=row_id, kind=kind, before=before, after=after)


def _states(connection: Connection, table: Table, row_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The rows that there are as records tell of them, by their keys."""
    (key,) = table.primary_key.columns
    rules = classified(table.name).columns
    hashed, untold = HASHED.get(table.name, _NOTHING), UNTOLD.get(table.name, _NOTHING)
    told = [column for column in table.columns if column.name not in untold and rules[column.name].holds is not Holds.SECRET]
    columns = [type_coerce(column, Text()).label(column.name) if column.name in hashed else column for column in told]
    rows = (row for part in chunks(row_ids) for row in connection.execute(select(*columns).where(among(key, part))).mappings())
    return {
        row[key.name]: {
            f"{name}_sha256" if name in hashed else name: _digest(value) if name in hashed else plain_json(value)
            for name, value in row.items()
        }
        for row in rows
    }


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _half(table: Table, row_id: str, row: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Half | None:
    if row is None:
        return None
    (key,) = table.primary_key.columns
    rules = classified(table.name)
    person = row_id if rules.person == key.name else rules.person_of(row)
    half = Half(person_id=person)
    for name, value in row.items():
        if name != key.name and value != (None if other is None else other.get(name)):
            (half.personal if name in rules.personal and person is not None else half.open)[name] = value
    return half
