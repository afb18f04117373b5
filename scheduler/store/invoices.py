"""
What belongs to invoices beside their heads: lines, discounts, taxes, what stands on them, files, payments, and credit notes that count.

Whoever calls this has read the head, so that its rights were asked for.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from scheduler.domain.billing.crediting import Credits
from scheduler.domain.billing.document_lines import TaxLine
from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts
from scheduler.domain.billing.invoices import LIVE, InvoiceItem, InvoiceLine, InvoiceState, ItemKind
from scheduler.domain.billing.settlement import Settlement, settlement
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.store.among import among, chunks
from scheduler.store.areas.base import built, plain
from scheduler.store.columns import can_be_text
from scheduler.store.tables.invoices import (
    INVOICE_ALLOWANCES,
    INVOICE_FILES,
    INVOICE_ITEMS,
    INVOICE_LINES,
    INVOICE_TAXES,
    INVOICES,
    PAYMENTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scheduler.domain.billing.invoices import Invoice

_NAMED_AT_MOST = 5
_CATEGORIES = tuple(TaxCategory)
Claim = tuple[ItemKind, str]
"""What can stand on an invoice: a kind and an id."""


class InvoiceReader:
    """What belongs to invoices."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def parts(self, invoice_id: str) -> InvoiceParts:
        """Everything of an invoice but its head."""
        lines = self._rows(INVOICE_LINES, invoice_id, "position")
        taxes = (_tax_line(row) for row in self._rows(INVOICE_TAXES, invoice_id, "category"))
        return InvoiceParts(
            lines=tuple(built(InvoiceLine, {**row, "trail": tuple(row["trail"])}) for row in lines),
            allowances=tuple(built(InvoiceAllowance, row) for row in self._rows(INVOICE_ALLOWANCES, invoice_id, "position")),
            taxes=tuple(sorted(taxes, key=lambda tax: (_CATEGORIES.index(tax.category), -tax.rate))),
            items=tuple(built(InvoiceItem, row) for row in self._rows(INVOICE_ITEMS, invoice_id, "position", "kind", "source_id")),
        )

    def counting_notes(self, invoice_id: str, *, states: frozenset[InvoiceState] = LIVE) -> tuple[str, ...]:
        """Ids of the credit notes of an invoice that count: drafted, approved or issued; in their order."""
        query = select(INVOICES.c.id).where(INVOICES.c.credits_id == invoice_id, INVOICES.c.state.in_(sorted(states)))
        return tuple(self._connection.execute(query.order_by(INVOICES.c.created_at, INVOICES.c.id)).scalars())

    def issued_notes(self, invoice_id: str) -> tuple[str, ...]:
        """Ids of the credit notes of an invoice that were issued and count."""
        return self.counting_notes(invoice_id, states=frozenset({InvoiceState.ISSUED}))

    def is_all_credited(self, invoice: Invoice, notes: Iterable[str]) -> bool:
        """Whether these credit notes leave nothing of the invoice."""
        credited = [self.parts(note) for note in dict.fromkeys(notes)]
        return Credits(self.parts(invoice.id), credited, currency=invoice.currency).left.is_nothing

    def issued_within(self, first: date, last: date) -> tuple[str, ...]:
        """Ids of what was issued from a day to another, both included."""
        query = select(INVOICES.c.id).where(INVOICES.c.issued_on.between(first, last)).order_by(INVOICES.c.issued_on, INVOICES.c.id)
        return tuple(self._connection.execute(query).scalars())

    def settlements(self, invoices: Iterable[Invoice]) -> Mapping[str, Settlement]:
        """What became of those that are issued."""
        issued = {one.id: one for one in invoices if one.state is InvoiceState.ISSUED}
        credited: dict[str, int] = defaultdict(int)
        payments: dict[str, list[Any]] = defaultdict(list)
        for part in chunks(sorted(issued)):
            notes = select(INVOICES.c.credits_id, func.sum(INVOICES.c.gross_minor)).where(
                among(INVOICES.c.credits_id, part), INVOICES.c.state == InvoiceState.ISSUED
            )
            for invoice_id, gross in self._connection.execute(notes.group_by(INVOICES.c.credits_id)):
                credited[invoice_id] = int(gross)
            sums = select(PAYMENTS.c.invoice_id, PAYMENTS.c.kind, func.sum(PAYMENTS.c.amount_minor)).where(
                among(PAYMENTS.c.invoice_id, part)
            )
            for invoice_id, kind, amount in self._connection.execute(sums.group_by(PAYMENTS.c.invoice_id, PAYMENTS.c.kind)):
                payments[invoice_id].append((kind, int(amount)))
        return {
            one_id: settlement(
                one.gross_minor,
                credited_minor=credited[one_id],
                payments=payments[one_id],
                paid_before_minor=one.paid_before_minor,
            )
            for one_id, one in issued.items()
        }

    def files(self, invoice_id: str) -> Mapping[str, str]:
        """The hashes of an invoice's files, by kind."""
        query = select(INVOICE_FILES.c.kind, INVOICE_FILES.c.sha256).where(INVOICE_FILES.c.invoice_id == invoice_id)
        return {row.kind: row.sha256 for row in self._connection.execute(query.order_by(INVOICE_FILES.c.kind))}

    def file(self, invoice_id: str, kind: str) -> bytes | None:
        """A file as it was issued."""
        if not can_be_text(kind):
            return None
        query = select(INVOICE_FILES.c.content).where(INVOICE_FILES.c.invoice_id == invoice_id, INVOICE_FILES.c.kind == kind)
        return self._connection.execute(query).scalar_one_or_none()

    def claimed_by(self, claims: Iterable[Claim]) -> Mapping[Claim, tuple[str, str | None]]:
        """Which of the things stand on an invoice that counts: its id, and its number where it has one."""
        ids: dict[ItemKind, list[str]] = defaultdict(list)
        for kind, source_id in claims:
            ids[kind].append(source_id)
        found = {}
        for kind, sources in ids.items():
            for part in chunks(sorted(set(sources))):
                query = (
                    select(INVOICE_ITEMS.c.source_id, INVOICES.c.id, INVOICES.c.number)
                    .join(INVOICES, INVOICES.c.id == INVOICE_ITEMS.c.invoice_id)
                    .where(INVOICE_ITEMS.c.kind == kind, among(INVOICE_ITEMS.c.source_id, part), INVOICE_ITEMS.c.is_live)
                )
                found.update({(kind, source_id): (invoice_id, number) for source_id, invoice_id, number in self._connection.execute(query)})
        return found

    def _rows(self, table: Any, invoice_id: str, *order: str) -> Sequence[Mapping[Any, Any]]:
        query = select(table).where(table.c.invoice_id == invoice_id).order_by(*(table.c[name] for name in order))
        return self._connection.execute(query).mappings().all()


class InvoiceRows(InvoiceReader):
    """The same in a write transaction."""

    def put(self, invoice_id: str, parts: InvoiceParts) -> None:
        """Keep the parts of a new invoice, and claim what stands on it. Raises DomainError ``entry.already_billed``."""
        self._insert(
            INVOICE_LINES, [{**plain(line, INVOICE_LINES), "invoice_id": invoice_id, "trail": list(line.trail)} for line in parts.lines]
        )
        numbered = enumerate(parts.allowances, start=1)
        self._insert(
            INVOICE_ALLOWANCES,
            [{**plain(one, INVOICE_ALLOWANCES), "invoice_id": invoice_id, "position": position} for position, one in numbered],
        )
        self._insert(INVOICE_TAXES, [_tax_row(invoice_id, tax) for tax in parts.taxes])
        self._claim(invoice_id, parts.items)

    def replace(self, invoice_id: str, parts: InvoiceParts) -> None:
        """Put other parts in the place of those of a draft; what stood on it and does no longer can be billed again."""
        for table in (INVOICE_ITEMS, INVOICE_TAXES, INVOICE_ALLOWANCES, INVOICE_LINES):
            self._connection.execute(delete(table).where(table.c.invoice_id == invoice_id))
        self.put(invoice_id, parts)

    def release(self, invoice_id: str) -> None:
        """What stands on the invoice can be billed again."""
        mine = INVOICE_ITEMS.c.invoice_id == invoice_id
        self._connection.execute(update(INVOICE_ITEMS).where(mine, INVOICE_ITEMS.c.is_live).values(is_live=False))

    def claim_again(self, invoice_id: str) -> None:
        """What stood on the invoice does so again. Raises DomainError ``entry.already_billed`` where it is billed elsewhere by now."""
        mine = INVOICE_ITEMS.c.invoice_id == invoice_id
        try:
            with self._connection.begin_nested():
                self._connection.execute(update(INVOICE_ITEMS).where(mine).values(is_live=True))
        except IntegrityError as error:
            query = select(INVOICE_ITEMS.c.kind, INVOICE_ITEMS.c.source_id).where(mine)
            raise already_billed(self.claimed_by([(kind, source) for kind, source in self._connection.execute(query)])) from error

    def keep_files(self, invoice_id: str, files: Mapping[str, bytes]) -> None:
        """Keep the files of an invoice that is being issued."""
        rows = [
            {"invoice_id": invoice_id, "kind": kind, "sha256": hashlib.sha256(content).hexdigest(), "content": content}
            for kind, content in sorted(files.items())
        ]
        self._insert(INVOICE_FILES, rows)

    def _claim(self, invoice_id: str, items: Sequence[InvoiceItem]) -> None:
        """In one order, so that of two who claim the same things one waits for the other."""
        if not items:
            return
        dialect: Any = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        rows = [{**plain(item, INVOICE_ITEMS), "invoice_id": invoice_id, "is_live": True} for item in items]
        rows.sort(key=lambda row: (row["kind"], row["source_id"]))
        self._connection.execute(dialect.insert(INVOICE_ITEMS).on_conflict_do_nothing(), rows)
        count = select(func.count()).select_from(INVOICE_ITEMS).where(INVOICE_ITEMS.c.invoice_id == invoice_id)
        if self._connection.execute(count).scalar_one() != len(items):
            claims = [(item.kind, item.source_id) for item in items]
            elsewhere = {claim: where for claim, where in self.claimed_by(claims).items() if where[0] != invoice_id}
            raise already_billed(elsewhere)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)


def already_billed(where: Mapping[Claim, tuple[str, str | None]], pointers: Mapping[Claim, str] | None = None) -> DomainError:
    """Things stand on another invoice that counts; ``pointers``: where in what was sent each is named."""
    told = list(where.items())[:_NAMED_AT_MOST]
    faults = tuple(
        Fault(
            pointer=(pointers or {}).get(claim, ""),
            code="entry.already_billed",
            message=f"It stands on {f'invoice {number}' if number else 'a draft'} ({invoice_id}) already.",
        )
        for claim, (invoice_id, number) in told
    )
    facts = {"count": len(where), "items": [{"kind": kind.value, "id": source, "invoice_id": at[0]} for (kind, source), at in told]}
    detail = "What is to be billed stands on another invoice already. Leave it out, or cancel, void or credit that invoice first."
    return DomainError(ErrorKind.CONFLICT, "entry.already_billed", detail, faults, facts)


def _tax_line(row: Mapping[Any, Any]) -> TaxLine:
    return built(TaxLine, {**row, "rate": row["percent"]})


def _tax_row(invoice_id: str, tax: TaxLine) -> dict[str, Any]:
    own = {"category": tax.category, "percent": tax.rate}
    return {**plain(tax, INVOICE_TAXES), **own, "invoice_id": invoice_id}
