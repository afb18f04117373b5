"""How scenarios are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import name_key
from scheduler.domain.staffing.scenarios import Change, Scenario
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED
from scheduler.store.tables.scenarios import SCENARIO_CHANGES, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _row(scenario: Scenario) -> dict[str, Any]:
    return plain(scenario, SCENARIOS, name_key=name_key(scenario.name), needs=" ".join(sorted(scenario.needs)))


def _children(scenario: Scenario) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {
        SCENARIO_CHANGES.name: [
            plain(change, SCENARIO_CHANGES, position=number, body=dict(change.body)) for number, change in enumerate(scenario.changes)
        ]
    }


def _scenario(row: Row, children: ChildRows) -> Scenario:
    changes = tuple(built(Change, change) for change in children[SCENARIO_CHANGES.name] if change["body"] is not None)
    return built(Scenario, {name: value for name, value in row.items() if name != "needs"}, changes=changes)


SCENARIO_AREA: Area[Scenario] = Area(
    name="scenarios",
    one="scenario",
    table=SCENARIOS,
    to_row=_row,
    to_children=_children,
    from_row=_scenario,
    children=(Child(table=SCENARIO_CHANGES, pointer=lambda number, _row: f"/changes/{number}"),),
    sorts=BY_NAME,
    filters={**NAMED, "base_id": Filter(kind=FilterKind.EQUALS, column="base_id")},
    guard="needs",
)
