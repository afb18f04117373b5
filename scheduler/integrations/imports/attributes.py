"""The attributes of each area's values, made from the fields of its records."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import DayPart
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState, WeekEffort
from scheduler.integrations.imports.billing_attributes import BILLING_BUILDERS
from scheduler.integrations.imports.parts import invalid_field
from scheduler.integrations.imports.readers import Attributes, enum_of, linked, minor, part, renamed, same_names
from scheduler.public_holidays import check_region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from scheduler.integrations.imports.parts import Parts
    from scheduler.integrations.imports.records import Record
    from scheduler.integrations.imports.references import References

MAX_WEEKS = 1_040
"""Weeks that a demand may span."""


def _period(record: Record, *, required: bool) -> Attributes:
    if "start" not in record.values and "end" not in record.values:
        return {}
    start, end = cast("date | None", record.values.get("start")), cast("date | None", record.values.get("end"))
    if start is None and (end is not None or required):
        if record.sound:
            raise invalid_field("/period/start", "field.missing", "An end without a start; give the first day too.")
        return {}
    return {"period": None if start is None else DateInterval(start, end)}


def _shift(record: Record) -> Attributes:
    if "shift_earliest" not in record.values and "shift_latest" not in record.values:
        return {}
    low, high = (cast("int | None", record.values.get(name)) for name in ("shift_earliest", "shift_latest"))
    return {"shift_weeks": None if low is None and high is None else (low or 0, high or 0)}


def _groups(record: Record, references: References, *names: str) -> Attributes:
    return {
        name: tuple(frozenset(references.all(record, name, group)) for group in cast("Iterable[Iterable[str]]", record.values[name] or ()))
        for name in names
        if name in record.values
    }


def _skill(record: Record, _r: References, _p: Parts, _c: str) -> Attributes:
    return same_names(record, "name", "family")


def _calendar(record: Record, _r: References, parts: Parts, _c: str) -> Attributes:
    country, subdivision = (cast("str | None", record.values.get(name)) for name in ("country", "subdivision"))
    try:
        check_region(country, subdivision)
    except DomainError as error:
        wrong = "/subdivision" if error.code == "calendar.subdivision_unknown" else "/country"
        raise invalid_field(wrong, error.code, error.detail) from error
    return same_names(record, "name", "country", "subdivision") | part(parts, record, "closures")


def _person(record: Record, _r: References, parts: Parts, _c: str) -> Attributes:
    return same_names(record, "name", "email", "team", "max_demands") | part(parts, record, "terms") | part(parts, record, "person_skills")


def _client(record: Record, _r: References, _p: Parts, _c: str) -> Attributes:
    return same_names(record, "name")


def _project(record: Record, references: References, _p: Parts, currency: str) -> Attributes:
    return (
        same_names(record, "name", "probability", "priority", "all_or_nothing")
        | linked(record, references, "client")
        | enum_of(record, "state", ProjectState)
        | enum_of(record, "contract", ContractKind)
        | renamed(record, planned_minutes="planned_hours", budget_minutes="budget_hours")
        | minor(record, currency, contract_value_minor="contract_value", budget_minor="budget")
        | _period(record, required=False)
        | _shift(record)
        | _groups(record, references, "apart", "together")
    )


def _demand(record: Record, references: References, parts: Parts, _c: str) -> Attributes:
    made = (
        same_names(record, "name", "overqualified_cost", "grade", "bill_rate", "shares", "max_people", "min_run_weeks", "min_coverage")
        | linked(record, references, "project")
        | _shift(record)
        | _effort(record, parts)
    )
    for name in ("requires", "prefers"):
        if name in record.values:
            levels = cast("Mapping[str, Any]", record.values[name] or {})
            made[name] = dict(zip(references.all(record, name, levels), levels.values(), strict=True))
    for name in ("only", "never"):
        if name in record.values:
            keys = cast("tuple[str, ...] | None", record.values[name])
            made[name] = None if keys is None else frozenset(references.all(record, name, keys))
    if "locations" in record.values:
        places = cast("tuple[str, ...] | None", record.values["locations"])
        made["locations"] = None if places is None else frozenset(places)
    return made


def _effort(record: Record, parts: Parts) -> Attributes:
    """Weeks listed one by one, or the same hours from a first to a last week."""
    listed = parts.given("demand_weeks", record.key or "")
    first, last, minutes = (record.values.get(name) for name in ("first_week", "last_week", "weekly_hours"))
    if first is None and last is None and minutes is None:
        return {"effort": () if listed is None else listed} if listed is not None or "project" in record.values else {}
    if listed:
        raise invalid_field(
            "/weekly_hours", "demand.effort_twice", "The demand has weekly hours here and weeks listed one by one too; keep one of them."
        )
    if first is None or last is None or minutes is None:
        if not record.sound:
            return {}
        raise invalid_field(
            "/weekly_hours", "field.missing", "first_week, last_week and weekly_hours go together (or list the weeks under demand_weeks)."
        )
    begin, end = cast("date", first), cast("date", last)
    count = (end - begin).days // 7 + 1
    if not 1 <= count <= MAX_WEEKS:
        raise invalid_field("/last_week", "interval.empty", f"From {begin} to {end} are not 1 to {MAX_WEEKS} weeks; correct one of them.")
    weeks = (begin + timedelta(days=7 * number) for number in range(count if minutes else 0))
    return {"effort": tuple(WeekEffort(week=week, minutes=cast("int", minutes)) for week in weeks)}


def _bill_rate(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    return same_names(record, "rate", "grade", "valid_from", "valid_until", "currency") | linked(
        record, references, "project", "person", "client", "activity_type"
    )


def _exchange_rate(record: Record, _r: References, _p: Parts, _c: str) -> Attributes:
    return same_names(record, "currency", "day", "rate", "source")


def _absence(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    return (
        linked(record, references, "person")
        | _period(record, required=True)
        | enum_of(record, "part", DayPart)
        | same_names(record, "kind")
    )


def _booking(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    return (
        linked(record, references, "person", "project", "demand")
        | _period(record, required=True)
        | same_names(record, "share", "shift_weeks")
        | renamed(record, weekly_minutes="weekly_hours")
        | enum_of(record, "state", BookingState)
    )


def _activity_type(record: Record, _r: References, _p: Parts, _c: str) -> Attributes:
    return same_names(record, "name", "is_billable", "is_active")


def _task(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    return (
        same_names(record, "name", "position", "due", "is_billable")
        | linked(record, references, "project", "parent_task", "owner")
        | enum_of(record, "kind", TaskKind)
        | enum_of(record, "state", TaskState)
        | renamed(record, estimate_minutes="estimate_hours")
        | _period(record, required=False)
    )


def _time_entry(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    return (
        same_names(record, "is_billable", "ticket_ref", "note")
        | linked(record, references, "person", "project", "task", "activity_type")
        | enum_of(record, "state", LineState)
        | renamed(record, work_date="day", minutes="hours")
    )


def _expense_category(record: Record, _r: References, _p: Parts, _c: str) -> Attributes:
    return same_names(record, "name", "is_allowed", "tax_rate", "tax_category", "markup", "is_reimbursable", "is_billable")


def _expense(record: Record, references: References, _p: Parts, currency: str) -> Attributes:
    """The amount is in the record's own currency, or in the firm's where it names none."""
    own = cast("str | None", record.values.get("currency")) or currency
    return (
        same_names(record, "rate", "rate_date", "rate_source", "tax_rate", "markup", "is_reimbursable", "is_billable", "note")
        | linked(record, references, "person", "project", "task", "category")
        | enum_of(record, "state", LineState)
        | renamed(record, work_date="day")
        | minor(record, own, amount_minor="amount")
        | {"currency": own}
    )


BUILDERS: dict[str, Callable[[Record, References, Parts, str], Attributes]] = {
    "skills": _skill,
    "calendars": _calendar,
    "people": _person,
    "clients": _client,
    "projects": _project,
    "demands": _demand,
    "bill_rates": _bill_rate,
    "exchange_rates": _exchange_rate,
    "absences": _absence,
    "bookings": _booking,
    "activity_types": _activity_type,
    "tasks": _task,
    "time_entries": _time_entry,
    "expense_categories": _expense_category,
    "expenses": _expense,
    **BILLING_BUILDERS,
}
