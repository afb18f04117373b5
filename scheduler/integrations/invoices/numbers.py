"""Amounts, prices, durations, shares and days as a language writes them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.ground.money import exponent

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

PER_HOUR_MIN = 60
_NUMBERING = "latn"
_LONGEST_GROUPLESS = 4
"""Spanish sets no thousands separator before the fifth digit."""


class Numbers:
    """How one language writes numbers of one currency."""

    def __init__(self, language: str, currency: str) -> None:
        self._locale = Locale.parse(language)
        symbols = self._locale.number_symbols[_NUMBERING]
        self._point, self._group, self._minus = symbols["decimal"], symbols["group"], symbols["minusSign"]
        self._percent = self._locale.percent_formats[None].pattern.replace("#,##0", "{}")
        self._groupless = _LONGEST_GROUPLESS if language == "es" else 0
        self._places = exponent(currency)

    def money(self, minor: int, *, places: int | None = None) -> str:
        """Minor units, with all places of the currency."""
        digits = self._places if places is None else places
        whole, rest = divmod(abs(minor), 10**digits)
        return self._signed(minor < 0, whole, f"{rest:0{digits}d}" if digits else "")

    def price(self, value: Decimal) -> str:
        """A price: the places of the currency, and as many more as it has."""
        return self._decimal(value, self._places)

    def number(self, value: Decimal) -> str:
        """A number with exactly the places it has."""
        return self._decimal(value, 0)

    def percent(self, value: Decimal) -> str:
        """A share in percent."""
        return str(self._percent.format(self.number(value)))

    def quantity(self, unit: LineUnit, quantity: int) -> str:
        """Hours and minutes, or pieces."""
        if unit is LineUnit.PIECE:
            return self._signed(quantity < 0, abs(quantity), "")
        hours, minutes = divmod(abs(quantity), PER_HOUR_MIN)
        return f"{self._signed(quantity < 0, hours, '')}:{minutes:02d}"

    def day(self, day: date) -> str:
        """A day."""
        return _day(self._locale, day)

    def days(self, first: date | None, last: date | None) -> str:
        """From a day to a day, or the one that there is."""
        known = [day for day in (first, last) if day is not None]
        return " – ".join(dict.fromkeys(self.day(day) for day in known))

    def country(self, code: str) -> str:
        """The name of a country."""
        return str(self._locale.territories.get(code, code))

    def _decimal(self, value: Decimal, least: int) -> str:
        whole, _, rest = format(abs(value), "f").partition(".")
        return self._signed(value < 0, int(whole), rest.rstrip("0").ljust(least, "0"))

    def _signed(self, negative: bool, whole: int, rest: str) -> str:
        grouped = f"{whole:,}" if whole >= 10**self._groupless else str(whole)
        text = grouped.replace(",", self._group) + (self._point + rest if rest else "")
        return self._minus + text if negative else text


@cache
def numbers_for(language: str, currency: str) -> Numbers:
    """Made once per language and currency."""
    return Numbers(language, currency)


@cache
def _day(locale: Locale, day: date) -> str:
    return str(format_date(day, format="medium", locale=locale))
