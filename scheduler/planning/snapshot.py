"""What a plan is made from: the firm's staffing rows as they stood at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.bill_rates import RateCard

if TYPE_CHECKING:
    from collections.abc import Collection

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.exchange import ExchangeRate
    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.people import Absence, Calendar, Person, Skill
    from scheduler.domain.staffing.work import Booking, Client, Demand, Firm, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All rows planning may read; their order does not matter."""

    firm: Firm
    skills: tuple[Skill, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    people: tuple[Person, ...] = ()
    absences: tuple[Absence, ...] = ()
    clients: tuple[Client, ...] = ()
    projects: tuple[Project, ...] = ()
    demands: tuple[Demand, ...] = ()
    bookings: tuple[Booking, ...] = ()
    bill_rates: tuple[BillRate, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    contracts: tuple[Contract, ...] = ()

    def of(self, *, people: Collection[PersonId]) -> Snapshot:
        """With these people alone."""
        return replace(self, people=tuple(person for person in self.people if person.id in people))

    def without_costs(self) -> Snapshot:
        """As if nobody cost anything: what is computed from it tells nothing of what people cost."""
        people = tuple(replace(person, terms=tuple(replace(term, cost_rate=Decimal(0)) for term in person.terms)) for person in self.people)
        return replace(self, people=people)


def rate_card(snapshot: Snapshot) -> RateCard:
    """The bill rates, with whose the projects are."""
    clients = {project.id: project.client_id for project in snapshot.projects}
    return RateCard(snapshot.bill_rates, home=snapshot.firm.currency, clients=clients)
