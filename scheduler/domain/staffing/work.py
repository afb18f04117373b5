"""Work: clients, projects, the demands for people that they raise, bookings and bill rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import BillRateId, BookingId, ClientId, DemandId, PersonId, PlanId, ProjectId, SkillId
    from scheduler.domain.ground.interval import DateInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody the firm works for."""

    id: ClientId
    name: str
    external_id: str | None = None
    version: int = 0


class ProjectState(StrEnum):
    """Where a project stands in its life."""

    TENTATIVE = "tentative"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class ContractKind(StrEnum):
    """How work on a project earns money."""

    TIME_AND_MATERIALS = "time_and_materials"
    FIXED_PRICE = "fixed_price"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Work for a client (or for the firm itself), won or still tentative."""

    id: ProjectId
    name: str
    client_id: ClientId | None = None
    state: ProjectState = ProjectState.WON
    probability: Decimal = Decimal(1)
    """Chance of winning it, 0 to 1; 1 for a won project."""
    priority: Decimal = Decimal(1)
    """Factor on the value of its work, > 0."""
    contract: ContractKind = ContractKind.TIME_AND_MATERIALS
    contract_value_minor: int | None = None
    """Price of a fixed-price project, in minor units of the firm's currency."""
    planned_minutes: int | None = None
    """Planned work of a fixed-price project; ``None`` = the sum of its demands' effort."""
    budget_minutes: int | None = None
    budget_minor: int | None = None
    period: DateInterval | None = None
    all_or_nothing: bool = False
    shift_weeks: tuple[int, int] | None = None
    apart: tuple[frozenset[PersonId], ...] = ()
    together: tuple[frozenset[PersonId], ...] = ()
    external_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekEffort:
    """Minutes wanted in the week that begins on ``week`` (a Monday)."""

    week: date
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A role request: skills, weeks and minutes of work that a project wants somebody for."""

    id: DemandId
    project_id: ProjectId
    name: str
    effort: tuple[WeekEffort, ...]
    """Ascending weeks, minutes > 0."""
    requires: Mapping[SkillId, int] = field(default_factory=dict)
    prefers: Mapping[SkillId, Decimal] = field(default_factory=dict)
    """Bonus per hour per level held, in the firm's currency."""
    overqualified_cost: Decimal = Decimal(0)
    grade: str | None = None
    bill_rate: Decimal | None = None
    """Per hour in the firm's currency; ``None`` = by the bill rates."""
    locations: frozenset[str] | None = None
    shares: tuple[Decimal, ...] = (Decimal(1),)
    max_people: int = 1
    min_run_weeks: int | None = None
    min_coverage: Decimal = Decimal("0.8")
    shift_weeks: tuple[int, int] = (0, 0)
    only: frozenset[PersonId] | None = None
    never: frozenset[PersonId] = frozenset()
    external_id: str | None = None
    version: int = 0


class BookingState(StrEnum):
    """How firm a booking is."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """
    Somebody's time promised to a project.

    With a demand: ``share`` of the demand's effort, moved by ``shift_weeks``, during ``period`` (whole weeks); planning takes it
    as the plan in force, or as pinned when locked. Without a demand: ``weekly_minutes`` on the project in every week of
    ``period``, spread over its working days; it stays and takes capacity.
    """

    id: BookingId
    person_id: PersonId
    project_id: ProjectId
    period: DateInterval
    demand_id: DemandId | None = None
    share: Decimal | None = None
    shift_weeks: int = 0
    weekly_minutes: int | None = None
    state: BookingState = BookingState.CONFIRMED
    plan_id: PlanId | None = None
    external_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRate:
    """
    What an hour costs a client, in the firm's currency, for a time.

    Each of ``project_id``, ``person_id``, ``grade`` narrows it; ``None`` means any. The most specific valid rate wins:
    person before grade, then project before none.
    """

    id: BillRateId
    rate: Decimal
    project_id: ProjectId | None = None
    person_id: PersonId | None = None
    grade: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    """Last day on which it counts."""
    external_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """Settings of the installation's one firm."""

    name: str
    currency: str
    shadow_rate: Decimal
    """Value of an hour of internal work, per hour."""
    version: int = 0
