"""Invoices as QuickBooks Online and Xero import them: every row multiplies exactly, and the sums are those of the documents."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.money import exponent
from scheduler.integrations.csv_cells import is_formula
from scheduler.integrations.invoice_files import (
    QUICKBOOKS_COLUMNS,
    XERO_COLUMNS,
    DayOrder,
    Target,
    quickbooks_invoices,
    xero_invoices,
)
from tests.billing_documents import RATES, random_document

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument

CODES = {(category, Decimal(0)): category.name for category in TaxCategory} | {
    (TaxCategory.STANDARD, Decimal(rate)): f"{rate}%" for rates in RATES.values() for rate in rates
}
TARGET = Target(tax_codes=CODES, item="Services")
DOCUMENTS = [replace(random_document(seed, lines_max=30), due_on=date(2027, 1, 31)) for seed in range(150)]
INVOICES = [document for document in DOCUMENTS if document.kind is InvoiceKind.INVOICE]


def read(text: str) -> list[dict[str, str]]:
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    return [dict(zip(head, row, strict=True)) for row in rows]


def minor(amount: Decimal, document: InvoiceDocument) -> int:
    return int(amount.scaleb(exponent(document.currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_m05_m06_quickbooks_rows_multiply_and_add_up() -> None:
    """Quantity x rate is the amount of each row; amounts add up to the net and taxes to the tax of each invoice."""
    rows = read(quickbooks_invoices(INVOICES, target=TARGET))
    assert tuple(rows[0]) == QUICKBOOKS_COLUMNS
    for document in INVOICES:
        own = [row for row in rows if row["*InvoiceNo"] == document.number]
        for row in own:
            assert minor(Decimal(row["ItemQuantity"]) * Decimal(row["ItemRate"]), document) == minor(Decimal(row["*ItemAmount"]), document)
        assert minor(sum((Decimal(row["*ItemAmount"]) for row in own), Decimal(0)), document) == document.net_minor
        assert minor(sum((Decimal(row["ItemTaxAmount"]) for row in own), Decimal(0)), document) == document.tax_minor
        assert {row["Currency"] for row in own} == {document.currency}


def test_m05_xero_rows_add_up_and_credit_notes_are_below_0() -> None:
    """Quantities x prices add up to the net; those of a credit note to what is given back, below 0."""
    rows = read(xero_invoices(DOCUMENTS, target=TARGET))
    assert tuple(rows[0]) == XERO_COLUMNS
    for document in DOCUMENTS:
        own = [row for row in rows if row["*InvoiceNumber"] == document.number]
        nets = [minor(Decimal(row["*Quantity"]) * Decimal(row["*UnitAmount"]), document) for row in own]
        sign = -1 if document.kind is InvoiceKind.CREDIT_NOTE else 1
        assert sum(nets) == sign * document.net_minor


def test_x01_the_files_have_no_formula() -> None:
    """A client called =Formula Ltd is a text; amounts below 0 are numbers; a search through every cell finds nothing."""
    for text in (quickbooks_invoices(INVOICES, target=TARGET), xero_invoices(DOCUMENTS, target=TARGET)):
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert "'=Formula Ltd" in cells
        assert any(cell.startswith("-") for cell in cells)
        assert [cell for cell in cells if is_formula(cell)] == []


def test_time_is_in_hours_where_that_is_exact() -> None:
    """90 minutes are 1.5; a third of an hour is one piece at the line's net, and its description says the time."""
    found = set()
    for document in INVOICES:
        for line, row in zip(document.lines, read(quickbooks_invoices([document], target=TARGET)), strict=False):
            if line.unit == "minute" and line.quantity in {90, 20} and line.net_minor:
                found.add((line.quantity, row["ItemQuantity"], "0:20 h x " in row["ItemDescription"]))
    assert found == {(90, "1.5", False), (20, "1", True)}


@pytest.mark.parametrize(
    ("document", "target", "code"),
    [
        (replace(INVOICES[0], kind=InvoiceKind.CREDIT_NOTE), TARGET, "accounting_file.credit_note"),
        (replace(INVOICES[0], number=None), TARGET, "accounting_file.draft"),
        (replace(INVOICES[0], due_on=None), TARGET, "accounting_file.due_missing"),
        (INVOICES[0], replace(TARGET, tax_codes={}), "accounting_file.tax_code_missing"),
    ],
)
def test_what_the_other_program_does_not_take_is_refused(document: InvoiceDocument, target: Target, code: str) -> None:
    """Credit notes, drafts, no due day, and taxes without a code there: nothing is written."""
    with pytest.raises(DomainError) as refused:
        quickbooks_invoices([document], target=target)
    assert refused.value.code == code


def test_days_are_in_the_other_program_s_order() -> None:
    """Day first, or month first where the company there is American."""
    document = replace(INVOICES[0], issued_on=date(2026, 11, 3))
    assert read(xero_invoices([document], target=TARGET))[0]["*InvoiceDate"] == "03/11/2026"
    american = replace(TARGET, day_order=DayOrder.MONTH_FIRST)
    assert read(quickbooks_invoices([document], target=american))[0]["*InvoiceDate"] == "11/03/2026"
