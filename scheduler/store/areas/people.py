"""How skills, calendars, people and absences are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.absence_kinds import AbsenceKind
from scheduler.domain.staffing.absence_requests import AbsenceRequest, RequestState
from scheduler.domain.staffing.people import Absence, Calendar, Closure, DayPart, HeldSkill, Person, Skill, Term
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.tables.people import (
    ABSENCE_KINDS,
    ABSENCE_REQUESTS,
    ABSENCES,
    CALENDAR_CLOSURES,
    CALENDARS,
    PEOPLE,
    PERSON_SKILLS,
    PERSON_TERMS,
    SKILLS,
    WEEKDAYS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ABSENT = "absent"
"""What is said of an absence to whoever may not see its kind."""
BY_NAME = {"name": "name_key", "id": "id"}
NAMED = {"name": Filter(kind=FilterKind.CONTAINS, column="name_key"), "external_id": Filter(kind=FilterKind.EQUALS, column="external_id")}

SKILL_AREA: Area[Skill] = Area(
    name="skills",
    one="skill",
    table=SKILLS,
    to_row=lambda skill: plain(skill, SKILLS, name_key=name_key(skill.name)),
    from_row=lambda row, _children: built(Skill, row),
    sorts=BY_NAME,
    filters={**NAMED, "family": Filter(kind=FilterKind.EQUALS, column="family")},
)


def _calendar_children(calendar: Calendar) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {CALENDAR_CLOSURES.name: [plain(closure, CALENDAR_CLOSURES) for closure in calendar.closures]}


def _calendar(row: Row, children: ChildRows) -> Calendar:
    return built(Calendar, row, closures=tuple(built(Closure, closure) for closure in children[CALENDAR_CLOSURES.name]))


CALENDAR_AREA: Area[Calendar] = Area(
    name="calendars",
    one="calendar",
    table=CALENDARS,
    to_row=lambda calendar: plain(calendar, CALENDARS, name_key=name_key(calendar.name)),
    to_children=_calendar_children,
    from_row=_calendar,
    children=(Child(table=CALENDAR_CLOSURES, pointer=lambda number, _row: f"/closures/{number}"),),
    sorts=BY_NAME,
    filters={**NAMED, "country": Filter(kind=FilterKind.EQUALS, column="country")},
)


def _term_row(term: Term) -> dict[str, Any]:
    minutes = dict(zip(WEEKDAYS, term.weekly_minutes, strict=True))
    return plain(term, PERSON_TERMS, period_start=term.period.start, period_end=term.period.end, **minutes)


def _term(row: Row) -> Term:
    mon, tue, wed, thu, fri, sat, sun = (row[day] for day in WEEKDAYS)
    return built(Term, row, period=DateInterval(row["period_start"], row["period_end"]), weekly_minutes=(mon, tue, wed, thu, fri, sat, sun))


def _person_children(person: Person) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {
        PERSON_TERMS.name: [_term_row(term) for term in person.terms],
        PERSON_SKILLS.name: [plain(held, PERSON_SKILLS, position=number) for number, held in enumerate(person.skills)],
    }


def _person(row: Row, children: ChildRows) -> Person:
    terms = tuple(_term(term) for term in children[PERSON_TERMS.name])
    return built(Person, row, terms=terms, skills=tuple(built(HeldSkill, held) for held in children[PERSON_SKILLS.name]))


PERSON_AREA: Area[Person] = Area(
    name="people",
    one="person",
    table=PEOPLE,
    to_row=lambda person: plain(person, PEOPLE, name_key=name_key(person.name)),
    to_children=_person_children,
    from_row=_person,
    children=(
        Child(table=PERSON_TERMS, pointer=lambda number, _row: f"/terms/{number}/calendar_id", bearable=frozenset({"cost_rate"})),
        Child(table=PERSON_SKILLS, pointer=lambda number, _row: f"/skills/{number}/skill_id"),
    ),
    sorts=BY_NAME,
    filters={
        **NAMED,
        "team": Filter(kind=FilterKind.EQUALS, column="team"),
        "email": Filter(kind=FilterKind.EQUALS, column="email"),
        "skill_id": Filter(kind=FilterKind.HAS, column="skill_id", child=PERSON_SKILLS),
        "location": Filter(kind=FilterKind.HAS, column="location", child=PERSON_TERMS),
    },
)

PERIOD_FILTERS = {
    "from": Filter(kind=FilterKind.ENDS_AFTER, column="period_end"),
    "until": Filter(kind=FilterKind.STARTS_BEFORE, column="period_start"),
    "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
}

ABSENCE_AREA: Area[Absence] = Area(
    name="absences",
    one="absence",
    table=ABSENCES,
    to_row=lambda absence: plain(absence, ABSENCES, period_start=absence.period.start, period_end=absence.period.end),
    from_row=lambda row, _children: built(Absence, row, period=DateInterval(row["period_start"], row["period_end"])),
    sorts={"start": "period_start", "id": "id"},
    filters={
        **PERIOD_FILTERS,
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind"),
        "part": Filter(kind=FilterKind.EQUALS, column="part", choices=DayPart),
    },
    stand_ins={"kind": ABSENT},
)

ABSENCE_KIND_AREA: Area[AbsenceKind] = Area(
    name="absence_kinds",
    one="kind of absence",
    table=ABSENCE_KINDS,
    to_row=lambda kind: plain(kind, ABSENCE_KINDS, name_key=name_key(kind.name)),
    from_row=lambda row, _children: built(AbsenceKind, row),
    sorts=BY_NAME,
    filters=NAMED,
)

ABSENCE_REQUEST_AREA: Area[AbsenceRequest] = Area(
    name="absence_requests",
    one="request for an absence",
    table=ABSENCE_REQUESTS,
    to_row=lambda one: plain(one, ABSENCE_REQUESTS, period_start=one.period.start, period_end=one.period.end),
    from_row=lambda row, _children: built(AbsenceRequest, row, period=DateInterval(row["period_start"], row["period_end"])),
    sorts={"start": "period_start", "id": "id"},
    filters={
        **PERIOD_FILTERS,
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "kind_id": Filter(kind=FilterKind.EQUALS, column="kind_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=RequestState),
    },
)
