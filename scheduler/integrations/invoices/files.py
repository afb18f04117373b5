"""All files of a document that is issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.integrations.invoices.pdf import render
from scheduler.integrations.invoices.ubl import ubl_xml

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument


def files_of(document: InvoiceDocument) -> dict[str, bytes]:
    """
    By kind: ``pdf`` and, where EN 16931 has room for it, ``cii`` and ``ubl``.

    Raises DomainError ``invoice.too_large``, ``logo.unreadable``.
    """
    made = render(document)
    if made.cii is None:
        return {"pdf": made.pdf}
    return {"pdf": made.pdf, "cii": made.cii, "ubl": ubl_xml(document)}
