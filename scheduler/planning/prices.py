"""What an hour of a person on a project brings, before chances and priorities: as an invoice would price it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE
from scheduler.domain.billing.contracts import ContractKind as Kind
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.money import exponent
from scheduler.domain.ground.pricing import CostRate, DemandPrice, PriceBook, PriceTerms, price_of_time, question_of
from scheduler.domain.staffing.work import ContractKind
from scheduler.planning.snapshot import rate_card

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId
    from scheduler.domain.staffing.work import Demand, Project
    from scheduler.planning.snapshot import Snapshot

MINUTES_PER_HOUR = 60


class Worked(NamedTuple):
    """Whose hour, on what; ``grade`` and ``cost_rate`` are the person's on that day."""

    project: Project
    person_id: PersonId
    day: date
    demand: Demand | None = None
    grade: str | None = None
    cost_rate: Decimal | None = None
    activity_type_id: ActivityTypeId | None = None


class Hour(NamedTuple):
    """A rate per hour in the main unit of a currency; ``None`` where nothing prices it."""

    rate: Fraction | None
    currency: str


class Prices:
    """
    Prices hours by contract, demand and bill rates.

    A fixed price is spread over its planned hours; internal work brings nothing. What work costs is billed under cost-plus contracts:
    without ``with_costs`` such hours have no price, because costs follow from it.
    """

    def __init__(self, snapshot: Snapshot, *, with_costs: bool = True) -> None:
        self.home = snapshot.firm.currency
        self.exchange = Exchange(snapshot.exchange_rates, home=self.home)
        self._book = PriceBook(card=rate_card(snapshot), exchange=self.exchange)
        self._with_costs = with_costs
        self._contracts: dict[ProjectId, Contract] = {contract.project_id: contract for contract in snapshot.contracts}
        self._terms: dict[ProjectId, PriceTerms] = {key: terms_of(contract) for key, contract in self._contracts.items()}
        self._plain = PriceTerms(currency=self.home)
        self._versions = {person.id: person.version for person in snapshot.people}
        self._demands: dict[DemandId, DemandPrice] = {demand.id: demand_price(demand) for demand in snapshot.demands}
        self._effort: Counter[ProjectId] = Counter()
        for demand in snapshot.demands:
            self._effort[demand.project_id] += sum(wanted.minutes for wanted in demand.effort)
        self._found: dict[object, Fraction | None] = {}

    def bills_costs(self, project_id: ProjectId) -> bool:
        """Whether costs follow from the prices of its hours."""
        return self._terms.get(project_id, self._plain).markup is not None

    def hour(self, worked: Worked) -> Hour:
        """The rate in the currency in which the project is billed."""
        project, contract = worked.project, self._contracts.get(worked.project.id)
        currency = self.home if contract is None else contract.currency
        if project.contract is ContractKind.INTERNAL or (contract is not None and contract.kind is Kind.INTERNAL):
            return Hour(Fraction(0), currency)
        if project.contract is ContractKind.FIXED_PRICE or (contract is not None and contract.kind in PRICED_AS_A_WHOLE):
            return Hour(self._of_fixed_price(project, contract, currency), currency)
        return Hour(self._of_time(worked), currency)

    def bill_rate(self, worked: Worked) -> BillRate | None:
        """The bill rate that fits best, whether or not contract or demand have a price that comes before it."""
        terms = self._terms.get(worked.project.id, self._plain)
        demand = None if worked.demand is None else demand_price(worked.demand)
        return self._book.card.found(question_of(_item(worked), terms=terms, demand=demand))

    def home_rate(self, worked: Worked) -> Fraction | None:
        """The rate in the firm's currency, at the exchange rate of the day; ``None`` where something of that is missing."""
        hour = self.hour(worked)
        if hour.rate is None or hour.currency == self.home:
            return hour.rate
        try:
            return hour.rate * Fraction(self.exchange.rate(hour.currency, worked.day))
        except DomainError:
            return None

    def _of_fixed_price(self, project: Project, contract: Contract | None, currency: str) -> Fraction | None:
        planned_min = project.planned_minutes or self._effort[project.id]
        value = project.contract_value_minor if contract is None or currency == self.home else contract.value_minor
        if value is None or not planned_min:
            return None
        return Fraction(value * MINUTES_PER_HOUR, 10 ** exponent(currency) * planned_min)

    def _of_time(self, worked: Worked) -> Fraction | None:
        project_id, terms = worked.project.id, self._terms.get(worked.project.id, self._plain)
        if terms.markup is not None and not self._with_costs:
            return None
        card = self._book.card
        key = (
            project_id,
            worked.demand and worked.demand.id,
            worked.grade,
            worked.person_id if card.has_own(worked.person_id) else None,
            worked.activity_type_id,
            card.epoch(worked.day),
            # Costs are converted at the day's rate.
            None if terms.markup is None else (worked.person_id, worked.cost_rate, worked.day),
        )
        if key not in self._found:
            self._found[key] = self._priced(worked, terms)
        return self._found[key]

    def _priced(self, worked: Worked, terms: PriceTerms) -> Fraction | None:
        demand = None if worked.demand is None else self._demands.get(worked.demand.id) or demand_price(worked.demand)
        cost = None
        if worked.cost_rate is not None:
            version = self._versions.get(worked.person_id, 0)
            cost = CostRate(person_id=worked.person_id, person_version=version, rate=worked.cost_rate)
        try:
            return Fraction(price_of_time(_item(worked), terms=terms, book=self._book, demand=demand, cost=cost).rate)
        except DomainError:
            return None


def _item(worked: Worked) -> BillableItem:
    return BillableItem(
        kind=BillableKind.TIME,
        id="",
        project_id=worked.project.id,
        person_id=worked.person_id,
        day=worked.day,
        grade=worked.grade,
        activity_type_id=worked.activity_type_id,
    )


def terms_of(contract: Contract) -> PriceTerms:
    """What a contract says of the price of an hour."""
    return PriceTerms(
        currency=contract.currency,
        blended_rate=contract.blended_rate,
        markup=contract.markup,
        contract_id=contract.id,
        contract_version=contract.version,
    )


def demand_price(demand: Demand) -> DemandPrice:
    """What a demand says of the price of its hours."""
    return DemandPrice(id=demand.id, version=demand.version, rate=demand.bill_rate, grade=demand.grade)
