"""Numbers of invoices: how they look, and which sequence each is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.billing.invoices import InvoiceKind

_YEAR = "{year}"


def series_of(kind: InvoiceKind, number_format: str, issued_on: date) -> str:
    """The sequence of a legal entity that a document's number is from: one for each kind and, where numbers bear the year, each year."""
    return f"{kind}:{issued_on.year}" if _YEAR in number_format else kind.value


def number_of(number_format: str, *, issued_on: date, sequence: int) -> str:
    """The number as it stands on the document; the format is one that a legal entity was checked with."""
    return number_format.format(year=issued_on.year, sequence=sequence)
