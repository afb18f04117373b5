"""One write transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from scheduler.domain.ground.jobs import Job
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.webhooks import Event, EventType
from scheduler.domain.staffing.over_capacity import Override
from scheduler.domain.staffing.work import Firm
from scheduler.store import areas as known_areas
from scheduler.store import audit, capacity_ledger, capacity_reading, erasure, history
from scheduler.store.areas.access import USER_AREA
from scheduler.store.areas.invoices import INVOICE_AREA
from scheduler.store.areas.people import ABSENCE_AREA, CALENDAR_AREA, PERSON_AREA, SKILL_AREA
from scheduler.store.areas.rates import BILL_RATE_AREA
from scheduler.store.areas.work import (
    BOOKING_AREA,
    CLIENT_AREA,
    DEMAND_AREA,
    FIRM_AREA,
    FIRM_ID,
    PROJECT_AREA,
)
from scheduler.store.books_settling import settle_books
from scheduler.store.capacity_ledger import Terms, settle_days
from scheduler.store.credentials import CredentialRepository
from scheduler.store.idempotency import IdempotencyRecords
from scheduler.store.invoice_versions import record_parts
from scheduler.store.jobs import JobRepository
from scheduler.store.line_approvals import ApprovalRows
from scheduler.store.lines import LineRows
from scheduler.store.logos import LogoRows
from scheduler.store.mails import MailRepository
from scheduler.store.period_locks import settle_lines
from scheduler.store.person_keys import PersonKeys
from scheduler.store.plans import PlanRepository
from scheduler.store.price_locks import settle_prices
from scheduler.store.recorded_effort import keep_carried
from scheduler.store.repository import Changes, Repository
from scheduler.store.solves import SolveRepository
from scheduler.store.sweeps import SweepRepository
from scheduler.store.timers import TimerRepository
from scheduler.store.view import FirmReader, View
from scheduler.store.webhooks import WebhookRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.credentials import AccessEvent
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.ground.jobs import JobRecord
    from scheduler.domain.staffing.effort_left import Carried
    from scheduler.domain.staffing.erasure import Erasure
    from scheduler.domain.staffing.over_capacity import PlannedMinutes
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.person_days import Load, OverbookedWeek

    Enqueue = Callable[[Connection, Job, str], None]
    """Puts one run of a job, by its run id, into the queue."""

T = TypeVar("T")
_LOG = logging.getLogger("muster.access")


class FirmRepository(FirmReader):
    """The settings in a write transaction."""

    def __init__(self, rows: Repository[Firm]) -> None:
        super().__init__(rows)
        self._writable = rows

    def require_change(self) -> None:
        """Raise DomainError unless the actor may change the settings."""
        self._writable.require_change(FIRM_ID)

    def lock(self) -> None:
        """Hold the settings' row until the end of the transaction, whether or not the actor may see it."""
        self._writable.hold(FIRM_ID)

    def save(self, firm: Firm) -> Firm:
        """Keep the settings; version 0 says they were never saved. Raises DomainError ``version.stale``."""
        return self._writable.add(firm) if firm.version == 0 and self._rows.find(FIRM_ID) is None else self._writable.save(firm)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What a transaction and its elevated twin have in one."""

    changes: Changes
    events: list[AccessEvent]
    keys: PersonKeys
    booking_terms: Terms
    announced: list[Event] = field(default_factory=list)
    sends_mail: bool = False


class Transaction:
    """
    One change of the database: all of it or nothing. Made by ``Store.begin``.

    ``connection`` is for the job engine's enqueueing only.
    """

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        *,
        now: datetime,
        enqueue: Enqueue | None,
        sends_mail: bool = False,
        shared: _Shared | None = None,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self._enqueue = enqueue
        self._shared = shared or _Shared(
            changes=Changes(), events=[], keys=PersonKeys(connection), booking_terms=Terms(), sends_mail=sends_mail
        )
        self._changes = self._shared.changes
        self._outcome: list[object] = []
        self.keys = self._shared.keys
        self.firm = FirmRepository(Repository(connection, FIRM_AREA, actor, self._changes))
        self.skills = Repository(connection, SKILL_AREA, actor, self._changes)
        self.calendars = Repository(connection, CALENDAR_AREA, actor, self._changes)
        self.people = Repository(connection, PERSON_AREA, actor, self._changes)
        self.absences = Repository(connection, ABSENCE_AREA, actor, self._changes)
        self.clients = Repository(connection, CLIENT_AREA, actor, self._changes)
        self.projects = Repository(connection, PROJECT_AREA, actor, self._changes)
        self.demands = Repository(connection, DEMAND_AREA, actor, self._changes)
        self.bookings = Repository(connection, BOOKING_AREA, actor, self._changes)
        self.bill_rates = Repository(connection, BILL_RATE_AREA, actor, self._changes)
        self.users = Repository(connection, USER_AREA, actor, self._changes)
        self.credentials = CredentialRepository(connection)
        self.plans = PlanRepository(connection, actor, self._changes, self.keys)
        self.jobs = JobRepository(connection, actor)
        self.solves = SolveRepository(connection, actor)
        self.sweeps = SweepRepository(connection, actor)
        self.webhooks = WebhookRepository(connection, actor, self._changes)
        self.mails = MailRepository(connection, actor)
        self.lines = LineRows(connection, actor, self._changes)
        self.line_approvals = ApprovalRows(connection, self._changes)
        self.timers = TimerRepository(connection, self._changes)
        self.logos = LogoRows(connection, self._changes)
        self.idempotency = IdempotencyRecords(connection)

    def area(self, name: str) -> Repository[Any]:
        """The repository of an area by its name (``people``, ``bill_rates``, ...)."""
        return Repository(self.connection, known_areas.AREAS[name], self.actor, self._changes)

    @property
    def unrestricted(self) -> View:
        """Everything, for rules that rest on more than the actor may see; nothing of it may be answered."""
        return View(self.connection, self.actor).unrestricted

    @property
    def elevated(self) -> Transaction:
        """The same transaction with every right: for what follows from a right that has been asked for."""
        actor = replace(self.actor, role=Role.SYSTEM, scopes=None)
        return Transaction(self.connection, actor, now=self.now, enqueue=self._enqueue, shared=self._shared)

    def written(self, area: str) -> frozenset[str]:
        """Ids of an area's values that this transaction has added, changed or removed so far."""
        return frozenset(self._changes.touched.get(area, ()))

    def vouch(self, area: str, ids: Iterable[str]) -> None:
        """Let values of this transaction refer to rows that exist, whether or not the actor may see them."""
        self._changes.known[known_areas.AREAS[area].table.name].update(ids)

    def note(self, event: AccessEvent) -> None:
        """Say that something happened which changes no record: a login, a refusal."""
        self._shared.events.append(event)

    def announce(self, event: Event) -> None:
        """Tell subscribers of something, if this transaction is committed."""
        self._shared.announced.append(event)

    def enqueue(self, job: Job) -> None:
        """Ask for a job, in this transaction; one that is wanted already and has not ended is not asked for twice."""
        record = self.jobs.put(job, now=self.now)
        if record is not None:
            self.dispatch(record)

    def carry_effort(self, demand_id: str, carried: Carried) -> None:
        """Keep what a demand's coming weeks carry of what was recorded of it."""
        keep_carried(self.connection, self._changes, demand_id, carried)

    def dispatch(self, record: JobRecord) -> None:
        """Put a kept job's present run into the queue. Raises RuntimeError where no job engine is wired in."""
        if self._enqueue is None:
            raise RuntimeError(f"no job engine is wired into the store; the job {record.kind} would never run")
        self._enqueue(self.connection, Job(kind=record.kind, target_id=record.target_id), record.run_id)

    def erase(self, person_id: str, pseudonymised: Person | None) -> Erasure:
        """Erase a person, who becomes ``pseudonymised``; ``None`` for one that was deleted. What goes is in no audit record."""
        done = erasure.erase(self.connection, self.keys, person_id)
        if pseudonymised is not None:
            self.people.save(pseudonymised)
        self._changes.written(PERSON_AREA.name, person_id)
        self._changes.erased.add(person_id)
        return done

    def erase_user(self, user_id: str, names: Sequence[str]) -> Erasure:
        """Erase a user who is no person, and who is called or logs in by ``names``."""
        done = erasure.erase_user(self.connection, self.keys, user_id, names)
        self._changes.touched[USER_AREA.name].add(user_id)
        self._changes.erased.add(user_id)
        return done

    def hold_days(self, *, people: Iterable[str], demands: Iterable[str] = ()) -> None:
        """Lock people's days before anything of theirs is locked: who books the same people waits here, and nowhere else."""
        capacity_reading.hold(self.connection, people=people, demands=demands)

    def allow_excess(self, reason: str) -> None:
        """Let this transaction book people beyond their capacity; what that comes to is recorded with the reason."""
        self._shared.booking_terms.override = Override(reason=reason)

    def follow_plan(self, planned: PlannedMinutes) -> None:
        """Bookings that this transaction writes take the minutes that a plan gives them."""
        self._shared.booking_terms.planned = planned

    def settle_days(self) -> tuple[tuple[PersonId, OverbookedWeek], ...]:
        """
        Bring the counters of people's days in line with what was written so far; what was let in beyond capacity.

        The end of the transaction does so anyway. Raises DomainError ``capacity.exceeded``.
        """
        settle_days(self.unrestricted, self._changes, self._shared.booking_terms, actor=self.actor, now=self.now)
        return tuple(self._shared.booking_terms.raised)

    def restore_loads(self, loads: Iterable[Load], *, people: Iterable[PersonId]) -> None:
        """
        Give bookings that were put back the minutes that they had; of these people, nothing that was written so far is spread anew.

        The caller sees to it that no more is booked than was: what had its minutes before is no new claim on anybody's time.
        """
        for load in loads:
            person_id = self.bookings.get(load.booking_id).person_id
            capacity_ledger.put_load(self.connection, load, person_id=person_id)
        unsettled = self._changes.unsettled
        unsettled["bookings"].clear()
        unsettled["people"].update(people)

    def answer(self, outcome: T) -> T:
        """Say what came out, for the record of an idempotency key; gives it back."""
        self._outcome = [outcome]
        return outcome

    def finish(self, claim: IdempotencyClaim | None) -> None:
        """Record what was changed, and the answer to the claim; the store calls it before it commits."""
        for event in self._shared.events:
            _LOG.info("%s user=%s", event.kind, event.user_id or "-")
        self.settle_days()
        settle_prices(self.connection, self._changes)  # before periods, in the order of those who change prices while they write lines
        settle_lines(self.connection, self._changes)
        settle_books(self.connection, self._changes)
        booked = sorted(self._changes.touched.get(BOOKING_AREA.name, ()))
        if booked:
            self.announce(Event(type=EventType.BOOKING_CHANGED, facts={"booking_ids": booked}))
        self.webhooks.announce(self._shared.announced, now=self.now)
        if self._shared.sends_mail:
            self.mails.announce(self._shared.announced, now=self.now)
        if claim is not None:
            if not self._outcome:
                raise RuntimeError("a use case took an idempotency claim and gave no answer")
            self.idempotency.keep(claim, claim.respond(self._outcome[0]), actor=self.actor)
        made = audit.sealed_changes(audit.made_changes(self.connection, self._changes, self._shared.events), self.keys)
        at = self.now
        if self._changes.touched:
            at = history.tick(self.connection, self.now)
        for name, ids in self._changes.touched.items():
            history.record(self.connection, known_areas.AREAS[name], ids, at)
        record_parts(self.connection, self._changes.touched.get(INVOICE_AREA.name, ()), at)
        if made:
            plans = self._changes.noted["plans"].keys() | self._changes.noted["plan_problems"].keys()
            audit.append(self.connection, made, actor=self.actor, at=at, plan_id=next(iter(plans)) if len(plans) == 1 else None)
