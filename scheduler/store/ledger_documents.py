"""Issued documents as the books take them, and the work that stands on bills."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from scheduler.domain.billing.books import BilledDocument
from scheduler.domain.billing.carrying import without_discount
from scheduler.domain.billing.earning import WorkItem
from scheduler.domain.billing.invoices import LIVE, InvoiceKind, InvoiceState, ItemKind, LineKind
from scheduler.domain.billing.receivables import BilledWork
from scheduler.store.columns import can_be_text
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.invoices import INVOICE_ALLOWANCES, INVOICE_ITEMS, INVOICE_LINES, INVOICE_TAXES, INVOICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection, Select

    from scheduler.domain.billing.invoices import Invoice
    from scheduler.store.view import View

_WORK = {ItemKind.TIME_ENTRY: LineKind.TIME, ItemKind.EXPENSE: LineKind.EXPENSE}
_DEPOSITS = (LineKind.DEPOSIT, LineKind.DEPOSIT_DRAW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What of each invoice is each contract's, by the ids of both; amounts in minor units."""

    nets: Mapping[tuple[str, str], int]
    """Lines."""
    earning: Mapping[tuple[str, str], int]
    """Lines without deposits and what is drawn of them."""
    off: Mapping[tuple[str, str], tuple[int, int]]
    """Discount, and the sum of the lines that it is on."""


def billed_documents(view: View) -> tuple[BilledDocument, ...]:
    """All invoices and credit notes that were issued, in order of their days; the view sees everything."""
    heads: tuple[Invoice, ...] = view.area("invoices").selected(lambda rows: [rows.c.state.in_([InvoiceState.ISSUED, InvoiceState.VOID])])
    shares = read_shares(view.connection)
    taxes: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in view.connection.execute(select(INVOICE_TAXES).order_by(INVOICE_TAXES.c.category, INVOICE_TAXES.c.percent)).mappings():
        taxes[row["invoice_id"]].append((f"{row['category'].value} {row['percent']}", row["tax_minor"]))
    of_invoice: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (invoice_id, contract_id), net in shares.nets.items():
        if not contract_id:
            continue  # of other books: what it billed is in the opening balance of its contract
        of_invoice[invoice_id][contract_id] = net - shares.off.get((invoice_id, contract_id), (0, 0))[0]
    voided = _voided_at(view.connection)
    clients = {one.id: one.name for one in view.clients.all()}
    found = [
        BilledDocument(
            head=head,
            nets=of_invoice[head.id],
            taxes=tuple(taxes[head.id]),
            voided_at=voided.get(head.id) if head.state is InvoiceState.VOID else None,
            client=clients.get(head.client_id),
        )
        for head in heads
    ]
    return tuple(sorted(found, key=lambda one: (one.issued_on, one.head.id)))


def read_shares(connection: Connection) -> Shares:
    """Of every invoice."""
    lines, off = INVOICE_LINES.c, INVOICE_ALLOWANCES.c
    nets: defaultdict[tuple[str, str], int] = defaultdict(int)
    earning: defaultdict[tuple[str, str], int] = defaultdict(int)
    query = _with_contract(select(lines.invoice_id, func.coalesce(lines.contract_id, INVOICES.c.contract_id), lines.kind), lines)
    summed = query.add_columns(func.sum(lines.net_minor)).group_by(*query.selected_columns)
    for invoice_id, contract_id, kind, net in connection.execute(summed):
        key = (invoice_id, contract_id or "")
        nets[key] += int(net)
        earning[key] += 0 if kind in _DEPOSITS else int(net)
    query = _with_contract(select(off.invoice_id, func.coalesce(off.contract_id, INVOICES.c.contract_id)), off)
    summed = query.add_columns(func.sum(off.amount_minor), func.sum(off.base_minor)).group_by(*query.selected_columns)
    taken = {
        (invoice_id, contract_id or ""): (int(amount), int(base)) for invoice_id, contract_id, amount, base in connection.execute(summed)
    }
    return Shares(nets=nets, earning=earning, off=taken)


def work_on_bills(connection: Connection) -> Mapping[str, tuple[WorkItem, ...]]:
    """By contract: approved work that stands on a bill, drafts included, and what was credited of bills whose work stays billed."""
    shares = read_shares(connection)
    items, lines = INVOICE_ITEMS.c, INVOICE_LINES.c
    query = (
        select(items.invoice_id, lines.contract_id, items.kind, items.day, items.net_minor, items.billed_minutes, items.minutes)
        .join(INVOICE_LINES, (lines.invoice_id == items.invoice_id) & (lines.position == items.position))
        .where(items.is_live, items.kind.in_(list(_WORK)))
        .order_by(items.invoice_id, items.kind, items.source_id)
    )
    groups: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        groups[row.invoice_id, row.contract_id or ""].append(row)
    found: defaultdict[str, list[WorkItem]] = defaultdict(list)
    for (invoice_id, contract_id), rows in groups.items():
        amount, base = shares.off.get((invoice_id, contract_id), (0, 0))
        left = without_discount([row.net_minor for row in rows], discount_minor=amount, base_minor=base)
        found[contract_id] += [
            WorkItem(day=row.day, kind=_WORK[row.kind], amount_minor=net, minutes=row.billed_minutes or row.minutes or 0)
            for row, net in zip(rows, left, strict=True)
        ]
    for contract_id, day, net in _credited(connection, shares):
        found[contract_id].append(WorkItem(day=day, kind=LineKind.CORRECTION, amount_minor=-net))
    return {contract_id: tuple(made) for contract_id, made in found.items()}


def _credited(connection: Connection, shares: Shares) -> Iterable[tuple[str, date, int]]:
    """Of credit notes that leave what stands on their invoice billed: contract, day and what of it was earned, discounts taken off."""
    live = select(INVOICE_ITEMS.c.invoice_id).where(INVOICE_ITEMS.c.is_live)
    query = select(INVOICES.c.id, INVOICES.c.issued_on).where(
        INVOICES.c.kind == InvoiceKind.CREDIT_NOTE, INVOICES.c.state == InvoiceState.ISSUED, INVOICES.c.credits_id.in_(live)
    )
    days = {row.id: row.issued_on for row in connection.execute(query)}
    for (invoice_id, contract_id), net in sorted(shares.earning.items()):
        if invoice_id in days:
            yield contract_id, days[invoice_id], net - shares.off.get((invoice_id, contract_id), (0, 0))[0]


def live_claims(connection: Connection, contract_ids: Iterable[str]) -> Mapping[str, frozenset[tuple[ItemKind, str]]]:
    """By contract: charges and retainer periods that stand on an invoice that counts."""
    items, lines = INVOICE_ITEMS.c, INVOICE_LINES.c
    wanted = sorted({one for one in contract_ids if can_be_text(one)})
    query = (
        select(lines.contract_id, items.kind, items.source_id)
        .join(INVOICE_LINES, (lines.invoice_id == items.invoice_id) & (lines.position == items.position))
        .where(items.is_live, items.kind.not_in(list(_WORK)), lines.contract_id.in_(wanted))
    )
    found: defaultdict[str, set[tuple[ItemKind, str]]] = defaultdict(set)
    for contract_id, kind, source_id in connection.execute(query):
        found[contract_id].add((kind, source_id))
    return {contract_id: frozenset(claims) for contract_id, claims in found.items()}


def covered_lines(connection: Connection, contract_ids: Iterable[str]) -> Mapping[str, list[Any]]:
    """By contract: rows of lines of work that was paid for beforehand, on invoices that count."""
    lines = INVOICE_LINES.c
    wanted = sorted({one for one in contract_ids if can_be_text(one)})
    query = (
        select(*lines)
        .join(INVOICES, INVOICES.c.id == lines.invoice_id)
        .where(lines.kind == LineKind.COVERED, lines.contract_id.in_(wanted), INVOICES.c.state.in_(sorted(LIVE)))
        .where(INVOICES.c.kind == InvoiceKind.INVOICE)
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["contract_id"]].append(row)
    return found


def work_to_bill(connection: Connection, *, first: date, last: date, with_costs: bool) -> Mapping[tuple[str, str], list[BilledWork]]:
    """
    By client and currency: time and expenses on invoices that were issued from one day to another, and count.

    Without ``with_costs`` those from which costs follow are left out.
    """
    query = (
        select(INVOICES.c.client_id, INVOICES.c.currency, INVOICES.c.issued_on, INVOICE_ITEMS.c.day, INVOICE_ITEMS.c.net_minor)
        .join(INVOICES, INVOICES.c.id == INVOICE_ITEMS.c.invoice_id)
        .where(INVOICES.c.kind == InvoiceKind.INVOICE, INVOICES.c.state == InvoiceState.ISSUED)
        .where(INVOICES.c.issued_on >= first, INVOICES.c.issued_on <= last, INVOICE_ITEMS.c.kind.in_(list(_WORK)))
    )
    if not with_costs:
        query = query.where(INVOICES.c.needs == "")
    found: defaultdict[tuple[str, str], list[BilledWork]] = defaultdict(list)
    for row in connection.execute(query):
        work = BilledWork(work_date=row.day, issued_on=row.issued_on, amount_minor=row.net_minor)
        found[row.client_id, row.currency].append(work)
    return found


def _with_contract(query: Select[Any], columns: Any) -> Select[Any]:
    return query.join(INVOICES, INVOICES.c.id == columns.invoice_id)


def _voided_at(connection: Connection) -> Mapping[str, datetime]:
    """When each void invoice was made so, from the versions of its head."""
    twin = TWINS[INVOICES.name].c
    query = select(twin.id, func.min(twin.recorded_from).label("at")).where(twin.state == InvoiceState.VOID).group_by(twin.id)
    return {row.id: row.at for row in connection.execute(query)}
