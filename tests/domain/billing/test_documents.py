"""Invoices as they are printed: a document that does not add up, or breaks a rule of its parts, does not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.document_lines import DESCRIPTION_MAX, Allowance, DocumentLine, LineUnit, TaxLine
from scheduler.domain.billing.documents import LINES_MAX, NUMBER_MAX, HomeTax, InvoiceDocument
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.logos import LOGO_BYTES_MAX, logo_format, logo_pixels
from scheduler.domain.billing.parties import BankAccount, Party, is_iban
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.checks import NAME_MAX
from tests.domain.billing.refusals import faults

IBAN = "DE02120300000000202051"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (200).to_bytes(4, "big") + b"....IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x04..\xff\xc0\x00\x11\x08" + (200).to_bytes(2, "big") + (640).to_bytes(2, "big") + b"\x03...\xff\xd9"


def png_with(part: bytes) -> bytes:
    """A PNG with a part between its head and its end."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (200).to_bytes(4, "big") + b"\x08\x02\x00\x00\x00crc."
    return head + part + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def make_line(**changes: Any) -> DocumentLine:
    fields: dict[str, Any] = {
        "position": 1,
        "description": "Consulting",
        "unit": LineUnit.MINUTE,
        "quantity": 90,
        "unit_price": Decimal("120.00"),
        "net_minor": 180_00,
        "tax_category": TaxCategory.STANDARD,
        "tax_rate": Decimal(19),
    }
    return DocumentLine(**{**fields, **changes})


def make_document(**changes: Any) -> InvoiceDocument:
    fields: dict[str, Any] = {
        "number": "2026-0001",
        "kind": InvoiceKind.INVOICE,
        "issued_on": date(2026, 11, 30),
        "due_on": date(2026, 12, 30),
        "currency": "EUR",
        "seller": Party(name="Muster GmbH", country="DE", vat_id="DE123456789", bank=BankAccount(iban=IBAN)),
        "buyer": Party(name="Client SA", country="FR"),
        "lines": (make_line(),),
        "taxes": (TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=180_00, tax_minor=34_20),),
        "net_minor": 180_00,
        "tax_minor": 34_20,
        "gross_minor": 214_20,
    }
    return InvoiceDocument(**{**fields, **changes})


def faults_of(made: Any, **changes: Any) -> set[tuple[str, str]]:
    return set(faults(made, **changes))


def test_a_document_that_adds_up_exists() -> None:
    """1:30 h at 120.00 are 180.00, with 19 % 214.20; all of it is to be paid."""
    made = make_document()
    assert (made.lines_minor, made.allowances_minor, made.payable_minor, made.is_outside_tax) == (180_00, 0, 214_20, False)


@pytest.mark.parametrize("name", ["net_minor", "tax_minor", "gross_minor"])
def test_a_falsified_sum_is_refused(name: str) -> None:
    """One cent more in any sum, and there is no document."""
    assert faults_of(make_document, **{name: getattr(make_document(), name) + 1}) == {(f"/{name}", "invoice.sums")}


def test_a_falsified_line_or_tax_is_refused() -> None:
    """The net of a line is quantity times price; the tax lines are those of the lines."""
    wrong = faults_of(make_document, lines=(make_line(net_minor=180_01),))
    assert ("/lines/0/net_minor", "invoice.line_net") in wrong
    assert ("/taxes", "invoice.sums") in wrong
    doubled = make_document().taxes * 2
    assert faults_of(make_document, taxes=doubled) == {("/taxes", "invoice.sums")}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"currency": "XXX"}, {("/currency", "currency.unknown")}),
        ({"currency": "eur"}, {("/currency", "currency.unknown")}),
        ({"currency": "HRK"}, {("/currency", "currency.unknown")}),
        ({"language": "tlh"}, {("/language", "language.unknown")}),
        ({"due_on": date(2026, 11, 29)}, {("/due_on", "invoice.due_before_issue")}),
        ({"period_from": date(2026, 11, 1)}, {("/period_until", "invoice.period")}),
        ({"period_from": date(2026, 11, 2), "period_until": date(2026, 11, 1)}, {("/period_until", "interval.reversed")}),
        ({"retained_minor": 5}, {("/retention_due_on", "invoice.retention")}),
        ({"retained_minor": 214_21, "retention_due_on": date(2027, 1, 1)}, {("/retained_minor", "invoice.retention")}),
        ({"number": " "}, {("/number", "text.empty")}),
        ({"intro": "a\x07b"}, {("/intro", "text.control")}),
        ({"logo": b"<svg/>"}, {("/logo", "logo.type_not_supported")}),
        ({"lines": (make_line(position=2),)}, {("/lines/0/position", "invoice.position")}),
        ({"number": "1" * (NUMBER_MAX + 1)}, {("/number", "text.too_long")}),
        ({"deliver_to_country": "XX"}, {("/deliver_to_country", "country.invalid")}),
        ({"period_until": date(2026, 11, 1)}, {("/period_until", "invoice.period")}),
        ({"retained_minor": -1, "retention_due_on": date(2027, 1, 1)}, {("/retained_minor", "invoice.retention")}),
        *(
            ({name: "x" * (NAME_MAX + 1)}, {(f"/{name}", "text.too_long")})
            for name in ("buyer_reference", "order_reference", "contract_reference", "project_reference")
        ),
        *(({name: "x" * (DESCRIPTION_MAX + 1)}, {(f"/{name}", "text.too_long")}) for name in ("payment_terms", "intro", "footer")),
    ],
)
def test_m08_what_a_document_does_not_take(changes: dict[str, Any], wanted: set[tuple[str, str]]) -> None:
    """Each is named with its place and its rule; a currency that is not in use, or in small letters, is none."""
    assert faults_of(make_document, **changes) == wanted


def test_what_a_document_just_takes() -> None:
    """A period of a day, due on the day of issue, all of it held back, texts without white space around them, a country for delivery."""
    day = date(2026, 11, 30)
    texts = {
        name: f" {name} " for name in ("buyer_reference", "order_reference", "contract_reference", "project_reference", "payment_terms")
    }
    made = make_document(
        number=" " + "1" * NUMBER_MAX,
        period_from=day,
        period_until=day,
        due_on=day,
        retained_minor=214_20,
        retention_due_on=day,
        deliver_to_country="AT",
        intro="a\r\nb",
        footer=" c ",
        **texts,
    )
    assert (made.number, made.intro, made.footer, made.delivery_country) == ("1" * NUMBER_MAX, "a\nb", "c", "AT")
    assert {name: getattr(made, name) for name in texts} == {name: name for name in texts}
    assert (make_document().delivery_country, make_document(number=None).number) == ("FR", None)


def without_tax(category: TaxCategory, **reason: str | None) -> dict[str, Any]:
    """What a document says whose line is of a category without tax."""
    line = make_line(tax_category=category, tax_rate=Decimal(0))
    tax = TaxLine(category=category, rate=Decimal(0), net_minor=180_00, tax_minor=0, **reason)
    return {"lines": (line,), "taxes": (tax,), "tax_minor": 0, "gross_minor": 180_00}


def test_a_category_without_tax_says_why_on_the_document() -> None:
    """In words, by a code, or both; without either there is no document. What is outside of tax says so."""
    for reason in (
        {"exemption_reason": "Export"},
        {"exemption_code": "VATEX-EU-G"},
        {"exemption_reason": "E", "exemption_code": "VATEX-EU-G"},
    ):
        assert make_document(**without_tax(TaxCategory.EXPORT, **reason)).is_outside_tax is False
    assert faults_of(make_document, **without_tax(TaxCategory.EXPORT)) == {("/taxes", "tax.reason_missing")}
    assert make_document(**without_tax(TaxCategory.OUTSIDE, exemption_reason="Abroad")).is_outside_tax is True


@pytest.mark.parametrize(("cents", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_tax_of_a_credit_note_may_differ_by_a_unit(cents: int, is_taken: bool) -> None:
    """Parts of an invoice were rounded each; an invoice's own tax may not differ."""
    tax = 34_20 + cents
    taxes = (TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=180_00, tax_minor=tax),)
    changes = {"taxes": taxes, "tax_minor": tax, "gross_minor": 180_00 + tax}
    if is_taken:
        assert make_document(kind=InvoiceKind.CREDIT_NOTE, **changes).tax_minor == tax
    else:
        assert ("/taxes", "invoice.sums") in faults_of(make_document, kind=InvoiceKind.CREDIT_NOTE, **changes)
    if cents:
        assert ("/taxes", "invoice.sums") in faults_of(make_document, **changes)
    other = tuple(replace(one, net_minor=180_01) for one in taxes)
    assert ("/taxes", "invoice.sums") in faults_of(make_document, kind=InvoiceKind.CREDIT_NOTE, **{**changes, "taxes": other})
    assert ("/taxes", "invoice.sums") in faults_of(make_document, kind=InvoiceKind.CREDIT_NOTE, **{**changes, "taxes": taxes * 2})


def test_discounts_are_taken_off_before_tax() -> None:
    """10.00 off 180.00 are 170.00 and 32.30 of tax; without the discount the sums are wrong."""
    off = Allowance(
        reason="Friends", base_minor=180_00, percent=None, amount_minor=10_00, tax_category=TaxCategory.STANDARD, tax_rate=Decimal(19)
    )
    taxes = (TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=170_00, tax_minor=32_30),)
    sums = {"taxes": taxes, "net_minor": 170_00, "tax_minor": 32_30, "gross_minor": 202_30}
    made = make_document(allowances=(off,), **sums)
    assert (made.lines_minor, made.allowances_minor, made.payable_minor) == (180_00, 10_00, 202_30)
    assert ("/taxes", "invoice.sums") in faults_of(make_document, **sums)


def test_lines_are_in_the_documents_currency() -> None:
    """A piece at 120 yen is 120 minor units, and 120,000 of a dinar, which has a thousand."""
    line = make_line(unit=LineUnit.PIECE, quantity=1, net_minor=120, unit_price=Decimal(120))
    taxes = (TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=120, tax_minor=23),)
    sums = {"taxes": taxes, "net_minor": 120, "tax_minor": 23, "gross_minor": 143}
    assert make_document(currency="JPY", lines=(line,), **sums).gross_minor == 143
    assert ("/lines/0/net_minor", "invoice.line_net") in faults_of(make_document, currency="KWD", lines=(line,), **sums)


def test_a_document_has_lines_and_not_too_many() -> None:
    """None, or more than can be printed in bounded time, are refused."""
    empty = {"taxes": (), "net_minor": 0, "tax_minor": 0, "gross_minor": 0}
    assert faults_of(make_document, lines=(), **empty) == {("/lines", "invoice.lines")}
    zero = make_line(quantity=0, net_minor=0)
    many = tuple(replace(zero, position=index + 1) for index in range(LINES_MAX + 1))
    taxes = (TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=0, tax_minor=0),)
    assert len(make_document(lines=many[:-1], **{**empty, "taxes": taxes}).lines) == LINES_MAX
    assert faults_of(make_document, lines=many, **{**empty, "taxes": taxes}) == {("/lines", "invoice.lines")}


def test_the_home_currency_is_another_one() -> None:
    """The tax in the firm's currency stands beside it only where the document is in another."""
    home = HomeTax(currency="EUR", rate=Decimal(1), day=date(2026, 11, 30), source="ECB", tax_minor=34_20)
    assert faults_of(make_document, home=home) == {("/home/currency", "invoice.home_currency")}
    assert make_document(home=replace(home, currency="CHF")).home is not None


@pytest.mark.parametrize(
    ("text", "wanted"), [(IBAN, True), ("DE02120300000000202052", False), ("DE02", False), ("FR1420041010050500013M02606", True)]
)
def test_an_iban_has_right_check_digits(text: str, *, wanted: bool) -> None:
    """One wrong digit is found."""
    assert is_iban(text) is wanted


def test_what_a_party_does_not_take() -> None:
    """Country, VAT id, e-mail and scheme have forms; an electronic address has a scheme; an address has three lines."""
    wrong = {"country": "Germany", "vat_id": "123", "email": "nobody", "electronic_address": "1", "address_lines": ("a", "b", "c", "d")}
    assert faults_of(Party, name="A", **wrong) == {
        ("/country", "country.invalid"),
        ("/vat_id", "party.vat_id_invalid"),
        ("/email", "party.email_invalid"),
        ("/electronic_scheme", "party.scheme_missing"),
        ("/address_lines", "party.address_too_long"),
    }
    assert faults_of(Party, name="A", country="DE", electronic_address="1", electronic_scheme="0000") == {
        ("/electronic_scheme", "party.scheme_unknown")
    }
    assert Party(name="A", country="GR", vat_id="el 123 456 789").vat_id == "EL123456789"


def test_what_an_account_does_not_take() -> None:
    """It has an IBAN with right digits or another number, not both; spaces do not count."""
    assert BankAccount(iban="DE02 1203 0000 0000 2020 51").iban == IBAN
    assert faults_of(BankAccount) == faults_of(BankAccount, iban=IBAN, account_number="1") == {("/iban", "bank.account_missing")}
    assert faults_of(BankAccount, iban="DE00120300000000202051", bic="X") == {("/iban", "bank.iban_invalid"), ("/bic", "bank.bic_invalid")}


def test_a_logo_is_told_by_its_content() -> None:
    """PNG and JPEG files say how large they are; a file that is cut off, or another sort, is none; sizes are bounded."""
    assert (logo_format(PNG), logo_pixels(PNG)) == ("png", (640, 200))
    assert (logo_format(JPEG), logo_pixels(JPEG)) == ("jpg", (640, 200))
    assert logo_format(PNG[:-1]) is None
    assert make_document(logo=PNG).logo == PNG
    huge = PNG.replace((640).to_bytes(4, "big"), (4_001).to_bytes(4, "big"))
    assert faults_of(make_document, logo=huge) == {("/logo", "logo.too_large")}
    assert faults_of(make_document, logo=JPEG.replace(b"\x03...", b"\x04...")) == {("/logo", "logo.type_not_supported")}
    many = PNG.replace((640).to_bytes(4, "big") + (200).to_bytes(4, "big"), (2_001).to_bytes(4, "big") * 2)
    assert faults_of(make_document, logo=many) == {("/logo", "logo.too_large")}
    profile = (20_000).to_bytes(4, "big") + b"iCCP" + b"." * 20_004
    packed = png_with(profile)
    assert faults_of(make_document, logo=packed) == {("/logo", "logo.too_large")}
    assert make_document(logo=png_with(profile.replace(b"iCCP", b"tEXt"))).logo is not None
    assert logo_format(JPEG[:-1]) is None
    assert logo_format(b"GIF89a") is None
    assert logo_pixels(JPEG[:-1]) is None
    assert logo_pixels(JPEG.replace(b"\xff\xc0", b"\xff\xc4")) is None, "no frame says how large it is"
    assert logo_pixels(JPEG.replace(b"\xff\xe0\x00\x04", b"\xfe\xe0\x00\x04")) is None, "its parts do not begin where they should"
    for width, height, is_taken in (
        (1, 1, True),
        (0, 1, False),
        (1, 0, False),
        (4_000, 1_000, True),
        (4_000, 1_001, False),
        (4_001, 1, False),
    ):
        sized = PNG.replace((640).to_bytes(4, "big") + (200).to_bytes(4, "big"), width.to_bytes(4, "big") + height.to_bytes(4, "big"))
        if is_taken:
            assert make_document(logo=sized).logo == sized
        else:
            assert faults_of(make_document, logo=sized) == {("/logo", "logo.too_large")}
    for kind in (b"iCCP", b"zTXt", b"iTXt"):
        least = png_with((16_384).to_bytes(4, "big") + kind + b"." * 16_388)
        assert make_document(logo=least).logo == least
        most = png_with((4).to_bytes(4, "big") + b"tEXt" + b"." * 8 + (16_385).to_bytes(4, "big") + kind + b"." * 16_389)
        assert faults_of(make_document, logo=most) == {("/logo", "logo.too_large")}
    full = PNG[:-8] + b"." * (LOGO_BYTES_MAX - len(PNG)) + PNG[-8:]
    assert len(make_document(logo=full).logo or b"") == LOGO_BYTES_MAX
    heavy = PNG[:-8] + b"." * LOGO_BYTES_MAX + PNG[-8:]
    assert faults_of(make_document, logo=heavy) == {("/logo", "logo.too_large")}
