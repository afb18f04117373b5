"""Putting a plan in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.schemas.fields import Id, Integer, Schema, WriteSchema
from api.schemas.records import read_shape, shown
from api.schemas.work import BookingWrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.staffing.work import Booking
    from scheduler.usecases.plan_application import PlanApplication

BookingRead: Any = read_shape("Booking", BookingWrite)


class PlanApplicationWrite(WriteSchema):
    """How firm the bookings shall be that are made of a plan's runs."""

    state: Literal["tentative", "confirmed"]


class PlanApplicationRead(Schema):
    """What applying a plan did or, as a dry run, would do. ``version`` is the plan's."""

    plan_id: Id
    version: Integer
    dry_run: bool
    added: list[BookingRead]
    changed: list[BookingRead]
    deleted: list[BookingRead]


def shown_application(application: PlanApplication) -> PlanApplicationRead:
    """As callers see it."""
    return PlanApplicationRead.model_construct(
        plan_id=application.plan.id,
        version=application.plan.version,
        dry_run=application.dry_run,
        added=_bookings(application.added),
        changed=_bookings(application.changed),
        deleted=_bookings(application.deleted),
    )


def _bookings(bookings: Iterable[Booking]) -> list[Any]:
    return [shown(BookingRead, booking) for booking in bookings]
