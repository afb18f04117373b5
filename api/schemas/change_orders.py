"""Change orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from api.schemas.fields import MOST_MINOR, MOST_MINUTES, Day, Id, Instant, Integer, Name, Part, RecordWrite, Schema, WriteSchema
from api.schemas.lists import ListQuery, Word
from scheduler.domain.ground.ids import ChangeOrderId, DemandId, ProjectId, SkillId
from scheduler.domain.staffing.change_orders import DEMANDS_MAX, ChangeOrder, DemandChange, OrderState, WeekDelta
from scheduler.domain.staffing.work import EFFORT_MAX

MinorDelta = Annotated[Integer, Field(ge=-MOST_MINOR, le=MOST_MINOR)]
MinutesDelta = Annotated[Integer, Field(ge=-MOST_MINUTES, le=MOST_MINUTES)]


class WeekDeltaShape(Part):
    """Minutes more, or (negative) fewer, in the week that begins on ``week``, a Monday."""

    week: Day
    minutes: Annotated[Integer, Field(ge=-EFFORT_MAX, le=EFFORT_MAX)]

    def to_value(self) -> WeekDelta:
        """As the domain knows it."""
        return WeekDelta(week=self.week, minutes=self.minutes)


class DemandChangeShape(Part):
    """A demand that changes; without ``demand_id`` a new one, with its name, skills and grade."""

    demand_id: Id | None = None
    effort: Annotated[list[WeekDeltaShape], Field(max_length=1040)]
    name: Name | None = None
    requires: Annotated[dict[Id, Annotated[Integer, Field(ge=1, le=5)]], Field(max_length=200, default_factory=dict)]
    grade: Name | None = None

    def to_value(self) -> DemandChange:
        """As the domain knows it."""
        return DemandChange(
            demand_id=None if self.demand_id is None else DemandId(self.demand_id),
            effort=tuple(one.to_value() for one in self.effort),
            name=self.name,
            requires={SkillId(skill): level for skill, level in self.requires.items()},
            grade=self.grade,
        )

    @classmethod
    def of(cls, value: DemandChange) -> Self:
        """What a caller would send."""
        return cls.model_construct(
            demand_id=value.demand_id,
            effort=[WeekDeltaShape.model_construct(week=one.week, minutes=one.minutes) for one in value.effort],
            name=value.name,
            requires=dict(value.requires),
            grade=value.grade,
        )


class FiguresRead(Schema):
    """What the project's contract and budgets came to; null: not said, or not to be seen."""

    value_minor: int | None
    budget_minutes: int | None
    budget_minor: int | None


class ChangeOrderWrite(RecordWrite):
    """
    An agreed change of a project's contract value, budgets and demand: what each goes up or (negative) down by.

    ``number`` counts within the project. Approved, it has what the project had ``before`` and ``after``, and stays as it is.
    """

    shown_only: ClassVar[Mapping[str, Any]] = {
        "number": Integer,
        "state": OrderState,
        "reason": str | None,
        "decided_at": Instant | None,
        "decided_by": Id | None,
        "before": FiguresRead,
        "after": FiguresRead,
    }

    project_id: Id
    name: Name
    value_delta_minor: MinorDelta = 0
    budget_delta_minutes: MinutesDelta = 0
    budget_delta_minor: MinorDelta = 0
    demands: Annotated[list[DemandChangeShape], Field(max_length=DEMANDS_MAX, default_factory=list)]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> ChangeOrder:
        """As the domain knows it."""
        return ChangeOrder(
            id=ChangeOrderId(own_id),
            version=version,
            project_id=ProjectId(self.project_id),
            name=self.name,
            value_delta_minor=self.value_delta_minor,
            budget_delta_minutes=self.budget_delta_minutes,
            budget_delta_minor=self.budget_delta_minor,
            demands=tuple(one.to_value() for one in self.demands),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: ChangeOrder) -> Self:
        """What a caller would send to make ``value``."""
        given: dict[str, Any] = {name: getattr(value, name) for name in cls.model_fields if name in ChangeOrderWrite.model_fields}
        return cls.model_construct(**{**given, "demands": [DemandChangeShape.of(one) for one in value.demands]})


class ChangeOrderList(ListQuery):
    """Change orders."""

    project_id: Word | None = None
    state: OrderState | None = None
    external_id: Word | None = None


class ApprovalWrite(WriteSchema):
    """Nothing but the leave itself."""


class RejectionWrite(WriteSchema):
    """Why not."""

    reason: Name
