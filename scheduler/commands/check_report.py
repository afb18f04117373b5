"""What the independent check of a plan found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.commands.progress import amount

if TYPE_CHECKING:
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.verify import Report


def report_lines(problem: Problem, report: Report) -> list[str]:
    """The report for people: one line per result."""
    rules = {True: "hold", False: "broken", None: "nothing to check: no plan"}[report.feasible]
    objective = {True: "matches", False: "does NOT match the plan file", None: "nothing claimed"}[report.objective_matches]
    bound = {True: "holds", False: f"does NOT hold: {report.note}", None: report.note}[report.bound_holds]
    if report.bound_holds is None and report.priced_bound_x60 is not None:
        bound += f"; the prices beside it give {amount(report.priced_bound_x60, problem.currency)}"
    return [
        f"rules        {rules}",
        *(f"  rule {violation.rule}: {violation.message}" for violation in report.violations),
        f"objective    {amount(report.objective_x60, problem.currency)}: {objective}",
        f"bound        {amount(report.bound_x60, problem.currency)}: {bound}",
        "everything that can be checked holds" if report.holds else "NOT everything holds",
    ]
