"""Plans: what was asked for, how far it is, what came out, and which steps are allowed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.webhooks import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.ground.ids import ActorId, PlanId, ScenarioId


class PlanState(StrEnum):
    """Where a plan stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


STEPS: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.QUEUED: frozenset({PlanState.RUNNING, PlanState.FAILED, PlanState.CANCELLED}),
    PlanState.RUNNING: frozenset({PlanState.QUEUED, PlanState.RUNNING, PlanState.SUCCEEDED, PlanState.FAILED, PlanState.CANCELLED}),
    PlanState.SUCCEEDED: frozenset({PlanState.SUPERSEDED}),
    PlanState.FAILED: frozenset({PlanState.QUEUED}),
    PlanState.CANCELLED: frozenset({PlanState.QUEUED}),
    PlanState.SUPERSEDED: frozenset(),
}
"""
The states that may follow each. Running follows running when a killed worker's plan is taken up again, queued an end when its job is retried.
"""

OPEN_STATES = frozenset({PlanState.QUEUED, PlanState.RUNNING})


class IllegalTransition(DomainError):  # noqa: N818 - the name says what happened
    """A step that the table of steps does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProgress:
    """The last that was heard of a running solve; amounts in minor units x 60."""

    seconds: float
    objective_x60: int | None = None
    bound_x60: int | None = None
    gap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProblem:
    """What a plan was computed from: the problem as JSON, the versions of all rows read, and how values were chosen."""

    plan_id: PlanId
    problem: Mapping[str, Any]
    row_versions: Mapping[str, Mapping[str, int]]
    """Area name (``people``, ``demands``, ...) to id to version."""
    statements: Mapping[str, Any] = field(default_factory=dict)
    """Valuation and what was left out; plain JSON."""
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One request for a plan, and its result."""

    id: PlanId
    state: PlanState
    request: Mapping[str, Any]
    """The request as plain JSON."""
    actor_id: ActorId
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    cancel_requested: bool = False
    progress: PlanProgress | None = None
    result: Mapping[str, Any] | None = None
    """``answer`` (staffing-plan/1 JSON) and ``view`` (the answer in the planner's words)."""
    failure_code: str | None = None
    failure_detail: str | None = None
    applied_at: datetime | None = None
    applied_by: ActorId | None = None
    applied_changes: tuple[str, ...] | None = None
    """Ids of the changes that were applied; ``None`` also for a plan that was applied whole before parts could be."""
    scenario_id: ScenarioId | None = None
    """The what-if it answers; ``None``: the firm as it is."""
    version: int = 0

    def step(self, state: PlanState, **changes: Any) -> Plan:
        """The plan in another state. Raises IllegalTransition."""
        if state not in STEPS[self.state]:
            allowed = ", ".join(sorted(STEPS[self.state])) or "none"
            raise IllegalTransition(
                ErrorKind.CONFLICT,
                "plan.illegal_transition",
                f"The plan is {self.state}; it cannot become {state} (allowed from here: {allowed}).",
                facts={"state": str(self.state), "wanted": str(state)},
            )
        return replace(self, state=state, **changes)

    def repeated(self) -> Plan:
        """The plan from its beginning. Raises IllegalTransition unless it failed or was cancelled."""
        return self.step(
            PlanState.QUEUED,
            attempts=0,
            cancel_requested=False,
            started_at=None,
            finished_at=None,
            progress=None,
            result=None,
            failure_code=None,
            failure_detail=None,
        )

    def require_of_live_rows(self) -> None:
        """Raise DomainError ``plan.of_scenario`` for one that answers a what-if."""
        if self.scenario_id is not None:
            detail = (
                "The plan was computed for a scenario, not for the firm as it is. Compare scenarios to read it, and apply the scenario"
                " together with it."
            )
            raise DomainError(ErrorKind.CONFLICT, "plan.of_scenario", detail, facts={"scenario_id": self.scenario_id})

    def asked_to_stop(self, *, now: datetime) -> Plan:
        """The plan after somebody wants it cancelled. Raises IllegalTransition when it has ended."""
        if self.state is PlanState.RUNNING:
            return replace(self, cancel_requested=True)
        return self.step(PlanState.CANCELLED, cancel_requested=True, finished_at=now)


def plan_finished(plan: Plan, state: PlanState) -> Event:
    """What subscribers hear of a plan's end; whoever asked for it too."""
    return Event(type=EventType.PLAN_FINISHED, facts={"plan_id": plan.id, "state": state.value}, concerns=frozenset({plan.actor_id}))
