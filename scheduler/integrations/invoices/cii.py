"""EN 16931 in the syntax CII (UN/CEFACT Cross Industry Invoice D16B), as Factur-X and ZUGFeRD carry it in a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.integrations.invoices.elements import root
from scheduler.integrations.invoices.en16931 import (
    GUIDELINE,
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

    from scheduler.domain.billing.document_lines import Allowance, DocumentLine, TaxLine
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.billing.parties import Party
    from scheduler.integrations.invoices.elements import Branch

_UNCEFACT = "urn:un:unece:uncefact:data:standard:"
NAMESPACES: dict[str | None, str] = {
    "rsm": f"{_UNCEFACT}CrossIndustryInvoice:100",
    "ram": f"{_UNCEFACT}ReusableAggregateBusinessInformationEntity:100",
    "qdt": f"{_UNCEFACT}QualifiedDataType:100",
    "udt": f"{_UNCEFACT}UnqualifiedDataType:100",
}
_DAY_FORMAT = "102"


def cii_xml(document: InvoiceDocument) -> bytes:
    """The document as CII. Raises DomainError ``einvoice.not_possible`` where EN 16931 has no room for it."""
    require_en16931(document)
    invoice = root(f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice", NAMESPACES)
    context = invoice.branch("rsm:ExchangedDocumentContext")
    context.branch("ram:GuidelineSpecifiedDocumentContextParameter").leaf("ram:ID", GUIDELINE)
    _header(invoice.branch("rsm:ExchangedDocument"), document)
    transaction = invoice.branch("rsm:SupplyChainTradeTransaction")
    for line in document.lines:
        _line(transaction.branch("ram:IncludedSupplyChainTradeLineItem"), line, document.currency)
    _agreement(transaction.branch("ram:ApplicableHeaderTradeAgreement"), document)
    _delivery(transaction.branch("ram:ApplicableHeaderTradeDelivery"), document)
    _settlement(transaction.branch("ram:ApplicableHeaderTradeSettlement"), document)
    return invoice.written()


def _header(branch: Branch, document: InvoiceDocument) -> None:
    branch.leaf("ram:ID", document.number)
    branch.leaf("ram:TypeCode", TYPE_CODES[document.kind])
    _day(branch, "ram:IssueDateTime", document.issued_on)
    for text in (document.intro, document.footer):
        if text is not None:
            branch.branch("ram:IncludedNote").leaf("ram:Content", text)


def _line(branch: Branch, line: DocumentLine, currency: str) -> None:
    place = branch.branch("ram:AssociatedDocumentLineDocument")
    place.leaf("ram:LineID", str(line.position))
    if line.note is not None:
        place.branch("ram:IncludedNote").leaf("ram:Content", line.note)
    name, more = item_name(line.description)
    product = branch.branch("ram:SpecifiedTradeProduct")
    product.leaf("ram:Name", name)
    product.leaf("ram:Description", more)
    unit = UNIT_CODES[line.unit]
    price = branch.branch("ram:SpecifiedLineTradeAgreement").branch("ram:NetPriceProductTradePrice")
    price.leaf("ram:ChargeAmount", number(line.unit_price))
    price.leaf("ram:BasisQuantity", price_factor(line.unit), unitCode=unit)
    branch.branch("ram:SpecifiedLineTradeDelivery").leaf("ram:BilledQuantity", str(line.quantity), unitCode=unit)
    settlement = branch.branch("ram:SpecifiedLineTradeSettlement")
    _tax(settlement.branch("ram:ApplicableTradeTax"), line)
    _period(settlement, line.service_from, line.service_until)
    summation = settlement.branch("ram:SpecifiedTradeSettlementLineMonetarySummation")
    summation.leaf("ram:LineTotalAmount", amount(line.net_minor, currency))


def _agreement(branch: Branch, document: InvoiceDocument) -> None:
    branch.leaf("ram:BuyerReference", document.buyer_reference)
    seller = branch.branch("ram:SellerTradeParty")
    seller.leaf("ram:ID", seller_identifier(document))
    _party(seller, document.seller)
    _registrations(seller, shown_vat_id(document.seller, document), document.seller.tax_number)
    buyer = branch.branch("ram:BuyerTradeParty")
    _party(buyer, document.buyer)
    _registrations(buyer, shown_vat_id(document.buyer, document), None)
    for name, reference in (
        ("ram:BuyerOrderReferencedDocument", document.order_reference),
        ("ram:ContractReferencedDocument", document.contract_reference),
    ):
        if reference is not None:
            branch.branch(name).leaf("ram:IssuerAssignedID", reference)
    if document.project_reference is not None:
        project = branch.branch("ram:SpecifiedProcuringProject")
        project.leaf("ram:ID", document.project_reference)
        project.leaf("ram:Name", document.project_reference)


def _party(branch: Branch, party: Party) -> None:
    branch.leaf("ram:Name", party.name)
    if party.legal_id is not None:
        branch.branch("ram:SpecifiedLegalOrganization").leaf("ram:ID", party.legal_id)
    if any((party.contact_name, party.phone, party.email)):
        contact = branch.branch("ram:DefinedTradeContact")
        contact.leaf("ram:PersonName", party.contact_name)
        if party.phone is not None:
            contact.branch("ram:TelephoneUniversalCommunication").leaf("ram:CompleteNumber", party.phone)
        if party.email is not None:
            contact.branch("ram:EmailURIUniversalCommunication").leaf("ram:URIID", party.email)
    address = branch.branch("ram:PostalTradeAddress")
    address.leaf("ram:PostcodeCode", party.postcode)
    for name, text in zip(("ram:LineOne", "ram:LineTwo", "ram:LineThree"), party.address_lines, strict=False):
        address.leaf(name, text)
    address.leaf("ram:CityName", party.city)
    address.leaf("ram:CountryID", party.country)
    address.leaf("ram:CountrySubDivisionName", party.region)
    electronic = electronic_address(party)
    if electronic is not None:
        scheme, text = electronic
        branch.branch("ram:URIUniversalCommunication").leaf("ram:URIID", text, schemeID=scheme)


def _registrations(branch: Branch, vat_id: str | None, tax_number: str | None) -> None:
    for scheme, text in (("VA", vat_id), ("FC", tax_number)):
        if text is not None:
            branch.branch("ram:SpecifiedTaxRegistration").leaf("ram:ID", text, schemeID=scheme)


def _delivery(branch: Branch, document: InvoiceDocument) -> None:
    address = branch.branch("ram:ShipToTradeParty").branch("ram:PostalTradeAddress")
    address.leaf("ram:CountryID", document.delivery_country)


def _settlement(branch: Branch, document: InvoiceDocument) -> None:
    branch.leaf("ram:PaymentReference", document.number)
    branch.leaf("ram:TaxCurrencyCode", document.home.currency if document.home else None)
    branch.leaf("ram:InvoiceCurrencyCode", document.currency)
    _payment_means(branch, document)
    for tax in document.taxes:
        _tax_line(branch.branch("ram:ApplicableTradeTax"), tax, document.currency)
    _period(branch, document.period_from, document.period_until)
    for allowance in document.allowances:
        _allowance(branch.branch("ram:SpecifiedTradeAllowanceCharge"), allowance, document.currency)
    terms = payment_terms(document)
    if terms is not None or document.due_on is not None:
        payment = branch.branch("ram:SpecifiedTradePaymentTerms")
        payment.leaf("ram:Description", terms)
        _day(payment, "ram:DueDateDateTime", document.due_on)
    _sums(branch.branch("ram:SpecifiedTradeSettlementHeaderMonetarySummation"), document)
    for preceding in document.preceding:
        reference = branch.branch("ram:InvoiceReferencedDocument")
        reference.leaf("ram:IssuerAssignedID", preceding.number)
        _day(reference, "ram:FormattedIssueDateTime", preceding.issued_on, text="qdt:DateTimeString")


def _payment_means(branch: Branch, document: InvoiceDocument) -> None:
    bank = document.seller.bank
    if bank is None:
        return
    means = branch.branch("ram:SpecifiedTradeSettlementPaymentMeans")
    means.leaf("ram:TypeCode", payment_means_code(document))
    account = means.branch("ram:PayeePartyCreditorFinancialAccount")
    account.leaf("ram:IBANID", bank.iban)
    account.leaf("ram:AccountName", bank.holder)
    account.leaf("ram:ProprietaryID", bank.account_number)
    if bank.bic is not None:
        means.branch("ram:PayeeSpecifiedCreditorFinancialInstitution").leaf("ram:BICID", bank.bic)


def _tax(branch: Branch, taxed: DocumentLine | Allowance) -> None:
    branch.leaf("ram:TypeCode", "VAT")
    branch.leaf("ram:CategoryCode", taxed.tax_category.value)
    branch.leaf("ram:RateApplicablePercent", shown_rate(taxed.tax_category, taxed.tax_rate))


def _tax_line(branch: Branch, tax: TaxLine, currency: str) -> None:
    branch.leaf("ram:CalculatedAmount", amount(tax.tax_minor, currency))
    branch.leaf("ram:TypeCode", "VAT")
    branch.leaf("ram:ExemptionReason", tax.exemption_reason)
    branch.leaf("ram:BasisAmount", amount(tax.net_minor, currency))
    branch.leaf("ram:CategoryCode", tax.category.value)
    branch.leaf("ram:ExemptionReasonCode", tax.exemption_code)
    branch.leaf("ram:RateApplicablePercent", shown_rate(tax.category, tax.rate))


def _allowance(branch: Branch, allowance: Allowance, currency: str) -> None:
    branch.branch("ram:ChargeIndicator").leaf("udt:Indicator", "false")
    if allowance.percent is not None:
        branch.leaf("ram:CalculationPercent", number(allowance.percent))
        branch.leaf("ram:BasisAmount", amount(allowance.base_minor, currency))
    branch.leaf("ram:ActualAmount", amount(allowance.amount_minor, currency))
    branch.leaf("ram:Reason", allowance.reason)
    _tax(branch.branch("ram:CategoryTradeTax"), allowance)


def _sums(branch: Branch, document: InvoiceDocument) -> None:
    currency = document.currency
    branch.leaf("ram:LineTotalAmount", amount(document.lines_minor, currency))
    if document.allowances:
        branch.leaf("ram:AllowanceTotalAmount", amount(document.allowances_minor, currency))
    branch.leaf("ram:TaxBasisTotalAmount", amount(document.net_minor, currency))
    branch.leaf("ram:TaxTotalAmount", amount(document.tax_minor, currency), currencyID=currency)
    if document.home is not None:
        home = document.home
        branch.leaf("ram:TaxTotalAmount", amount(home.tax_minor, home.currency), currencyID=home.currency)
    branch.leaf("ram:GrandTotalAmount", amount(document.gross_minor, currency))
    branch.leaf("ram:DuePayableAmount", amount(document.payable_minor, currency))


def _period(branch: Branch, start: date | None, until: date | None) -> None:
    if start is not None or until is not None:
        period = branch.branch("ram:BillingSpecifiedPeriod")
        _day(period, "ram:StartDateTime", start)
        _day(period, "ram:EndDateTime", until)


def _day(branch: Branch, name: str, day: date | None, *, text: str = "udt:DateTimeString") -> None:
    if day is not None:
        branch.branch(name).leaf(text, f"{day:%Y%m%d}", format=_DAY_FORMAT)
