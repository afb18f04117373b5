"""Small staffing problems for tests of one rule at a time, and a solve whose every answer passes the checker."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from solver_models.limits import Limits
from solver_models.staffing.problem import Demand, Person, Policy, Problem, Project, Run
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import check_plan, objective_x60

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.plan import Answer, Reason


def person(name: str, capacity: Sequence[int] = (600, 600, 600, 600), *, cost_rate: int = 10, **keys: Any) -> Person:
    """A person with four periods of 600 minutes."""
    return Person(id=name, capacity=tuple(capacity), cost_rate=cost_rate, **keys)


def demand(name: str, effort: Sequence[int] = (600, 600, 600, 600), *, value_rate: int = 100, project: str = "P", **keys: Any) -> Demand:
    """A demand for all of a person's time."""
    return Demand(id=name, project=project, effort=tuple(effort), value_rate=value_rate, **keys)


def run(person: str, demand: str, first: int = 0, last: int = 3, *, share_e4: int = 10_000, shift: int = 0) -> Run:
    """A run over all four periods."""
    return Run(person=person, demand=demand, share_e4=share_e4, first=first, last=last, shift=shift)


def problem(
    people: Sequence[Person],
    demands: Sequence[Demand],
    *,
    projects: Sequence[Project] = (),
    fixed: Sequence[Run] = (),
    current: Sequence[Run] = (),
    **policy: Any,
) -> Problem:
    """A problem over the periods that its people have."""
    start = date(2027, 1, 4)
    periods = tuple((start + timedelta(weeks=t)).isoformat() for t in range(len(people[0].capacity) if people else 4))
    return Problem(
        currency="EUR",
        periods=periods,
        people=tuple(people),
        demands=tuple(demands),
        projects=tuple(projects),
        fixed=tuple(fixed),
        current=tuple(current),
        policy=Policy(**policy),
    )


def solved(case: Problem) -> Answer:
    """The optimal answer, checked: no rule broken, the objective as the checker computes it, bound and objective equal."""
    answer = solve(case, Limits(time_s=30, workers=1))
    assert answer.assignments is not None
    assert check_plan(case, answer.assignments) == ()
    assert objective_x60(case, answer.assignments) == answer.objective_x60 == answer.bound_x60
    return answer


def runs_of(case: Problem) -> set[Run]:
    """The runs of the optimal plan."""
    assignments = solved(case).assignments
    assert assignments is not None
    return set(assignments)


def reason_of(case: Problem, demand: str) -> Reason:
    """Why the demand is open in the optimal plan."""
    (fill,) = [f for f in solved(case).fills if f.demand == demand]
    assert fill.reason is not None
    return fill.reason
