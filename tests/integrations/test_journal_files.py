"""Files of the journal: what they book is exactly the journal, and no cell in them is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.money import exponent
from scheduler.integrations.csv_cells import is_formula
from scheduler.integrations.journal_files import DATEV_COLUMNS, DATEV_ENCODING, LEDGER_COLUMNS, DatevBatch, datev_batch, general_ledger
from tests.domain.billing.test_journal_lines import entry, make_journal_line

if TYPE_CHECKING:
    from scheduler.domain.billing.journal_lines import JournalLine

MADE_AT = datetime(2026, 12, 1, 9, 30, 15, 123_000, UTC)
EVIL = ["=1+1", "+49", "-2+3", "@SUM(A1)", "＝1+1", 'Say "hi"; bye', "Łódź ✓ 日本", "Ärger & Söhne € – „x“", "{{ 7*7 }}", None]


def make_batch(**changes: Any) -> DatevBatch:
    fields: dict[str, Any] = {
        "consultant": 29_098,
        "client": 55_003,
        "fiscal_year_start": date(2026, 1, 1),
        "first": date(2026, 1, 1),
        "last": date(2026, 12, 31),
        "chart": "03",
    }
    return DatevBatch(**{**fields, **changes})


def random_journal(seed: int, *, count: int = 50, currency: str = "EUR") -> list[JournalLine]:
    random = Random(seed)
    lines: list[JournalLine] = []
    for number in range(count):
        amounts = [random.randrange(1, 10**7) for _ in range(random.randrange(1, 5))]
        signs = random.choice((1, -1))
        words: dict[str, Any] = {name: random.choice(EVIL) for name in ("text", "document_number", "project", "client")}
        made = entry(*(signs * amount for amount in amounts), -signs * sum(amounts), entry_id=f"e{number}")
        lines.extend(replace(line, currency=currency, date=date(2026, 1 + number % 12, 5), **words) for line in made)
    return lines


def read(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_m05_m08_the_ledger_has_every_line_exactly(currency: str) -> None:
    """Read again, each line has its account and amount with the places of its currency, and every entry adds up to 0."""
    lines = random_journal(1, currency=currency)
    head, *rows = read(general_ledger(lines))
    assert tuple(head) == LEDGER_COLUMNS
    assert len(rows) == len(lines)
    left: Counter[str] = Counter()
    for row, line in zip(rows, lines, strict=True):
        cells = dict(zip(head, row, strict=True))
        minor = [int(Decimal(cells[name] or "0").scaleb(exponent(currency))) for name in ("debit", "credit")]
        assert minor == [line.debit_minor, line.credit_minor]
        assert (cells["date"], cells["account"], cells["currency"]) == (line.date.isoformat(), line.account, currency)
        left[cells["entry_id"]] += minor[0] - minor[1]
    assert set(left.values()) == {0}


def test_x01_the_files_have_no_formula() -> None:
    """Texts that begin as formulas are texts in both files; a search through every cell finds none."""
    lines = random_journal(2, count=200)
    for text, separator in ((general_ledger(lines), ","), (datev_batch(lines, batch=make_batch(), made_at=MADE_AT), ";")):
        cells = [cell for row in read(text, separator) for cell in row]
        assert [cell for cell in cells if is_formula(cell)] == []
        assert "'=1+1" in cells
    assert "'＝1+1" in {cell for row in read(general_ledger(lines)) for cell in row}


def test_x04_texts_are_not_templates() -> None:
    """Braces and the like stand as they are."""
    assert '"{{ 7*7 }}"' in general_ledger([replace(line, text="{{ 7*7 }}") for line in entry(5, -5)])


def test_the_head_of_a_batch_is_datev_s() -> None:
    """31 fields as DATEV writes them in its own example: format 700, category 21, version 13."""
    head = datev_batch(entry(5, -5), batch=make_batch(), made_at=MADE_AT).split("\r\n")[0]
    assert head == (
        '"EXTF";700;21;"Buchungsstapel";13;20261201093015123;;"MU";"";"";29098;55003;20260101;4;20260101;20261231;"Muster";"";1;0;0;"EUR";'
        ';"";;;"03";;;"";""'
    )
    assert len(head.split(";")) == 31


def test_m05_a_batch_books_what_the_journal_says() -> None:
    """The sum of every account over the file is that of the journal, to the cent; amounts are above 0 with a decimal comma."""
    lines = random_journal(3)
    text = datev_batch(lines, batch=make_batch(), made_at=MADE_AT)
    _, head, *rows = read(text, ";")
    assert tuple(head) == DATEV_COLUMNS
    assert len(head) == 125
    booked: Counter[str] = Counter()
    for row in rows:
        cells = dict(zip(head, row, strict=True))
        assert re.fullmatch(r"\d{1,10},\d{2}", cells["Umsatz (ohne Soll/Haben-Kz)"])
        minor = int(cells["Umsatz (ohne Soll/Haben-Kz)"].replace(",", ""))
        booked[cells["Konto"]] += minor
        booked[cells["Gegenkonto (ohne BU-Schlüssel)"]] -= minor
        assert (cells["Soll/Haben-Kennzeichen"], cells["WKZ Umsatz"]) == ("S", "EUR")
        assert re.fullmatch(r"[\w$&%*+\-/]{1,36}", cells["Belegfeld 1"])
        assert len(cells["Buchungstext"]) <= 60
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.account] += line.signed_minor
    assert booked == wanted
    assert re.search(r'^\d+,\d\d;"S";"EUR";;;;\d+;\d+;;0501;"', text, re.MULTILINE)


def test_texts_of_a_batch_are_in_its_code_page() -> None:
    """Umlauts, euro and quotes stay; letters that the code page lacks lose their accents, others become question marks; one line each."""
    text = datev_batch(
        [replace(line, text='Łódź 日 "Ä€ß" x' + "y" * 80, document_number="R 2026/1 =", project="Zażółć") for line in entry(5, -5)],
        batch=make_batch(),
        made_at=MADE_AT,
    )
    assert text.encode(DATEV_ENCODING).decode(DATEV_ENCODING) == text
    cells = dict(zip(DATEV_COLUMNS, read(text, ";")[2], strict=True))
    assert cells["Buchungstext"].startswith('?ódz ? "Ä€ß" xyyy')
    assert len(cells["Buchungstext"]) == 60
    assert cells["Belegfeld 1"] == "R-2026/1--"
    assert (cells["Zusatzinformation - Art 1"], cells["Zusatzinformation- Inhalt 1"]) == ("Projekt", "Zazó?c")
    fullwidth = datev_batch([replace(line, text="＝1+1") for line in entry(5, -5)], batch=make_batch(), made_at=MADE_AT)
    assert '"\'=1+1"' in fullwidth


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (entry(5, -4), "journal.unbalanced"),
        ([replace(line, currency="USD") for line in entry(5, -5)], "money.currency_mismatch"),
        ([replace(line, date=date(2025, 12, 31)) for line in entry(5, -5)], "datev.outside_batch"),
        ([replace(line, account="Revenue") for line in entry(5, -5)], "datev.account"),
        (entry(10**12, -(10**12)), "datev.amount"),
    ],
)
def test_m09_what_does_not_fit_into_a_batch_is_refused(lines: list[JournalLine], code: str) -> None:
    """Unbalanced entries, other currencies and days, accounts that are no numbers, and amounts too large: nothing is written."""
    with pytest.raises(DomainError) as refused:
        datev_batch(lines, batch=make_batch(), made_at=MADE_AT)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"consultant": 1}, ("/consultant", "number.out_of_range")),
        ({"client": 100_000}, ("/client", "number.out_of_range")),
        ({"last": date(2027, 1, 1)}, ("/first", "datev.period")),
        ({"fiscal_year_start": date(2026, 1, 2)}, ("/fiscal_year_start", "datev.period")),
        ({"currency": "KWD"}, ("/currency", "datev.decimals")),
        ({"chart": "SKR03"}, ("/chart", "datev.chart")),
    ],
)
def test_m08_what_a_batch_does_not_take(changes: dict[str, Any], wanted: tuple[str, str]) -> None:
    """Numbers, days, currency and chart are checked before anything is written."""
    with pytest.raises(DomainError) as refused:
        make_batch(**changes)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [wanted]


def test_an_empty_journal_is_a_file_with_its_heads() -> None:
    """Nothing booked gives headings alone."""
    assert read(general_ledger([])) == [list(LEDGER_COLUMNS)]
    assert len(read(datev_batch([], batch=make_batch(), made_at=MADE_AT), ";")) == 2
    assert make_journal_line(debit_minor=1).contra_account is None
