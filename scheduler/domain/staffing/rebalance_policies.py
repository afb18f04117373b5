"""Rebalance policies: when the bookings in force are planned anew, for what, and what may change without anybody's leave."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.plan_changes import ChangeKind
from scheduler.domain.staffing.plan_scope import NOT_PLANNED, PLANNED_STATES
from scheduler.domain.staffing.work import BookingState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.ground.ids import PersonId, ProjectId, RebalancePolicyId, SkillId
    from scheduler.domain.staffing.plan_scope import DemandState
    from scheduler.domain.staffing.work import ProjectState

WEEKS_MAX = 104
TIME_LIMIT_MAX_S = 3_600
HOURS_MAX = Decimal(10_000_000)


class Unasked(StrEnum):
    """What a run may change without anybody's leave."""

    NONE = "none"
    OPEN_DEMAND = "open_demand"
    """Put people on demands that they are not booked on; no booking in force moves."""
    TENTATIVE = "tentative"
    """That, and change or drop tentative bookings."""
    ALL = "all"
    """That, and change or drop confirmed bookings; locked ones never move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RebalancePolicy:
    """A named rule for rebalancing. Amounts are in the firm's currency."""

    id: RebalancePolicyId
    name: str
    cron: str | None = None
    """Minute, hour, day, month, weekday in ``time_zone``; ``None``: only when somebody asks."""
    time_zone: str = "UTC"
    is_active: bool = True
    """Whether it runs by itself."""
    weeks: int = 26
    project_ids: frozenset[ProjectId] | None = None
    """``None``: every project that is won or tentative."""
    project_states: frozenset[ProjectState] | None = None
    """``None``: won and tentative."""
    demand_states: frozenset[DemandState] | None = None
    skill_ids: frozenset[SkillId] | None = None
    """Demands that require one of them; ``None``: all."""
    teams: frozenset[str] | None = None
    """Whose people are planned; ``None``: everybody's."""
    locations: frozenset[str] | None = None
    """Where the people work who are planned; ``None``: anywhere."""
    min_probability: Decimal | None = None
    """Least probability of the tentative projects that are planned; ``None``: all, valued by their probability."""
    frozen_weeks: int = 1
    churn_cost: Decimal = Decimal(20)
    """Per changed hour."""
    setup_cost: Decimal = Decimal(0)
    """Per person put on a demand they are not booked on."""
    max_churn_hours: Decimal | None = None
    """Most new hours of one run; ``None``: any number."""
    min_worth: Decimal = Decimal(0)
    """Groups that bring less are left out, unless they mend a booking that no longer holds."""
    unasked: Unasked = Unasked.NONE
    tell: tuple[PersonId, ...] = ()
    """Who is told when a change set is ready."""
    time_limit_s: int = 60
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "cron", faults.optional_text("/cron", self.cron))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        object.__setattr__(self, "tell", tuple(sorted(set(self.tell))))
        if not _is_zone(self.time_zone):
            faults.add("/time_zone", "time_zone.unknown", "No such time zone is known; give one of the IANA list, such as Europe/Berlin.")
        if not (self.project_states or frozenset()) <= PLANNED_STATES:
            faults.add("/project_states", "value.not_allowed", NOT_PLANNED)
        faults.integer("/weeks", self.weeks, least=1, most=WEEKS_MAX)
        faults.integer("/frozen_weeks", self.frozen_weeks, least=0, most=max(0, self.weeks))
        faults.integer("/time_limit_s", self.time_limit_s, least=1, most=TIME_LIMIT_MAX_S)
        for name in ("churn_cost", "setup_cost", "min_worth"):
            faults.decimal(f"/{name}", getattr(self, name), least=Decimal(0))
        if self.min_probability is not None:
            faults.decimal("/min_probability", self.min_probability, least=Decimal(0), most=Decimal(1))
        if self.max_churn_hours is not None:
            faults.decimal("/max_churn_hours", self.max_churn_hours, least=Decimal(0), most=HOURS_MAX)
        faults.raise_any("rebalance policy")

    def allows_unasked(self, changes: Iterable[tuple[ChangeKind, BookingState | None]]) -> bool:
        """Whether changes, each with the state of the booking that it moves (``None``: there is none), need nobody's leave."""
        moved = _MOVED[self.unasked]
        return self.unasked is not Unasked.NONE and all(
            kind is ChangeKind.NEW if state is None else state in moved for kind, state in changes
        )


_MOVED = {
    Unasked.NONE: frozenset[BookingState](),
    Unasked.OPEN_DEMAND: frozenset[BookingState](),
    Unasked.TENTATIVE: frozenset({BookingState.TENTATIVE}),
    Unasked.ALL: frozenset({BookingState.TENTATIVE, BookingState.CONFIRMED}),
}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
