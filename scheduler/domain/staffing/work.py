"""Work: clients, projects, the demands for people that they raise, bookings and the firm's settings.

Values check themselves and name every fault they have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, duplicates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import (
        BookingId,
        ClientId,
        DemandId,
        PersonId,
        PlanId,
        ProjectId,
        SkillId,
        TaskId,
        TemplateId,
    )
    from scheduler.domain.ground.interval import DateInterval


MINUTES_A_WEEK = 7 * 1440
EFFORT_MAX = 1_000_000
"""Most minutes of a demand in one week: some 99 people round the clock, and the most the solver takes."""
BOOKING_DAYS_MAX = 20 * 366
"""Every day of a booking is counted."""
SHIFT_MAX = 520
"""Most weeks that work may move."""
AMOUNT_LIMIT = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody the firm works for."""

    id: ClientId
    name: str
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.raise_any("client")


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
    template_id: TemplateId | None = None
    """The template that it was made from, in that version; both may have moved on, or be gone."""
    template_version: int | None = None
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.decimal("/probability", self.probability, least=Decimal(0), most=Decimal(1))
        faults.decimal("/priority", self.priority, least=Decimal(0), above=True)
        for name in ("contract_value_minor", "planned_minutes", "budget_minutes", "budget_minor"):
            if (value := getattr(self, name)) is not None:
                faults.integer(f"/{name}", value, least=0)
        if self.shift_weeks is not None:
            _check_shift(faults, self.shift_weeks)
        for kind in ("apart", "together"):
            for number, group in enumerate(getattr(self, kind)):
                if len(group) < 2:
                    faults.add(f"/{kind}/{number}", "group.too_small", "A group needs at least two people.")
        faults.raise_any("project")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekEffort:
    """Minutes wanted in the week that begins on ``week`` (a Monday)."""

    week: date
    minutes: int

    def __post_init__(self) -> None:
        faults = Faults()
        if self.week.weekday() != 0:
            monday = self.week - timedelta(days=self.week.weekday())
            faults.add("/week", "week.not_monday", f"{self.week} is not a Monday; the week that holds it begins {monday}.")
        faults.integer("/minutes", self.minutes, least=1, most=EFFORT_MAX)
        faults.raise_any("week of effort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A role request: skills, weeks and minutes of work that a project wants somebody for."""

    id: DemandId
    project_id: ProjectId
    name: str
    effort: tuple[WeekEffort, ...]
    """Minutes > 0, ascending weeks; put in order here."""
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
    task_id: TaskId | None = None
    """The task from whose estimate it follows; that may be gone."""
    derived_sha256: str | None = None
    """What followed from the task, hashed: tells whether somebody has changed it since."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        _set(self, "grade", faults.optional_text("/grade", self.grade))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        _set(self, "effort", tuple(sorted(self.effort, key=lambda effort: effort.week)))
        for week in duplicates(effort.week for effort in self.effort):
            faults.add("/effort", "week.duplicate", f"The week of {week} is listed twice; add its minutes up.")
        self._check_skills(faults)
        self._check_runs(faults)
        if self.bill_rate is not None:
            faults.decimal("/bill_rate", self.bill_rate, least=Decimal(0))
        faults.decimal("/overqualified_cost", self.overqualified_cost, least=Decimal(0))
        if self.locations is not None:
            _set(self, "locations", frozenset(faults.text("/locations", place) for place in self.locations))
        faults.raise_any("demand")

    def _check_skills(self, faults: Faults) -> None:
        for skill, level in self.requires.items():
            faults.integer(f"/requires/{skill}", level, least=1, most=5)
        for skill, bonus in self.prefers.items():
            faults.decimal(f"/prefers/{skill}", bonus, least=-AMOUNT_LIMIT, most=AMOUNT_LIMIT)

    def _check_runs(self, faults: Faults) -> None:
        if not self.shares:
            faults.add("/shares", "shares.empty", "No share is allowed, so nobody could do it; list at least one.")
        for number, share in enumerate(self.shares):
            faults.decimal(f"/shares/{number}", share, least=Decimal(0), most=Decimal(1), above=True)
        for repeated in duplicates(self.shares):
            faults.add("/shares", "share.duplicate", f"The share {repeated} is listed twice; keep one.")
        faults.integer("/max_people", self.max_people, least=1, most=1000)
        if self.min_run_weeks is not None:
            faults.integer("/min_run_weeks", self.min_run_weeks, least=1, most=SHIFT_MAX)
        faults.decimal("/min_coverage", self.min_coverage, least=Decimal(0), most=Decimal(1))
        _check_shift(faults, self.shift_weeks)


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
    over_capacity: bool = field(default=False, compare=False)
    """Whether it takes a day on which more is booked than there is; kept by the store, which counts every day."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.period.end is None:
            faults.add("/period/end", "booking.open_ended", "A booking needs an end; say until when.")
        elif (self.period.end - self.period.start).days > BOOKING_DAYS_MAX:
            faults.add(
                "/period/end", "booking.too_long", f"A booking has at most {BOOKING_DAYS_MAX} days; end it earlier, and book on later."
            )
        if self.demand_id is None:
            self._check_plain(faults)
        else:
            self._check_run(faults)
        faults.raise_any("booking")

    def _check_plain(self, faults: Faults) -> None:
        if self.share is not None:
            faults.add("/share", "booking.share_without_demand", "A share is a share of a demand; name the demand, or give weekly_minutes.")
        if self.shift_weeks != 0:
            faults.add("/shift_weeks", "booking.shift_without_demand", "Only a booking of a demand can be shifted; leave it at 0.")
        if self.weekly_minutes is None:
            faults.add("/weekly_minutes", "field.missing", "A booking without a demand needs its minutes per week.")
        else:
            faults.integer("/weekly_minutes", self.weekly_minutes, least=1, most=MINUTES_A_WEEK)

    def _check_run(self, faults: Faults) -> None:
        if self.weekly_minutes is not None:
            faults.add(
                "/weekly_minutes",
                "booking.minutes_with_demand",
                "The minutes follow from the demand's effort and the share; leave them out.",
            )
        if self.share is None:
            faults.add("/share", "field.missing", "A booking of a demand needs the share of its effort, such as 1.")
        else:
            faults.decimal("/share", self.share, least=Decimal(0), most=Decimal(1), above=True)
        faults.integer("/shift_weeks", self.shift_weeks, least=-SHIFT_MAX, most=SHIFT_MAX)
        for end, day in (("start", self.period.start), ("end", self.period.end)):
            if day is not None and day.weekday() != 0:
                faults.add(f"/period/{end}", "week.not_monday", f"A booking of a demand takes whole weeks; {day} is not a Monday.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """Settings of the installation's one firm."""

    name: str
    currency: str
    shadow_rate: Decimal
    """Value of an hour of internal work, per hour."""
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        if not _CURRENCY.fullmatch(self.currency):
            faults.add("/currency", "currency.unknown", "A currency is three capital letters, such as EUR (ISO 4217).")
        faults.decimal("/shadow_rate", self.shadow_rate, least=Decimal(0))
        faults.raise_any("firm's settings")


_CURRENCY = re.compile(r"[A-Z]{3}")


def _check_shift(faults: Faults, shift: tuple[int, int]) -> None:
    low, high = shift
    for number, weeks in enumerate(shift):
        faults.integer(f"/shift_weeks/{number}", weeks, least=-SHIFT_MAX, most=SHIFT_MAX)
    if low > high:
        faults.add("/shift_weeks", "interval.empty", f"The earliest shift {low} is after the latest {high}; swap them.")


def _set(value: object, name: str, content: object) -> None:
    # How a frozen value normalises itself while it is being made.
    object.__setattr__(value, name, content)
