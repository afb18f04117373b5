"""Public holidays by country and region."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Closure, DayPart
from scheduler.public_holidays import check_region, days_off, public_holidays
from tests.factories import make_calendar

TURN_OF_YEAR = DateInterval(date(2026, 12, 20), date(2027, 1, 10))


def test_holidays_differ_by_region() -> None:
    """Epiphany is a holiday in Bavaria, not in Berlin."""
    epiphany = date(2027, 1, 6)
    assert public_holidays("DE", "BY", days=TURN_OF_YEAR)[epiphany] is DayPart.WHOLE
    assert epiphany not in public_holidays("DE", "BE", days=TURN_OF_YEAR)


def test_half_holidays_where_the_region_has_them() -> None:
    """Christmas Eve is half a day off in South Tyrol, and none in Lombardy."""
    christmas_eve = date(2026, 12, 24)
    assert public_holidays("IT", "BZ", days=TURN_OF_YEAR)[christmas_eve] is DayPart.HALF
    assert christmas_eve not in public_holidays("IT", "MI", days=TURN_OF_YEAR)


def test_evening_holidays_take_nothing() -> None:
    """A holiday that begins at six or seven in the evening is no half working day off."""
    assert date(2026, 12, 24) not in public_holidays("AU", "QLD", days=TURN_OF_YEAR)


def test_only_the_days_asked_for() -> None:
    """Holidays outside the days are not answered, and both years of a span are looked up."""
    found = public_holidays("DE", None, days=TURN_OF_YEAR)
    assert set(found) == {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}


def test_closures_join_the_holidays() -> None:
    """A calendar's own closures count beside the public holidays; a calendar without a country has only them."""
    closure = Closure(day=date(2026, 12, 28))
    joined = days_off(make_calendar(country="DE", closures=(closure,)), days=TURN_OF_YEAR)
    assert closure.day in joined
    assert date(2026, 12, 25) in joined
    assert days_off(make_calendar(closures=(closure,)), days=TURN_OF_YEAR) == {closure.day: DayPart.WHOLE}


@pytest.mark.parametrize(
    ("country", "subdivision", "code"),
    [("ZZ", None, "calendar.country_unknown"), ("DE", "QQ", "calendar.subdivision_unknown"), (None, "BY", "calendar.country_missing")],
)
def test_unknown_region_is_refused(country: str | None, subdivision: str | None, code: str) -> None:
    """A region without known holidays is an error that names it, not a calendar without holidays."""
    with pytest.raises(DomainError) as refused:
        check_region(country, subdivision)
    assert refused.value.code == code
    assert str(country if code == "calendar.country_unknown" else subdivision) in refused.value.detail


def test_known_regions_pass() -> None:
    """A country alone, a country with a subdivision, and no country at all."""
    check_region("DE", None)
    check_region("DE", "BY")
    check_region(None, None)
