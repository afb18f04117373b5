"""
An invoice or credit note as it is printed and sent: one value that says everything on it, and that adds up or does not exist.

Amounts are minor units of its currency, in the document's own sign: a credit note's amounts are what is given back, above 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import DESCRIPTION_MAX, SUM_MAX, line_net
from scheduler.domain.billing.document_lines import ExemptionReason as Reason
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.logos import check_logo
from scheduler.domain.billing.parties import COUNTRIES
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.billing.totals import totals
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.money import check_currency

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.document_lines import Allowance, DocumentLine, TaxLine
    from scheduler.domain.billing.parties import Party

LINES_MAX = 3_000
NUMBER_MAX = 50
LANGUAGES = ("de", "en", "es", "fr", "it", "nl")
"""Languages in which documents are printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTax:
    """The tax in the firm's own currency, with the rate that made it so."""

    currency: str
    rate: Decimal
    """What one unit of the document's currency is worth in this one."""
    day: date
    source: str
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """An invoice that this document credits or corrects."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """A whole document. Its sums and taxes must be those that ``totals`` makes of its lines and allowances."""

    number: str | None
    """``None`` on a draft: it can be looked at, and never sent as an e-invoice."""
    kind: InvoiceKind
    issued_on: date
    due_on: date | None
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    taxes: tuple[TaxLine, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    allowances: tuple[Allowance, ...] = ()
    period_from: date | None = None
    period_until: date | None = None
    """The last day of the period itself."""
    buyer_reference: str | None = None
    """What the buyer wants to find on it, such as the Leitweg-ID of a German authority."""
    order_reference: str | None = None
    contract_reference: str | None = None
    project_reference: str | None = None
    deliver_to_country: str | None = None
    """Where the service goes, if not to the buyer's country."""
    home: HomeTax | None = None
    retained_minor: int = 0
    """The part of the gross that is held back and due on ``retention_due_on``."""
    retention_due_on: date | None = None
    preceding: tuple[Preceding, ...] = ()
    payment_terms: str | None = None
    language: str = "en"
    intro: str | None = None
    footer: str | None = None
    logo: bytes | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        if self.number is not None:
            object.__setattr__(self, "number", faults.text("/number", self.number, most=NUMBER_MAX))
        for name in ("buyer_reference", "order_reference", "contract_reference", "project_reference"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        for name in ("payment_terms", "intro", "footer"):
            object.__setattr__(self, name, faults.optional_lines(f"/{name}", getattr(self, name), most=DESCRIPTION_MAX))
        check_currency(faults, "/currency", self.currency)
        if self.deliver_to_country is not None and self.deliver_to_country not in COUNTRIES:
            faults.add("/deliver_to_country", "country.invalid", "Give two capital letters such as DE (ISO 3166).")
        if self.language not in LANGUAGES:
            faults.add("/language", "language.unknown", f"Documents are printed in {', '.join(LANGUAGES)}; give one of these.")
        if self.logo is not None:
            check_logo(faults, "/logo", self.logo)
        self._check_days(faults)
        self._check_lines(faults)
        self._check_sums(faults)
        self._check_retention(faults)
        self._check_home(faults)
        faults.raise_any("invoice document")

    def _check_days(self, faults: Faults) -> None:
        if (self.period_from is None) != (self.period_until is None):
            faults.add("/period_until", "invoice.period", "The period has a first and a last day; give both or neither.")
        if self.period_from is not None and self.period_until is not None and self.period_until < self.period_from:
            faults.add("/period_until", "interval.reversed", "The period ends before it begins.")
        if self.due_on is not None and self.due_on < self.issued_on:
            faults.add("/due_on", "invoice.due_before_issue", "It is due before it is issued; give the day of issue or a later one.")

    def _check_lines(self, faults: Faults) -> None:
        if not 1 <= len(self.lines) <= LINES_MAX:
            faults.add(
                "/lines", "invoice.lines", f"A document has 1 to {LINES_MAX} lines, this one {len(self.lines)}; group more, or split it."
            )
        for index, line in enumerate(self.lines):
            if line.position != index + 1:
                faults.add(f"/lines/{index}/position", "invoice.position", f"Lines count from 1 without gaps; this one is {index + 1}.")
            made = line_net(line.unit, line.quantity, line.unit_price, self.currency)
            if line.net_minor != made:
                message = f"The net is {line.net_minor}, but quantity times price is {made} minor units."
                faults.add(f"/lines/{index}/net_minor", "invoice.line_net", message)

    def _check_sums(self, faults: Faults) -> None:
        """What does not add up, or is taxed against the rules of its categories."""
        reasons = {
            tax.category: Reason(text=tax.exemption_reason, code=tax.exemption_code)
            for tax in self.taxes
            if tax.exemption_reason is not None or tax.exemption_code is not None
        }
        try:
            made = totals(self.lines, self.allowances, reasons)
        except DomainError as error:
            faults.add("/taxes", error.code, error.detail)
            return
        tax_minor = sum(tax.tax_minor for tax in self.taxes)
        if not self._are_taxes(made.taxes):
            faults.add("/taxes", "invoice.sums", "The tax lines are not those that the lines and discounts make.")
            tax_minor = made.tax_minor
        sums = {"net_minor": made.net_minor, "tax_minor": tax_minor, "gross_minor": made.net_minor + tax_minor}
        for name, amount_minor in sums.items():
            faults.integer(f"/{name}", getattr(self, name), least=-SUM_MAX, most=SUM_MAX)
            if getattr(self, name) != amount_minor:
                message = f"It says {getattr(self, name)}, but its parts make {amount_minor} minor units."
                faults.add(f"/{name}", "invoice.sums", message)

    def _are_taxes(self, made: tuple[TaxLine, ...]) -> bool:
        """
        Whether the taxes are what the lines make.

        Those of a credit note may differ by a minor unit, as EN 16931 lets them: the credits of parts of an invoice re-add to its taxes, each
        of which was rounded once.
        """
        if self.kind is not InvoiceKind.CREDIT_NOTE or len(made) != len(self.taxes):
            return self.taxes == made
        pairs = zip(self.taxes, made, strict=True)
        return all(abs(own.tax_minor - one.tax_minor) <= 1 and replace(own, tax_minor=one.tax_minor) == one for own, one in pairs)

    def _check_retention(self, faults: Faults) -> None:
        if self.retained_minor and not 0 < self.retained_minor <= self.gross_minor:
            faults.add("/retained_minor", "invoice.retention", "What is held back is a part of the gross: at least 0, at most all of it.")
        if self.retained_minor and self.retention_due_on is None:
            faults.add("/retention_due_on", "invoice.retention", "Say on which day what is held back is due.")

    def _check_home(self, faults: Faults) -> None:
        if self.home is None:
            return
        check_currency(faults, "/home/currency", self.home.currency)
        if self.home.currency == self.currency:
            faults.add("/home/currency", "invoice.home_currency", "The document is in this currency already; leave the home currency out.")

    @property
    def lines_minor(self) -> int:
        """The sum of the lines."""
        return sum(line.net_minor for line in self.lines)

    @property
    def allowances_minor(self) -> int:
        """The sum of the discounts."""
        return sum(allowance.amount_minor for allowance in self.allowances)

    @property
    def payable_minor(self) -> int:
        """What is to be paid: the gross; part of it may be due later."""
        return self.gross_minor

    @property
    def delivery_country(self) -> str:
        """Where the service goes."""
        return self.deliver_to_country or self.buyer.country

    @property
    def is_outside_tax(self) -> bool:
        """Whether nothing on it is subject to tax."""
        return any(tax.category is TaxCategory.OUTSIDE for tax in self.taxes)
