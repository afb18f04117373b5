"""What of a contract stands on invoices that count. Whoever calls this has read the contract, so that its rights were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select

from scheduler.domain.billing.billed_before import BilledLine
from scheduler.domain.billing.invoices import LIVE, InvoiceKind, InvoiceLine, InvoiceState, ItemKind
from scheduler.store.among import among, chunks
from scheduler.store.areas.base import built
from scheduler.store.tables.billing import CHARGES
from scheduler.store.tables.invoices import INVOICE_ALLOWANCES, INVOICE_ITEMS, INVOICE_LINES, INVOICES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

_IS_CREDIT = INVOICES.c.kind == InvoiceKind.CREDIT_NOTE
_COUNTS: ColumnElement[bool] = or_(
    and_(INVOICES.c.kind == InvoiceKind.INVOICE, INVOICES.c.state.in_(sorted(LIVE))),
    # What is to be given back is given back once it is issued, and not before.
    and_(_IS_CREDIT, INVOICES.c.state == InvoiceState.ISSUED),
)


def billed_lines(connection: Connection, contract_id: str) -> tuple[BilledLine, ...]:
    """Lines of the contract on invoices that count, drafts included, and on credit notes that were issued."""
    credited = INVOICE_LINES.alias("credited")
    of_credit = and_(credited.c.invoice_id == INVOICES.c.credits_id, credited.c.position == INVOICE_LINES.c.credits_position)
    query = (
        select(
            INVOICE_LINES, INVOICES.c.state, INVOICES.c.kind.label("of"), credited.c.kind.label("own"), credited.c.trail.label("reasons")
        )
        .join(INVOICES, INVOICES.c.id == INVOICE_LINES.c.invoice_id)
        .outerjoin(credited, of_credit)
        .where(INVOICE_LINES.c.contract_id == contract_id, _COUNTS)
        .order_by(INVOICE_LINES.c.invoice_id, INVOICE_LINES.c.position)
    )
    return tuple(_line(row) for row in connection.execute(query).mappings())


def billed_net(connection: Connection, contract_id: str) -> int:
    """What was billed of the contract and not given back, less discounts; before tax, in minor units of its currency."""
    lines = _net(connection, INVOICE_LINES, INVOICE_LINES.c.net_minor, contract_id)
    return lines - _net(connection, INVOICE_ALLOWANCES, INVOICE_ALLOWANCES.c.amount_minor, contract_id)


def is_invoiced(connection: Connection, contract_id: str) -> bool:
    """Whether anything of the contract stands on an invoice that counts."""
    query = select(INVOICES.c.id).join(INVOICE_LINES, INVOICE_LINES.c.invoice_id == INVOICES.c.id)
    query = query.where(INVOICE_LINES.c.contract_id == contract_id, INVOICES.c.state.in_(sorted(LIVE)))
    return connection.execute(query.limit(1)).first() is not None


def invoiced_clients(connection: Connection, contract_id: str) -> frozenset[str]:
    """To whom invoices that count, and on which something of the contract stands, are written."""
    query = select(INVOICES.c.client_id).join(INVOICE_LINES, INVOICE_LINES.c.invoice_id == INVOICES.c.id)
    query = query.where(INVOICE_LINES.c.contract_id == contract_id, INVOICES.c.state.in_(sorted(LIVE)))
    return frozenset(connection.execute(query.distinct()).scalars())


def billed_charges(connection: Connection, charge_ids: Iterable[str]) -> frozenset[str]:
    """Those of the charges that stand on an invoice that counts."""
    found: set[str] = set()
    for part in chunks(sorted(set(charge_ids))):
        query = select(INVOICE_ITEMS.c.source_id).where(
            INVOICE_ITEMS.c.kind == ItemKind.CHARGE, among(INVOICE_ITEMS.c.source_id, part), INVOICE_ITEMS.c.is_live
        )
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def taken(connection: Connection, contract_id: str) -> frozenset[tuple[ItemKind, str]]:
    """Charges and retainer periods of the contract that stand on an invoice that counts."""
    charges = select(CHARGES.c.id).where(CHARGES.c.contract_id == contract_id)
    prefix = f"{contract_id}:"
    of_contract = or_(
        and_(INVOICE_ITEMS.c.kind == ItemKind.CHARGE, INVOICE_ITEMS.c.source_id.in_(charges)),
        and_(
            INVOICE_ITEMS.c.kind == ItemKind.RETAINER_PERIOD,
            # All that begin with the contract's id and a colon: a semicolon is the character after that.
            INVOICE_ITEMS.c.source_id > prefix,
            INVOICE_ITEMS.c.source_id < f"{contract_id};",
        ),
    )
    query = select(INVOICE_ITEMS.c.kind, INVOICE_ITEMS.c.source_id).where(of_contract, INVOICE_ITEMS.c.is_live)
    return frozenset((kind, source_id) for kind, source_id in connection.execute(query))


def _net(connection: Connection, rows: Any, amount: ColumnElement[int], contract_id: str) -> int:
    signed = case((_IS_CREDIT, -amount), else_=amount)
    query = select(func.coalesce(func.sum(signed), 0)).join(INVOICES, INVOICES.c.id == rows.c.invoice_id)
    return int(connection.execute(query.where(rows.c.contract_id == contract_id, _COUNTS)).scalar_one())


def _line(row: Any) -> BilledLine:
    is_credit = row["of"] is InvoiceKind.CREDIT_NOTE
    trail = row["reasons"] if is_credit and row["reasons"] is not None else row["trail"]
    return BilledLine(
        line=built(InvoiceLine, {name: content for name, content in row.items() if name != "trail"}, trail=tuple(trail)),
        kind=row["own"] if is_credit and row["own"] is not None else row["kind"],
        is_credit=is_credit,
        is_issued=row["state"] is InvoiceState.ISSUED,
    )
