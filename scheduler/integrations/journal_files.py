"""The journal as files that accounting programs read: a general ledger as CSV, and DATEV's Buchungsstapel. Rows in, text out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.journal_lines import JournalLine, entries, postings
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import exponent
from scheduler.integrations.csv_cells import csv_text, plain_text, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from scheduler.domain.billing.journal_lines import Posting
    from scheduler.integrations.csv_cells import Cell

LEDGER_COLUMNS = (
    "entry_id",
    "date",
    "account",
    "contra_account",
    "debit",
    "credit",
    "currency",
    "text",
    "document_number",
    "project",
    "client",
)
DATEV_ENCODING = "cp1252"
_EXTRA = tuple(name for index in range(1, 21) for name in (f"Zusatzinformation - Art {index}", f"Zusatzinformation- Inhalt {index}"))
_INFO = tuple(name for index in range(1, 9) for name in (f"Beleginfo - Art {index}", f"Beleginfo - Inhalt {index}"))
_FIRST = """Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;WKZ Basis-Umsatz;Konto;Gegenkonto (ohne BU-Schlüssel)
BU-Schlüssel;Belegdatum;Belegfeld 1;Belegfeld 2;Skonto;Buchungstext;Postensperre;Diverse Adressnummer;Geschäftspartnerbank;Sachverhalt
Zinssperre;Beleglink"""
_MIDDLE = """KOST1 - Kostenstelle;KOST2 - Kostenstelle;Kost-Menge;EU-Land u. UStID (Bestimmung);EU-Steuersatz (Bestimmung)
Abw. Versteuerungsart;Sachverhalt L+L;Funktionsergänzung L+L;BU 49 Hauptfunktionstyp;BU 49 Hauptfunktionsnummer;BU 49 Funktionsergänzung"""
_LAST = """Stück;Gewicht;Zahlweise;Forderungsart;Veranlagungsjahr;Zugeordnete Fälligkeit;Skontotyp;Auftragsnummer;Buchungstyp
USt-Schlüssel (Anzahlungen);EU-Land (Anzahlungen);Sachverhalt L+L (Anzahlungen);EU-Steuersatz (Anzahlungen);Erlöskonto (Anzahlungen)
Herkunft-Kz;Buchungs GUID;KOST-Datum;SEPA-Mandatsreferenz;Skontosperre;Gesellschaftername;Beteiligtennummer;Identifikationsnummer
Zeichnernummer;Postensperre bis;Bezeichnung SoBil-Sachverhalt;Kennzeichen SoBil-Buchung;Festschreibung;Leistungsdatum
Datum Zuord. Steuerperiode;Fälligkeit;Generalumkehr (GU);Steuersatz;Land;Abrechnungsreferenz;BVV-Position;EU-Land u. UStID (Ursprung)
EU-Steuersatz (Ursprung);Abw. Skontokonto"""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\n", ";").split(";"))


DATEV_COLUMNS = (*_names(_FIRST), *_INFO, *_names(_MIDDLE), *_EXTRA, *_names(_LAST))
_PLACE = {name: index for index, name in enumerate(DATEV_COLUMNS)}
_ACCOUNT = re.compile(r"\d{1,9}")
_NOT_IN_NUMBERS = re.compile(r"[^A-Za-z0-9_$&%*+\-/]")
_TEXT_MAX, _NUMBER_MAX, _EXTRA_MAX = 60, 36, 210
_AMOUNT_MAX = 10**12
"""Ten digits before the comma and two behind."""


def general_ledger(lines: Iterable[JournalLine]) -> str:
    """
    Every line of balanced entries as CSV; amounts in main units with a decimal point, as many places as the currency has.

    Raises DomainError ``journal.unbalanced``, ``journal.entry_split``, ``money.currency_mismatch``.
    """
    rows: list[tuple[Cell, ...]] = [LEDGER_COLUMNS]
    rows.extend(_ledger_row(line) for entry in entries(lines) for line in entry)
    return csv_text(rows)


def _ledger_row(line: JournalLine) -> tuple[Cell, ...]:
    debit, credit = (_units(minor, line.currency) if minor else None for minor in (line.debit_minor, line.credit_minor))
    accounts = (line.account, line.contra_account)
    words = (line.text, line.document_number, line.project, line.client)
    return (line.entry_id, line.date.isoformat(), *accounts, debit, credit, line.currency, *words)


def _units(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatevBatch:
    """What the head of a batch says: whose books, which fiscal year, and which days."""

    consultant: int
    """The tax adviser's number (Berater)."""
    client: int
    """The firm's number there (Mandant)."""
    fiscal_year_start: date
    first: date
    last: date
    """The last day itself."""
    account_digits: int = 4
    currency: str = "EUR"
    chart: str = ""
    """The chart of accounts, such as 03 or 04; may be left out."""
    title: str = "Muster"

    def __post_init__(self) -> None:
        faults = Faults()
        faults.integer("/consultant", self.consultant, least=1_001, most=9_999_999)
        faults.integer("/client", self.client, least=1, most=99_999)
        faults.integer("/account_digits", self.account_digits, least=4, most=8)
        object.__setattr__(self, "title", faults.text("/title", self.title, most=30))
        if self.fiscal_year_start.day != 1:
            faults.add("/fiscal_year_start", "datev.period", "A fiscal year starts on the first of a month.")
        elif not self.fiscal_year_start <= self.first <= self.last < self.fiscal_year_start.replace(year=self.fiscal_year_start.year + 1):
            faults.add("/first", "datev.period", "A batch lies within one fiscal year; make one for each.")
        if exponent(self.currency) > 2:
            faults.add("/currency", "datev.decimals", f"DATEV writes two decimals, and {self.currency} has more; use another file.")
        if self.chart and not re.fullmatch(r"\d{2}", self.chart):
            faults.add("/chart", "datev.chart", "A chart of accounts is two digits, such as 03 or 04.")
        faults.raise_any("DATEV batch")


def datev_batch(lines: Iterable[JournalLine], *, batch: DatevBatch, made_at: datetime) -> str:
    """
    Balanced entries as DATEV's Buchungsstapel (EXTF 700, category 21, version 13); to be written in ``DATEV_ENCODING``.

    Entries of several lines become amounts from account to account. No tax keys are set: accounts must be without automatic tax.
    Raises DomainError as ``general_ledger`` does, and ``datev.account``, ``datev.amount``, ``datev.outside_batch``.
    """
    head = ";".join(_head(batch, made_at)) + "\r\n"
    rows = [_datev_row(posting, batch) for entry in entries(lines) for posting in postings(entry)]
    return head + ";".join(DATEV_COLUMNS) + "\r\n" + "".join(";".join(row) + "\r\n" for row in rows)


def _head(batch: DatevBatch, made_at: datetime) -> list[str]:
    """The 31 fields of the first line."""
    made = f"{made_at:%Y%m%d%H%M%S}{made_at.microsecond // 1000:03d}"
    days = [f"{day:%Y%m%d}" for day in (batch.fiscal_year_start, batch.first, batch.last)]
    origin = [made, "", quoted("MU"), quoted(""), quoted(""), str(batch.consultant), str(batch.client)]
    period = [days[0], str(batch.account_digits), days[1], days[2], _datev_text(batch.title, most=30), quoted("")]
    kind = ["1", "0", "0", quoted(batch.currency), "", quoted(""), "", ""]
    rest = [quoted(batch.chart) if batch.chart else "", "", "", quoted(""), quoted("")]
    return [quoted("EXTF"), "700", "21", quoted("Buchungsstapel"), "13", *origin, *period, *kind, *rest]


def _datev_row(posting: Posting, batch: DatevBatch) -> list[str]:
    line = posting.detail
    _require_fitting(posting, batch)
    amount = Decimal(posting.amount_minor).scaleb(-exponent(batch.currency))
    row = [""] * len(DATEV_COLUMNS)
    cells = {
        "Umsatz (ohne Soll/Haben-Kz)": f"{amount:.2f}".replace(".", ","),
        "Soll/Haben-Kennzeichen": quoted("S"),
        "WKZ Umsatz": quoted(batch.currency),
        "Konto": posting.debit.account,
        "Gegenkonto (ohne BU-Schlüssel)": posting.credit.account,
        "Belegdatum": f"{line.date:%d%m}",
        "Belegfeld 1": quoted(_document_number(line.document_number or line.entry_id)),
        "Buchungstext": _datev_text(line.text or "", most=_TEXT_MAX),
        "Festschreibung": "0",
    }
    for index, (kind, text) in enumerate((("Projekt", line.project), ("Kunde", line.client)), start=1):
        if text is not None:
            cells[f"Zusatzinformation - Art {index}"] = quoted(kind)
            cells[f"Zusatzinformation- Inhalt {index}"] = _datev_text(text, most=_EXTRA_MAX)
    for name, cell in cells.items():
        row[_PLACE[name]] = cell
    return row


def _require_fitting(posting: Posting, batch: DatevBatch) -> None:
    line = posting.detail
    if line.currency != batch.currency:
        detail = (
            f"Entry {line.entry_id} is in {line.currency} and the batch in {batch.currency}; convert at a rate first, or make a batch each."
        )
        raise DomainError(ErrorKind.INVALID, "money.currency_mismatch", detail, facts={"entry_id": line.entry_id})
    if not batch.first <= line.date <= batch.last:
        detail = f"Entry {line.entry_id} of {line.date} is outside the days of the batch; choose others, or leave it out."
        raise DomainError(ErrorKind.INVALID, "datev.outside_batch", detail, facts={"entry_id": line.entry_id})
    for account in (posting.debit.account, posting.credit.account):
        if not _ACCOUNT.fullmatch(account):
            detail = f"Account {account!r} is no number of at most nine digits, as DATEV asks for; change it in the accounts."
            raise DomainError(ErrorKind.INVALID, "datev.account", detail, facts={"account": account})
    if posting.amount_minor >= _AMOUNT_MAX:
        raise DomainError(ErrorKind.INVALID, "datev.amount", f"Entry {line.entry_id} is more than DATEV takes; split it.")


def _document_number(text: str) -> str:
    """The number with a dash for everything that the field does not take; it never begins as a formula."""
    number = _NOT_IN_NUMBERS.sub("-", _in_codepage(text))[:_NUMBER_MAX]
    return f"_{number[1:]}" if number[:1] in {"+", "-"} else number


def _datev_text(text: str, *, most: int) -> str:
    """A text in quotes: on one line, of characters that the code page has, cut, and never a formula."""
    on_one_line = " ".join(_in_codepage(text).split())
    return quoted(plain_text(on_one_line)[:most])


def _in_codepage(text: str) -> str:
    """The text in Windows-1252: what it lacks is written without accents, or as a question mark."""
    return "".join(character if _fits(character) else _nearest(character) for character in text)


def _nearest(character: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if _fits(part))
    return plain or "?"


def _fits(character: str) -> bool:
    return character.encode(DATEV_ENCODING, errors="ignore") != b""
