"""Minutes are neither made nor lost where work is split, moved, or changed otherwise."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.clock_times import Moment
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_drafts import TimeDraft, changed_draft
from scheduler.domain.ground.ids import PersonId, ProjectId, TimeEntryId

if TYPE_CHECKING:
    from scheduler.domain.delivery.time_entries import TimeEntry

MINUTE = timedelta(minutes=1)
zones = st.sampled_from(["Europe/Berlin", "America/Havana", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe"])
instants = st.integers(min_value=0, max_value=20 * 366 * 1440).map(lambda n: datetime(2015, 1, 1, tzinfo=UTC) + n * MINUTE)
lengths = st.integers(min_value=1, max_value=5 * 1440)


def entries_of(draft: TimeDraft, **more: Any) -> tuple[TimeEntry, ...]:
    numbers = itertools.count()
    first = more.pop("first_id", TimeEntryId("first"))
    return draft.entries(first_id=first, new_id=lambda: f"more-{next(numbers)}", is_billable=True, **more)


def worked(start: datetime, minutes: int, zone: str) -> TimeDraft:
    return TimeDraft(
        person_id=PersonId("ann"),
        project_id=ProjectId("alpha"),
        started_at=Moment(at=start),
        ended_at=Moment(at=start + minutes * MINUTE),
        zone=zone,
        external_id="x",
    )


@given(zones, instants, lengths, instants)
def test_minutes_are_conserved_through_split_and_move(zone: str, start: datetime, minutes: int, later: datetime) -> None:
    """The parts add up; each of them moved to any other time lasts as long, and keeps its id, version and state in its first part."""
    parts = entries_of(worked(start, minutes, zone))
    assert sum(part.minutes for part in parts) == minutes
    assert [part.external_id for part in parts] == ["x", *[None] * (len(parts) - 1)]
    for part in parts:
        draft = changed_draft(part, {"started_at": Moment(at=later), "ended_at": Moment(at=later + part.minutes * MINUTE)})
        moved = entries_of(draft, first_id=part.id, before=part)
        assert sum(one.minutes for one in moved) == part.minutes
        assert (moved[0].id, moved[0].version, moved[0].state) == (part.id, part.version, LineState.DRAFT)


@given(zones, instants, lengths)
def test_a_change_of_nothing_changes_nothing(zone: str, start: datetime, minutes: int) -> None:
    """Also where clocks show the times twice; and what loses its clock times keeps day and minutes."""
    for part in entries_of(worked(start, minutes, zone)):
        assert entries_of(changed_draft(part, {}), first_id=part.id, before=part) == (part,)
        (bare,) = entries_of(changed_draft(part, {"started_at": None, "ended_at": None}), first_id=part.id, before=part)
        assert (bare.work_date, bare.minutes, bare.zone) == (part.work_date, part.minutes, None)
