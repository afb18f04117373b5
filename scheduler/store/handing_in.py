"""What lines must have when they are handed in: drafts may lack it until then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.expenses import require_complete
from scheduler.domain.delivery.time_policies import Severity
from scheduler.domain.delivery.time_rules import COMPLETENESS, breaches, refuse, rules_for
from scheduler.store.areas.expenses import EXPENSE_AREA
from scheduler.store.areas.time import TIME_ENTRY_AREA, TIME_POLICY_AREA
from scheduler.store.expense_reading import read_breaches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.delivery.time_rules import Breach
    from scheduler.domain.ground.ids import ExpenseId, TimeEntryId
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
    missing: list[Breach] = []
    for entry in entries:
        rules = rules_for(entry, policies, team=teams.get(entry.person_id))
        wanted = {kind: one for kind, one in rules.items() if kind in COMPLETENESS and one.rule.severity is Severity.BLOCK}
        missing += breaches(entry, others=(), rules=wanted, now=tx.now)
    if missing:
        raise refuse(missing, pointers=pointers)


def check_spent(tx: Transaction, pointers: Mapping[ExpenseId, str]) -> None:
    """
    See that expenses have the receipts that their categories want, and keep the limits of today.

    ``pointers``: where in the request each stands. Raises DomainError ``expense.policy`` with all that holds them back.
    """
    everything = tx.unrestricted
    require_complete(
        [
            replace(breach, pointer=f"{pointers[expense.id]}{breach.pointer}")
            for expense in everything.area(EXPENSE_AREA.name).many(pointers)
            for breach in read_breaches(everything, expense, today=tx.now.date())
        ]
    )
