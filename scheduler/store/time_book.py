"""Writing a person's time: what is put is checked against what is there, against the policies, and against what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.loggable import check_loggable, hints
from scheduler.domain.delivery.period_locks import locked
from scheduler.domain.delivery.time_entries import TimeEntry, entry_locked
from scheduler.domain.delivery.time_policies import RuleKind, Severity
from scheduler.domain.delivery.time_rules import COMPLETENESS, Breach, TimeWarning, breaches, refuse, rules_for
from scheduler.domain.ground.access import require_for
from scheduler.domain.ground.checks import Faults, invalid
from scheduler.domain.ground.errors import DomainError, Fault
from scheduler.store.areas.time import TIME_ENTRY_AREA, TIME_POLICY_AREA
from scheduler.store.period_locks import locks_over
from scheduler.store.time_reading import last_change, logged_on
from scheduler.store.view import View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scheduler.domain.delivery.loggable import LoggedOn
    from scheduler.domain.delivery.timers import RunningTimer
    from scheduler.domain.staffing.people import Person
    from scheduler.store.transaction import Transaction

ENTRIES = TIME_ENTRY_AREA.name
POLICIES = TIME_POLICY_AREA.name
_AROUND = timedelta(days=2)
"""Days around a work date on which other work may be at the same time: zones are up to 26 hours apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """An entry to be kept (version 0: a new one), and where in the request it stands."""

    entry: TimeEntry
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A proposal that was not made, and why."""

    entry: TimeEntry
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Entries as they were kept, and what is to be told of them."""

    entries: tuple[TimeEntry, ...]
    warnings: tuple[TimeWarning, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(slots=True)
class _Judged:
    """What is wrong with an entry that may be kept, and what stands against it."""

    warnings: list[TimeWarning] = field(default_factory=list)
    blocking: list[Breach] = field(default_factory=list)


class TimeBook:
    """The time of one person in a write transaction, in which nobody else writes it."""

    def __init__(self, tx: Transaction, *, person_id: str, permission: str) -> None:
        """Raises DomainError where the actor may not write the person's time (``access.out_of_scope``), or there is no such person."""
        require_for(tx.actor, permission, person_id)
        # Of two writers one waits here: limits by day and overlaps are about several rows.
        tx.hold_days(people=[person_id])
        self._tx = tx
        self._seen = View(tx.connection, tx.actor)
        self.everything = tx.unrestricted
        self.person = _person(self.everything, person_id)
        self._rows = tx.elevated.area(ENTRIES)
        self._policies = self.everything.area(POLICIES).all()
        self._about: dict[tuple[str | None, ...], LoggedOn | None] = {}

    def stored(self, entry_id: str) -> TimeEntry:
        """An entry as it is, to be changed. Raises DomainError ``record.not_found``, ``entry.locked``."""
        entry: TimeEntry = self._tx.area(ENTRIES).get(entry_id)
        self.require_editable(entry)
        return entry

    def require_editable(self, entry: TimeEntry) -> None:
        """Raise DomainError ``entry.locked`` for what is handed in."""
        if not entry.is_editable:
            by, since = last_change(self._tx.connection, ENTRIES, entry.id)
            raise entry_locked(entry, by=by, since=since)

    def of_days(self, first: Any, last: Any) -> tuple[TimeEntry, ...]:
        """The person's entries from one day to another, both included."""
        found: tuple[TimeEntry, ...] = self.everything.area(ENTRIES).between(
            "work_date", first, last + timedelta(days=1), person_id=self.person.id
        )
        return found

    def is_billable(self, **about: Any) -> bool:
        """Whether work on this is billable unless somebody says otherwise."""
        found = self._found(about["project_id"], about["task_id"], about["demand_id"], about["activity_type_id"])
        return found is None or found.is_billable

    def check_about(self, about: RunningTimer) -> None:
        """Raise DomainError for all faults of what a timer is about."""
        faults = Faults()
        self._check_about(about, faults, pointer="")
        faults.raise_any("timer")

    def write(self, put: Sequence[Put], *, removed: Collection[TimeEntry] = ()) -> Written:
        """
        Keep these entries and remove those, or nothing at all.

        Raises DomainError for all faults of what they are about, then for all that policies forbid (``time.policy``, ``time.overlap``),
        and ``version.stale``.
        """
        faults = Faults()
        for one in put:
            self._check_about(one.entry, faults, pointer=one.pointer)
        faults.raise_any("time")
        after = self._after([one.entry for one in put], removed)
        judged = _Judged()
        for one in put:
            self._judge(one.entry, after, judged)
        judged.blocking += self._late([one.entry for one in put], removed)
        if judged.blocking:
            raise refuse(judged.blocking, pointers={one.entry.id: one.pointer for one in put})
        for entry in removed:
            self._rows.delete(entry.id, entry.version)
        kept = tuple(self._kept(one.entry) for one in put)
        return Written(entries=kept, warnings=tuple(judged.warnings))

    def propose(self, entries: Iterable[TimeEntry]) -> Written:
        """Keep those of the new entries that nothing stands against but that they are incomplete, and say why the others were left out."""
        kept: list[TimeEntry] = []
        skipped: list[Skipped] = []
        warnings: list[TimeWarning] = []
        for entry in entries:
            judged, reason = _Judged(), self._reason(entry)
            if reason is None:
                self._judge(entry, self._after([entry, *kept], ()), judged)
                against = [one for one in judged.blocking if one.rule not in COMPLETENESS]
                reason = Skipped(entry=entry, code=against[0].code, message=against[0].message) if against else None
            if reason is not None:
                skipped.append(reason)
                continue
            kept.append(entry)
            warnings += [*judged.warnings, *(one.warning for one in judged.blocking)]
        return Written(entries=tuple(self._kept(entry) for entry in kept), warnings=tuple(warnings), skipped=tuple(skipped))

    def _kept(self, entry: TimeEntry) -> TimeEntry:
        kept: TimeEntry = self._rows.save(entry) if entry.version else self._rows.add(entry)
        return kept

    def _after(self, put: Sequence[TimeEntry], removed: Collection[TimeEntry]) -> list[TimeEntry]:
        """The person's entries around those that are put, as they will be."""
        if not put:
            return []
        days = [entry.work_date for entry in put]
        gone = {entry.id for entry in (*put, *removed)}
        return [*put, *(one for one in self.of_days(min(days) - _AROUND, max(days) + _AROUND) if one.id not in gone)]

    def _judge(self, entry: TimeEntry, after: Sequence[TimeEntry], judged: _Judged) -> None:
        others = [one for one in after if one.id != entry.id]
        rules = rules_for(entry, self._policies, team=self.person.team)
        for breach in breaches(entry, others=others, rules=rules, now=self._tx.now):
            if breach.severity is Severity.BLOCK:
                judged.blocking.append(breach)
            else:
                judged.warnings.append(breach.warning)
        about = self._about_entry(entry)
        if about is not None:
            judged.warnings += hints(entry, about)

    def _late(self, put: Sequence[TimeEntry], removed: Collection[TimeEntry]) -> list[Breach]:
        """What may not leave its day any more."""
        stored = self.everything.area(ENTRIES).many([entry.id for entry in put if entry.version])
        days = {entry.id: entry.work_date for entry in put}
        found: list[Breach] = []
        for entry in (*removed, *(one for one in stored if one.work_date != days[one.id])):
            rules = rules_for(entry, self._policies, team=self.person.team)
            late = breaches(entry, others=(), rules=rules, now=self._tx.now)
            found += [one for one in late if one.rule is RuleKind.LATEST_ENTRY_DAYS and one.severity is Severity.BLOCK]
        return found

    def _reason(self, entry: TimeEntry) -> Skipped | None:
        lock = next(iter(locks_over(self._tx.connection, [(entry.work_date, entry.project_id)])), None)
        if lock is not None:
            error = locked(lock, entry.work_date)
            return Skipped(entry=entry, code=error.code, message=error.detail)
        faults = Faults()
        self._check_about(entry, faults, pointer="")
        try:
            faults.raise_any("time entry")
        except DomainError as error:
            return Skipped(entry=entry, code=error.faults[0].code, message=error.faults[0].message)
        return None

    def _check_about(self, entry: TimeEntry | RunningTimer, faults: Faults, *, pointer: str) -> None:
        about = self._about_entry(entry)
        if about is None:
            message = "There is no such project; give the id of one that the person is booked on, or that you see."
            faults.add(f"{pointer}/project_id", "reference.not_found", message)
        else:
            check_loggable(entry, about, faults, pointer=pointer)

    def _about_entry(self, entry: TimeEntry | RunningTimer) -> LoggedOn | None:
        return self._found(entry.project_id, entry.task_id, entry.demand_id, entry.activity_type_id)

    def _found(self, project_id: str, task_id: str | None, demand_id: str | None, activity_type_id: str | None) -> LoggedOn | None:
        key = (project_id, task_id, demand_id, activity_type_id)
        if key not in self._about:
            self._about[key] = self._read(*key)
        return self._about[key]

    def _read(self, project_id: str, task_id: str | None, demand_id: str | None, activity_type_id: str | None) -> LoggedOn | None:
        if not self._may_log_on(project_id):
            return None
        return logged_on(self.everything, project_id=project_id, task_id=task_id, demand_id=demand_id, activity_type_id=activity_type_id)

    def _may_log_on(self, project_id: str) -> bool:
        """Whoever is booked on a project works on it, also where their role shows them other projects."""
        if self._seen.projects.find(project_id) is not None:
            return True
        return bool(self.everything.bookings.matching(person_id=self.person.id, project_id=project_id))


def require_seen(tx: Transaction, person_id: str) -> None:
    """Raise DomainError ``record.not_found`` for a person whom the actor does not see, and is not."""
    if tx.actor.person_id != person_id:
        View(tx.connection, tx.actor).people.get(person_id)


def _person(everything: View, person_id: str) -> Person:
    found = everything.people.find(person_id)
    if found is None:
        message = "There is no such person; give the id of one."
        raise invalid("time entry", Fault(pointer="/person_id", code="reference.not_found", message=message))
    return found
