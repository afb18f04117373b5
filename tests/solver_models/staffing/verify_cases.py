"""Small problems with easy numbers, for tests of the checker: every default lets the plan through."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from solver_models.staffing import verify
from solver_models.staffing.problem import Demand, Person, Policy, Problem, Project, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.verify import Violation

PERIODS = 4
HOUR = 60


def person(name: str = "ann", **terms: Any) -> Person:
    """Somebody with 40 hours a period who costs 50 an hour."""
    usual: dict[str, Any] = {"id": name, "capacity": (2_400,) * PERIODS, "cost_rate": 50}
    return Person(**(usual | terms))


def demand(name: str = "build", **terms: Any) -> Demand:
    """Ten hours in each of four periods at 120 an hour."""
    usual: dict[str, Any] = {"id": name, "project": "tower", "effort": (600,) * PERIODS, "value_rate": 120}
    return Demand(**(usual | terms))


def problem(
    people: Sequence[Person] = (person(),),
    demands: Sequence[Demand] = (demand(),),
    *,
    projects: Sequence[Project] = (),
    fixed: Sequence[Run] = (),
    current: Sequence[Run] = (),
    **policy: Any,
) -> Problem:
    """A problem over four weeks, or as many as the first demand has."""
    periods = len(demands[0].effort) if demands else PERIODS
    monday = date(2026, 1, 5)
    return Problem(
        currency="EUR",
        periods=tuple((monday + timedelta(weeks=t)).isoformat() for t in range(periods)),
        people=tuple(people),
        demands=tuple(demands),
        projects=tuple(projects),
        fixed=tuple(fixed),
        current=tuple(current),
        policy=Policy(**policy),
    )


def run(who: str = "ann", what: str = "build", first: int = 0, last: int = PERIODS - 1, **terms: Any) -> Run:
    """A run in full over all periods."""
    usual: dict[str, Any] = {"person": who, "demand": what, "share_e4": 10_000, "first": first, "last": last}
    return Run(**(usual | terms))


def broken(case: Problem, *runs: Run) -> list[int]:
    """The numbers of the rules that a plan breaks, once for each violation."""
    return [violation.rule for violation in verify.check_plan(case, runs)]


def only_violation(case: Problem, *runs: Run) -> Violation:
    """The one violation of a plan."""
    found = verify.check_plan(case, runs)
    assert len(found) == 1, found
    return found[0]
