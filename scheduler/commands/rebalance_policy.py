"""``muster rebalance --policy``: runs a rebalance policy, waits for its change set and prints it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from scheduler.commands.installation import settings_with, working
from scheduler.commands.refusal import REVIEW, Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.staffing.change_sets import ChangeSetState, GroupState
from scheduler.queries.change_sets import get_change_set, policy_id_of
from scheduler.queries.jobs import is_wanted
from scheduler.usecases.rebalance_runs import run_policy

if TYPE_CHECKING:
    from scheduler.application import Application
    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.queries.change_sets import ShownChangeSet

FAILED = 1
_LOOK_S = 0.2


def run_named_policy(name: str, *, dry_run: bool, as_json: bool, database: str | None) -> NoReturn:
    """Exits with 0 when nothing is left to be decided, 5 when groups are, 1 when it failed. Raises Refused for an unknown name."""
    with working(settings_with(database_url=database)) as application:
        policy_id = policy_id_of(application.store, actor=LOCAL, name=name)
        if policy_id is None:
            raise Refused(f"no rebalance policy is called {name!r}; GET /v1/rebalance-policies lists them.")
        blind = application.settings.cost_blind_plans
        found = run_policy(application.store, actor=LOCAL, policy_id=policy_id, now=datetime.now(UTC), dry_run=dry_run, blind=blind)
        seen = _ended(application, found)
    print(json.dumps(_to_json(seen)) if as_json else "\n".join(_lines(seen)))
    if seen.found.state is ChangeSetState.FAILED:
        raise typer.Exit(FAILED)
    raise typer.Exit(REVIEW if any(group.state is GroupState.OPEN for group in seen.found.groups) else 0)


def _ended(application: Application, found: ChangeSet) -> ShownChangeSet:
    """The set once its job has ended: what the policy applies by itself is applied after the set is ready, by the same job."""
    while found.plan_id is not None and is_wanted(application.store, actor=LOCAL, job=Job(kind=SOLVE_PLAN, target_id=found.plan_id)):
        time.sleep(_LOOK_S)
    return get_change_set(application.store, actor=LOCAL, change_set_id=found.id)


def _to_json(seen: ShownChangeSet) -> dict[str, Any]:
    found = seen.found
    return {
        "id": found.id,
        "policy": seen.policy_name,
        "state": found.state.value,
        "is_dry_run": found.is_dry_run,
        "plan_id": found.plan_id,
        "failure_code": found.failure_code,
        "gain_x60": found.gain_x60,
        "dropped_count": found.dropped_count,
        "proof": seen.proof,
        "broken": [{name: one[name] for name in ("code", "text", "facts")} for one in seen.broken],
        "groups": [
            {
                "number": group.position,
                "state": group.state.value,
                "worth_x60": group.worth_x60,
                "reasons": list(group.reasons),
                "changes": list(group.changes),
            }
            for group in found.groups
        ],
    }


def _lines(seen: ShownChangeSet) -> list[str]:
    found = seen.found
    lines = [f"{seen.policy_name}: change set {found.id} is {found.state}" + (" (dry run)" if found.is_dry_run else "")]
    if found.failure_code is not None:
        lines.append(f"  {found.failure_code}")
    lines += [f"  no longer holds: {one['text']}" for one in seen.broken]
    for group in found.groups:
        worth = "" if group.worth_x60 is None else f", worth {round(Fraction(group.worth_x60, 60)):,} minor units"
        lines.append(f"  group {group.position} ({group.state}{worth})")
        for change in group.changes:
            person, demand = (
                seen.names[area].get(change[key], change[key]) for area, key in (("people", "person_id"), ("demands", "demand_id"))
            )
            now = change["now"] or change["was"]
            lines.append(f"    {change['kind']}: {person} on {demand}, {now['first_week']} to {now['last_week']}")
    return lines
