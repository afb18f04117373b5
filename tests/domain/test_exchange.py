"""Exchange rates and their look-up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange, ExchangeRate, check_foreign
from scheduler.domain.ground.ids import ExchangeRateId
from scheduler.domain.ground.money import Money

DAY = date(2027, 3, 1)


def make_rate(rate: str = "0.9", *, currency: str = "USD", day: date = DAY, **changes: Any) -> ExchangeRate:
    return ExchangeRate(id=ExchangeRateId(f"{currency}-{day}"), currency=currency, day=day, rate=Decimal(rate), source="ECB", **changes)


def test_the_rate_of_a_day_is_the_latest_on_or_before_it() -> None:
    """Days without a rate, such as Sundays, have that of before; the firm's own currency is worth itself."""
    found = Exchange([make_rate("0.91", day=DAY + timedelta(days=2)), make_rate()], home="EUR")
    assert [found.rate("USD", DAY + timedelta(days=n)) for n in range(4)] == [Decimal(one) for one in ("0.9", "0.9", "0.91", "0.91")]
    assert (found.rate("EUR", date.min), found.found("EUR", DAY)) == (Decimal(1), None)


@pytest.mark.parametrize(("currency", "day"), [("USD", DAY - timedelta(days=1)), ("CHF", DAY)])
def test_a_missing_rate_is_named(currency: str, day: date) -> None:
    """Neither a later rate nor another currency's is taken; the refusal says which currency and day."""
    with pytest.raises(DomainError, match=r"rate\.exchange_missing") as refusal:
        Exchange([make_rate()], home="EUR").rate(currency, day)
    assert refusal.value.facts == {"currency": currency, "day": day.isoformat()}


def test_m08_amounts_keep_the_places_of_their_currencies() -> None:
    """Whole yen and thousandths of dinars come to euro cents, rounded once, half up."""
    found = Exchange([make_rate("0.0055", currency="JPY"), make_rate("3.0251", currency="KWD")], home="EUR")
    assert found.to_home(Money(amount_minor=1_000, currency="JPY"), DAY) == Money(amount_minor=550, currency="EUR")
    assert found.to_home(Money(amount_minor=1_500, currency="KWD"), DAY) == Money(amount_minor=454, currency="EUR")


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"currency": "BTC"}, [("/currency", "currency.unknown")]),
        ({"currency": "usd"}, [("/currency", "currency.unknown")]),
        ({"rate": "0"}, [("/rate", "number.out_of_range")]),
        ({"rate": "NaN"}, [("/rate", "number.not_finite")]),
        ({"rate": "0.00000000001"}, [("/rate", "number.too_precise")]),
        ({"rate": "0.0000000001"}, []),
        ({"rate": "100000000"}, []),
    ],
)
def test_m08_a_rate_checks_itself(changes: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    """A currency in use, more than 0, with at most ten decimals."""
    try:
        make_rate(**changes)
        found = []
    except DomainError as error:
        found = [(fault.pointer, fault.code) for fault in error.faults]
    assert found == faults


def test_the_firms_own_currency_has_no_rate() -> None:
    """It would make a second truth."""
    check_foreign(make_rate(), home="EUR")
    with pytest.raises(DomainError) as refusal:
        check_foreign(make_rate(currency="EUR"), home="EUR")
    assert [fault.code for fault in refusal.value.faults] == ["rate.of_home"]
