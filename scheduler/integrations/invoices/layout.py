"""
What is printed of a document, as texts in their places: the layout draws them and knows nothing else.

Texts of users stay texts: nothing in them is a command to anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.tax_codes import NEEDS_REASON, TaxCategory
from scheduler.integrations.invoices.numbers import Numbers, numbers_for
from scheduler.integrations.invoices.words import WORDS, Words

if TYPE_CHECKING:
    from decimal import Decimal

    from scheduler.domain.billing.document_lines import Allowance, DocumentLine, TaxLine
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.billing.parties import Party

Pair = tuple[str, str]
_LONG_WORD = re.compile(r"\S{25}(?=\S)")
_BREAK = "\u200b"
"""Where a word too long for its column may be broken; it takes no room."""


class PrintedLine(TypedDict):
    """One line of the table."""

    position: str
    description: str
    small: str
    """Service days and note."""
    quantity: str
    price: str
    rate: str
    net: str


class Printed(TypedDict):
    """Everything on the paper."""

    language: str
    title: str
    author: str
    """For the file's metadata."""
    seller: str
    day: tuple[int, int, int]
    draft: str
    sender: str
    recipient: list[str]
    facts: list[Pair]
    intro: str
    heads: list[str]
    lines: list[PrintedLine]
    sums: list[Pair]
    """From the sum of the lines to the tax."""
    gross: Pair
    after: list[Pair]
    """What is said of the gross: tax in the firm's currency, what is held back."""
    terms: str
    bank: list[Pair]
    footer: str
    imprint: list[str]
    page: str


def printed(document: InvoiceDocument) -> Printed:
    """The texts of the document in its language."""
    words, numbers = WORDS[document.language], numbers_for(document.language, document.currency)
    kind = words.credit_note if document.kind is InvoiceKind.CREDIT_NOTE else words.invoice
    total = words.gross_credit if document.kind is InvoiceKind.CREDIT_NOTE else words.gross
    return {
        "language": document.language,
        "title": f"{kind} {document.number}" if document.number else kind,
        "author": document.seller.name,
        "seller": breakable(document.seller.name),
        "day": (document.issued_on.year, document.issued_on.month, document.issued_on.day),
        "draft": "" if document.number else words.draft,
        "sender": breakable(" · ".join(_address(document.seller))),
        "recipient": _recipient(document, numbers),
        "facts": _facts(document, words, numbers),
        "intro": document.intro or "",
        "heads": [
            words.position,
            words.description,
            words.quantity,
            f"{words.price} {document.currency}",
            words.tax_rate,
            f"{words.amount} {document.currency}",
        ],
        "lines": [_line(line, words, numbers) for line in document.lines],
        "sums": _sums(document, words, numbers),
        "gross": (f"{total} {document.currency}", numbers.money(document.gross_minor)),
        "after": _after(document, words, numbers),
        "terms": breakable(document.payment_terms or ""),
        "bank": _bank(document, words),
        "footer": breakable(document.footer or ""),
        "imprint": _imprint(document.seller, words),
        "page": words.page,
    }


def breakable(text: str) -> str:
    """The text with places where long words may be broken."""
    return _LONG_WORD.sub(rf"\g<0>{_BREAK}", text)


def _address(party: Party) -> list[str]:
    return [part for part in (party.name, *party.address_lines, _town(party)) if part]


def _town(party: Party) -> str:
    return " ".join(part for part in (party.postcode, party.city) if part)


def _recipient(document: InvoiceDocument, numbers: Numbers) -> list[str]:
    """The buyer's address; the country where it is another than the seller's."""
    abroad = document.buyer.country != document.seller.country
    lines = [*_address(document.buyer), *([document.buyer.region] if document.buyer.region else [])]
    return [breakable(line) for line in (*lines, *([numbers.country(document.buyer.country)] if abroad else []))]


def _facts(document: InvoiceDocument, words: Words, numbers: Numbers) -> list[Pair]:
    facts = [
        (words.date, numbers.day(document.issued_on)),
        (words.due, numbers.day(document.due_on) if document.due_on else ""),
        (words.period, numbers.days(document.period_from, document.period_until)),
        (words.buyer_reference, document.buyer_reference),
        (words.order, document.order_reference),
        (words.contract, document.contract_reference),
        (words.project, document.project_reference),
        (words.your_vat_id, document.buyer.vat_id),
        *((words.credited, _preceding(document, numbers, index)) for index in range(len(document.preceding))),
    ]
    return [(label, breakable(value)) for label, value in facts if value]


def _preceding(document: InvoiceDocument, numbers: Numbers, index: int) -> str:
    preceding = document.preceding[index]
    return preceding.number + (f" ({numbers.day(preceding.issued_on)})" if preceding.issued_on else "")


def _line(line: DocumentLine, words: Words, numbers: Numbers) -> PrintedLine:
    by_hour = line.unit is LineUnit.MINUTE
    quantity, price = numbers.quantity(line.unit, line.quantity), numbers.price(line.unit_price)
    days = numbers.days(line.service_from, line.service_until)
    return {
        "position": str(line.position),
        "description": breakable(line.description),
        "small": breakable("\n".join(text for text in (days, line.note) if text)),
        "quantity": words.hours.format(quantity) if by_hour else quantity,
        "price": words.per_hour.format(price) if by_hour else price,
        "rate": _rate(line.tax_category, line.tax_rate, numbers),
        "net": numbers.money(line.net_minor),
    }


def _rate(category: TaxCategory, rate: Decimal, numbers: Numbers) -> str:
    return "–" if category is TaxCategory.OUTSIDE else numbers.percent(rate)


def _sums(document: InvoiceDocument, words: Words, numbers: Numbers) -> list[Pair]:
    discounts = [
        (_discount(allowance, words, numbers, several=len(document.taxes) > 1), numbers.money(-allowance.amount_minor))
        for allowance in document.allowances
    ]
    lines = [(words.lines, numbers.money(document.lines_minor))] if discounts else []
    taxes = [(_tax(tax, words, numbers), numbers.money(tax.tax_minor)) for tax in document.taxes]
    return [*lines, *discounts, (words.net, numbers.money(document.net_minor)), *taxes]


def _discount(allowance: Allowance, words: Words, numbers: Numbers, *, several: bool) -> str:
    label = allowance.reason
    if allowance.percent is not None:
        share = words.discount_on.format(numbers.percent(allowance.percent), numbers.money(allowance.base_minor))
        label = f"{label}: {share}"
    return breakable(f"{label} ({words.tax_rate} {_rate(allowance.tax_category, allowance.tax_rate, numbers)})" if several else label)


def _tax(tax: TaxLine, words: Words, numbers: Numbers) -> str:
    """The rate and what it is on; or why there is none, in words where the document says it by a code alone."""
    net = numbers.money(tax.net_minor)
    if tax.category not in NEEDS_REASON:
        return words.tax_on.format(numbers.percent(tax.rate), net)
    return f"{words.untaxed.format(net)}\n{breakable(tax.exemption_reason or words.reason(tax.category))}"


def _after(document: InvoiceDocument, words: Words, numbers: Numbers) -> list[Pair]:
    pairs = []
    if document.home is not None:
        home = document.home
        own = numbers_for(document.language, home.currency)
        rate = f"1 {document.currency} = {own.number(home.rate)} {home.currency}"
        label = words.tax_in_home.format(home.currency, rate, home.source, own.day(home.day))
        pairs.append((breakable(label), own.money(home.tax_minor)))
    if document.retained_minor and document.retention_due_on is not None:
        label = f"{words.retained} ({words.retained_until.format(numbers.day(document.retention_due_on))})"
        pairs.append((label, numbers.money(document.retained_minor)))
    return pairs


def _bank(document: InvoiceDocument, words: Words) -> list[Pair]:
    bank = document.seller.bank
    if bank is None:
        return []
    iban = " ".join(bank.iban[place : place + 4] for place in range(0, len(bank.iban), 4)) if bank.iban else None
    pairs = [
        ("IBAN", iban),
        (words.account, bank.account_number),
        ("BIC", bank.bic),
        (words.bank, bank.bank_name),
        (words.holder, bank.holder),
    ]
    return [(label, breakable(value)) for label, value in pairs if value]


def _imprint(seller: Party, words: Words) -> list[str]:
    """What stands at the foot of every page: who, how to reach them, and their numbers."""
    numbers = [(words.vat_id, seller.vat_id), (words.tax_number, seller.tax_number), (words.register, seller.legal_id)]
    blocks = [
        [text for text in (seller.name, " · ".join(seller.address_lines), _town(seller)) if text],
        [text for text in (seller.contact_name, seller.phone, seller.email) if text],
        [f"{label} {value}" for label, value in numbers if value],
    ]
    return [breakable("\n".join(block)) for block in blocks if block]
