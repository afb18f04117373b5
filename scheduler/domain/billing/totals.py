"""
Sums of an invoice: the only place where they are made.

Net = lines - discounts; tax per category and rate on the rounded net; gross = net + tax. All of it is whole minor units, so that what is
printed adds up again, as EN 16931 asks for (BR-CO-10 to 16).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import Allowance, TaxLine
from scheduler.domain.billing.tax_codes import NEEDS_REASON, TaxCategory
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from scheduler.domain.billing.document_lines import DocumentLine, ExemptionReason

_ORDER = {category: place for place, category in enumerate(TaxCategory)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What an invoice adds up to, in minor units."""

    taxes: tuple[TaxLine, ...]
    lines_minor: int
    allowances_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int


def totals(
    lines: Sequence[DocumentLine], allowances: Sequence[Allowance] = (), reasons: Mapping[TaxCategory, ExemptionReason] | None = None
) -> Totals:
    """
    The sums of a document; its taxes by category, then from the highest rate down.

    ``reasons``: why the categories E, AE, K, G and O charge no tax; those that do not occur are passed over.
    Raises DomainError ``tax.reason_missing`` where one is needed and missing, ``tax.outside_with_others``.
    """
    by_tax = _nets(lines)
    for allowance in allowances:
        by_tax[allowance.tax] = by_tax.get(allowance.tax, 0) - allowance.amount_minor
    _refuse_mixed_outside(by_tax)
    taxes = tuple(_tax_line(category, rate, net, reasons or {}) for (category, rate), net in sorted(by_tax.items(), key=_place))
    lines_minor, allowances_minor = sum(line.net_minor for line in lines), sum(allowance.amount_minor for allowance in allowances)
    net_minor, tax_minor = lines_minor - allowances_minor, sum(tax.tax_minor for tax in taxes)
    return Totals(
        taxes=taxes,
        lines_minor=lines_minor,
        allowances_minor=allowances_minor,
        net_minor=net_minor,
        tax_minor=tax_minor,
        gross_minor=net_minor + tax_minor,
    )


def _nets(lines: Iterable[DocumentLine]) -> dict[tuple[TaxCategory, Decimal], int]:
    by_tax: dict[tuple[TaxCategory, Decimal], int] = {}
    for line in lines:
        by_tax[line.tax] = by_tax.get(line.tax, 0) + line.net_minor
    return by_tax


def _place(item: tuple[tuple[TaxCategory, Decimal], int]) -> tuple[int, Decimal]:
    (category, rate), _ = item
    return _ORDER[category], -rate


def _tax_line(category: TaxCategory, rate: Decimal, net: int, reasons: Mapping[TaxCategory, ExemptionReason]) -> TaxLine:
    reason = reasons.get(category) if category in NEEDS_REASON else None
    if reason is None and category in NEEDS_REASON:
        detail = (
            f"Lines of tax category {category.value} say why no tax is charged; give the tax code a reason or a code of the list VATEX."
        )
        raise DomainError(ErrorKind.INVALID, "tax.reason_missing", detail, facts={"category": category.value})
    return TaxLine(
        category=category,
        rate=rate,
        net_minor=net,
        tax_minor=_tax_on(net, rate),
        exemption_reason=reason.text if reason else None,
        exemption_code=reason.code if reason else None,
    )


def _refuse_mixed_outside(by_tax: Iterable[tuple[TaxCategory, Decimal]]) -> None:
    found = {category for category, _ in by_tax}
    if TaxCategory.OUTSIDE in found and len(found) > 1:
        detail = "What is not subject to tax (category O) never stands beside other categories; bill it on an invoice of its own."
        raise DomainError(ErrorKind.INVALID, "tax.outside_with_others", detail)


def line_taxes(lines: Iterable[DocumentLine], allowances: Iterable[Allowance] = ()) -> tuple[int, ...]:
    """
    The tax of each line and then of each discount, below 0, so that each tax's sum is exactly the document's.

    Each gets what the tax on everything up to it is more than the tax on everything before it.
    """
    net_so_far: dict[tuple[TaxCategory, Decimal], int] = {}
    taxes = []
    for tax, net in (*((one.tax, one.net_minor) for one in lines), *((one.tax, -one.amount_minor) for one in allowances)):
        before = net_so_far.get(tax, 0)
        net_so_far[tax] = before + net
        taxes.append(_tax_on(before + net, tax[1]) - _tax_on(before, tax[1]))
    return tuple(taxes)


def _tax_on(net_minor: int, rate: Decimal) -> int:
    return round_half_up(net_minor * Fraction(rate) / 100)


def require_currency(currency: str, others: Iterable[str]) -> None:
    """Everything on a document is in its currency. Raises DomainError ``money.currency_mismatch``."""
    foreign = sorted(set(others) - {currency})
    if foreign:
        detail = f"The invoice is in {currency}, and {', '.join(foreign)} stands on it too; convert at a rate first, or bill it apart."
        facts = {"currency": currency, "others": foreign}
        raise DomainError(ErrorKind.INVALID, "money.currency_mismatch", detail, facts=facts)


def allocate(amount_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """
    The amount in parts as the weights, each at most one minor unit away from its exact share, which add up to it exactly.

    By largest remainder: every part is cut to whole units, and what is left goes to the parts that lost most, earlier ones first.
    Raises ValueError unless every weight is 0 or more and one is above 0.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are 0 or more, and one of them is above 0")
    sign, size = (-1, -amount_minor) if amount_minor < 0 else (1, amount_minor)
    parts = [size * weight // whole for weight in weights]
    lost = sorted(range(len(weights)), key=lambda index: -(size * weights[index] % whole))
    for index in lost[: size - sum(parts)]:
        parts[index] += 1
    return tuple(sign * part for part in parts)


def share_off(lines: Iterable[DocumentLine], *, percent: Decimal, reason: str) -> tuple[Allowance, ...]:
    """A discount in percent: one allowance per tax category and rate, each rounded once; none where the net is not above 0."""
    return tuple(
        Allowance(
            reason=reason,
            base_minor=net,
            percent=percent,
            amount_minor=round_half_up(net * Fraction(percent) / 100),
            tax_category=category,
            tax_rate=rate,
        )
        for (category, rate), net in sorted(_nets(lines).items(), key=_place)
        if net > 0 < percent
    )


def amount_off(lines: Iterable[DocumentLine], *, amount_minor: int, reason: str) -> tuple[Allowance, ...]:
    """
    A fixed discount, spread over the tax categories and rates as their nets, by largest remainder; their sum is exactly the amount.

    Raises DomainError ``invoice.discount_too_large`` where it is more than there is to take off.
    """
    groups = [(tax, net) for tax, net in sorted(_nets(lines).items(), key=_place) if net > 0]
    if amount_minor > sum(net for _, net in groups):
        raise DomainError(
            ErrorKind.INVALID, "invoice.discount_too_large", "The discount is more than what it is taken off; make it smaller."
        )
    if amount_minor == 0:
        return ()
    parts = allocate(amount_minor, [net for _, net in groups])
    return tuple(
        Allowance(reason=reason, base_minor=net, percent=None, amount_minor=part, tax_category=category, tax_rate=rate)
        for ((category, rate), net), part in zip(groups, parts, strict=True)
        if part
    )
