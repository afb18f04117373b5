"""Whether a plan still holds for rows that have changed since it was computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.planning.fractions import e4
from scheduler.planning.from_plan import from_plan
from scheduler.planning.to_problem import to_problem
from solver_models.result import Status
from solver_models.staffing.formats import problem_from_json, problem_to_json
from solver_models.staffing.plan import Answer
from solver_models.staffing.problem import Run
from solver_models.staffing.verify import check_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.staffing import Staffing

    Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revalidated:
    """The same assignments, read against today's rows; they hold if nothing is broken."""

    broken: tuple[str, ...]
    """Every rule that the assignments break now, in words."""
    problem: Mapping[str, Any]
    """Today's problem as JSON."""
    view: Mapping[str, Any] | None
    """What ``from_plan`` says of the assignments now; ``None`` when they do not hold."""


def revalidate(snapshot: Snapshot, request: PlanRequest, view: Mapping[str, Any], *, known: frozenset[tuple[str, str]]) -> Revalidated:
    """
    Check the assignments of a plan's ``view`` against the problem that today's rows make. Raises like ``to_problem``.

    ``known``: the (person, demand) pairs that were booked when the plan was computed. Bookings made since are none of its
    business: they stay, beside its assignments.
    """
    staffing = to_problem(snapshot, request)
    problem = problem_to_json(staffing.problem)
    here = {p.id for p in staffing.problem.people} | {d.id for d in staffing.problem.demands}
    gone = [
        f"{one[what]['name']} is no longer part of what this plan is about."
        for one in view["assignments"]
        for what in ("person", "demand")
        if one[what]["id"] not in here
    ]
    if gone:
        return Revalidated(broken=tuple(dict.fromkeys(gone)), problem=problem, view=None)
    planned = tuple(_run(one, staffing) for one in view["assignments"])
    decided = known | {(run.person, run.demand) for run in planned}
    runs = (*planned, *(run for run in staffing.problem.current if (run.person, run.demand) not in decided))
    violations = check_plan(staffing.problem, runs)
    if violations:
        return Revalidated(broken=tuple(violation.message for violation in violations), problem=problem, view=None)
    answer = Answer(status=Status.FEASIBLE, assignments=runs, objective_x60=None, bound_x60=None, proof=None)
    return Revalidated(broken=(), problem=problem, view=from_plan(staffing, answer))


def _run(assignment: Mapping[str, Any], staffing: Staffing) -> Run:
    demand_id = assignment["demand"]["id"]
    first, last = (staffing.grid.index(date.fromisoformat(assignment[end])) for end in ("first_week", "last_week"))
    return Run(
        person=assignment["person"]["id"],
        demand=demand_id,
        share_e4=e4(Decimal(assignment["share"])),
        first=first,
        last=last,
        shift=assignment["shift_weeks"] - staffing.base_shift.get(demand_id, 0),
    )


def part_breaks(
    problem: Mapping[str, Any], answer: Mapping[str, Any], *, applied: Collection[Pair], chosen: Collection[Pair]
) -> tuple[str, ...]:
    """
    Rules that the bookings would break, in words, with only the ``chosen`` changes of a plan (and those ``applied`` before).

    What the bookings break without them is not counted: a part of a plan need not mend everything.
    """
    read = problem_from_json(problem)
    planned = {(run.person, run.demand): run for run in map(_answered, answer["assignments"])}
    current = {(run.person, run.demand): run for run in read.current}

    def with_changes(pairs: Collection[Pair]) -> frozenset[str]:
        runs = {**current, **{pair: planned[pair] for pair in pairs if pair in planned}}
        kept = [run for pair, run in runs.items() if pair in planned or pair not in pairs]
        return frozenset(violation.message for violation in check_plan(read, kept))

    return tuple(sorted(with_changes([*applied, *chosen]) - with_changes(applied)))


def _answered(run: Mapping[str, Any]) -> Run:
    return Run(
        person=run["person"],
        demand=run["demand"],
        share_e4=e4(Decimal(str(run["share"]))),
        first=run["first"],
        last=run["last"],
        shift=run["shift"],
    )
