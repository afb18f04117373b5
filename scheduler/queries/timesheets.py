"""Timesheets as somebody may see them, and the inbox of what waits for a decision; both with what was planned beside what was logged."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery.approvals import Level, seat_for
from scheduler.domain.delivery.lines import Line, LineKind
from scheduler.domain.delivery.timesheets import SheetState, fingerprint, sheet_days, sheet_state
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import LINES_DECIDE, TIME_READ
from scheduler.store import retried
from scheduler.store.areas.people import PERSON_AREA
from scheduler.store.chosen_lines import visible
from scheduler.store.deciders import Deciders, approval_policy
from scheduler.store.period_locks import locks_over
from scheduler.store.plan_and_actual import Group, logged_minutes, planned_minutes
from scheduler.store.reader import not_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scheduler.domain.delivery.approval_policies import ApprovalPolicy, SheetPeriod
    from scheduler.domain.delivery.approvals import Seat
    from scheduler.domain.delivery.line_decisions import Approval
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store import Store, View


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A line, and what its reader can do about it."""

    line: Line
    approval: Approval | None
    seat: Seat | None
    """In which standing the reader can decide about it now; ``None``: in none."""
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAndActual:
    """A person's work on a project in one timesheet: booked, and logged in any state."""

    group: Group
    planned_min: int
    logged_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Whom some lines of a timesheet wait for."""

    level: Level
    people: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timesheet:
    """What a reader sees of a person's week or month; the state is that of all lines that they see."""

    person_id: str
    days: DateInterval
    state: SheetState
    seen: str
    lines: tuple[ShownLine, ...]
    groups: tuple[PlanAndActual, ...]
    waiting: tuple[Waiting, ...]
    names: Mapping[str, Mapping[str, str]]
    """Area (``people``, ``projects``) to id to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """One page of what waits for somebody."""

    lines: tuple[ShownLine, ...]
    groups: tuple[PlanAndActual, ...]
    names: Mapping[str, Mapping[str, str]]
    next_cursor: str | None


@retried
def get_timesheet(store: Store, *, actor: Actor, person_id: str, day: date, now: datetime) -> Timesheet:
    """The timesheet that a day is in. Raises DomainError ``record.not_found`` for a person of whom the actor sees nothing, ``access.denied``."""
    with store.read(actor) as view:
        policy, deciders = approval_policy(view), Deciders.of(view, on=now.date())
        seats = deciders.standings_of(actor)
        days = sheet_days(day, policy.sheet_period)
        lines = view.lines.of_person(LineKind.TIME_ENTRY, person_id, days)
        seen = visible(view, lines, seats)
        lines = tuple(line for line in lines if line.ref in seen)
        if not lines and view.people.find(person_id) is None:
            raise not_found(PERSON_AREA, person_id)
        require(actor, TIME_READ)
        shown = _shown(view, lines, seats, person_id=actor.person_id)
        waiting = tuple(_waiting(shown, deciders))
        people = {person_id, *(one for row in waiting for one in row.people)}
        groups = _groups(view, lines, policy)
        return Timesheet(
            person_id=person_id,
            days=days,
            state=sheet_state(line.state for line in lines),
            seen=fingerprint(lines),
            lines=shown,
            groups=groups,
            waiting=waiting,
            names=_names(view, people=people, projects={one.group.project_id for one in groups}),
        )


@retried
def get_inbox(store: Store, *, actor: Actor, page: PageRequest, now: datetime) -> Inbox:
    """Lines that wait for the actor, or for whom they stand in for, by day. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        require(actor, LINES_DECIDE)
        policy, deciders = approval_policy(view), Deciders.of(view, on=now.date())
        seats = deciders.standings_of(actor)
        found = view.line_approvals.waiting(seats, person_id=actor.person_id, request=page)
        by_ref = view.lines.find(approval.ref for approval in found.items)
        lines = tuple(by_ref[approval.ref] for approval in found.items if approval.ref in by_ref)
        groups = _groups(view, lines, policy)
        names = _names(view, people={line.person_id for line in lines}, projects={one.group.project_id for one in groups})
        shown = _shown(view, lines, seats, person_id=actor.person_id)
        return Inbox(lines=shown, groups=groups, names=names, next_cursor=found.next_cursor)


@retried
def get_approval_policy(store: Store, *, actor: Actor) -> ApprovalPolicy:
    """The firm's; version 0 when nobody has set it yet. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        require(actor, "approval_policies:read")
        return approval_policy(view)


def _shown(view: View, lines: Sequence[Line], seats: Sequence[Seat], *, person_id: str | None) -> tuple[ShownLine, ...]:
    approvals = view.line_approvals.find(line.ref for line in lines)
    locks = locks_over(view.connection, ((line.day, line.project_id) for line in lines))
    shown = []
    for line in lines:
        approval = approvals.get(line.ref)
        waits_for = None if approval is None else approval.waits_for
        seat = None if waits_for is None else seat_for(line, waits_for, seats, person_id=person_id)
        is_locked = any(lock.covers(line.day, line.project_id) for lock in locks)
        shown.append(ShownLine(line=line, approval=approval, seat=seat, is_locked=is_locked))
    return tuple(shown)


def _waiting(shown: Iterable[ShownLine], deciders: Deciders) -> Iterable[Waiting]:
    counts: Counter[tuple[Level, tuple[str, ...]]] = Counter()
    for one in shown:
        if one.approval is not None and (level := one.approval.waits_for) is not None:
            counts[level, tuple(sorted(deciders.asked(one.line, level)))] += 1
    for (level, people), lines in sorted(counts.items()):
        yield Waiting(level=level, people=people, lines=lines)


def _groups(view: View, lines: Iterable[Line], policy: ApprovalPolicy) -> tuple[PlanAndActual, ...]:
    """What was planned and logged where these lines belong."""
    period: SheetPeriod = policy.sheet_period
    groups = {
        Group(person_id=line.person_id, project_id=line.project_id, days=sheet_days(line.day, period))
        for line in lines
        if line.project_id is not None
    }
    planned, logged = planned_minutes(view.connection, groups), logged_minutes(view.connection, groups, period)
    ordered = sorted(groups, key=lambda group: (group.days.start, group.person_id, group.project_id))
    return tuple(PlanAndActual(group=group, planned_min=planned[group], logged_min=logged[group]) for group in ordered)


def _names(view: View, *, people: set[str], projects: set[str]) -> Mapping[str, Mapping[str, str]]:
    """Of whom and what the lines are, and who decides: whoever sees a line sees that."""
    everything = view.unrestricted
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for area, ids in (("people", people), ("projects", projects)):
        found[area] = {row.id: row.name for row in everything.area(area).many(ids)}
    return found
