"""What planned days come to, line by line."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.exchange import Exchange, ExchangeRate
from scheduler.domain.ground.ids import ExchangeRateId, PersonId, ProjectId
from scheduler.domain.ground.planned_amounts import PlannedAmounts, PlannedDay, planned_amounts

DAY = date(2027, 3, 1)
ALPHA, MARCH = ProjectId("alpha"), date(2027, 3, 1)


def dollars(day: date, worth: str) -> ExchangeRate:
    return ExchangeRate(id=ExchangeRateId(f"{day}"), currency="USD", day=day, rate=Decimal(worth), source="ECB")


EXCHANGE = Exchange([dollars(date(2027, 3, 31), "0.9"), dollars(date(2027, 4, 1), "2")], home="EUR")


def day(minutes: int, rate: str | None = "100", **changes: Any) -> PlannedDay:
    exact = None if rate is None else Fraction(rate)
    return PlannedDay(ALPHA, PersonId("ann"), DAY, minutes, exact, "EUR", Fraction(50))._replace(**changes)


def amounts(*days: PlannedDay, chance: str = "1") -> dict[tuple[ProjectId, date], PlannedAmounts]:
    return planned_amounts(days, chances={ALPHA: Fraction(chance)}, exchange=EXCHANGE)


def test_a_line_is_rounded_once() -> None:
    """Three days of 1 minute at 0.50 are 0.025 EUR: 0.03 as one line, where each day alone would be 0.01."""
    days = [day(1, "0.5", day=DAY + timedelta(days=n)) for n in range(3)]
    assert amounts(*days)[ALPHA, MARCH].revenue_minor == 3
    assert sum(amounts(one)[ALPHA, MARCH].revenue_minor for one in days) == 3 * 1


def test_people_rates_and_months_have_lines_of_their_own() -> None:
    """0.005 EUR each: half up to a cent, four times."""
    lines = [day(1, "0.3"), day(1, "0.3", person_id=PersonId("bob")), day(2, "0.15"), day(1, "0.3", day=date(2027, 4, 1))]
    found = amounts(*lines)
    assert {key[1]: one.revenue_minor for key, one in found.items()} == {MARCH: 3, date(2027, 4, 1): 1}


def test_the_chance_is_of_the_line() -> None:
    """A third of 1.00 and of 0.50 is 0.33 and 0.17, together 0.50."""
    found = amounts(day(60, "1"), day(60, "0.5"), chance="1/3")[ALPHA, MARCH]
    assert (found.revenue_minor, found.expected_minor) == (150, 50)


def test_costs_are_lines_of_their_own() -> None:
    """A cost rate that changes parts no line of revenue; minutes of nobody's cost are counted."""
    found = amounts(day(1, "0.3"), day(1, "0.3", cost_rate=Fraction("0.3")), day(60, "0", cost_rate=None))[ALPHA, MARCH]
    assert (found.revenue_minor, found.cost_minor, found.uncosted_minutes) == (1, 83 + 1, 60)


def test_foreign_lines_come_home_at_the_last_rate_of_their_month() -> None:
    """March at 0.9, though it was not known on the day; in a currency without a rate there is no amount, and the minutes say so."""
    found = amounts(day(60, "10", currency="USD"))[ALPHA, MARCH]
    assert (found.currency, found.billed_minor, found.revenue_minor) == ("USD", 1_000, 900)
    lost = amounts(day(60, "10", currency="CHF"))[ALPHA, MARCH]
    assert (lost.billed_minor, lost.revenue_minor, lost.expected_minor, lost.unpriced_minutes, lost.minutes) == (0, 0, 0, 60, 60)


def test_m08_yen_have_no_cents() -> None:
    """90 minutes at 1,001 yen are 1,501.5: 1,502 yen."""
    yen = ExchangeRate(id=ExchangeRateId("jpy"), currency="JPY", day=DAY, rate=Decimal("0.006"), source="ECB")
    found = planned_amounts([day(90, "1001", currency="JPY")], chances={}, exchange=Exchange([yen], home="EUR"))[ALPHA, MARCH]
    assert (found.billed_minor, found.revenue_minor) == (1_502, 901)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 600), st.sampled_from([None, "33.33", "0.07", "99.9999"]), st.integers(0, 60), st.sampled_from(["ann", "bob"])
        ),
        max_size=12,
    )
)
def test_no_minute_is_lost_and_order_does_not_matter(given_days: list[tuple[int, str | None, int, str]]) -> None:
    """Each line is less than a cent from its exact amount, whatever the order of days."""
    days = [day(m, r, day=DAY + timedelta(days=n), person_id=PersonId(p)) for m, r, n, p in given_days]
    found = amounts(*days)
    assert found == amounts(*reversed(days))
    assert sum(one.minutes for one in found.values()) == sum(one.minutes for one in days)
    assert sum(one.unpriced_minutes for one in found.values()) == sum(one.minutes for one in days if one.rate is None)
    exact = sum((one.minutes * (one.rate or 0) * 100 / 60 for one in days), Fraction(0))
    lines = {(one.day.replace(day=1), one.person_id, one.rate) for one in days}
    assert abs(sum(one.revenue_minor for one in found.values()) - exact) <= Fraction(len(lines), 2)
