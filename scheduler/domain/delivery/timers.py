"""A running timer: work that goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.clock_times import Moment, zone_of
from scheduler.domain.delivery.time_drafts import TimeDraft, whole_minute
from scheduler.domain.delivery.time_entries import NOTE_MAX
from scheduler.domain.ground.checks import Faults, invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTimer:
    """What somebody works on since when; each person has one at most."""

    person_id: PersonId
    project_id: ProjectId
    started_at: datetime
    zone: str
    """Where the days are counted that the work falls on."""
    task_id: TaskId | None = None
    demand_id: DemandId | None = None
    activity_type_id: ActivityTypeId | None = None
    ticket_ref: str | None = None
    note: str | None = None
    is_billable: bool = True

    def __post_init__(self) -> None:
        zone_of(self.zone)
        faults = Faults()
        object.__setattr__(self, "ticket_ref", faults.optional_text("/ticket_ref", self.ticket_ref))
        object.__setattr__(self, "note", faults.optional_lines("/note", self.note, most=NOTE_MAX))
        faults.raise_any("timer")

    def stopped(self, *, at: datetime, note: str | None) -> TimeDraft:
        """The work from the minute in which it began to that in which it ends. Raises DomainError ``timer.too_short``."""
        start, end = whole_minute(self.started_at), whole_minute(at)
        if end < start:
            message = f"The timer was started at {start.isoformat()}; give a later end."
            raise invalid("timer", Fault(pointer="/ended_at", code="time.end_before_start", message=message))
        if end == start:
            raise DomainError(
                ErrorKind.CONFLICT, "timer.too_short", "Less than a minute has passed; stop the timer later, or discard it with DELETE."
            )
        draft = TimeDraft(
            person_id=self.person_id,
            project_id=self.project_id,
            task_id=self.task_id,
            demand_id=self.demand_id,
            started_at=Moment(at=start),
            ended_at=Moment(at=end),
            zone=self.zone,
            activity_type_id=self.activity_type_id,
            ticket_ref=self.ticket_ref,
            note=self.note,
            is_billable=self.is_billable,
        )
        return draft if note is None else replace(draft, note=note)


def timer_running(timer: RunningTimer | None) -> DomainError:
    """Somebody starts a second one."""
    since = "" if timer is None else f" since {timer.started_at.isoformat(timespec='seconds')} on the project {timer.project_id}"
    facts = {} if timer is None else {"started_at": timer.started_at.isoformat(), "project_id": timer.project_id}
    return DomainError(
        ErrorKind.CONFLICT, "timer.running", f"A timer runs already{since}; stop it, or discard it, before you start another.", facts=facts
    )


def timer_not_running() -> DomainError:
    """There is none to stop or discard."""
    return DomainError(ErrorKind.CONFLICT, "timer.not_running", "No timer runs; start one first.")


def no_person() -> DomainError:
    """The login stands for nobody whose time is recorded."""
    message = "Your login is linked to no person, so it has no time of its own; have a person linked to it."
    return DomainError(ErrorKind.CONFLICT, "timer.no_person", message)
