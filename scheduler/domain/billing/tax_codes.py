"""Tax codes: which tax is on a line, by the categories of EN 16931 and by day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, duplicates
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.ids import TaxCodeId


class TaxCategory(StrEnum):
    """Categories of UNCL 5305 that EN 16931 knows and that a firm of services needs."""

    STANDARD = "S"
    """VAT, GST or sales tax at a rate."""
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE = "O"
    """Not subject to tax at all; never beside another category."""


NEEDS_REASON = frozenset(TaxCategory) - {TaxCategory.STANDARD, TaxCategory.ZERO}
"""Categories for which an invoice has to say why there is no tax."""
PERCENT_MAX = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A rate in percent, from a day on until the next."""

    valid_from: date
    percent: Decimal

    def __post_init__(self) -> None:
        faults = Faults()
        faults.decimal("/percent", self.percent, least=Decimal(0), most=PERCENT_MAX)
        faults.raise_any("tax rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCode:
    """A tax as the firm names it."""

    id: TaxCodeId
    name: str
    category: TaxCategory
    rates: tuple[TaxRate, ...] = ()
    """Of the standard category: ascending days, put in order here; other categories have none."""
    exemption_code: str | None = None
    """A code of the VATEX list, such as VATEX-EU-AE."""
    exemption_reason: str | None = None
    is_active: bool = True
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        for name in ("exemption_code", "exemption_reason", "external_id"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        object.__setattr__(self, "rates", tuple(sorted(self.rates, key=lambda rate: rate.valid_from)))
        for day in duplicates(rate.valid_from for rate in self.rates):
            faults.add("/rates", "tax.duplicate", f"Two rates begin on {day}; keep one.")
        if (self.category is TaxCategory.STANDARD) != bool(self.rates):
            faults.add("/rates", "tax.rates", "The category S has at least one rate, the others none: their rate is 0.")
        if self.category in NEEDS_REASON and self.exemption_reason is None and self.exemption_code is None:
            faults.add(
                "/exemption_reason", "tax.reason_missing", f"Invoices with category {self.category} say why there is no tax; say it here."
            )
        faults.raise_any("tax code")

    def percent(self, day: date) -> Decimal:
        """The rate on a day. Raises DomainError ``tax.rate_missing`` before the first."""
        if self.category is not TaxCategory.STANDARD:
            return Decimal(0)
        found = [rate.percent for rate in self.rates if rate.valid_from <= day]
        if not found:
            raise DomainError(
                ErrorKind.CONFLICT, "tax.rate_missing", f"{self.name} has no rate on {day}; its first begins {self.rates[0].valid_from}."
            )
        return found[-1]
