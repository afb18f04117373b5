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
from scheduler.store.history import source
from scheduler.store.invoice_versions import first_recorded
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.invoices import INVOICE_ALLOWANCES, INVOICE_ITEMS, INVOICE_LINES, INVOICE_TAXES, INVOICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy import Connection

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
    shares = read_shares(view)
    taxes: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in view.connection.execute(select(INVOICE_TAXES).order_by(INVOICE_TAXES.c.category, INVOICE_TAXES.c.percent)).mappings():
        taxes[row["invoice_id"]].append((f"{row['category'].value} {row['percent']}", row["tax_minor"]))
    of_invoice: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (invoice_id, contract_id), net in shares.nets.items():
        if not contract_id:
            continue  # of other books: what it billed is in the opening balance of its contract
        of_invoice[invoice_id][contract_id] = net - shares.off.get((invoice_id, contract_id), (0, 0))[0]
    voided = first_recorded(view.connection, INVOICES, TWINS[INVOICES.name].c.state == InvoiceState.VOID)
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


def read_shares(view: View) -> Shares:
    """Of every invoice."""
    heads, of_lines, of_off = (source(table, view.as_of) for table in (INVOICES, INVOICE_LINES, INVOICE_ALLOWANCES))
    lines, off = of_lines.c, of_off.c
    nets: defaultdict[tuple[str, str], int] = defaultdict(int)
    earning: defaultdict[tuple[str, str], int] = defaultdict(int)
    query = select(lines.invoice_id, func.coalesce(lines.contract_id, heads.c.contract_id), lines.kind)
    query = query.select_from(of_lines.join(heads, heads.c.id == lines.invoice_id))
    summed = query.add_columns(func.sum(lines.net_minor)).group_by(*query.selected_columns)
    for invoice_id, contract_id, kind, net in view.connection.execute(summed):
        key = (invoice_id, contract_id or "")
        nets[key] += int(net)
        earning[key] += 0 if kind in _DEPOSITS else int(net)
    discounts = select(off.invoice_id, func.coalesce(off.contract_id, heads.c.contract_id))
    query = discounts.select_from(of_off.join(heads, heads.c.id == off.invoice_id))
    summed = query.add_columns(func.sum(off.amount_minor), func.sum(off.base_minor)).group_by(*query.selected_columns)
    taken = {
        (invoice_id, contract_id or ""): (int(amount), int(base))
        for invoice_id, contract_id, amount, base in view.connection.execute(summed)
    }
    return Shares(nets=nets, earning=earning, off=taken)


def work_on_bills(view: View) -> Mapping[str, tuple[WorkItem, ...]]:
    """By contract: approved work that stands on a bill, drafts included, and what was credited of bills whose work stays billed."""
    shares = read_shares(view)
    of_items, of_lines = source(INVOICE_ITEMS, view.as_of), source(INVOICE_LINES, view.as_of)
    items, lines = of_items.c, of_lines.c
    query = (
        select(items.invoice_id, lines.contract_id, items.kind, items.day, items.net_minor, items.billed_minutes, items.minutes)
        .select_from(of_items.join(of_lines, (lines.invoice_id == items.invoice_id) & (lines.position == items.position)))
        .where(items.is_live, items.kind.in_(list(_WORK)))
        .order_by(items.invoice_id, items.kind, items.source_id)
    )
    groups: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in view.connection.execute(query):
        groups[row.invoice_id, row.contract_id or ""].append(row)
    found: defaultdict[str, list[WorkItem]] = defaultdict(list)
    for (invoice_id, contract_id), rows in groups.items():
        amount, base = shares.off.get((invoice_id, contract_id), (0, 0))
        left = without_discount([row.net_minor for row in rows], discount_minor=amount, base_minor=base)
        found[contract_id] += [
            WorkItem(day=row.day, kind=_WORK[row.kind], amount_minor=net, minutes=row.billed_minutes or row.minutes or 0)
            for row, net in zip(rows, left, strict=True)
        ]
    for contract_id, day, net in _credited(view, shares):
        found[contract_id].append(WorkItem(day=day, kind=LineKind.CORRECTION, amount_minor=-net))
    return {contract_id: tuple(made) for contract_id, made in found.items()}


def _credited(view: View, shares: Shares) -> Iterable[tuple[str, date, int]]:
    """Of credit notes that leave what stands on their invoice billed: contract, day and what of it was earned, discounts taken off."""
    heads, items = source(INVOICES, view.as_of).c, source(INVOICE_ITEMS, view.as_of).c
    live = select(items.invoice_id).where(items.is_live)
    query = select(heads.id, heads.issued_on).where(
        heads.kind == InvoiceKind.CREDIT_NOTE, heads.state == InvoiceState.ISSUED, heads.credits_id.in_(live)
    )
    days = {row.id: row.issued_on for row in view.connection.execute(query)}
    for (invoice_id, contract_id), net in sorted(shares.earning.items()):
        if invoice_id in days:
            yield contract_id, days[invoice_id], net - shares.off.get((invoice_id, contract_id), (0, 0))[0]


def live_claims(view: View, contract_ids: Iterable[str]) -> Mapping[str, frozenset[tuple[ItemKind, str]]]:
    """By contract: charges and retainer periods that stand on an invoice that counts."""
    of_items, of_lines = source(INVOICE_ITEMS, view.as_of), source(INVOICE_LINES, view.as_of)
    items, lines = of_items.c, of_lines.c
    wanted = sorted({one for one in contract_ids if can_be_text(one)})
    query = (
        select(lines.contract_id, items.kind, items.source_id)
        .select_from(of_items.join(of_lines, (lines.invoice_id == items.invoice_id) & (lines.position == items.position)))
        .where(items.is_live, items.kind.not_in(list(_WORK)), lines.contract_id.in_(wanted))
    )
    found: defaultdict[str, set[tuple[ItemKind, str]]] = defaultdict(set)
    for contract_id, kind, source_id in view.connection.execute(query):
        found[contract_id].add((kind, source_id))
    return {contract_id: frozenset(claims) for contract_id, claims in found.items()}


def covered_lines(view: View, contract_ids: Iterable[str]) -> Mapping[str, list[Any]]:
    """By contract: rows of lines of work that was paid for beforehand, on invoices that count."""
    heads, of_lines = source(INVOICES, view.as_of), source(INVOICE_LINES, view.as_of)
    lines = of_lines.c
    wanted = sorted({one for one in contract_ids if can_be_text(one)})
    query = (
        select(*lines)
        .select_from(of_lines.join(heads, heads.c.id == lines.invoice_id))
        .where(lines.kind == LineKind.COVERED, lines.contract_id.in_(wanted), heads.c.state.in_(sorted(LIVE)))
        .where(heads.c.kind == InvoiceKind.INVOICE)
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in view.connection.execute(query).mappings():
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
