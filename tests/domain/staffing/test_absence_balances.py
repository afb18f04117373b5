"""Balances of absences: what counts as taken, what is granted, carried over and expires, and that it all adds up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import CalendarId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.absence_balances import (
    RowKind,
    Spell,
    Taking,
    WorkingDays,
    YearBalance,
    balances,
    shortfall,
    takings,
)
from scheduler.domain.staffing.absence_kinds import AbsenceKind, Accrual, BalanceUnit, check_name_stays
from scheduler.domain.staffing.people import DayPart, Employment, Term
from tests.factories import MONDAY, make_absence_kind, make_sick_leave, make_term

PLAIN = CalendarId("plain")
WHOLE, HALF = DayPart.WHOLE, DayPart.HALF
MINUTES = BalanceUnit.MINUTES
YEAR = DateInterval(date(2027, 1, 1), date(2028, 1, 1))
FULL_TIME = (make_term(),)


def spell(first: date, days: int = 1, part: DayPart = WHOLE, own: str = "x", **more: Any) -> Spell:
    return Spell(area="absences", id=own, pieces=((DateInterval(first, first + timedelta(days=days)), part),), **more)


def units(*spells: Spell, terms: tuple[Term, ...] = FULL_TIME, off: dict[date, DayPart] | None = None, **more: Any) -> int:
    worked = WorkingDays(terms=terms, days_off={PLAIN: off or {}})
    asked: dict[str, Any] = {"recorded_anyway": (), "unit": BalanceUnit.HALF_DAYS, "within": YEAR, **more}
    return sum(taking.units for taking in takings(spells, worked=worked, **asked))


def test_what_a_day_counts_for() -> None:
    """Two halves a working day, one on a half holiday, none on weekends, holidays and days without contract or off the pattern."""
    week = spell(MONDAY, 7)
    assert units(week) == 10
    assert units(week, off={MONDAY: WHOLE, MONDAY + timedelta(days=1): HALF}) == 7
    part_time = make_term(weekly_minutes=(480, 480, 480, 0, 0, 0, 0))
    assert units(week, terms=(part_time,)) == 6
    leaver = make_term(period=DateInterval(date(2020, 1, 1), MONDAY + timedelta(days=2)))
    assert units(week, terms=(leaver,)) == 4
    assert units(spell(MONDAY, part=HALF)) == units(spell(MONDAY, part=HALF), off={MONDAY: HALF}) == 1


def test_minutes_are_those_that_would_have_been_worked() -> None:
    """An odd minute of a half day is off work, as it is not bookable either; two halves are the day."""
    odd = (make_term(weekly_minutes=(481, 480, 0, 0, 0, 0, 0)),)
    assert units(spell(MONDAY, 7), terms=odd, unit=MINUTES) == 961
    assert units(spell(MONDAY, part=HALF), terms=odd, unit=MINUTES) == 241
    assert units(spell(MONDAY, part=HALF), spell(MONDAY, part=HALF, own="y"), terms=odd, unit=MINUTES) == 481
    assert units(spell(MONDAY), terms=odd, unit=MINUTES, off={MONDAY: HALF}) == 240


def test_days_of_sickness_count_against_no_vacation() -> None:
    """Whole days give the day back, half days the half."""
    week = spell(MONDAY, 5)
    sick = ((DateInterval(MONDAY, MONDAY + timedelta(days=2)), WHOLE),)
    half = ((DateInterval(MONDAY, MONDAY + timedelta(days=1)), HALF),)
    assert units(week, recorded_anyway=[sick]) == 6
    assert units(week, recorded_anyway=[half]) == 9
    assert units(week, recorded_anyway=[sick, half]) == 6


def test_an_entitlement_is_for_a_working_week_and_a_whole_year() -> None:
    """Full time all year has all of it, three days of five three fifths; who joins in July half; contractors and weeks beyond nothing more."""
    kind = make_absence_kind(full_week=10)
    three_days = make_term(weekly_minutes=(480, 480, 480, 0, 0, 0, 0))
    joins = make_term(period=DateInterval(date(2027, 7, 1)))
    contractor = make_term(employment=Employment.CONTRACTOR)
    for terms, wanted in ((FULL_TIME, 60), ((three_days,), 36), ((joins,), 30), ((contractor,), 0), ((), 0)):
        assert kind.granted_by_month(terms, year=2027) == (wanted,) * 12
    assert replace(kind, full_week=None).granted_by_month((three_days,), year=2027)[-1] == 60
    by_minutes = replace(kind, unit=MINUTES, entitlement=30 * 480, full_week=2_400)
    assert by_minutes.granted_by_month((three_days,), year=2027)[-1] == 18 * 480


def test_monthly_accrual_reaches_the_whole_entitlement() -> None:
    """A twelfth on the first of each month, rounded down to whole units; twelve twelfths are all of it."""
    kind = make_absence_kind(entitlement=25, accrual=Accrual.MONTHLY)
    assert kind.granted_by_month(FULL_TIME, year=2028) == (2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 25)


@dataclass(frozen=True, kw_only=True)
class Year:
    """What a slow reference says of a year."""

    left: int
    expired: int


def day_by_day(kind: AbsenceKind, carried: int, granted: int, taken: dict[date, int], year: int) -> Year:
    """Unit for unit and day for day: from what was carried over as long as that is there and lasts, else from the year's own."""
    old, own, expired, last = carried, granted, 0, kind.last_day_of_carried(year)
    for n in range(366 if year % 4 == 0 else 365):
        day = date(year, 1, 1) + timedelta(days=n)
        for _ in range(taken.get(day, 0)):
            if old > 0:
                old -= 1
            else:
                own -= 1
        if day == last and old > 0:
            old, expired = 0, old
    return Year(left=old + own, expired=expired)


TAKEN = st.dictionaries(st.dates(date(2026, 1, 1), date(2029, 12, 31)), st.integers(1, 2), max_size=60)


@given(
    taken=TAKEN,
    entitlement=st.integers(0, 40),
    most=st.none() | st.integers(0, 10),
    until=st.none() | st.sampled_from(("01-01", "03-31", "12-31")),
    accrual=st.sampled_from(Accrual),
    pending=st.booleans(),
)
def test_what_is_taken_and_left_always_adds_up(
    *,
    taken: dict[date, int],
    entitlement: int,
    most: int | None,
    until: str | None,
    accrual: Accrual,
    pending: bool,
) -> None:
    """Against the slow reference over four years; each year's rows are what came over and was granted less taken, expired and left."""
    kind = make_absence_kind(entitlement=entitlement, carry_over_max=most, carry_over_until=until, accrual=accrual)
    source = spell(MONDAY, is_pending=pending)
    row = [Taking(day=day, units=taken[day], spell=source) for day in sorted(taken)]
    found = balances(kind, terms=FULL_TIME, taken=row, until=2029)
    assert [one.year for one in found] == [2026, 2027, 2028, 2029]
    carried = 0
    for one in found:
        of_year = {day: units for day, units in taken.items() if day.year == one.year}
        wanted = day_by_day(kind, carried, entitlement, of_year, one.year)
        assert (one.left, -one.sum_of(RowKind.EXPIRED)) == (wanted.left, wanted.expired)
        assert (one.sum_of(RowKind.CARRIED), one.sum_of(RowKind.GRANTED)) == (carried, entitlement)
        assert one.sum_of(RowKind.REQUESTED if pending else RowKind.TAKEN) == -sum(of_year.values())
        assert one.sum_of(RowKind.TAKEN if pending else RowKind.REQUESTED) == 0
        carried = wanted.left if most is None else min(most, wanted.left)


def of_days(kind: AbsenceKind, *days: date, until: int = 2027) -> tuple[YearBalance, ...]:
    taken = [Taking(day=day, units=2, spell=spell(day, own=str(day))) for day in sorted(days)]
    return balances(kind, terms=FULL_TIME, taken=taken, until=until)


def test_what_was_carried_over_is_there_until_its_last_day() -> None:
    """On that day it can be taken, on the next it cannot, and what is left of it has expired."""
    kind = make_absence_kind(entitlement=2, carry_over_until="03-31")
    last, after = date(2027, 3, 31), date(2027, 4, 1)
    assert shortfall(kind, of_days(kind, last, after), since=last) is None
    late = of_days(kind, after, date(2027, 4, 2))
    found = shortfall(kind, late, since=after)
    assert found is not None
    assert (found.day, found.missing) == (date(2027, 4, 2), 2)
    assert [(row.day, row.units) for row in late[1].rows if row.what is RowKind.EXPIRED] == [(after, -2)]
    assert late[1].left == -2


def test_what_is_not_yet_accrued_cannot_be_taken() -> None:
    """In May there are five twelfths; the same day in June is fine, and a taking later in the year leaves it so."""
    kind = make_absence_kind(entitlement=12, accrual=Accrual.MONTHLY, first_year=2027)
    may, june = date(2027, 5, 31), date(2027, 6, 1)
    days = (date(2027, 5, 3), date(2027, 5, 4))
    found = shortfall(kind, of_days(kind, *days, may), since=may)
    assert found is not None
    assert (found.day, found.missing) == (may, 1)
    assert shortfall(kind, of_days(kind, *days, june), since=june) is None


def test_what_is_overdrawn_is_missing_in_the_next_year() -> None:
    """Also where nothing is carried over: a debt is."""
    kind = make_absence_kind(entitlement=2, carry_over_max=0, first_year=2026)
    one, other = of_days(kind, date(2026, 3, 2), date(2026, 3, 3))
    assert (one.left, other.left) == (-2, 0)
    found = shortfall(kind, (one, other), since=date(2026, 3, 2))
    assert found is not None
    assert found.refusal().code == "absence_request.beyond_balance"
    assert "half days" in found.refusal().detail


def test_a_policy_says_what_is_wrong_with_it() -> None:
    """An entitlement without a first year, a day that is not in every year, sickness that somebody has to approve; a name that changes."""
    for changes, place in (
        ({"first_year": None}, "/first_year"),
        ({"entitlement": None}, "/entitlement"),
        ({"carry_over_until": "02-29"}, "/carry_over_until"),
        ({"carry_over_until": "2027-03-31"}, "/carry_over_until"),
    ):
        with pytest.raises(DomainError) as refused:
            make_absence_kind(**changes)
        assert [fault.pointer for fault in refused.value.faults] == [place]
    with pytest.raises(DomainError, match="needs no approval"):
        make_sick_leave(needs_approval=True)
    kind = make_absence_kind()
    check_name_stays(kind, replace(kind, name="Vacation", entitlement=50))
    with pytest.raises(DomainError, match="keep it"):
        check_name_stays(kind, replace(kind, name="Leave"))


def test_no_balance_is_kept_without_an_entitlement() -> None:
    """Such a kind never refuses anything."""
    assert of_days(make_sick_leave(), MONDAY) == ()
