"""What an hour of a demand is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId
from scheduler.domain.staffing.work import ContractKind, ProjectState
from scheduler.planning.to_problem import to_problem
from tests.factories import (
    make_bill_rate,
    make_booking,
    make_demand,
    make_firm,
    make_person,
    make_project,
    make_request,
    make_snapshot,
    make_term,
    monday,
)

if TYPE_CHECKING:
    from scheduler.planning.staffing import Staffing
    from scheduler.planning.wording import Statement

BY_CARD = make_demand(bill_rate=None)


def worth(staffing: Staffing) -> int:
    (demand,) = staffing.problem.demands
    return demand.value_rate


def said_of(staffing: Staffing, code: str) -> Statement:
    (statement,) = [s for s in (*staffing.valuation, *staffing.left_out) if s.code == code]
    return statement


def test_value_is_rate_by_probability_and_priority_rounded_once() -> None:
    """33.33 an hour at probability 0.35 and priority 1.5 is 17.49825: 1,750 cents, where rounding twice would give 1,749 or 1,751."""
    project = make_project(state=ProjectState.TENTATIVE, probability=Decimal("0.35"), priority=Decimal("1.5"))
    staffing = to_problem(make_snapshot(projects=(project,), demands=(make_demand(bill_rate=Decimal("33.33")),)), make_request())
    assert worth(staffing) == 1_750
    assert said_of(staffing, "value.chosen").facts["probability"] == "0.35"


def test_won_project_is_certain() -> None:
    """A won project's probability is 1, whatever was recorded while it was tentative."""
    staffing = to_problem(make_snapshot(projects=(make_project(probability=Decimal("0.3")),)), make_request())
    assert worth(staffing) == 10_000


def test_internal_work_at_the_shadow_rate() -> None:
    """Internal work is worth the firm's shadow rate, a bill rate notwithstanding."""
    project = make_project(contract=ContractKind.INTERNAL)
    snapshot = make_snapshot(projects=(project,), firm=make_firm(shadow_rate=Decimal("40.5")))
    assert worth(to_problem(snapshot, make_request())) == 4_050


@pytest.mark.parametrize(("planned_minutes", "rate"), [(6_000, 12_000), (None, 15_000)])
def test_fixed_price_by_planned_hours(planned_minutes: int | None, rate: int) -> None:
    """12,000.00 by 100 planned hours is 120 an hour; without planned hours, by all effort of its demands, inside the horizon or not."""
    project = make_project(contract=ContractKind.FIXED_PRICE, contract_value_minor=1_200_000, planned_minutes=planned_minutes)
    demands = (make_demand(effort={-1: 1_800, 0: 3_000}, bill_rate=None),)
    assert worth(to_problem(make_snapshot(projects=(project,), demands=demands), make_request())) == rate


def test_fixed_price_without_a_value_is_left_out() -> None:
    """Nothing is planned at no value silently: the demand is left out and it is said what is missing."""
    project = make_project(contract=ContractKind.FIXED_PRICE)
    staffing = to_problem(make_snapshot(projects=(project,)), make_request())
    assert staffing.problem.demands == ()
    assert "contract value" in said_of(staffing, "value.missing").text


def test_missing_bill_rate_leaves_the_demand_out() -> None:
    """Without any bill rate that fits, the demand is left out, named with its grade; others are planned."""
    demands = (make_demand(bill_rate=None, grade="senior"), make_demand("dev"))
    staffing = to_problem(make_snapshot(demands=demands, bill_rates=(make_bill_rate(grade="junior"),)), make_request())
    assert [d.id for d in staffing.problem.demands] == ["alpha-dev"]
    said = said_of(staffing, "rate.missing")
    assert (said.id, said.facts["grade"], said.facts["week"]) == ("alpha-lead", "senior", monday(0).isoformat())


def test_bookings_of_a_demand_left_out_stay() -> None:
    """Its bookings take capacity: leaving out is no release."""
    staffing = to_problem(make_snapshot(demands=(BY_CARD,), bookings=(make_booking(),)), make_request(weeks=4))
    assert staffing.problem.people[0].capacity == (1_200,) * 4
    assert staffing.problem.current == ()


def test_all_or_nothing_project_without_a_rate_is_left_out_whole() -> None:
    """Planning the rest alone would break all or nothing unseen."""
    snapshot = make_snapshot(projects=(make_project(all_or_nothing=True),), demands=(BY_CARD, make_demand("dev")))
    staffing = to_problem(snapshot, make_request())
    assert staffing.problem.demands == ()
    assert said_of(staffing, "project.incomplete").id == "alpha"


def test_rate_of_the_demands_grade() -> None:
    """The demand's grade is what the client pays for, whoever works it."""
    people = (make_person(terms=(make_term(grade="junior"),)),)
    rates = (make_bill_rate(100, grade="senior"), make_bill_rate(60, grade="junior"))
    staffing = to_problem(
        make_snapshot(people=people, demands=(make_demand(bill_rate=None, grade="senior"),), bill_rates=rates), make_request()
    )
    assert worth(staffing) == 10_000
    assert staffing.problem.people[0].preferences == {}


def test_persons_own_rate_is_a_preference() -> None:
    """What somebody's bill rate differs by, times probability and priority, is their preference for the demand."""
    project = make_project(state=ProjectState.TENTATIVE, probability=Decimal("0.5"), priority=Decimal(2))
    people = (make_person(), make_person("bob"), make_person("eve"))
    rates = (make_bill_rate(100), make_bill_rate(130, person_id=PersonId("ann")), make_bill_rate(85, person_id=PersonId("bob")))
    staffing = to_problem(make_snapshot(people=people, projects=(project,), demands=(BY_CARD,), bill_rates=rates), make_request())
    assert worth(staffing) == 10_000
    assert {p.id: dict(p.preferences) for p in staffing.problem.people} == {
        "ann": {"alpha-lead": 3_000},
        "bob": {"alpha-lead": -1_500},
        "eve": {},
    }


def test_own_rates_do_not_change_an_agreed_rate() -> None:
    """A bill rate on the demand holds for everybody."""
    rates = (make_bill_rate(100), make_bill_rate(130, person_id=PersonId("ann")))
    staffing = to_problem(make_snapshot(bill_rates=rates), make_request())
    assert staffing.problem.people[0].preferences == {}


def test_only_own_rates_make_their_mean_the_demands_rate() -> None:
    """Without a rate for anybody the demand's is the mean of the qualified; each works at their own; who has none cannot take it."""
    people = (make_person(), make_person("bob"), make_person("eve"), make_person("low", skills=()))
    rates = tuple(make_bill_rate(rate, person_id=PersonId(name)) for name, rate in (("ann", 100), ("bob", 140), ("low", 10)))
    demand = make_demand(bill_rate=None, requires={SkillId("sap"): 3})
    staffing = to_problem(make_snapshot(people=people, demands=(demand,), bill_rates=rates), make_request())
    assert worth(staffing) == 12_000
    found = {p.id: p for p in staffing.problem.people}
    assert (found["ann"].preferences, found["bob"].preferences) == ({"alpha-lead": -2_000}, {"alpha-lead": 2_000})
    assert found["eve"].not_for == {"alpha-lead"}
    assert staffing.names.bars["eve"] == {"alpha-lead": "has no bill rate on it"}


def test_rate_that_changes_is_weighted_by_effort() -> None:
    """Three weeks at 100 and one at 120 are 105 an hour; a week without a rate leaves the demand out."""
    rates = (make_bill_rate(100), make_bill_rate(120, valid_from=monday(3)))
    assert worth(to_problem(make_snapshot(demands=(BY_CARD,), bill_rates=rates), make_request())) == 10_500
    lapsed = to_problem(make_snapshot(demands=(BY_CARD,), bill_rates=(make_bill_rate(100, valid_until=monday(3)),)), make_request(weeks=8))
    assert worth(lapsed) == 10_000
    gone = to_problem(make_snapshot(demands=(BY_CARD,), bill_rates=(make_bill_rate(100, valid_until=monday(2)),)), make_request())
    assert said_of(gone, "rate.missing").facts["week"] == monday(3).isoformat()


def test_project_rate_before_the_firms() -> None:
    """A rate agreed for the project goes before the general one."""
    rates = (make_bill_rate(100), make_bill_rate(90, project_id=ProjectId("alpha")))
    assert worth(to_problem(make_snapshot(demands=(BY_CARD,), bill_rates=rates), make_request())) == 9_000


def test_every_plan_states_its_principle_and_every_demand_its_rate() -> None:
    """The valuation begins with the rule and has a line for each demand and person."""
    staffing = to_problem(make_snapshot(), make_request())
    assert [s.code for s in staffing.valuation] == ["valuation.principle", "value.chosen", "cost.chosen"]
    assert said_of(staffing, "value.chosen").facts["value_rate_minor"] == 10_000
