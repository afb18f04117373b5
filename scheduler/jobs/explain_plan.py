"""
Explains stored plans on request: what would fill a demand, why somebody is not on it, who fits it.

Searches run in a child process with memory and time limits, a few at a time, while the request waits; nothing is stored. Who fits
follows from the prices of the plan without a search.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.permissions import COST_READ
from scheduler.domain.staffing.plan_privacy import candidates_without_cost, explanation_without_cost
from scheduler.jobs.job_rows import WORKER
from scheduler.jobs.solver_child import Ended, solve_in_child
from scheduler.planning.explanations import demand_words, fit_words, person_words
from scheduler.planning.staffing_json import staffing_from_json
from solver_models.limits import Limits
from solver_models.staffing import formats
from solver_models.staffing.fits import fits

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.plans import Plan
    from scheduler.jobs.solve_plan import SolveCaps
    from scheduler.planning.staffing import Staffing
    from scheduler.store import Store

TIME_S = 10.0
_AT_ONCE = 2
_UNDECIDED = (Ended.TIMED_OUT, Ended.MEMORY_LIMIT)
"""Ends of a search that found nothing out: no fault of the server, and of no plan."""
_LOG = logging.getLogger("muster.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A plan with what it was computed from."""

    plan: Plan
    staffing: Staffing
    answer: Any


class ExplainPlan:
    """Answers questions about the plans of one store."""

    def __init__(self, *, store: Store, caps: SolveCaps) -> None:
        self._store = store
        self._caps = caps
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    def explain(self, *, actor: Actor, plan_id: str, demand_id: str, person_id: str | None = None) -> dict[str, Any]:
        """
        What would fill a demand of a plan or, with a person, why they are not on it; without costs for whoever may not see them.

        Raises DomainError ``record.not_found``, ``plan.no_result``, ``input.invalid`` for a demand or person that is not in the plan,
        ``explanations.busy`` where too many are being computed, ``explanation.failed`` where the search died. One that comes to no end
        within its time or its memory is an answer that says so: ``is_complete`` is false.
        """
        case = self._case(actor, plan_id)
        _check_known(case.staffing, demand_id, person_id)
        if not self._free.acquire(timeout=TIME_S):
            raise DomainError(ErrorKind.BUSY, "explanations.busy", "Other explanations are being computed; ask again in a few seconds.")
        try:
            said = self._in_child(case, demand_id, person_id)
        finally:
            self._free.release()
        names = case.staffing.names
        words = demand_words(said, names) if person_id is None else person_words(said, names)
        shown = {"plan_id": plan_id, "demand_id": demand_id, "person_id": person_id, **words}
        return shown if actor.may(COST_READ) else explanation_without_cost(shown)

    def candidates(self, *, actor: Actor, plan_id: str, demand_id: str) -> dict[str, Any]:
        """Who could take a demand of a plan, the cheapest first; without costs those who have the time. Raises as ``explain``."""
        case = self._case(actor, plan_id)
        _check_known(case.staffing, demand_id, None)
        answer = formats.plan_from_json(case.answer, case.staffing.problem)
        sees_costs = actor.may(COST_READ)
        found = fits(case.staffing.problem, answer.assignments or (), answer.certificate, demand_id, by_cost=sees_costs)
        listed = [fit_words(fit, case.staffing.names) for fit in found]
        return {
            "plan_id": plan_id,
            "demand_id": demand_id,
            "candidates": listed if sees_costs else candidates_without_cost(listed),
        }

    def _case(self, actor: Actor, plan_id: str) -> _Case:
        """The plan, if the actor may see it; its problem is read by the program, because planners may not see all of it."""
        with self._store.read(actor) as view:
            view.plans.get(plan_id)
        with self._store.read(WORKER) as view:
            plan, kept = view.plans.get(plan_id), view.plans.problem(plan_id)
        answer = (plan.result or {}).get("answer")
        if kept is None or answer is None or answer.get("assignments") is None or (plan.result or {}).get("nothing_to_plan"):
            raise DomainError(
                ErrorKind.NOT_FOUND, "plan.no_result", f"The plan is {plan.state} and has no assignments to explain; wait until it has."
            )
        return _Case(plan=plan, staffing=staffing_from_json({"problem": kept.problem, **kept.statements}), answer=answer)

    def _in_child(self, case: _Case, demand_id: str, person_id: str | None) -> dict[str, Any]:
        besides = {"plan": case.answer, "explain": {"demand": demand_id, "person": person_id}}
        limits = Limits(time_s=min(TIME_S, self._caps.time_s), workers=self._caps.workers)
        result = solve_in_child(
            problem=formats.problem_to_json(case.staffing.problem),
            limits=limits,
            child=self._caps.child,
            observe=lambda _progress: False,
            besides=besides,
        )
        if result.ended in _UNDECIDED:
            _LOG.warning("explaining plan %s ended as %s", case.plan.id, result.ended)
            return _undecided(case, demand_id, person_id)
        if result.ended is not Ended.ANSWERED or result.answer is None:
            _LOG.error("explaining plan %s ended as %s: %s", case.plan.id, result.ended, result.stderr)
            raise DomainError(
                ErrorKind.BUSY, "explanation.failed", f"The explanation could not be computed ({result.ended.value}); ask again later."
            )
        return dict(result.answer)


def _undecided(case: _Case, demand_id: str, person_id: str | None) -> dict[str, Any]:
    """What is known without a search, in the shape of what the search would have said."""
    if person_id is None:
        return {"demand": demand_id, "is_filled": None, "shortfall": None, "relaxations": [], "is_complete": False}
    runs = case.answer["assignments"]
    is_there = any((run["person"], run["demand"]) == (person_id, demand_id) for run in runs)
    unknown: dict[str, Any] = {"bars": [], "cost": None, "gone": None, "new": None}
    return {"demand": demand_id, "person": person_id, "is_there": is_there, "is_complete": is_there, **unknown}


def _check_known(staffing: Staffing, demand_id: str, person_id: str | None) -> None:
    faults = []
    if all(d.id != demand_id for d in staffing.problem.demands):
        faults.append(
            Fault(pointer="/demand_id", code="reference.not_found", message="The plan has no such demand; give the id of one it has.")
        )
    if person_id is not None and all(p.id != person_id for p in staffing.problem.people):
        faults.append(
            Fault(pointer="/person_id", code="reference.not_found", message="The plan has no such person; give the id of one it has.")
        )
    if faults:
        raise invalid("explanation", *faults)
