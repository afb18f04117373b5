"""The areas that an import may feed, their fields, and what each field holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.domain.staffing.people import DayPart, Employment
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.integrations.imports.area_specs import AreaSpec, FieldSpec, Shape
from scheduler.integrations.imports.billing_areas import BILLING_AREAS

if TYPE_CHECKING:
    from enum import StrEnum

_DAY_MIN = Decimal(24 * 60)
_WEEK_MIN = 7 * _DAY_MIN
_ENTRY_MIN = 1_500
"""The longest day: the night when clocks go back."""
_LARGE = Decimal(10) ** 12


def _text(*, required: bool = False) -> FieldSpec:
    return FieldSpec(shape=Shape.TEXT, required=required)


def _key(to: str | None = None, *, required: bool = False) -> FieldSpec:
    return FieldSpec(shape=Shape.KEY, to=to, required=required)


def _keys(shape: Shape, to: str) -> FieldSpec:
    return FieldSpec(
        shape=shape, to=to, low=Decimal(1) if shape is Shape.LEVELS else None, high=Decimal(5) if shape is Shape.LEVELS else None
    )


def _number(shape: Shape, low: Decimal | int | str | None, high: Decimal | int | None, *, required: bool = False) -> FieldSpec:
    return FieldSpec(
        shape=shape, required=required, low=None if low is None else Decimal(low), high=None if high is None else Decimal(high)
    )


def _choice(choices: type[StrEnum], *, required: bool = False) -> FieldSpec:
    return FieldSpec(shape=Shape.CHOICE, required=required, choices=tuple(str(choice.value) for choice in choices))


def _date(shape: Shape = Shape.DATE, *, required: bool = False) -> FieldSpec:
    return FieldSpec(shape=shape, required=required)


_YES_NO = FieldSpec(shape=Shape.YES_NO)
_LEVEL = _number(Shape.INTEGER, 1, 5, required=True)
_RATE = _number(Shape.NUMBER, 0, 1_000_000)
_DAY_HOURS = _number(Shape.DURATION, 0, _DAY_MIN)
WEEKDAY_HOURS = tuple(f"{day}_hours" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))

AREAS: dict[str, AreaSpec] = {
    "skills": AreaSpec(fields={"id": _key(required=True), "name": _text(required=True), "family": _text()}),
    "calendars": AreaSpec(fields={"id": _key(required=True), "name": _text(required=True), "country": _text(), "subdivision": _text()}),
    "closures": AreaSpec(
        part_of="calendar",
        fields={"calendar": _key("calendars", required=True), "day": _date(required=True), "part": _choice(DayPart), "name": _text()},
    ),
    "people": AreaSpec(
        fields={
            "id": _key(required=True),
            "name": _text(required=True),
            "email": _text(),
            "team": _text(),
            "max_demands": _number(Shape.INTEGER, 1, 1_000),
        }
    ),
    "terms": AreaSpec(
        part_of="person",
        fields={
            "person": _key("people", required=True),
            "start": _date(required=True),
            "end": _date(Shape.END),
            "employment": _choice(Employment, required=True),
            "calendar": _key("calendars", required=True),
            "weekly_hours": _number(Shape.DURATION, 0, _WEEK_MIN),
            "workdays": FieldSpec(shape=Shape.WEEKDAYS),
            **dict.fromkeys(WEEKDAY_HOURS, _DAY_HOURS),
            "cost_rate": _number(Shape.NUMBER, 0, 1_000_000, required=True),
            "location": _text(),
            "grade": _text(),
            "billable_target": _number(Shape.NUMBER, 0, 1),
        },
    ),
    "person_skills": AreaSpec(
        part_of="person",
        fields={
            "person": _key("people", required=True),
            "skill": _key("skills", required=True),
            "level": _LEVEL,
            "valid_from": _date(),
            "valid_until": _date(),
        },
    ),
    "absences": AreaSpec(
        id_from=("person", "start", "part"),
        fields={
            "id": _key(),
            "person": _key("people", required=True),
            "start": _date(required=True),
            "end": _date(Shape.END, required=True),
            "part": _choice(DayPart),
            "kind": _text(),
        },
    ),
    "clients": AreaSpec(fields={"id": _key(required=True), "name": _text(required=True)}),
    "projects": AreaSpec(
        fields={
            "id": _key(required=True),
            "name": _text(required=True),
            "client": _key("clients"),
            "state": _choice(ProjectState),
            "probability": _number(Shape.NUMBER, 0, 1),
            "priority": _number(Shape.NUMBER, "0.0001", 1_000),
            "contract": _choice(ContractKind),
            "contract_value": _number(Shape.MONEY, 0, _LARGE),
            "planned_hours": _number(Shape.DURATION, 1, _LARGE),
            "budget_hours": _number(Shape.DURATION, 0, _LARGE),
            "budget": _number(Shape.MONEY, 0, _LARGE),
            "start": _date(),
            "end": _date(Shape.END),
            "all_or_nothing": _YES_NO,
            "shift_earliest": _number(Shape.INTEGER, -520, 520),
            "shift_latest": _number(Shape.INTEGER, -520, 520),
            "apart": _keys(Shape.KEY_GROUPS, "people"),
            "together": _keys(Shape.KEY_GROUPS, "people"),
        }
    ),
    "demands": AreaSpec(
        fields={
            "id": _key(required=True),
            "project": _key("projects", required=True),
            "name": _text(required=True),
            "requires": _keys(Shape.LEVELS, "skills"),
            "prefers": _keys(Shape.BONUSES, "skills"),
            "overqualified_cost": _RATE,
            "grade": _text(),
            "bill_rate": _RATE,
            "locations": FieldSpec(shape=Shape.TEXTS),
            "shares": _number(Shape.NUMBERS, "0.0001", 1),
            "max_people": _number(Shape.INTEGER, 1, 1_000),
            "min_run_weeks": _number(Shape.INTEGER, 1, 1_000),
            "min_coverage": _number(Shape.NUMBER, 0, 1),
            "shift_earliest": _number(Shape.INTEGER, -520, 520),
            "shift_latest": _number(Shape.INTEGER, -520, 520),
            "only": _keys(Shape.KEYS, "people"),
            "never": _keys(Shape.KEYS, "people"),
            "first_week": _date(Shape.WEEK),
            "last_week": _date(Shape.WEEK),
            "weekly_hours": _number(Shape.DURATION, 0, _LARGE),
        }
    ),
    "demand_weeks": AreaSpec(
        part_of="demand",
        fields={
            "demand": _key("demands", required=True),
            "week": _date(Shape.WEEK, required=True),
            "hours": _number(Shape.DURATION, 0, _LARGE, required=True),
        },
    ),
    "bill_rates": AreaSpec(
        id_from=("project", "person", "grade", "valid_from"),
        id_more=("client", "activity_type", "currency"),
        fields={
            "id": _key(),
            "rate": _number(Shape.NUMBER, 0, 1_000_000, required=True),
            "project": _key("projects"),
            "person": _key("people"),
            "grade": _text(),
            "valid_from": _date(),
            "valid_until": _date(),
            "client": _key("clients"),
            "activity_type": _key("activity_types"),
            "currency": _text(),
        },
    ),
    "exchange_rates": AreaSpec(
        id_from=("currency", "day"),
        fields={
            "id": _key(),
            "currency": _text(required=True),
            "day": _date(required=True),
            "rate": _number(Shape.RATE, "0.0000000001", 100_000_000, required=True),
            "source": _text(required=True),
        },
    ),
    "bookings": AreaSpec(
        id_from=("person", "project", "demand", "start"),
        fields={
            "id": _key(),
            "person": _key("people", required=True),
            "project": _key("projects", required=True),
            "demand": _key("demands"),
            "start": _date(required=True),
            "end": _date(Shape.END, required=True),
            "share": _number(Shape.NUMBER, "0.0001", 1),
            "shift_weeks": _number(Shape.INTEGER, -520, 520),
            "weekly_hours": _number(Shape.DURATION, 1, _WEEK_MIN),
            "state": _choice(BookingState),
        },
    ),
    "activity_types": AreaSpec(
        fields={"id": _key(required=True), "name": _text(required=True), "is_billable": _YES_NO, "is_active": _YES_NO},
    ),
    "tasks": AreaSpec(
        fields={
            "id": _key(required=True),
            "project": _key("projects", required=True),
            "name": _text(required=True),
            "kind": _choice(TaskKind),
            "parent_task": _key("tasks"),
            "position": _number(Shape.INTEGER, 0, 1_000_000),
            "start": _date(),
            "end": _date(Shape.END),
            "due": _date(),
            "owner": _key("people"),
            "state": _choice(TaskState),
            "estimate_hours": _number(Shape.DURATION, 0, 100_000_000),
            "is_billable": _YES_NO,
        }
    ),
    "time_entries": AreaSpec(
        id_from=("person", "project", "task", "activity_type", "day"),
        fields={
            "id": _key(),
            "person": _key("people", required=True),
            "project": _key("projects", required=True),
            "task": _key("tasks"),
            "activity_type": _key("activity_types"),
            "day": _date(required=True),
            "hours": _number(Shape.DURATION, 1, _ENTRY_MIN, required=True),
            "is_billable": _YES_NO,
            "ticket_ref": _text(),
            "note": _text(),
            "state": _choice(LineState, required=True),
        },
    ),
    "expense_categories": AreaSpec(
        fields={
            "id": _key(required=True),
            "name": _text(required=True),
            "is_allowed": _YES_NO,
            "tax_rate": _number(Shape.NUMBER, 0, 1),
            "tax_category": _text(),
            "markup": _number(Shape.NUMBER, 0, 10),
            "is_reimbursable": _YES_NO,
            "is_billable": _YES_NO,
        }
    ),
    "expenses": AreaSpec(
        fields={
            "id": _key(required=True),
            "person": _key("people", required=True),
            "project": _key("projects", required=True),
            "task": _key("tasks"),
            "category": _key("expense_categories", required=True),
            "day": _date(required=True),
            "amount": _number(Shape.MONEY, "0.0001", _LARGE, required=True),
            "currency": _text(),
            "rate": _number(Shape.RATE, "0.0000000001", 100_000_000),
            "rate_date": _date(),
            "rate_source": _text(),
            "tax_rate": _number(Shape.NUMBER, 0, 1),
            "markup": _number(Shape.NUMBER, 0, 10),
            "is_reimbursable": _YES_NO,
            "is_billable": _YES_NO,
            "note": _text(),
            "state": _choice(LineState, required=True),
        }
    ),
    **BILLING_AREAS,
}
