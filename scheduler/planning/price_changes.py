"""
Bill rates that change leave the price of approved time as it was.

Amounts are not stored with time: they follow from the rates. So what would give approved time another price is refused; a new price
begins on a day after it. Time that had no price may get one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from scheduler.domain.ground.bill_rates import rate_scope
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.planning.prices import Prices, Worked
from scheduler.planning.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.ids import DemandId, PersonId, ProjectId
    from scheduler.domain.ground.pricing import ApprovedHours
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.work import Demand, Firm, Project

_DAY = timedelta(days=1)
Reached = tuple["BillRate", "date | None", "date | None"]
"""A bill rate, and the first and last day on which it is looked at; ``None``: no limit."""


class ApprovedWork(Protocol):
    """Where approved, billable time is read, and what its prices follow from beside the rates."""

    def hours(self, reached: Sequence[Reached]) -> Iterator[tuple[ApprovedHours, ...]]:
        """What the rates may price, each kind once, in order of days, some at a time."""

    def last_day(self, reached: Sequence[Reached]) -> date | None:
        """The last day of all that time."""

    def projects(self) -> tuple[Project, ...]:
        """All of them."""

    def contracts(self) -> tuple[Contract, ...]:
        """All of them."""

    def people(self, ids: Collection[PersonId]) -> tuple[Person, ...]:
        """Those of the ids that exist."""

    def demands(self, ids: Collection[DemandId]) -> tuple[Demand, ...]:
        """Those of the ids that exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """A bill rate before and after; ``None`` where it was not there, or is not any more."""

    before: BillRate | None
    after: BillRate | None

    def reached(self, *, home: str) -> Iterator[Reached]:
        """The rates, and the first and last day on which what they price may differ; none where nothing of the price does."""
        before, after = self.before, self.after
        if before is None or after is None or _price(before, home) != _price(after, home):
            yield from ((rate, rate.valid_from, rate.valid_until) for rate in (before, after) if rate is not None)
            return
        starts = sorted(rate.valid_from or date.min for rate in (before, after))
        ends = sorted(rate.valid_until or date.max for rate in (before, after))
        if starts[0] < starts[1]:
            yield before, None if starts[0] == date.min else starts[0], starts[1] - _DAY
        if ends[0] < ends[1]:
            yield before, ends[0] + _DAY, None if ends[1] == date.max else ends[1]

    @property
    def rate(self) -> BillRate | None:
        """As it is, or was."""
        return self.after or self.before


def check_price_stays(changes: Sequence[RateChange], *, now: Iterable[BillRate], firm: Firm, work: ApprovedWork) -> None:
    """
    Approved time keeps its price. ``now``: all rates as they are with the changes.

    Raises
    ------
    DomainError
        ``rate.in_use`` with the first day whose price would differ, and the last that the changes may reach.
    """
    reached = [one for change in changes for one in change.reached(home=firm.currency)]
    if not reached:
        return
    known: _Known | None = None
    for hours in work.hours(reached):
        known = known or _known(changes, tuple(now), firm=firm, work=work)
        before, after = known.before, known.after
        for worked in _worked(hours, work, known.projects):
            was = before.hour(worked)
            if was.rate is not None and after.hour(worked) != was:
                raise _in_use(worked, changes, rates=(before.bill_rate(worked), after.bill_rate(worked)), last=work.last_day(reached))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Prices before and after, and what is read once."""

    before: Prices
    after: Prices
    projects: Mapping[ProjectId, Project]


def _known(changes: Sequence[RateChange], now: Sequence[BillRate], *, firm: Firm, work: ApprovedWork) -> _Known:
    """Costs and exchange rates are the same before and after, so what follows from them is left out."""
    then = {rate.id: rate for rate in now}
    for change in changes:
        if change.after is not None:
            then.pop(change.after.id, None)
        if change.before is not None:
            then[change.before.id] = change.before
    rows = Snapshot(firm=firm, projects=work.projects(), contracts=work.contracts(), bill_rates=tuple(now))
    return _Known(
        before=Prices(replace(rows, bill_rates=tuple(then.values())), with_costs=False),
        after=Prices(rows, with_costs=False),
        projects={project.id: project for project in rows.projects},
    )


def _worked(hours: Sequence[ApprovedHours], work: ApprovedWork, projects: Mapping[ProjectId, Project]) -> Iterator[Worked]:
    demands = {demand.id: demand for demand in work.demands({one.demand_id for one in hours if one.demand_id is not None})}
    terms = {person.id: person.terms for person in work.people({one.person_id for one in hours})}
    for one in hours:
        term = next((term for term in terms.get(one.person_id, ()) if one.day in term.period), None)
        yield Worked(
            project=projects[one.project_id],
            person_id=one.person_id,
            day=one.day,
            demand=None if one.demand_id is None else demands.get(one.demand_id),
            grade=None if term is None else term.grade,
            activity_type_id=one.activity_type_id,
        )


def _in_use(worked: Worked, changes: Sequence[RateChange], *, rates: Iterable[BillRate | None], last: date | None) -> DomainError:
    known = {change.rate.id: change.rate for change in changes if change.rate is not None}
    pricing = next((rate.id for rate in rates if rate is not None and rate.id in known), next(iter(known)))
    called = known[pricing].external_id or pricing
    return DomainError(
        ErrorKind.CONFLICT,
        "rate.in_use",
        f"Approved time of {worked.day} would have another price by this change of the bill rate {called}. End the rate on {last}, the last"
        " day that is approved, or later, and add a new one from the day after.",
        facts={"day": worked.day.isoformat(), "last_day": None if last is None else last.isoformat(), "bill_rate": pricing},
    )


def _price(rate: BillRate, home: str) -> tuple[object, ...]:
    return (rate.rate, *rate_scope(rate, home=home))
