"""What is told when lines are handed in, given back, or waited too long: ids, days and levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.webhooks import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.domain.delivery.approvals import Level
    from scheduler.domain.delivery.lines import Line


def lines_submitted(lines: Sequence[Line], *, level: Level, told: frozenset[str]) -> Event:
    """Lines wait for the people who are ``told``, of that level."""
    return Event(type=EventType.LINES_SUBMITTED, facts={**_facts(lines), "waits_for": level.value}, told=told)


def lines_escalated(lines: Sequence[Line], *, level: Level, told: frozenset[str]) -> Event:
    """Nobody decided in time: these people are asked as well."""
    return Event(type=EventType.LINES_ESCALATED, facts={**_facts(lines), "waits_for": level.value}, told=told)


def lines_rejected(lines: Sequence[Line], *, person_id: str) -> Event:
    """The person has to correct them."""
    return Event(type=EventType.LINES_REJECTED, facts={**_facts(lines), "person_id": person_id}, told=frozenset({person_id}))


def _facts(lines: Sequence[Line]) -> Mapping[str, Any]:
    ordered = sorted(lines, key=lambda line: (line.day, line.ref.id))
    return {
        "lines": [{"kind": line.ref.kind.value, "id": line.ref.id} for line in ordered],
        "first_day": ordered[0].day.isoformat(),
    }
