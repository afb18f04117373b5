"""Which bill rate applies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from scheduler.domain.ground.ids import PersonId, ProjectId
from scheduler.domain.staffing.bill_rates import RateCard, by_epoch
from tests.factories import make_bill_rate

DAY = date(2027, 3, 1)
ANY = make_bill_rate(80)
PROJECT = make_bill_rate(90, project_id=ProjectId("alpha"))
GRADE = make_bill_rate(100, grade="senior")
GRADE_AND_PROJECT = make_bill_rate(110, grade="senior", project_id=ProjectId("alpha"))
PERSON = make_bill_rate(120, person_id=PersonId("ann"))
PERSON_AND_GRADE = make_bill_rate(130, person_id=PersonId("ann"), grade="senior")
IN_ORDER = [PERSON_AND_GRADE, PERSON, GRADE_AND_PROJECT, GRADE, PROJECT, ANY]


@pytest.mark.parametrize("position", range(len(IN_ORDER)))
def test_most_specific_rate_wins(position: int) -> None:
    """Person before grade, then grade before none, then project before none."""
    card = RateCard(reversed(IN_ORDER[position:]))
    found = card.rate(day=DAY, project_id=ProjectId("alpha"), grade="senior", person_id=PersonId("ann"))
    assert found == IN_ORDER[position].rate


def test_rates_for_others_do_not_apply() -> None:
    """Another person's, grade's or project's rate is no rate."""
    others = [
        make_bill_rate(1, person_id=PersonId("bob")),
        make_bill_rate(2, grade="junior"),
        make_bill_rate(3, project_id=ProjectId("beta")),
    ]
    assert RateCard(others).rate(day=DAY, project_id=ProjectId("alpha"), grade="senior", person_id=PersonId("ann")) is None


def test_person_rates_do_not_apply_to_nobody_in_particular() -> None:
    """Without a person only rates for anybody are looked at."""
    assert RateCard([PERSON, ANY]).rate(day=DAY, project_id=ProjectId("alpha"), grade=None) == Decimal(80)


def test_rate_is_valid_from_its_first_to_its_last_day() -> None:
    """Both ends count; outside there is no rate."""
    card = RateCard([make_bill_rate(100, valid_from=DAY, valid_until=DAY)])
    found = [card.rate(day=date(2027, 3, d), project_id=ProjectId("alpha"), grade=None) for d in (1, 2)]
    assert found == [Decimal(100), None]
    assert card.rate(day=date(2027, 2, 28), project_id=ProjectId("alpha"), grade=None) is None


def test_later_rate_wins_among_equals() -> None:
    """Of two rates as specific as each other the one that began later is valid."""
    card = RateCard([make_bill_rate(100), make_bill_rate(105, valid_from=DAY)])
    assert card.rate(day=DAY, project_id=ProjectId("alpha"), grade=None) == Decimal(105)
    assert card.rate(day=date(2027, 2, 28), project_id=ProjectId("alpha"), grade=None) == Decimal(100)


def test_minutes_are_summed_over_days_with_the_same_rates() -> None:
    """A rate that begins between two weeks parts their minutes; nothing else does."""
    card = RateCard([make_bill_rate(100), make_bill_rate(105, valid_from=date(2027, 3, 10))])
    minutes = {date(2027, 3, 15): 30, date(2027, 3, 1): 10, date(2027, 3, 8): 20}
    assert by_epoch(card, minutes) == {date(2027, 3, 1): 30, date(2027, 3, 15): 30}
