"""The answer to a problem in which there is nothing to plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.result import Status
from solver_models.staffing.columns import Columns
from solver_models.staffing.explain import explain
from solver_models.staffing.plan import Answer
from solver_models.staffing.roster import objective_x60

if TYPE_CHECKING:
    from solver_models.staffing.problem import Problem


def is_empty(problem: Problem) -> bool:
    """Whether there is nothing to plan: nobody, or nothing that anybody is wanted for."""
    return not problem.people or not problem.demands


def nothing_planned(problem: Problem) -> Answer:
    """The empty plan of an empty problem: it claims no bound, because nothing was searched."""
    columns = Columns(problem)
    return Answer(
        status=Status.FEASIBLE,
        assignments=(),
        objective_x60=objective_x60(columns, ()),
        bound_x60=None,
        proof=None,
        fills=explain(columns, ()),
    )
