"""What somebody's hour is billed at, why, and what else was considered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.bill_rates import RateCard
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, Fault
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.permissions import COST_READ, PRICE_READ
from scheduler.domain.ground.pricing import CostRate, DemandPrice, PriceBook, Priced, PriceTerms, price_of_time, question_of
from scheduler.planning.prices import demand_price, terms_of
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.work import Demand, Project
    from scheduler.store import Store, View

CONSIDERED_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RateInquiry:
    """Whose hour, when and on what."""

    person_id: PersonId
    project_id: ProjectId
    day: date
    activity_type_id: ActivityTypeId | None = None
    demand_id: DemandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    One price that was considered, in the order of precedence.

    ``lost_by`` says why it is not the one, ``None`` of the one that counts: ``absent`` (there is no such price), ``currency`` or another
    name of what it is for (it does not fit), ``validity``, ``less_specific``, or the rule that comes before it.
    """

    rule: str
    row_kind: str
    row_id: str | None
    lost_by: str | None
    bill_rate: BillRate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateExplanation:
    """The price of the hour with its trail, or why there is none; then what was considered."""

    inquiry: RateInquiry
    grade: str | None
    currency: str
    priced: Priced | None
    missing: str | None
    """Why there is no price."""
    candidates: tuple[Candidate, ...]


@retried
def explain_rate(store: Store, *, actor: Actor, inquiry: RateInquiry) -> RateExplanation:
    """
    The price of an hour of time and materials. Of work that a fixed price pays for, or that is internal, what it would be.

    Raises DomainError ``access.denied`` (under contracts that bill costs for whoever may not see these), ``record.not_found``,
    ``reference.not_found``, ``rate.exchange_missing``.
    """
    with store.read(actor) as view:
        require(actor, PRICE_READ)
        project = view.projects.get(inquiry.project_id)
        view.people.get(inquiry.person_id)
        demand = None if inquiry.demand_id is None else _demand_of(view, inquiry.demand_id, project)
        return _explained(view, project, demand, inquiry)


def _demand_of(view: View, demand_id: DemandId, project: Project) -> Demand:
    demand = view.demands.get(demand_id)
    if demand.project_id != project.id:
        message = "The demand belongs to another project; give that one's id, or leave the demand out."
        raise invalid("question", Fault(pointer="/demand_id", code="reference.not_found", message=message))
    return demand


def _explained(view: View, project: Project, demand: Demand | None, inquiry: RateInquiry) -> RateExplanation:
    everything = view.unrestricted
    home = everything.firm.get().currency
    contract = next(iter(everything.area("contracts").matching(project_id=project.id)), None)
    terms = PriceTerms(currency=home) if contract is None else terms_of(contract)
    if terms.markup is not None:
        require(view.actor, COST_READ)
    card = RateCard(everything.bill_rates.all(), home=home, clients={project.id: project.client_id})
    book = PriceBook(card=card, exchange=Exchange(everything.area("exchange_rates").all(), home=home))
    item, cost = _hour_of(everything.people.get(inquiry.person_id), project, inquiry)
    own = None if demand is None else demand_price(everything.demands.get(demand.id))
    priced, missing = None, None
    try:
        priced = price_of_time(item, terms=terms, book=book, demand=own, cost=cost)
    except DomainError as error:
        missing = error.detail
    question = question_of(item, terms=terms, demand=own)
    winner = None if priced is None else priced.trail[0].rule
    in_sight = {rate.id for rate in view.bill_rates.all()}
    candidates = [*_above(terms, own, home=home, winner=winner)]
    for one in card.considered(question)[:CONSIDERED_MAX]:
        lost_by = one.lost_by if one.lost_by is not None or winner == "bill_rate" else winner
        if lost_by is None or one.rate.id in in_sight:
            candidates.append(Candidate(rule="bill_rate", row_kind="bill_rate", row_id=one.rate.id, lost_by=lost_by, bill_rate=one.rate))
    return RateExplanation(
        inquiry=inquiry,
        grade=question.grade,
        currency=terms.currency,
        priced=priced,
        missing=missing,
        candidates=tuple(candidates),
    )


def _hour_of(person: Person, project: Project, inquiry: RateInquiry) -> tuple[BillableItem, CostRate | None]:
    """The hour that is asked for, and what it costs."""
    term = next((one for one in person.terms if inquiry.day in one.period), None)
    cost = None
    if term is not None and term.cost_rate is not None:
        cost = CostRate(person_id=person.id, person_version=person.version, rate=term.cost_rate)
    item = BillableItem(
        kind=BillableKind.TIME,
        id="",
        project_id=project.id,
        person_id=person.id,
        day=inquiry.day,
        grade=None if term is None else term.grade,
        activity_type_id=inquiry.activity_type_id,
    )
    return item, cost


def _above(terms: PriceTerms, demand: DemandPrice | None, *, home: str, winner: str | None) -> Iterator[Candidate]:
    """What comes before the bill rates, whether it is there or not."""
    for rule, figure in (("contract.markup", terms.markup), ("contract.blended_rate", terms.blended_rate)):
        is_winner = winner == rule or (rule == "contract.markup" and winner == "person.cost_rate")
        lost_by = None if is_winner else "absent" if figure is None else winner
        yield Candidate(rule=rule, row_kind="contract", row_id=terms.contract_id, lost_by=lost_by)
    rule = "demand.bill_rate"
    if demand is None or demand.rate is None:
        lost_by = "absent"
    elif winner == rule:
        lost_by = None
    else:
        lost_by = "currency" if terms.currency != home and terms.blended_rate is None and terms.markup is None else winner
    yield Candidate(rule=rule, row_kind="demand", row_id=None if demand is None else demand.id, lost_by=lost_by)
