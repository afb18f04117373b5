"""What somebody may do with scenarios; none of it touches a live row. Applying one is ``scenario_application``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import ErrorKind, Fault
from scheduler.domain.ground.ids import PlanId, ScenarioId, new_id
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.ground.permissions import COST_READ
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.scenario_changes import with_scenarios
from scheduler.domain.staffing.scenario_refs import with_ids
from scheduler.planning.request_json import request_to_json
from scheduler.store import View, retried
from scheduler.store.scenario_stack import live_rows, stack_of

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.scenarios import Scenario
    from scheduler.planning.hire_sweep import HireSweep
    from scheduler.planning.request import PlanRequest
    from scheduler.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptHires:
    """What was asked for: the plan without a hire, and each scenario with its plan."""

    base: Plan
    hires: tuple[tuple[Scenario, Plan], ...]


@retried
def create_scenario(
    store: Store, *, actor: Actor, scenario: Scenario, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Scenario:
    """
    Keep a new scenario; its changes have to fit the live rows that the actor sees, or the scenario it stands on.

    Raises DomainError ``scenario.does_not_fit`` (INVALID), ``reference.not_found``, ``input.invalid``, and ``access.denied`` where its
    changes say what the actor may not see.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require(actor, "scenarios:create")
        checked = _checked(tx, scenario, before=None)
        added: Scenario = tx.area("scenarios").add(checked)
        return tx.answer(added)


@retried
def change_scenario(store: Store, *, actor: Actor, scenario: Scenario, now: datetime) -> Scenario:
    """
    Replace a scenario, whose version is the one its author saw. Its name alone can be changed also when its changes fit no more.

    Raises DomainError like ``create_scenario``, and ``version.stale``, ``record.not_found``, ``scenario.applied``.
    """
    with store.begin(actor, now=now) as tx:
        repository = tx.area("scenarios")
        repository.require_change(scenario.id)
        before = repository.get(scenario.id)
        before.require_open()
        if (before.changes, before.base_id) != (scenario.changes, scenario.base_id):
            scenario = _checked(tx, scenario, before=before)
        if before == scenario:
            return scenario
        saved: Scenario = repository.save(scenario)
        return saved


@retried
def sweep_hires(
    store: Store,
    *,
    actor: Actor,
    sweep: HireSweep,
    now: datetime,
    blind: bool = False,
    idempotency: IdempotencyClaim | None = None,
) -> SweptHires:
    """
    Ask what one more person of each skill would be worth: a plan without, and a scenario with its plan for each. All at once or nothing.

    Raises DomainError like ``create_scenario``, with the place of the skill; ``access.denied`` without the right to ask for plans.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        for right in ("scenarios:create", "plans:create"):
            require(actor, right)
        request = replace(sweep.request, cost_blind=True) if blind and not actor.may(COST_READ) else sweep.request
        names = {skill.id: skill.name for skill in tx.skills.many(skill for skill, _ in sweep.skills)}
        faults = [
            Fault(
                pointer=f"/skills/{n}/skill_id",
                code="reference.not_found",
                message="There is no such skill; give the id of one that exists.",
            )
            for n, (skill, _) in enumerate(sweep.skills)
            if skill not in names
        ]
        if faults:
            raise invalid("sweep", *faults)
        base = _ask(tx, request, now)
        hires = []
        for scenario in sweep.scenarios(names, next_id=lambda: ScenarioId(new_id())):
            kept: Scenario = tx.area("scenarios").add(_checked(tx, scenario, before=None))
            hires.append((kept, _ask(tx, replace(request, scenario_id=kept.id), now)))
        return tx.answer(SweptHires(base=base, hires=tuple(hires)))


def _ask(tx: Transaction, request: PlanRequest, now: datetime) -> Plan:
    plan = Plan(
        id=PlanId(new_id()),
        state=PlanState.QUEUED,
        request=request_to_json(request),
        actor_id=tx.actor.id,
        created_at=now,
        scenario_id=request.scenario_id,
    )
    tx.enqueue(Job(kind=SOLVE_PLAN, target_id=plan.id))
    return tx.plans.add(plan)


def _checked(tx: Transaction, scenario: Scenario, *, before: Scenario | None) -> Scenario:
    """With ids for what it makes, and the versions of what it changes; once it fits."""
    known = frozenset() if before is None else before.made
    scenario = replace(scenario, changes=with_ids(scenario.changes, known=known, next_id=new_id))
    for right in sorted(scenario.needs):
        require(tx.actor, right)
    repository = tx.area("scenarios")
    if before is None or before.base_id != scenario.base_id:
        tx.firm.lock()  # so of two scenarios that are put on each other at the same time one sees the other
        if scenario.base_id is not None and repository.find(scenario.base_id) is None:
            message = "There is no such scenario; give the id of one that exists, or none to stand on the live rows."
            raise invalid("scenario", Fault(pointer="/base_id", code="reference.not_found", message=message))
    live = live_rows(View(tx.connection, tx.actor))
    with_scenarios(live, stack_of(tx.elevated.area("scenarios"), scenario), kind=ErrorKind.INVALID)
    changes = []
    for change in scenario.changes:
        row = None if change.target is None else live[change.target[0]].get(change.target[1])
        changes.append(replace(change, base_version=None if row is None else row.version))
    return replace(scenario, changes=tuple(changes))
