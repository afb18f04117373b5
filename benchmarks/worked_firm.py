"""A firm with years of worked time, written straight into its tables: for measuring how long reading takes, not for its rules."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from scheduler.domain.delivery.approvals import Level
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineKind
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import BookingId, CalendarId, PersonId, ProjectId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Calendar, Employment, HeldSkill, Person, Skill, Term
from scheduler.domain.staffing.work import Booking, Firm, Project
from scheduler.store.tables.approvals import LINE_APPROVALS
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scheduler.store import Store

START = date(2024, 1, 1)
"""A Monday."""
FOUNDED = datetime(2023, 12, 1, tzinfo=UTC)
TEAMS, SKILLS, GRADES = 40, 60, ("consultant", "senior", "manager", "partner")
_BATCH = 20_000
_QUARTER = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the firm is."""

    people: int
    weeks: int
    projects: int
    entries: int

    @property
    def until(self) -> date:
        """The Monday after the last week."""
        return START + timedelta(weeks=self.weeks)


def person_id(number: int) -> PersonId:
    """Of the n-th person."""
    return PersonId(f"person-{number:05d}")


def project_id(number: int) -> ProjectId:
    """Of the n-th project."""
    return ProjectId(f"project-{number:05d}")


def fill(store: Store, size: Size, *, seed: int = 1) -> None:
    """People, projects, a booking a quarter for everybody, and the worked time; all but the last three weeks of it approved."""
    draw = random.Random(seed)
    with store.begin(LOCAL, now=FOUNDED) as tx:
        tx.firm.save(Firm(name="Firm", currency="EUR", shadow_rate=Decimal(40)))
        tx.calendars.add(Calendar(id=CalendarId("plain"), name="plain", country="DE"))
        tx.area("skills").add_many([Skill(id=SkillId(f"s{n}"), name=f"Skill {n}") for n in range(SKILLS)], refused=_raise)
        tx.area("projects").add_many([Project(id=project_id(n), name=f"Project {n}") for n in range(size.projects)], refused=_raise)
        tx.area("people").add_many([_person(n, draw) for n in range(size.people)], refused=_raise)
    with store.begin(LOCAL, now=FOUNDED) as tx:
        tx.area("bookings").add_many(list(_bookings(size)), refused=_raise)
    _write_entries(store, size, draw)


def _raise(_value: object, error: Exception) -> None:
    raise error


def _person(number: int, draw: random.Random) -> Person:
    term = Term(
        period=DateInterval(date(2020, 1, 1)),
        employment=Employment.EMPLOYEE,
        calendar_id=CalendarId("plain"),
        weekly_minutes=(480, 480, 480, 480, 480, 0, 0),
        cost_rate=Decimal(40 + number % 60),
        grade=GRADES[number % len(GRADES)],
        billable_target=Decimal("0.75"),
    )
    skills = tuple(HeldSkill(skill_id=SkillId(f"s{n}"), level=draw.randint(1, 5)) for n in sorted(draw.sample(range(SKILLS), 3)))
    return Person(id=person_id(number), name=f"Person {number}", team=f"Team {number % TEAMS:02d}", terms=(term,), skills=skills)


def _project_of(person: int, quarter: int, size: Size) -> int:
    return (person * 7 + quarter) % size.projects


def _bookings(size: Size) -> Iterator[Booking]:
    for number in range(size.people):
        for quarter in range(size.weeks // _QUARTER):
            first = START + timedelta(weeks=_QUARTER * quarter)
            yield Booking(
                id=BookingId(f"booking-{number:05d}-{quarter:02d}"),
                person_id=person_id(number),
                project_id=project_id(_project_of(number, quarter, size)),
                period=DateInterval(first, first + timedelta(weeks=_QUARTER)),
                weekly_minutes=1_800,
            )


def _write_entries(store: Store, size: Size, draw: random.Random) -> None:
    """Each entry and its one version, as if it had been recorded on the evening of its day."""
    batch: list[dict[str, Any]] = []
    with store.engine.begin() as connection:
        for row in _entries(size, draw):
            batch.append(row)
            if len(batch) == _BATCH:
                _keep(connection, batch)
                batch = []
        _keep(connection, batch)
        # As an installation has it that has run for a while.
        connection.execute(text("ANALYZE"))


def _keep(connection: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    connection.execute(insert(TIME_ENTRIES), rows)
    versions = [{**row, "recorded_from": datetime.combine(row["work_date"], datetime.min.time(), UTC), "recorded_to": None} for row in rows]
    connection.execute(insert(TWINS[TIME_ENTRIES.name]), versions)
    if waiting := [_waiting(row) for row in rows if row["state"] is LineState.SUBMITTED]:
        connection.execute(insert(LINE_APPROVALS), waiting)


def _waiting(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a line that waits for the lead of its project."""
    return {
        "id": f"{LineKind.TIME_ENTRY.value}:{row['id']}",
        "kind": LineKind.TIME_ENTRY,
        "line_id": row["id"],
        **{name: row[name] for name in ("person_id", "project_id")},
        "day": row["work_date"],
        "waits_for": Level.LEAD,
        "submitted_at": datetime.combine(row["work_date"], datetime.min.time(), UTC),
    }


def _entries(size: Size, draw: random.Random) -> Iterator[dict[str, Any]]:
    days = [START + timedelta(days=n) for n in range(size.weeks * 7)]
    working = [day for day in days if day.weekday() < 5]
    a_day = size.entries / (len(working) * size.people)
    made, wanted = 0, 0.0
    for number in range(size.people):
        for nth, day in enumerate(working):
            wanted += a_day
            while made < wanted - 0.5:
                yield _entry(made, number, day, quarter=nth // (5 * _QUARTER), size=size, draw=draw)
                made += 1


def _entry(serial: int, person: int, day: date, *, quarter: int, size: Size, draw: random.Random) -> dict[str, Any]:
    is_recent = (size.until - day).days <= 21
    other = draw.random() < 0.2
    project = draw.randrange(size.projects) if other else _project_of(person, quarter, size)
    return {
        "id": f"entry-{serial:08d}",
        "version": 1,
        "external_id": None,
        "person_id": person_id(person),
        "project_id": project_id(project),
        "task_id": None,
        "demand_id": None,
        "booking_id": None,
        "work_date": day,
        "minutes": draw.choice((60, 120, 240, 300, 480)),
        "started_at": None,
        "ended_at": None,
        "zone": None,
        "activity_type_id": None,
        "ticket_ref": None,
        "note": "worked",
        "is_billable": draw.random() < 0.8,
        "state": LineState.SUBMITTED if is_recent else LineState.APPROVED,
    }
