"""Scenarios that stand on each other, and the live rows below them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.staffing.scenarios import ONE_OF, Scenario, check_stack

if TYPE_CHECKING:
    from scheduler.domain.staffing.scenario_rows import LiveRows
    from scheduler.store.reader import Reader
    from scheduler.store.view import View

_AREAS = (*ONE_OF, "clients", "calendars", "activity_types")


def stack_of(scenarios: Reader[Any], scenario: Scenario) -> tuple[Scenario, ...]:
    """
    The scenario with those below it, the lowest first, without those that are live already.

    Raises DomainError ``scenario.stands_on_itself``, ``scenario.too_deep``, ``record.not_found``.
    """
    found = [scenario]
    while found[0].base_id is not None:
        found.insert(0, scenarios.get(found[0].base_id))
        check_stack(found)
    return tuple(one for one in found if one.applied_at is None or one is scenario)


def live_rows(view: View) -> LiveRows:
    """All rows that scenarios are about, as far as the actor sees them: area to id to value."""
    rows: dict[str, dict[str, Any]] = {area: {value.id: value for value in view.area(area).all()} for area in _AREAS}
    return {**rows, "firm": {"firm": view.firm.get()}}
