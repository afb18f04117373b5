"""A staffing problem with its planner's words as JSON, so that a plan can be read when the firm's rows have moved on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from scheduler.planning.bills import Bill, bill_to_json
from scheduler.planning.staffing import Staffing
from scheduler.planning.time_grid import TimeGrid
from scheduler.planning.wording import Names, Statement
from solver_models.staffing.formats import problem_from_json, problem_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME_KEYS = ("people", "skills", "projects", "demands", "project_of", "bars")


def staffing_to_json(staffing: Staffing) -> dict[str, Any]:
    """Plain JSON values; ``staffing_from_json`` gives an equal staffing back."""
    return {"problem": problem_to_json(staffing.problem), **words_to_json(staffing)}


def words_to_json(staffing: Staffing) -> dict[str, Any]:
    """All but the problem, for those who keep the problem's JSON beside it."""
    names = asdict(staffing.names)
    return {
        "names": {key: names[key] for key in _NAME_KEYS},
        "valuation": [s.to_json() for s in staffing.valuation],
        "left_out": [s.to_json() for s in staffing.left_out],
        "base_shift": dict(staffing.base_shift),
        "bookable": {person: list(row) for person, row in staffing.bookable.items()},
        "stays": {person: list(row) for person, row in staffing.stays.items()},
        "teams": dict(staffing.teams),
        "bills": {demand: bill_to_json(bill) for demand, bill in staffing.bills.items()},
    }


def staffing_from_json(value: Mapping[str, Any]) -> Staffing:
    """
    What ``staffing_to_json`` wrote, whole or as ``{"problem": ..., **words}``.

    Raises
    ------
    InvalidFormat
        If the problem in it is not a valid ``staffing-problem/1``.
    """
    problem = problem_from_json(value["problem"])
    grid = TimeGrid(start=date.fromisoformat(problem.periods[0]), weeks=len(problem.periods))
    return Staffing(
        problem=problem,
        grid=grid,
        names=Names(currency=problem.currency, weeks=grid.mondays, **value["names"]),
        valuation=tuple(Statement(**s) for s in value["valuation"]),
        left_out=tuple(Statement(**s) for s in value["left_out"]),
        base_shift=value["base_shift"],
        bookable={person: tuple(row) for person, row in value["bookable"].items()},
        stays={person: tuple(row) for person, row in value["stays"].items()},
        teams=value.get("teams", {}),  # plans of earlier versions have none
        bills={demand: Bill(**bill) for demand, bill in value.get("bills", {}).items()},
    )
