"""An invoice as the value that is printed and sent: its parties, whether they are complete, and all that it says."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.documents import HomeTax, InvoiceDocument, Preceding
from scheduler.domain.billing.invoice_documents import Parties, document_of, parties_of
from scheduler.domain.billing.invoice_parts import document_allowance, document_line
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState
from scheduler.domain.billing.parties import Address, BankAccount, ClientAccount, LegalEntity, Party
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import InvoiceId
from tests.domain.billing.invoice_factories import ISSUED_ON, make_allowance, make_invoice, make_line, make_parts
from tests.domain.billing.refusals import refused
from tests.factories import make_client_account, make_legal_entity

IBAN = "DE02120300000000202051"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (200).to_bytes(4, "big") + b"....IEND\xaeB`\x82"
PARTS = make_parts(make_line(1))
ENTITY = make_legal_entity(
    address=Address(line1="Weg 1", line2="Hof", postcode="10115", city="Berlin", country="DE"),
    vat_id="DE123456789",
    tax_number="12/345",
    email="bills@firm.example",
    iban=IBAN,
    bic="DEUTDEFF",
    bank_name="Bank",
    intro="Dear all",
    footer="Thank you",
)
ACCOUNT = make_client_account(vat_id="FR12345678901", email="pay@acme.example", buyer_reference="Room 7", debtor_number="D 1")


def parties(
    entity: LegalEntity = ENTITY, account: ClientAccount | None = ACCOUNT, *, category: TaxCategory = TaxCategory.STANDARD
) -> Parties:
    rate = Decimal(19) if category is TaxCategory.STANDARD else Decimal(0)
    parts = make_parts(make_line(1, tax_category=category, tax_percent=rate))
    return parties_of(entity, account, parts, order_reference="PO 7", logo=PNG)


def missing(entity: LegalEntity = ENTITY, account: ClientAccount | None = ACCOUNT, **more: Any) -> list[str]:
    """Where something is missing, and nothing else is wrong."""
    error = refused(parties, entity, account, **more)
    assert (error.kind, error.code) == (ErrorKind.INVALID, "invoice.party_incomplete")
    assert {fault.code for fault in error.faults} == {"field.missing"}
    return [fault.pointer for fault in error.faults]


def test_both_sides_stand_on_the_paper_as_their_records_say() -> None:
    """Name, address, numbers and bank of the seller; the buyer without a bank; and the words that each adds."""
    found = parties()
    assert found.seller == Party(
        name="Acme Advisers",
        country="DE",
        address_lines=("Weg 1", "Hof"),
        postcode="10115",
        city="Berlin",
        vat_id="DE123456789",
        tax_number="12/345",
        email="bills@firm.example",
        bank=BankAccount(iban=IBAN, bic="DEUTDEFF", bank_name="Bank"),
    )
    assert found.buyer == Party(
        name="acme Ltd",
        country="DE",
        address_lines=("High Road 7",),
        postcode="20095",
        city="Hamburg",
        vat_id="FR12345678901",
        email="pay@acme.example",
    )
    told = (found.buyer_reference, found.order_reference, found.intro, found.footer, found.logo)
    assert told == ("Room 7", "PO 7", "Dear all", "Thank you", PNG)


def test_without_an_iban_no_bank_is_named() -> None:
    """Neither its name nor its BIC stands alone; a postcode may be missing."""
    entity = replace(ENTITY, iban=None, address=replace(ENTITY.address, postcode=""))
    found = parties(entity)
    assert (found.seller.bank, found.seller.postcode) == (None, None)


@pytest.mark.parametrize(
    ("entity", "wanted"),
    [
        (replace(ENTITY, address=replace(ENTITY.address, line1="")), ["/legal_entity/address/line1"]),
        (replace(ENTITY, address=replace(ENTITY.address, city="")), ["/legal_entity/address/city"]),
        (replace(ENTITY, vat_id=None, tax_number=None), ["/legal_entity/vat_id"]),
    ],
)
def test_a_seller_has_an_address_and_a_number_for_its_taxes(entity: LegalEntity, wanted: list[str]) -> None:
    """Its VAT id, or its number at the tax office where it has none."""
    assert missing(entity) == wanted
    assert parties(replace(ENTITY, vat_id=None)).seller.tax_number == "12/345"
    assert parties(replace(ENTITY, tax_number=None)).seller.vat_id == "DE123456789"


@pytest.mark.parametrize(
    ("account", "wanted"),
    [
        (None, ["/client_account"]),
        (replace(ACCOUNT, address=replace(ACCOUNT.address, line1="")), ["/client_account/address/line1"]),
        (replace(ACCOUNT, address=replace(ACCOUNT.address, city="")), ["/client_account/address/city"]),
    ],
)
def test_a_buyer_is_known_and_has_an_address(account: ClientAccount | None, wanted: list[str]) -> None:
    """A client that nobody has set up for billing, or whose street or town is missing, is not billed."""
    assert missing(account=account) == wanted


@pytest.mark.parametrize("category", TaxCategory)
def test_both_sides_are_known_by_vat_ids_where_the_buyer_owes_the_tax(category: TaxCategory) -> None:
    """Under reverse charge and within the Community; otherwise the seller's tax number is enough, and the buyer needs none."""
    entity, account = replace(ENTITY, vat_id=None), replace(ACCOUNT, vat_id=None)
    if category in {TaxCategory.REVERSE_CHARGE, TaxCategory.INTRA_COMMUNITY}:
        assert missing(entity, account, category=category) == ["/legal_entity/vat_id", "/client_account/vat_id"]
        assert missing(ENTITY, account, category=category) == ["/client_account/vat_id"]
        assert missing(entity, ACCOUNT, category=category) == ["/legal_entity/vat_id"]
    else:
        assert parties(entity, account, category=category).buyer.vat_id is None


def test_one_tax_of_several_is_enough_to_need_vat_ids() -> None:
    """An hour at 19 % and one under reverse charge."""
    parts = make_parts(make_line(1), make_line(2, tax_category=TaxCategory.REVERSE_CHARGE, tax_percent=Decimal(0)))
    error = refused(parties_of, ENTITY, replace(ACCOUNT, vat_id=None), parts, order_reference=None, logo=None)
    assert [fault.pointer for fault in error.faults] == ["/client_account/vat_id"]


def test_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    """Forms are those of a party; their faults stand under the record's name."""
    entity = replace(ENTITY, address=Address(country="DE"), vat_id="X", iban="DE00")
    account = replace(ACCOUNT, address=Address(country="FR"), email="nobody")
    error = refused(parties, entity, account)
    assert error.code == "invoice.party_incomplete"
    assert [(fault.pointer, fault.code) for fault in error.faults] == [
        ("/legal_entity/address/line1", "field.missing"),
        ("/legal_entity/address/city", "field.missing"),
        ("/client_account/address/line1", "field.missing"),
        ("/client_account/address/city", "field.missing"),
        ("/legal_entity/iban", "bank.iban_invalid"),
        ("/client_account/email", "party.email_invalid"),
    ]
    wrong = refused(parties, replace(ENTITY, vat_id="X"), None)
    assert [(fault.pointer, fault.code) for fault in wrong.faults] == [
        ("/client_account", "field.missing"),
        ("/legal_entity/vat_id", "party.vat_id_invalid"),
    ]


def test_what_is_frozen_of_the_parties_is_plain_and_comes_back() -> None:
    """As JSON, with banks and without; the logo is in the files and not among it."""
    found = parties()
    plain = json.loads(json.dumps(found.as_plain()))
    assert set(plain) == {field.name for field in fields(Parties)} - {"logo"}
    assert (plain["seller"]["address_lines"], plain["buyer"]["bank"]) == (["Weg 1", "Hof"], None)
    assert Parties.of_plain(plain) == replace(found, logo=None)


def test_parties_that_were_frozen_with_less_come_back() -> None:
    """Neither address lines nor a bank, or address lines that are nothing."""
    for plain in ({"name": "A", "country": "DE"}, {"name": "A", "country": "DE", "address_lines": None, "bank": None}):
        found = Parties.of_plain({"seller": plain, "buyer": plain})
        assert found == Parties(seller=Party(name="A", country="DE"), buyer=Party(name="A", country="DE"))


WHOLE = make_parts(make_line(1), make_line(2), allowances=(make_allowance("10", 200_00),))
HEAD = make_invoice(
    currency="USD",
    net_minor=180_00,
    tax_minor=34_20,
    gross_minor=214_20,
    period_start=date(2026, 2, 1),
    period_end=date(2026, 2, 28),
    language="de",
    note="As agreed",
    retained_minor=21_42,
    retention_due_on=date(2026, 12, 31),
    home_rate=Decimal("0.9"),
    home_rate_on=date(2026, 3, 9),
    home_rate_source="ECB",
    home_tax_minor=30_78,
)


def test_a_document_says_all_that_the_invoice_does() -> None:
    """Number, days, sums, what is held back, the tax in the firm's currency, and the words around its lines."""
    found = parties()
    assert document_of(HEAD, WHOLE, found, preceding=None) == InvoiceDocument(
        number="INV-1",
        kind=InvoiceKind.INVOICE,
        issued_on=ISSUED_ON,
        due_on=date(2026, 4, 9),
        currency="USD",
        seller=found.seller,
        buyer=found.buyer,
        lines=tuple(document_line(line) for line in WHOLE.lines),
        allowances=tuple(document_allowance(one) for one in WHOLE.allowances),
        taxes=WHOLE.taxes,
        net_minor=180_00,
        tax_minor=34_20,
        gross_minor=214_20,
        period_from=date(2026, 2, 1),
        period_until=date(2026, 2, 28),
        buyer_reference="Room 7",
        order_reference="PO 7",
        home=HomeTax(currency="EUR", rate=Decimal("0.9"), day=date(2026, 3, 9), source="ECB", tax_minor=30_78),
        retained_minor=21_42,
        retention_due_on=date(2026, 12, 31),
        preceding=(),
        language="de",
        intro="Dear all",
        footer="As agreed\nThank you",
        logo=PNG,
    )


@pytest.mark.parametrize("name", ["home_rate_on", "home_rate_source", "home_tax_minor"])
def test_tax_in_the_firms_currency_stands_there_with_its_rate_and_day(name: str) -> None:
    """Without the day, the source or the amount nothing is said of it."""
    without: dict[str, Any] = {name: None}
    assert document_of(replace(HEAD, **without), WHOLE, parties(), preceding=None).home is None


@pytest.mark.parametrize(
    ("note", "footer", "wanted"), [(None, None, None), ("Note", None, "Note"), (None, "Foot", "Foot"), ("Note", "Foot", "Note\nFoot")]
)
def test_an_invoices_note_stands_above_the_words_of_every_invoice(note: str | None, footer: str | None, wanted: str | None) -> None:
    """Each where there is one."""
    found = replace(parties(), footer=footer)
    assert document_of(replace(HEAD, note=note), WHOLE, found, preceding=None).footer == wanted


def test_a_credit_note_names_the_invoice_before_it() -> None:
    """By number and day of issue."""
    head = replace(HEAD, kind=InvoiceKind.CREDIT_NOTE, credits_id=InvoiceId("first"), retained_minor=0, retention_due_on=None)
    preceding = make_invoice(number="INV-0", issued_on=date(2026, 1, 5))
    found = document_of(head, WHOLE, parties(), preceding=preceding)
    assert (found.kind, found.preceding) == (InvoiceKind.CREDIT_NOTE, (Preceding(number="INV-0", issued_on=date(2026, 1, 5)),))


def test_what_has_no_day_of_issue_is_not_printed() -> None:
    """A draft is shown in another way."""
    with pytest.raises(ValueError, match=r"^only what has a day of issue is printed$"):
        document_of(make_invoice(InvoiceState.DRAFT), PARTS, parties(), preceding=None)
