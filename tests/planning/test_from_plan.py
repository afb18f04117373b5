"""Plans as planners read them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.ids import SkillId
from scheduler.domain.staffing.plan_changes import change_id
from scheduler.domain.staffing.plan_privacy import view_without_cost
from scheduler.domain.staffing.work import BookingState
from scheduler.planning.from_plan import from_plan
from scheduler.planning.to_problem import to_problem
from solver_models.result import Status
from solver_models.staffing.plan import Answer, Conflict, DemandFill, Reason, ReasonKind
from solver_models.staffing.problem import Run
from tests.factories import (
    make_absence,
    make_booking,
    make_demand,
    make_person,
    make_request,
    make_snapshot,
    monday,
    weeks,
)

if TYPE_CHECKING:
    from scheduler.planning.staffing import Staffing

SHORT = Reason(kind=ReasonKind.NOT_WORTH_ITS_COST, facts={"person": "ann", "short_per_hour": 150})


def answer(*runs: Run, **changes: Any) -> Answer:
    defaults: dict[str, Any] = {
        "status": Status.FEASIBLE,
        "assignments": runs,
        "objective_x60": 6_030,
        "bound_x60": 12_000,
        "proof": "search",
        "seconds": 1.5,
    }
    return Answer(**{**defaults, **changes})


def run(demand: str = "alpha-lead", **changes: Any) -> Run:
    return Run(**{"person": "ann", "demand": demand, "share_e4": 5_000, "first": 1, "last": 2, **changes})


def staffing(**changes: Any) -> Staffing:
    return to_problem(make_snapshot(**changes), make_request())


def test_assignments_have_names_weeks_and_minutes() -> None:
    """A run by person, demand and project, its share as a decimal, its weeks by their Mondays and minutes in each."""
    (assignment,) = from_plan(staffing(), answer(run(share_e4=2_900)))["assignments"]
    assert assignment == {
        "id": change_id("ann", "alpha-lead"),
        "person": {"id": "ann", "name": "Ann"},
        "demand": {"id": "alpha-lead", "name": "Lead"},
        "project": {"id": "alpha", "name": "Alpha"},
        "share": "0.29",
        "first_week": "2027-03-08",
        "last_week": "2027-03-15",
        "shift_weeks": 0,
        "minutes": {"2027-03-08": 348, "2027-03-15": 348},
        "total_minutes": 696,
        "change": "new",
    }


def test_minutes_are_shortened_by_absences() -> None:
    """Away for two of five days, three fifths of the promised minutes are delivered."""
    plan = from_plan(staffing(absences=(make_absence(first=monday(1), days=2),)), answer(run()))
    assert plan["assignments"][0]["minutes"] == {"2027-03-08": 360, "2027-03-15": 600}


def test_change_tells_what_became_of_bookings() -> None:
    """As it was is kept, otherwise changed; locked when pinned; new without a booking."""
    demands = tuple(make_demand(name, shares=(Decimal("0.5"),)) for name in "abcd")
    bookings = tuple(
        make_booking(demand=f"alpha-{name}", share=Decimal("0.5"), state=state, period=weeks(1, 2))
        for name, state in (("a", BookingState.CONFIRMED), ("b", BookingState.TENTATIVE), ("c", BookingState.LOCKED))
    )
    runs = (run("alpha-a"), run("alpha-b", last=3), run("alpha-c"), run("alpha-d"))
    plan = from_plan(staffing(demands=demands, bookings=bookings), answer(*runs))
    assert {a["demand"]["id"]: a["change"] for a in plan["assignments"]} == {
        "alpha-a": "kept",
        "alpha-b": "changed",
        "alpha-c": "locked",
        "alpha-d": "new",
    }


def test_shift_counts_from_the_demands_own_weeks() -> None:
    """A run that stays with a plan in force that moved the demand by two weeks is moved by two, one week on by three."""
    changes = {"demands": (make_demand(shift_weeks=(0, 3)),), "bookings": (make_booking(shift_weeks=2, period=weeks(2, 5)),)}
    same, later = (
        from_plan(staffing(**changes), answer(run(first=2 + by, last=5 + by, shift=by)))["assignments"][0]["shift_weeks"] for by in (0, 1)
    )
    assert (same, later) == (2, 3)


def test_grid_counts_what_stays() -> None:
    """Booked minutes are the plan's and those of bookings that stay, of capacity before either."""
    plan = from_plan(staffing(bookings=(make_booking(demand=None),)), answer(run()))
    (row,) = plan["people"]
    assert row["capacity_minutes"] == [2_400] * 8
    assert row["stays_minutes"] == [480] * 4 + [0] * 4
    assert row["booked_minutes"] == [480, 1_080, 1_080, 480, 0, 0, 0, 0]
    assert row["utilisation"][:2] == [0.2, 0.45]
    assert (row["total_booked_minutes"], row["total_utilisation"]) == (3_120, 0.1625)


def test_week_without_capacity_has_no_utilisation() -> None:
    """Nothing of nothing is no ratio."""
    plan = from_plan(staffing(absences=(make_absence(days=7),)), answer())
    assert plan["people"][0]["utilisation"][:2] == [None, 0.0]


def test_open_demand_has_its_reason_in_words() -> None:
    """Effort, filled and open minutes as the answer has them, and the sentence with and without amounts."""
    fill = DemandFill(demand="alpha-lead", filled_min=1_200, open_min=3_600, reason=SHORT)
    plan = from_plan(staffing(), answer(run(), fills=(fill,)))
    (demand,) = plan["demands"]
    assert (demand["effort_minutes"], demand["filled_minutes"], demand["open_minutes"]) == (4_800, 1_200, 3_600)
    assert (demand["first_week"], demand["last_week"]) == ("2027-03-01", "2027-03-22")
    reason = demand["reason"]
    assert (reason["kind"], reason["confidential"]) == ("not_worth_its_cost", True)
    assert "1.50 EUR" in reason["sentence"]
    assert "1.50" not in reason["sentence_without_amounts"]
    assert plan["totals"]["coverage"] == 0.25
    assert (plan["totals"]["demands_filled"], plan["totals"]["demands_open"]) == (0, 1)


def test_proof_in_minor_units() -> None:
    """Objective and bound are integers of minor units, rounded half up, beside the exact ones; the gap as the answer has it."""
    proof = from_plan(staffing(), answer(run()))["proof"]
    assert (proof["status"], proof["kind"], proof["seconds"]) == ("feasible", "search", 1.5)
    assert (proof["objective_minor"], proof["bound_minor"], proof["objective_x60"]) == (101, 200, 6_030)
    assert proof["gap"] == (12_000 - 6_030) / 12_000


def test_infeasible_lists_conflicts_and_no_plan() -> None:
    """Without a plan there are no assignments; each conflict has its sentence; the summary says what to do."""
    conflict = Conflict(rule="capacity", facts={"person": "ann", "period": 0, "minutes": 4_800, "limit": 2_400})
    none = answer(status=Status.INFEASIBLE, assignments=None, objective_x60=None, bound_x60=None, proof=None, conflicts=(conflict,))
    plan = from_plan(staffing(), none)
    assert plan["assignments"] is None
    assert (plan["proof"]["objective_minor"], plan["proof"]["gap"]) == (None, None)
    assert plan["conflicts"][0]["sentence"].startswith("Ann is booked for 80 h in the week of 2027-03-01")
    assert "Unlock" in plan["summary"]
    assert plan["demands"][0]["open_minutes"] == 4_800


def test_s09_overbooking_by_bookings_that_stay_is_a_conflict() -> None:
    """Bookings beyond what their person can do are listed by person and weeks, and the summary points to it."""
    bookings = tuple(make_booking(demand=None, weekly_minutes=40 * 60, id=str(n), period=weeks(1, 1)) for n in range(2))
    plan = from_plan(staffing(bookings=bookings), answer())
    (conflict,) = plan["conflicts"]
    assert (conflict["rule"], conflict["facts"]["person"], conflict["facts"]["weeks"]) == ("overbooked", "ann", ["2027-03-08"])
    assert conflict["sentence"].startswith("Ann: bookings that stay exceed what is bookable by 40 h")
    assert "overbook 1 person" in plan["summary"]


@pytest.mark.parametrize(("open_min", "filled"), [(0, True), (4, True), (5, False)])
def test_a_rounding_of_shares_leaves_nothing_open(*, open_min: int, filled: bool) -> None:
    """Less than a thousandth of the effort (4,800 minutes) open counts as filled."""
    fill = DemandFill(demand="alpha-lead", filled_min=4_800 - open_min, open_min=open_min, reason=SHORT if open_min else None)
    totals = from_plan(staffing(), answer(fills=(fill,)))["totals"]
    assert (totals["demands_filled"], totals["demands_open"], totals["open_minutes"]) == (int(filled), int(not filled), open_min)


def test_s01_nothing_to_plan() -> None:
    """No people or no demands: an empty plan that says there was nothing to plan, and does not boast of the best one."""
    empty = from_plan(to_problem(make_snapshot(people=(), demands=()), make_request()), answer(status=Status.OPTIMAL))
    assert empty["summary"] == "Nothing to plan: the horizon has no people and no demands."
    assert (empty["assignments"], empty["people"], empty["demands"]) == ([], [], [])
    assert empty["totals"]["coverage"] is None


def test_no_cost_leaves_with_the_plan_for_others() -> None:
    """Without the right to cost: no objective, no cost statement, no facts or figures of reasons that a cost rate follows from."""
    demands = (make_demand(), make_demand("dev", requires={SkillId("java"): 1}))
    fills = (
        DemandFill(demand="alpha-lead", filled_min=0, open_min=4_800, reason=SHORT),
        DemandFill(
            demand="alpha-dev", filled_min=0, open_min=4_800, reason=Reason(kind=ReasonKind.NOBODY_QUALIFIED, facts={"nearest": []})
        ),
    )
    plan = from_plan(staffing(people=(make_person(),), demands=demands), answer(fills=fills))
    shown = view_without_cost(plan)
    assert [s["code"] for s in plan["valuation"]].count("cost.chosen") == 1
    assert "cost.chosen" not in [s["code"] for s in shown["valuation"]]
    assert {shown["proof"][key] for key in ("objective_minor", "bound_minor", "objective_x60", "bound_x60")} == {None}
    reasons = {d["demand"]["id"]: d["reason"] for d in shown["demands"]}
    assert reasons["alpha-lead"]["facts"] == {}
    assert "1.50" not in str(reasons["alpha-lead"])
    assert reasons["alpha-dev"] == {d["demand"]["id"]: d["reason"] for d in plan["demands"]}["alpha-dev"]
    assert plan["proof"]["objective_minor"] == 101
