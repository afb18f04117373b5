"""Whether the rows of a table are what was recorded of them: whoever edits a row past the program leaves its versions behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from scheduler.store.tables.base import TWINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded:
    """A column of a row that is not what was last recorded of it; ``None`` stands for nothing, also where the whole row is missing."""

    row: str
    column: str
    stored: Any
    recorded: Any


def unrecorded(connection: Connection, table: Table) -> Iterator[Unrecorded]:
    """Of rows that differ from their open version, that have none, or that are gone while it is there: the first column of each."""
    twin = TWINS[table.name]
    keys = [column.name for column in table.primary_key]
    same = and_(*(table.c[name] == twin.c[name] for name in keys), twin.c.recorded_to.is_(None))
    differ = [table.c[column.name].is_distinct_from(twin.c[column.name]) for column in table.columns if column.name not in keys]
    names = [column.name for column in table.columns]
    both = [*(table.c[name].label(f"now_{name}") for name in names), *(twin.c[name].label(f"was_{name}") for name in names)]
    order = [table.c[name] for name in keys]
    moved = select(*both).join(twin, same).where(or_(*differ)).order_by(*order) if differ else None
    if moved is not None:
        for row in connection.execute(moved).mappings():
            column = next(name for name in names if row[f"now_{name}"] != row[f"was_{name}"])
            key = "/".join(str(row[f"now_{name}"]) for name in keys)
            yield Unrecorded(row=key, column=column, stored=row[f"now_{column}"], recorded=row[f"was_{column}"])
    for here, there, stored in ((table, twin, True), (twin, table, False)):
        query = select(*(here.c[name] for name in keys)).outerjoin(there, same).where(there.c[keys[0]].is_(None))
        if here is twin:
            query = query.where(twin.c.recorded_to.is_(None))
        for found in connection.execute(query.order_by(*(here.c[name] for name in keys))):
            name = "/".join(str(one) for one in found)
            yield Unrecorded(row=name, column=keys[0], stored=name if stored else None, recorded=None if stored else name)
