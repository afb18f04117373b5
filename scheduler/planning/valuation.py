"""What an hour of a demand is worth and what an hour of a person costs, with a statement of how each was chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.bill_rates import by_epoch
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.money import exponent
from scheduler.domain.staffing.people import Employment
from scheduler.domain.staffing.work import ContractKind
from scheduler.planning.bills import Bill
from scheduler.planning.fractions import e4
from scheduler.planning.scope import probability
from scheduler.planning.wording import Statement, hours, minor_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.bill_rates import RateCard
    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.work import Demand, Firm, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.time_grid import TimeGrid

MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandValue:
    """Worth of an hour of a demand in minor units, and what differs with the person who works it."""

    rate_minor: int
    statement: Statement
    bill: Bill
    differences: Mapping[PersonId, int] = field(default_factory=dict)
    """What a person's hour is worth above ``rate_minor``; not listed: 0."""
    unrated: frozenset[PersonId] = frozenset()
    """People without any bill rate on this demand: an hour of theirs could not be billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePerson:
    """What decides somebody's bill rate on a demand."""

    id: PersonId
    grade: str | None
    cost_rate: Decimal | None = None
    """For contracts that bill costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCost:
    """Cost of a person's hour, worked and not, in minor units."""

    cost_rate_minor: int
    idle_cost_minor: int
    statements: tuple[Statement, ...]


class Valuation:
    """Values demands by their project's contract."""

    def __init__(
        self,
        *,
        firm: Firm,
        card: RateCard,
        all_effort_min: Mapping[str, int],
        everybody: Sequence[RatePerson],
        contracts: Iterable[Contract] = (),
        exchange: Exchange | None = None,
        with_costs: bool = True,
    ) -> None:
        """
        ``all_effort_min``: total effort of every project's demands, inside and outside the horizon; ``everybody``: who may be
        employed in the horizon; ``exchange``: for contracts in other currencies; ``with_costs``: whether costs may be billed here.
        """
        self._contracts = {contract.project_id: contract for contract in contracts}
        self._exchange = Exchange((), home=firm.currency) if exchange is None else exchange
        self._with_costs = with_costs
        self._firm = firm
        self._card = card
        self._all_effort_min = all_effort_min
        self._everybody = everybody

    def value(
        self, demand: Demand, project: Project, *, effort_on: Mapping[date, int], qualified: Sequence[RatePerson]
    ) -> DemandValue | Statement:
        """The demand's value for the ``qualified``; a statement of why it is left out when there is nothing to value it by."""
        match project.contract:
            case ContractKind.INTERNAL:
                return self._flat(demand, project, rate=Fraction(self._firm.shadow_rate), how="internal work at the firm's shadow rate")
            case ContractKind.FIXED_PRICE:
                return self._fixed_price(demand, project)
            case ContractKind.TIME_AND_MATERIALS:
                return self._of_time(demand, project, effort_on=effort_on, qualified=qualified)

    def _of_time(
        self, demand: Demand, project: Project, *, effort_on: Mapping[date, int], qualified: Sequence[RatePerson]
    ) -> DemandValue | Statement:
        contract = self._contracts.get(project.id)
        if contract is not None and contract.blended_rate is not None:
            worth = self._worth(contract.currency, min(effort_on))
            if worth is not None:
                rate = Fraction(contract.blended_rate) * worth
                return self._flat(demand, project, rate=rate, how="time and materials at the contract's blended rate")
        if demand.bill_rate is not None and (contract is None or contract.currency == self._firm.currency):
            return self._flat(demand, project, rate=Fraction(demand.bill_rate), how="time and materials at the demand's bill rate")
        return self._by_rate_card(demand, project, effort_on=effort_on, qualified=qualified)

    def _worth(self, currency: str, day: date) -> Fraction | None:
        """What one unit of a currency is worth in the firm's on a day; ``None`` where nobody knows."""
        try:
            return Fraction(self._exchange.rate(currency, day))
        except DomainError:
            return None

    def _fixed_price(self, demand: Demand, project: Project) -> DemandValue | Statement:
        planned_min = project.planned_minutes or self._all_effort_min.get(project.id, 0)
        if project.contract_value_minor is None or planned_min <= 0:
            lacking = "contract value" if project.contract_value_minor is None else "planned hours"
            return _no_value(
                demand,
                project,
                code="value.missing",
                why=f"its fixed-price project {project.name} has no {lacking}; set it to plan the demand.",
            )
        planned = "planned hours" if project.planned_minutes else "hours of its demands"
        rate = Fraction(project.contract_value_minor, 10 ** exponent(self._firm.currency)) * MINUTES_PER_HOUR / planned_min
        how = f"fixed price: contract value by {hours(planned_min)} ({planned})"
        return self._flat(demand, project, rate=rate, how=how, planned_minutes=planned_min)

    def _flat(self, demand: Demand, project: Project, *, rate: Fraction, how: str, **facts: Any) -> DemandValue:
        rate_minor = minor_units(rate * _weight(project), self._firm.currency)
        billed = 0 if project.contract is ContractKind.INTERNAL else minor_units(rate, self._firm.currency)
        return DemandValue(
            rate_minor=rate_minor,
            statement=self._statement(demand, project, rate=rate, how=how, rate_minor=rate_minor, **facts),
            bill=Bill(rate_minor=billed, chance_e4=e4(probability(project))),
        )

    def _by_rate_card(
        self, demand: Demand, project: Project, *, effort_on: Mapping[date, int], qualified: Sequence[RatePerson]
    ) -> DemandValue | Statement:
        sums, markup = by_epoch(self._card, effort_on), self._markup(project)
        base = None if markup is not None else self._mean(sums, project=project, grade=demand.grade)
        rates = self._rates_of(qualified, sums, demand=demand, project=project)
        how = f"time and materials at the bill rate{f' of grade {demand.grade}' if demand.grade else ''}"
        if base is None:
            found = rates if qualified else self._rates_of(self._everybody, sums, demand=demand, project=project)
            base = _mean_rate([rate for rate in found.values() if rate is not None])
            how = f"{'costs with a markup' if markup else 'time and materials'} at the mean bill rate of the people who qualify; each at their own"
        if base is None:
            return self._missing_rate(demand, project, sums)
        weight = _weight(project)
        minor = {rate: minor_units(rate * weight, self._firm.currency) for rate in {base, *rates.values()} if rate is not None}
        rate_minor = minor[base]
        differences = {person_id: minor[rate] - rate_minor for person_id, rate in rates.items() if rate is not None}
        return DemandValue(
            rate_minor=rate_minor,
            statement=replace(
                self._statement(demand, project, rate=base, how=how, rate_minor=rate_minor, rates_changed=len(sums) > 1),
                confidential=markup is not None,
            ),
            bill=self._bill(base, rates, project),
            differences={i: d for i, d in differences.items() if d},
            unrated=frozenset(i for i, r in rates.items() if r is None),
        )

    def _bill(self, base: Fraction, rates: Mapping[PersonId, Fraction | None], project: Project) -> Bill:
        own: dict[str, int] = {i: minor_units(rate, self._firm.currency) for i, rate in rates.items() if rate is not None and rate != base}
        return Bill(rate_minor=minor_units(base, self._firm.currency), chance_e4=e4(probability(project)), of_people=own)

    def _rates_of(
        self, staff: Sequence[RatePerson], sums: Mapping[date, int], *, demand: Demand, project: Project
    ) -> dict[PersonId, Fraction | None]:
        """Everybody's mean rate; people without rates of their own share that of their grade. Where costs are billed, what each costs."""
        markup = self._markup(project)
        if markup is not None:
            return {one.id: None if one.cost_rate is None else Fraction(one.cost_rate) * (1 + markup) for one in staff}
        of_grade: dict[str | None, Fraction | None] = {}
        rates: dict[PersonId, Fraction | None] = {}
        for person in staff:
            grade = demand.grade or person.grade
            if self._card.has_own(person.id):
                rates[person.id] = self._mean(sums, project=project, grade=grade, person_id=person.id)
                continue
            if grade not in of_grade:
                of_grade[grade] = self._mean(sums, project=project, grade=grade)
            rates[person.id] = of_grade[grade]
        return rates

    def _mean(self, sums: Mapping[date, int], *, project: Project, grade: str | None, person_id: PersonId | None = None) -> Fraction | None:
        """The rate weighted by effort; ``None`` when it is missing in some week."""
        if len(sums) == 1:
            return self._rate(next(iter(sums)), project=project, grade=grade, person_id=person_id)
        total = Fraction(0)
        for day, minutes in sums.items():
            rate = self._rate(day, project=project, grade=grade, person_id=person_id)
            if rate is None:
                return None
            total += rate * minutes
        return total / sum(sums.values())

    def _rate(self, day: date, *, project: Project, grade: str | None, person_id: PersonId | None = None) -> Fraction | None:
        """The bill rate in the currency of the project's contract, in the firm's at the day's exchange rate."""
        contract = self._contracts.get(project.id)
        if contract is None or contract.currency == self._firm.currency:
            return self._card.rate(day=day, project_id=project.id, grade=grade, person_id=person_id)
        currency = contract.currency
        rate = self._card.rate(day=day, project_id=project.id, grade=grade, person_id=person_id, currency=currency)
        worth = self._worth(currency, day)
        return None if rate is None or worth is None else rate * worth

    def _markup(self, project: Project) -> Fraction | None:
        """What a cost-plus contract adds to costs; ``None`` of others, and where nobody's cost is known here."""
        contract = self._contracts.get(project.id)
        return None if contract is None or contract.markup is None or not self._with_costs else Fraction(contract.markup)

    def _missing_rate(self, demand: Demand, project: Project, sums: Mapping[date, int]) -> Statement:
        first = next((d for d in sums if self._rate(d, project=project, grade=demand.grade) is None), min(sums))
        grade = f"grade {demand.grade}" if demand.grade else "any grade"
        why = f"there is no bill rate for {grade} on {project.name} in the week of {first}; add one, or a bill rate on the demand."
        return _no_value(demand, project, code="rate.missing", why=why, grade=demand.grade, week=first.isoformat())

    def _statement(self, demand: Demand, project: Project, *, rate: Fraction, how: str, rate_minor: int, **facts: Any) -> Statement:
        chance = probability(project)
        return Statement(
            code="value.chosen",
            subject="demand",
            id=demand.id,
            name=demand.name,
            text=f"{demand.name} ({project.name}): {how}, times probability {chance:f} and priority {project.priority:f}.",
            facts={
                "contract": project.contract.value,
                "rate_minor": minor_units(rate, self._firm.currency),
                "probability": f"{chance:f}",
                "priority": f"{project.priority:f}",
                "value_rate_minor": rate_minor,
                **facts,
            },
        )


def person_cost(availability: Availability, *, grid: TimeGrid, currency: str) -> PersonCost:
    """
    Cost of an hour: the terms' cost rates, weighted by the usual minutes under each.

    An employee is paid booked or not, so an idle hour costs the same and an hour from the bench costs nothing more; a
    contractor's idle hour costs nothing.
    """
    terms = availability.terms or availability.person.terms[-1:]
    if not terms:
        return PersonCost(cost_rate_minor=0, idle_cost_minor=0, statements=())
    weights = [sum(m.usual_min for day, m in zip(grid.days.days(), availability.days, strict=True) if day in t.period) for t in terms]
    if not any(weights):
        weights = [1] + [0] * (len(terms) - 1)
    rate = sum((Fraction(t.known_cost_rate) * w for t, w in zip(terms, weights, strict=True)), Fraction(0)) / sum(weights)
    cost_minor = minor_units(rate, currency)
    employment = terms[0].employment
    idle_minor = cost_minor if employment is Employment.EMPLOYEE else 0
    person = availability.person
    words = "paid anyway, so an idle hour costs the same" if employment is Employment.EMPLOYEE else "an idle hour costs nothing"
    varies = " (the mean of the terms in the horizon, by usual hours)" if len({t.cost_rate for t in terms}) > 1 else ""
    chosen = Statement(
        code="cost.chosen",
        subject="person",
        id=person.id,
        name=person.name,
        text=f"{person.name}: {employment.value} at the cost rate{varies}; {words}.",
        facts={
            "employment": employment.value,
            "cost_rate_minor": cost_minor,
            "idle_cost_minor": idle_minor,
            "cost_rates": len({t.cost_rate for t in terms}),
        },
        confidential=True,
    )
    return PersonCost(cost_rate_minor=cost_minor, idle_cost_minor=idle_minor, statements=(chosen, *_changes(availability)))


def _changes(availability: Availability) -> Iterable[Statement]:
    """Say what of the later terms the plan does not see."""
    person, terms = availability.person, availability.terms
    for what, code in (("location", "location.changes"), ("grade", "grade.changes"), ("employment", "employment.changes")):
        first, *later = [getattr(t, what) for t in terms] or [None]
        changed = [t for t, value in zip(terms[1:], later, strict=True) if value != first]
        if changed:
            on = changed[0].period.start
            yield Statement(
                code=code,
                subject="person",
                id=person.id,
                name=person.name,
                text=f"{person.name}'s {what} changes on {on}; the plan takes the one at the start, {first or 'none'}, throughout.",
                facts={"changes_on": on.isoformat(), "taken": first, "later": getattr(changed[0], what)},
            )


def _no_value(demand: Demand, project: Project, *, code: str, why: str, **facts: Any) -> Statement:
    return Statement(
        code=code, subject="demand", id=demand.id, name=demand.name, text=f"{demand.name}: {why}", facts={"project": project.id, **facts}
    )


def _mean_rate(rates: Sequence[Fraction]) -> Fraction | None:
    return sum(rates, Fraction(0)) / len(rates) if rates else None


def _weight(project: Project) -> Fraction:
    return Fraction(probability(project)) * Fraction(project.priority)
