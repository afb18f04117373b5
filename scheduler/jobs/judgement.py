"""Judges what a solve came to before anybody reads it: plans by the independent checker, "infeasible" by a second opinion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scheduler.jobs.solver_child import Ended
from solver_models.result import Status
from solver_models.staffing import formats, verify
from solver_models.staffing.certify import checked
from solver_models.staffing.columns import Columns
from solver_models.staffing.explain import explain
from solver_models.staffing.plan import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.jobs.solver_child import ChildResult
    from solver_models.staffing.problem import Problem

REJECTED = "solver.rejected"
CHILD_DIED = "solver.crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is nothing to show. ``incident`` is for the log of whoever looks after the installation, not for planners."""

    code: str
    detail: str
    incident: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An answer that may be shown, or the failure in its place."""

    answer: Answer | None = None
    failure: Failure | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """How the solve ended: ``timed_out``, ``stopped``, ``seconds``, ``peak_memory_mb``; plain JSON."""


def judge(problem: Problem, result: ChildResult, *, memory_mb: int) -> Verdict:
    """What may be shown of a solve."""
    facts = {
        "timed_out": result.ended is Ended.TIMED_OUT,
        "stopped": result.ended is Ended.STOPPED,
        "seconds": round(result.seconds, 2),
        "peak_memory_mb": result.peak_memory_mb,
    }
    outcome = _outcome(problem, result, memory_mb=memory_mb)
    if isinstance(outcome, Failure):
        return Verdict(failure=outcome, facts=facts)
    return Verdict(answer=outcome, facts=facts)


def _outcome(problem: Problem, result: ChildResult, *, memory_mb: int) -> Answer | Failure:
    match result.ended:
        case Ended.ANSWERED:
            return _of_answer(problem, result)
        case Ended.MEMORY_LIMIT if result.incumbent is None:
            return _memory_failure(problem, memory_mb=memory_mb)
        case Ended.TIMED_OUT | Ended.STOPPED | Ended.MEMORY_LIMIT:
            return _of_incumbent(problem, result)
        case Ended.CONTRADICTED:
            return _rejected(f"the solver contradicted itself: {result.stderr}")
        case Ended.CRASHED:
            return Failure(
                code=CHILD_DIED,
                detail="The solver's process died. Ask for the plan again; if it dies again, report the fault with the plan's id.",
                incident=f"the solver's process died: {result.stderr}",
            )


def _of_answer(problem: Problem, result: ChildResult) -> Answer | Failure:
    try:
        answer = formats.plan_from_json(result.answer, problem)
    except formats.InvalidFormat as error:
        return _rejected(f"the answer cannot be read: {error}")
    if answer.status is Status.INFEASIBLE and not verify.fixed_conflicts(problem):
        # Nothing else makes a problem infeasible; this is counted without the solver, whatever it says.
        return _rejected("the solver says infeasible, but the fixed runs alone break no limit, so the pinned runs are a plan")
    return _checked(problem, answer)


def _checked(problem: Problem, answer: Answer) -> Answer | Failure:
    """
    The answer with the bound that its prices give anybody, if the independent checker finds nothing wrong with its rules, its
    objective, its bound and its other claims.
    """
    answer, report = checked(problem, answer)
    if report.violations:
        return _rejected("; ".join(f"rule {violation.rule}: {violation.message}" for violation in report.violations[:20]))
    if report.objective_matches is False:
        return _rejected(f"the plan is worth {report.objective_x60}, not {answer.objective_x60} (minor units x 60)")
    if not report.holds:
        return _rejected(f"the bound {answer.bound_x60} does not hold: {report.note}")
    return answer


def _of_incumbent(problem: Problem, result: ChildResult) -> Answer | Failure:
    """The best plan shown before the kill, priced and explained anew; without one there is nothing."""
    if result.incumbent is None:
        stopped = result.ended is Ended.STOPPED
        why = "it was stopped" if stopped else "its time limit passed"
        hint = "Ask again" if stopped else "Give it more time"
        return Failure(
            code="solver.stopped" if stopped else "solver.timed_out",
            detail=f"The solver did not answer when {why}, and had found no plan. {hint}, or plan fewer people, demands or weeks at a time.",
        )
    violations = verify.check_plan(problem, result.incumbent)
    if violations:
        return _rejected("the last plan before the kill breaks rules: " + "; ".join(v.message for v in violations[:20]))
    objective = verify.objective_x60(problem, result.incumbent)
    answer = Answer(
        status=Status.FEASIBLE,
        assignments=result.incumbent,
        objective_x60=objective,
        bound_x60=result.bound_x60,
        proof=None if result.bound_x60 is None else "search",
        conflicts=verify.pinned_conflicts(problem),
        fills=explain(Columns(problem), result.incumbent),
        seconds=result.seconds,
    )
    return _checked(problem, answer)


def _memory_failure(problem: Problem, *, memory_mb: int) -> Failure:
    size = formats.estimate_size(problem)
    return Failure(
        code="memory_limit",
        detail=f"The solver needed more than the {memory_mb:,} MB it may use. The problem has {len(problem.people):,} people, "
        f"{len(problem.demands):,} demands, {len(problem.periods):,} weeks and about {size.run_choices:,} possible runs "
        f"(up to {size.memory_mb:,} MB). Plan fewer of them at a time, use fewer shares or a longer min_run, or raise the server's memory limit.",
    )


def _rejected(incident: str) -> Failure:
    return Failure(
        code=REJECTED,
        detail="The solver's answer did not pass the independent check, so it is not shown; the plan in force stays. "
        "This is a fault of the program: report it with the plan's id, under which the problem is kept.",
        incident=incident,
    )
