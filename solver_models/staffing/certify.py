"""An answer claims of its prices what anybody will recompute from them, no less and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solver_models.result import Status
from solver_models.staffing.verify import restated, verify
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_limits import fixed_conflicts_of
from solver_models.staffing.verify_prices import effort_for, priced_bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.verify import Report

PRICES = "prices"


def certified(problem: Problem, answer: Answer, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None) -> Answer:
    """
    The answer with the bound that the check recomputes from its prices; ``optimal`` only where the objective reaches it.

    An answer proven otherwise, or without prices, is left as it is, as is one to a problem without any plan.
    """
    if answer.proof != PRICES or answer.certificate is None:
        return answer
    ledger = Ledger.of(problem)
    if fixed_conflicts_of(ledger):
        return answer
    effort = effort_for(len(problem.people), answer.seconds)
    return _claiming(answer, priced_bound(ledger, answer.certificate, effort=effort, on_progress=on_progress).bound_x60)


def checked(
    problem: Problem, answer: Answer, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> tuple[Answer, Report]:
    """The answer certified, and the report on it: the check that finds what its prices give is the one that anybody would repeat."""
    report = verify(problem, answer, on_progress=on_progress)
    bound = report.priced_bound_x60
    if answer.proof != PRICES or bound is None or bound == answer.bound_x60:
        return answer, report
    claimed = _claiming(answer, bound)
    return claimed, restated(report, claimed)


def _claiming(answer: Answer, bound_x60: int) -> Answer:
    status = answer.status
    if status in (Status.OPTIMAL, Status.FEASIBLE):
        status = Status.OPTIMAL if answer.objective_x60 == bound_x60 else Status.FEASIBLE
    return replace(answer, bound_x60=bound_x60, status=status)
