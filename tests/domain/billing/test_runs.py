"""Invoice runs: what is to be billed, which contracts go together on an invoice, and the draft that comes of their bills."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceState, ItemKind
from scheduler.domain.billing.parties import Grouping
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.run_progress import scope_from_json, scope_to_json
from scheduler.domain.billing.runs import (
    CONTRACTS_MAX,
    Billed,
    RunScope,
    bills_costs,
    claims_of,
    drafted,
    grouped,
    payment_days,
    require_together,
)
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import ClientId, ContractId, InvoiceId, LegalEntityId
from tests.domain.billing.contract_factories import VAT, at, make_work, spent, worked
from tests.domain.billing.refusals import faults, refused
from tests.factories import make_client_account, make_contract, make_legal_entity

if TYPE_CHECKING:
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.parties import ClientAccount

DAY = date(2026, 3, 2)
NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
FIRM = LegalEntityId("acme-advisers")
SISTER = LegalEntityId("sister")
ENTITIES = {FIRM: make_legal_entity(payment_days=30), SISTER: make_legal_entity(id=SISTER, payment_days=30)}
RETAINED: dict[str, Any] = {"retention": Decimal("0.1"), "retention_due_on": date(2026, 12, 31)}


def test_a_run_ends_no_earlier_than_it_begins() -> None:
    """One day is a run; a day less is none."""
    assert RunScope(until=DAY, since=DAY).since == DAY
    assert faults(RunScope, until=DAY, since=DAY + timedelta(days=1)) == [("/until", "interval.empty")]


@pytest.mark.parametrize(
    ("contract", "account", "days"),
    [(7, 14, 7), (0, 14, 0), (7, None, 7), (None, 14, 14), (None, 0, 0), (None, None, 30), (None, "none", 30)],
)
def test_days_to_pay_are_the_contracts_else_the_clients_else_the_legal_entitys(contract: int | None, account: Any, days: int) -> None:
    """0 days are days too; a client that is not set up says nothing."""
    terms = None if account == "none" else make_client_account(payment_days=account)
    assert payment_days(make_contract(payment_days=contract), terms, make_legal_entity(payment_days=30)) == days


def groups(*contracts: Contract, client_of: dict[str, str] | None = None, **account: Any) -> tuple[tuple[str, ...], ...]:
    """Contracts of acme, which wants them together, unless it is said otherwise; bolt wants each alone, and cash is not set up."""
    clients = {one.id: ClientId((client_of or {}).get(one.id, "acme")) for one in contracts}
    accounts: dict[ClientId, ClientAccount] = {
        ClientId("acme"): make_client_account("acme", **{"grouping": Grouping.CLIENT, **account}),
        ClientId("bolt"): make_client_account("bolt"),
        ClientId("dove"): make_client_account("dove", grouping=Grouping.CLIENT),
    }
    return grouped(contracts, client_of=clients, accounts=accounts, entities=ENTITIES)


def contract(name: str, **changes: Any) -> Contract:
    return make_contract(name, id=ContractId(name), **changes)


def test_contracts_of_a_client_that_wants_that_go_together() -> None:
    """In one order; each of one that does not, or is not set up, stands alone."""
    both = groups(contract("b"), contract("c"), contract("a"), client_of={"c": "bolt"})
    assert both == (("a", "b"), ("c",))
    assert groups(contract("b"), contract("a"), client_of={"a": "bolt", "b": "bolt"}) == (("a",), ("b",))
    assert groups(contract("b"), contract("a"), client_of={"a": "cash", "b": "cash"}) == (("a",), ("b",))
    assert groups() == ()


@pytest.mark.parametrize(
    "changes",
    [{"currency": "USD"}, {"legal_entity_id": SISTER}, {"payment_days": 14}, RETAINED],
    ids=["currency", "entity", "days", "retention"],
)
def test_what_differs_in_its_terms_does_not_go_together(changes: dict[str, Any]) -> None:
    """Currency, legal entity and days to pay are one for each invoice; what holds a part back stands alone."""
    assert groups(contract("a"), contract("b", **changes), contract("c")) == (("a", "c"), ("b",))


def test_two_that_hold_a_part_back_stand_alone_each() -> None:
    """Each has its own day."""
    assert groups(contract("a", **RETAINED), contract("b", **RETAINED)) == (("a",), ("b",))


def test_terms_that_come_to_the_same_go_together() -> None:
    """14 days by the contract or by the client are 14 days; two clients never share."""
    assert groups(contract("a", payment_days=14), contract("b"), payment_days=14) == (("a", "b"),)
    assert groups(contract("a"), contract("b"), client_of={"b": "dove"}) == (("a",), ("b",))


def test_an_invoice_has_only_so_many_contracts() -> None:
    """One more than the most makes another invoice; two times as many are two."""
    many = [contract(f"{number:04}") for number in range(2 * CONTRACTS_MAX)]
    assert [len(one) for one in groups(*many[: CONTRACTS_MAX + 1])] == [CONTRACTS_MAX, 1]
    found = groups(*many)
    assert [len(one) for one in found] == [CONTRACTS_MAX, CONTRACTS_MAX]
    assert [one for group in found for one in group] == [one.id for one in many]


def test_contracts_on_one_invoice_have_one_client_one_entity_and_one_currency() -> None:
    """What holds a part back is alone; alone it may be."""
    a, b = contract("a"), contract("b")
    acme, bolt = ClientId("acme"), ClientId("bolt")
    require_together([a, b], [acme, acme])
    require_together([replace(a, **RETAINED)], [acme])
    for contracts, clients in [
        ([a, b], [acme, bolt]),
        ([a, b], [acme, None]),
        ([a, replace(b, legal_entity_id=SISTER)], [acme, acme]),
        ([a, replace(b, **RETAINED)], [acme, acme]),
    ]:
        error = refused(require_together, contracts, clients)
        assert (error.kind, error.code) == (ErrorKind.INVALID, "invoice.not_together")
    other = refused(require_together, [a, replace(b, currency="USD")], [acme, acme])
    assert (other.code, other.facts) == ("money.currency_mismatch", {"currency": "EUR", "others": ["USD"]})


def test_only_cost_plus_contracts_bill_costs() -> None:
    """From what they bill, cost rates follow."""
    assert bills_costs(contract("a", kind=ContractKind.COST_PLUS, markup=Decimal(0)))
    assert not bills_costs(contract("a", kind=ContractKind.FIXED_PRICE))
    assert not bills_costs(contract("a"))


def billed(name: str, *, minutes: int = 60, days: int = 14, tax: Any = VAT, **changes: Any) -> Billed:
    items = [worked(f"{name}-time", DAY, minutes), spent(f"{name}-trip", DAY + timedelta(days=3), 20_00)] if minutes else []
    work = make_work(contract(name, **changes), *items, tax=tax, rate_of=at(("anna", "100"), currency=changes.get("currency", "EUR")))
    return Billed(work=work, bill=bill(work, since=None, until=date(2026, 3, 31)), payment_days=days)


def draft(*several: Billed) -> Any:
    return drafted(several, invoice_id=InvoiceId("new"), client_id=ClientId("acme"), language="de", home_currency="CHF", now=NOW)


def test_a_draft_has_the_sums_the_days_and_the_terms_of_its_contract() -> None:
    """An hour at 100.00 and a trip of 20.00 with 10 % off, and a tenth of 128.52 held back."""
    one = billed("a", discount=Decimal("0.1"), **RETAINED)
    head, parts = draft(one)
    assert head == Invoice(
        id=InvoiceId("new"),
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.DRAFT,
        legal_entity_id=FIRM,
        client_id=ClientId("acme"),
        currency="EUR",
        net_minor=108_00,
        tax_minor=20_52,
        gross_minor=128_52,
        period_start=DAY,
        period_end=DAY + timedelta(days=3),
        contract_id=ContractId("a"),
        retained_minor=12_85,
        retention_due_on=date(2026, 12, 31),
        payment_days=14,
        language="de",
        tells_cost=False,
        home_currency="CHF",
        created_at=NOW,
    )
    assert [(line.position, line.net_minor) for line in parts.lines] == [(1, 100_00), (2, 20_00)]
    assert [(off.base_minor, off.amount_minor, off.contract_id) for off in parts.allowances] == [(120_00, 12_00, "a")]
    assert [(tax.net_minor, tax.tax_minor) for tax in parts.taxes] == [(108_00, 20_52)]
    assert claims_of(parts) == ((ItemKind.TIME_ENTRY, "a-time"), (ItemKind.EXPENSE, "a-trip"))


def test_several_contracts_make_one_draft_of_none_of_them() -> None:
    """In their order; one with nothing to bill does not count, and with nothing at all there is no draft."""
    head, parts = draft(billed("none", minutes=0), billed("b", days=7, currency="USD", legal_entity_id=SISTER), billed("a", currency="USD"))
    assert (head.contract_id, head.currency, head.legal_entity_id, head.payment_days) == (None, "USD", SISTER, 7)
    assert (head.net_minor, head.retained_minor, head.retention_due_on) == (240_00, 0, None)
    assert [(line.position, line.contract_id) for line in parts.lines] == [(1, "b"), (2, "b"), (3, "a"), (4, "a")]
    alone, _ = draft(billed("none", minutes=0), billed("a"))
    assert alone.contract_id == "a"
    assert draft(billed("none", minutes=0)) is None
    assert draft() is None


def test_a_draft_says_why_its_tax_code_charges_none() -> None:
    """Of every contract's tax code; without words for it there are no sums."""
    exempt = replace(VAT, category=TaxCategory.EXEMPT, rates=(), exemption_reason="Exempt")
    _, parts = draft(billed("a"), billed("b", tax=exempt))
    assert [(tax.category.value, tax.exemption_reason) for tax in parts.taxes] == [("S", None), ("E", "Exempt")]


def test_a_draft_tells_costs_where_its_bill_does() -> None:
    """Cost-plus lines do."""
    head, parts = draft(billed("a", kind=ContractKind.COST_PLUS, markup=Decimal(0)))
    assert (head.tells_cost, parts.tells_cost) == (True, True)
    assert billed("a").contract.id == "a"


WIDE = RunScope(until=DAY)
NARROW = RunScope(
    until=DAY,
    since=date(2026, 1, 1),
    legal_entity_id=FIRM,
    client_ids=frozenset({ClientId("b"), ClientId("a")}),
    contract_ids=frozenset({ContractId("d"), ContractId("c")}),
)


def test_what_a_run_bills_is_kept_as_json() -> None:
    """Lists in order; nothing where nothing is narrower."""
    assert scope_to_json(NARROW, with_costs=True) == {
        "until": "2026-03-02",
        "since": "2026-01-01",
        "legal_entity_id": "acme-advisers",
        "client_ids": ["a", "b"],
        "contract_ids": ["c", "d"],
        "with_costs": True,
    }
    empty: dict[str, Any] = {"since": None, "legal_entity_id": None, "client_ids": [], "contract_ids": []}
    assert scope_to_json(WIDE, with_costs=False) == {"until": "2026-03-02", **empty, "with_costs": False}


@pytest.mark.parametrize("scope", [WIDE, NARROW])
def test_what_a_run_bills_comes_back_from_json(scope: RunScope) -> None:
    """As it was asked."""
    assert scope_from_json(scope_to_json(scope, with_costs=False)) == scope
