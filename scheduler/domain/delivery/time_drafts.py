"""What somebody says of work, before it is entries: minutes on a day, or a start and an end, which may cross midnight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.clock_times import Moment, Span, split_by_day
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.checks import Faults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from scheduler.domain.ground.ids import ActivityTypeId, BookingId, DemandId, PersonId, ProjectId, TaskId, TimeEntryId

NewId = Callable[[], str]
_WHAT = ("person_id", "project_id", "task_id", "demand_id", "booking_id", "activity_type_id", "ticket_ref", "note", "external_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeDraft:
    """Work as it is told: ``work_date`` and ``minutes``, or ``started_at``, ``ended_at`` and ``zone``."""

    person_id: PersonId
    project_id: ProjectId
    task_id: TaskId | None = None
    demand_id: DemandId | None = None
    booking_id: BookingId | None = None
    work_date: date | None = None
    minutes: int | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None
    zone: str | None = None
    activity_type_id: ActivityTypeId | None = None
    ticket_ref: str | None = None
    note: str | None = None
    is_billable: bool | None = None
    """``None``: as the project, the task and the activity type have it."""
    external_id: str | None = None

    @property
    def has_span(self) -> bool:
        """Whether it is told by a start and an end."""
        return self.started_at is not None or self.ended_at is not None

    def entries(self, *, first_id: TimeEntryId, new_id: NewId, is_billable: bool, before: TimeEntry | None = None) -> tuple[TimeEntry, ...]:
        """
        The entries that it comes to, one for each local day; the first keeps id, version and state of the one ``before``.

        Raises DomainError ``input.invalid``, and what the clock says (``time.nonexistent_local``, ``time.ambiguous_local``).
        """
        self._check()
        what: dict[str, Any] = {name: getattr(self, name) for name in _WHAT} | {"is_billable": is_billable}
        kept: dict[str, Any] = {} if before is None else {"version": before.version, "state": before.state}
        if not self.has_span:
            return (TimeEntry(id=first_id, work_date=self.work_date, minutes=self.minutes, **what, **kept),)  # type: ignore[arg-type]  # checked above
        first, *more = self._spans()
        others = what | {"external_id": None, "booking_id": None}
        return (
            TimeEntry(id=first_id, **_of(first), zone=self.zone, **what, **kept),
            *(TimeEntry(id=new_id(), **_of(span), zone=self.zone, **others) for span in more),  # type: ignore[arg-type]
        )

    def _check(self) -> None:
        faults = Faults()
        for name in ("started_at", "ended_at"):
            moment = getattr(self, name)
            if moment is not None and moment.at.tzinfo is None and self.zone is None:
                message = "Give the time with its offset, such as 2026-03-02T09:00:00+01:00, or with the zone whose clocks show it."
                faults.add(f"/{name}", "time.zone_required", message)
        wanted = ("started_at", "ended_at", "zone") if self.has_span or self.zone is not None else ("work_date", "minutes")
        for name in wanted:
            if getattr(self, name) is None:
                faults.add(f"/{name}", "field.missing", "Give work_date and minutes, or started_at, ended_at and zone.")
        for name in ("work_date", "minutes"):
            if self.has_span and getattr(self, name) is not None:
                message = "It follows from start and end; leave it out, or set started_at and ended_at to null."
                faults.add(f"/{name}", "time.minutes_from_span", message)
        faults.raise_any("time entry")

    def _spans(self) -> tuple[Span, ...]:
        assert self.started_at is not None
        assert self.ended_at is not None
        assert self.zone is not None
        start = self.started_at.instant(self.zone, pointer="/started_at")
        end = self.ended_at.instant(self.zone, pointer="/ended_at")
        faults = Faults()
        for name, instant in (("started_at", start), ("ended_at", end)):
            if instant.second or instant.microsecond:
                faults.add(f"/{name}", "time.whole_minutes", "Work is recorded in whole minutes; leave the seconds out.")
        faults.raise_any("time entry")
        return split_by_day(start, end, zone=self.zone)


def changed_draft(entry: TimeEntry, given: Mapping[str, Any]) -> TimeDraft:
    """What is told of an entry once the given fields are replaced; an instant that is not given stays, also in an hour that comes twice."""
    start, end = entry.started_at, entry.ended_at
    before = TimeDraft(
        **{name: getattr(entry, name) for name in _WHAT},
        work_date=entry.work_date,
        minutes=entry.minutes,
        started_at=None if start is None else Moment(at=start),
        ended_at=None if end is None else Moment(at=end),
        zone=entry.zone,
        is_billable=entry.is_billable,
    )
    after = replace(before, **given)
    if after.has_span:
        return replace(after, work_date=given.get("work_date"), minutes=given.get("minutes"))
    return after if "zone" in given else replace(after, zone=None)


def whole_minute(instant: datetime) -> datetime:
    """The instant without its seconds, as a clock shows it."""
    return instant.astimezone(UTC) - timedelta(seconds=instant.second, microseconds=instant.microsecond)


def _of(span: Span) -> dict[str, Any]:
    return {"work_date": span.work_date, "minutes": span.minutes, "started_at": span.started_at, "ended_at": span.ended_at}
