"""People: their employment periods, skills and absences."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.ground.ids import AbsenceId, CalendarId, PersonId, SkillId
    from scheduler.domain.ground.interval import DateInterval


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One employment period: terms of work, cost and place. Periods of one person never overlap."""

    period: DateInterval
    employment: Employment
    calendar_id: CalendarId
    weekly_minutes: tuple[int, int, int, int, int, int, int]
    """Contracted minutes, Monday to Sunday, 0..1440 each."""
    cost_rate: Decimal
    """Loaded cost per hour in the firm's currency, >= 0."""
    location: str | None = None
    grade: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSkill:
    """A skill somebody holds, at a level, perhaps only for a time (a certificate that lapses)."""

    skill_id: SkillId
    level: int
    valid_from: date | None = None
    valid_until: date | None = None
    """Last day on which it counts."""


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
    external_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A day the firm or a region does not work, beside the public holidays."""

    day: date
    part: DayPart = DayPart.WHOLE
    name: str = ""


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
    external_id: str | None = None
    version: int = 0
