"""One consistent view of everything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.work import Firm
from scheduler.store import areas as known_areas
from scheduler.store.areas.access import USER_AREA
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
from scheduler.store.audit_reading import AuditReader
from scheduler.store.credentials import CredentialReader
from scheduler.store.jobs import JobReader
from scheduler.store.line_approvals import ApprovalReader
from scheduler.store.lines import LineReader
from scheduler.store.mails import MailReader
from scheduler.store.plans import PlanReader
from scheduler.store.reader import Reader, not_found
from scheduler.store.solves import SolveReader
from scheduler.store.sweeps import SweepReader
from scheduler.store.timers import TimerReader
from scheduler.store.webhooks import WebhookReader

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor

UNSET_FIRM = Firm(name="Unnamed firm", currency="EUR", shadow_rate=Decimal(0))
"""What the settings are until somebody says otherwise; version 0."""


class FirmReader:
    """The settings of the installation's one firm."""

    def __init__(self, rows: Reader[Firm]) -> None:
        self._rows = rows

    def get(self) -> Firm:
        """The settings; ``UNSET_FIRM`` until they are first saved. Raises DomainError ``record.not_found`` for whoever may not see them."""
        found = self._rows.find(FIRM_ID)
        if found is None and not self._rows.may_read:
            raise not_found(FIRM_AREA, FIRM_ID)
        return found or UNSET_FIRM


class View:
    """Everything, read from one state of the database: now, or as of an instant."""

    def __init__(self, connection: Connection, actor: Actor, *, as_of: datetime | None = None) -> None:
        self.connection = connection
        self.actor = actor
        self.as_of = as_of
        self.firm = FirmReader(Reader(connection, FIRM_AREA, actor, as_of=as_of))
        self.skills = Reader(connection, SKILL_AREA, actor, as_of=as_of)
        self.calendars = Reader(connection, CALENDAR_AREA, actor, as_of=as_of)
        self.people = Reader(connection, PERSON_AREA, actor, as_of=as_of)
        self.absences = Reader(connection, ABSENCE_AREA, actor, as_of=as_of)
        self.clients = Reader(connection, CLIENT_AREA, actor, as_of=as_of)
        self.projects = Reader(connection, PROJECT_AREA, actor, as_of=as_of)
        self.demands = Reader(connection, DEMAND_AREA, actor, as_of=as_of)
        self.bookings = Reader(connection, BOOKING_AREA, actor, as_of=as_of)
        self.bill_rates = Reader(connection, BILL_RATE_AREA, actor, as_of=as_of)
        self.users = Reader(connection, USER_AREA, actor, as_of=as_of)
        self.credentials = CredentialReader(connection)
        self.plans = PlanReader(connection, actor)
        self.jobs = JobReader(connection, actor)
        self.solves = SolveReader(connection, actor)
        self.sweeps = SweepReader(connection, actor)
        self.webhooks = WebhookReader(connection, actor)
        self.mails = MailReader(connection, actor)
        self.lines = LineReader(connection, actor)
        self.line_approvals = ApprovalReader(connection)
        self.timers = TimerReader(connection)
        self.audit = AuditReader(connection, actor)

    def area(self, name: str) -> Reader[Any]:
        """The reader of an area by its name (``people``, ``bill_rates``, ...)."""
        return Reader(self.connection, known_areas.AREAS[name], self.actor, as_of=self.as_of)

    @property
    def unrestricted(self) -> View:
        """The same state with every right: for what follows from a right that has been asked for."""
        return View(self.connection, replace(self.actor, role=Role.SYSTEM, scopes=None), as_of=self.as_of)
