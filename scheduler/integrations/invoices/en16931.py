"""What EN 16931 asks of a document, whatever the syntax, and how it writes what both syntaxes write alike."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.money import exponent
from scheduler.integrations.invoices.words import WORDS

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.billing.parties import Party

GUIDELINE = "urn:cen.eu:en16931:2017"
DECIMALS_MAX = 2
"""EN 16931 writes no amount with more decimals (BR-DEC)."""
TYPE_CODES = {InvoiceKind.INVOICE: "380", InvoiceKind.CREDIT_NOTE: "381"}
UNIT_CODES = {LineUnit.MINUTE: "MIN", LineUnit.PIECE: "C62"}
MINUTES_PER_PRICE = "60"
"""A price per hour is the price of so many minutes (BT-149), so that quantity times price is exact."""
CREDIT_TRANSFER, SEPA_TRANSFER = "30", "58"
EMAIL_SCHEME = "EM"
PROJECT_TYPE_CODE = "50"
_CODES = """
VATEX-EU-132 VATEX-EU-132-1A VATEX-EU-132-1B VATEX-EU-132-1C VATEX-EU-132-1D VATEX-EU-132-1E VATEX-EU-132-1F VATEX-EU-132-1G
VATEX-EU-132-1H VATEX-EU-132-1I VATEX-EU-132-1J VATEX-EU-132-1K VATEX-EU-132-1L VATEX-EU-132-1M VATEX-EU-132-1N VATEX-EU-132-1O
VATEX-EU-132-1P VATEX-EU-132-1Q VATEX-EU-143 VATEX-EU-143-1A VATEX-EU-143-1B VATEX-EU-143-1C VATEX-EU-143-1D VATEX-EU-143-1E
VATEX-EU-143-1F VATEX-EU-143-1FA VATEX-EU-143-1G VATEX-EU-143-1H VATEX-EU-143-1I VATEX-EU-143-1J VATEX-EU-143-1K VATEX-EU-143-1L
VATEX-EU-148 VATEX-EU-148-A VATEX-EU-148-B VATEX-EU-148-C VATEX-EU-148-D VATEX-EU-148-E VATEX-EU-148-F VATEX-EU-148-G VATEX-EU-151
VATEX-EU-151-1A VATEX-EU-151-1AA VATEX-EU-151-1B VATEX-EU-151-1C VATEX-EU-151-1D VATEX-EU-151-1E VATEX-EU-309 VATEX-EU-79-C VATEX-EU-AE
VATEX-EU-D VATEX-EU-F VATEX-EU-G VATEX-EU-I VATEX-EU-IC VATEX-EU-J VATEX-EU-O VATEX-FR-CNWVAT VATEX-FR-FRANCHISE
"""
EXEMPTION_CODES = frozenset(_CODES.split())
"""Codes of the list VATEX that every release of the rules since 2022 knows."""
_NOT_IN_XML = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}


def plain(text: str) -> str:
    """The text with what XML cannot hold replaced; control characters are refused when a document is made."""
    return text.translate(_NOT_IN_XML)


def amount(minor: int, currency: str) -> str:
    """Minor units as a decimal number with a point, with as many places as the currency has."""
    return number(Decimal(minor).scaleb(-exponent(currency)))


def number(value: Decimal) -> str:
    """A decimal number with a point, never with an exponent."""
    return format(value, "f")


def item_name(description: str) -> tuple[str, str | None]:
    """The first line of a description, which names the item, and what follows it."""
    first, _, rest = plain(description).partition("\n")
    return first, rest.strip() or None


def price_factor(unit: LineUnit) -> str | None:
    """How many units the price is for, where it is not one."""
    return MINUTES_PER_PRICE if unit is LineUnit.MINUTE else None


def shown_rate(category: TaxCategory, rate: Decimal) -> str | None:
    """The rate as written; nothing for what is not subject to tax (BR-O-5)."""
    return None if category is TaxCategory.OUTSIDE else number(rate)


def shown_vat_id(party: Party, document: InvoiceDocument) -> str | None:
    """The VAT id as written; nothing on a document that is not subject to tax (BR-O-2)."""
    return None if document.is_outside_tax else party.vat_id


def seller_identifier(document: InvoiceDocument) -> str | None:
    """What identifies a seller for whom neither a VAT id nor a register number is written (BT-29, BR-CO-26)."""
    seller = document.seller
    return None if shown_vat_id(seller, document) or seller.legal_id else seller.tax_number or seller.vat_id


def electronic_address(party: Party) -> tuple[str, str] | None:
    """Scheme and address; the e-mail address where there is no other."""
    if party.electronic_address is not None and party.electronic_scheme is not None:
        return party.electronic_scheme, party.electronic_address
    return (EMAIL_SCHEME, party.email) if party.email is not None else None


def payment_means_code(document: InvoiceDocument) -> str:
    """SEPA where an IBAN and euros make it one."""
    bank = document.seller.bank
    return SEPA_TRANSFER if bank is not None and bank.iban is not None and document.currency == "EUR" else CREDIT_TRANSFER


def payment_terms(document: InvoiceDocument) -> str | None:
    """The terms in words, with what is held back until when."""
    held = None
    if document.retained_minor:
        held = f"{WORDS[document.language].retained} {amount(document.retained_minor, document.currency)} {document.currency}"
        held = f"{held} ({document.retention_due_on})"
    return "\n".join(text for text in (document.payment_terms, held) if text) or None


def faults_of(document: InvoiceDocument) -> tuple[Fault, ...]:
    """Everything for which the document is no electronic invoice by EN 16931, though it may be printed."""
    faults = _Found()
    if document.number is None:
        faults.add("/number", "einvoice.draft", "A draft is no electronic invoice; issue it first.")
    if exponent(document.currency) > DECIMALS_MAX:
        message = f"EN 16931 writes two decimals, and {document.currency} has {exponent(document.currency)}; send the PDF alone."
        faults.add("/currency", "einvoice.decimals", message)
    if document.home is not None and exponent(document.home.currency) > DECIMALS_MAX:
        faults.add("/home/currency", "einvoice.decimals", "EN 16931 writes two decimals; leave the tax in this currency out.")
    if document.payable_minor > 0 and document.due_on is None and document.payment_terms is None:
        faults.add("/due_on", "einvoice.due", "Say until when it is to be paid, or under which terms (BR-CO-25).")
    if not (document.seller.vat_id or document.seller.legal_id or document.seller.tax_number):
        faults.add("/seller/vat_id", "einvoice.seller_id", "The seller has a VAT id, a tax number or a register number (BR-CO-26).")
    for index, tax in enumerate(document.taxes):
        _check_parties(faults, document, tax.category)
        if tax.exemption_code is not None and tax.exemption_code not in EXEMPTION_CODES:
            message = f"{tax.exemption_code} is none of the list VATEX; give a code of it, or the reason in words."
            faults.add(f"/taxes/{index}/exemption_code", "einvoice.exemption_code", message)
    return faults.found


def require_en16931(document: InvoiceDocument) -> None:
    """Raises DomainError ``einvoice.not_possible`` with every fault."""
    faults = faults_of(document)
    if faults:
        detail = f"The document is no electronic invoice by EN 16931: {faults[0].message}"
        raise DomainError(ErrorKind.INVALID, "einvoice.not_possible", detail, faults)


def _check_parties(faults: Faults, document: InvoiceDocument, category: TaxCategory) -> None:
    """Who must have which number for the category, and what else it needs (BR-S-2, BR-AE-2, BR-IC-2, BR-IC-11, BR-G-2)."""
    seller, buyer = document.seller, document.buyer
    if category in {TaxCategory.INTRA_COMMUNITY, TaxCategory.EXPORT} and seller.vat_id is None:
        faults.add("/seller/vat_id", "einvoice.vat_id_missing", f"Tax category {category.value} needs the seller's VAT id.")
    elif category is not TaxCategory.OUTSIDE and seller.vat_id is None and seller.tax_number is None:
        message = f"Tax category {category.value} needs the seller's VAT id or tax number."
        faults.add("/seller/vat_id", "einvoice.vat_id_missing", message)
    if category is TaxCategory.REVERSE_CHARGE and buyer.vat_id is None and buyer.legal_id is None:
        faults.add("/buyer/vat_id", "einvoice.vat_id_missing", "Reverse charge needs the buyer's VAT id or register number.")
    if category is TaxCategory.INTRA_COMMUNITY and buyer.vat_id is None:
        faults.add("/buyer/vat_id", "einvoice.vat_id_missing", "A supply within the Union needs the buyer's VAT id.")
    if category is TaxCategory.INTRA_COMMUNITY and document.period_from is None:
        faults.add("/period_from", "einvoice.period_missing", "A supply within the Union says when it was made; give the period.")


class _Found(Faults):
    """Faults that are handed back rather than raised."""

    @property
    def found(self) -> tuple[Fault, ...]:
        return tuple(self._found)
