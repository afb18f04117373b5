"""Levels of skills over time."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.ids import SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.held_levels import best_levels, lapses_on, level_throughout
from scheduler.domain.staffing.people import HeldSkill

SAP = SkillId("sap")
DAYS = DateInterval(date(2027, 3, 1), date(2027, 3, 29))


def held(level: int, first: date | None = None, last: date | None = None) -> HeldSkill:
    return HeldSkill(skill_id=SAP, level=level, valid_from=first, valid_until=last)


def test_certificate_counts_to_its_last_day() -> None:
    """Valid until the last day: held throughout; a day less and it is not, and that day is named."""
    assert level_throughout([held(4, None, date(2027, 3, 28))], SAP, days=DAYS) == 4
    assert level_throughout([held(4, None, date(2027, 3, 27))], SAP, days=DAYS) == 0
    assert lapses_on([held(4, None, date(2027, 3, 27))], SAP, level=4, days=DAYS) == date(2027, 3, 28)


def test_holdings_complete_each_other() -> None:
    """Level 3 up to the 14th and level 5 from then on are level 3 throughout, and 5 at best."""
    holdings = [held(3, None, date(2027, 3, 14)), held(5, date(2027, 3, 15), None)]
    assert level_throughout(holdings, SAP, days=DAYS) == 3
    assert best_levels(holdings, days=DAYS) == {SAP: 5}
    assert lapses_on(holdings, SAP, level=3, days=DAYS) is None
    assert lapses_on(holdings, SAP, level=4, days=DAYS) == date(2027, 3, 1)


def test_skill_held_outside_the_days_is_not_held() -> None:
    """A certificate that lapsed before the days, or begins after them, has no level."""
    holdings = [held(3, None, date(2027, 2, 28)), held(4, date(2027, 3, 29), None)]
    assert best_levels(holdings, days=DAYS) == {}
    assert level_throughout(holdings, SAP, days=DAYS) == 0


days = st.none() | st.integers(-10, 40).map(lambda n: DAYS.start + timedelta(days=n))
holdings = st.lists(
    st.tuples(st.integers(1, 5), days, days).filter(lambda h: h[1] is None or h[2] is None or h[1] <= h[2]).map(lambda h: held(*h)),
    max_size=4,
)


@given(holdings)
def test_levels_equal_a_look_at_every_day(held_skills: list[HeldSkill]) -> None:
    """Day by day: the level throughout is the least of the days' best levels, the best level their greatest."""
    levels = [
        max(
            (h.level for h in held_skills if (h.valid_from or date.min) <= day <= (h.valid_until or date.max)),
            default=0,
        )
        for day in DAYS.days()
    ]
    assert level_throughout(held_skills, SAP, days=DAYS) == min(levels)
    assert best_levels(held_skills, days=DAYS).get(SAP, 0) == max(levels)
    short = [day for day, level in zip(DAYS.days(), levels, strict=True) if level < 3]
    assert lapses_on(held_skills, SAP, level=3, days=DAYS) == (short[0] if short else None)
