"""What somebody may do with scenarios; none of it touches a live row. Applying one is ``scenario_application``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import ErrorKind, Fault
from scheduler.domain.ground.ids import new_id
from scheduler.domain.staffing.scenario_changes import with_scenarios
from scheduler.domain.staffing.scenario_refs import with_ids
from scheduler.store import View, retried
from scheduler.store.scenario_stack import live_rows, stack_of

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.scenarios import Scenario
    from scheduler.store import Store, Transaction


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
