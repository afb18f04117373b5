"""Filling a week: cells of the grid at once, a copy of another week, and what bookings propose; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.delivery.time_weeks import CellWrite, key_of, week_days
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import TimeEntryId, new_id
from scheduler.domain.ground.permissions import TIME_CREATE
from scheduler.store import retried
from scheduler.store.areas.time import TIME_ENTRY_AREA
from scheduler.store.repository import stale
from scheduler.store.time_book import Put, TimeBook, Written, require_seen
from scheduler.store.time_reading import booked_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, timedelta

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.work import Booking
    from scheduler.store import Store

_WHAT = ("project_id", "task_id", "demand_id", "activity_type_id", "is_billable")


@retried
def set_week(store: Store, *, actor: Actor, person_id: PersonId, week: date, cells: Sequence[CellWrite], now: datetime) -> Written:
    """
    Set cells of a person's week, all or none.

    Raises DomainError for all faults of the cells at once; ``time.cell_taken`` where somebody else filled a cell meanwhile,
    ``version.stale``, ``entry.locked``, and what logging time raises.
    """
    days = week_days(week)
    with store.begin(actor, now=now) as tx:
        require_seen(tx, person_id)
        book = TimeBook(tx, person_id=person_id, permission=TIME_CREATE)
        changes = _Changes(stored={entry.id: entry for entry in book.of_days(days[0], days[-1])}, days=days)
        for number, cell in enumerate(cells):
            changes.take(cell, book, pointer=f"/cells/{number}")
        changes.raise_any()
        if not changes.put and not changes.removed:
            return Written(entries=())
        return book.write(changes.put, removed=changes.removed)


@retried
def copy_week(
    store: Store,
    *,
    actor: Actor,
    person_id: PersonId,
    week: date,
    source: date,
    with_notes: bool,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Written:
    """
    Fill a week as another one was: each day's minutes of each row, as drafts, where the row has nothing on the day yet.

    What a rule stands against is left out, and said. Raises DomainError ``input.invalid`` with ``week.not_monday``.
    """
    days, before = week_days(week), week_days(source)
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require_seen(tx, person_id)
        book = TimeBook(tx, person_id=person_id, permission=TIME_CREATE)
        taken = {(key_of(entry), entry.work_date) for entry in book.of_days(days[0], days[-1])}
        copies = (_copy(entry, week - source, with_notes=with_notes) for entry in book.of_days(before[0], before[-1]))
        return tx.answer(book.propose(one for one in copies if (key_of(one), one.work_date) not in taken))


@retried
def prefill_week(
    store: Store, *, actor: Actor, person_id: PersonId, week: date, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Written:
    """
    Propose the minutes that the person's confirmed bookings take of each day, as drafts that name booking and demand.

    A day on which the booking was proposed before, or on whose project something is logged, gets nothing more.
    """
    days = week_days(week)
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require_seen(tx, person_id)
        book = TimeBook(tx, person_id=person_id, permission=TIME_CREATE)
        there = book.of_days(days[0], days[-1])
        proposals = []
        for booking, minutes in booked_days(book.everything, book.person, week):
            proposals += [
                _proposal(book, booking, day, amount)
                for day, amount in zip(days, minutes, strict=True)
                if amount and not _is_logged(booking, day, there)
            ]
        return tx.answer(book.propose(proposals))


@dataclass(slots=True)
class _Changes:
    """What becomes of the week's entries, and what is wrong with it."""

    stored: Mapping[TimeEntryId, TimeEntry]
    days: Sequence[date]
    put: list[Put] = field(default_factory=list)
    removed: list[TimeEntry] = field(default_factory=list)
    named: set[TimeEntryId] = field(default_factory=set)
    added: set[tuple[Any, date]] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)
    taken: list[Fault] = field(default_factory=list)

    def take(self, cell: CellWrite, book: TimeBook, *, pointer: str) -> None:
        """One cell."""
        if cell.day not in self.days:
            self.faults.add(f"{pointer}/day", "time.outside_week", f"{cell.day} is no day of the week that begins {self.days[0]}.")
            return
        try:
            if cell.entry_id is not None:
                self._change(cell, cell.entry_id, book, pointer)
            elif cell.minutes:
                self._add(cell, book, pointer)
        except DomainError as error:
            raise error.under(pointer) from error

    def raise_any(self) -> None:
        """Raise DomainError for everything that was found."""
        self.faults.raise_any("week")
        if self.taken:
            detail = f"{self.taken[0].message} Read the week again."
            raise DomainError(ErrorKind.CONFLICT, "time.cell_taken", detail, tuple(self.taken))

    def _change(self, cell: CellWrite, entry_id: TimeEntryId, book: TimeBook, pointer: str) -> None:
        if entry_id in self.named:
            self.faults.add(
                f"{pointer}/entry_id", "list.duplicate", "This entry is named by another cell of the request too; name it once."
            )
            return
        self.named.add(entry_id)
        entry = self.stored.get(entry_id)
        if entry is None:
            message = "The person's week has no such entry; read the week again."
            self.faults.add(f"{pointer}/entry_id", "reference.not_found", message)
            return
        wanted = {name: getattr(cell.key, name) for name in _WHAT} | {"work_date": cell.day, **cell.given}
        is_gone = cell.minutes == 0
        if not is_gone and entry == replace(entry, **wanted, minutes=entry.minutes) and entry.minutes == cell.minutes:
            return
        if entry.started_at is not None and not is_gone and (entry.minutes, entry.work_date) != (cell.minutes, cell.day):
            message = "It follows from the entry's start and end; change those, or set the cell to 0 and add another."
            self.faults.add(f"{pointer}/minutes", "time.minutes_from_span", message)
            return
        book.require_editable(entry)
        if entry.version != cell.version:
            raise stale(TIME_ENTRY_AREA, entry_id, given=cell.version or 0, current=entry.version)
        if is_gone:
            self.removed.append(entry)
        else:
            self.put.append(Put(entry=replace(entry, **wanted, minutes=cell.minutes), pointer=pointer))

    def _add(self, cell: CellWrite, book: TimeBook, pointer: str) -> None:
        place = (cell.key, cell.day)
        there = next((one for one in self.stored.values() if (key_of(one), one.work_date) == place), None)
        if there is not None:
            message = f"The cell has an entry already, {there.id}; give its entry_id and version."
            self.taken.append(Fault(pointer=f"{pointer}/entry_id", code="time.cell_taken", message=message))
            return
        if place in self.added:
            self.faults.add(pointer, "list.duplicate", "Another cell of the request is for the same row and day; add their minutes up.")
            return
        self.added.add(place)
        what = {name: getattr(cell.key, name) for name in _WHAT} | dict(cell.given)
        entry = TimeEntry(id=TimeEntryId(new_id()), person_id=book.person.id, work_date=cell.day, minutes=cell.minutes, **what)
        self.put.append(Put(entry=entry, pointer=pointer))


def _copy(entry: TimeEntry, later: timedelta, *, with_notes: bool) -> TimeEntry:
    """The same minutes on the same day of another week; clock times belong to their day and are not copied."""
    return replace(
        entry,
        id=TimeEntryId(new_id()),
        version=0,
        external_id=None,
        booking_id=None,
        state=LineState.DRAFT,
        work_date=entry.work_date + later,
        started_at=None,
        ended_at=None,
        zone=None,
        ticket_ref=None,
        note=entry.note if with_notes else None,
    )


def _proposal(book: TimeBook, booking: Booking, day: date, minutes: int) -> TimeEntry:
    about = {"project_id": booking.project_id, "task_id": None, "demand_id": booking.demand_id, "activity_type_id": None}
    return TimeEntry(
        id=TimeEntryId(new_id()),
        person_id=booking.person_id,
        project_id=booking.project_id,
        demand_id=booking.demand_id,
        booking_id=booking.id,
        work_date=day,
        minutes=minutes,
        is_billable=book.is_billable(**about),
    )


def _is_logged(booking: Booking, day: date, there: Sequence[TimeEntry]) -> bool:
    """Whether the day has the booking's minutes, or minutes on its project that no other booking proposed."""
    on_project = [one for one in there if one.work_date == day and one.project_id == booking.project_id]
    return any(one.booking_id in (None, booking.id) for one in on_project)
