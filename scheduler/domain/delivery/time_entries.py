"""Time entries: what a person worked on a project on a day, by minutes alone or from a start to an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.line_states import EDITABLE, LineState
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.ids import ActivityTypeId, BookingId, DemandId, PersonId, ProjectId, TaskId, TimeEntryId

DAY_MINUTES_MAX = 1500
"""Minutes of the longest day: the night when clocks go back adds an hour."""
NOTE_MAX = 2000
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityType:
    """A sort of work that the firm tells apart, such as travel or training."""

    id: ActivityTypeId
    name: str
    is_billable: bool = True
    """Whether work of this sort is billable unless an entry says otherwise."""
    is_active: bool = True
    """Whether new entries may name it."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.raise_any("activity type")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeEntry:
    """
    Work of one person on one project on one day.

    With ``started_at`` and ``ended_at`` (whole minutes, UTC) the minutes are those that passed between them; ``zone`` says where
    the day was counted. What crosses midnight is two entries.
    """

    id: TimeEntryId
    person_id: PersonId
    project_id: ProjectId
    work_date: date
    """The local day on which the work began."""
    minutes: int
    task_id: TaskId | None = None
    demand_id: DemandId | None = None
    booking_id: BookingId | None = None
    """The booking it was proposed from; that may have moved on, or be gone."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    zone: str | None = None
    activity_type_id: ActivityTypeId | None = None
    ticket_ref: str | None = None
    note: str | None = None
    is_billable: bool = True
    state: LineState = LineState.DRAFT
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("ticket_ref", "external_id", "zone"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        object.__setattr__(self, "note", faults.optional_lines("/note", self.note, most=NOTE_MAX))
        faults.integer("/minutes", self.minutes, least=1, most=DAY_MINUTES_MAX)
        self._check_span(faults)
        faults.raise_any("time entry")

    def _check_span(self, faults: Faults) -> None:
        start, end = self.started_at, self.ended_at
        if start is None and end is None and self.zone is None:
            return
        for name, value in (("started_at", start), ("ended_at", end), ("zone", self.zone)):
            if value is None:
                faults.add(
                    f"/{name}", "field.missing", "Give started_at, ended_at and zone together, or none of them and the minutes alone."
                )
        if start is None or end is None:
            return
        for name, instant in (("started_at", start), ("ended_at", end)):
            object.__setattr__(self, name, instant.astimezone(UTC))
            if instant.second or instant.microsecond:
                faults.add(f"/{name}", "time.whole_minutes", "Work is recorded in whole minutes; leave the seconds out.")
        if end <= start:
            faults.add("/ended_at", "time.end_before_start", "The work ends at or before its start; give a later end.")
        elif (end - start) // MINUTE != self.minutes:
            passed = (end - start) // MINUTE
            faults.add(
                "/minutes", "time.minutes_differ", f"From start to end {passed} minutes passed, not {self.minutes}; leave minutes out."
            )

    @property
    def is_editable(self) -> bool:
        """Whether its person may change or delete it."""
        return self.state in EDITABLE

    def overlaps(self, other: TimeEntry) -> bool:
        """Whether both were worked at the same time; what has no start and end overlaps nothing, and an end may be another's start."""
        if self.started_at is None or self.ended_at is None or other.started_at is None or other.ended_at is None:
            return False
        return self.started_at < other.ended_at and other.started_at < self.ended_at


def entry_locked(entry: TimeEntry, *, by: str | None, since: datetime | None) -> DomainError:
    """Somebody wants to change or delete what is handed in; ``by`` and ``since``: who brought it there, and when, as far as is known."""
    whose = "" if by is None else f" by {by}"
    when = "" if since is None else f" since {since.isoformat(timespec='seconds')}"
    if entry.state is LineState.SUBMITTED:
        advice = "Take it back to draft, or have it rejected; then it can be changed."
    else:
        advice = "Have its approver give it back; or log a further entry for what is missing, and say in its note what it corrects."
    facts = {
        "id": entry.id,
        "state": entry.state.value,
        "version": entry.version,
        "by": by,
        "since": None if since is None else since.isoformat(),
    }
    return DomainError(ErrorKind.CONFLICT, "entry.locked", f"The time entry is {entry.state}{when}{whose}. {advice}", facts=facts)
