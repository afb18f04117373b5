"""Reminds people, once for each week, that less is logged than they were to work; policies on time say how long after the week."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.time_policies import TimePolicy, reminder_policy
from scheduler.domain.ground.webhooks import Event, EventType
from scheduler.jobs.job_rows import WORKER
from scheduler.store import retried
from scheduler.store.time_reading import logged_weeks, people_after
from scheduler.store.time_reminders import note_reminder, reminded_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from scheduler.domain.staffing.people import Person
    from scheduler.store import Store, View
    from scheduler.store.time_reading import LoggedWeek

_BATCH = 200


class ReminderWatch:
    """Looks once a day, by UTC. After a time without any server the last week that was due is made up for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked_on: date | None = None

    def look(self, *, now: datetime) -> int:
        """Remind whoever is to be reminded; how many, none on a day that was looked at."""
        today = now.astimezone(UTC).date()
        if today == self._looked_on:
            return 0
        found = remind(self._store, now=now)
        self._looked_on = today
        return found


def remind(store: Store, *, now: datetime) -> int:
    """Tell everybody of the last week that is due and in which their time is missing, but who was told of it before; how many."""
    after, told = "", 0
    while True:
        last, missing = _missing(store, after, now.astimezone(UTC).date())
        if missing:
            told += _tell(store, missing, now=now)
        if last is None:
            return told
        after = last


@retried
def _missing(store: Store, after: str, today: date) -> tuple[str | None, Sequence[LoggedWeek]]:
    """Of the next people by id; with the last of them, if there may be more."""
    with store.read(WORKER) as view:
        policies = [one for one in view.area("time_policies").all() if one.remind_after_days is not None]
        if not policies:
            return None, []
        people = people_after(view, after, most=_BATCH)
        found = [one for week, some in _by_week(people, policies, today).items() for one in _unreminded(view, some, week)]
        return (people[-1].id if len(people) == _BATCH else None), found


def _by_week(people: Sequence[Person], policies: Sequence[TimePolicy], today: date) -> Mapping[date, list[Person]]:
    """The week that each is to be reminded of."""
    found: dict[date, list[Person]] = {}
    for person in people:
        policy = reminder_policy(policies, team=person.team, today=today)
        if policy is not None:
            found.setdefault(_due_week(policy, today), []).append(person)
    return found


def _due_week(policy: TimePolicy, today: date) -> date:
    """The Monday of the last week that ended so many days ago."""
    latest = today - timedelta(days=7 + (policy.remind_after_days or 0))
    return latest - timedelta(days=latest.weekday())


def _unreminded(view: View, people: Sequence[Person], week: date) -> list[LoggedWeek]:
    done = reminded_of(view.connection, week)
    wanted = [person for person in people if person.id not in done]
    return [one for one in logged_weeks(view, wanted, weeks=[week]) if one.missing_min]


@retried
def _tell(store: Store, missing: Sequence[LoggedWeek], *, now: datetime) -> int:
    with store.begin(WORKER, now=now) as tx:
        first = [one for one in missing if note_reminder(tx.connection, one, now=now)]
        for one in first:
            facts = {"person_id": one.person_id, "week": one.week.isoformat()}
            tx.announce(Event(type=EventType.TIME_MISSING, facts=facts, told=frozenset({one.person_id})))
        return len(first)
