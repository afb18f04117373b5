"""Read a cell as a date, a number, a duration, a list: exactly as the map says, nothing guessed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from scheduler.integrations.imports.faults import Unreadable
from scheduler.integrations.imports.map_values import EXCEL_1900, EXCEL_1904, ISO_DATE

if TYPE_CHECKING:
    from scheduler.integrations.imports.map_values import Reading

UNITS = {
    "hours": Decimal(60),
    "minutes": Decimal(1),
    "days of 7 hours": Decimal(420),
    "days of 7.5 hours": Decimal(450),
    "days of 8 hours": Decimal(480),
}
"""Minutes per unit of a duration."""

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2199, 12, 31)
MAX_DIGITS = 15
MAX_DECIMALS = 30
PLACES = 4

_TOKEN = re.compile(r"YYYY|YY|MM|M|DD|D|hh|mm|ss|[^A-Za-z0-9]")
_TOKEN_PATTERN = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<year>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
    "hh": r"[0-9]{2}",
    "mm": r"[0-9]{2}",
    "ss": r"[0-9]{2}(?:\.[0-9]+)?",
}
_THREE_NUMBERS = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})")


@lru_cache(maxsize=64)
def date_pattern(form: str) -> re.Pattern[str] | None:
    """The format as a regular expression; ``None`` unless it names year, month and day once each and nothing unknown."""
    tokens = _TOKEN.findall(form)
    named = sorted(token[0] for token in tokens if token in _TOKEN_PATTERN and token[0] in "YMD")
    if "".join(tokens) != form or named != ["D", "M", "Y"]:
        return None
    return re.compile("".join(_TOKEN_PATTERN.get(token, re.escape(token)) for token in tokens))


def read_date(cell: str | date | Decimal, reading: Reading, *, date_1904: bool = False) -> date:
    """A day. Raises Unreadable: ``date.ambiguous``, ``date.invalid``, ``date.out_of_range``."""
    if isinstance(cell, date):
        return _in_range(cell)
    text = f"{cell:f}" if isinstance(cell, Decimal) else cell
    if reading.date in (EXCEL_1900, EXCEL_1904):
        return _in_range(_from_serial(text, reading.date, date_1904=isinstance(cell, Decimal) and date_1904))
    pattern = date_pattern(reading.date)
    match = pattern.fullmatch(text) if pattern else None
    if match is None:
        _refuse_date(text, reading.date)
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    try:
        return _in_range(date(year, int(match["month"]), int(match["day"])))
    except ValueError:
        raise Unreadable("date.invalid", f"{text!r} names a day that does not exist; correct it.") from None


def _refuse_date(text: str, form: str) -> NoReturn:
    found = _THREE_NUMBERS.fullmatch(text)
    if found and form == ISO_DATE:
        first, second = int(found[1]), int(found[2])
        year = "YYYY" if len(found[3]) == 4 else "YY"
        signs = re.findall(r"[./-]", text)
        choices = [f"DD{signs[0]}MM{signs[1]}{year}", f"MM{signs[0]}DD{signs[1]}{year}"]
        if 1 <= first <= 12 and 1 <= second <= 12:
            raise Unreadable(
                "date.ambiguous", f"{text!r} may be read as day/month or month/day; set date = {choices[0]!r} or {choices[1]!r} in the map."
            )
        raise Unreadable(
            "date.invalid",
            f"{text!r} is not written {form}; set the file's date format in the map, such as date = {choices[first <= 12]!r}.",
        )
    serial = (
        " A spreadsheet's serial number needs date = 'excel-1900' or 'excel-1904' in the map."
        if re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", text)
        else ""
    )
    raise Unreadable("date.invalid", f"{_short(text)} is not a date written {form}; correct it, or set the format in the map.{serial}")


def _from_serial(text: str, system: str, *, date_1904: bool) -> date:
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise Unreadable("date.invalid", f"{_short(text)} is not a serial number of a day ({system}); a time of day is not allowed either.")
    serial = int(text)
    if date_1904 and system == EXCEL_1900:
        raise Unreadable("date.invalid", "The workbook counts days from 1904, but the map says excel-1900; set date = 'excel-1904'.")
    if system == EXCEL_1904:
        return date(1904, 1, 1) + timedelta(days=serial)
    if serial == 60:
        raise Unreadable("date.invalid", "Serial 60 is 1900-02-29, a day that never was; correct it.")
    return date(1899, 12, 30) + timedelta(days=serial + (serial < 60))


def _in_range(day: date) -> date:
    if FIRST_DAY <= day <= LAST_DAY:
        return day
    raise Unreadable(
        "date.out_of_range",
        f"{day} is outside {FIRST_DAY} to {LAST_DAY}; correct it, or list it under nulls in the map if it means no date.",
    )


def read_number(cell: str | date | Decimal, reading: Reading) -> Decimal:
    """An exact decimal. Raises Unreadable: ``number.invalid``, ``number.not_finite``, ``number.too_large``."""
    if isinstance(cell, Decimal):
        return _sized(cell)
    text = cell.isoformat() if isinstance(cell, date) else cell
    if not _number_pattern(reading.decimal, reading.thousands).fullmatch(text):
        if text.strip("+-").casefold() in ("nan", "inf", "infinity"):
            raise Unreadable("number.not_finite", f"{text!r} is not a finite number; correct it.")
        group = f" and {reading.thousands!r} between thousands" if reading.thousands else " and no sign between thousands"
        raise Unreadable(
            "number.invalid",
            f"{_short(text)} is not a number with {reading.decimal!r} before decimals{group}; correct it, or set decimal and thousands in the map.",
        )
    digits = text.replace(reading.thousands, "") if reading.thousands else text
    return _sized(Decimal(digits.replace(reading.decimal, ".")))


@lru_cache(maxsize=16)
def _number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"|[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+" if thousands else ""
    return re.compile(rf"[+-]?(?:[0-9]+{grouped})(?:{re.escape(decimal)}[0-9]+)?")


def _sized(number: Decimal) -> Decimal:
    if -int(number.as_tuple().exponent) > MAX_DECIMALS:
        raise Unreadable("number.too_precise", f"The number has more than {MAX_DECIMALS} decimals; round it.")
    if number.adjusted() >= MAX_DIGITS:
        raise Unreadable("number.too_large", f"The number has more than {MAX_DIGITS} digits before the decimals; correct it.")
    return number


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Half away from zero, to so many decimals."""
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


_TRUE = frozenset(("true", "yes", "1", "y", "t"))
_FALSE = frozenset(("false", "no", "0", "n", "f"))


def read_yes_no(text: str) -> bool:
    """true/yes/1 or false/no/0, in any case."""
    folded = text.casefold()
    if folded in _TRUE or folded in _FALSE:
        return folded in _TRUE
    raise Unreadable("value.unknown", f"{_short(text)} is neither true/yes/1 nor false/no/0; translate it with values in the map.")


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_weekdays(text: str) -> tuple[bool, ...]:
    """``Mon-Fri`` or ``Mon Tue Thu``: which days of the week."""
    chosen = [False] * 7
    for part in re.split(r"[\s,;]+", text.casefold()):
        ends = [name[:3] for name in part.split("-")]
        if len(ends) > 2 or any(name not in _DAYS for name in ends):
            raise Unreadable("value.unknown", f"{_short(text)} are not weekdays; write Mon-Fri, or Mon Tue Thu.")
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        for day in range(first, last + 1):
            chosen[day] = True
    if not any(chosen):
        raise Unreadable("value.unknown", f"{_short(text)} names no weekday; write Mon-Fri, or Mon Tue Thu.")
    return tuple(chosen)


def split_list(text: str, separator: str) -> list[str]:
    """The parts between separators, without blanks around them and without empty ones."""
    return [part for raw in text.split(separator) if (part := raw.strip())]


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
