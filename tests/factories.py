"""The firm's values with sensible defaults: a test says only what it is about."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.charges import Charge, ChargeKind
from scheduler.domain.billing.contracts import Contract, ContractKind
from scheduler.domain.billing.parties import Address, ClientAccount, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.delivery.expense_categories import ExpenseCategory
from scheduler.domain.delivery.expenses import Expense
from scheduler.domain.delivery.tasks import Task
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.bill_rates import BillRate
from scheduler.domain.ground.ids import (
    AbsenceId,
    AbsenceKindId,
    AbsenceRequestId,
    BillRateId,
    BookingId,
    CalendarId,
    ChargeId,
    ClientAccountId,
    ClientId,
    ContractId,
    DemandId,
    ExpenseCategoryId,
    ExpenseId,
    LegalEntityId,
    PersonId,
    ProjectId,
    SkillId,
    TaskId,
    TaxCodeId,
    TimeEntryId,
)
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.absence_kinds import AbsenceKind
from scheduler.domain.staffing.absence_requests import AbsenceRequest
from scheduler.domain.staffing.people import Absence, Calendar, Closure, DayPart, Employment, HeldSkill, Person, Skill, Term
from scheduler.domain.staffing.work import Booking, Client, Demand, Firm, Project, WeekEffort
from scheduler.planning.request import PlanRequest
from scheduler.planning.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MONDAY = date(2027, 3, 1)
"""First day of the horizons here: a Monday with no public holiday near it."""

FULL_WEEK = (480, 480, 480, 480, 480, 0, 0)
FULL_WEEK_MIN = 2_400


def monday(week: int) -> date:
    """The Monday that begins a week of the horizon, counted from 0; negative before it."""
    return MONDAY + timedelta(weeks=week)


def weeks(first: int, last: int) -> DateInterval:
    """The weeks ``first`` to ``last`` of the horizon, both included."""
    return DateInterval(monday(first), monday(last + 1))


def make_firm(**changes: Any) -> Firm:
    return Firm(**{"name": "Acme Advisers", "currency": "EUR", "shadow_rate": Decimal(40), **changes})


def make_skill(name: str = "sap", **changes: Any) -> Skill:
    return Skill(**{"id": SkillId(name), "name": name.upper(), **changes})


def make_calendar(calendar_id: str = "plain", **changes: Any) -> Calendar:
    return Calendar(**{"id": CalendarId(calendar_id), "name": calendar_id, **changes})


def make_closure(day: date = MONDAY, **changes: Any) -> Closure:
    return Closure(**{"day": day, "name": "Closed", **changes})


def make_term(**changes: Any) -> Term:
    defaults = {
        "period": DateInterval(date(2020, 1, 1)),
        "employment": Employment.EMPLOYEE,
        "calendar_id": CalendarId("plain"),
        "weekly_minutes": FULL_WEEK,
        "cost_rate": Decimal(50),
    }
    return Term(**{**defaults, **changes})


def make_held(skill: str = "sap", level: int = 3, **changes: Any) -> HeldSkill:
    return HeldSkill(**{"skill_id": SkillId(skill), "level": level, **changes})


def make_person(name: str = "ann", **changes: Any) -> Person:
    """Full time at 50 an hour, with SAP at level 3; the id is the name."""
    return Person(**{"id": PersonId(name), "name": name.title(), "terms": (make_term(),), "skills": (make_held(),), **changes})


def make_absence(person: str = "ann", *, first: date = MONDAY, days: int = 1, **changes: Any) -> Absence:
    period = DateInterval(first, first + timedelta(days=days))
    defaults = {"id": AbsenceId(f"absence-{person}-{first}"), "person_id": PersonId(person), "period": period, "part": DayPart.WHOLE}
    return Absence(**{**defaults, **changes})


def make_client(name: str = "client", **changes: Any) -> Client:
    return Client(**{"id": ClientId(name), "name": name.title(), **changes})


def make_project(name: str = "alpha", **changes: Any) -> Project:
    """Won, time and materials; the id is the name."""
    return Project(**{"id": ProjectId(name), "name": name.title(), **changes})


def make_effort(minutes: Mapping[int, int]) -> tuple[WeekEffort, ...]:
    """Effort by week of the horizon."""
    return tuple(WeekEffort(week=monday(week), minutes=minutes[week]) for week in sorted(minutes))


def make_demand(name: str = "lead", *, project: str = "alpha", effort: Mapping[int, int] | None = None, **changes: Any) -> Demand:
    """Half time in the first four weeks at a bill rate of 100 an hour; the id is ``project-name``."""
    minutes = dict.fromkeys(range(4), 1_200) if effort is None else effort
    defaults = {
        "id": DemandId(f"{project}-{name}"),
        "project_id": ProjectId(project),
        "name": name.title(),
        "effort": make_effort(minutes),
        "bill_rate": Decimal(100),
    }
    return Demand(**{**defaults, **changes})


def make_booking(person: str = "ann", *, demand: str | None = "alpha-lead", project: str = "alpha", **changes: Any) -> Booking:
    """The whole effort of a demand in the first four weeks; without a demand a day a week."""
    defaults: dict[str, Any] = {
        "id": BookingId(f"booking-{person}-{demand or project}"),
        "person_id": PersonId(person),
        "project_id": ProjectId(project),
        "period": weeks(0, 3),
    }
    defaults |= {"weekly_minutes": 480} if demand is None else {"demand_id": DemandId(demand), "share": Decimal(1)}
    return Booking(**{**defaults, **changes})


def make_bill_rate(rate: int | str = 100, *, rate_id: str | None = None, **changes: Any) -> BillRate:
    return BillRate(**{"id": BillRateId(rate_id or f"rate-{rate}"), "rate": Decimal(rate), **changes})


def make_task(name: str = "design", *, project: str = "alpha", parent: str | None = None, **changes: Any) -> Task:
    """A task whose id is its project and name; ``parent`` is the name of the one it is part of."""
    defaults: dict[str, Any] = {"id": TaskId(f"{project}-{name}"), "project_id": ProjectId(project), "name": name}
    if parent is not None:
        defaults["parent_task_id"] = TaskId(f"{project}-{parent}")
    return Task(**{**defaults, **changes})


def make_time_entry(person: str = "ann", *, project: str = "alpha", day: date = MONDAY, **changes: Any) -> TimeEntry:
    """An hour on a Monday; the id says whose and when."""
    defaults: dict[str, Any] = {
        "id": TimeEntryId(f"time-{person}-{day}"),
        "person_id": PersonId(person),
        "project_id": ProjectId(project),
        "work_date": day,
        "minutes": 60,
    }
    return TimeEntry(**{**defaults, **changes})


def make_snapshot(*, people: Iterable[Person] | None = None, demands: Iterable[Demand] | None = None, **changes: Any) -> Snapshot:
    """One person, one project with one demand, and the skill between them."""
    defaults = {
        "firm": make_firm(),
        "skills": (make_skill(), make_skill("java")),
        "calendars": (make_calendar(),),
        "people": (make_person(),) if people is None else tuple(people),
        "projects": (make_project(),),
        "demands": (make_demand(),) if demands is None else tuple(demands),
    }
    return Snapshot(**{**defaults, **changes})


def make_request(**changes: Any) -> PlanRequest:
    """Eight weeks from ``MONDAY``."""
    return PlanRequest(**{"horizon_start": MONDAY, "weeks": 8, **changes})


def make_absence_kind(name: str = "vacation", **changes: Any) -> AbsenceKind:
    """Thirty days a year from 2026 on, counted in half days, that have to be approved; the id is the name."""
    defaults: dict[str, Any] = {"id": AbsenceKindId(name), "name": name, "entitlement": 60, "first_year": 2026}
    return AbsenceKind(**{**defaults, **changes})


def make_sick_leave(**changes: Any) -> AbsenceKind:
    """A kind that can always be recorded."""
    return AbsenceKind(**{"id": AbsenceKindId("sick"), "name": "sick", "needs_approval": False, "is_always_recordable": True, **changes})


def make_absence_request(
    person: str = "ann", *, first: date = MONDAY, days: int = 1, kind: str = "vacation", **changes: Any
) -> AbsenceRequest:
    """For whole days from ``first`` on; the id is the person and the day."""
    defaults: dict[str, Any] = {
        "id": AbsenceRequestId(f"request-{person}-{first}"),
        "person_id": PersonId(person),
        "kind_id": AbsenceKindId(kind),
        "period": DateInterval(first, first + timedelta(days=days)),
    }
    return AbsenceRequest(**{**defaults, **changes})


def make_expense_category(name: str = "travel", **changes: Any) -> ExpenseCategory:
    """Without limits, with 19 % tax and 10 % markup; the id is the name."""
    defaults: dict[str, Any] = {"id": ExpenseCategoryId(name), "name": name, "tax_rate": Decimal("0.19"), "markup": Decimal("0.1")}
    return ExpenseCategory(**{**defaults, **changes})


def make_expense(person: str = "ann", *, category: str = "travel", project: str = "alpha", **changes: Any) -> Expense:
    """119.00 EUR on MONDAY."""
    defaults: dict[str, Any] = {
        "id": ExpenseId(f"expense-{person}"),
        "person_id": PersonId(person),
        "project_id": ProjectId(project),
        "category_id": ExpenseCategoryId(category),
        "work_date": MONDAY,
        "amount_minor": 119_00,
        "currency": "EUR",
    }
    return Expense(**{**defaults, **changes})


def make_tax_code(**changes: Any) -> TaxCode:
    rates = (TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(19)),)
    return TaxCode(**{"id": TaxCodeId("vat"), "name": "VAT", "category": TaxCategory.STANDARD, "rates": rates, **changes})


def make_legal_entity(**changes: Any) -> LegalEntity:
    address = Address(line1="Main Street 1", postcode="10115", city="Berlin", country="DE")
    base = {"id": LegalEntityId("acme-advisers"), "name": "Acme Advisers", "address": address, "tax_code_id": TaxCodeId("vat")}
    return LegalEntity(**{**base, **changes})


def make_client_account(client: str = "acme", **changes: Any) -> ClientAccount:
    address = Address(line1="High Road 7", postcode="20095", city="Hamburg", country="DE")
    base = {"id": ClientAccountId(f"account-{client}"), "client_id": ClientId(client), "name": f"{client} Ltd", "address": address}
    return ClientAccount(**{**base, **changes})


def make_contract(project: str = "alpha", kind: ContractKind = ContractKind.TIME_AND_MATERIALS, **changes: Any) -> Contract:
    base: dict[str, Any] = {
        "id": ContractId(f"contract-{project}"),
        "project_id": ProjectId(project),
        "name": f"Work on {project}",
        "kind": kind,
        "currency": "EUR",
        "legal_entity_id": LegalEntityId("acme-advisers"),
        "starts_on": date(2026, 1, 1),
    }
    return Contract(**{**base, **changes})


def make_charge(project: str = "alpha", kind: ChargeKind = ChargeKind.DEPOSIT, **changes: Any) -> Charge:
    base: dict[str, Any] = {
        "id": ChargeId(f"charge-{project}"),
        "contract_id": ContractId(f"contract-{project}"),
        "kind": kind,
        "name": "On signing",
        "due_on": date(2026, 1, 1),
        "amount_minor": 1_000_00,
    }
    return Charge(**{**base, **changes})
