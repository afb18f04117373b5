"""Closed months of the books: reading and keeping their balances and postings, and whoever closes or dates something waits for the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from scheduler.domain.billing.journal import About, Entry, Posting, Worth
from scheduler.domain.billing.roll_forward import BalanceMonth, check_month_open
from scheduler.store.areas.base import built
from scheduler.store.history import source
from scheduler.store.tables.ledger import CLOSED_MONTHS, CONTRACT_BALANCES, LEDGER_POSTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

_BOOKS_LOCK = 7_203_914_556
"""Number of PostgreSQL's lock that stands for the books; on SQLite one transaction writes at a time anyway."""
_AT_ONCE = 500
_FIGURES = tuple(one.name for one in fields(BalanceMonth) if one.name != "month")


def hold_books(connection: Connection, *, shared: bool = False) -> None:
    """Wait for whoever is about to close a month; not ``shared``: and for whoever is about to date something."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}({_BOOKS_LOCK})")


def last_closed(connection: Connection, *, as_of: datetime | None = None) -> date | None:
    """The last month that is closed, or was at an instant."""
    found: date | None = connection.execute(select(func.max(source(CLOSED_MONTHS, as_of).c.month))).scalar_one()
    return found


def require_month_open(connection: Connection, day: date) -> None:
    """Wait for whoever is about to close a month, then see that the day is in none that is closed. Raises DomainError ``month.closed``."""
    hold_books(connection, shared=True)
    last = last_closed(connection)
    check_month_open(day, () if last is None else (last,))


def closed_balances(connection: Connection, *, as_of: datetime | None = None) -> Mapping[str, tuple[BalanceMonth, ...]]:
    """By contract: the rows of months that are closed, or were at an instant, in order."""
    found: defaultdict[str, list[BalanceMonth]] = defaultdict(list)
    wanted = select(CONTRACT_BALANCES).where(CONTRACT_BALANCES.c.month.in_(select(source(CLOSED_MONTHS, as_of).c.month)))
    query = wanted.order_by(CONTRACT_BALANCES.c.contract_id, CONTRACT_BALANCES.c.month)
    for row in connection.execute(query).mappings():
        found[row["contract_id"]].append(built(BalanceMonth, row))
    return {contract_id: tuple(rows) for contract_id, rows in found.items()}


def closed_entries(connection: Connection, *, as_of: datetime | None = None) -> tuple[tuple[date, Entry], ...]:
    """The journal of months that are closed, or were at an instant, in order, each entry with its month."""
    wanted = select(LEDGER_POSTINGS).where(LEDGER_POSTINGS.c.month.in_(select(source(CLOSED_MONTHS, as_of).c.month)))
    query = wanted.order_by(LEDGER_POSTINGS.c.month, LEDGER_POSTINGS.c.position)
    groups: dict[tuple[date, str], list[Any]] = {}
    for row in connection.execute(query).mappings():
        groups.setdefault((row["month"], row["entry_id"]), []).append(row)
    return tuple((month, _entry(entry_id, rows)) for (month, entry_id), rows in groups.items())


def _entry(entry_id: str, rows: Sequence[Any]) -> Entry:
    first = rows[0]
    return Entry(
        id=entry_id,
        kind=first["kind"],
        date=first["day"],
        text=first["text"],
        about=About(currency=first["currency"], project=first["project"], client=first["client"], document_number=first["document_number"]),
        postings=tuple(
            Posting(account=row["account"], worth=Worth(minor=row["amount_minor"], home=row["amount_home_minor"])) for row in rows
        ),
    )


def balance_row(month: date, contract_id: str, currency: str, row: BalanceMonth) -> dict[str, Any]:
    """A row of a closed month as it is kept."""
    figures = {name: getattr(row, name) for name in _FIGURES}
    closing = {"closing_minor": row.closing_minor, "closing_home_minor": row.closing_home_minor}
    return {"month": month, "contract_id": contract_id, "currency": currency, **figures, **closing}


def posting_rows(month: date, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The postings of a month's entries as they are kept, in order."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        for one in entry.postings:
            rows.append(
                {
                    "month": month,
                    "position": len(rows) + 1,
                    "entry_id": entry.id,
                    "kind": entry.kind,
                    "day": entry.date,
                    "text": entry.text,
                    "account": one.account,
                    "amount_minor": one.worth.minor,
                    "amount_home_minor": one.worth.home,
                    "currency": entry.about.currency,
                    "document_number": entry.about.document_number,
                    "project": entry.about.project,
                    "client": entry.about.client,
                }
            )
    return rows


def keep_closed(connection: Connection, *, balances: Sequence[dict[str, Any]], postings: Sequence[dict[str, Any]]) -> None:
    """Keep the rows of a month that is being closed; its head is there. Nothing ever changes or removes them."""
    for table, rows in ((CONTRACT_BALANCES, balances), (LEDGER_POSTINGS, postings)):
        for start in range(0, len(rows), _AT_ONCE):
            connection.execute(insert(table), list(rows[start : start + _AT_ONCE]))


def kept_rows(connection: Connection, month: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Balances and postings of a closed month as they are in the database, in their order."""
    balances, postings = CONTRACT_BALANCES, LEDGER_POSTINGS
    first = select(balances).where(balances.c.month == month).order_by(balances.c.contract_id)
    second = select(postings).where(postings.c.month == month).order_by(postings.c.position)
    return [dict(row) for row in connection.execute(first).mappings()], [dict(row) for row in connection.execute(second).mappings()]
