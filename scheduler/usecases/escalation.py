"""Lines that nobody decided about in time go to the next level, and whoever is asked then hears of it once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.approvals import Level, next_level
from scheduler.domain.delivery.line_events import lines_escalated
from scheduler.store import retried
from scheduler.store.deciders import Deciders, approval_policy

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.delivery.lines import Line
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

AT_ONCE = 500


@retried
def escalate_lines(store: Store, *, actor: Actor, now: datetime) -> int:
    """
    Ask the next level about what is due, 500 lines at most; how many.

    A line whose project has lost its last lead is due at once. Each goes up in the transaction that tells of it, so nobody hears twice.
    """
    with store.read(actor) as view:
        if not view.line_approvals.is_any_due(now):
            return 0
    with store.begin(actor, now=now) as tx:
        policy = approval_policy(tx)
        deciders = Deciders.of(tx, on=now.date())
        refs = tx.line_approvals.due(now, limit=AT_ONCE)
        approvals = tx.line_approvals.find(refs)
        groups: dict[tuple[Level, frozenset[str]], list[Line]] = defaultdict(list)
        kept = []
        for ref, line in tx.lines.find(refs).items():
            before = approvals[ref]
            level = None if before.waits_for is None else next_level(line, before.waits_for, deciders.everybody)
            due_at = None if level in (None, Level.ADMIN) else policy.due_at(now)
            kept.append((line, replace(before, waits_for=level or before.waits_for, due_at=due_at)))
            if level is not None:
                groups[level, deciders.asked(line, level)].append(line)
        tx.line_approvals.keep(kept)
        for (level, asked), lines in groups.items():
            tx.announce(lines_escalated(lines, level=level, told=asked if policy.tell_deciders else frozenset()))
    return len(refs)
