"""Clients, projects, demands, bookings and the firm."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field

from api.schemas.fields import (
    Currency,
    Day,
    Factor,
    Flag,
    Fraction,
    Id,
    Integer,
    Minor,
    Minutes,
    Name,
    Part,
    Rate,
    RecordWrite,
    Share,
    SignedRate,
)
from api.schemas.people import Period
from scheduler.domain.ground.ids import BookingId, ClientId, DemandId, PersonId, ProjectId, SkillId
from scheduler.domain.staffing.work import (
    Booking,
    BookingState,
    Client,
    ContractKind,
    Demand,
    Firm,
    Project,
    ProjectState,
    WeekEffort,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Weeks = Annotated[Integer, Field(ge=-520, le=520)]
Range = Annotated[list[Weeks], Field(min_length=2, max_length=2)]
People = Annotated[list[Id], Field(max_length=10_000)]


def _set(ids: Iterable[str]) -> frozenset[PersonId]:
    return frozenset(PersonId(one) for one in ids)


def _pair(weeks: list[int]) -> tuple[int, int]:
    return weeks[0], weeks[1]


class ClientWrite(RecordWrite):
    """Somebody the firm works for."""

    name: Name
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Client:
        """As the domain knows it."""
        return Client(id=ClientId(own_id), version=version, name=self.name, external_id=self.external_id)

    @classmethod
    def of(cls, value: Client) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(name=value.name, external_id=value.external_id)


class ProjectWrite(RecordWrite):
    """
    Work for a client or for the firm itself.

    ``probability``: chance of winning it; ``priority``: factor on the value of its work; ``shift_weeks`` [earliest, latest]: all its
    demands may move together by so many weeks; ``apart`` / ``together``: groups of person ids.
    """

    shown_only: ClassVar[Mapping[str, Any]] = {"template_id": Id | None, "template_version": int | None}

    name: Name
    client_id: Id | None = None
    state: ProjectState = ProjectState.WON
    probability: Fraction = Decimal(1)
    priority: Factor = Decimal(1)
    contract: ContractKind = ContractKind.TIME_AND_MATERIALS
    contract_value_minor: Minor | None = None
    planned_minutes: Minutes | None = None
    budget_minutes: Minutes | None = None
    budget_minor: Minor | None = None
    period: Period | None = None
    all_or_nothing: Flag = False
    shift_weeks: Range | None = None
    apart: Annotated[list[People], Field(max_length=200, default_factory=list)]
    together: Annotated[list[People], Field(max_length=200, default_factory=list)]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Project:
        """As the domain knows it."""
        return Project(
            id=ProjectId(own_id),
            version=version,
            name=self.name,
            client_id=ClientId(self.client_id) if self.client_id is not None else None,
            state=self.state,
            probability=self.probability,
            priority=self.priority,
            contract=self.contract,
            contract_value_minor=self.contract_value_minor,
            planned_minutes=self.planned_minutes,
            budget_minutes=self.budget_minutes,
            budget_minor=self.budget_minor,
            period=self.period.to_value() if self.period is not None else None,
            all_or_nothing=self.all_or_nothing,
            shift_weeks=_pair(self.shift_weeks) if self.shift_weeks is not None else None,
            apart=tuple(_set(group) for group in self.apart),
            together=tuple(_set(group) for group in self.together),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Project) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            name=value.name,
            client_id=value.client_id,
            state=value.state,
            probability=value.probability,
            priority=value.priority,
            contract=value.contract,
            contract_value_minor=value.contract_value_minor,
            planned_minutes=value.planned_minutes,
            budget_minutes=value.budget_minutes,
            budget_minor=value.budget_minor,
            period=Period.of(value.period) if value.period is not None else None,
            all_or_nothing=value.all_or_nothing,
            shift_weeks=list(value.shift_weeks) if value.shift_weeks is not None else None,
            apart=[sorted(group) for group in value.apart],
            together=[sorted(group) for group in value.together],
            external_id=value.external_id,
        )


class EffortShape(Part):
    """Minutes wanted in the week that begins on ``week``, a Monday."""

    week: Day
    minutes: Annotated[Integer, Field(gt=0, le=1_000_000)]

    def to_value(self) -> WeekEffort:
        """As the domain knows it."""
        return WeekEffort(week=self.week, minutes=self.minutes)

    @classmethod
    def of(cls, value: WeekEffort) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(week=value.week, minutes=value.minutes)


class DemandWrite(RecordWrite):
    """
    A role request: the skills, weeks and minutes of work that a project wants somebody for.

    ``requires``: least level by skill id; ``prefers``: bonus per hour and level held, by skill id; ``overqualified_cost``: per hour
    and level held above the required one; ``shares`` of the effort one person may take; ``locations`` / ``only``: absent = any;
    ``task_id``: the task from whose estimate it follows, and ``derived_sha256``: what followed, hashed.
    """

    shown_only: ClassVar[Mapping[str, Any]] = {"task_id": Id | None, "derived_sha256": str | None}

    project_id: Id
    name: Name
    effort: Annotated[list[EffortShape], Field(max_length=1040)]
    requires: Annotated[dict[Id, Annotated[Integer, Field(ge=1, le=5)]], Field(max_length=200, default_factory=dict)]
    prefers: Annotated[dict[Id, SignedRate], Field(max_length=200, default_factory=dict)]
    overqualified_cost: Rate = Decimal(0)
    grade: Name | None = None
    bill_rate: Rate | None = None
    locations: Annotated[list[Name], Field(max_length=1000)] | None = None
    shares: Annotated[list[Share], Field(min_length=1, max_length=100, default_factory=lambda: [Decimal(1)])]
    max_people: Annotated[Integer, Field(ge=1, le=1000)] = 1
    min_run_weeks: Annotated[Integer, Field(ge=1, le=1040)] | None = None
    min_coverage: Fraction = Decimal("0.8")
    shift_weeks: Annotated[Range, Field(default_factory=lambda: [0, 0])]
    only: People | None = None
    never: Annotated[People, Field(default_factory=list)]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Demand:
        """As the domain knows it."""
        return Demand(
            id=DemandId(own_id),
            version=version,
            project_id=ProjectId(self.project_id),
            name=self.name,
            effort=tuple(one.to_value() for one in self.effort),
            requires={SkillId(skill): level for skill, level in self.requires.items()},
            prefers={SkillId(skill): bonus for skill, bonus in self.prefers.items()},
            overqualified_cost=self.overqualified_cost,
            grade=self.grade,
            bill_rate=self.bill_rate,
            locations=frozenset(self.locations) if self.locations is not None else None,
            shares=tuple(self.shares),
            max_people=self.max_people,
            min_run_weeks=self.min_run_weeks,
            min_coverage=self.min_coverage,
            shift_weeks=_pair(self.shift_weeks),
            only=_set(self.only) if self.only is not None else None,
            never=_set(self.never),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Demand) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            project_id=value.project_id,
            name=value.name,
            effort=[EffortShape.of(one) for one in value.effort],
            requires=dict(value.requires),
            prefers=dict(value.prefers),
            overqualified_cost=value.overqualified_cost,
            grade=value.grade,
            bill_rate=value.bill_rate,
            locations=sorted(value.locations) if value.locations is not None else None,
            shares=list(value.shares),
            max_people=value.max_people,
            min_run_weeks=value.min_run_weeks,
            min_coverage=value.min_coverage,
            shift_weeks=list(value.shift_weeks),
            only=sorted(value.only) if value.only is not None else None,
            never=sorted(value.never),
            external_id=value.external_id,
        )


class BookingWrite(RecordWrite):
    """
    Somebody's time promised to a project, for whole weeks.

    With ``demand_id``: ``share`` of that demand's effort, moved by ``shift_weeks``. Without: ``weekly_minutes`` on the project.
    """

    shown_only: ClassVar[Mapping[str, Any]] = {"plan_id": Id | None, "over_capacity": bool}

    person_id: Id
    project_id: Id
    period: Period
    demand_id: Id | None = None
    share: Share | None = None
    shift_weeks: Weeks = 0
    weekly_minutes: Annotated[Integer, Field(gt=0, le=10_080)] | None = None
    state: BookingState = BookingState.CONFIRMED
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Booking:
        """As the domain knows it."""
        return Booking(
            id=BookingId(own_id),
            version=version,
            person_id=PersonId(self.person_id),
            project_id=ProjectId(self.project_id),
            period=self.period.to_value(),
            demand_id=DemandId(self.demand_id) if self.demand_id is not None else None,
            share=self.share,
            shift_weeks=self.shift_weeks,
            weekly_minutes=self.weekly_minutes,
            state=self.state,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Booking) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            person_id=value.person_id,
            project_id=value.project_id,
            period=Period.of(value.period),
            demand_id=value.demand_id,
            share=value.share,
            shift_weeks=value.shift_weeks,
            weekly_minutes=value.weekly_minutes,
            state=value.state,
            external_id=value.external_id,
        )


class FirmWrite(RecordWrite):
    """Settings of the installation's one firm. ``shadow_rate``: value of an hour of internal work."""

    name: Name
    currency: Currency
    shadow_rate: Rate

    def to_value(self, *, own_id: str, version: int) -> Firm:  # noqa: ARG002  there is one firm
        """As the domain knows it."""
        return Firm(version=version, name=self.name, currency=self.currency, shadow_rate=self.shadow_rate)

    @classmethod
    def of(cls, value: Firm) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(name=value.name, currency=value.currency, shadow_rate=value.shadow_rate)
