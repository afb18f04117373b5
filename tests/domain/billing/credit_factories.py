"""Credits of an invoice's lines: a test says only which and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.crediting import Credits, WantedCredit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.billing.invoice_parts import InvoiceParts


def credits_of(invoice: InvoiceParts, *notes: InvoiceParts, currency: str = "EUR") -> Credits:
    return Credits(invoice, notes, currency=currency)


def minutes(quantity: int, position: int = 1) -> WantedCredit:
    return WantedCredit(position=position, quantity=quantity)


def amount(amount_minor: int, position: int = 1) -> WantedCredit:
    return WantedCredit(position=position, amount_minor=amount_minor)


def whole(position: int) -> WantedCredit:
    return WantedCredit(position=position)


def note_of(invoice: InvoiceParts, *notes: InvoiceParts, wanted: Sequence[WantedCredit] | None) -> InvoiceParts:
    return credits_of(invoice, *notes).credit(wanted)


def in_turn(invoice: InvoiceParts, *steps: Sequence[WantedCredit] | None) -> list[InvoiceParts]:
    """The credit notes of an invoice, each in the light of those before."""
    notes: list[InvoiceParts] = []
    for wanted in steps:
        notes.append(note_of(invoice, *notes, wanted=wanted))
    return notes


def told(note: InvoiceParts) -> list[tuple[int, str, int, int]]:
    """Lines in short: which line they credit, kind, quantity, net."""
    return [(line.credits_position or 0, line.kind.value, line.quantity, line.net_minor) for line in note.lines]


def taxes(note: InvoiceParts) -> list[tuple[str, int, int]]:
    return [(str(tax.rate), tax.net_minor, tax.tax_minor) for tax in note.taxes]
