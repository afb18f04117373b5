"""
Creating, changing and deleting the firm's records; each function is one transaction.

The kind of record follows from the value's class. A value to change carries the version that its author saw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from scheduler.domain.billing.parties import ClientAccount, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCode
from scheduler.domain.delivery.budgets import Budget, check_limits
from scheduler.domain.delivery.delegations import Delegation, check_deputy
from scheduler.domain.delivery.expense_categories import ExpenseCategory
from scheduler.domain.delivery.structure import check_place, check_stays
from scheduler.domain.delivery.tasks import Task, check_step
from scheduler.domain.delivery.templates import ProjectTemplate
from scheduler.domain.delivery.time_entries import ActivityType
from scheduler.domain.delivery.time_policies import TimePolicy, check_policy_alone
from scheduler.domain.ground.access import require
from scheduler.domain.ground.bill_rates import BillRate, check_rate_alone
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.exchange import ExchangeRate, check_foreign
from scheduler.domain.ground.permissions import BOOKINGS_OVERBOOK
from scheduler.domain.staffing.absence_kinds import AbsenceKind, check_name_stays
from scheduler.domain.staffing.booking_moves import Mover, require_moves
from scheduler.domain.staffing.change_orders import ChangeOrder, check_value_stays
from scheduler.domain.staffing.consistency import check_booking_of_demand, check_currency_stays, check_demand_stays
from scheduler.domain.staffing.leave import check_by_hand
from scheduler.domain.staffing.people import Absence, Calendar, Person, Skill
from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
from scheduler.domain.staffing.work import Booking, Client, Demand, Firm, Project
from scheduler.due_times import check_cron
from scheduler.planning.price_changes import check_approved_stays
from scheduler.planning.scope import check_groups
from scheduler.public_holidays import check_region
from scheduler.store import retried
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.budget_targets import check_target
from scheduler.store.contract_checks import check_project_of_contract
from scheduler.store.order_drafts import completed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction

Record = (
    Skill
    | Calendar
    | Person
    | Absence
    | AbsenceKind
    | Client
    | Project
    | Demand
    | Booking
    | BillRate
    | ExchangeRate
    | Task
    | ProjectTemplate
    | RebalancePolicy
    | Delegation
    | ActivityType
    | TimePolicy
    | ChangeOrder
    | Budget
    | ExpenseCategory
    | TaxCode
    | LegalEntity
    | ClientAccount
)
R = TypeVar("R", bound=Record)

AREA_OF: Mapping[type, str] = {
    Skill: "skills",
    Calendar: "calendars",
    Person: "people",
    Absence: "absences",
    AbsenceKind: "absence_kinds",
    Client: "clients",
    Project: "projects",
    Demand: "demands",
    Booking: "bookings",
    BillRate: "bill_rates",
    ExchangeRate: "exchange_rates",
    Task: "tasks",
    ProjectTemplate: "project_templates",
    ChangeOrder: "change_orders",
    Budget: "budgets",
    ExpenseCategory: "expense_categories",
    RebalancePolicy: "rebalance_policies",
    Delegation: "delegations",
    ActivityType: "activity_types",
    TimePolicy: "time_policies",
    TaxCode: "tax_codes",
    LegalEntity: "legal_entities",
    ClientAccount: "client_accounts",
}


@retried
def create_record(
    store: Store, *, actor: Actor, value: R, now: datetime, idempotency: IdempotencyClaim | None = None, override_reason: str | None = None
) -> R:
    """
    Keep a new record, whose id the caller has chosen; the answer has version 1.

    Raises DomainError ``reference.not_found``, ``name.taken``, ``external_id.taken``, ``capacity.exceeded`` for a booking beyond what
    is free (not with an ``override_reason`` and the right to book so), and Replayed.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        _prepare(tx, value, override_reason)
        if isinstance(value, ChangeOrder):
            value = cast("R", completed(tx, value))
        added = tx.area(AREA_OF[type(value)]).add(value)
        _require_moves(tx, value)
        _require_by_hand(tx, value)
        _check(tx, value)
        check_approved_stays(ApprovedWork(tx))
        return tx.answer(cast("R", _settled(tx, added)))


@retried
def change_record(store: Store, *, actor: Actor, value: R, now: datetime, override_reason: str | None = None) -> R:
    """
    Replace a record; the answer has the next version. Where nothing differs nothing is written, and the version stays.

    Raises like ``create_record``, and ``version.stale``, ``record.not_found``, ``rate.in_use`` or ``price.in_use`` where approved time
    would get another price or cost.
    """
    with store.begin(actor, now=now) as tx:
        _prepare(tx, value, override_reason)
        repository = tx.area(AREA_OF[type(value)])
        repository.require_change(value.id)
        before = repository.find(value.id)
        if isinstance(value, ChangeOrder):
            value = cast("R", completed(tx, value, before=before))
        if before == value:
            return value
        _require_moves(tx, value, before)
        _require_by_hand(tx, value, before)
        if isinstance(value, Demand):
            before = tx.demands.get(value.id)
            check_demand_stays(before, value, bookings=tx.unrestricted.bookings.matching(demand_id=value.id))
        if isinstance(value, Project) and isinstance(before, Project):
            check_value_stays(before, value, tx.unrestricted.area("change_orders").matching(project_id=value.id))
        if isinstance(value, Task) and isinstance(before, Task):
            check_stays(before, value)
            check_step(before, value)
        if isinstance(value, AbsenceKind) and isinstance(before, AbsenceKind):
            check_name_stays(before, value)
        saved = repository.save(value)
        _check(tx, value)
        check_approved_stays(ApprovedWork(tx))
        return cast("R", _settled(tx, saved))


@retried
def delete_record(store: Store, *, actor: Actor, area: str, record_id: str, version: int, now: datetime) -> None:
    """
    Delete a record that nothing refers to.

    Raises DomainError ``record.in_use``, ``version.stale``, ``record.not_found``, ``rate.in_use`` for a bill rate of approved time, ``price.in_use``.
    """
    with store.begin(actor, now=now) as tx:
        if area == "bookings":
            _hold_days(tx, record_id)
        before = tx.area(area).find(record_id)
        if isinstance(before, ChangeOrder):
            before.require_draft()
        tx.area(area).delete(record_id, version)
        check_approved_stays(ApprovedWork(tx))
        _require_moves(tx, before)
        _require_by_hand(tx, before)


@retried
def change_firm(store: Store, *, actor: Actor, firm: Firm, now: datetime) -> Firm:
    """Set the firm's settings; version 0 says nobody has before. Raises DomainError ``firm.currency_in_use``, ``version.stale``."""
    with store.begin(actor, now=now) as tx:
        stored = tx.firm.get()
        tx.firm.require_change()
        if stored.version and stored == firm:
            return stored
        everything = tx.unrestricted
        amounts = (everything.people, everything.bill_rates, everything.projects, everything.demands, everything.area("exchange_rates"))
        has_amounts = any(not area.is_empty() for area in amounts)
        check_currency_stays(stored, firm, has_amounts=has_amounts)
        return tx.firm.save(firm)


def _prepare(tx: Transaction, value: Record, override_reason: str | None) -> None:
    """Take the locks of a booking's people before its own, and leave to book beyond their capacity where it is asked for."""
    if override_reason is not None:
        require(tx.actor, BOOKINGS_OVERBOOK)
        tx.allow_excess(override_reason)
    if isinstance(value, Booking):
        _hold_days(tx, value.id, value)
    if isinstance(value, Delegation):
        # Oneself, and whoever may decide: a lead sees only those who are booked on their projects.
        tx.vouch("people", _deciders(tx) | ({tx.actor.person_id} if tx.actor.person_id is not None else set()))
    if isinstance(value, Task):
        tx.projects.hold(value.project_id)  # so of two moves in one tree one sees the other


def _require_moves(tx: Transaction, *states: Record | None) -> None:
    """A booking's state asks for rights of its own: that of before, and that of now."""
    require_moves(tx.actor, [one for one in states if isinstance(one, Booking)], Mover.HAND)


def _require_by_hand(tx: Transaction, *states: Record | None) -> None:
    """An absence that came from a request goes with it, and nobody writes down their own where somebody has to be asked."""
    absences = [one for one in states if isinstance(one, Absence)]
    if absences:
        check_by_hand(tx.actor, absences, kinds=tx.unrestricted.area("absence_kinds").all())


def _hold_days(tx: Transaction, booking_id: str, value: Booking | None = None) -> None:
    found = [one for one in (tx.unrestricted.bookings.find(booking_id), value) if one is not None]
    tx.hold_days(people={one.person_id for one in found}, demands={one.demand_id for one in found if one.demand_id is not None})


def _settled(tx: Transaction, value: Record) -> Record:
    """The value once its days are counted: a booking knows then whether it is beyond capacity."""
    tx.settle_days()
    return tx.bookings.get(value.id) if isinstance(value, Booking) else value


def _deciders(tx: Transaction) -> set[str]:
    """People with a login that may decide about lines."""
    return {seat.person_id for seat in tx.line_approvals.seats() if seat.person_id is not None}


def _check(tx: Transaction, value: Record) -> None:
    if isinstance(value, Booking) and value.demand_id is not None:
        check_booking_of_demand(value, tx.unrestricted.demands.get(value.demand_id))
    if isinstance(value, BillRate):
        tx.firm.lock()  # so of two rates written at the same time one sees the other
        check_rate_alone(value, tx.unrestricted.bill_rates.all(), home=tx.unrestricted.firm.get().currency)
    if isinstance(value, ExchangeRate):
        check_foreign(value, home=tx.unrestricted.firm.get().currency)
    if isinstance(value, Project):
        check_project_of_contract(tx, value)
    if isinstance(value, Task):
        check_place(value, tx.unrestricted.area("tasks").matching(project_id=value.project_id))
    if isinstance(value, Budget):
        check_limits(tx.unrestricted.area("budgets").get(value.id))
        check_target(tx, value)
    if isinstance(value, Calendar):
        check_region(value.country, value.subdivision)
    if isinstance(value, TimePolicy):
        tx.firm.lock()
        check_policy_alone(value, tx.unrestricted.area("time_policies").all())
    if isinstance(value, RebalancePolicy):
        check_cron(value.cron)
        faults = Faults()
        check_groups(faults, value, people=tx.unrestricted.people.all())
        faults.raise_any("rebalance policy")
    if isinstance(value, Delegation):
        check_deputy(value, by=tx.actor.person_id, deciders=_deciders(tx))
