"""Amounts of money: currencies, adding up, converting, and rounding once."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.money import CURRENCIES, Money, check_currency, exponent, round_half_up

RATES = st.decimals(Decimal("0.0000000001"), Decimal(100_000), places=10)


def test_m08_currencies_are_those_in_use() -> None:
    """Yen have no places, dinars of Kuwait three; lower case, no country's, no real and retired ones are unknown."""
    assert [exponent(one) for one in ("EUR", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]
    for currency in ("eur", "XXX", "BTC", "HRK", "EURO", ""):
        faults = Faults()
        check_currency(faults, "/currency", currency)
        with pytest.raises(DomainError) as refused:
            faults.raise_any("amount")
        assert [fault.code for fault in refused.value.faults] == ["currency.unknown"]
    assert len(CURRENCIES) > 150


def test_m09_unlike_currencies_never_add() -> None:
    """Even nothing of one to something of another."""
    euro = Money(amount_minor=10, currency="EUR")
    assert euro + euro == Money(amount_minor=20, currency="EUR")
    with pytest.raises(DomainError) as refused:
        _ = euro + Money(amount_minor=0, currency="CHF")
    assert refused.value.code == "money.currency_mismatch"


@given(amount=st.integers(0, 10**12), rate=RATES, pair=st.tuples(*(st.sampled_from(["EUR", "JPY", "KWD", "USD"]),) * 2))
def test_converting_rounds_once_half_up(amount: int, rate: Decimal, pair: tuple[str, str]) -> None:
    """Against decimal arithmetic with all places: from minor to major, at the rate, to minor units of the other, rounded at the end."""
    one, other = pair
    with localcontext(prec=80):
        exact = Decimal(amount).scaleb(exponent(other) - exponent(one)) * rate
        wanted = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert Money(amount_minor=amount, currency=one).converted(other, rate).amount_minor == wanted


def test_halves_go_away_from_zero() -> None:
    """As ROUND_HALF_UP does."""
    assert [round_half_up(Fraction(n, 2)) for n in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]
