"""What entries must have when they are handed in: drafts that were proposed may lack it until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.time_policies import Severity
from scheduler.domain.delivery.time_rules import COMPLETENESS, breaches, refuse, rules_for
from scheduler.store.areas.time import TIME_ENTRY_AREA, TIME_POLICY_AREA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import TimeEntryId
    from scheduler.store.transaction import Transaction


def check_complete(tx: Transaction, pointers: Mapping[TimeEntryId, str]) -> None:
    """
    See that time entries have the note, the task and the activity type that policies want.

    ``pointers``: where in the request each stands. Raises DomainError ``time.policy`` with all that is missing.
    """
    if not pointers:
        return
    everything = tx.unrestricted
    policies = everything.area(TIME_POLICY_AREA.name).all()
    entries = everything.area(TIME_ENTRY_AREA.name).many(pointers)
    teams = {person.id: person.team for person in everything.people.many({entry.person_id for entry in entries})}
    missing = []
    for entry in entries:
        rules = rules_for(entry, policies, team=teams.get(entry.person_id))
        wanted = {kind: one for kind, one in rules.items() if kind in COMPLETENESS and one.rule.severity is Severity.BLOCK}
        missing += breaches(entry, others=(), rules=wanted, now=tx.now)
    if missing:
        raise refuse(missing, pointers=pointers)
