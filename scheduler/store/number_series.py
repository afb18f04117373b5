"""Numbers of invoices without gaps: the last one of each sequence is a row that the issuing transaction locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.store.tables.billing import NUMBER_SERIES

if TYPE_CHECKING:
    from sqlalchemy import Connection


def next_number(connection: Connection, legal_entity_id: str, series: str) -> tuple[int, str | None]:
    """
    The next number of a sequence, and the chain's hash after the last one; whoever wants the same waits until this transaction ends.

    A transaction that is rolled back gives its number back.
    """
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = {"legal_entity_id": legal_entity_id, "series": series, "last": 0}
    connection.execute(dialect.insert(NUMBER_SERIES).values(first).on_conflict_do_nothing())
    query = select(NUMBER_SERIES.c.last, NUMBER_SERIES.c.chain_sha256).where(*_row(legal_entity_id, series)).with_for_update()
    last, chain = connection.execute(query).one()
    return last + 1, chain


def keep_number(connection: Connection, legal_entity_id: str, series: str, *, number: int, chain_sha256: str) -> None:
    """The number was given, and the chain goes on from this hash."""
    changed = update(NUMBER_SERIES).where(*_row(legal_entity_id, series))
    connection.execute(changed.values(last=number, chain_sha256=chain_sha256))


def _row(legal_entity_id: str, series: str) -> tuple[Any, Any]:
    return NUMBER_SERIES.c.legal_entity_id == legal_entity_id, NUMBER_SERIES.c.series == series
