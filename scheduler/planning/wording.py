"""Names for ids, and statements that a plan carries in words and facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.money import exponent, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

FEW = 3
"""How many things a sentence lists before it counts the rest."""


def minor_units(amount: Decimal | Fraction, currency: str) -> int:
    """An amount in whole minor units, rounded once, half up (away from zero)."""
    return round_half_up(Fraction(amount) * 10 ** exponent(currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing a plan says about how it came about."""

    code: str
    """Stable; beside it ``text`` may change."""
    subject: str
    """``plan``, ``person``, ``project``, ``demand`` or ``booking``."""
    id: str | None = None
    name: str | None = None
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON: ids, dates as ISO strings, integers."""
    confidential: bool = False
    """A cost rate follows from it: only for those who may read cost."""

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "subject": self.subject,
            "id": self.id,
            "name": self.name,
            "text": self.text,
            "facts": dict(self.facts),
            "confidential": self.confidential,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Planner's words for the problem's ids and periods; an id without a name stands for itself."""

    currency: str
    weeks: tuple[date, ...]
    people: Mapping[str, str] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)
    demands: Mapping[str, str] = field(default_factory=dict)
    project_of: Mapping[str, str] = field(default_factory=dict)
    """Project id of each demand."""
    bars: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Why a person cannot take a demand beside the problem's own rules: person id, demand id, words."""
    periods: tuple[str, ...] = ()
    """What the periods of a problem without dates are called; ``weeks`` is empty then."""

    def person(self, person_id: object) -> str:
        return _named(self.people, person_id)

    def skill(self, skill_id: object) -> str:
        return _named(self.skills, skill_id)

    def project(self, project_id: object) -> str:
        return _named(self.projects, project_id)

    def demand(self, demand_id: object) -> str:
        """The demand's name with its project's."""
        name = _named(self.demands, demand_id)
        project_id = self.project_of.get(str(demand_id))
        return f"{name} ({self.project(project_id)})" if project_id is not None else name

    def amount(self, minor: int) -> str:
        """An amount of minor units in the currency, such as ``120.00 EUR``."""
        places = exponent(self.currency)
        return f"{Decimal(minor).scaleb(-places):.{places}f} {self.currency}"

    def week(self, index: int) -> str:
        """First day of a week, or its number when it lies outside the horizon."""
        return f"{self.weeks[index]:%Y-%m-%d}" if 0 <= index < len(self.weeks) else f"week {index}"

    def in_week(self, index: int) -> str:
        """When, in words: ``in the week of 2027-01-04``, or ``in period P1``."""
        return f"in period {self.periods[index]}" if 0 <= index < len(self.periods) else f"in the week of {self.week(index)}"

    def week_list(self, indexes: Iterable[int]) -> str:
        """Weeks in words: spans of consecutive weeks by their first days."""
        spans: list[list[int]] = []
        for index in sorted(set(indexes)):
            if spans and spans[-1][1] == index - 1:
                spans[-1][1] = index
            else:
                spans.append([index, index])
        words = [self.week(a) if a == b else f"{self.week(a)} to {self.week(b)}" for a, b in spans]
        return f"the week{'s' if len(spans) != 1 or spans[0][0] != spans[0][1] else ''} of {some(words)}"


def some(words: Iterable[str], *, most: int = FEW) -> str:
    """The first few of some words and how many more there are: ``a, b, c and 4 more``."""
    listed = list(words)
    if len(listed) > most:
        return f"{', '.join(listed[:most])} and {len(listed) - most} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def count(number: int, what: str) -> str:
    """A number of things: ``1 booking``, ``2 bookings``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def hours(minutes: int) -> str:
    """Minutes as hours with at most two decimals: ``37.5 h``."""
    value = (Decimal(minutes) / 60).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{value:,.2f}".rstrip("0").rstrip(".") + " h"


def _named(names: Mapping[str, str], key: object) -> str:
    return names.get(str(key), str(key))
