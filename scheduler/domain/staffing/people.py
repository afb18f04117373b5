"""People: their employment periods, skills and absences. Values check themselves and name every fault they have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, duplicates

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import AbsenceId, AbsenceRequestId, CalendarId, PersonId, SkillId
    from scheduler.domain.ground.interval import DateInterval


MINUTES_A_DAY = 1440
LEVEL_MIN, LEVEL_MAX = 1, 5


class Employment(StrEnum):
    """How somebody is engaged: employees are paid anyway, contractors by the hour."""

    EMPLOYEE = "employee"
    CONTRACTOR = "contractor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Something people can do at a level of 1 to 5."""

    id: SkillId
    name: str
    family: str | None = None
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        _set(self, "family", faults.optional_text("/family", self.family))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.raise_any("skill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One employment period: terms of work, cost and place. Periods of one person never overlap."""

    period: DateInterval
    employment: Employment
    calendar_id: CalendarId
    weekly_minutes: tuple[int, int, int, int, int, int, int]
    """Contracted minutes, Monday to Sunday, 0..1440 each."""
    cost_rate: Decimal | None
    """Loaded cost per hour in the firm's currency, >= 0; ``None`` for whoever may not see or set it."""
    location: str | None = None
    grade: str | None = None
    billable_target: Decimal | None = None
    """What part of the bookable time should be billable, 0 to 1; reports hold utilisation against it."""

    def __post_init__(self) -> None:
        faults = Faults()
        for day, minutes in enumerate(self.weekly_minutes):
            faults.integer(f"/weekly_minutes/{day}", minutes, least=0, most=MINUTES_A_DAY)
        if self.cost_rate is not None:
            faults.decimal("/cost_rate", self.cost_rate, least=Decimal(0))
        if self.billable_target is not None:
            faults.decimal("/billable_target", self.billable_target, least=Decimal(0), most=Decimal(1))
        _set(self, "location", faults.optional_text("/location", self.location))
        _set(self, "grade", faults.optional_text("/grade", self.grade))
        faults.raise_any("employment period")

    @property
    def known_cost_rate(self) -> Decimal:
        """The cost rate, for planning. Raises RuntimeError where the reader may not see it: such a reader must not plan."""
        if self.cost_rate is None:
            raise RuntimeError("the cost rate was withheld from whoever read this term")
        return self.cost_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSkill:
    """A skill somebody holds, at a level, perhaps only for a time (a certificate that lapses)."""

    skill_id: SkillId
    level: int
    valid_from: date | None = None
    valid_until: date | None = None
    """Last day on which it counts."""

    def __post_init__(self) -> None:
        faults = Faults()
        faults.integer("/level", self.level, least=LEVEL_MIN, most=LEVEL_MAX)
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            faults.add("/valid_until", "interval.empty", f"It ends {self.valid_until}, before it begins on {self.valid_from}.")
        faults.raise_any("held skill")

    def overlaps(self, other: HeldSkill) -> bool:
        """Whether both count on some day."""
        return (self.valid_from or date.min) <= (other.valid_until or date.max) and (other.valid_from or date.min) <= (
            self.valid_until or date.max
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of staff or a contractor."""

    id: PersonId
    name: str
    email: str | None = None
    team: str | None = None
    max_demands: int | None = None
    terms: tuple[Term, ...] = ()
    skills: tuple[HeldSkill, ...] = ()
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        _set(self, "email", faults.optional_text("/email", self.email))
        _set(self, "team", faults.optional_text("/team", self.team))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.max_demands is not None:
            faults.integer("/max_demands", self.max_demands, least=0, most=1000)
        self._check_terms(faults)
        self._check_skills(faults)
        _set(self, "terms", tuple(sorted(self.terms, key=lambda term: term.period.start)))
        faults.raise_any("person")

    def _check_terms(self, faults: Faults) -> None:
        order = sorted(range(len(self.terms)), key=lambda i: self.terms[i].period.start)
        for before, after in pairwise(order):
            first, second = self.terms[before].period, self.terms[after].period
            if first.overlaps(second):
                faults.add(
                    f"/terms/{after}/period",
                    "term.overlap",
                    f"It begins {second.start}, within the period that begins {first.start}; end that first.",
                )

    def _check_skills(self, faults: Faults) -> None:
        for number, held in enumerate(self.skills):
            if any(held.skill_id == other.skill_id and held.overlaps(other) for other in self.skills[:number]):
                faults.add(f"/skills/{number}", "skill.overlap", "The person holds this skill twice at the same time; keep one level.")


class DayPart(StrEnum):
    """How much of each day is meant."""

    WHOLE = "whole"
    HALF = "half"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Whole or half days off work. A half absence on a half holiday makes a whole day off."""

    id: AbsenceId
    person_id: PersonId
    period: DateInterval
    part: DayPart = DayPart.WHOLE
    kind: str = "vacation"
    request_id: AbsenceRequestId | None = None
    """The approved request that it came from, and goes with."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "kind", faults.text("/kind", self.kind))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.raise_any("absence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A day the firm or a region does not work, beside the public holidays."""

    day: date
    part: DayPart = DayPart.WHOLE
    name: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name, required=False))
        faults.raise_any("closure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Public holidays of a country and region, and closures of its own."""

    id: CalendarId
    name: str
    country: str | None = None
    """ISO 3166-1 alpha-2; ``None``: no public holidays."""
    subdivision: str | None = None
    """ISO 3166-2 code without the country, such as ``BY``."""
    closures: tuple[Closure, ...] = field(default=())
    """Ascending by day; put in order here."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "name", faults.text("/name", self.name))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.country is not None and not _COUNTRY.fullmatch(self.country):
            faults.add("/country", "country.invalid", "A country is two capital letters, such as DE (ISO 3166-1 alpha-2).")
        if self.subdivision is not None and self.country is None:
            faults.add("/subdivision", "subdivision.without_country", "A subdivision needs its country; give the country too.")
        if self.subdivision is not None and not _SUBDIVISION.fullmatch(self.subdivision):
            faults.add("/subdivision", "subdivision.invalid", "A subdivision is its ISO 3166-2 code without the country, such as BY.")
        for day in duplicates(closure.day for closure in self.closures):
            faults.add("/closures", "closure.duplicate", f"The {day} is listed twice; keep one.")
        _set(self, "closures", tuple(sorted(self.closures, key=lambda closure: closure.day)))
        faults.raise_any("calendar")


_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")


def _set(value: object, name: str, content: object) -> None:
    # How a frozen value normalises itself while it is being made.
    object.__setattr__(value, name, content)
