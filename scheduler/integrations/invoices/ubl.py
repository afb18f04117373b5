"""EN 16931 in the syntax UBL 2.1 (OASIS Universal Business Language): an Invoice or a CreditNote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.integrations.invoices.elements import root
from scheduler.integrations.invoices.en16931 import (
    GUIDELINE,
    PROJECT_TYPE_CODE,
    TYPE_CODES,
    UNIT_CODES,
    amount,
    electronic_address,
    item_name,
    number,
    payment_means_code,
    payment_terms,
    price_factor,
    require_en16931,
    seller_identifier,
    shown_rate,
    shown_vat_id,
)

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.document_lines import Allowance, DocumentLine, TaxLine
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.billing.parties import Party
    from scheduler.domain.billing.tax_codes import TaxCategory
    from scheduler.integrations.invoices.elements import Branch

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_ROOTS = {InvoiceKind.INVOICE: "Invoice", InvoiceKind.CREDIT_NOTE: "CreditNote"}
_SHARED: dict[str | None, str] = {"cac": f"{_OASIS}CommonAggregateComponents-2", "cbc": f"{_OASIS}CommonBasicComponents-2"}

_NO_MEANS = "1"
"""The payment instrument is not defined (UNTDID 4461)."""


def ubl_xml(document: InvoiceDocument) -> bytes:
    """The document as UBL. Raises DomainError ``einvoice.not_possible`` where EN 16931 has no room for it."""
    require_en16931(document)
    own = _ROOTS[document.kind]
    namespace = f"{_OASIS}{own}-2"
    invoice = root(f"{{{namespace}}}{own}", {None: namespace, **_SHARED})
    _header(invoice, document)
    _references(invoice, document)
    _seller(invoice.branch("cac:AccountingSupplierParty").branch("cac:Party"), document)
    buyer = invoice.branch("cac:AccountingCustomerParty").branch("cac:Party")
    _party(buyer, document.buyer, vat_id=shown_vat_id(document.buyer, document))
    _delivery(invoice, document)
    _payment(invoice, document)
    for allowance in document.allowances:
        _allowance(invoice.branch("cac:AllowanceCharge"), allowance, document.currency)
    _taxes(invoice, document)
    _sums(invoice.branch("cac:LegalMonetaryTotal"), document)
    for line in document.lines:
        _line(invoice.branch(f"cac:{own}Line"), line, document)
    return invoice.written()


def _header(invoice: Branch, document: InvoiceDocument) -> None:
    is_invoice = document.kind is InvoiceKind.INVOICE
    invoice.leaf("cbc:CustomizationID", GUIDELINE)
    invoice.leaf("cbc:ID", document.number)
    invoice.leaf("cbc:IssueDate", document.issued_on.isoformat())
    if is_invoice:
        invoice.leaf("cbc:DueDate", _day(document.due_on))
    invoice.leaf("cbc:InvoiceTypeCode" if is_invoice else "cbc:CreditNoteTypeCode", TYPE_CODES[document.kind])
    invoice.leaf("cbc:Note", "\n\n".join(text for text in (document.intro, document.footer) if text) or None)
    invoice.leaf("cbc:DocumentCurrencyCode", document.currency)
    invoice.leaf("cbc:TaxCurrencyCode", document.home.currency if document.home else None)
    invoice.leaf("cbc:BuyerReference", document.buyer_reference)
    _period(invoice, document.period_from, document.period_until)


def _references(invoice: Branch, document: InvoiceDocument) -> None:
    if document.order_reference is not None:
        invoice.branch("cac:OrderReference").leaf("cbc:ID", document.order_reference)
    for preceding in document.preceding:
        reference = invoice.branch("cac:BillingReference").branch("cac:InvoiceDocumentReference")
        reference.leaf("cbc:ID", preceding.number)
        reference.leaf("cbc:IssueDate", _day(preceding.issued_on))
    if document.contract_reference is not None:
        invoice.branch("cac:ContractDocumentReference").leaf("cbc:ID", document.contract_reference)
    if document.project_reference is None:
        return
    if document.kind is InvoiceKind.INVOICE:
        invoice.branch("cac:ProjectReference").leaf("cbc:ID", document.project_reference)
    else:
        reference = invoice.branch("cac:AdditionalDocumentReference")
        reference.leaf("cbc:ID", document.project_reference)
        reference.leaf("cbc:DocumentTypeCode", PROJECT_TYPE_CODE)


def _seller(branch: Branch, document: InvoiceDocument) -> None:
    seller = document.seller
    _party(branch, seller, vat_id=shown_vat_id(seller, document), tax_number=seller.tax_number, own_id=seller_identifier(document))


def _party(branch: Branch, party: Party, *, vat_id: str | None, tax_number: str | None = None, own_id: str | None = None) -> None:
    electronic = electronic_address(party)
    if electronic is not None:
        scheme, text = electronic
        branch.leaf("cbc:EndpointID", text, schemeID=scheme)
    if own_id is not None:
        branch.branch("cac:PartyIdentification").leaf("cbc:ID", own_id)
    _address(branch.branch("cac:PostalAddress"), party)
    for scheme, number_of in (("VAT", vat_id), ("FC", tax_number)):
        if number_of is not None:
            tax = branch.branch("cac:PartyTaxScheme")
            tax.leaf("cbc:CompanyID", number_of)
            tax.branch("cac:TaxScheme").leaf("cbc:ID", scheme)
    legal = branch.branch("cac:PartyLegalEntity")
    legal.leaf("cbc:RegistrationName", party.name)
    legal.leaf("cbc:CompanyID", party.legal_id)
    if any((party.contact_name, party.phone, party.email)):
        contact = branch.branch("cac:Contact")
        contact.leaf("cbc:Name", party.contact_name)
        contact.leaf("cbc:Telephone", party.phone)
        contact.leaf("cbc:ElectronicMail", party.email)


def _address(address: Branch, party: Party) -> None:
    lines = [*party.address_lines, None, None, None]
    address.leaf("cbc:StreetName", lines[0])
    address.leaf("cbc:AdditionalStreetName", lines[1])
    address.leaf("cbc:CityName", party.city)
    address.leaf("cbc:PostalZone", party.postcode)
    address.leaf("cbc:CountrySubentity", party.region)
    if lines[2] is not None:
        address.branch("cac:AddressLine").leaf("cbc:Line", lines[2])
    address.branch("cac:Country").leaf("cbc:IdentificationCode", party.country)


def _delivery(invoice: Branch, document: InvoiceDocument) -> None:
    address = invoice.branch("cac:Delivery").branch("cac:DeliveryLocation").branch("cac:Address")
    address.branch("cac:Country").leaf("cbc:IdentificationCode", document.delivery_country)


def _payment(invoice: Branch, document: InvoiceDocument) -> None:
    bank = document.seller.bank
    due_here = document.kind is InvoiceKind.CREDIT_NOTE and document.due_on is not None
    if bank is not None or due_here:
        means = invoice.branch("cac:PaymentMeans")
        means.leaf("cbc:PaymentMeansCode", payment_means_code(document) if bank is not None else _NO_MEANS)
        if due_here:
            means.leaf("cbc:PaymentDueDate", _day(document.due_on))
        means.leaf("cbc:PaymentID", document.number)
        if bank is not None:
            account = means.branch("cac:PayeeFinancialAccount")
            account.leaf("cbc:ID", bank.iban or bank.account_number)
            account.leaf("cbc:Name", bank.holder)
            if bank.bic is not None:
                account.branch("cac:FinancialInstitutionBranch").leaf("cbc:ID", bank.bic)
    terms = payment_terms(document)
    if terms is not None:
        invoice.branch("cac:PaymentTerms").leaf("cbc:Note", terms)


def _allowance(branch: Branch, allowance: Allowance, currency: str) -> None:
    branch.leaf("cbc:ChargeIndicator", "false")
    branch.leaf("cbc:AllowanceChargeReason", allowance.reason)
    if allowance.percent is not None:
        branch.leaf("cbc:MultiplierFactorNumeric", number(allowance.percent))
    branch.leaf("cbc:Amount", amount(allowance.amount_minor, currency), currencyID=currency)
    if allowance.percent is not None:
        branch.leaf("cbc:BaseAmount", amount(allowance.base_minor, currency), currencyID=currency)
    _category(branch.branch("cac:TaxCategory"), allowance.tax_category, allowance.tax_rate)


def _category(branch: Branch, category: TaxCategory, rate: Decimal, *, tax: TaxLine | None = None) -> None:
    branch.leaf("cbc:ID", category.value)
    branch.leaf("cbc:Percent", shown_rate(category, rate))
    if tax is not None:
        branch.leaf("cbc:TaxExemptionReasonCode", tax.exemption_code)
        branch.leaf("cbc:TaxExemptionReason", tax.exemption_reason)
    branch.branch("cac:TaxScheme").leaf("cbc:ID", "VAT")


def _taxes(invoice: Branch, document: InvoiceDocument) -> None:
    currency = document.currency
    total = invoice.branch("cac:TaxTotal")
    total.leaf("cbc:TaxAmount", amount(document.tax_minor, currency), currencyID=currency)
    for tax in document.taxes:
        part = total.branch("cac:TaxSubtotal")
        part.leaf("cbc:TaxableAmount", amount(tax.net_minor, currency), currencyID=currency)
        part.leaf("cbc:TaxAmount", amount(tax.tax_minor, currency), currencyID=currency)
        _category(part.branch("cac:TaxCategory"), tax.category, tax.rate, tax=tax)
    if document.home is not None:
        home = document.home
        invoice.branch("cac:TaxTotal").leaf("cbc:TaxAmount", amount(home.tax_minor, home.currency), currencyID=home.currency)


def _sums(branch: Branch, document: InvoiceDocument) -> None:
    sums = [
        ("cbc:LineExtensionAmount", document.lines_minor),
        ("cbc:TaxExclusiveAmount", document.net_minor),
        ("cbc:TaxInclusiveAmount", document.gross_minor),
        ("cbc:AllowanceTotalAmount", document.allowances_minor if document.allowances else None),
        ("cbc:PayableAmount", document.payable_minor),
    ]
    for name, minor in sums:
        if minor is not None:
            branch.leaf(name, amount(minor, document.currency), currencyID=document.currency)


def _line(branch: Branch, line: DocumentLine, document: InvoiceDocument) -> None:
    currency, unit = document.currency, UNIT_CODES[line.unit]
    branch.leaf("cbc:ID", str(line.position))
    branch.leaf("cbc:Note", line.note)
    quantity = "cbc:InvoicedQuantity" if document.kind is InvoiceKind.INVOICE else "cbc:CreditedQuantity"
    branch.leaf(quantity, str(line.quantity), unitCode=unit)
    branch.leaf("cbc:LineExtensionAmount", amount(line.net_minor, currency), currencyID=currency)
    _period(branch, line.service_from, line.service_until)
    name, more = item_name(line.description)
    item = branch.branch("cac:Item")
    item.leaf("cbc:Description", more)
    item.leaf("cbc:Name", name)
    category = item.branch("cac:ClassifiedTaxCategory")
    _category(category, line.tax_category, line.tax_rate)
    price = branch.branch("cac:Price")
    price.leaf("cbc:PriceAmount", number(line.unit_price), currencyID=currency)
    price.leaf("cbc:BaseQuantity", price_factor(line.unit), unitCode=unit)


def _period(branch: Branch, start: date | None, until: date | None) -> None:
    if start is not None or until is not None:
        period = branch.branch("cac:InvoicePeriod")
        period.leaf("cbc:StartDate", _day(start))
        period.leaf("cbc:EndDate", _day(until))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
