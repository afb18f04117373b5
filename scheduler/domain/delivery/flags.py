"""Flags of projects: what is not as it should be, by which rule and with which figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from scheduler.domain.delivery.budgets import Used
    from scheduler.domain.ground.ids import DemandId, TaskId


class FlagKind(StrEnum):
    """What is not as it should be."""

    LATE = "late"
    OVER_BUDGET = "over_budget"
    UNDER_STAFFED = "under_staffed"
    MARGIN_BELOW_TARGET = "margin_below_target"


RULES: Mapping[FlagKind, str] = {
    FlagKind.LATE: "Tasks that are neither done nor cancelled should have been done before the day, or work is booked after the project's end.",
    FlagKind.OVER_BUDGET: "What was worked and what is still booked come to more than a budget.",
    FlagKind.UNDER_STAFFED: "From the next Monday on, demands want more minutes than are booked on them.",
    FlagKind.MARGIN_BELOW_TARGET: "At completion, revenue less cost is a smaller part of the revenue than the project's target.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that is not as it should be; ``figures``: what the rule was worked out from, as plain JSON."""

    kind: FlagKind
    figures: Mapping[str, Any]

    @property
    def rule(self) -> str:
        """The rule, in words."""
        return RULES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What one demand wants from the next Monday on, and what is booked on it from then on."""

    demand_id: DemandId
    wanted: int
    booked: int


def late(*, late_tasks: Iterable[TaskId], minutes_after_end: int) -> Iterator[Flag]:
    """Rule ``late``."""
    tasks = sorted(late_tasks)
    if tasks or minutes_after_end:
        yield Flag(kind=FlagKind.LATE, figures={"late_task_ids": tasks, "booked_minutes_after_end": minutes_after_end})


def over_budget(used: Iterable[Used]) -> Iterator[Flag]:
    """Rule ``over_budget``: one flag for each limit that is passed."""
    for one in used:
        if one.is_over:
            figures = {
                "target": one.budget.target_key,
                "measure": one.measure.value,
                "limit": one.limit,
                "actual": one.actual,
                "booked": one.booked,
                "at_completion": one.at_completion,
            }
            yield Flag(kind=FlagKind.OVER_BUDGET, figures=figures)


def under_staffed(staffing: Iterable[Staffing]) -> Iterator[Flag]:
    """Rule ``under_staffed``."""
    short = [one for one in staffing if one.wanted > one.booked]
    if short:
        demands = [
            {"demand_id": one.demand_id, "wanted_minutes": one.wanted, "booked_minutes": one.booked}
            for one in sorted(short, key=lambda one: one.demand_id)
        ]
        figures = {"missing_minutes": sum(one.wanted - one.booked for one in short), "demands": demands}
        yield Flag(kind=FlagKind.UNDER_STAFFED, figures=figures)


def margin_below_target(*, revenue_minor: int, cost_minor: int, target: Decimal | None) -> Iterator[Flag]:
    """Rule ``margin_below_target``: without revenue, any cost is below any target."""
    if target is None or not (revenue_minor or cost_minor):
        return
    margin = revenue_minor - cost_minor
    if margin < Fraction(target) * revenue_minor or not revenue_minor:
        figures = {"revenue_minor": revenue_minor, "cost_minor": cost_minor, "margin_minor": margin, "target": str(target)}
        yield Flag(kind=FlagKind.MARGIN_BELOW_TARGET, figures=figures)
