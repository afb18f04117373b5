"""The rows of contracts as books: what work that is not billed yet is priced at, and what contracts cost until now and at completion."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from scheduler.domain.billing.billed_before import BilledLine, billed_before
from scheduler.domain.billing.books import ContractBook, accounts_of
from scheduler.domain.billing.carrying import without_discount
from scheduler.domain.billing.contract_work import ContractBill, ContractWork
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE
from scheduler.domain.billing.earning import ContractRecord, WorkItem
from scheduler.domain.billing.invoices import InvoiceLine, ItemKind, LineKind
from scheduler.domain.billing.months import last_day
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.recognition import DayAmount
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode
from scheduler.domain.ground.ids import TaxCodeId
from scheduler.domain.ground.money import exponent, round_half_up
from scheduler.domain.ground.pricing import CostRate, DemandPrice, PriceBook, PriceTerms, price_of_time
from scheduler.planning.project_work import ProjectWork
from scheduler.planning.snapshot import Snapshot, rate_card

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.billing.books import BilledDocument
    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.ledger import ContractOpening, RevenueAdjustment
    from scheduler.domain.billing.parties import LegalEntity
    from scheduler.domain.billing.recognition import PriceChange
    from scheduler.domain.billing.roll_forward import BalanceMonth, BilledAmount
    from scheduler.domain.delivery.forecast import Line, SpentLine, WorkedMinutes
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.domain.ground.exchange import Exchange
    from scheduler.domain.ground.pricing import Priced
    from scheduler.domain.staffing.work import Booking, Project

_UNTAXED = TaxCode(id=TaxCodeId("none"), name="none", category=TaxCategory.ZERO)
"""Revenue is before tax: whichever it is, it parts no lines here."""
_KINDS = {ItemKind.TIME_ENTRY: LineKind.TIME, ItemKind.EXPENSE: LineKind.EXPENSE}


class WorkRows(Protocol):
    """What prices and costs of work follow from: also ``firm``, ``calendars`` and the other fields of a snapshot that it has."""

    @property
    def projects(self) -> tuple[Project, ...]: ...
    @property
    def bookings(self) -> tuple[Booking, ...]: ...
    @property
    def worked(self) -> tuple[WorkedMinutes, ...]: ...
    @property
    def spent(self) -> tuple[SpentLine, ...]: ...


class LedgerRows(Protocol):
    """The rows of all contracts but internal ones; mappings are by contract, those of change orders and closed projects by project."""

    @property
    def on(self) -> date: ...
    @property
    def contracts(self) -> tuple[Contract, ...]: ...
    @property
    def entities(self) -> Mapping[str, LegalEntity]: ...
    @property
    def clients(self) -> Mapping[str, str]: ...
    @property
    def charges(self) -> Mapping[str, tuple[Charge, ...]]: ...
    @property
    def changes(self) -> Mapping[str, tuple[PriceChange, ...]]: ...
    @property
    def closed_on(self) -> Mapping[str, date]: ...
    @property
    def documents(self) -> tuple[BilledDocument, ...]: ...
    @property
    def billed_work(self) -> Mapping[str, tuple[WorkItem, ...]]: ...
    @property
    def open_work(self) -> Mapping[str, list[BillableItem]]: ...
    @property
    def claims(self) -> Mapping[str, frozenset[tuple[ItemKind, str]]]: ...
    @property
    def covered(self) -> Mapping[str, list[Any]]: ...
    @property
    def openings(self) -> Mapping[str, ContractOpening]: ...
    @property
    def adjustments(self) -> Mapping[str, tuple[RevenueAdjustment, ...]]: ...
    @property
    def closed(self) -> Mapping[str, tuple[BalanceMonth, ...]]: ...
    @property
    def exchange(self) -> Exchange: ...
    @property
    def work(self) -> WorkRows: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """Approved work that has no price, so it is neither billed nor earned."""

    contract_id: str
    source_id: str
    day: date
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Costs:
    """Of a project in the firm's currency: what each day cost, and what all of it comes to with what is booked."""

    days: Mapping[date, int]
    at_completion: int


def contract_books(rows: LedgerRows, *, until: date) -> tuple[tuple[ContractBook, ...], tuple[Unpriced, ...]]:
    """The book of each contract with what was worked to the end of the month ``until``, and work that has no price."""
    snapshot = _snapshot(rows.work)
    projects = {project.id: project for project in rows.work.projects}
    price_of = _Prices(snapshot, rows.exchange)
    costs = _costs(rows.work, snapshot, on=rows.on)
    billed: defaultdict[str, list[BilledAmount]] = defaultdict(list)
    for document in rows.documents:
        for contract_id, amount in document.by_contract():
            billed[contract_id].append(amount)
    books: list[ContractBook] = []
    unpriced: list[Unpriced] = []
    for contract in rows.contracts:
        made = bill(_work_of(contract, rows, price_of), since=None, until=last_day(until))
        unpriced += _unpriced(contract, made)
        project = projects[contract.project_id]
        entity = rows.entities[contract.legal_entity_id]
        books.append(
            ContractBook(
                record=_record(contract, project, rows, items=_items(made), costs=costs.get(project.id)),
                project=project.name,
                client=rows.clients.get(project.client_id or ""),
                billed=tuple(billed[contract.id]),
                adjusted=tuple(one.adjusted for one in rows.adjustments.get(contract.id, ())),
                closed=rows.closed.get(contract.id, ()),
                accounts=accounts_of(entity.accounts),
            )
        )
    return tuple(books), tuple(unpriced)


def home_rate(exchange: Exchange, *, on: date) -> Callable[[str, date], Fraction]:
    """What one minor unit of a currency is worth in minor units of the firm's, at the end of a month; of one that goes on, ``on``."""

    def rate(currency: str, month: date) -> Fraction:
        scale = Fraction(10 ** exponent(exchange.home), 10 ** exponent(currency))
        return Fraction(exchange.rate(currency, min(last_day(month), on))) * scale

    return rate


def _record(contract: Contract, project: Project, rows: LedgerRows, *, items: Sequence[WorkItem], costs: _Costs | None) -> ContractRecord:
    opening = rows.openings.get(contract.id)
    is_home = contract.currency == rows.exchange.home
    changes = rows.changes.get(project.id, ()) if is_home else ()
    value = project.contract_value_minor if is_home else contract.value_minor
    days: tuple[DayAmount, ...] = ()
    at_completion = None
    if costs is not None:
        rate = home_rate(rows.exchange, on=rows.on)(contract.currency, rows.on)
        days = tuple(DayAmount(day=day, amount_minor=round_half_up(amount / rate)) for day, amount in sorted(costs.days.items()))
        at_completion = round_half_up(costs.at_completion / rate)
    return ContractRecord(
        contract=contract,
        value_minor=None if value is None else value - sum(one.delta_minor for one in changes),
        changes=changes if contract.kind in PRICED_AS_A_WHOLE else (),
        charges=rows.charges.get(contract.id, ()),
        items=(*rows.billed_work.get(contract.id, ()), *items),
        costs=days,
        cost_at_completion_minor=at_completion,
        closed_on=rows.closed_on.get(project.id),
        opening=None if opening is None else opening.opening,
    )


def _work_of(contract: Contract, rows: LedgerRows, price_of: _Prices) -> ContractWork:
    lines = [
        BilledLine(line=InvoiceLine(**{one.name: row[one.name] for one in fields(InvoiceLine)}), kind=LineKind.COVERED)
        for row in rows.covered.get(contract.id, ())
    ]
    return ContractWork(
        contract=contract,
        charges=rows.charges.get(contract.id, ()),
        taken=rows.claims.get(contract.id, frozenset()),
        items=tuple(rows.open_work.get(contract.id, ())),
        before=billed_before(lines),
        tax=_UNTAXED,
        rate_of=lambda item: price_of(item, contract),
    )


def _items(made: ContractBill) -> list[WorkItem]:
    """Time and expenses of a bill, with their part of its discount taken off."""
    found = [one for one in made.items if one.kind in _KINDS]
    off = sum(one.amount_minor for one in made.allowances)
    base = sum(one.base_minor for one in made.allowances)
    left = without_discount([one.net_minor for one in found], discount_minor=off, base_minor=base)
    return [
        WorkItem(day=one.day, kind=_KINDS[one.kind], amount_minor=net, minutes=one.billed_minutes or one.minutes or 0)
        for one, net in zip(found, left, strict=True)
    ]


def _unpriced(contract: Contract, made: ContractBill) -> list[Unpriced]:
    reasons = {"no_rate", "other_currency"}
    return [
        Unpriced(contract_id=contract.id, source_id=one.source_id, day=one.day, reason=one.reason.value, detail=one.detail)
        for one in made.left
        if one.reason.value in reasons
    ]


class _Prices:
    """What an hour of a contract's work is priced at."""

    def __init__(self, snapshot: Snapshot, exchange: Exchange) -> None:
        self._book = PriceBook(card=rate_card(snapshot), exchange=exchange)
        self._demands = {one.id: one for one in snapshot.demands}
        self._people = {one.id: one for one in snapshot.people}

    def __call__(self, item: BillableItem, contract: Contract) -> Priced:
        demand = None if item.demand_id is None else self._demands.get(item.demand_id)
        said = None
        if demand is not None:
            said = DemandPrice(id=demand.id, version=demand.version, rate=demand.bill_rate, grade=demand.grade)
        terms = PriceTerms(
            currency=contract.currency,
            blended_rate=contract.blended_rate,
            markup=contract.markup,
            contract_id=contract.id,
            contract_version=contract.version,
        )
        return price_of_time(item, terms=terms, book=self._book, demand=said, cost=self._cost(item))

    def _cost(self, item: BillableItem) -> CostRate | None:
        person = self._people.get(item.person_id)
        term = None if person is None else next((one for one in person.terms if item.day in one.period), None)
        if person is None or term is None or term.cost_rate is None:
            return None
        return CostRate(person_id=person.id, person_version=person.version, rate=term.cost_rate)


def _snapshot(work: WorkRows) -> Snapshot:
    names = [one.name for one in fields(Snapshot)]
    return Snapshot(**{name: getattr(work, name) for name in names if hasattr(work, name)})


def _costs(work: WorkRows, snapshot: Snapshot, *, on: date) -> Mapping[str, _Costs]:
    lines = ProjectWork(snapshot, bookings=work.bookings)
    days: defaultdict[str, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
    whole: defaultdict[str, int] = defaultdict(int)
    past: list[Line] = [*lines.worked(work.worked), *work.spent]
    for line in past:
        days[line.project_id][line.day] += line.cost_minor
        whole[line.project_id] += line.cost_minor
    for coming in lines.booked(on=on):
        whole[coming.project_id] += coming.cost_minor
    return {project_id: _Costs(days=days[project_id], at_completion=amount) for project_id, amount in whole.items()}
