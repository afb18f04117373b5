"""The snapshot as a scenario would have it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.staffing.scenario_changes import with_scenarios
from scheduler.domain.staffing.scenarios import ONE_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.staffing.scenarios import Scenario
    from scheduler.planning.snapshot import Snapshot

_AREAS = (*ONE_OF, "clients", "calendars")


def with_changes(snapshot: Snapshot, stack: Sequence[Scenario]) -> Snapshot:
    """
    The rows with the changes of scenarios that stand on each other, the base first. The snapshot given stays as it is.

    Raises DomainError ``scenario.does_not_fit``, with a fault for each change that does not fit the rows.
    """
    before: dict[str, dict[str, Any]] = {area: {row.id: row for row in getattr(snapshot, area)} for area in _AREAS}
    changed = with_scenarios({**before, "firm": {"firm": snapshot.firm}}, stack)
    rows: dict[str, Any] = {area: tuple(changed.area(area).values()) for area in ONE_OF}
    return replace(snapshot, **rows)
