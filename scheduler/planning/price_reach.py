"""Which approved time a change of a row may give another price or cost; none where nothing of them follows from what differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.bill_rates import rate_scope
from scheduler.domain.ground.pricing import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.exchange import ExchangeRate
    from scheduler.domain.staffing.people import Person, Term
    from scheduler.domain.staffing.work import Demand, Project

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """A row from which prices or costs follow; a half is ``None`` where it was not there, or is not any more."""

    area: str
    before: Any
    after: Any
    reached: tuple[Reach, ...]

    @property
    def row(self) -> Any:
        """As it is, or was."""
        return self.after or self.before


def of_bill_rate(before: BillRate | None, after: BillRate | None, *, home: str) -> Iterator[Reach]:
    """What it prices may differ on all its days, or where only its days do, on those."""
    if before is None or after is None or _price(before, home) != _price(after, home):
        for rate in (before, after):
            if rate is not None:
                yield _of(rate, rate.valid_from, rate.valid_until)
        return
    yield from (
        _of(before, first, last) for first, last in _moved((before.valid_from, before.valid_until), (after.valid_from, after.valid_until))
    )


def of_exchange_rate(before: ExchangeRate | None, after: ExchangeRate | None, contracts: Iterable[Contract]) -> Iterator[Reach]:
    """Costs that are billed in its currency are converted at it, from its day on."""
    rates = [rate for rate in (before, after) if rate is not None]
    if len(rates) == 2 and len({(rate.currency, rate.day, rate.rate) for rate in rates}) == 1:
        return
    for contract in contracts:
        days = [rate.day for rate in rates if contract.markup is not None and rate.currency == contract.currency]
        if days:
            yield Reach(project_id=contract.project_id, first=min(days))


def of_demand(before: Demand | None, after: Demand | None) -> Iterator[Reach]:
    """Its own rate, and the grade that counts before the person's; one that is new or was deleted has no time."""
    if before is not None and after is not None and (before.bill_rate, before.grade) != (after.bill_rate, after.grade):
        yield Reach(demand_id=after.id)


def of_project(before: Project | None, after: Project | None) -> Iterator[Reach]:
    """Whose it is, and how it earns money; one that is new or was deleted has no time."""
    if before is not None and after is not None and (before.client_id, before.contract) != (after.client_id, after.contract):
        yield Reach(project_id=after.id)


def of_contract(before: Contract | None, after: Contract | None) -> Iterator[Reach]:
    """What it says of an hour, and the days that it no longer has."""
    if before is None or after is None or _terms(before) != _terms(after):
        yield from (Reach(project_id=one.project_id) for one in (before, after) if one is not None)
        return
    if before.starts_on < after.starts_on:
        yield Reach(project_id=before.project_id, first=before.starts_on, last=after.starts_on - _DAY)
    if after.ends_on is not None and (before.ends_on is None or after.ends_on < before.ends_on):
        yield Reach(project_id=before.project_id, first=after.ends_on + _DAY, last=before.ends_on)


def of_person(before: Person | None, after: Person | None) -> Iterator[Reach]:
    """Days on which grade or cost differ."""
    if before is None or after is None or before.terms == after.terms:
        return
    ends = {day for term in (*before.terms, *after.terms) for day in (term.period.start, term.period.end) if day is not None}
    firsts = sorted(ends)
    for first, end in zip(firsts, [*firsts[1:], None], strict=True):
        if _figures(term_on(before, first)) != _figures(term_on(after, first)):
            yield Reach(person_id=after.id, first=first, last=None if end is None else end - _DAY, with_unbillable=True)


def term_on(person: Person | None, day: date) -> Term | None:
    """The terms under which somebody works on a day."""
    return None if person is None else next((term for term in person.terms if day in term.period), None)


def without_costs(before: Person | None, after: Person | None) -> tuple[Person | None, Person | None]:
    """
    Which terms cost alike, in place of what they cost: for whoever may not learn that.

    Each of before has a figure of its own. Those of now go on as the last that began before them, as the store keeps them. So what is
    refused says which terms a day falls under, and never whether two of them cost the same.
    """
    if before is None or after is None or not before.terms:
        return before, after
    starts = [term.period.start for term in before.terms]

    def numbered(person: Person) -> Person:
        terms = (replace(term, cost_rate=Decimal(max(1, sum(start <= term.period.start for start in starts)))) for term in person.terms)
        return replace(person, terms=tuple(terms))

    return numbered(before), numbered(after)


def _moved(before: tuple[date | None, date | None], after: tuple[date | None, date | None]) -> Iterator[tuple[date | None, date | None]]:
    """Days that lie in one of two periods, and not in the other: the first and the last; ``None``: no limit."""
    starts = sorted(first or date.min for first, _ in (before, after))
    ends = sorted(last or date.max for _, last in (before, after))
    if starts[0] < starts[1]:
        yield None if starts[0] == date.min else starts[0], starts[1] - _DAY
    if ends[0] < ends[1]:
        yield ends[0] + _DAY, None if ends[1] == date.max else ends[1]


def _of(rate: BillRate, first: date | None, last: date | None) -> Reach:
    return Reach(
        project_id=rate.project_id,
        person_id=rate.person_id,
        activity_type_id=rate.activity_type_id,
        client_id=rate.client_id,
        first=first,
        last=last,
    )


def _price(rate: BillRate, home: str) -> tuple[object, ...]:
    return (rate.rate, *rate_scope(rate, home=home))


def _terms(contract: Contract) -> tuple[object, ...]:
    beyond = None if contract.retainer is None else contract.retainer.overage_rate
    return (contract.project_id, contract.kind, contract.currency, contract.blended_rate, contract.markup, beyond)


def _figures(term: Term | None) -> tuple[object, ...] | None:
    return None if term is None else (term.grade, term.cost_rate)
