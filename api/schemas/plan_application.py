"""Putting a plan in force, and what that would change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from api.schemas.fields import Flag, Id, Integer, Name, Schema, WriteSchema
from api.schemas.records import read_shape, shown
from api.schemas.work import BookingWrite
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest
from scheduler.domain.staffing.plan_changes import PlanPart
from scheduler.store.plan_booking import MOVED_SHOWN
from scheduler.usecases.plan_application import ApplyTerms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.staffing.work import Booking
    from scheduler.queries.plan_diff import PersonWeek, PlanDiff
    from scheduler.usecases.plan_application import PlanApplication

BookingRead: Any = read_shape("Booking", BookingWrite)
Ids = Annotated[list[Id], Field(max_length=10_000)]


class PlanPartWrite(WriteSchema):
    """A part of a plan's changes: whatever one of the lists names. Ids of assignments are in the plan and in its diff."""

    assignment_ids: Ids = Field(default_factory=list)
    person_ids: Ids = Field(default_factory=list)
    demand_ids: Ids = Field(default_factory=list)

    def to_value(self) -> PlanPart:
        """As the domain knows it. Raises DomainError when nothing is named."""
        return PlanPart(change_ids=tuple(self.assignment_ids), person_ids=tuple(self.person_ids), demand_ids=tuple(self.demand_ids))


class PlanApplicationWrite(WriteSchema):
    """How firm the bookings shall be that are made of a plan's changes, and which changes (without ``part``: all that are left)."""

    state: Literal["tentative", "confirmed"]
    part: PlanPartWrite | None = None
    revalidate: Annotated[
        Flag, Field(description="Check a plan whose rows have changed against them as they are now, and apply it if it breaks no rule.")
    ] = False
    override_reason: Annotated[
        Name | None, Field(description="Why people are booked beyond their capacity; needs the right `bookings:overbook`.")
    ] = None

    def to_value(self, *, dry_run: bool) -> ApplyTerms:
        """As the use case knows it. Raises DomainError."""
        return ApplyTerms(
            confirmed=self.state == "confirmed",
            part=None if self.part is None else self.part.to_value(),
            revalidate_if_changed=self.revalidate,
            override_reason=self.override_reason,
            dry_run=dry_run,
        )


class MovedRead(Schema):
    """A record that is not what the plan was computed from; ``fields``: what was and is, null for what tells a cost or price."""

    area: str
    id: str
    name: str | None
    change: str
    fields: dict[str, Any]


class PlanApplicationRead(Schema):
    """
    What applying a plan did or, as a dry run, would do. ``version`` is the plan's.

    ``other_moves``: what else has changed since the plan was computed and does not touch what was applied; the first of ``other_count``.
    """

    plan_id: Id
    version: Integer
    dry_run: bool
    added: list[BookingRead]
    changed: list[BookingRead]
    deleted: list[BookingRead]
    remaining: Annotated[list[str], Field(description="Ids of the plan's changes that are not applied yet.")]
    other_moves: list[MovedRead]
    other_count: Integer


class PlanDiffQuery(Schema):
    """Reading a diff."""

    cursor: Annotated[str | None, Field(max_length=4000, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="Most items in the page.")] = 100

    def page_request(self) -> PageRequest:
        """As the query knows it."""
        return PageRequest(cursor=self.cursor, limit=self.limit)


class PlanDiffPart(Schema):
    """What changes of one demand in somebody's week."""

    assignment_id: str
    demand_id: Id
    before_minutes: Integer
    after_minutes: Integer


class PlanDiffWeek(Schema):
    """A week of somebody's that the plan changes: booked minutes now and after, of what they can be booked for."""

    person_id: Id
    person_name: str
    week: date
    capacity_minutes: Integer
    before_minutes: Integer
    after_minutes: Integer
    change_minutes: Integer
    assignments: list[PlanDiffPart]


class PlanDiffPage(Schema):
    """Weeks in the order of names; the sums are over all pages."""

    items: list[PlanDiffWeek]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]
    before_minutes: Integer
    after_minutes: Integer
    change_minutes: Integer
    remaining: Annotated[list[str], Field(description="Ids of the plan's changes that are not applied yet.")]


def shown_application(application: PlanApplication) -> PlanApplicationRead:
    """As callers see it."""
    return PlanApplicationRead.model_construct(
        plan_id=application.plan.id,
        version=application.plan.version,
        dry_run=application.dry_run,
        added=_bookings(application.added),
        changed=_bookings(application.changed),
        deleted=_bookings(application.deleted),
        remaining=list(application.remaining),
        other_moves=[MovedRead.model_construct(**row.to_json()) for row in application.other_moves[:MOVED_SHOWN]],
        other_count=len(application.other_moves),
    )


def shown_diff(diff: PlanDiff) -> PlanDiffPage:
    """As callers see it."""
    return PlanDiffPage.model_construct(
        items=[_week(week) for week in diff.items],
        next_cursor=diff.next_cursor,
        before_minutes=diff.before_min,
        after_minutes=diff.after_min,
        change_minutes=diff.after_min - diff.before_min,
        remaining=list(diff.remaining),
    )


def _week(week: PersonWeek) -> PlanDiffWeek:
    parts = [
        PlanDiffPart.model_construct(
            assignment_id=part.id, demand_id=part.demand_id, before_minutes=part.before_min, after_minutes=part.after_min
        )
        for part in week.parts
    ]
    return PlanDiffWeek.model_construct(
        person_id=week.person_id,
        person_name=week.name,
        week=week.week,
        capacity_minutes=week.capacity_min,
        before_minutes=week.before_min,
        after_minutes=week.after_min,
        change_minutes=week.after_min - week.before_min,
        assignments=parts,
    )


def _bookings(bookings: Iterable[Booking]) -> list[Any]:
    return [shown(BookingRead, booking) for booking in bookings]
