"""
Changes leave the price and the cost of approved time as they were.

Amounts are not stored with time: they follow from rates, contracts, demands, projects and people's terms. So what would give approved
time another price or cost is refused; what is new begins on a day after it. Time that had no price or cost may get one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.staffing.work import ContractKind
from scheduler.planning import price_reach
from scheduler.planning.price_reach import RowChange, term_on
from scheduler.planning.prices import Prices, Worked
from scheduler.planning.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.pricing import ApprovedHours, Reach
    from scheduler.domain.staffing.people import Person, Term
    from scheduler.domain.staffing.work import Demand, Firm

    _Read = Mapping[str, Mapping[str, Any]]
    """People and demands of some time, by id."""

_READ_WHOLE = ("projects", "contracts", "bill_rates", "exchange_rates")
_REACHED_AT_ONCE = 200
"""Conditions in one statement; SQLite takes fewer than a thousand."""


class ApprovedWork(Protocol):
    """Approved time as it was before a transaction, and what its prices and costs follow from."""

    @property
    def shows_costs(self) -> bool:
        """Whether the actor may learn what anybody costs."""

    def changes(self, area: str) -> tuple[tuple[Any, Any], ...]:
        """The area's values that the transaction has written, as they were before and as they are; ``None``: not there."""

    def hours(self, reached: Sequence[Reach]) -> Iterator[tuple[ApprovedHours, ...]]:
        """Time that is reached, each kind once, in order of days, some at a time."""

    def last_day(self, reached: Sequence[Reach]) -> date | None:
        """The last day of all that time."""

    @property
    def firm(self) -> Firm:
        """Its settings."""

    def all(self, area: str) -> tuple[Any, ...]:
        """All values of an area as they are; read once."""

    def people(self, ids: Collection[str]) -> tuple[Person, ...]:
        """Those of the ids that exist."""

    def demands(self, ids: Collection[str]) -> tuple[Demand, ...]:
        """Those of the ids that exist."""


def check_approved_stays(work: ApprovedWork) -> None:
    """
    Approved time keeps its price and its cost, whatever a transaction has written.

    Raises
    ------
    DomainError
        ``rate.in_use`` for a bill rate, else ``price.in_use``: what was changed, the first day that would differ, and the last that is
        approved of what it reaches.
    """
    changes = tuple(_changes(work))
    reached = _widest(one for change in changes for one in change.reached)
    sides: _Sides | None = None
    found: list[_Altered] = []
    for start in range(0, len(reached), _REACHED_AT_ONCE):
        for hours in work.hours(reached[start : start + _REACHED_AT_ONCE]):
            sides = sides or _Sides(work, changes)
            altered = sides.first_altered(hours)
            if altered is not None:
                found.append(altered)
                break
    if sides is not None and found:
        raise sides.refusal(min(found, key=lambda one: one.hours.day))


def _widest(reached: Iterable[Reach]) -> list[Reach]:
    """Of what is alike but for its first day the one that begins first: a currency may have a rate for each of a thousand days."""
    found: dict[Reach, Reach] = {}
    for one in reached:
        alike = replace(one, first=None)
        first = found.get(alike, one).first
        found[alike] = replace(one, first=None if None in {first, one.first} else min(first or date.min, one.first or date.min))
    return list(found.values())


def _changes(work: ApprovedWork) -> Iterator[RowChange]:
    """Only what may alter something: for all else no more is read than the rows that were written."""
    for area in _NAMES:
        for before, after in work.changes(area):
            pair = (before, after) if area != "people" or work.shows_costs else price_reach.without_costs(before, after)
            reached = tuple(_reached(work, area, *pair))
            if reached:
                yield RowChange(area=area, before=pair[0], after=pair[1], reached=reached)


def _reached(work: ApprovedWork, area: str, before: Any, after: Any) -> Iterable[Reach]:
    if area == "bill_rates":
        return price_reach.of_bill_rate(before, after, home=work.firm.currency)
    if area == "exchange_rates":
        return price_reach.of_exchange_rate(before, after, work.all("contracts"))
    return _REACHED[area](before, after)


_REACHED: Mapping[str, Callable[[Any, Any], Iterable[Reach]]] = {
    "demands": price_reach.of_demand,
    "projects": price_reach.of_project,
    "contracts": price_reach.of_contract,
    "people": price_reach.of_person,
}


class _Altered(NamedTuple):
    hours: ApprovedHours
    is_price: bool
    """Else its cost."""


class _Price(NamedTuple):
    """What an hour is billed at; of work at cost what is agreed, not the amount, which would tell the cost."""

    currency: str
    by_cost: tuple[object, ...] | None
    rate: object
    beyond: object
    """For hours beyond what a retainer has."""


@dataclass(frozen=True, kw_only=True)
class _Side:
    """What prices follow from, before or after."""

    firm: Firm
    rows: Mapping[str, Mapping[str, Any]]
    own: Mapping[str, Mapping[str, Any]]
    """People and demands that were changed."""

    @cached_property
    def prices(self) -> Prices:
        rows = {area: tuple(self.rows[area].values()) for area in _READ_WHOLE}
        return Prices(Snapshot(firm=self.firm, **rows), with_costs=False)

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        return {contract.project_id: contract for contract in self.rows["contracts"].values()}

    def worked(self, hours: ApprovedHours, read: _Read) -> Worked:
        """What is asked of the prices."""
        term = self._term(hours, read)
        return Worked(
            project=self.rows["projects"][hours.project_id],
            person_id=hours.person_id,
            day=hours.day,
            demand=None if hours.demand_id is None else self._found("demands", hours.demand_id, read),
            grade=None if term is None else term.grade,
            activity_type_id=hours.activity_type_id,
        )

    def cost(self, hours: ApprovedHours, read: _Read) -> Decimal | None:
        """What an hour costs; 0 stands for a cost that nobody has said yet."""
        term = self._term(hours, read)
        return None if term is None else term.cost_rate or None

    def price(self, hours: ApprovedHours, read: _Read) -> _Price | None:
        """``None`` where nothing prices it, or all of the work has one price."""
        project, contract = self.rows["projects"][hours.project_id], self.contracts.get(hours.project_id)
        if project.contract is ContractKind.FIXED_PRICE or (contract is not None and contract.kind in PRICED_AS_A_WHOLE):
            return None
        if contract is not None and contract.markup is not None:
            return None if self._term(hours, read) is None else self._by_cost(contract, hours.day)
        hour = self.prices.hour(self.worked(hours, read))
        retainer = None if contract is None else contract.retainer
        beyond = hour.rate if retainer is None or retainer.overage_rate is None else retainer.overage_rate
        return None if hour.rate is None and beyond is None else _Price(hour.currency, None, hour.rate, beyond)

    def is_within(self, hours: ApprovedHours) -> bool:
        """Whether a contract has it in its days."""
        contract = self.contracts.get(hours.project_id)
        return contract is not None and contract.starts_on <= hours.day and (contract.ends_on is None or hours.day <= contract.ends_on)

    def _by_cost(self, contract: Contract, day: date) -> _Price | None:
        try:
            exchanged = self.prices.exchange.found(contract.currency, day)
        except DomainError:
            return None
        return _Price(contract.currency, (contract.markup, None if exchanged is None else exchanged.rate), None, None)

    def _term(self, hours: ApprovedHours, read: _Read) -> Term | None:
        return term_on(self._found("people", hours.person_id, read), hours.day)

    def _found(self, area: str, row_id: str, read: _Read) -> Any:
        return self.own[area][row_id] if row_id in self.own[area] else read[area].get(row_id)


class _Sides:
    """Prices and costs before and after; what does not differ is read once."""

    def __init__(self, work: ApprovedWork, changes: Sequence[RowChange]) -> None:
        self._work = work
        self._changes = changes
        now = {area: {row.id: row for row in work.all(area)} for area in _READ_WHOLE}
        then = {area: dict(rows) for area, rows in now.items()}
        changed: list[dict[str, dict[str, Any]]] = [{"people": {}, "demands": {}}, {"people": {}, "demands": {}}]
        for change in changes:
            row_id = change.row.id
            if change.area in changed[0]:
                changed[0][change.area][row_id], changed[1][change.area][row_id] = change.before, change.after
            else:
                then[change.area].pop(row_id, None)
                then[change.area] |= {} if change.before is None else {row_id: change.before}
        firm = work.firm
        self._before = _Side(firm=firm, rows=then, own=changed[0])
        self._after = _Side(firm=firm, rows=now, own=changed[1])

    def first_altered(self, hours: Sequence[ApprovedHours]) -> _Altered | None:
        """The first that would have another price or cost."""
        read = self._read(hours)
        for one in hours:
            if one.is_billable and self._has_other_price(one, read):
                return _Altered(one, is_price=True)
            cost = self._before.cost(one, read)
            if cost is not None and self._after.cost(one, read) != cost:
                return _Altered(one, is_price=False)
        return None

    def refusal(self, altered: _Altered) -> DomainError:
        """What was changed, from when something would differ, and what to do."""
        change = self._blamed(altered)
        return refused(change, altered.hours.day, self._work.last_day(change.reached), is_price=altered.is_price)

    def _read(self, hours: Sequence[ApprovedHours]) -> _Read:
        return {
            "people": {one.id: one for one in self._work.people({one.person_id for one in hours})},
            "demands": {one.id: one for one in self._work.demands({one.demand_id for one in hours if one.demand_id is not None})},
        }

    def _has_other_price(self, hours: ApprovedHours, read: _Read) -> bool:
        before = self._before.price(hours, read)
        if before is None:
            return False
        after = self._after.price(hours, read)
        if self._before.is_within(hours) and not self._after.is_within(hours):
            return True
        if after is None or before[:2] != after[:2]:
            return True
        return any(one is not None and one != other for one, other in zip(before[2:], after[2:], strict=True))

    def _blamed(self, altered: _Altered) -> RowChange:
        """Of several changes the bill rate by which the time was or would be priced, else one that reaches it."""
        hours = altered.hours
        clients = {side.rows["projects"][hours.project_id].client_id for side in (self._before, self._after)}
        reaching = [
            change
            for change in self._changes
            if any(reach.covers(hours, client_id=client) for reach in change.reached for client in clients)
        ]
        if not altered.is_price:
            return next(change for change in reaching if change.area == "people")
        read = self._read([hours])
        rates = [side.prices.bill_rate(side.worked(hours, read)) for side in (self._before, self._after)]
        ids = [rate.id for rate in rates if rate is not None]
        pricing = [change for change in reaching if change.area == "bill_rates" and change.row.id in ids]
        others = [change for change in reaching if change.area != "bill_rates"]
        return (*sorted(pricing, key=lambda change: ids.index(change.row.id)), *others, *reaching)[0]


def refused(change: RowChange, day: date, last: date | None, *, is_price: bool) -> DomainError:
    """The error for a change by which approved time of a day, and perhaps until ``last``, would have another price or cost."""
    what = "price" if is_price else "cost"
    called = getattr(change.row, "external_id", None) or change.row.id
    facts = {"day": day.isoformat(), "last_day": None if last is None else last.isoformat()}
    detail = f"Approved time of {day} would have another {what} by this change of the {_NAMES[change.area]} {called}. "
    advice = _ADVICE[change.area].format(last=last) + ("" if change.area == "bill_rates" else _BACK)
    if change.area == "bill_rates":
        return DomainError(ErrorKind.CONFLICT, "rate.in_use", detail + advice, facts={**facts, "bill_rate": change.row.id})
    return DomainError(ErrorKind.CONFLICT, "price.in_use", detail + advice, facts={**facts, "area": change.area, "id": change.row.id})


_NAMES: Mapping[str, str] = {
    "bill_rates": "bill rate",
    "exchange_rates": "exchange rate",
    "demands": "demand",
    "projects": "project",
    "contracts": "contract",
    "people": "person",
}
_ADVICE: Mapping[str, str] = {
    "bill_rates": "End the rate on {last}, the last day that is approved, or later, and add a new one from the day after.",
    "exchange_rates": "Work at cost until {last} is approved at the rate that was known; give the new rate for a day after that",
    "demands": (
        "Its own rate and its grade have no dates. For work after {last}, the last day that is approved, add another demand, or a bill rate"
        " from the day after where the demand has no rate of its own"
    ),
    "projects": "It says for all days whose it is and how it earns money. For work after {last}, the last day that is approved, add another project",
    "contracts": (
        "What it says of hours holds for all its days, and its days have to include {last}, the last that is approved. Leave both, and price"
        " later work by bill rates from the day after where the contract has no rate of its own, or on another project"
    ),
    "people": "End the terms on {last}, the last day that is approved, or later, and add new ones from the day after",
}
_BACK = "; or take the approval back first."
