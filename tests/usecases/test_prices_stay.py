"""Random changes of random firms: one is accepted just when it leaves all that is approved at its price and its cost."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE, Retainer
from scheduler.domain.billing.contracts import ContractKind as Kind
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.bill_rates import RateCard
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange, ExchangeRate
from scheduler.domain.ground.ids import ClientId, ContractId, DemandId, ExchangeRateId, PersonId, TimeEntryId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.pricing import CostRate, PriceBook, PriceTerms, price_of_time
from scheduler.domain.staffing.work import ContractKind
from scheduler.planning.prices import demand_price, terms_of
from scheduler.store import View
from scheduler.usecases.contracts import change_contract, create_contract
from scheduler.usecases.records import change_record, create_record, delete_record
from tests import factories as make
from tests.integrations.firm_files import NOW

if TYPE_CHECKING:
    from scheduler.store import Store, Transaction

PEOPLE, PROJECTS, CLIENTS, GRADES = ("ann", "bob"), ("alpha", "beta", "gamma"), ("acme", "zenith"), (None, "senior", "lead")
DAYS = [date(2026, 3, 2) + timedelta(days=number) for number in range(12)]
STEPS = 60
IN_USE = {"rate.in_use", "price.in_use"}


class _Worth(NamedTuple):
    price: tuple[Any, ...] | None
    is_within: bool
    cost: Decimal | None


class _Undone(Exception):  # noqa: N818 - it rolls back
    pass


@pytest.mark.parametrize("seed", range(4))
def test_what_is_accepted_leaves_approved_time_as_it_was(store: Store, seed: int) -> None:
    """And what would leave it as it was is accepted: against all approved time, priced one by one."""
    rng = random.Random(seed)
    with store.begin(LOCAL) as tx:
        _fill(tx, rng)
    accepted = refused = 0
    for _ in range(STEPS):
        with store.read(LOCAL) as view:
            before, area, was, value = _worths(view), *_change(rng, view)
        after = _tried(store, area, was, value)
        if after is None:
            continue
        alters = any(_is_altered(before[key], after[key]) for key in before)
        try:
            _done(store, area, was, value)
        except DomainError as error:
            if error.code in IN_USE:
                assert alters, (error, was, value)
                refused += 1
            continue
        assert not alters, (was, value)
        accepted += 1
    assert accepted > STEPS / 10
    assert refused > STEPS / 10


def _fill(tx: Transaction, rng: random.Random) -> None:
    tx.firm.save(make.make_firm())
    tx.calendars.add(make.make_calendar())
    tx.skills.add(make.make_skill())
    tx.area("tax_codes").add(make.make_tax_code())
    tx.area("legal_entities").add(make.make_legal_entity())
    for name in CLIENTS:
        tx.clients.add(make.make_client(name))
    for name in PEOPLE:
        tx.people.add(make.make_person(name, terms=_terms(rng)))
    for name in PROJECTS:
        tx.projects.add(make.make_project(name, client_id=ClientId("acme")))
        tx.demands.add(make.make_demand(project=name, bill_rate=None))
    at_cost: dict[str, Any] = {"kind": Kind.COST_PLUS, "markup": Decimal("0.17"), "currency": "USD"}
    tx.area("contracts").add(make.make_contract(**at_cost))
    tx.area("exchange_rates").add(_exchange_rate(rng, None, 0))
    for number, grade in enumerate(GRADES):
        tx.bill_rates.add(make.make_bill_rate(100 + number, grade=grade))
    for number, project in enumerate(rng.choices(PROJECTS, k=12)):
        entry = make.make_time_entry(
            rng.choice(PEOPLE),
            project=project,
            id=TimeEntryId(f"t{number}"),
            day=rng.choice(DAYS[:8]),
            demand_id=rng.choice([None, DemandId(f"{project}-lead")]),
            is_billable=rng.random() < 0.8,
            state=rng.choice([LineState.APPROVED, LineState.APPROVED, LineState.SUBMITTED]),
        )
        tx.area("time_entries").add(entry)


def _terms(rng: random.Random) -> tuple[Any, ...]:
    days = [date(2020, 1, 1), *sorted(rng.sample(DAYS, rng.randint(0, 2)))]
    ends = [*days[1:], rng.choice([None, DAYS[-1] + timedelta(days=9)])]
    return tuple(
        make.make_term(period=DateInterval(day, end), grade=rng.choice(GRADES), cost_rate=Decimal(rng.choice([40, 50, 50])))
        for day, end in zip(days, ends, strict=True)
    )


def _change(rng: random.Random, view: View) -> tuple[str, Any, Any]:
    """An area, a value as it is (``None``: it is new), and as it is to be (``None``: it goes)."""
    area = rng.choice(
        [
            "bill_rates",
            "bill_rates",
            "exchange_rates",
            "exchange_rates",
            "demands",
            "projects",
            "contracts",
            "contracts",
            "people",
            "people",
        ]
    )
    stored = view.area(area).all()
    was = rng.choice(stored) if stored and (area in {"demands", "projects", "people"} or rng.random() < 0.6) else None
    if was is not None and area in {"bill_rates", "exchange_rates"} and rng.random() < 0.3:
        return area, was, None
    return area, was, _NEW[area](rng, was, len(stored))


def _bill_rate(rng: random.Random, was: Any, number: int) -> Any:
    first = rng.choice([None, None, *DAYS])
    terms: dict[str, Any] = {
        "rate": Decimal(rng.choice([100, 101, 110])),
        "grade": rng.choice(GRADES),
        "client_id": rng.choice([None, None, ClientId("zenith")]),
        "person_id": rng.choice([None, None, PersonId("ann")]),
        "currency": rng.choice([None, None, "USD"]),
        "valid_from": first,
        "valid_until": None if first is None else first + timedelta(days=rng.randint(0, 9)),
    }
    chosen = dict(rng.sample(sorted(terms.items()), rng.randint(1, 2))) if was is not None else terms
    if was is not None and chosen.keys() & {"valid_from", "valid_until"}:
        chosen |= {"valid_from": first, "valid_until": terms["valid_until"]}
    return replace(was, **chosen) if was is not None else make.make_bill_rate(**{"rate_id": f"r{number}-{rng.random()}"[:30], **terms})


def _one(rng: random.Random, *fields: dict[str, Any]) -> dict[str, Any]:
    return rng.choice(fields)


def _exchange_rate(rng: random.Random, was: Any, number: int) -> Any:
    day, rate = rng.choice([DAYS[0] - timedelta(days=9), *DAYS]), Decimal(rng.choice(["0.8", "0.9"]))
    if was is not None:
        return replace(was, **_one(rng, {"day": day}, {"rate": rate}, {"source": "Bank"}))
    return ExchangeRate(id=ExchangeRateId(f"x{number}-{rng.random()}"[:30]), currency="USD", day=day, rate=rate, source="ECB")


def _demand(rng: random.Random, was: Any, _number: int) -> Any:
    rate = rng.choice([None, Decimal(100), Decimal(150)])
    return replace(was, **_one(rng, {"bill_rate": rate}, {"grade": rng.choice(GRADES)}, {"name": f"Lead {rng.random()}"}))


def _project(rng: random.Random, was: Any, _number: int) -> Any:
    kind = rng.choice([ContractKind.TIME_AND_MATERIALS, ContractKind.FIXED_PRICE, ContractKind.INTERNAL])
    client = rng.choice([None, *map(ClientId, CLIENTS)])
    return replace(was, **_one(rng, {"contract": kind}, {"client_id": client}, {"name": f"Project {rng.random()}"}))


def _contract(rng: random.Random, was: Any, _number: int) -> Any:
    kind = rng.choice([Kind.TIME_AND_MATERIALS, Kind.COST_PLUS, Kind.RETAINER, Kind.FIXED_PRICE])
    overage = rng.choice([None, Decimal(100), Decimal(140)])
    terms: dict[str, Any] = {
        "kind": kind,
        "currency": rng.choice(["EUR", "EUR", "USD"]),
        "starts_on": rng.choice([date(2026, 1, 1), date(2026, 1, 1), *DAYS[:4]]),
        "ends_on": rng.choice([None, None, *DAYS[4:]]),
        "blended_rate": rng.choice([None, Decimal(100), Decimal(130)]) if kind in {Kind.TIME_AND_MATERIALS, Kind.RETAINER} else None,
        "markup": Decimal(rng.choice(["0.17", "0.23"])) if kind is Kind.COST_PLUS else None,
        "retainer": Retainer(fee_minor=1, included_min=60, overage_rate=overage) if kind is Kind.RETAINER else None,
    }
    if was is None:
        project = rng.choice(PROJECTS)
        return make.make_contract(**{"project": project, "id": ContractId(f"contract-{project}"), **terms})
    of_kind = {name: terms[name] for name in ("kind", "blended_rate", "markup", "retainer")}
    days = {name: terms[name] for name in ("starts_on", "ends_on")}
    return replace(was, **_one(rng, of_kind, days, {"currency": terms["currency"]}, {"name": f"Contract {rng.random()}"}))


def _person(rng: random.Random, was: Any, _number: int) -> Any:
    at = rng.choice([*DAYS, DAYS[-1] + timedelta(days=3)])
    last = was.terms[-1]
    raised = replace(
        last, period=DateInterval(max(at, last.period.start + timedelta(days=1)), None), grade=rng.choice(GRADES), cost_rate=Decimal(60)
    )
    rise = {"terms": (*was.terms[:-1], replace(last, period=DateInterval(last.period.start, raised.period.start)), raised)}
    return replace(was, **_one(rng, {"terms": _terms(rng)}, rise, {"name": f"Somebody {rng.random()}"}))


_NEW: dict[str, Any] = {
    "bill_rates": _bill_rate,
    "exchange_rates": _exchange_rate,
    "demands": _demand,
    "projects": _project,
    "contracts": _contract,
    "people": _person,
}


def _done(store: Store, area: str, was: Any, value: Any) -> None:
    if value is None:
        delete_record(store, actor=LOCAL, area=area, record_id=was.id, version=was.version, now=NOW)
    elif was is None:
        (create_contract if area == "contracts" else create_record)(store, actor=LOCAL, value=value, now=NOW)
    else:
        (change_contract if area == "contracts" else change_record)(store, actor=LOCAL, value=value, now=NOW)


def _tried(store: Store, area: str, was: Any, value: Any) -> dict[str, _Worth] | None:
    """What all time would be worth if nobody looked; ``None`` where the rows do not take it."""
    try:
        with store.begin(LOCAL) as tx:
            rows = tx.area(area)
            if value is None:
                rows.delete(was.id, was.version)
            elif was is None:
                rows.add(value)
            else:
                rows.save(value)
            worths = _worths(View(tx.connection, tx.actor))
            raise _Undone
    except _Undone:
        return worths
    except DomainError:
        return None


def _worths(view: View) -> dict[str, _Worth]:
    """What is approved, by entry."""
    projects = {project.id: project for project in view.projects.all()}
    clients = {project.id: project.client_id for project in projects.values()}
    book = PriceBook(
        card=RateCard(view.bill_rates.all(), home="EUR", clients=clients), exchange=Exchange(view.area("exchange_rates").all(), home="EUR")
    )
    contracts = {contract.project_id: contract for contract in view.area("contracts").all()}
    people = {person.id: person for person in view.people.all()}
    demands = {demand.id: demand for demand in view.demands.all()}
    return {
        entry.id: _worth(
            entry,
            book,
            project=projects[entry.project_id],
            contract=contracts.get(entry.project_id),
            person=people[entry.person_id],
            demand=demands.get(entry.demand_id),
        )
        for entry in view.area("time_entries").all()
        if entry.state is LineState.APPROVED
    }


def _worth(entry: Any, book: PriceBook, *, project: Any, contract: Any, person: Any, demand: Any) -> _Worth:
    day = entry.work_date
    term = next((term for term in person.terms if day in term.period), None)
    within = contract is not None and contract.starts_on <= day and (contract.ends_on is None or day <= contract.ends_on)
    price: tuple[Any, ...] | None = None
    if (
        not entry.is_billable
        or project.contract is ContractKind.FIXED_PRICE
        or (contract is not None and contract.kind in PRICED_AS_A_WHOLE)
    ):
        pass
    elif project.contract is ContractKind.INTERNAL:
        price = ("EUR" if contract is None else contract.currency, Decimal(0), Decimal(0))
    else:
        price = _price(entry, book, contract=contract, person=person, term=term, demand=demand)
    return _Worth(price, within, None if term is None else term.cost_rate)


def _price(entry: Any, book: PriceBook, *, contract: Any, person: Any, term: Any, demand: Any) -> tuple[Any, ...] | None:
    terms = PriceTerms(currency="EUR") if contract is None else terms_of(contract)
    item = BillableItem(
        kind=BillableKind.TIME,
        id=entry.id,
        project_id=entry.project_id,
        person_id=entry.person_id,
        day=entry.work_date,
        grade=None if term is None else term.grade,
    )
    try:
        cost = None if term is None else CostRate(person_id=person.id, person_version=1, rate=term.cost_rate)
        rate = price_of_time(item, terms=terms, book=book, demand=None if demand is None else demand_price(demand), cost=cost).rate
    except DomainError:
        rate = None
    beyond = (
        rate if contract is None or contract.retainer is None or contract.retainer.overage_rate is None else contract.retainer.overage_rate
    )
    return None if rate is None and beyond is None else (terms.currency, rate, beyond)


def _is_altered(before: _Worth, after: _Worth) -> bool:
    if before.cost is not None and after.cost != before.cost:
        return True
    if before.price is None:
        return False
    if after.price is None or before.price[0] != after.price[0] or (before.is_within and not after.is_within):
        return True
    return any(was is not None and was != now for was, now in zip(before.price[1:], after.price[1:], strict=True))
