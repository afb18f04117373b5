"""A firm in which time is handed in: Ann and Bob work on Alpha and Beta, whose leads are Leo and Lea; Rita staffs, Fin keeps the books."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.lines import LineKind, LineRef, LineStep, WantedLine, WantedLines
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId, ProjectId, TimeEntryId, UserId
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User
from scheduler.usecases.line_steps import move_lines
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store
    from scheduler.usecases.line_steps import Moved

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
"""The Monday after the week that is handed in."""
PEOPLE = ("ann", "bob", "leo", "lea", "rita", "fin", "dan")
_ROLES: Mapping[str, dict[str, Any]] = {
    "ann": {"role": Role.MEMBER},
    "bob": {"role": Role.MEMBER},
    "leo": {"role": Role.PROJECT_MANAGER, "project_ids": frozenset({ProjectId("alpha")})},
    "lea": {"role": Role.PROJECT_MANAGER, "project_ids": frozenset({ProjectId("beta")})},
    "dan": {"role": Role.PROJECT_MANAGER},
    "rita": {"role": Role.RESOURCE_MANAGER, "team": "North"},
    "fin": {"role": Role.FINANCE},
    "root": {"role": Role.ADMIN},
}


def user(name: str) -> User:
    """Somebody of the firm; everybody but the admin is a person of the same name."""
    person = PersonId(name) if name in PEOPLE else None
    return User(id=UserId(f"user-{name}"), login=name, name=name.title(), person_id=person, **_ROLES[name])


def actor(name: str) -> Actor:
    """Somebody of the firm as the one who acts."""
    return user(name).actor(credential_id=f"test-{name}")


def make_firm(store: Store) -> None:
    """People of the team North, three projects of which Gamma has no lead, and a login for everybody."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        for name in PEOPLE:
            tx.people.add(make.make_person(name, team="North", email=f"{name}@firm.example"))
        for project in ("alpha", "beta", "gamma"):
            tx.projects.add(make.make_project(project))
        for name in _ROLES:
            tx.users.add(user(name))


def make_entry(name: str, *, person: str = "ann", project: str = "alpha", day: int | date = 0, **changes: Any) -> TimeEntry:
    """Two hours on a day of the first week (0 = Monday) or on another."""
    work_date = make.MONDAY + timedelta(days=day) if isinstance(day, int) else day
    defaults = {
        "id": TimeEntryId(name),
        "person_id": PersonId(person),
        "project_id": ProjectId(project),
        "work_date": work_date,
        "minutes": 120,
    }
    return TimeEntry(**{**defaults, **changes})


def log(store: Store, *entries: TimeEntry) -> None:
    """Keep entries."""
    with store.begin(LOCAL, now=NOW) as tx:
        for entry in entries:
            tx.area("time_entries").add(entry)


def entry_of(store: Store, name: str) -> TimeEntry:
    """An entry as it is."""
    with store.read(LOCAL) as view:
        found: TimeEntry = view.area("time_entries").get(name)
        return found


def ref(name: str) -> LineRef:
    """An entry as a line."""
    return LineRef(kind=LineKind.TIME_ENTRY, id=name)


def step(store: Store, who: str | Actor, what: LineStep, *names: str, now: datetime = NOW, **more: Any) -> Moved:
    """Do one step with entries as they are."""
    acting = actor(who) if isinstance(who, str) else who
    return move_lines(store, actor=acting, step=what, wanted=as_they_are(store, *names), now=now, **more)


def as_they_are(store: Store, *names: str) -> WantedLines:
    """Entries in the versions that they have now."""
    with store.read(LOCAL) as view:
        versions = view.area("time_entries").versions()
    return WantedLines(lines=tuple(WantedLine(ref=ref(name), version=versions.get(name, 1)) for name in names))


def submit(store: Store, who: str, *names: str, **more: Any) -> Moved:
    return step(store, who, LineStep.SUBMIT, *names, **more)


def approve(store: Store, who: str, *names: str, **more: Any) -> Moved:
    return step(store, who, LineStep.APPROVE, *names, **more)


def reject(store: Store, who: str, *names: str, **more: Any) -> Moved:
    return step(store, who, LineStep.REJECT, *names, **{"reason": "Wrong project", **more})
