"""What there is to bill under contracts, put together from everything that its price follows from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_

from scheduler.domain.billing.billed_before import billed_before
from scheduler.domain.billing.contract_work import ContractWork, Finding
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.retainers import months_until
from scheduler.domain.billing.runs import Billed, payment_days
from scheduler.domain.ground.bill_rates import RateCard
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.money import exponent, round_half_up
from scheduler.domain.ground.pricing import CostRate, DemandPrice, PriceBook, PriceTerms, price_of_time
from scheduler.store.billable_work import counting_lines, taken_charges, unbilled_expenses, unbilled_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.parties import ClientAccount, LegalEntity
    from scheduler.domain.billing.tax_codes import TaxCode
    from scheduler.domain.delivery.expenses import Expense
    from scheduler.domain.ground.ids import ClientId
    from scheduler.domain.ground.pricing import Priced
    from scheduler.domain.staffing.people import Person, Term
    from scheduler.domain.staffing.work import Project
    from scheduler.store.view import View

_PEOPLE_IN_QUERY = 500
NO_TAX_CODE, NO_CLIENT, NO_EXCHANGE = "contract.no_tax_code", "contract.no_client", "expense.no_exchange_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Whose contract it is, and who bills it."""

    project: Project
    client_id: ClientId
    account: ClientAccount | None
    entity: LegalEntity

    @property
    def language(self) -> str:
        """In which its invoices are written."""
        return self.entity.language if self.account is None or self.account.language is None else self.account.language


class WorkReader:
    """Reads what there is to bill; the view has to see everything, and nothing of it may be answered without its own rights."""

    def __init__(self, everything: View) -> None:
        self._view = everything
        self._people: dict[str, Person] = {}
        self._prices: dict[str, DemandPrice] = {}

    @cached_property
    def home(self) -> str:
        """The firm's currency."""
        return self._view.firm.get().currency

    def side(self, contract: Contract) -> Side | None:
        """Both sides of a contract; ``None`` where its project has no client."""
        project = self._view.projects.get(contract.project_id)
        if project.client_id is None:
            return None
        account = next(iter(self._view.area("client_accounts").matching(client_id=project.client_id)), None)
        entity = self._view.area("legal_entities").get(contract.legal_entity_id)
        return Side(project=project, client_id=project.client_id, account=account, entity=entity)

    def billed(
        self, contract: Contract, side: Side, *, until: date, since: date | None = None, only: frozenset[str] | None = None
    ) -> Billed | Finding:
        """
        What a contract would put on an invoice now, or why nothing can be said.

        ``only``: ids of the entries and expenses that are wanted, and nothing else.
        """
        tax = self._tax(contract, side)
        if tax is None:
            message = "Neither the contract, the client's account nor the legal entity names a tax code; name one."
            return Finding(code=NO_TAX_CODE, message=message, facts={"contract_id": contract.id})
        work, findings = self._work(contract, side, tax, until=until, since=since, only=only)
        made = bill(work, since=since, until=until)
        made = replace(made, findings=(*made.findings, *findings))
        return Billed(work=work, bill=made, payment_days=payment_days(contract, side.account, side.entity))

    def _work(
        self, contract: Contract, side: Side, tax: TaxCode, *, until: date, since: date | None, only: frozenset[str] | None
    ) -> tuple[ContractWork, tuple[Finding, ...]]:
        charges, taken = self._charges(contract, until=until, only=only)
        time = self._graded(self._open_time(contract, until=until, since=since), only)
        book = self._book(contract, side, {item.person_id for item in time})
        ids = self._open_expenses(contract, until=until, since=since)
        expenses, findings = self._expenses(contract, book, [one for one in ids if only is None or one in only])
        work = ContractWork(
            contract=contract,
            charges=charges,
            taken=taken,
            items=(*time, *expenses),
            before=billed_before(counting_lines(self._view, contract)),
            tax=tax,
            rate_of=self._pricing(contract, book, time),
            names=self._names((*time, *expenses)),
            language=side.language,
        )
        return work, findings

    def _charges(
        self, contract: Contract, *, until: date, only: frozenset[str] | None
    ) -> tuple[tuple[Charge, ...], frozenset[tuple[ItemKind, str]]]:
        """Charges that may matter, and what of charges and retainer periods stands on an invoice; ``only``: nothing else of them is billed."""
        charges: tuple[Charge, ...] = self._view.area("charges").matching(contract_id=contract.id)
        taken = taken_charges(self._view, contract, [charge.id for charge in charges])
        if only is None:
            return charges, taken
        stay = tuple(one for one in charges if (ItemKind.CHARGE, one.id) in taken or one.id in only)
        periods = [month.source_id(contract.id) for month in months_until(contract, until)] if contract.retainer is not None else []
        return stay, taken | {(ItemKind.RETAINER_PERIOD, period) for period in periods if period not in only}

    def _open_time(self, contract: Contract, *, until: date, since: date | None) -> Iterable[BillableItem]:
        return unbilled_time(self._view.connection, contract.project_id, until=until, since=since)

    def _open_expenses(self, contract: Contract, *, until: date, since: date | None) -> Sequence[str]:
        return unbilled_expenses(self._view.connection, contract.project_id, until=until, since=since)

    def _tax(self, contract: Contract, side: Side) -> TaxCode | None:
        of_account = None if side.account is None else side.account.tax_code_id
        named = (contract.tax_code_id, of_account, side.entity.tax_code_id)
        code_id = next((one for one in named if one is not None), None)
        found: TaxCode | None = None if code_id is None else self._view.area("tax_codes").get(code_id)
        return found

    def _graded(self, items: Iterable[BillableItem], only: frozenset[str] | None) -> tuple[BillableItem, ...]:
        """With the grade that each person had on the day."""
        found = tuple(item for item in items if only is None or item.id in only)
        missing = {item.person_id for item in found} - self._people.keys()
        self._people.update((person.id, person) for person in self._view.people.many(missing))
        grades: dict[tuple[str, date], str | None] = {}
        made = []
        for item in found:
            key = (item.person_id, item.day)
            if key not in grades:
                term = _term(self._people.get(item.person_id), item.day)
                grades[key] = None if term is None else term.grade
            made.append(item if grades[key] is None else replace(item, grade=grades[key]))
        return tuple(made)

    def _book(self, contract: Contract, side: Side, people: Collection[str]) -> PriceBook:
        """The rates that can price the work of these people under the contract."""
        rates = self._view.bill_rates.selected(
            lambda rows: (
                _about(rows.c.project_id, [contract.project_id]),
                _about(rows.c.client_id, [side.client_id]),
                *((_about(rows.c.person_id, people),) if len(people) <= _PEOPLE_IN_QUERY else ()),
            )
        )
        card = RateCard(rates, home=self.home, clients={side.project.id: side.client_id})
        foreign = self._view.area("exchange_rates").matching(currency=contract.currency)
        return PriceBook(card=card, exchange=Exchange(foreign, home=self.home))

    def _expenses(self, contract: Contract, book: PriceBook, ids: Sequence[str]) -> tuple[tuple[BillableItem, ...], tuple[Finding, ...]]:
        """Expenses at what the client is charged, in the contract's currency at the rate of their day."""
        items, findings = [], []
        for expense in self._view.area("expenses").many(ids):
            try:
                items.append(self._expense(contract, book, expense))
            except DomainError as error:
                findings.append(Finding(code=NO_EXCHANGE, message=error.detail, facts={"expense_id": expense.id}))
        return tuple(items), tuple(findings)

    def _expense(self, contract: Contract, book: PriceBook, expense: Expense) -> BillableItem:
        charged = expense.charged_minor or 0
        rate = book.exchange.rate(contract.currency, expense.work_date)
        units = Fraction(charged, 10 ** exponent(self.home)) / Fraction(rate)
        return BillableItem(
            kind=BillableKind.EXPENSE,
            id=expense.id,
            project_id=expense.project_id,
            person_id=expense.person_id,
            day=expense.work_date,
            amount_minor=charged if contract.currency == self.home else round_half_up(units * 10 ** exponent(contract.currency)),
            task_id=expense.task_id,
            note=expense.note,
            version=expense.version,
        )

    def _pricing(self, contract: Contract, book: PriceBook, items: Iterable[BillableItem]) -> Callable[[BillableItem], Priced]:
        """The price of an hour of each item; alike ones are looked up once."""
        terms = PriceTerms(
            currency=contract.currency,
            blended_rate=contract.blended_rate,
            markup=contract.markup,
            contract_id=contract.id,
            contract_version=contract.version,
        )
        missing = {item.demand_id for item in items if item.demand_id is not None} - self._prices.keys()
        for demand in self._view.demands.many(missing):
            self._prices[demand.id] = DemandPrice(id=demand.id, version=demand.version, rate=demand.bill_rate, grade=demand.grade)
        known: dict[tuple[object, ...], Priced] = {}

        def price(item: BillableItem) -> Priced:
            valid = book.card.epoch(item.day) if contract.markup is None else item.day
            key = (item.person_id, valid, item.demand_id, item.activity_type_id, item.grade)
            if key not in known:
                demand = None if item.demand_id is None else self._prices.get(item.demand_id)
                cost = self._cost(item) if contract.markup is not None else None
                known[key] = price_of_time(item, terms=terms, book=book, demand=demand, cost=cost)
            return known[key]

        return price

    def _cost(self, item: BillableItem) -> CostRate | None:
        person = self._people.get(item.person_id)
        term = _term(person, item.day)
        if person is None or term is None or term.cost_rate is None:
            return None
        return CostRate(person_id=person.id, person_version=person.version, rate=term.cost_rate)

    def _names(self, items: Iterable[BillableItem]) -> Mapping[str, str]:
        """Of the people and tasks that stand on lines."""
        missing = {item.person_id for item in items} - self._people.keys()
        self._people.update((person.id, person) for person in self._view.people.many(missing))
        names: dict[str, str] = {item.person_id: self._people[item.person_id].name for item in items if item.person_id in self._people}
        tasks = {item.task_id for item in items if item.task_id is not None}
        return {**names, **{task.id: task.name for task in self._view.area("tasks").many(tasks)}}


def _term(person: Person | None, day: date) -> Term | None:
    """The person's terms on a day."""
    return None if person is None else next((term for term in person.terms if day in term.period), None)


def _about(column: ColumnElement[Any], values: Collection[str | None]) -> ColumnElement[bool]:
    """What holds for all, or for one of these."""
    return or_(column.is_(None), column.in_(sorted(one for one in values if one is not None)))
