"""What is asked for a file of invoices that another program reads."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.ledger import MonthsQuery
from api.schemas.lists import Word
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.integrations.invoice_files import DayOrder, Target

TaxCodeOf = Annotated[str, StringConstraints(pattern=r"^(S|Z|E|AE|K|G|O)/[0-9]{1,3}(\.[0-9]{1,4})?=[^\x00-\x1f]{1,50}$")]
CODES_MAX = 50


class InvoicesFormat(StrEnum):
    """Whose format."""

    QUICKBOOKS = "quickbooks"
    XERO = "xero"


class InvoicesFileQuery(MonthsQuery):
    """Which months, for which program, and what that program calls things."""

    format: InvoicesFormat
    item: Annotated[Word, Field(description="QuickBooks: the product or service; Xero: the account's code.")]
    tax_code: Annotated[
        list[TaxCodeOf],
        Field(
            max_length=CODES_MAX,
            default_factory=list,
            description="The program's tax code of a category and rate in percent, such as `S/19=20S`; once for each that occurs.",
        ),
    ]
    day_order: Annotated[DayOrder, Field(description="How the program writes days.")] = DayOrder.DAY_FIRST

    def target(self) -> Target:
        """As the writers of files know it."""
        codes = {}
        for one in self.tax_code:
            ours, _, theirs = one.partition("=")
            category, _, percent = ours.partition("/")
            codes[TaxCategory(category), Decimal(percent)] = theirs
        return Target(tax_codes=codes, item=self.item, day_order=self.day_order)
