"""
What an hour is priced at, and how that came about.

One function prices planned bookings, approved time and what stands on an invoice. From the top, the first that is there wins: the
contract's markup on costs, its blended rate, the demand's own rate, the bill rates.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from scheduler.domain.ground.bill_rates import NARROWED_BY, RateQuestion
from scheduler.domain.ground.checks import DECIMAL_PLACES
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scheduler.domain.ground.bill_rates import BillRate, RateCard
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.domain.ground.exchange import Exchange
    from scheduler.domain.ground.ids import ActivityTypeId, ClientId, DemandId, PersonId, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailStep:
    """One rule that made a figure, the row that it read, and the figures that it read or made."""

    rule: str
    row_kind: str
    row_id: str
    row_version: int
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A rate per hour in the main unit of a currency."""

    rate: Fraction | Decimal
    currency: str
    trail: tuple[TrailStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTerms:
    """What a project's contract says of the price of an hour; without a contract it is billed in the firm's currency, by rates alone."""

    currency: str
    blended_rate: Decimal | None = None
    """One rate for every hour."""
    markup: Decimal | None = None
    """Share that is added to what the hour costs; ``None`` unless the contract is cost-plus."""
    contract_id: str | None = None
    contract_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPrice:
    """What a demand says of the price of its hours."""

    id: str
    version: int
    rate: Decimal | None = None
    """Its own rate per hour, in the firm's currency."""
    grade: str | None = None
    """Counts before the person's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRate:
    """What an hour of a person costs on a day, in the firm's currency."""

    person_id: str
    person_version: int
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedHours:
    """Approved time of a person on a day that is alike in all that its price and cost follow from."""

    day: date
    project_id: ProjectId
    person_id: PersonId
    demand_id: DemandId | None = None
    activity_type_id: ActivityTypeId | None = None
    is_billable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Approved time whose price or cost a change may alter; what is ``None`` narrows nothing."""

    project_id: ProjectId | None = None
    person_id: PersonId | None = None
    demand_id: DemandId | None = None
    activity_type_id: ActivityTypeId | None = None
    client_id: ClientId | None = None
    first: date | None = None
    last: date | None = None
    """Counts too."""
    with_unbillable: bool = False
    """Costs follow from it as well, and time that is not billable costs all the same."""

    def covers(self, hours: ApprovedHours, *, client_id: ClientId | None) -> bool:
        """Whether the time is meant; ``client_id``: whose its project is."""
        named = (self.project_id, self.person_id, self.demand_id, self.activity_type_id, self.client_id)
        asked = (hours.project_id, hours.person_id, hours.demand_id, hours.activity_type_id, client_id)
        return (
            (hours.is_billable or self.with_unbillable)
            and all(one is None or one == other for one, other in zip(named, asked, strict=True))
            and (self.first is None or self.first <= hours.day)
            and (self.last is None or hours.day <= self.last)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """What prices follow from beside contract and demand."""

    card: RateCard
    exchange: Exchange

    @property
    def home(self) -> str:
        """The firm's currency."""
        return self.exchange.home


def question_of(item: BillableItem, *, terms: PriceTerms, demand: DemandPrice | None) -> RateQuestion:
    """The question to the bill rates. The grade is the demand's where it names one, else the person's on that day."""
    return RateQuestion(
        day=item.day,
        project_id=item.project_id,
        grade=(demand.grade if demand is not None else None) or item.grade,
        person_id=item.person_id,
        activity_type_id=item.activity_type_id,
        currency=terms.currency,
    )


def price_of_time(
    item: BillableItem, *, terms: PriceTerms, book: PriceBook, demand: DemandPrice | None = None, cost: CostRate | None = None
) -> Priced:
    """
    The price of an hour of the item, in the currency of the terms.

    ``demand``: that of the item; its own rate is in the firm's currency and prices nothing that is billed in another. ``cost``: what the
    person's hour costs on the day, for contracts that bill costs.

    Raises
    ------
    DomainError
        ``rate.missing``, with day, person and grade, if nothing prices it; ``rate.exchange_missing`` if a cost cannot be converted.
    """
    if terms.markup is not None:
        return _by_cost(item, terms.markup, terms=terms, book=book, cost=cost)
    if terms.blended_rate is not None:
        step = _step(terms, "contract.blended_rate", rate=terms.blended_rate)
        return Priced(rate=terms.blended_rate, currency=terms.currency, trail=(step,))
    if demand is not None and demand.rate is not None and terms.currency == book.home:
        figures = {"rate": f"{demand.rate:f}", "currency": terms.currency}
        step = TrailStep(rule="demand.bill_rate", row_kind="demand", row_id=demand.id, row_version=demand.version, figures=figures)
        return Priced(rate=demand.rate, currency=terms.currency, trail=(step,))
    question = question_of(item, terms=terms, demand=demand)
    found = book.card.found(question)
    if found is None:
        raise missing_rate(question, currency=terms.currency)
    return Priced(rate=found.rate, currency=terms.currency, trail=(_of_rate(found, currency=terms.currency),))


def missing_rate(question: RateQuestion, *, currency: str) -> DomainError:
    """The error where nothing prices an hour."""
    facts = {"day": question.day.isoformat(), "person_id": question.person_id, "grade": question.grade, "project_id": question.project_id}
    grade = f" of grade {question.grade}" if question.grade else ""
    detail = (
        f"No bill rate in {currency} covers {question.day} for the person {question.person_id}{grade} on the project {question.project_id};"
        " add one, a blended rate to the contract, or (in the firm's currency) a rate to the demand."
    )
    return DomainError(ErrorKind.CONFLICT, "rate.missing", detail, facts={**facts, "currency": currency})


@lru_cache
def hourly(rate: Fraction | Decimal) -> Decimal:
    """A rate as it is printed and counted with: with at most four decimal places, half up."""
    return Decimal(round_half_up(Fraction(rate) * 10**DECIMAL_PLACES)).scaleb(-DECIMAL_PLACES)


def _by_cost(item: BillableItem, markup: Decimal, *, terms: PriceTerms, book: PriceBook, cost: CostRate | None) -> Priced:
    if cost is None:
        question = question_of(item, terms=terms, demand=None)
        error = missing_rate(question, currency=terms.currency)
        detail = f"The contract bills costs, and the person {item.person_id} has no cost rate on {item.day}; add it to their terms."
        raise replace(error, detail=detail)
    of_cost = TrailStep(
        rule="person.cost_rate",
        row_kind="person",
        row_id=cost.person_id,
        row_version=cost.person_version,
        figures={"cost_rate": f"{cost.rate:f}", "currency": book.home},
    )
    trail = [of_cost, _step(terms, "contract.markup", markup=markup)]
    rate = Fraction(cost.rate) * (1 + Fraction(markup))
    exchanged = book.exchange.found(terms.currency, item.day)
    if exchanged is not None:
        rate /= Fraction(exchanged.rate)
        figures = {"rate": f"{exchanged.rate:f}", "day": exchanged.day.isoformat(), "source": exchanged.source, "currency": terms.currency}
        kind = "exchange_rate"
        trail.append(TrailStep(rule=kind, row_kind=kind, row_id=exchanged.id, row_version=exchanged.version, figures=figures))
    return Priced(rate=hourly(rate), currency=terms.currency, trail=tuple(trail))


def _step(terms: PriceTerms, rule: str, **figures: Decimal) -> TrailStep:
    return TrailStep(
        rule=rule,
        row_kind="contract",
        row_id=terms.contract_id or "",
        row_version=terms.contract_version,
        figures={**{name: f"{figure:f}" for name, figure in figures.items()}, "currency": terms.currency},
    )


def _of_rate(found: BillRate, *, currency: str) -> TrailStep:
    named = {name: str(getattr(found, name)) for name in NARROWED_BY if getattr(found, name) is not None}
    validity = {name: day.isoformat() for name in ("valid_from", "valid_until") if (day := getattr(found, name)) is not None}
    figures = {"rate": f"{found.rate:f}", "currency": currency, **named, **validity}
    return TrailStep(rule="bill_rate", row_kind="bill_rate", row_id=found.id, row_version=found.version, figures=figures)
