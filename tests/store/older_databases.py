"""Databases as earlier versions of the program left them, with the rows of one of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command

from scheduler.store import schema
from scheduler.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.sql.expression import TableClause

    from scheduler.store import Store

Rows = dict[str, list[tuple[Any, ...]]]


def make_older(store: Store, revision: str, rows_of: Store) -> Rows:
    """Bring an empty database to a revision and give it another's rows, as far as it has the columns; the rows it has then."""
    with store.engine.begin() as connection, rows_of.engine.connect() as source:
        config = schema.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for table in _tables(connection):
            rows = source.execute(sa.select(*table.c)).all()
            if connection.execute(sa.select(*table.c).limit(1)).first() is not None:
                connection.execute(table.delete())
            if rows:
                connection.execute(table.insert(), [dict(row._mapping) for row in rows])
        return all_rows(connection)


def all_rows(connection: Connection, only: Rows | None = None) -> Rows:
    """Every table's rows, sorted by what they hold; ``only`` the tables and columns of an earlier reading."""
    found = {}
    for table in _tables(connection):
        names = [c.name for c in table.c]
        if only is not None:
            if table.name not in only:
                continue
            names = list(only[table.name][0])
        rows = connection.execute(sa.select(*(table.c[name] for name in names))).all()
        found[table.name] = [tuple(names), *sorted((tuple(row) for row in rows), key=repr)]
    return found


def _tables(connection: Connection) -> Iterator[TableClause]:
    """What there is of this program's tables, and of their columns, parents first."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    for table in METADATA.sorted_tables:
        if table.name in there:
            names = {column["name"] for column in inspector.get_columns(table.name)}
            yield sa.table(table.name, *(sa.column(c.name, c.type) for c in table.columns if c.name in names))
