"""Parts of values: employment periods, held skills, closures and weeks, each from a row of its own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from scheduler.domain.billing.tax_codes import TaxRate
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import CalendarId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Closure, DayPart, Employment, HeldSkill, Term
from scheduler.domain.staffing.work import WeekEffort
from scheduler.integrations.imports.areas import AREAS, WEEKDAY_HOURS
from scheduler.integrations.imports.records import Record
from scheduler.integrations.imports.references import Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from decimal import Decimal

    from scheduler.integrations.imports.faults import Faults
    from scheduler.integrations.imports.records import Records
    from scheduler.integrations.imports.references import References

PART_AREAS = {"terms": "people", "person_skills": "people", "closures": "calendars", "demand_weeks": "demands", "tax_rates": "tax_codes"}
"""Areas whose records become parts of another area's values."""
PART_ATTRIBUTE = {"terms": "terms", "person_skills": "skills", "closures": "closures", "demand_weeks": "effort", "tax_rates": "rates"}
FIELD_OF = {
    "client_id": "client",
    "project_id": "project",
    "person_id": "person",
    "demand_id": "demand",
    "calendar_id": "calendar",
    "skill_id": "skill",
    "task_id": "task",
    "category_id": "category",
    "tax_code_id": "tax_code",
    "legal_entity_id": "legal_entity",
    "contract_id": "contract",
    "address/country": "country",
    "cap_minor": "cap",
    "value_minor": "value",
    "retainer/fee_minor": "fee",
    "fee_minor": "fee",
    "retainer": "fee",
    "amount_minor": "amount",
    **{f"{name}_minor": name for name in ("earned", "billed", "home", "net", "gross", "open", "retained")},
    "parent_task_id": "parent_task",
    "owner_id": "owner",
    "activity_type_id": "activity_type",
    "work_date": "day",
    "minutes": "hours",
    "estimate_minutes": "estimate_hours",
    "weekly_minutes": "weekly_hours",
    "contract_value_minor": "contract_value",
    "planned_minutes": "planned_hours",
    "budget_minutes": "budget_hours",
    "budget_minor": "budget",
    "period/start": "start",
    "period/end": "end",
    "period": "start",
    "shift_weeks": "shift_earliest",
    "external_id": "id",
    "name_key": "name",
}
"""Where a domain's attribute comes from, if the field has another name."""


@dataclass(slots=True)
class Parts:
    """Terms, held skills, closures and weeks, by the external id of what they are parts of."""

    values: dict[tuple[str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    records: dict[tuple[str, str], list[Record]] = field(default_factory=lambda: defaultdict(list))
    broken: set[tuple[str, str]] = field(default_factory=set)
    fed: set[str] = field(default_factory=set)

    def given(self, part_area: str, key: str) -> tuple[Any, ...] | None:
        """The parts of one value; ``None`` when the map does not feed them, so that what is stored stays."""
        return tuple(self.values[part_area, key]) if part_area in self.fed else None

    def is_broken(self, area: str, key: str) -> bool:
        """Whether one of the parts has a fault."""
        return any((part, key) in self.broken for part, parent in PART_AREAS.items() if parent == area)

    def strays(self, area: str, records: Records) -> Iterator[Record]:
        """Records without fields for what is stored already and gets parts only."""
        known = {record.key for record in records.by_area.get(area, ())}
        for part, parent in PART_AREAS.items():
            if parent == area:
                for (part_area, key), found in list(self.records.items()):
                    if part_area == part and key not in known:
                        known.add(key)
                        yield Record(area, found[0].place, {"id": key}, {}, sound=True)

    def record_behind(self, record: Record, attribute: str, rest: list[str]) -> Record | None:
        """The part's record that a pointer such as /terms/1/period leads to."""
        for part, name in PART_ATTRIBUTE.items():
            found = self.records.get((part, record.key or ""), [])
            if name == attribute and PART_AREAS[part] == record.area and found:
                return found[int(rest[0])] if rest and rest[0].isdigit() and int(rest[0]) < len(found) else found[0]
        return None


def part_values(records: Records, references: References, faults: Faults) -> Parts:
    """Make the parts; every fault is noted, and marks the whole as broken."""
    parts = Parts()
    _check_days(records, parts, faults)
    for area in PART_AREAS:
        parts.fed |= {area} if area in records.by_area else set()
        parent_field = cast("str", AREAS[area].part_of)
        for record in records.by_area.get(area, ()):
            key = record.values.get(parent_field)
            if not isinstance(key, str):
                continue
            try:
                references.one(record, parent_field)
                values = list(_PARTS[area](record, references)) if record.sound else []
            except Unresolved:
                parts.broken.add((area, key))
                continue
            except DomainError as error:
                _blame_part(record, error, faults)
                parts.broken.add((area, key))
                continue
            if not record.sound:
                parts.broken.add((area, key))
            parts.records[area, key] += [record] * len(values)
            parts.values[area, key] += values
    return parts


_DAY_FIELD = {"demand_weeks": "week", "closures": "day", "tax_rates": "valid_from"}


def _check_days(records: Records, parts: Parts, faults: Faults) -> None:
    """A week or day listed twice for the same thing is a fault, not a sum."""
    for area, name in _DAY_FIELD.items():
        seen: dict[tuple[object, object], Record] = {}
        for record in records.by_area.get(area, ()):
            day, whole = record.values.get(name), record.values.get(AREAS[area].part_of or "")
            if day is not None and whole is not None and (first := seen.setdefault((whole, day), record)) is not record:
                message = f"The {name} {day} of {whole!r} stands in {first.place} too; keep one, or group the rows and sum them in the map."
                faults.add(record.place_of(name), f"{name}.duplicate", message)
                parts.broken.add((area, str(whole)))


def _blame_part(record: Record, error: DomainError, faults: Faults) -> None:
    for fault in error.faults or (Fault(pointer="/period/end", code=error.code, message=error.detail),):
        head = fault.pointer.strip("/").split("/")
        name = FIELD_OF.get("/".join(head[:2]), FIELD_OF.get(head[0], head[0]))
        faults.add(record.place_of(name), fault.code, fault.message)


def _term(record: Record, references: References) -> Iterator[Term]:
    value = record.values
    yield Term(
        period=DateInterval(cast("date", value["start"]), cast("date | None", value.get("end"))),
        employment=Employment(cast("str", value["employment"])),
        calendar_id=CalendarId(cast("str", references.one(record, "calendar"))),
        weekly_minutes=_weekly_minutes(record),
        cost_rate=cast("Decimal", value["cost_rate"]),
        location=cast("str | None", value.get("location")),
        grade=cast("str | None", value.get("grade")),
        billable_target=cast("Decimal | None", value.get("billable_target")),
    )


def _weekly_minutes(record: Record) -> tuple[int, int, int, int, int, int, int]:
    """Minutes by weekday: as given, or the week's spread evenly over its working days, what is over on the first ones."""
    weekly = cast("int | None", record.values.get("weekly_hours"))
    by_day = [cast("int | None", record.values.get(name)) for name in WEEKDAY_HOURS]
    given = any(minutes is not None for minutes in by_day)
    if given == (weekly is not None):
        message = "Give weekly_hours, or hours by weekday, not both." if given else "Give weekly_hours, or hours by weekday."
        raise invalid_field("/weekly_minutes", "term.hours", message)
    if weekly is None:
        return cast("tuple[int, int, int, int, int, int, int]", tuple(minutes or 0 for minutes in by_day))
    works = cast("tuple[bool, ...] | None", record.values.get("workdays")) or (True,) * 5 + (False,) * 2
    each, over = divmod(weekly, sum(works))
    minutes = [each if day else 0 for day in works]
    for number in [number for number, day in enumerate(works) if day][:over]:
        minutes[number] += 1
    return cast("tuple[int, int, int, int, int, int, int]", tuple(minutes))


def _held(record: Record, references: References) -> Iterator[HeldSkill]:
    yield HeldSkill(
        skill_id=SkillId(cast("str", references.one(record, "skill"))),
        level=cast("int", record.values["level"]),
        valid_from=cast("date | None", record.values.get("valid_from")),
        valid_until=cast("date | None", record.values.get("valid_until")),
    )


def _closure(record: Record, _: References) -> Iterator[Closure]:
    value = record.values
    yield Closure(
        day=cast("date", value["day"]),
        part=DayPart(cast("str", value.get("part") or "whole")),
        name=cast("str | None", value.get("name")) or "",
    )


def _week(record: Record, _: References) -> Iterator[WeekEffort]:
    minutes = cast("int", record.values["hours"])
    if minutes:
        yield WeekEffort(week=cast("date", record.values["week"]), minutes=minutes)


def _tax_rate(record: Record, _: References) -> Iterator[TaxRate]:
    yield TaxRate(valid_from=cast("date", record.values["valid_from"]), percent=cast("Decimal", record.values["percent"]))


_PARTS: dict[str, Callable[[Record, References], Iterator[Any]]] = {
    "terms": _term,
    "person_skills": _held,
    "closures": _closure,
    "demand_weeks": _week,
    "tax_rates": _tax_rate,
}


def invalid_field(pointer: str, code: str, message: str) -> DomainError:
    """The error for one field of a record, by the attribute it becomes."""
    return DomainError(ErrorKind.INVALID, code, message, (Fault(pointer=pointer, code=code, message=message),))
