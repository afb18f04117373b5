"""What holds for every firm: a valid problem, plans that pass the checker, and hours that add up."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.staffing.plan_privacy import view_without_cost
from scheduler.planning.from_plan import from_plan
from scheduler.planning.staffing_json import staffing_from_json, staffing_to_json
from scheduler.planning.to_problem import to_problem
from solver_models.limits import Limits
from solver_models.result import Status
from solver_models.staffing.formats import decode_json, problem_from_json, problem_to_json
from solver_models.staffing.nothing import is_empty
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import check_plan, verify
from tests.planning.random_snapshots import random_request, random_snapshot

seeds = st.integers(0, 10**9)


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_problem_satisfies_the_formats_rules(seed: int) -> None:
    """Writing the problem and reading it back raises no fault and gives an equal one; so for everything kept with it."""
    rng = random.Random(seed)
    staffing = to_problem(random_snapshot(rng), random_request(rng))
    written = json.dumps(problem_to_json(staffing.problem)).encode()
    assert problem_from_json(decode_json(written)) == staffing.problem
    assert staffing_from_json(json.loads(json.dumps(staffing_to_json(staffing)))) == staffing


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_capacity_stays_and_effort_add_up(seed: int) -> None:
    """What is left beside the stays is capacity, never negative nor above usual; every demand is planned or said to be left out."""
    rng = random.Random(seed)
    snapshot = random_snapshot(rng)
    staffing = to_problem(snapshot, random_request(rng))
    for person in staffing.problem.people:
        stays = staffing.stays.get(person.id, (0,) * len(person.capacity))
        bookable = staffing.bookable[person.id]
        assert person.capacity == tuple(max(0, b - s) for b, s in zip(bookable, stays, strict=True))
        assert person.usual is None or all(c <= u for c, u in zip(person.capacity, person.usual, strict=True))
    planned = {d.id for d in staffing.problem.demands}
    said = {s.id for s in staffing.left_out}
    assert all(d.id in planned or d.id in said or d.project_id in said for d in snapshot.demands)
    assert {d.id for d in staffing.problem.demands} == {s.id for s in staffing.valuation if s.subject == "demand"}


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_solved_firms_read_back_as_plans(seed: int) -> None:
    """A solved plan passes the checker; its booked minutes are the assignments' and the stays', its demands' minutes add up."""
    rng = random.Random(seed)
    staffing = to_problem(random_snapshot(rng), random_request(rng))
    answer = solve(staffing.problem, Limits(time_s=20, workers=1))
    assert answer.status in ({Status.FEASIBLE} if is_empty(staffing.problem) else {Status.OPTIMAL, Status.INFEASIBLE})
    plan = json.loads(json.dumps(from_plan(staffing, answer)))
    assert [d["demand"]["id"] for d in plan["demands"] if d["open_minutes"] and answer.assignments is not None and not d["reason"]] == []
    assert all(c["sentence"] for c in plan["conflicts"])
    if answer.assignments is None:
        assert plan["assignments"] is None
        assert plan["conflicts"]
        return
    assert check_plan(staffing.problem, answer.assignments) == ()
    assert verify(staffing.problem, answer).objective_matches
    assigned = sum(a["total_minutes"] for a in plan["assignments"])
    stays = sum(sum(row) for row in staffing.stays.values())
    assert plan["totals"]["booked_minutes"] == assigned + stays == sum(sum(p["booked_minutes"]) for p in plan["people"])
    assert plan["totals"]["filled_minutes"] == assigned
    hidden = json.dumps(view_without_cost(plan))
    assert '"cost_rate_minor"' not in hidden
    assert "value_per_hour" not in hidden
