"""
What an invoice consists of: lines, discounts on the whole document, and its tax by category and rate.

Everything is in the document's currency and in its own sign: the lines of a credit note are what is given back, above 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.tax_codes import PERCENT_MAX, TaxCategory
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.money import exponent, round_half_up

if TYPE_CHECKING:
    from datetime import date

DESCRIPTION_MAX = 2_000
PRICE_MAX = Decimal(1_000_000_000_000)
QUANTITY_MAX = 1_000_000_000
SUM_MAX = 10**15
"""Largest sum in minor units of any currency."""
LINE_BREAKS = frozenset("\x00\n\t")
"""Characters that a text of several lines may have; NUL has its own fault."""
_EXEMPTION_CODE = re.compile(r"VATEX-[A-Z]{2}-[0-9A-Z-]{1,20}")


class LineUnit(StrEnum):
    """What a line counts."""

    MINUTE = "minute"
    """Its price is that of an hour."""
    PIECE = "piece"


def check_tax(faults: Faults, category: TaxCategory, rate: Decimal) -> None:
    """Standard rated is above 0 %; every other category is 0 %."""
    faults.decimal("/tax_rate", rate, least=Decimal(0), most=PERCENT_MAX)
    if rate.is_finite() and (rate > 0) != (category is TaxCategory.STANDARD):
        message = "Only category S has a rate, and it is above 0; a rate of 0 is Z, or E, AE, K, G or O with their reason."
        faults.add("/tax_rate", "tax.rate_of_category", message)


def line_net(unit: LineUnit, quantity: int, unit_price: Decimal, currency: str) -> int:
    """What so many minutes at a price per hour, or pieces at a price per piece, make in minor units; rounded once, half away from zero."""
    per_hour = 60 if unit is LineUnit.MINUTE else 1
    return round_half_up(quantity * Fraction(unit_price) * 10 ** exponent(currency) / per_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line. Its net is what its printed quantity times its printed price make."""

    position: int
    """From 1 on, without gaps."""
    description: str
    unit: LineUnit
    quantity: int
    """Whole minutes or pieces; below 0 where something billed before is taken off again, such as a deposit that is drawn."""
    unit_price: Decimal
    """Per hour or per piece, in main units of the currency."""
    net_minor: int
    tax_category: TaxCategory
    tax_rate: Decimal
    """In percent, such as 19."""
    service_from: date | None = None
    service_until: date | None = None
    """The last day of service itself."""
    note: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        description = self.description.replace("\r\n", "\n")
        object.__setattr__(self, "description", faults.text("/description", description, most=DESCRIPTION_MAX, borne=LINE_BREAKS))
        object.__setattr__(self, "note", faults.optional_lines("/note", self.note, most=DESCRIPTION_MAX))
        faults.integer("/position", self.position, least=1)
        faults.integer("/net_minor", self.net_minor, least=-SUM_MAX, most=SUM_MAX)
        faults.integer("/quantity", self.quantity, least=-QUANTITY_MAX, most=QUANTITY_MAX)
        faults.decimal("/unit_price", self.unit_price, least=Decimal(0), most=PRICE_MAX)
        check_tax(faults, self.tax_category, self.tax_rate)
        if self.service_from is not None and self.service_until is not None and self.service_until < self.service_from:
            faults.add("/service_until", "interval.reversed", "The service ends before it begins.")
        faults.raise_any("invoice line")

    @property
    def tax(self) -> tuple[TaxCategory, Decimal]:
        """What its tax is grouped by."""
        return self.tax_category, self.tax_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A discount on the document, as far as it falls on one tax category and rate."""

    reason: str
    base_minor: int
    percent: Decimal | None
    """``None`` for a fixed amount; otherwise the amount is this share of the base, rounded once, half up."""
    amount_minor: int
    tax_category: TaxCategory
    tax_rate: Decimal

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "reason", faults.text("/reason", self.reason))
        check_tax(faults, self.tax_category, self.tax_rate)
        faults.integer("/amount_minor", self.amount_minor, least=0, most=SUM_MAX)
        faults.integer("/base_minor", self.base_minor, least=0, most=SUM_MAX)
        if self.percent is not None:
            faults.decimal("/percent", self.percent, least=Decimal(0), most=PERCENT_MAX)
            if self.percent.is_finite() and self.amount_minor != round_half_up(self.base_minor * Fraction(self.percent) / 100):
                faults.add("/amount_minor", "invoice.sums", "The discount is not its share of its base.")
        faults.raise_any("discount")

    @property
    def tax(self) -> tuple[TaxCategory, Decimal]:
        """What its tax is grouped by."""
        return self.tax_category, self.tax_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionReason:
    """Why a category charges no tax: in words, by a code of the list VATEX, or both."""

    text: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("text", "code"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        if self.text is None and self.code is None:
            faults.add("/text", "tax.reason_missing", "Say in words why no tax is charged, or give a code of the list VATEX.")
        if self.code is not None and not _EXEMPTION_CODE.fullmatch(self.code):
            faults.add("/code", "tax.reason_code", "A code of the list VATEX looks like VATEX-EU-AE.")
        faults.raise_any("exemption reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """The tax on all lines of one category and rate: the rate on their rounded net, rounded once, half up."""

    category: TaxCategory
    rate: Decimal
    net_minor: int
    tax_minor: int
    exemption_reason: str | None = None
    exemption_code: str | None = None
