"""Amounts of money: whole minor units of one currency. Unlike currencies never add; whatever rounds does so once, half away from zero."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from scheduler.domain.ground.checks import Faults

_WITHOUT_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_PLACES = "CLF UYW"
_TWO_PLACES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK
DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR
SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR
ZMW ZWG
"""

CURRENCIES: Mapping[str, int] = {
    **dict.fromkeys(_TWO_PLACES.split(), 2),
    **dict.fromkeys(_WITHOUT_PLACES.split(), 0),
    **dict.fromkeys(_THREE_PLACES.split(), 3),
    **dict.fromkeys(_FOUR_PLACES.split(), 4),
}
"""Currencies in use by ISO 4217, with the decimal places of their minor unit; no metals, no funds of no country, none that is retired."""


def exponent(currency: str) -> int:
    """Decimal places of the currency's minor unit; two for one that is not known."""
    return CURRENCIES.get(currency, 2)


def check_currency(faults: Faults, pointer: str, currency: str) -> None:
    """A fault unless the currency is one that is in use."""
    if currency not in CURRENCIES:
        faults.add(
            pointer, "currency.unknown", f"{currency[:10]!r} is no currency in use; give three capital letters such as EUR (ISO 4217)."
        )


def round_half_up(value: Fraction) -> int:
    """The nearest integer; halves go away from zero, as ROUND_HALF_UP does."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in minor units of its currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Raises DomainError ``money.currency_mismatch`` for another currency."""
        if other.currency != self.currency:
            raise DomainError(
                ErrorKind.INVALID,
                "money.currency_mismatch",
                f"{self.currency} and {other.currency} do not add up; convert one at a rate first.",
            )
        return Money(amount_minor=self.amount_minor + other.amount_minor, currency=self.currency)

    def converted(self, currency: str, rate: Decimal, *, times: Fraction = Fraction(1)) -> Money:
        """In another currency at ``rate`` (what one unit of this one is worth there), times a factor; rounded once, half up."""
        units = Fraction(self.amount_minor, 10 ** exponent(self.currency)) * Fraction(rate) * times
        return Money(amount_minor=round_half_up(units * 10 ** exponent(currency)), currency=currency)
