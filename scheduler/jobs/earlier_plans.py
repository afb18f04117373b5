"""Which earlier plan a new one starts from: much of last week's plan is a good part of this week's, and its prices still bound it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plans import PlanState
from scheduler.jobs.job_rows import WORKER
from scheduler.planning.request_json import request_from_json
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.ground.ids import PlanId
    from scheduler.domain.staffing.plans import Plan, PlanProblem
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.staffing import Staffing
    from scheduler.store import Store

_LOOKED_AT = 20
_MOST_GAP = 0.05
"""An earlier plan that is further from its bound than this was cut short: a search from nothing finds better ones."""
_LEAST_KNOWN = 0.9
"""Part of the people, and of the demands, that the earlier plan has to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPlan:
    """A plan to start from; ``warm`` is what the solver's process is told of it, plain JSON."""

    plan_id: PlanId
    warm: Mapping[str, Any]


@retried
def read_earlier_plan(store: Store, *, staffing: Staffing, request: PlanRequest) -> EarlierPlan | None:
    """
    The newest finished plan of nearly the same people and demands; ``None`` where there is none.

    A plan that was computed as if nobody cost anything starts only from one of its kind: its choices must not tell costs.
    """
    with store.read(WORKER) as view:
        newest = PageRequest(sort="-created_at", filters={"state": PlanState.SUCCEEDED.value}, limit=_LOOKED_AT)
        for listed in view.plans.page(newest).items:
            if request_from_json(listed.request).cost_blind != request.cost_blind:
                continue
            kept = view.plans.problem(listed.id)
            if kept is None or not _is_near(kept, staffing):
                continue
            plan = view.plans.get(listed.id)
            if _is_good(plan):
                return EarlierPlan(plan_id=plan.id, warm=_warm(plan, kept, staffing))
    return None


def _is_near(kept: PlanProblem, staffing: Staffing) -> bool:
    problem = kept.problem
    return _knows(problem["people"], {p.id for p in staffing.problem.people}) and _knows(
        problem["demands"], {d.id for d in staffing.problem.demands}
    )


def _knows(listed: Iterable[Mapping[str, Any]], wanted: set[str]) -> bool:
    return len(wanted.intersection(one["id"] for one in listed)) >= _LEAST_KNOWN * len(wanted)


def _is_good(plan: Plan) -> bool:
    answer = (plan.result or {}).get("answer") or {}
    gap = answer.get("gap")
    return answer.get("assignments") is not None and gap is not None and gap <= _MOST_GAP


def _warm(plan: Plan, kept: PlanProblem, staffing: Staffing) -> dict[str, Any]:
    assert plan.result is not None
    before, now = request_from_json(plan.request).grid, staffing.grid
    old: Mapping[str, int] = kept.statements.get("base_shift", {})
    shifts = {d: staffing.base_shift.get(d, 0) - old.get(d, 0) for d in {*old, *staffing.base_shift}}
    return {
        "plan": plan.result["answer"],
        "periods": before.index(now.start),
        "shifts": {d: weeks for d, weeks in shifts.items() if weeks},
    }
