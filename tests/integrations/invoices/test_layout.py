"""What stands on the paper adds up as a reader adds it up: from the printed texts alone, at the precision at which they are printed."""

from __future__ import annotations

import os
import re
import string
from dataclasses import fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.documents import LANGUAGES
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.money import exponent
from scheduler.integrations.invoices.layout import Printed, breakable, printed
from scheduler.integrations.invoices.numbers import numbers_for
from scheduler.integrations.invoices.words import WORDS, Words
from tests.billing_documents import random_document

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument

DOCUMENTS = 10_000 if os.environ.get("MUSTER_TEST_ALL_DOCUMENTS") == "1" else 1_000
POINT = {"de": ",", "en": ".", "es": ",", "fr": ",", "it": ",", "nl": ","}
NOT_OF_A_NUMBER = re.compile(r"[^\d.,-]")
AMOUNT = r"-?\d[\d.,\u202f\u00a0]*"


def read(text: str, language: str) -> Decimal:
    """A printed number, by the reader's decimal sign alone."""
    whole = NOT_OF_A_NUMBER.sub("", text)
    point = POINT[language]
    return Decimal(whole.replace("," if point == "." else ".", "").replace(point, "."))


def rounded(value: Decimal, currency: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def line_made(quantity: str, price: str, language: str) -> Decimal:
    """Quantity times price as a reader multiplies them: hours and minutes at a price per hour, or pieces."""
    if ":" not in quantity:
        return read(quantity, language) * read(price, language)
    hours, minutes = quantity.split(":")
    sign = -1 if hours.startswith("-") else 1
    spent = abs(read(hours, language)) * 60 + read(minutes, language)
    return sign * spent * read(price, language) / 60


def check(document: InvoiceDocument) -> None:
    """Reads everything that is printed and adds it up anew."""
    paper, language, currency = printed(document), document.language, document.currency
    nets = []
    for line in paper["lines"]:
        nets.append(read(line["net"], language))
        assert rounded(line_made(line["quantity"], line["price"], language), currency) == nets[-1]
    words = WORDS[language]
    sums = [(label, read(value, language)) for label, value in paper["sums"]]
    place = next(index for index, (label, _) in enumerate(sums) if label == words.net)
    discounts = [value for _, value in sums[1:place]]
    assert sums[0][1] == (sum(nets) if place else sums[place][1])
    net = sums[place][1]
    assert sum(nets) + sum(discounts) == net
    check_taxes(paper, place, net, document)
    for _, value in (*paper["sums"], paper["gross"]):
        assert len(value.rpartition(POINT[language])[2] if exponent(currency) else "") == exponent(currency)


def check_taxes(paper: Printed, place: int, net: Decimal, document: InvoiceDocument) -> None:
    """Each tax is its printed share of its printed net; their nets are the net, and net and taxes the gross."""
    language, bases, taxes = document.language, [], []
    for label, value in paper["sums"][place + 1 :]:
        numbers = [read(found, language) for found in re.findall(AMOUNT, label.partition("\n")[0])]
        taxes.append(read(value, language))
        bases.append(numbers[-1])
        rate = numbers[0] if len(numbers) == 2 else Decimal(0)
        assert rounded(bases[-1] * rate / 100, document.currency) == taxes[-1]
    assert sum(bases) == net
    assert net + sum(taxes) == read(paper["gross"][1], language)


def test_m05_m06_m08_what_is_printed_adds_up() -> None:
    """Quantity x price = line, lines - discounts = net, rate x net = tax, net + tax = gross: of random documents in six languages."""
    seen = set()
    for seed in range(DOCUMENTS):
        document = random_document(seed)
        check(document)
        seen.add((document.language, document.currency, document.kind))
    assert len(seen) == len(LANGUAGES) * 6 * 2


def test_a_wrong_figure_on_paper_is_found() -> None:
    """One changed digit in a sum, and what is printed does not add up: the check can fail."""
    document = random_document(5)
    object.__setattr__(document, "net_minor", document.net_minor + 1)
    with pytest.raises(AssertionError):
        check(document)


def test_every_language_has_every_word() -> None:
    """Each language that a document may have says everything, and takes what the others take."""
    assert set(WORDS) == set(LANGUAGES)
    english = WORDS["en"]
    for language, words in WORDS.items():
        for field in fields(Words):
            text, like = getattr(words, field.name), getattr(english, field.name)
            assert text.strip(), (language, field.name)
            assert text.count("{}") == like.count("{}"), (language, field.name)
            assert len(list(string.Formatter().parse(text))) >= 1


@pytest.mark.parametrize(
    ("language", "amount", "price", "share", "day"),
    [
        ("de", "-1.234.567,80", "0,0125", "7,5\u00a0%", "30.11.2026"),
        ("en", "-1,234,567.80", "0.0125", "7.5%", "Nov 30, 2026"),
        ("fr", "-1\u202f234\u202f567,80", "0,0125", "7,5\u00a0%", "30 nov. 2026"),
        ("es", "-1.234.567,80", "0,0125", "7,5\u00a0%", "30 nov 2026"),
        ("it", "-1.234.567,80", "0,0125", "7,5%", "30 nov 2026"),
        ("nl", "-1.234.567,80", "0,0125", "7,5%", "30 nov 2026"),
    ],
)
def test_each_language_writes_numbers_its_own_way(language: str, amount: str, price: str, share: str, day: str) -> None:
    """Decimal sign, thousands, percent and days are those of the language."""
    numbers = numbers_for(language, "EUR")
    assert numbers.money(-1_234_567_80) == amount
    assert numbers.price(Decimal("0.0125")) == price
    assert numbers.percent(Decimal("7.50")) == share
    assert numbers.day(date(2026, 11, 30)) == day


def test_m08_places_are_the_currency_s() -> None:
    """Yen have no decimals, dinars three; a price has as many as it needs, and at least the currency's."""
    assert [numbers_for("en", code).money(1_234_500) for code in ("JPY", "EUR", "KWD")] == ["1,234,500", "12,345.00", "1,234.500"]
    prices = [numbers_for("en", code).price(Decimal("1200.50")) for code in ("JPY", "EUR", "KWD")]
    assert prices == ["1,200.5", "1,200.50", "1,200.500"]
    assert numbers_for("es", "EUR").money(1_234_00) == "1234,00"


def test_time_is_printed_in_hours_and_minutes() -> None:
    """90 minutes are 1:30; what is taken off again has its sign."""
    numbers = numbers_for("de", "EUR")
    assert [numbers.quantity(LineUnit.MINUTE, minutes) for minutes in (90, 5, -65, 75_000)] == ["1:30", "0:05", "-1:05", "1.250:00"]
    assert numbers.quantity(LineUnit.PIECE, -1) == "-1"


def test_why_no_tax_is_charged_is_printed_in_words() -> None:
    """The document's own words; where it has a code alone, those of the language."""
    for seed in range(300):
        document = random_document(seed)
        for tax in document.taxes:
            if tax.category in {TaxCategory.INTRA_COMMUNITY, TaxCategory.REVERSE_CHARGE}:
                label = " ".join(label for label, _ in printed(document)["sums"])
                assert (tax.exemption_reason or WORDS[document.language].intra_community) in label


def test_long_words_may_be_broken() -> None:
    """A word of 70 letters gets places to break; nothing that can be seen changes."""
    long = "x" * 70
    assert breakable(long).count("\u200b") == 2
    assert breakable(f"{long} y").replace("\u200b", "") == f"{long} y"
    assert breakable("short words of any number " * 9) == "short words of any number " * 9
