"""Rows of bills and of closed months as they lie in the database, for whoever checks them: no value is made of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from scheduler.domain.billing.invoices import NUMBERED
from scheduler.domain.billing.roll_forward import BalanceMonth
from scheduler.store.areas.base import built
from scheduler.store.tables.billing import NUMBER_SERIES
from scheduler.store.tables.invoices import INVOICE_ALLOWANCES, INVOICE_FILES, INVOICE_LINES, INVOICE_TAXES, INVOICES
from scheduler.store.tables.ledger import CLOSED_MONTHS, CONTRACT_BALANCES, LEDGER_POSTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


def counts(connection: Connection) -> tuple[int, int, int]:
    """How many documents were issued, months closed, and entries kept."""
    documents = select(func.count()).select_from(INVOICES).where(INVOICES.c.state.in_(sorted(NUMBERED)))
    months = select(func.count()).select_from(CLOSED_MONTHS)
    entries = select(func.count(LEDGER_POSTINGS.c.entry_id.distinct()))
    return tuple(int(connection.execute(query).scalar_one()) for query in (documents, months, entries))  # type: ignore[return-value]


def document_rows(connection: Connection, invoice_id: str) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    """Lines, discounts and taxes of a document."""
    queries = [select(table).where(table.c.invoice_id == invoice_id) for table in (INVOICE_LINES, INVOICE_ALLOWANCES, INVOICE_TAXES)]
    lines, allowances, taxes = (connection.execute(query).mappings().all() for query in queries)
    return lines, allowances, taxes


def document_files(connection: Connection) -> Iterator[tuple[str, str, str, bytes]]:
    """Invoice, kind, hash and content of every file that was issued; one after the other."""
    keys = connection.execute(select(INVOICE_FILES.c.invoice_id, INVOICE_FILES.c.kind)).all()
    for invoice_id, kind in sorted(keys):
        query = select(INVOICE_FILES.c.sha256, INVOICE_FILES.c.content).where(
            INVOICE_FILES.c.invoice_id == invoice_id, INVOICE_FILES.c.kind == kind
        )
        for digest, content in connection.execute(query):
            yield invoice_id, kind, digest, content


def number_counters(connection: Connection) -> Mapping[tuple[str, str], tuple[int, str | None]]:
    """By legal entity and sequence: the last number, and the chain's hash after it."""
    return {
        (row["legal_entity_id"], row["series"]): (row["last"], row["chain_sha256"])
        for row in connection.execute(select(NUMBER_SERIES)).mappings()
    }


def kept_balances(connection: Connection) -> Mapping[str, list[tuple[Mapping[str, Any], BalanceMonth]]]:
    """By contract: each row of a closed month as it is, and as the value that it stands for."""
    found: defaultdict[str, list[tuple[Mapping[str, Any], BalanceMonth]]] = defaultdict(list)
    query = select(CONTRACT_BALANCES).order_by(CONTRACT_BALANCES.c.contract_id, CONTRACT_BALANCES.c.month)
    for row in connection.execute(query).mappings():
        found[row["contract_id"]].append(({**row}, built(BalanceMonth, row)))
    return found


def entry_sums(connection: Connection) -> Iterator[tuple[date, str, int, int]]:
    """What the postings of each kept entry add up to."""
    rows = LEDGER_POSTINGS.c
    query = select(rows.month, rows.entry_id, func.sum(rows.amount_minor), func.sum(rows.amount_home_minor))
    for month, entry_id, minor, home in connection.execute(query.group_by(rows.month, rows.entry_id).order_by(rows.month, rows.entry_id)):
        yield month, entry_id, int(minor), int(home)
