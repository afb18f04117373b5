"""
What the changes of scenarios do to rows: one function for each kind, and the whole stack in order.

Pure: rows in, rows out. A change that does not fit the rows (any more) is named by its place, and all that do not fit are named at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from scheduler.domain.ground.bill_rates import BillRate
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import DemandId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.deals import lost, moved_demand, released, require_deal, won
from scheduler.domain.staffing.departure import departure
from scheduler.domain.staffing.hire_costs import with_cost_rates
from scheduler.domain.staffing.people import Absence, HeldSkill, Person, Skill
from scheduler.domain.staffing.record_json import SERVER_SET, record_from_json, record_to_json
from scheduler.domain.staffing.scenario_rows import LiveRows, ScenarioRows
from scheduler.domain.staffing.scenarios import ONE_OF, Change, Scenario, check_stack
from scheduler.domain.staffing.work import Booking, Demand, Project

Body = Mapping[str, Any]
FAULTS_MAX = 50
_CLASSES: Mapping[str, type[Any]] = {
    "skills": Skill,
    "people": Person,
    "projects": Project,
    "demands": Demand,
    "absences": Absence,
    "bill_rates": BillRate,
    "bookings": Booking,
}


def with_scenarios(rows: LiveRows, stack: Sequence[Scenario], *, kind: ErrorKind = ErrorKind.CONFLICT) -> ScenarioRows:
    """
    The rows with the changes of scenarios that stand on each other, the base first; the rows given stay as they are.

    Raises
    ------
    DomainError
        ``scenario.does_not_fit`` (of ``kind``) with a fault for each change that does not: its pointer is ``/changes/3`` and what
        follows for the last scenario, ``/base/changes/3`` for the one below it, and so on. ``scenario.stands_on_itself``.
    """
    check_stack(stack)
    changed = ScenarioRows(rows)
    faults: list[Fault] = []
    for number, scenario in enumerate(stack):
        place = "/base" * (len(stack) - 1 - number)
        for index, change in enumerate(scenario.changes):
            faults += [replace(fault, pointer=f"{place}/changes/{index}{fault.pointer}") for fault in _faults(changed, change)]
    if faults:
        count = "One change does not fit" if len(faults) == 1 else f"{len(faults)} changes do not fit"
        detail = (
            f"{count} the base: {faults[0].pointer}: {faults[0].message} Take out or correct what does not fit; nothing else was changed."
        )
        raise DomainError(kind, "scenario.does_not_fit", detail, tuple(faults[:FAULTS_MAX]))
    return changed


def _faults(rows: ScenarioRows, change: Change) -> tuple[Fault, ...]:
    try:
        KINDS[change.kind](rows, change.body)
    except DomainError as error:
        return error.faults or (Fault(pointer="", code=error.code, message=error.detail),)
    return ()


def _placed(error: DomainError, pointer: str) -> DomainError:
    """The error of a record's own rule, with the record's place before each of its faults."""
    faults = error.faults or (Fault(pointer="", code=error.code, message=error.detail),)
    return DomainError(error.kind, error.code, error.detail, tuple(replace(one, pointer=f"{pointer}{one.pointer}") for one in faults))


def _made(rows: ScenarioRows, area: str, row_id: str, written: Body, *, pointer: str) -> None:
    try:
        value = record_from_json(_CLASSES[area], written, id=row_id, version=0)
    except DomainError as error:
        raise _placed(error, pointer) from None
    if isinstance(value, Person):
        value = with_cost_rates(value, before=None, others=rows.area("people").values(), pointer=pointer)
    rows.add(area, value, pointer=pointer)


def _add(area: str, rows: ScenarioRows, body: Body) -> None:
    _made(rows, area, body["id"], body["record"], pointer="/record")


def _change(area: str, rows: ScenarioRows, body: Body) -> None:
    before = rows.get(area, body["id"], pointer="/id")
    own = {name: getattr(before, name) for name in SERVER_SET if hasattr(before, name)}
    try:
        value = record_from_json(_CLASSES[area], {**record_to_json(before), **body["fields"]}, **own)
    except DomainError as error:
        raise _placed(error, "/fields") from None
    if isinstance(value, Person):
        value = with_cost_rates(value, before=before, others=rows.area("people").values(), pointer="/fields")
    if isinstance(value, Demand) and value.project_id != before.project_id:
        booked = sum(booking.demand_id == value.id for booking in rows.area("bookings").values())
        if booked:
            raise _unfit("/fields/project_id", "demand.booked", f"The demand has {booked} bookings on its project; remove those first.")
    rows.put(area, value, pointer="/fields")


def _remove(area: str, rows: ScenarioRows, body: Body) -> None:
    rows.remove(area, body["id"], pointer="/id")


def _person_leaves(rows: ScenarioRows, body: Body) -> None:
    """As when somebody leaves: terms and bookings end, work that was booked without a demand becomes open demand."""
    person = rows.get("people", body["id"], pointer="/id")
    bookings = [booking for booking in rows.area("bookings").values() if booking.person_id == person.id]
    ids = (DemandId(f"{body['id'][:50]}-left-{number}") for number in range(len(bookings)))
    left = departure(person, bookings, leaves=date.fromisoformat(body["leaves"]), next_id=lambda: next(ids))
    rows.put("people", left.person, pointer="")
    for booking in left.deleted:
        rows.remove("bookings", booking.id, pointer="")
    for booking in left.changed:
        rows.put("bookings", booking, pointer="")
    for demand in left.demands:
        rows.put("demands", demand, pointer="")


def _hire(rows: ScenarioRows, body: Body) -> None:
    profile = body["profile"]
    for number, row_id in enumerate(body["ids"], 1):
        name = profile["name"] if len(body["ids"]) == 1 else f"{profile['name']} {number}"
        _made(rows, "people", row_id, {**profile, "name": name}, pointer="/profile")


def _deal(rows: ScenarioRows, body: Body, *, into: str) -> Project:
    project: Project = rows.get("projects", body["project_id"], pointer="/project_id")
    try:
        require_deal(project, into=into)
    except DomainError as error:
        raise _unfit("/project_id", error.code, error.detail) from None
    return project


def _win(rows: ScenarioRows, body: Body) -> None:
    rows.put("projects", won(_deal(rows, body, into="won")), pointer="")


def _lose(rows: ScenarioRows, body: Body) -> None:
    """Nobody is booked on a lost deal any more: its bookings go, from a Monday on or all of them."""
    project = _deal(rows, body, into="lost")
    rows.put("projects", lost(project), pointer="")
    cut = None if body.get("from") is None else date.fromisoformat(body["from"])
    free = released([one for one in rows.area("bookings").values() if one.project_id == project.id], cut=cut)
    for booking in free.deleted:
        rows.remove("bookings", booking.id, pointer="")
    for booking in free.shortened:
        rows.put("bookings", booking, pointer="")


def _set_probability(rows: ScenarioRows, body: Body) -> None:
    project = _deal(rows, body, into="more or less probable")
    try:
        rows.put("projects", replace(project, probability=Decimal(body["probability"])), pointer="")
    except DomainError as error:
        raise _placed(error, "") from None


def _shift_project(rows: ScenarioRows, body: Body) -> None:
    """All of it moves by whole weeks: its period, the effort of its demands, and its bookings."""
    project = rows.get("projects", body["project_id"], pointer="/project_id")
    by = timedelta(weeks=body["weeks"])
    try:
        if project.period is not None:
            rows.put("projects", replace(project, period=_moved(project.period, by)), pointer="")
        for demand in [one for one in rows.area("demands").values() if one.project_id == project.id]:
            rows.put("demands", moved_demand(demand, weeks=body["weeks"]), pointer="")
        for booking in [one for one in rows.area("bookings").values() if one.project_id == project.id]:
            rows.put("bookings", replace(booking, period=_moved(booking.period, by)), pointer="")
    except OverflowError:
        raise _unfit("/weeks", "date.out_of_range", "It would leave the calendar; shift it by fewer weeks.") from None


def _moved(period: DateInterval, by: timedelta) -> DateInterval:
    return DateInterval(period.start + by, None if period.end is None else period.end + by)


def _raise_skill(rows: ScenarioRows, body: Body) -> None:
    """The person holds the skill at the level, from a day on or all the time; higher levels stay."""
    person: Person = rows.get("people", body["person_id"], pointer="/person_id")
    skill = rows.get("skills", body["skill_id"], pointer="/skill_id")
    level, since = body["level"], None if body.get("from") is None else date.fromisoformat(body["from"])
    lower = [held for held in person.skills if held.skill_id == skill.id and held.level < level]
    if any(held.skill_id == skill.id and held.level >= level and _ends(held) >= (since or date.min) for held in person.skills):
        raise _unfit("/level", "skill.already_held", f"{person.name} holds {skill.name} at level {level} or higher already.")
    kept = [held for held in person.skills if held not in lower]
    if since is not None:
        ended = since - timedelta(days=1)
        kept += [
            replace(held, valid_until=min(_ends(held), ended)) for held in lower if held.valid_from is None or held.valid_from <= ended
        ]
    raised = HeldSkill(skill_id=SkillId(skill.id), level=level, valid_from=since)
    rows.put("people", replace(person, skills=(*kept, raised)), pointer="")


def _ends(held: HeldSkill) -> date:
    return held.valid_until or date.max


def _unfit(pointer: str, code: str, message: str) -> DomainError:
    return invalid("change", Fault(pointer=pointer, code=code, message=message))


def _of_records() -> Iterable[tuple[str, Callable[[ScenarioRows, Body], None]]]:
    for area, one in ONE_OF.items():
        yield f"add_{one}", partial(_add, area)
        yield f"change_{one}", partial(_change, area)
        yield f"remove_{one}", partial(_remove, area)


KINDS: Mapping[str, Callable[[ScenarioRows, Body], None]] = {
    **dict(_of_records()),
    "remove_person": _person_leaves,
    "hire": _hire,
    "win_project": _win,
    "lose_project": _lose,
    "set_probability": _set_probability,
    "shift_project": _shift_project,
    "raise_skill": _raise_skill,
}
"""Every kind of change by name."""
