"""Who bills and who is billed: what their records take, and what they make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scheduler.domain.billing.parties import (
    Address,
    BankAccount,
    Grouping,
    Party,
    is_bic,
    is_iban,
    is_vat_id,
)
from tests.domain.billing.refusals import faults
from tests.factories import make_client_account, make_legal_entity

IBAN = "DE02120300000000202051"
LONG = "x" * 201


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (IBAN, True),
        ("NO9386011117947", True),
        ("MT84MALT011000012345MTLCAST001S", True),
        ("DE03120300000000202051", False),
        ("DE02120300000000202015", False),
        ("DE02 1203 0000 0000 2020 51", False),
        ("de02120300000000202051", False),
        ("", False),
        ("DE021203000000002020511", False),
    ],
)
def test_an_iban_has_its_form_and_its_check_digits(text: str, *, is_one: bool) -> None:
    """The shortest that there is, one with letters, one with wrong digits, two digits that changed places, spaces, small letters."""
    assert is_iban(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("DE123456789", True),
        ("EL123456789", True),
        ("XI123456789", True),
        ("IE1234567*+", True),
        ("DE12", True),
        ("DE1", False),
        ("DE1234567890123", True),
        ("DE12345678901234", False),
        ("ZZ123456789", False),
        ("DE12 345", False),
        ("123456789", False),
    ],
)
def test_a_vat_id_has_the_letters_of_its_country(text: str, *, is_one: bool) -> None:
    """Those of ISO 3166, EL for Greece and XI for Northern Ireland; then 2 to 13 letters and digits."""
    assert is_vat_id(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"), [("DEUTDEFF", True), ("DEUTDEFF500", True), ("DEUTDEFF50", False), ("DEUTDEF", False), ("DEUT12FF", False)]
)
def test_a_bic_has_8_or_11_characters(text: str, *, is_one: bool) -> None:
    """The fifth and the sixth are the country's letters."""
    assert is_bic(text) is is_one


def test_an_account_is_written_without_spaces_in_capitals() -> None:
    """IBAN and BIC; other texts lose what is around them, and nothing but spaces is nothing."""
    made = BankAccount(iban="de02 1203 0000 0000 2020 51", bic=" deut deff ", bank_name=" Bank ", holder=" ")
    assert (made.iban, made.bic, made.bank_name, made.holder) == (IBAN, "DEUTDEFF", "Bank", None)
    other = BankAccount(account_number=" 12-34 ", iban=" ", bic="")
    assert (other.account_number, other.iban, other.bic) == ("12-34", None, None)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, [("/iban", "bank.account_missing")]),
        ({"iban": IBAN, "account_number": "1"}, [("/iban", "bank.account_missing")]),
        ({"iban": IBAN[:-1] + "2"}, [("/iban", "bank.iban_invalid")]),
        ({"iban": IBAN, "bic": "DEUT"}, [("/bic", "bank.bic_invalid")]),
        ({"iban": IBAN, "bank_name": LONG, "holder": "a\x07"}, [("/bank_name", "text.too_long"), ("/holder", "text.control")]),
        ({"account_number": LONG}, [("/account_number", "text.too_long")]),
    ],
)
def test_an_account_is_told_by_one_number_and_that_is_right(given: dict[str, str], wanted: list[tuple[str, str]]) -> None:
    """An IBAN or another number, exactly one; every fault has its place."""
    assert faults(BankAccount, **given) == wanted


OPTIONAL = ("postcode", "city", "region", "tax_number", "legal_id", "contact_name", "phone")


def test_a_party_is_written_in_its_normal_form() -> None:
    """Without spaces around texts, with a VAT id in capitals; what is blank is nothing."""
    padded: dict[str, Any] = dict.fromkeys(OPTIONAL, " b ")
    made = Party(name=" A ", country="DE", vat_id="de 123 456 789", address_lines=(" Weg 1 ", "Hof"), **padded)
    assert (made.name, made.vat_id, made.address_lines) == ("A", "DE123456789", ("Weg 1", "Hof"))
    assert {getattr(made, name) for name in OPTIONAL} == {"b"}
    reached = Party(name="A", country="DE", email=" a@b ", electronic_address=" 123 ", electronic_scheme=" 0088 ")
    assert (reached.email, reached.electronic_address, reached.electronic_scheme) == ("a@b", "123", "0088")
    spaces: dict[str, Any] = dict.fromkeys((*OPTIONAL, "vat_id", "email"), " ")
    blank = Party(name="A", country="DE", **spaces)
    assert {getattr(blank, name) for name in (*OPTIONAL, "vat_id", "email")} == {None}


@pytest.mark.parametrize("name", [*OPTIONAL, "vat_id", "email", "electronic_address", "electronic_scheme"])
def test_every_text_of_a_party_is_checked_in_its_place(name: str) -> None:
    """200 characters are the most."""
    assert (f"/{name}", "text.too_long") in faults(Party, name="A", country="DE", **{name: LONG})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"name": " "}, [("/name", "text.empty")]),
        ({"address_lines": ("a", " ")}, [("/address_lines/1", "text.empty")]),
        ({"address_lines": ("a", "b", "c", "d")}, [("/address_lines", "party.address_too_long")]),
        ({"country": "de"}, [("/country", "country.invalid")]),
        ({"vat_id": "DE1"}, [("/vat_id", "party.vat_id_invalid")]),
        ({"email": "a b@c"}, [("/email", "party.email_invalid")]),
        ({"electronic_address": "1"}, [("/electronic_scheme", "party.scheme_missing")]),
        ({"electronic_scheme": "EM"}, [("/electronic_scheme", "party.scheme_missing")]),
        ({"electronic_address": "1", "electronic_scheme": "1234"}, [("/electronic_scheme", "party.scheme_unknown")]),
    ],
)
def test_a_party_has_forms(given: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Each fault has its place and its rule."""
    assert faults(Party, **{"name": "A", "country": "DE", **given}) == wanted


def test_an_address_has_three_lines_at_most() -> None:
    """At the limit it is taken."""
    assert len(Party(name="A", country="DE", address_lines=("a", "b", "c")).address_lines) == 3


RECORDS = [make_legal_entity, make_client_account]


@pytest.mark.parametrize("make", RECORDS)
def test_a_record_is_written_in_its_normal_form(make: Any) -> None:
    """Name and address without spaces around them; a second line that is blank is none, and a town may be missing."""
    made = make(name=" A ", external_id=" x ", address=Address(line1=" Weg 1 ", line2=" ", postcode=" 1 ", city=" B ", country="DE"))
    assert (made.name, made.external_id) == ("A", "x")
    assert made.address == Address(line1="Weg 1", line2=None, postcode="1", city="B", country="DE")
    assert make(address=Address(line2=" Hof ", country="FR")).address == Address(line2="Hof", country="FR")


@pytest.mark.parametrize("make", RECORDS)
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"name": ""}, [("/name", "text.empty")]),
        ({"language": "tlh"}, [("/language", "language.unknown")]),
        ({"payment_days": -1}, [("/payment_days", "number.out_of_range")]),
        ({"payment_days": 366}, [("/payment_days", "number.out_of_range")]),
        ({"address": Address(line1=LONG, country="DE")}, [("/address/line1", "text.too_long")]),
        ({"address": Address(line2=LONG, country="DE")}, [("/address/line2", "text.too_long")]),
        ({"address": Address(postcode=LONG, country="DE")}, [("/address/postcode", "text.too_long")]),
        ({"address": Address(city=LONG, country="DE")}, [("/address/city", "text.too_long")]),
        ({"address": Address(country="Germany")}, [("/address/country", "country.invalid")]),
        ({"vat_id": LONG}, [("/vat_id", "text.too_long")]),
        ({"email": LONG}, [("/email", "text.too_long")]),
        ({"external_id": LONG}, [("/external_id", "text.too_long")]),
    ],
)
def test_both_sides_records_are_checked_alike(make: Any, given: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Names, addresses, languages and days to pay; each fault in its place."""
    assert faults(make, **given) == wanted


@pytest.mark.parametrize("make", RECORDS)
@pytest.mark.parametrize("days", [0, 365])
def test_days_to_pay_go_from_none_to_a_year(make: Any, days: int) -> None:
    """At both limits they are taken."""
    assert make(payment_days=days).payment_days == days


@pytest.mark.parametrize("name", ["tax_number", "iban", "bic", "bank_name"])
def test_a_legal_entitys_texts_are_checked_in_their_place(name: str) -> None:
    """Those that only it has."""
    assert faults(make_legal_entity, **{name: LONG}) == [(f"/{name}", "text.too_long")]
    assert getattr(make_legal_entity(**{name: " a "}), name) == "a"


@pytest.mark.parametrize("name", ["buyer_reference", "debtor_number"])
def test_a_client_accounts_texts_are_checked_in_their_place(name: str) -> None:
    """Those that only it has."""
    assert faults(make_client_account, **{name: LONG}) == [(f"/{name}", "text.too_long")]
    assert getattr(make_client_account(**{name: " a "}), name) == "a"


@pytest.mark.parametrize("name", ["intro", "footer"])
def test_words_around_the_lines_have_several_lines_and_an_end(name: str) -> None:
    """2,000 characters with line breaks are taken, one more is refused; blank ones are none."""
    text = "a\n" + "b" * 1_998
    assert getattr(make_legal_entity(**{name: text}), name) == text
    assert faults(make_legal_entity, **{name: text + "c"}) == [(f"/{name}", "text.too_long")]
    assert getattr(make_legal_entity(**{name: "\n "}), name) is None


@pytest.mark.parametrize("name", ["number_format", "credit_format"])
@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("{sequence}", True),
        ("A/{year}-{sequence:05}.b_c d", True),
        ("{year}{year}{sequence}", False),
        ("{year}", False),
        ("{sequence:10}", False),
        ("{sequence:00}", False),
        ("{sequence}{year}", False),
        ("Ä{sequence}", False),
        ("{sequence}" + "x" * 30, True),
        ("{sequence}" + "x" * 31, False),
    ],
)
def test_a_number_is_made_of_a_sequence_and_perhaps_the_year_before_it(name: str, text: str, *, is_one: bool) -> None:
    """And of letters, digits and a few signs; 40 characters are the most."""
    if is_one:
        assert getattr(make_legal_entity(**{name: text}), name) == text
    else:
        assert faults(make_legal_entity, **{name: text}) == [(f"/{name}", "number.format")]


def test_invoices_and_credit_notes_have_numbers_of_different_forms() -> None:
    """Otherwise two documents would have one number."""
    assert faults(make_legal_entity, number_format="X{sequence}", credit_format="X{sequence}") == [("/credit_format", "number.format")]


def test_accounts_of_the_ledger_are_short_texts() -> None:
    """20 characters are the most, and none is empty; each fault names what the account is for."""
    assert make_legal_entity(accounts={"bank": "1" * 20}).accounts == {"bank": "1" * 20}
    wrong = {"bank": "1" * 21, "revenue": "8400", "tax:S 19": " "}
    assert faults(make_legal_entity, accounts=wrong) == [("/accounts/bank", "text.too_long"), ("/accounts/tax:S 19", "text.empty")]


def test_an_account_of_a_client_may_leave_words_and_days_to_the_legal_entity() -> None:
    """Neither language nor days to pay; by itself each contract has its invoice."""
    made = make_client_account(language=None, payment_days=None)
    assert (made.language, made.payment_days, made.grouping) == (None, None, Grouping.CONTRACT)
    assert replace(made, language="fr").language == "fr"
