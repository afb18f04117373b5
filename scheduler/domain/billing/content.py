"""
What was issued, as one text that says all of it, and the chain of hashes over the numbers of a sequence.

Whoever changes a row afterwards, or takes one out, breaks the hash of its content or the chain of those after it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice

HEAD = (
    "id",
    "kind",
    "legal_entity_id",
    "client_id",
    "currency",
    "net_minor",
    "tax_minor",
    "gross_minor",
    "period_start",
    "period_end",
    "contract_id",
    "credits_id",
    "number",
    "sequence",
    "series",
    "issued_on",
    "due_on",
    "retained_minor",
    "retention_due_on",
    "payment_days",
    "language",
    "note",
    "home_currency",
    "home_rate",
    "home_rate_on",
    "home_rate_source",
    "home_net_minor",
    "home_tax_minor",
    "home_gross_minor",
    "parties",
)
"""What of the head never changes once it was issued; its state and the reason of that may."""
TAKEN_OVER = ("taken_over_on", "paid_before_minor")
"""And of an invoice of other books alone: the content of all others stays what it was."""


def content_of(invoice: Invoice, parts: InvoiceParts) -> str:
    """Everything that was issued as JSON: keys in order, no spaces, decimals as text without idle zeros."""
    whole = {
        "head": {name: _plain(getattr(invoice, name)) for name in (HEAD + TAKEN_OVER if invoice.is_taken_over else HEAD)},
        "lines": [_row(line) for line in sorted(parts.lines, key=lambda line: line.position)],
        "allowances": [_row(one) for one in parts.allowances],
        "taxes": [_row(tax) for tax in sorted(parts.taxes, key=lambda tax: (tax.category, tax.rate))],
        "items": [_row(item) for item in sorted(parts.items, key=lambda item: (item.kind, item.source_id))],
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_sha256(invoice: Invoice, parts: InvoiceParts) -> str:
    """The hash of it, as hexadecimal digits."""
    return hashlib.sha256(content_of(invoice, parts).encode()).hexdigest()


def chained(before: str | None, content: str) -> str:
    """The chain's hash after a document: of the one before it in its sequence (nothing for the first), and of its own content."""
    return hashlib.sha256(f"{before or ''}{content}".encode()).hexdigest()


def _row(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value
