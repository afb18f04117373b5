"""What of a contract counts already, read from the lines of its live invoices and of their credit notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.contract_work import BilledBefore
from scheduler.domain.billing.invoices import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from scheduler.domain.billing.invoices import InvoiceLine
    from scheduler.domain.billing.tax_codes import TaxCategory

CAPPED = frozenset({LineKind.TIME, LineKind.EXPENSE, LineKind.CAP})
"""Lines that count towards a cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """A line that counts."""

    line: InvoiceLine
    """Of a credit note: with the amount that it gives back, and the trail of the line that it credits."""
    kind: LineKind
    """Of a credit note: of the line that it credits."""
    is_credit: bool = False
    is_issued: bool = True


def billed_before(lines: Iterable[BilledLine]) -> BilledBefore:
    """What the lines come to."""
    capped = deposits = drawn = 0
    minutes: dict[str, int] = {}
    taxes: dict[str, tuple[TaxCategory, Decimal]] = {}
    for one in lines:
        sign = -1 if one.is_credit else 1
        amount = sign * one.line.net_minor
        if one.kind in CAPPED:
            capped += amount
        elif one.kind is LineKind.DEPOSIT and one.is_issued:
            deposits += amount
            taxes |= {charge_id: (one.line.tax_category, one.line.tax_percent) for charge_id in _charges(one.line) if not one.is_credit}
        elif one.kind is LineKind.DEPOSIT_DRAW:
            drawn -= amount
        elif one.kind is LineKind.COVERED:
            cover = _cover(one.line)
            minutes[cover] = minutes.get(cover, 0) + sign * one.line.quantity
    return BilledBefore(capped_minor=capped, deposits_minor=deposits, deposit_taxes=taxes, drawn_minor=drawn, covered_minutes=minutes)


def _charges(line: InvoiceLine) -> Iterator[str]:
    """The charge that a line is for."""
    return (str(step["row"]["id"]) for step in line.trail if step["row"]["kind"] == "charge")


def _cover(line: InvoiceLine) -> str:
    """Which block or month paid for the work of a line. Raises ValueError for a line that is none of such work."""
    for step in line.trail:
        if step["rule"] == "covered":
            return str(step["figures"]["cover"])
    raise ValueError(f"line {line.position} says of nothing that it had paid for it")
