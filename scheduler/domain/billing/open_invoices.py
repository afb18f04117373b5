"""
Invoices that other books issued and that are still to be paid: taken over as they are, so that clients owe them here.

What they billed stands in those books: here they are no revenue, and bill nothing of a contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import SUM_MAX, LineUnit, TaxLine
from scheduler.domain.billing.documents import NUMBER_MAX
from scheduler.domain.billing.invoice_parts import InvoiceParts
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceState, LineKind
from scheduler.domain.billing.tax_codes import PERCENT_MAX, TaxCategory
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.money import check_currency, exponent, round_half_up

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.ids import ClientId, InvoiceId, LegalEntityId

PERCENT_PLACES = 4
"""Decimals with which percents are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """What other books say of an invoice; amounts in minor units of its currency."""

    id: InvoiceId
    number: str
    """As it is printed."""
    legal_entity_id: LegalEntityId
    client_id: ClientId
    currency: str
    issued_on: date
    due_on: date
    taken_over_on: date
    """The first day of these books: what was paid before it is no longer open, what is paid from it on is recorded here."""
    net_minor: int
    gross_minor: int
    open_minor: int
    tax_percent: Decimal | None = None
    """Where it is not given: what share of the net the tax is."""
    retained_minor: int = 0
    """The part of what is open that is due on ``retention_due_on``."""
    retention_due_on: date | None = None
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "number", faults.text("/number", self.number, most=NUMBER_MAX))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        check_currency(faults, "/currency", self.currency)
        self._check_days(faults)
        if self.gross_minor <= 0:
            message = "Only what a client owes is taken over, with a gross above 0; take a credit note off what is open of its invoice."
            faults.add("/gross_minor", "open_invoice.credit_note", message)
        else:
            self._check_amounts(faults)
        faults.raise_any("open invoice")

    def _check_days(self, faults: Faults) -> None:
        if self.due_on < self.issued_on:
            faults.add("/due_on", "invoice.due_before_issue", "It is due before it is issued; give the day of issue or a later one.")
        if self.taken_over_on < self.issued_on:
            message = f"It was issued on {self.issued_on}; what is issued from {self.taken_over_on} on is issued here, and not taken over."
            faults.add("/taken_over_on", "open_invoice.issued_later", message)

    def _check_amounts(self, faults: Faults) -> None:
        for name in ("net_minor", "gross_minor"):
            faults.integer(f"/{name}", getattr(self, name), least=1, most=SUM_MAX)
        if not 0 <= self.open_minor <= self.gross_minor:
            message = f"What is open is at least 0 and at most the gross, {self.gross_minor} minor units; this is {self.open_minor}."
            faults.add("/open_minor", "open_invoice.open", message)
        if not 0 <= self.tax_minor <= self.net_minor:
            message = f"Net and gross leave a tax of {self.tax_minor} minor units; it is at least 0 and at most the net. Correct them."
            faults.add("/net_minor", "invoice.sums", message)
        elif self.net_minor > 0:
            self._check_percent(faults)
        self._check_retention(faults)

    def _check_percent(self, faults: Faults) -> None:
        if self.tax_percent is None:
            object.__setattr__(self, "tax_percent", percent_of(self.net_minor, self.tax_minor))
            return
        faults.decimal("/tax_percent", self.tax_percent, least=Decimal(0), most=PERCENT_MAX)
        if not is_tax(self.net_minor, self.tax_percent, self.tax_minor):
            made = round_half_up(self.net_minor * Fraction(self.tax_percent) / 100)
            message = (
                f"Net and gross leave a tax of {self.tax_minor}, but {self.tax_percent} % of the net is {made} minor units; correct"
                " it, or leave the percent out where the invoice has several."
            )
            faults.add("/tax_percent", "invoice.sums", message)

    def _check_retention(self, faults: Faults) -> None:
        if not 0 <= self.retained_minor <= max(0, self.open_minor):
            message = "What is held back is a part of what is open: at least 0, at most all of it."
            faults.add("/retained_minor", "invoice.retention", message)
        if self.retained_minor and (self.retention_due_on is None or self.retention_due_on <= self.taken_over_on):
            message = f"Say on which day after {self.taken_over_on} what is held back is due; what is due by then is not held back."
            faults.add("/retention_due_on", "invoice.retention", message)

    @property
    def tax_minor(self) -> int:
        """What is between net and gross."""
        return self.gross_minor - self.net_minor

    @classmethod
    def of(cls, invoice: Invoice, parts: InvoiceParts) -> OpenInvoice:
        """What was taken over, from what is kept of it."""
        assert invoice.number is not None
        assert invoice.issued_on is not None
        assert invoice.due_on is not None
        assert invoice.taken_over_on is not None
        return cls(
            id=invoice.id,
            number=invoice.number,
            legal_entity_id=invoice.legal_entity_id,
            client_id=invoice.client_id,
            currency=invoice.currency,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            taken_over_on=invoice.taken_over_on,
            net_minor=invoice.net_minor,
            gross_minor=invoice.gross_minor,
            open_minor=invoice.gross_minor - invoice.paid_before_minor,
            tax_percent=parts.lines[0].tax_percent,
            retained_minor=invoice.retained_minor,
            retention_due_on=invoice.retention_due_on,
            external_id=invoice.external_id,
            version=invoice.version,
        )

    def as_issued(self, *, home_currency: str, now: datetime) -> tuple[Invoice, InvoiceParts]:
        """The issued document that stands for it, and its one line; rate and hash are not in it yet."""
        assert self.tax_percent is not None
        category = TaxCategory.STANDARD if self.tax_minor else TaxCategory.ZERO
        invoice = Invoice(
            id=self.id,
            kind=InvoiceKind.INVOICE,
            state=InvoiceState.ISSUED,
            legal_entity_id=self.legal_entity_id,
            client_id=self.client_id,
            currency=self.currency,
            net_minor=self.net_minor,
            tax_minor=self.tax_minor,
            gross_minor=self.gross_minor,
            number=self.number,
            issued_on=self.issued_on,
            due_on=self.due_on,
            retained_minor=self.retained_minor,
            retention_due_on=self.retention_due_on,
            payment_days=0,
            home_currency=home_currency,
            taken_over_on=self.taken_over_on,
            paid_before_minor=self.gross_minor - self.open_minor,
            created_at=now,
            external_id=self.external_id,
        )
        line = InvoiceLine(
            position=1,
            kind=LineKind.TAKEN_OVER,
            description=f"Invoice {self.number}, taken over from other books",
            unit=LineUnit.PIECE,
            quantity=1,
            unit_price=Decimal(self.net_minor).scaleb(-exponent(self.currency)),
            net_minor=self.net_minor,
            tax_category=category,
            tax_percent=self.tax_percent,
        )
        tax = TaxLine(category=category, rate=self.tax_percent, net_minor=self.net_minor, tax_minor=self.tax_minor)
        return invoice, InvoiceParts(lines=(line,), taxes=(tax,))


def percent_of(net_minor: int, tax_minor: int) -> Decimal:
    """The roundest percent that makes the tax of the net (above 0); of several rates together their mean, to four decimals."""
    exact = Fraction(100 * tax_minor, net_minor)
    for places in range(PERCENT_PLACES + 1):
        percent = Decimal(round_half_up(exact * 10**places)).scaleb(-places)
        if round_half_up(net_minor * Fraction(percent) / 100) == tax_minor:
            return percent
    return percent


def is_tax(net_minor: int, percent: Decimal, tax_minor: int) -> bool:
    """Whether a percent says the tax of what was taken over: it makes it, or is the nearest there is."""
    return round_half_up(net_minor * Fraction(percent) / 100) == tax_minor or percent == percent_of(net_minor, tax_minor)
