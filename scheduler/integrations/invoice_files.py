"""Invoices as files that QuickBooks Online and Xero import: one row per line, discounts as lines of their own. Documents in, text out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.totals import line_taxes
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import exponent, round_half_up
from scheduler.integrations.csv_cells import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from scheduler.domain.billing.document_lines import DocumentLine
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.billing.tax_codes import TaxCategory
    from scheduler.integrations.csv_cells import Cell

QUICKBOOKS_COLUMNS = (
    "*InvoiceNo",
    "*Customer",
    "*InvoiceDate",
    "*DueDate",
    "Terms",
    "Location",
    "Memo",
    "Item(Product/Service)",
    "ItemDescription",
    "ItemQuantity",
    "ItemRate",
    "*ItemAmount",
    "*ItemTaxCode",
    "ItemTaxAmount",
    "Currency",
    "Service Date",
)
_ADDRESS = ("POAddressLine1", "POAddressLine2", "POAddressLine3", "POAddressLine4", "POCity", "PORegion", "POPostalCode", "POCountry")
_TRACKING = ("TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2")
XERO_COLUMNS = (
    "*ContactName",
    "EmailAddress",
    *_ADDRESS,
    "*InvoiceNumber",
    "Reference",
    "*InvoiceDate",
    "*DueDate",
    "InventoryItemCode",
    "*Description",
    "*Quantity",
    "*UnitAmount",
    "Discount",
    "*AccountCode",
    "*TaxType",
    *_TRACKING,
    "Currency",
    "BrandingTheme",
)
_HOURS_PLACES = 4


class DayOrder(StrEnum):
    """How the other program writes days."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the other program calls what our documents do not name."""

    tax_codes: Mapping[tuple[TaxCategory, Decimal], str]
    """Its tax codes by our categories and rates in percent."""
    item: str
    """QuickBooks: the product or service; Xero: the account's code."""
    day_order: DayOrder = DayOrder.DAY_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line or a discount as quantity x rate = amount, exactly."""

    description: str
    quantity: Decimal
    rate: Decimal
    net_minor: int
    tax_minor: int
    tax_code: str
    day: date | None


def quickbooks_invoices(documents: Iterable[InvoiceDocument], *, target: Target) -> str:
    """
    Invoices as QuickBooks Online imports them.

    Raises DomainError ``accounting_file.credit_note`` (it imports invoices alone), ``.draft``, ``.due_missing``, ``.tax_code_missing``.
    """
    rows: list[tuple[Cell, ...]] = [QUICKBOOKS_COLUMNS]
    for document in documents:
        if document.kind is InvoiceKind.CREDIT_NOTE:
            detail = f"{document.number} is a credit note, and QuickBooks imports invoices alone; leave it out and enter it there."
            raise DomainError(ErrorKind.INVALID, "accounting_file.credit_note", detail, facts={"number": document.number})
        days = _days(document, target)
        for row in _rows(document, target):
            amount, tax = (Decimal(minor).scaleb(-exponent(document.currency)) for minor in (row.net_minor, row.tax_minor))
            head = (document.number, document.buyer.name, *days, None, None, document.payment_terms, target.item)
            service = _day(row.day, target) if row.day else None
            rows.append((*head, row.description, row.quantity, row.rate, amount, row.tax_code, tax, document.currency, service))
    return csv_text(rows)


def xero_invoices(documents: Iterable[InvoiceDocument], *, target: Target) -> str:
    """
    Invoices and credit notes as Xero imports them: a credit note has quantities below 0.

    Raises DomainError ``accounting_file.draft``, ``.due_missing``, ``.tax_code_missing``.
    """
    rows: list[tuple[Cell, ...]] = [XERO_COLUMNS]
    for document in documents:
        days, buyer = _days(document, target), document.buyer
        sign = -1 if document.kind is InvoiceKind.CREDIT_NOTE else 1
        lines: list[Cell] = [*buyer.address_lines, None, None, None, None]
        address = (*lines[:4], buyer.city, buyer.region, buyer.postcode, buyer.country)
        reference = document.order_reference or document.buyer_reference
        project = ("Project", document.project_reference) if document.project_reference else (None, None)
        for row in _rows(document, target):
            head = (buyer.name, buyer.email, *address, document.number, reference, *days, None)
            codes = (None, target.item, row.tax_code, *project, None, None, document.currency, None)
            rows.append((*head, row.description, sign * row.quantity, row.rate, *codes))
    return csv_text(rows)


def _rows(document: InvoiceDocument, target: Target) -> Iterator[_Row]:
    """Lines, then discounts; the taxes of all rows are exactly the document's."""
    taxes = iter(line_taxes(document.lines, document.allowances))
    for line in document.lines:
        quantity, rate, description = _multiplied(line, document.currency)
        yield _Row(
            description=description,
            quantity=quantity,
            rate=rate,
            net_minor=line.net_minor,
            tax_minor=next(taxes),
            tax_code=_tax_code(document, target, line.tax),
            day=line.service_until or line.service_from,
        )
    for allowance in document.allowances:
        yield _Row(
            description=allowance.reason,
            quantity=Decimal(1),
            rate=Decimal(-allowance.amount_minor).scaleb(-exponent(document.currency)),
            net_minor=-allowance.amount_minor,
            tax_minor=next(taxes),
            tax_code=_tax_code(document, target, allowance.tax),
            day=None,
        )


def _multiplied(line: DocumentLine, currency: str) -> tuple[Decimal, Decimal, str]:
    """Quantity, rate and description: in hours where four places make the same amount, otherwise one piece that says the time."""
    if line.unit is LineUnit.PIECE:
        return Decimal(line.quantity), line.unit_price, line.description
    hours = Decimal(round_half_up(Fraction(line.quantity * 10**_HOURS_PLACES, 60))).scaleb(-_HOURS_PLACES)
    made = round_half_up(Fraction(hours) * Fraction(line.unit_price) * 10 ** exponent(currency))
    if Fraction(hours) * 60 == line.quantity and made == line.net_minor:
        return hours.normalize(), line.unit_price, line.description
    whole, rest = divmod(abs(line.quantity), 60)
    time = f"{'-' if line.quantity < 0 else ''}{whole}:{rest:02d} h x {line.unit_price:f}"
    return Decimal(1), Decimal(line.net_minor).scaleb(-exponent(currency)), f"{line.description} ({time})"


def _tax_code(document: InvoiceDocument, target: Target, tax: tuple[TaxCategory, Decimal]) -> str:
    code = target.tax_codes.get(tax)
    if code is None:
        category, rate = tax
        detail = f"{document.number} has tax {category.value} {rate:f} %, and no tax code of the other program is named for it; name one."
        facts = {"category": category.value, "rate": f"{rate:f}"}
        raise DomainError(ErrorKind.INVALID, "accounting_file.tax_code_missing", detail, facts=facts)
    return code


def _days(document: InvoiceDocument, target: Target) -> tuple[str, str]:
    if document.number is None:
        raise DomainError(ErrorKind.INVALID, "accounting_file.draft", "A draft is not for the books; issue it first.")
    if document.due_on is None:
        detail = f"{document.number} has no day on which it is due, and the other program wants one."
        raise DomainError(ErrorKind.INVALID, "accounting_file.due_missing", detail, facts={"number": document.number})
    return _day(document.issued_on, target), _day(document.due_on, target)


def _day(day: date, target: Target) -> str:
    return f"{day:%m/%d/%Y}" if target.day_order is DayOrder.MONTH_FIRST else f"{day:%d/%m/%Y}"
