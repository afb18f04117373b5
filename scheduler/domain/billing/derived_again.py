"""Documents that are derived once more: lines that were left out of a draft stay so, and a credit note gives back what it names."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from scheduler.domain.billing.crediting import Credits, WantedCredit
from scheduler.domain.billing.drafts import without_lines
from scheduler.domain.billing.invoice_parts import summed
from scheduler.domain.billing.invoices import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice, InvoiceLine, ItemKind


def left_out(drafted: InvoiceParts, stored: InvoiceParts) -> tuple[int, ...]:
    """Positions of lines of a draft that are there no longer; lines that read alike are told apart by what stands on them."""
    rest = list(_with_sources(stored))
    out = []
    for line, was in zip(drafted.lines, _with_sources(drafted), strict=True):
        if rest and was == rest[0]:
            rest.pop(0)
        else:
            out.append(line.position)
    return tuple(out)


def as_left(head: Invoice, parts: InvoiceParts, out: Sequence[int], contract: Contract) -> tuple[Invoice, InvoiceParts]:
    """A draft (of ``contract`` alone, or first) without some lines. Raises DomainError like ``without_lines``."""
    left, sums = summed(without_lines(head, parts, out), parts.reasons)
    return head.with_sums(sums, retention=contract.retention, tells_cost=left.tells_cost, period=left.period), left


def credited_again(invoice: InvoiceParts, before: Sequence[InvoiceParts], note: InvoiceParts, *, currency: str) -> InvoiceParts:
    """The credit note of the lines that ``note`` names, after others. Raises DomainError like ``Credits.credit``."""
    wanted = [_wanted(position or 0, tuple(lines)) for position, lines in groupby(note.lines, key=lambda line: line.credits_position)]
    return Credits(invoice, before, currency=currency).credit(wanted)


def _wanted(position: int, lines: Sequence[InvoiceLine]) -> WantedCredit:
    """What was asked for: an amount, a quantity, or (a quantity and what rounding left) all of it."""
    first = lines[0]
    if len(lines) > 1:
        return WantedCredit(position=position)
    if first.kind is LineKind.CORRECTION:
        return WantedCredit(position=position, amount_minor=first.net_minor)
    return WantedCredit(position=position, quantity=first.quantity)


def _with_sources(parts: InvoiceParts) -> Iterator[tuple[InvoiceLine, frozenset[tuple[ItemKind, str]]]]:
    """Each line, whatever its position, with what stands on it."""
    sources: dict[int, set[tuple[ItemKind, str]]] = {line.position: set() for line in parts.lines}
    for item in parts.items:
        sources.setdefault(item.position, set()).add((item.kind, item.source_id))
    for line in parts.lines:
        yield replace(line, position=0), frozenset(sources[line.position])
