"""The what-if problems of sweeps, and what is told of their answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault
from scheduler.domain.ground.ids import ProjectId, ScenarioId
from scheduler.domain.staffing.plan_privacy import coarse_gap
from scheduler.domain.staffing.scenarios import Change, Scenario
from scheduler.domain.staffing.sweeps import TELLING
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.from_plan import from_plan
from scheduler.planning.key_figures import outside_band_minutes
from scheduler.planning.scenarios import with_changes
from scheduler.planning.to_problem import to_problem
from solver_models.staffing.value import difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scheduler.domain.staffing.work import Project
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.staffing import Staffing
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

_SHOWN = ("coverage", "bench_minutes", "churn")


def reading(staffing: Staffing, answer: Answer) -> dict[str, Any]:
    """What is told of one plan of a sweep; everything from which costs follow is under ``amounts``."""
    view = from_plan(staffing, answer)
    figures = view["key_figures"]
    return {
        "status": answer.status.value,
        "gap": coarse_gap(answer.gap),
        **{name: figures[name] for name in _SHOWN},
        "utilisation": view["totals"]["utilisation"],
        "demands_open": view["totals"]["demands_open"],
        "outside_band_minutes": outside_band_minutes(staffing.problem, answer.assignments or ()),
        TELLING: {
            **figures["money"],
            "value_coverage": figures["value_coverage"],
            "objective_minor": view["proof"]["objective_minor"],
            "bound_minor": view["proof"]["bound_minor"],
            "gap": answer.gap,
        },
    }


def worth(before: Answer, after: Answer) -> dict[str, int | None]:
    """What lies between the best plans of two problems, in minor units: one figure where both are optimal."""
    found = difference(before, after)
    low, high = (None, None) if found is None else (found.low_x60 // 60, -(-found.high_x60 // 60))
    return {"worth_low_minor": low, "worth_high_minor": high}


def with_hires(snapshot: Snapshot, profile: Mapping[str, Any], count: int) -> Snapshot:
    """The rows with so many people of a profile hired. Raises DomainError ``scenario.does_not_fit``."""
    if count == 0:
        return snapshot
    hire = Change(kind="hire", body={"count": count, "profile": dict(profile), "ids": hired_ids(count)})
    return with_changes(snapshot, (Scenario(id=ScenarioId("sweep"), name="Sweep", changes=(hire,)),))


def hired_ids(count: int) -> list[str]:
    """Ids of people who are there in a sweep only."""
    return [f"sweep-hire-{number}" for number in range(1, count + 1)]


def with_churn_cap(staffing: Staffing, minutes: int) -> Staffing:
    """The same problem with at most so many new minutes."""
    policy = replace(staffing.problem.policy, max_churn_minutes=minutes)
    return replace(staffing, problem=replace(staffing.problem, policy=policy))


def with_fairness_cost(staffing: Staffing, cost: int) -> Staffing:
    """The same problem with another cost of an hour outside of the band."""
    policy = replace(staffing.problem.policy, fairness_cost=cost)
    return replace(staffing, problem=replace(staffing.problem, policy=policy))


def fairness_costs(problem: Problem, points: int) -> list[int]:
    """Nothing, and then from an eighth of what an hour brings on the mean, doubled from point to point."""
    rates = [d.value_rate for d in problem.demands if d.value_rate > 0] or [8]
    first = max(1, sum(rates) // len(rates) // 8)
    return [0, *(first * 2**n for n in range(points - 1))]


def not_dominated(points: Sequence[Mapping[str, Any]], *, axis: str) -> list[dict[str, Any]]:
    """The points of which no other has as good a margin for as little on the axis, in the order of the axis."""
    best: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda one: (one[axis], -one[TELLING]["margin_after_bench_minor"])):
        if not best or point[TELLING]["margin_after_bench_minor"] > best[-1][TELLING]["margin_after_bench_minor"]:
            best.append(dict(point))
    return best


class Bid:
    """A project whose first possible week is looked for: as if won, not booked yet, and done whole or not at all."""

    def __init__(self, snapshot: Snapshot, request: PlanRequest, project_id: str) -> None:
        """Raises DomainError for a project that is not there, is lost or closed, or has no effort."""
        found = next((p for p in snapshot.projects if p.id == project_id), None)
        if found is None:
            raise _fault("reference.not_found", "There is no such project; give the id of one that exists.")
        if found.state in (ProjectState.LOST, ProjectState.CLOSED):
            raise _fault("project.not_open", f"The project is {found.state}; give one that is tentative or won.")
        self.project: Project = found
        self._request = _including(request, found.id)
        self._others = replace(snapshot, bookings=tuple(b for b in snapshot.bookings if b.project_id != found.id))
        self.demands = tuple(d for d in snapshot.demands if d.project_id == found.id and d.effort)
        if not self.demands:
            raise _fault("demand.no_effort", "The project has no demand with effort, so it wants nobody at any time.")
        weeks = [effort.week for d in self.demands for effort in d.effort]
        self._first: date = min(weeks)
        self.length = (max(weeks) - self._first).days // 7 + 1

    def starts(self, most: int) -> range:
        """Weeks of the horizon in which it could begin and still end within it."""
        return range(min(most, self._request.weeks - self.length + 1))

    def without(self) -> Staffing:
        """The firm without it."""
        kept = tuple(d for d in self._others.demands if d.project_id != self.project.id)
        return to_problem(replace(self._others, demands=kept), self._request)

    def starting(self, week: int) -> Staffing:
        """The firm with it starting in a week of the horizon. Raises DomainError when a demand of it cannot be planned at all."""
        by = self._request.horizon_start + timedelta(weeks=week) - self._first
        moved = {d.id: replace(d, effort=tuple(replace(e, week=e.week + by) for e in d.effort)) for d in self.demands}
        states = self._request.project_states
        state = ProjectState.WON if states is None or ProjectState.WON in states else ProjectState.TENTATIVE
        whole = replace(self.project, state=state, probability=Decimal(1), all_or_nothing=True, shift_weeks=(0, 0), period=None)
        staffing = to_problem(
            replace(
                self._others,
                projects=tuple(whole if p.id == whole.id else p for p in self._others.projects),
                demands=tuple(moved.get(d.id, d) for d in self._others.demands),
            ),
            self._request,
        )
        if not set(moved) <= {d.id for d in staffing.problem.demands}:
            said = (
                " ".join(one.text for one in staffing.left_out if one.id in {*moved, whole.id}) or "Its demands are outside of the scope."
            )
            raise _fault("bid.not_planned", f"The project cannot be planned whole. {said}")
        return staffing

    def alone(self, problem: Problem) -> Problem:
        """Just the bid beside what is pinned, at a value that makes every hour pay: can it be staffed at all?"""
        mine = {d.id for d in self.demands}
        frozen = {r.demand for r in problem.current if r.first < problem.policy.frozen_periods}
        kept = mine | {r.demand for r in problem.fixed} | frozen
        value = max([0, *(p.cost_rate for p in problem.people)]) + 1
        return replace(
            problem,
            people=tuple(replace(p, preferences={}, not_for=p.not_for & kept) for p in problem.people),
            demands=tuple(
                replace(d, prefers={}, overqualified_cost=0, value_rate=value if d.id in mine else d.value_rate)
                for d in problem.demands
                if d.id in kept
            ),
            projects=tuple(p for p in problem.projects if p.id in {d.project for d in problem.demands if d.id in kept}),
            current=tuple(r for r in problem.current if r.demand in kept),
            policy=replace(problem.policy, setup_cost=0, churn_cost=0, fairness_cost=0),
        )

    def is_in(self, answer: Answer) -> bool:
        """Whether the plan has it: being all or nothing, it then has it whole."""
        mine = {d.id for d in self.demands}
        return any(run.demand in mine for run in answer.assignments or ())


def _including(request: PlanRequest, project_id: str) -> PlanRequest:
    wanted = request.project_ids
    return request if wanted is None else replace(request, project_ids=wanted | {ProjectId(project_id)})


def _fault(code: str, message: str) -> Exception:
    return invalid("sweep", Fault(pointer="/project_id", code=code, message=message))
