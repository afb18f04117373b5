"""Running a rebalance policy: a plan of tomorrow's firm is asked for, unless nothing has changed since the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ChangeSetId, PlanId, new_id
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.staffing.change_sets import COMPUTED, ChangeSet, ChangeSetState
from scheduler.domain.staffing.plan_scope import SCOPE
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.planning.broken import MORE_LEFT
from scheduler.planning.request import ChangePolicy, PlanRequest, SolveLimits, Tentative
from scheduler.planning.request_json import request_to_json
from scheduler.store import retried
from scheduler.store.moved_rows import differing
from scheduler.store.recorded_effort import more_left, uncounted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.plans import PlanProblem
    from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
    from scheduler.store import Store, Transaction

SETS = "change_sets"
POLICIES = "rebalance_policies"


@retried
def run_policy(
    store: Store,
    *,
    actor: Actor,
    policy_id: str,
    now: datetime,
    anew: bool = False,
    dry_run: bool = False,
    due_at: datetime | None = None,
    blind: bool = False,
    idempotency: IdempotencyClaim | None = None,
) -> ChangeSet:
    """
    Ask for a change set; its row, its plan and the job are written together.

    Empty at once when no row has changed since the policy's last one, whatever the date is; not so with ``anew``. ``due_at``: the time of
    its schedule that the run is for, of which there is one run, however often it is asked for. ``blind``: without costs.

    Raises DomainError ``record.not_found``, ``access.denied``, ``rebalance.running`` (CONFLICT) while another run is being computed.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        tx.area(POLICIES).get(policy_id)
        require(actor, "change_sets:create")
        policy: RebalancePolicy = tx.elevated.area(POLICIES).get(policy_id)
        earlier: Sequence[ChangeSet] = tx.unrestricted.area(SETS).matching(policy_id=policy_id)
        if due_at is not None and (same := [one for one in earlier if one.due_at == due_at]):
            return tx.answer(same[0])
        _require_idle(earlier)
        base = None if anew else _base(tx, policy, earlier)
        found = ChangeSet(
            id=ChangeSetId(new_id()),
            policy_id=policy.id,
            policy_version=policy.version,
            state=ChangeSetState.QUEUED if base is None else ChangeSetState.EMPTY,
            actor_id=actor.id,
            created_at=now,
            due_at=due_at,
            is_dry_run=dry_run,
            base_plan_id=base,
            finished_at=None if base is None else now,
            dropped_count=None if base is None else 0,
            gain_x60=None if base is None else 0,
        )
        if base is None:
            found = _with_plan(tx, found, policy, blind=blind)
        tx.elevated.area(SETS).add(found)
        kept: ChangeSet = tx.area(SETS).get(found.id)
        return tx.answer(kept)


def _require_idle(earlier: Sequence[ChangeSet]) -> None:
    running = next((one for one in earlier if one.state is ChangeSetState.QUEUED), None)
    if running is not None:
        detail = "The policy is running already; wait for that change set."
        raise DomainError(ErrorKind.CONFLICT, "rebalance.running", detail, facts={"change_set_id": running.id})


def _with_plan(tx: Transaction, found: ChangeSet, policy: RebalancePolicy, *, blind: bool) -> ChangeSet:
    """The set with the plan that is to be computed for it."""
    request = request_of(policy, now=tx.now, blind=blind)
    plan = Plan(id=PlanId(new_id()), state=PlanState.QUEUED, request=request_to_json(request), actor_id=tx.actor.id, created_at=tx.now)
    added = tx.elevated.plans.add(plan)
    tx.enqueue(Job(kind=SOLVE_PLAN, target_id=added.id))
    return replace(found, plan_id=added.id, base_plan_id=added.id)


def first_week(policy: RebalancePolicy, *, now: datetime) -> date:
    """The first Monday after today, in the policy's time zone."""
    tomorrow = now.astimezone(ZoneInfo(policy.time_zone)).date() + timedelta(days=1)
    return tomorrow + timedelta(days=-tomorrow.weekday() % 7)


def request_of(policy: RebalancePolicy, *, now: datetime, blind: bool) -> PlanRequest:
    """What a policy asks of a plan: from the first Monday after today on."""
    return PlanRequest(
        horizon_start=first_week(policy, now=now),
        weeks=policy.weeks,
        **{name: getattr(policy, name) for name in SCOPE},
        tentative=Tentative.BY_PROBABILITY if policy.min_probability is None else Tentative.AT_OR_ABOVE,
        min_probability=policy.min_probability,
        policy=ChangePolicy(
            churn_cost=policy.churn_cost,
            setup_cost=policy.setup_cost,
            max_churn_hours=policy.max_churn_hours,
            frozen_weeks=policy.frozen_weeks,
        ),
        limits=SolveLimits(time_limit_s=float(policy.time_limit_s)),
        cost_blind=blind,
        rebalances=True,
    )


def _base(tx: Transaction, policy: RebalancePolicy, earlier: Sequence[ChangeSet]) -> PlanId | None:
    """
    The plan that the policy's last change set was made from, if no row has changed since but by that set's own groups, and nothing that
    was recorded waits to be counted.
    """
    finished = [one for one in earlier if one.policy_version == policy.version and one.state in COMPUTED and not one.is_dry_run]
    if not finished:
        return None
    base = max(finished, key=lambda one: (one.created_at, one.id)).base_plan_id
    kept = None if base is None else tx.unrestricted.plans.problem(base)
    if kept is None:
        return None
    if not _is_counted(tx, kept, on=first_week(policy, now=tx.now)):
        return None
    undone = [group.undo for one in finished if one.base_plan_id == base for group in one.groups if group.undo is not None]
    ours = {(row[0], row[2]) for undo in undone for row in undo["rows"]}
    for area, was, now in differing(tx.unrestricted, kept.row_versions):
        place = (was.id, None) if now is None else (getattr(now, "id", area), now.version)
        if area != "bookings" or place not in ours:
            return None
    return base


def _is_counted(tx: Transaction, kept: PlanProblem, *, on: date) -> bool:
    """Whether all that was recorded is in the demands, but for what the kept problem says it could not take."""
    said = {one["id"]: one["facts"]["minutes"] for one in kept.statements["left_out"] if one["code"] == MORE_LEFT}
    waiting = uncounted(tx.unrestricted, on=on)
    return len(waiting) == len(said) and more_left(tx.unrestricted, on=on) == said
