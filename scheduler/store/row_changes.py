"""
What a transaction did to rows, as the audit keeps it: per row the columns that differ, before and after.

Before is the open version that was recorded last, after is the row itself, both read in large parts. Rows of child tables stand as
lists under their table's name. What is personal is set apart, to be sealed under the key of the row's person.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.ground.audit import ChangeKind
from scheduler.store.among import among, chunks
from scheduler.store.classified import classified
from scheduler.store.tables.base import TWINS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from scheduler.store.areas.base import Area

Columns = dict[str, Any]
HASHED: Mapping[str, str] = {"scenario_changes": "body"}
"""A column that records tell by its hash: what it says of a person could not be sealed under the key of its row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """A row before or after: its columns, those that are sealed, and under whose key."""

    open: Columns = field(default_factory=dict)
    personal: Columns = field(default_factory=dict)
    person_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that was touched; a half is ``None`` where there was or is no row."""

    area: str
    row_id: str
    kind: ChangeKind
    before: Half | None
    after: Half | None

    @property
    def person_id(self) -> str | None:
        """Whom the row is about."""
        return next((half.person_id for half in (self.after, self.before) if half is not None and half.person_id is not None), None)


def area_changes(connection: Connection, area: Area[Any], ids: Iterable[str], *, erased: frozenset[str]) -> Iterator[RowChange]:
    """The changes of one area's rows; before they are recorded as versions."""
    for part in chunks(sorted(ids)):
        before = _states(connection, area, part, recorded=True)
        after = _states(connection, area, part, recorded=False)
        for row_id in part:
            was, now = before.get(row_id), after.get(row_id)
            is_erased = area.name in ("people", "users") and row_id in erased
            if was is not None or now is not None or is_erased:
                kind = ChangeKind.ERASED if is_erased else _kind(was, now)
                halves = {"before": _half(area, was, now), "after": _half(area, now, was)}
                yield RowChange(area=area.name, row_id=row_id, kind=kind, **halves)


def _kind(was: Columns | None, now: Columns | None) -> ChangeKind:
    if was is None:
        return ChangeKind.CREATED
    return ChangeKind.DELETED if now is None else ChangeKind.CHANGED


def _half(area: Area[Any], row: Columns | None, other: Columns | None) -> Half | None:
    """What differs from the other half; all that is set where there is no other."""
    if row is None:
        return None
    rules = classified(area.table.name)
    person = rules.person_of(row)
    half = Half(person_id=person)
    for name, value in row.items():
        # The id stands beside the columns, a key follows from the name.
        if name == "id" or name.endswith("_key") or value == (None if other is None else other.get(name)):
            continue
        is_personal = name in rules.personal if name in rules.columns else bool(classified(name).personal)
        (half.personal if is_personal and person is not None else half.open)[name] = plain_json(value)
    return half


def _states(connection: Connection, area: Area[Any], ids: Iterable[str], *, recorded: bool) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    for row in _rows(connection, area.table, "id", ids, recorded=recorded):
        found[row["id"]] = dict(row)
    for child in area.children if found else ():
        grouped: dict[str, list[Columns]] = defaultdict(list)
        for row in _rows(connection, child.table, "parent_id", found, recorded=recorded):
            columns = dict(row)
            if child.table.name in HASHED:
                columns = hashed(columns, HASHED[child.table.name])
            grouped[columns.pop("parent_id")].append(columns)
        for parent, rows in grouped.items():
            found[parent][child.table.name] = rows
    return found


def _rows(connection: Connection, table: Table, by: str, ids: Iterable[str], *, recorded: bool) -> Iterable[Mapping[Any, Any]]:
    source = TWINS[table.name] if recorded else table
    query = select(*(source.c[column.name] for column in table.columns)).where(among(source.c[by], ids))
    if recorded:
        query = query.where(source.c.recorded_to.is_(None))
    return connection.execute(query.order_by(*(source.c[column.name] for column in table.primary_key))).mappings()


def hashed(columns: Columns, name: str) -> Columns:
    """The columns with the hash of one in its place."""
    text = json.dumps(columns[name], sort_keys=True).encode()
    rest = {other: value for other, value in columns.items() if other != name}
    return {**rest, f"{name}_sha256": hashlib.sha256(text).hexdigest()}


def plain_json(value: object) -> Any:
    """The value of a column as JSON has it."""
    if isinstance(value, list):
        return [plain_json(one) for one in value]
    if isinstance(value, dict):
        return {name: plain_json(one) for name, one in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
