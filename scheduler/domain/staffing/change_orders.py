"""
Change orders: agreed changes of a project's contract value, budget and demand.

An order is drafted, then approved or rejected. Approved, it is applied whole: so the value of a contract is always what was agreed at first
and all approved orders added up. What an order changed, before and after, stays with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import INTEGER_MAX, Faults, duplicates
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.staffing.work import EFFORT_MAX, Demand, WeekEffort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from scheduler.domain.ground.ids import ActorId, ChangeOrderId, DemandId, ProjectId, SkillId
    from scheduler.domain.staffing.work import Project

DEMANDS_MAX = 100


class OrderState(StrEnum):
    """How far a change order is."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"


STEPS: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.DRAFT: frozenset({OrderState.APPROVED, OrderState.REJECTED}),
    OrderState.APPROVED: frozenset(),
    OrderState.REJECTED: frozenset(),
}
"""The states that may follow each. What was decided stays: who wants something else drafts another order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekDelta:
    """Minutes more (or, negative, fewer) in the week that begins on ``week``."""

    week: date
    minutes: int

    def __post_init__(self) -> None:
        faults = Faults()
        if self.week.weekday() != 0:
            faults.add("/week", "week.not_monday", f"{self.week} is not a Monday; give the first day of the week.")
        faults.integer("/minutes", self.minutes, least=-EFFORT_MAX, most=EFFORT_MAX)
        faults.raise_any("week")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandChange:
    """A demand that wants more or less in some weeks; without ``demand_id`` a new one of that name."""

    effort: tuple[WeekDelta, ...]
    demand_id: DemandId | None = None
    base_version: int | None = None
    """The demand's version when the order was last written; the server sets it."""
    name: str | None = None
    requires: Mapping[SkillId, int] = field(default_factory=dict)
    grade: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.optional_text("/name", self.name))
        object.__setattr__(self, "grade", faults.optional_text("/grade", self.grade))
        object.__setattr__(self, "effort", tuple(sorted(self.effort, key=lambda one: one.week)))
        for week in duplicates(one.week for one in self.effort):
            faults.add("/effort", "week.duplicate", f"The week of {week} is listed twice; add its minutes up.")
        if self.demand_id is None:
            self._check_new(faults)
        elif self.name is not None or self.requires or self.grade is not None:
            message = "An order changes the effort of a demand that there is, and nothing else of it; leave name, requires and grade out."
            faults.add("/demand_id", "change_order.effort_only", message)
        faults.raise_any("change of a demand")

    def _check_new(self, faults: Faults) -> None:
        if self.name is None:
            faults.add("/name", "field.missing", "A new demand needs a name; or name the demand that changes by demand_id.")
        for number, one in enumerate(self.effort):
            if one.minutes <= 0:
                faults.add(
                    f"/effort/{number}/minutes", "number.out_of_range", "A new demand wants more than 0 minutes in each of its weeks."
                )
        for skill, level in self.requires.items():
            faults.integer(f"/requires/{skill}", level, least=1, most=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a project's contract and budget come to; ``None``: not said."""

    value_minor: int | None = None
    budget_minutes: int | None = None
    budget_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrder:
    """One change order. Numbers count up within a project, and none is used twice."""

    id: ChangeOrderId
    project_id: ProjectId
    name: str
    number: int = 0
    state: OrderState = OrderState.DRAFT
    value_delta_minor: int = 0
    budget_delta_minutes: int = 0
    budget_delta_minor: int = 0
    demands: tuple[DemandChange, ...] = ()
    reason: str | None = None
    """Why it was rejected."""
    decided_at: datetime | None = None
    decided_by: ActorId | None = None
    before: Figures = Figures()
    """What the project had when it was approved, and has had since (``after``)."""
    after: Figures = Figures()
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "reason", faults.optional_text("/reason", self.reason))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        for name in ("value_delta_minor", "budget_delta_minutes", "budget_delta_minor"):
            faults.integer(f"/{name}", getattr(self, name), least=-INTEGER_MAX)
        if len(self.demands) > DEMANDS_MAX:
            faults.add("/demands", "list.too_long", f"An order changes at most {DEMANDS_MAX} demands.")
        for demand_id in duplicates(one.demand_id for one in self.demands if one.demand_id is not None):
            faults.add("/demands", "change_order.demand_twice", f"The demand {demand_id} is listed twice; put its weeks together.")
        faults.raise_any("change order")

    def require_draft(self) -> None:
        """Raise DomainError ``change_order.decided`` for an order that was approved or rejected."""
        if self.state is not OrderState.DRAFT:
            detail = f"The change order {self.number} was {self.state}, so it stays as it is; draft another one."
            raise DomainError(ErrorKind.CONFLICT, "change_order.decided", detail, facts={"state": self.state.value})

    def decided(self, state: OrderState, *, by: ActorId, at: datetime, reason: str | None = None) -> ChangeOrder:
        """The order in the state that somebody gave it. Raises DomainError ``change_order.decided``."""
        if state not in STEPS[self.state]:
            self.require_draft()
            raise ValueError(f"no step leads from {self.state} to {state}")
        return replace(self, state=state, decided_by=by, decided_at=at, reason=reason)


def figures_of(project: Project) -> Figures:
    """What a project's contract and budget come to now."""
    return Figures(value_minor=project.contract_value_minor, budget_minutes=project.budget_minutes, budget_minor=project.budget_minor)


def ordered(project: Project, order: ChangeOrder) -> Project:
    """
    The project with the order's value and budget.

    Raises DomainError ``change_order.nothing_there`` for a delta of what the project does not have, ``change_order.below_zero``.
    """
    faults: list[Fault] = []
    made: dict[str, int] = {}
    for name, delta_name in _DELTAS.items():
        before, delta = getattr(project, name), getattr(order, delta_name)
        if not delta:
            continue
        if before is None:
            message = f"The project has no {name}; set what was agreed at first, then approve changes of it."
            faults.append(Fault(pointer=f"/{delta_name}", code="change_order.nothing_there", message=message))
        elif before + delta < 0:
            message = f"The project's {name} is {before}; {delta} would leave less than nothing."
            faults.append(Fault(pointer=f"/{delta_name}", code="change_order.below_zero", message=message))
        else:
            made[name] = before + delta
    if faults:
        raise DomainError(ErrorKind.CONFLICT, faults[0].code, faults[0].message, tuple(faults))
    return replace(project, **made)  # type: ignore[arg-type]  # all of them integers


_DELTAS: Mapping[str, str] = {
    "contract_value_minor": "value_delta_minor",
    "budget_minutes": "budget_delta_minutes",
    "budget_minor": "budget_delta_minor",
}


def ordered_demands(order: ChangeOrder, demands: Mapping[DemandId, Demand], *, next_id: Callable[[], DemandId]) -> Iterator[Demand]:
    """
    The order's demands as they are to be; new ones have version 0. ``demands``: the project's.

    Raises DomainError ``change_order.outdated`` where one has changed since the order was written, or is gone, and
    ``change_order.below_zero`` where a week would want less than nothing.
    """
    for number, change in enumerate(order.demands):
        if change.demand_id is None:
            yield Demand(
                id=next_id(),
                project_id=order.project_id,
                name=change.name or "",
                effort=tuple(WeekEffort(week=one.week, minutes=one.minutes) for one in change.effort),
                requires=change.requires,
                grade=change.grade,
            )
            continue
        demand = demands.get(change.demand_id)
        if demand is None or demand.version != change.base_version:
            message = "The demand has changed since the order was written, or is gone; look at it, and save the order again."
            raise _refused("change_order.outdated", message, f"/demands/{number}/demand_id")
        yield replace(demand, effort=_with_deltas(demand, change, f"/demands/{number}/effort"))


def check_value_stays(before: Project, after: Project, orders: Iterable[ChangeOrder]) -> None:
    """Once an order was approved, others alone change contract value and budgets. Raises DomainError ``project.value_by_orders``."""
    if figures_of(before) == figures_of(after) or all(one.state is not OrderState.APPROVED for one in orders):
        return
    detail = "The project has approved change orders: its contract value and budgets are changed by another one, not by hand."
    names = [name for name in _DELTAS if getattr(before, name) != getattr(after, name)]
    faults = tuple(Fault(pointer=f"/{name}", code="project.value_by_orders", message=detail) for name in names)
    raise DomainError(ErrorKind.CONFLICT, "project.value_by_orders", detail, faults)


def _with_deltas(demand: Demand, change: DemandChange, pointer: str) -> tuple[WeekEffort, ...]:
    minutes = {one.week: one.minutes for one in demand.effort}
    for number, delta in enumerate(change.effort):
        left = minutes.get(delta.week, 0) + delta.minutes
        if not 0 <= left <= EFFORT_MAX:
            message = f"The demand would want {left} minutes in the week of {delta.week}; it wants {minutes.get(delta.week, 0)} now."
            raise _refused("change_order.below_zero" if left < 0 else "number.out_of_range", message, f"{pointer}/{number}/minutes")
        minutes[delta.week] = left
    return tuple(WeekEffort(week=week, minutes=left) for week, left in sorted(minutes.items()) if left)


def _refused(code: str, message: str, pointer: str) -> DomainError:
    return DomainError(ErrorKind.CONFLICT, code, message, (Fault(pointer=pointer, code=code, message=message),))
