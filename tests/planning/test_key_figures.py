"""Key figures of plans, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.ids import PersonId, SkillId
from scheduler.domain.staffing.people import Employment
from scheduler.domain.staffing.plan_privacy import view_without_cost
from scheduler.domain.staffing.work import ContractKind, ProjectState
from scheduler.planning.from_plan import from_plan
from scheduler.planning.staffing_json import staffing_from_json, staffing_to_json
from scheduler.planning.to_problem import to_problem
from solver_models.result import Status
from solver_models.staffing.plan import Answer, DemandFill
from solver_models.staffing.problem import Run
from tests.factories import (
    make_bill_rate,
    make_booking,
    make_demand,
    make_held,
    make_person,
    make_project,
    make_request,
    make_snapshot,
    make_term,
    weeks,
)

if TYPE_CHECKING:
    from scheduler.planning.staffing import Staffing

SAP = SkillId("sap")


def figures(staffing: Staffing, *runs: Run, fills: tuple[DemandFill, ...] = ()) -> dict[str, Any]:
    answer = Answer(status=Status.FEASIBLE, assignments=runs, objective_x60=0, bound_x60=0, proof=None, fills=fills)
    found: dict[str, Any] = from_plan(staffing, answer)["key_figures"]
    return found


def run(person: str, demand: str, **changes: Any) -> Run:
    return Run(**{"person": person, "demand": demand, "share_e4": 10_000, "first": 0, "last": 3, **changes})


def fill(demand: str, filled: int, effort: int = 4_800) -> DemandFill:
    return DemandFill(demand=demand, filled_min=filled, open_min=effort - filled, reason=None)


ANN = make_person("ann", team="North")
BOB = make_person("bob", team="South", skills=(), terms=(make_term(employment=Employment.CONTRACTOR, cost_rate=Decimal(70)),))
CEM = make_person("cem", skills=(make_held("java"),))


def firm(**changes: Any) -> Staffing:
    """A won project at 100 an hour, a deal at 80 with a chance of a quarter; half time for four weeks each."""
    beta = make_project("beta", state=ProjectState.TENTATIVE, probability=Decimal("0.25"), priority=Decimal(2))
    demands = (make_demand(requires={SAP: 2}), make_demand(project="beta", bill_rate=Decimal(80)))
    rows: dict[str, Any] = {"people": (ANN, BOB, CEM), "projects": (make_project(), beta), "demands": demands, **changes}
    return to_problem(make_snapshot(**rows), make_request())


def test_money_of_a_plan() -> None:
    """80 hours at 100, and 80 at 80 with a chance of a quarter; priority is no money. Ann's and Cem's bench costs, Bob's does not."""
    found = figures(firm(), run("ann", "alpha-lead"), run("bob", "beta-lead"))["money"]
    assert found == {
        "revenue_minor": 80 * 10_000 + 80 * 8_000,
        "expected_revenue_minor": 80 * 10_000 + 80 * 2_000,
        "cost_minor": 80 * 5_000 + 80 * 7_000,
        "bench_cost_minor": (320 - 80) * 5_000 + 320 * 5_000,
        "margin_minor": 960_000 - 960_000,
        "margin_after_bench_minor": -2_800_000,
        "unpriced_minutes": 0,
        "bills_costs": False,
    }


def test_money_by_rate_cards_and_contracts() -> None:
    """A person's own rate, a fixed price by its planned hours, and internal work, which brings nothing."""
    projects = (
        make_project(),
        make_project("fix", contract=ContractKind.FIXED_PRICE, contract_value_minor=1_200_000, planned_minutes=80 * 60),
        make_project("own", contract=ContractKind.INTERNAL),
    )
    demands = (make_demand(bill_rate=None), make_demand(project="fix"), make_demand(project="own"))
    staffing = firm(projects=projects, demands=demands, bill_rates=(make_bill_rate(90), make_bill_rate(120, person_id=PersonId("bob"))))
    runs = {name: run("bob", f"{name}-lead") for name in ("alpha", "fix", "own")}
    assert [figures(staffing, one)["money"]["revenue_minor"] for one in runs.values()] == [80 * 12_000, 1_200_000, 0]
    assert figures(staffing, run("ann", "alpha-lead"))["money"]["revenue_minor"] == 80 * 9_000


def test_coverage_by_hours_and_by_value() -> None:
    """Half of the hours are filled, and of the value 100 of 100 + 80 x 2 / 4."""
    found = figures(firm(), run("ann", "alpha-lead"), fills=(fill("alpha-lead", 4_800), fill("beta-lead", 0)))
    assert (found["coverage"], found["value_coverage"]) == (0.5, round(100 / 140, 4))


def test_utilisation_by_team_and_skill_and_bench() -> None:
    """Ann alone is North, SAP and half booked for half the time; who has no team is a group of their own."""
    found = figures(firm(), run("ann", "alpha-lead"), fills=(fill("alpha-lead", 4_800), fill("beta-lead", 0)))
    shown = [(t["team"], t["people"], t["booked_minutes"], t["bench_minutes"], t["utilisation"]) for t in found["teams"]]
    assert shown == [("North", 1, 4_800, 14_400, 0.25), ("South", 1, 0, 19_200, 0.0), (None, 1, 0, 19_200, 0.0)]
    assert found["bench_minutes"] == 14_400 + 2 * 19_200
    skills = [(s["skill"]["name"], s["people"], s["utilisation"], s["effort_minutes"], s["filled_minutes"]) for s in found["skills"]]
    assert skills == [("JAVA", 1, 0.0, 0, 0), ("SAP", 1, 0.25, 4_800, 4_800)]


@pytest.mark.parametrize(
    ("runs", "churn"),
    [
        ((run("ann", "alpha-lead"),), (0, 0, 0)),
        ((run("ann", "alpha-lead", first=1),), (1_200, 0, 1_200)),
        ((run("bob", "alpha-lead"),), (9_600, 4_800, 4_800)),
        ((), (4_800, 0, 4_800)),
    ],
)
def test_churn_against_the_bookings_in_force(runs: tuple[Run, ...], churn: tuple[int, int, int]) -> None:
    """Kept, shortened, passed on (two changed hours, one of them new), and dropped."""
    found = figures(firm(bookings=(make_booking(period=weeks(0, 3)),)), *runs)["churn"]
    assert (found["changed_minutes"], found["new_minutes"], found["dropped_minutes"]) == churn


def test_a16_who_may_not_see_costs_sees_hours_and_perhaps_revenue() -> None:
    """Costs and margins are gone without the right to see costs, revenue and what weighs hours by value without that to see prices."""
    staffing = firm()
    answer = Answer(status=Status.FEASIBLE, assignments=(run("ann", "alpha-lead"),), objective_x60=0, bound_x60=0, proof=None)
    view = from_plan(staffing, answer)
    priced, bare = (view_without_cost(view, with_prices=one)["key_figures"] for one in (True, False))
    assert {name for name, amount in priced["money"].items() if amount is not None} == {
        "revenue_minor",
        "expected_revenue_minor",
        "unpriced_minutes",
        "bills_costs",
    }
    assert set(bare["money"].values()) == {None}
    assert (priced["value_coverage"] is None, bare["value_coverage"]) == (False, None)
    assert priced["teams"] == bare["teams"] == view["key_figures"]["teams"]


def test_a_plan_without_costs_has_no_margin() -> None:
    """Where costs were left out a margin would be a lie; what older plans lack is no fault."""
    blind = to_problem(make_snapshot(), make_request(cost_blind=True))
    money = figures(blind, run("ann", "alpha-lead"))["money"]
    assert (money["revenue_minor"], money["cost_minor"], money["margin_minor"]) == (800_000, None, None)
    kept = staffing_to_json(firm())
    assert staffing_from_json(kept) == firm()
    older = staffing_from_json({name: value for name, value in kept.items() if name not in ("teams", "bills")})
    assert older == replace(firm(), teams={}, bills={})
