"""Skills, calendars, people and absences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from api.schemas.fields import Clean, Country, Day, Fraction, Id, Integer, Name, Part, Rate, RecordWrite
from scheduler.domain.ground.ids import AbsenceId, CalendarId, PersonId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Absence, Calendar, Closure, DayPart, Employment, HeldSkill, Person, Skill, Term


class Period(Part):
    """Days from ``start`` up to, not including, ``end``; without ``end`` it is open-ended."""

    start: Day
    end: Day | None = None

    def to_value(self) -> DateInterval:
        """As the domain knows it."""
        return DateInterval(self.start, self.end)

    @classmethod
    def of(cls, value: DateInterval) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(start=value.start, end=value.end)


class SkillWrite(RecordWrite):
    """Something people can do at a level of 1 to 5."""

    name: Name
    family: Name | None = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Skill:
        """As the domain knows it."""
        return Skill(id=SkillId(own_id), version=version, name=self.name, family=self.family, external_id=self.external_id)

    @classmethod
    def of(cls, value: Skill) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(name=value.name, family=value.family, external_id=value.external_id)


class ClosureShape(Part):
    """A day off beside the public holidays."""

    day: Day
    part: DayPart = DayPart.WHOLE
    name: Clean = ""

    def to_value(self) -> Closure:
        """As the domain knows it."""
        return Closure(day=self.day, part=self.part, name=self.name)

    @classmethod
    def of(cls, value: Closure) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(day=value.day, part=value.part, name=value.name)


class CalendarWrite(RecordWrite):
    """Public holidays of a country (ISO 3166-1, such as ``DE``) and region (such as ``BY``), and closures of its own."""

    name: Name
    country: Country | None = None
    subdivision: Name | None = None
    closures: Annotated[list[ClosureShape], Field(max_length=2000, default_factory=list)]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Calendar:
        """As the domain knows it."""
        return Calendar(
            id=CalendarId(own_id),
            version=version,
            name=self.name,
            country=self.country,
            subdivision=self.subdivision,
            closures=tuple(one.to_value() for one in self.closures),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Calendar) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            name=value.name,
            country=value.country,
            subdivision=value.subdivision,
            closures=[ClosureShape.of(one) for one in value.closures],
            external_id=value.external_id,
        )


class TermShape(Part):
    """
    One employment period. ``weekly_minutes``: Monday to Sunday; ``cost_rate``: loaded cost per hour.

    Whoever may not read costs sees null as ``cost_rate`` and leaves it out: it stays as it is, and a new period goes on at the rate
    of the one before.
    """

    period: Period
    employment: Employment
    calendar_id: Id
    weekly_minutes: Annotated[list[Annotated[Integer, Field(ge=0, le=1440)]], Field(min_length=7, max_length=7)]
    cost_rate: Rate | None = None
    location: Name | None = None
    grade: Name | None = None
    billable_target: Annotated[Fraction | None, Field(description="What part of the bookable time should be billable.")] = None

    def to_value(self) -> Term:
        """As the domain knows it."""
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = self.weekly_minutes
        return Term(
            period=self.period.to_value(),
            employment=self.employment,
            calendar_id=CalendarId(self.calendar_id),
            weekly_minutes=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
            cost_rate=self.cost_rate,
            location=self.location,
            grade=self.grade,
            billable_target=self.billable_target,
        )

    @classmethod
    def of(cls, value: Term) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(
            period=Period.of(value.period),
            employment=value.employment,
            calendar_id=value.calendar_id,
            weekly_minutes=list(value.weekly_minutes),
            cost_rate=value.cost_rate,
            location=value.location,
            grade=value.grade,
            billable_target=value.billable_target,
        )


class HeldSkillShape(Part):
    """A skill held at a level, perhaps only from ``valid_from`` to ``valid_until`` (its last day)."""

    skill_id: Id
    level: Annotated[Integer, Field(ge=1, le=5)]
    valid_from: Day | None = None
    valid_until: Day | None = None

    def to_value(self) -> HeldSkill:
        """As the domain knows it."""
        return HeldSkill(skill_id=SkillId(self.skill_id), level=self.level, valid_from=self.valid_from, valid_until=self.valid_until)

    @classmethod
    def of(cls, value: HeldSkill) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(skill_id=value.skill_id, level=value.level, valid_from=value.valid_from, valid_until=value.valid_until)


class PersonWrite(RecordWrite):
    """A member of staff or a contractor. Terms never overlap; ``max_demands``: most runs at once in any week."""

    name: Name
    email: Name | None = None
    team: Name | None = None
    max_demands: Annotated[Integer, Field(ge=0, le=1000)] | None = None
    terms: Annotated[list[TermShape], Field(max_length=200, default_factory=list)]
    skills: Annotated[list[HeldSkillShape], Field(max_length=500, default_factory=list)]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Person:
        """As the domain knows it."""
        return Person(
            id=PersonId(own_id),
            version=version,
            name=self.name,
            email=self.email,
            team=self.team,
            max_demands=self.max_demands,
            terms=tuple(term.to_value() for term in self.terms),
            skills=tuple(skill.to_value() for skill in self.skills),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Person) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            name=value.name,
            email=value.email,
            team=value.team,
            max_demands=value.max_demands,
            terms=[TermShape.of(term) for term in value.terms],
            skills=[HeldSkillShape.of(skill) for skill in value.skills],
            external_id=value.external_id,
        )


class AbsenceWrite(RecordWrite):
    """Whole or half days off work. ``request_id``: the approved request that it came from, with which it goes."""

    shown_only: ClassVar[Mapping[str, Any]] = {"request_id": Id | None}

    person_id: Id
    period: Period
    part: DayPart = DayPart.WHOLE
    kind: Name = "vacation"
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Absence:
        """As the domain knows it."""
        return Absence(
            id=AbsenceId(own_id),
            version=version,
            person_id=PersonId(self.person_id),
            period=self.period.to_value(),
            part=self.part,
            kind=self.kind,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Absence) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            person_id=value.person_id,
            period=Period.of(value.period),
            part=value.part,
            kind=value.kind,
            external_id=value.external_id,
        )
