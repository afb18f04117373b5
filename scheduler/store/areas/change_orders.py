"""How change orders are stored."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from scheduler.domain.staffing.change_orders import ChangeOrder, DemandChange, Figures, OrderState, WeekDelta
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.tables.change_orders import CHANGE_ORDER_DEMANDS, CHANGE_ORDER_EFFORT, CHANGE_ORDER_REQUIRES, CHANGE_ORDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIGURES = {"value_minor": "value_{}_minor", "budget_minutes": "minutes_{}", "budget_minor": "budget_{}_minor"}


def _row(order: ChangeOrder) -> dict[str, Any]:
    figures = {
        column.format(when): getattr(getattr(order, when), name) for when in ("before", "after") for name, column in _FIGURES.items()
    }
    return plain(order, CHANGE_ORDERS, **figures)


def _children(order: ChangeOrder) -> Mapping[str, Iterable[dict[str, Any]]]:
    changes = list(enumerate(order.demands))
    return {
        CHANGE_ORDER_DEMANDS.name: [plain(one, CHANGE_ORDER_DEMANDS, position=number) for number, one in changes],
        CHANGE_ORDER_EFFORT.name: [
            {"position": number, "week": delta.week, "minutes": delta.minutes} for number, one in changes for delta in one.effort
        ],
        CHANGE_ORDER_REQUIRES.name: [
            {"position": number, "skill_id": skill, "level": level} for number, one in changes for skill, level in one.requires.items()
        ],
    }


def _order(row: Row, children: ChildRows) -> ChangeOrder:
    effort: dict[int, list[WeekDelta]] = defaultdict(list)
    for one in children[CHANGE_ORDER_EFFORT.name]:
        effort[one["position"]].append(built(WeekDelta, one))
    requires: dict[int, dict[Any, int]] = defaultdict(dict)
    for one in children[CHANGE_ORDER_REQUIRES.name]:
        requires[one["position"]][one["skill_id"]] = one["level"]
    demands = tuple(
        built(DemandChange, one, effort=tuple(effort[one["position"]]), requires=requires[one["position"]])
        for one in children[CHANGE_ORDER_DEMANDS.name]
    )
    figures = {when: Figures(**{name: row[column.format(when)] for name, column in _FIGURES.items()}) for when in ("before", "after")}
    return built(ChangeOrder, row, demands=demands, **figures)


CHANGE_ORDER_AREA: Area[ChangeOrder] = Area(
    name="change_orders",
    one="change order",
    table=CHANGE_ORDERS,
    to_row=_row,
    to_children=_children,
    from_row=_order,
    children=(
        Child(table=CHANGE_ORDER_DEMANDS, pointer=lambda _number, row: f"/demands/{row['position']}/demand_id"),
        Child(table=CHANGE_ORDER_EFFORT, pointer=lambda _number, row: f"/demands/{row['position']}/effort"),
        Child(table=CHANGE_ORDER_REQUIRES, pointer=lambda _number, row: f"/demands/{row['position']}/requires/{row['skill_id']}"),
    ),
    sorts={"number": "number", "id": "id"},
    filters={
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=OrderState),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
    stand_ins={"value_delta_minor": 0, "budget_delta_minutes": 0, "budget_delta_minor": 0},
)
