"""
What an hour costs a client: bill rates, and which of them applies.

Planning, forecasts and invoices price with the same card, so that an hour has one price wherever it is looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import check_currency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.ground.ids import ActivityTypeId, BillRateId, ClientId, PersonId, ProjectId

NARROWED_BY = ("person_id", "grade", "project_id", "client_id", "activity_type_id")
"""What a rate can be narrowed by: a rate that names one that stands further left is more specific, whatever follows."""

_ABOUT = tuple(NARROWED_BY.index(name) for name in ("person_id", "project_id", "client_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRate:
    """
    What an hour costs a client, in ``currency``, for a time.

    Each of ``person_id``, ``grade``, ``project_id``, ``client_id``, ``activity_type_id`` narrows it; ``None`` means any. Of the valid ones
    the most specific wins (``NARROWED_BY``), then the one valid from the latest day.
    """

    id: BillRateId
    rate: Decimal
    project_id: ProjectId | None = None
    person_id: PersonId | None = None
    grade: str | None = None
    client_id: ClientId | None = None
    activity_type_id: ActivityTypeId | None = None
    currency: str | None = None
    """ISO 4217; ``None``: the firm's. A rate prices only work that is billed in its currency."""
    valid_from: date | None = None
    valid_until: date | None = None
    """Last day on which it counts."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _set(self, "grade", faults.optional_text("/grade", self.grade))
        _set(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.decimal("/rate", self.rate, least=Decimal(0))
        if self.currency is not None:
            check_currency(faults, "/currency", self.currency)
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            faults.add("/valid_until", "interval.empty", f"It ends {self.valid_until}, before it begins on {self.valid_from}.")
        faults.raise_any("bill rate")

    def holds_on(self, day: date) -> bool:
        """Whether the day lies in its validity."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuestion:
    """Whose hour is to be priced: on a day, on a project. Without ``person_id`` only rates that hold for anybody are asked for."""

    day: date
    project_id: ProjectId
    grade: str | None = None
    person_id: PersonId | None = None
    activity_type_id: ActivityTypeId | None = None
    currency: str | None = None
    """In which it is billed; ``None``: the firm's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A rate that was looked at, and why it is not the one: ``None`` of the one that applies, else what does not fit or beats it."""

    rate: BillRate
    lost_by: str | None


class RateCard:
    """
    The firm's bill rates, for look-up.

    A rate fits when each of its person, grade, project, client and activity is absent or the one asked for, it is in the currency asked
    for, and the day lies in its validity. Of those that fit: one for the person before one for any, then for the grade, the project, the
    client, the activity; among equals the one valid from the latest day (new ones cannot overlap, see ``check_rate_alone``), then the
    highest.
    """

    def __init__(self, rates: Iterable[BillRate], *, home: str, clients: Mapping[ProjectId, ClientId | None]) -> None:
        """``home``: the firm's currency; ``clients``: whose each project is, as far as it has one."""
        self._home = home
        self._clients = clients
        self._by_scope: dict[tuple[str | None, ...], list[BillRate]] = {}
        turns: set[date] = set()
        for rate in rates:
            self._by_scope.setdefault(rate_scope(rate, home=home), []).append(rate)
            turns |= {day for day in (rate.valid_from, _after(rate)) if day is not None}
        for group in self._by_scope.values():
            group.sort(key=_latest_first, reverse=True)
        shapes = {tuple(one is not None for one in scope[:-1]) for scope in self._by_scope}
        self._shapes = sorted(shapes, reverse=True)
        self._people = {scope[0] for scope in self._by_scope}
        self._turns = sorted(turns)
        self._found: dict[tuple[int, tuple[str | None, ...]], tuple[BillRate, Fraction] | None] = {}

    def rate(
        self,
        *,
        day: date,
        project_id: ProjectId,
        grade: str | None,
        person_id: PersonId | None = None,
        activity_type_id: ActivityTypeId | None = None,
        currency: str | None = None,
    ) -> Fraction | None:
        """The rate per hour on a day; without ``person_id`` only rates that hold for anybody."""
        key = (self.epoch(day), (person_id, grade, project_id, self._clients.get(project_id), activity_type_id, currency or self._home))
        found = self._look_up(key, day)
        return None if found is None else found[1]

    def found(self, question: RateQuestion) -> BillRate | None:
        """The bill rate that applies; ``None`` where none does."""
        found = self._look_up((self.epoch(question.day), self._asked(question)), question.day)
        return None if found is None else found[0]

    def considered(self, question: RateQuestion) -> tuple[Considered, ...]:
        """
        The rate that applies, if any does, then all others that name no other person, project or client, best first.

        Those are what somebody who wonders about a price would have expected to apply.
        """
        asked, best = self._asked(question), self.found(question)
        found = []
        for scope, group in self._by_scope.items():
            if any(scope[place] not in {None, asked[place]} for place in _ABOUT):
                continue
            found += [Considered(rate=rate, lost_by=None if rate is best else self._misfit(rate, scope, asked, question)) for rate in group]
        return tuple(sorted(found, key=_order))

    def has_own(self, person_id: PersonId) -> bool:
        """Whether some rate, valid at any time, is the person's own."""
        return person_id in self._people

    def epoch(self, day: date) -> int:
        """A number that is the same for days on which the same rates are valid."""
        return bisect_right(self._turns, day)

    def _asked(self, question: RateQuestion) -> tuple[str | None, ...]:
        currency = question.currency or self._home
        client_id = self._clients.get(question.project_id)
        return (question.person_id, question.grade, question.project_id, client_id, question.activity_type_id, currency)

    def _look_up(self, key: tuple[int, tuple[str | None, ...]], day: date) -> tuple[BillRate, Fraction] | None:
        if key not in self._found:
            rate = self._find(day, key[1])
            self._found[key] = None if rate is None else (rate, Fraction(rate.rate))
        return self._found[key]

    def _find(self, day: date, asked: tuple[str | None, ...]) -> BillRate | None:
        for shape in self._shapes:
            scope = tuple(one if is_named else None for one, is_named in zip(asked, shape, strict=False))
            if shape != tuple(one is not None for one in scope):
                continue  # it names what was not asked for
            for rate in self._by_scope.get((*scope, asked[-1]), ()):
                if rate.holds_on(day):
                    return rate
        return None

    def _misfit(self, rate: BillRate, scope: tuple[str | None, ...], asked: tuple[str | None, ...], question: RateQuestion) -> str:
        for name, own, wanted in zip((*NARROWED_BY, "currency"), scope, asked, strict=True):
            if own is not None and own != wanted:
                return name
        return "less_specific" if rate.holds_on(question.day) else "validity"


def by_epoch(card: RateCard, minutes_on: Mapping[date, int]) -> dict[date, int]:
    """The minutes summed over days with the same valid rates, each sum under the first of its days."""
    sums: dict[int, tuple[date, int]] = {}
    for day in sorted(minutes_on):
        first, minutes = sums.get(card.epoch(day), (day, 0))
        sums[card.epoch(day)] = (first, minutes + minutes_on[day])
    return dict(sums.values())


def check_rate_alone(rate: BillRate, others: Iterable[BillRate], *, home: str) -> None:
    """No two rates for the same hold on one day. ``home``: the firm's currency. Raises DomainError ``rate.overlap``."""
    for other in others:
        if other.id != rate.id and rate_scope(other, home=home) == rate_scope(rate, home=home) and _hold_together(rate, other):
            raise DomainError(
                ErrorKind.CONFLICT,
                "rate.overlap",
                f"The bill rate {other.external_id or other.id} for the same person, grade, project, client, activity and currency is valid"
                f" {_validity(other)}, and this one {_validity(rate)}; end one before the other begins.",
                facts={"bill_rate": other.id},
            )


def rate_scope(rate: BillRate, *, home: str) -> tuple[str | None, ...]:
    """What a rate is for: as ``NARROWED_BY``, then its currency. ``home``: the firm's."""
    return (rate.person_id, rate.grade, rate.project_id, rate.client_id, rate.activity_type_id, rate.currency or home)


def _latest_first(rate: BillRate) -> tuple[date, Decimal, str]:
    return (rate.valid_from or date.min, rate.rate, rate.id)


def _order(one: Considered) -> tuple[object, ...]:
    """The one that applies, those that it beats, and those that do not fit; the specific and the late ones first."""
    rate = one.rate
    named = tuple(getattr(rate, name) is None for name in NARROWED_BY)
    since = (date.max - (rate.valid_from or date.min)).days
    return (one.lost_by is not None, one.lost_by != "less_specific", named, since, -rate.rate, rate.id)


def _after(rate: BillRate) -> date | None:
    return None if rate.valid_until in {None, date.max} else rate.valid_until + timedelta(days=1)


def _hold_together(one: BillRate, other: BillRate) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_until or date.max, other.valid_until or date.max)


def _validity(rate: BillRate) -> str:
    if rate.valid_from is None and rate.valid_until is None:
        return "always"
    begin = f"from {rate.valid_from} " if rate.valid_from else ""
    return f"{begin}until {rate.valid_until}" if rate.valid_until else f"{begin}on"


def _set(value: object, name: str, content: object) -> None:
    # How a frozen value normalises itself while it is being made.
    object.__setattr__(value, name, content)
