"""Electronic invoices keep the rules of EN 16931 in both syntaxes, and a document that cannot keep them is refused with the reason."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.billing.document_lines import ExemptionReason
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.parties import ELECTRONIC_SCHEMES, Party
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.billing.totals import totals
from scheduler.domain.ground.errors import DomainError
from scheduler.integrations.invoices.cii import cii_xml
from scheduler.integrations.invoices.en16931 import EXEMPTION_CODES, faults_of
from scheduler.integrations.invoices.ubl import ubl_xml
from tests.billing_documents import REASONS, random_document
from tests.integrations.invoices.rules import RULES, broken_rules, schema_faults, shipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.domain.billing.documents import InvoiceDocument

SYNTAXES = {"cii": cii_xml, "ubl": ubl_xml}
DOCUMENTS = 500 if os.environ.get("MUSTER_TEST_ALL_DOCUMENTS") == "1" else 30
WITHIN_EN16931 = tuple(currency for currency in ("EUR", "USD", "CHF", "GBP", "JPY"))


def documents(count: int) -> list[InvoiceDocument]:
    return [random_document(seed, currency=WITHIN_EN16931[seed % 5], lines_max=60) for seed in range(count)]


def taxed(category: TaxCategory, **changes: object) -> InvoiceDocument:
    """A document of one line of the category."""
    base = random_document(8, currency="EUR")
    rate = Decimal(19) if category is TaxCategory.STANDARD else Decimal(0)
    line = replace(base.lines[0], tax_category=category, tax_rate=rate)
    made = totals((line,), (), REASONS)
    sums = {"net_minor": made.net_minor, "tax_minor": made.tax_minor, "gross_minor": made.gross_minor}
    return replace(base, lines=(line,), allowances=(), taxes=made.taxes, retained_minor=0, **sums, **changes)  # type: ignore[arg-type]


def codes(document: InvoiceDocument) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in faults_of(document)}


@pytest.mark.slow
def test_m06_random_documents_break_no_rule() -> None:
    """Invoices and credit notes of every mix: no fault of the schema, and none of the rules of EN 16931, in CII and in UBL."""
    kinds = set()
    for document in documents(DOCUMENTS):
        kinds.add((document.kind, *(tax.category for tax in document.taxes)))
        for syntax, written in SYNTAXES.items():
            xml = written(document)
            assert (document.number, syntax, schema_faults(xml, syntax), broken_rules(xml, syntax)) == (document.number, syntax, [], [])
    assert len(kinds) >= 10


@pytest.mark.parametrize("category", list(TaxCategory))
@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("kind", list(InvoiceKind))
def test_every_category_breaks_no_rule(category: TaxCategory, syntax: str, kind: InvoiceKind) -> None:
    """Each of S, Z, E, AE, K, G and O alone, as an invoice and as a credit note, also of a seller who has a tax number alone where that does."""
    xml = SYNTAXES[syntax](taxed(category, kind=kind))
    assert schema_faults(xml, syntax) + broken_rules(xml, syntax) == []
    if category in {TaxCategory.STANDARD, TaxCategory.EXEMPT, TaxCategory.REVERSE_CHARGE, TaxCategory.OUTSIDE}:
        small = Party(name="Small", country="DE", tax_number="30/123/45678")
        xml = SYNTAXES[syntax](taxed(category, kind=kind, seller=small))
        rules = broken_rules(xml, syntax)
        without = [rule for rule in rules if not rule.startswith("BR-CO-26")]
        assert schema_faults(xml, syntax) + without == []


@pytest.mark.parametrize(
    ("syntax", "pattern", "rule"),
    [
        ("cii", rb"(<ram:GrandTotalAmount>)(\d+)", "BR-CO-15"),
        ("cii", rb"(<ram:TaxBasisTotalAmount>)(\d+)", "BR-CO-13"),
        ("cii", rb"(<ram:CalculatedAmount>)(\d+)", "BR-CO-14"),
        ("cii", rb"(<ram:DuePayableAmount>)(\d+)", "BR-CO-16"),
        ("cii", rb"(HeaderMonetarySummation>\s*<ram:LineTotalAmount>)(\d+)", "BR-CO-10"),
        ("ubl", rb'(<cbc:TaxInclusiveAmount currencyID="EUR">)(\d+)', "BR-CO-15"),
        ("ubl", rb'(<cbc:TaxExclusiveAmount currencyID="EUR">)(\d+)', "BR-CO-13"),
        ("ubl", rb'(<cac:TaxTotal>\s*<cbc:TaxAmount currencyID="EUR">)(\d+)', "BR-CO-14"),
        ("ubl", rb'(<cbc:PayableAmount currencyID="EUR">)(\d+)', "BR-CO-16"),
        ("ubl", rb'(LegalMonetaryTotal>\s*<cbc:LineExtensionAmount currencyID="EUR">)(\d+)', "BR-CO-10"),
    ],
)
def test_m06_a_falsified_total_breaks_a_rule(syntax: str, pattern: bytes, rule: str) -> None:
    """Ten more in any sum, and the rule that adds it up fails: the check can fail."""
    xml = SYNTAXES[syntax](taxed(TaxCategory.STANDARD))
    false, changes = re.subn(pattern, lambda found: found[1] + b"%d" % (int(found[2]) + 10), xml, count=1)
    assert changes == 1
    assert rule in {broken.partition(":")[0] for broken in broken_rules(false, syntax)}


def test_the_schema_finds_what_is_out_of_place() -> None:
    """An element that the syntax does not know, or without which it is not whole, is a fault."""
    for syntax, written in SYNTAXES.items():
        xml = written(taxed(TaxCategory.STANDARD))
        assert schema_faults(xml.replace(b"IssueDate", b"IssueDay"), syntax) != []


def test_what_both_syntaxes_say_of_an_hour() -> None:
    """Minutes, at the price of 60 of them: quantity times price divided by 60 is exact."""
    document = next(one for one in documents(40) if one.lines[0].unit == "minute")
    line = document.lines[0]
    price = format(line.unit_price, "f")
    cii = re.sub(r"\s*\n\s*", "", cii_xml(document).decode())
    assert f'<ram:ChargeAmount>{price}</ram:ChargeAmount><ram:BasisQuantity unitCode="MIN">60</ram:BasisQuantity>' in cii
    assert f'<ram:BilledQuantity unitCode="MIN">{line.quantity}</ram:BilledQuantity>' in cii
    ubl = re.sub(r"\s*\n\s*", "", ubl_xml(document).decode())
    assert f'{price}</cbc:PriceAmount><cbc:BaseQuantity unitCode="MIN">60</cbc:BaseQuantity>' in ubl
    assert f'Quantity unitCode="MIN">{line.quantity}</cbc:' in ubl


def test_a_credit_note_is_type_381_in_its_own_sign() -> None:
    """It gives back amounts above 0, and names the invoice that it credits."""
    document = next(one for one in documents(60) if one.kind is InvoiceKind.CREDIT_NOTE)
    assert document.gross_minor > 0
    cii, ubl = cii_xml(document).decode(), ubl_xml(document).decode()
    assert "<ram:TypeCode>381</ram:TypeCode>" in cii
    assert "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>" in ubl
    assert document.preceding[0].number in cii
    assert document.preceding[0].number in ubl


def _without_ids(party: Party, **changes: object) -> Party:
    return replace(party, vat_id=None, tax_number=None, legal_id=None, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("category", "change", "wanted"),
    [
        (TaxCategory.STANDARD, lambda one: replace(one, number=None), {("/number", "einvoice.draft")}),
        (
            TaxCategory.STANDARD,
            lambda one: replace(one, due_on=None, payment_terms=None),
            {("/due_on", "einvoice.due")},
        ),
        (
            TaxCategory.STANDARD,
            lambda one: replace(one, seller=_without_ids(one.seller)),
            {("/seller/vat_id", "einvoice.seller_id"), ("/seller/vat_id", "einvoice.vat_id_missing")},
        ),
        (TaxCategory.OUTSIDE, lambda one: replace(one, seller=_without_ids(one.seller)), {("/seller/vat_id", "einvoice.seller_id")}),
        (
            TaxCategory.EXPORT,
            lambda one: replace(one, seller=replace(one.seller, vat_id=None, tax_number="1")),
            {("/seller/vat_id", "einvoice.vat_id_missing")},
        ),
        (
            TaxCategory.REVERSE_CHARGE,
            lambda one: replace(one, buyer=_without_ids(one.buyer)),
            {("/buyer/vat_id", "einvoice.vat_id_missing")},
        ),
        (
            TaxCategory.INTRA_COMMUNITY,
            lambda one: replace(one, buyer=replace(one.buyer, vat_id=None, legal_id="1"), period_from=None, period_until=None),
            {("/buyer/vat_id", "einvoice.vat_id_missing"), ("/period_from", "einvoice.period_missing")},
        ),
        (
            TaxCategory.EXEMPT,
            lambda one: replace(one, taxes=(replace(one.taxes[0], exemption_code="VATEX-EU-999"),)),
            {("/taxes/0/exemption_code", "einvoice.exemption_code")},
        ),
    ],
)
def test_what_is_no_electronic_invoice_says_why(
    category: TaxCategory, change: Callable[[InvoiceDocument], InvoiceDocument], wanted: set[tuple[str, str]]
) -> None:
    """Each thing that EN 16931 asks for and the document lacks is named; neither syntax is written then."""
    document = change(taxed(category, home=None))
    assert codes(document) == wanted
    for written in SYNTAXES.values():
        with pytest.raises(DomainError) as refused:
            written(document)
        assert refused.value.code == "einvoice.not_possible"
        assert {(fault.pointer, fault.code) for fault in refused.value.faults} == wanted


def test_m08_dinars_have_more_decimals_than_the_standard() -> None:
    """EN 16931 writes two decimals: an invoice in dinars is printed alone, and one in yen is sent."""
    assert ("/currency", "einvoice.decimals") in codes(random_document(1, currency="KWD"))
    assert codes(random_document(1, currency="JPY")) == set()


def test_lists_of_codes_are_within_those_of_the_rules() -> None:
    """Schemes of addresses and codes of exemptions that we take are all known to the rules."""
    text = shipped(RULES["ubl"]).read_text()
    assert {code for code in EXEMPTION_CODES if f" {code} " not in text} == set()
    assert {scheme for scheme in ELECTRONIC_SCHEMES if f" {scheme} " not in text} == set()


def test_x01_x04_texts_are_texts_in_xml() -> None:
    """Markup, what looks like a formula, and characters that XML does not have, do no harm and stay readable."""
    evil = "</ram:Name><!ENTITY x SYSTEM 'file:///etc/passwd'> =1+1 \ufffe &amp;"
    document = taxed(TaxCategory.STANDARD)
    document = replace(document, lines=(replace(document.lines[0], description=evil),))
    for syntax, written in SYNTAXES.items():
        xml = written(document)
        assert schema_faults(xml, syntax) + broken_rules(xml, syntax) == []
        assert b"&lt;!ENTITY x SYSTEM" in xml
        assert "\ufffd".encode() in xml


def test_a_reason_may_be_a_code_alone() -> None:
    """A category without tax needs a text or a code; the code alone is enough for the rules."""
    document = taxed(TaxCategory.INTRA_COMMUNITY, issued_on=date(2026, 1, 31), due_on=None)
    assert ExemptionReason(code="VATEX-EU-IC").text is None
    assert document.taxes[0].exemption_reason is None
    assert broken_rules(cii_xml(document), "cii") == []
