"""
What rights cost a request: the same list read by users who are shown more or less of it.

``python -m benchmarks.rights`` makes a firm of 1,000 people and 5,000 bookings in a SQLite file and reads pages of 100 in turns, so
that a busy machine slows all alike. It prints the median of each reader and its ratio to the program's own reader, which has every right and
no condition.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import LOCAL, Actor
from scheduler.domain.ground.ids import ActorId, BookingId, CalendarId, PersonId, ProjectId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.people import Calendar, Employment, HeldSkill, Person, Skill, Term
from scheduler.domain.staffing.work import Booking, Firm, Project
from scheduler.queries.records import list_records
from scheduler.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE, PROJECTS, BOOKINGS_EACH, TEAMS = 1_000, 100, 5, 10
START = date(2027, 1, 4)


def _reader(role: Role, **limits: Any) -> Actor:
    return Actor(id=ActorId("reader"), name="reader", role=role, **limits)


READERS: Mapping[str, Actor] = {
    "the program itself: no condition, all columns": LOCAL,
    "admin: all rows, all columns": _reader(Role.ADMIN),
    "resource manager: all rows, no cost": _reader(Role.RESOURCE_MANAGER),
    "resource manager of a team: 100 people": _reader(Role.RESOURCE_MANAGER, team="team 3"),
    "project manager of 5 projects": _reader(
        Role.PROJECT_MANAGER, project_ids=frozenset(ProjectId(f"project {number:03d}") for number in range(5))
    ),
    "member: one person": _reader(Role.MEMBER, person_id=PersonId("person 0042")),
}


def fill(store: Store) -> None:
    """The firm."""
    with store.begin(LOCAL, now=datetime.now(UTC)) as tx:
        tx.firm.save(Firm(name="Firm", currency="EUR", shadow_rate=Decimal(40)))
        tx.calendars.add(Calendar(id=CalendarId("plain"), name="plain"))
        tx.skills.add(Skill(id=SkillId("sap"), name="SAP"))
        for number in range(PROJECTS):
            tx.projects.add(Project(id=ProjectId(f"project {number:03d}"), name=f"Project {number}"))
        for number in range(PEOPLE):
            tx.people.add(_person(number))
            for nth in range(BOOKINGS_EACH):
                tx.bookings.add(_booking(number, nth))


def _person(number: int) -> Person:
    term = Term(
        period=DateInterval(date(2020, 1, 1)),
        employment=Employment.EMPLOYEE,
        calendar_id=CalendarId("plain"),
        weekly_minutes=(480, 480, 480, 480, 480, 0, 0),
        cost_rate=Decimal(40 + number % 60),
    )
    skills = (HeldSkill(skill_id=SkillId("sap"), level=1 + number % 5),)
    return Person(id=PersonId(f"person {number:04d}"), name=f"Person {number}", team=f"team {number % TEAMS}", terms=(term,), skills=skills)


def _booking(number: int, nth: int) -> Booking:
    first = START + timedelta(weeks=4 * nth)
    return Booking(
        id=BookingId(f"booking {number:04d} {nth}"),
        person_id=PersonId(f"person {number:04d}"),
        project_id=ProjectId(f"project {(number * 7 + nth) % PROJECTS:03d}"),
        period=DateInterval(first, first + timedelta(weeks=4)),
        weekly_minutes=600,
    )


def measure(store: Store, area: str, *, rounds: int) -> dict[str, tuple[float, int]]:
    """Median milliseconds of a page, and its rows, by reader."""
    took: dict[str, list[float]] = {name: [] for name in READERS}
    rows = {}
    for _ in range(rounds):
        for name, actor in READERS.items():
            began = time.perf_counter()
            page = list_records(store, actor=actor, area=area, page=PageRequest(limit=100))
            took[name].append((time.perf_counter() - began) * 1000)
            rows[name] = len(page.items)
    return {name: (statistics.median(found), rows[name]) for name, found in took.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'rights.db'}")
        store.migrate()
        fill(store)
        for area in ("people", "bookings"):
            found = measure(store, area, rounds=rounds)
            whole = next(iter(found.values()))[0]
            print(f"{area}, a page of at most 100, median of {rounds}")
            for name, (ms, rows) in found.items():
                print(f"  {name:<48} {rows:>4} rows {ms:8.2f} ms  x {ms / whole:.2f}")
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
