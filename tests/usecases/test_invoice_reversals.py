"""What is taken back of an invoice while something rests on it: deposits that were drawn, blocks that were used, work that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.charges import Charge, ChargeKind
from scheduler.domain.billing.contracts import BeyondCap, ContractKind
from scheduler.domain.billing.crediting import WantedCredit
from scheduler.domain.billing.invoices import InvoiceState, PaymentKind
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ChargeId, ClientId, ContractId, ProjectId
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.invoices import void_invoice
from scheduler.usecases.payments import record_payment
from scheduler.usecases.records import change_record
from tests import factories as make
from tests.billing_firm import (
    FINANCE,
    NOW,
    TODAY,
    credit,
    draft,
    files_of,
    fill,
    invoice_of,
    issue,
    log,
    make_contract,
    make_entry,
    parts_of,
)
from tests.factories import make_bill_rate

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.store import Store

USED = "invoice.prepaid_used"


def void(store: Store, invoice: Invoice) -> Invoice:
    version = invoice_of(store, invoice.id).version
    return void_invoice(store, actor=FINANCE, invoice_id=invoice.id, expected_version=version, reason="Wrong", now=NOW)


def issued(store: Store, **more: Any) -> Invoice:
    return issue(store, draft(store, **more))


def sell(store: Store, amount_minor: int, kind: ChargeKind = ChargeKind.DEPOSIT, **more: Any) -> Invoice:
    """The issued invoice of a charge of Alpha's that was due in January."""
    charge = Charge(
        id=ChargeId("ch"),
        contract_id=ContractId("c-alpha"),
        kind=kind,
        name="Before",
        due_on=date(2027, 1, 1),
        amount_minor=amount_minor,
        **more,
    )
    with store.begin(LOCAL, now=NOW) as tx:
        tx.area("charges").add(charge)
    return issued(store)


def refusal(act: Any, *args: Any) -> str:
    with pytest.raises(DomainError) as caught:
        act(*args)
    assert caught.value.kind is ErrorKind.CONFLICT
    return caught.value.code


def test_a_deposit_that_was_drawn_is_not_void(store: Store) -> None:
    """Of 50.00 paid beforehand all is taken off an invoice: first that one is void, then the deposit."""
    fill(store)
    deposit = sell(store, 50_00)
    log(store, make_entry("e1"))
    drawing = issued(store)
    assert drawing.net_minor == 50_00
    assert refusal(void, store, deposit) == USED
    assert invoice_of(store, deposit.id).state is InvoiceState.ISSUED
    void(store, drawing)
    assert void(store, deposit).state is InvoiceState.VOID


def test_of_a_deposit_only_what_was_not_drawn_is_credited(store: Store) -> None:
    """Of 150.00 a draft draws 100.00: 50.01 are not given back, 50.00 are."""
    fill(store)
    deposit = sell(store, 150_00)
    log(store, make_entry("e1"))
    assert draft(store).net_minor == 0
    note = credit(store, deposit, wanted=[WantedCredit(position=1, amount_minor=50_01)])
    assert refusal(issue, store, note) == USED
    within = credit(store, deposit, wanted=[WantedCredit(position=1, amount_minor=50_00)])
    assert issue(store, within).state is InvoiceState.ISSUED


def test_a_block_that_was_used_is_not_void(store: Store) -> None:
    """Ten hours bought, one of them used on an issued invoice: the block stays until that is void."""
    fill(store, alpha=make_contract(kind=ContractKind.BLOCK_HOURS))
    block = sell(store, 800_00, ChargeKind.BLOCK, minutes=600)
    log(store, make_entry("e1"))
    using = issued(store)
    assert refusal(void, store, block) == USED
    void(store, using)
    assert void(store, block).state is InvoiceState.VOID


def test_a_void_note_does_not_draw_a_deposit_twice(store: Store) -> None:
    """What a credited invoice had drawn was drawn by another since: the note stays."""
    fill(store)
    sell(store, 50_00)
    log(store, make_entry("e1"))
    note = issue(store, credit(store, issued(store, entries=["e1"])))
    log(store, make_entry("e2", day=1))
    assert issued(store, entries=["e2"]).net_minor == 50_00
    assert refusal(void, store, note) == USED


def test_a_void_note_passes_no_cap(store: Store) -> None:
    """Under a cap of 100.00 an invoice was credited and other work billed since: the note stays."""
    fill(store, alpha=make_contract(kind=ContractKind.CAPPED, cap_minor=100_00, beyond_cap=BeyondCap.STOP))
    log(store, make_entry("e1"))
    note = issue(store, credit(store, issued(store)))
    log(store, make_entry("e2", day=1))
    issued(store, entries=["e2"])
    assert refusal(void, store, note) == USED


@pytest.mark.parametrize("change", ["minutes", "deleted", "billable"])
def test_a_void_note_owes_only_work_that_is_as_it_was_billed(store: Store, change: str) -> None:
    """An entry that was free again has other minutes by now, is gone, or is not billable: the note stays, and what is there is billed anew."""
    fill(store)
    log(store, make_entry("e1"))
    invoice = issued(store)
    note = issue(store, credit(store, invoice))
    with store.begin(LOCAL, now=NOW) as tx:
        entries = tx.area("time_entries")
        now = entries.get("e1")
        if change == "deleted":
            entries.delete("e1", now.version)
        else:
            entries.save(replace(now, minutes=120) if change == "minutes" else replace(now, is_billable=False))
    assert refusal(void, store, note) == "entry.changed_since"
    if change == "minutes":
        assert [item.minutes for item in parts_of(store, draft(store).id).items] == [120]


@pytest.mark.parametrize(
    ("changes", "refuses"),
    [
        ({"amount_minor": 238_00}, True),
        ({"markup": Decimal("0.2")}, True),
        ({"tax_rate": Decimal("0.07")}, True),
        ({"note": "Train"}, False),
    ],
    ids=["amount", "markup", "tax", "note"],
)
def test_a_void_note_owes_only_expenses_at_what_was_charged(store: Store, changes: dict[str, Any], refuses: bool) -> None:
    """An expense that was free again has another amount, markup or tax by now; other words stand in nobody's way."""
    fill(store)
    own: dict[str, Any] = {"home_minor": 119_00, "home_currency": "EUR", "tax_rate": Decimal("0.19"), "markup": Decimal("0.1")}
    spent = make.make_expense(state=LineState.APPROVED, is_billable=True, is_reimbursable=True, **own)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.area("expense_categories").add(make.make_expense_category())
        tx.area("expenses").add(spent)
    note = issue(store, credit(store, issued(store)))
    with store.begin(LOCAL, now=NOW) as tx:
        tx.area("expenses").save(replace(tx.area("expenses").get(spent.id), **changes))
    if refuses:
        assert refusal(void, store, note) == "entry.changed_since"
    else:
        assert void(store, note).state is InvoiceState.VOID


def test_an_invoice_is_not_issued_before_its_work(store: Store) -> None:
    """Work of the first Monday of March: issued on that day, but not on the Sunday before."""
    fill(store)
    log(store, make_entry("e1"))
    made = draft(store)
    day = make_entry("e1").work_date
    with pytest.raises(DomainError) as caught:
        issue(store, made, issued_on=day - timedelta(days=1))
    assert caught.value.code == "invoice.before_service"
    given: dict[str, Any] = {"expected_version": invoice_of(store, made.id).version, "files_of": files_of, "now": NOW, "issued_on": day}
    assert issue_invoice(store, actor=FINANCE, invoice_id=made.id, **given).issued_on == day < TODAY


def test_nothing_is_paid_on_a_day_to_come(store: Store) -> None:
    """Two days ahead is refused; one is not, since somewhere it is tomorrow already."""
    fill(store)
    log(store, make_entry("e1"))
    given: dict[str, Any] = {"actor": FINANCE, "invoice_id": issued(store).id, "kind": PaymentKind.PAYMENT, "amount_minor": 1, "now": NOW}
    with pytest.raises(DomainError) as caught:
        record_payment(store, **given, paid_on=TODAY + timedelta(days=2))
    assert caught.value.code == "payment.in_future"
    assert record_payment(store, **given, paid_on=TODAY + timedelta(days=1)).amount_minor == 1


def test_the_client_stays_once_they_were_billed(store: Store) -> None:
    """A deposit of Acme's is not drawn for Globex: the project changes hands only while nothing of it is on an invoice that counts."""
    fill(store)
    deposit = sell(store, 50_00)
    with store.read(LOCAL) as view:
        project = view.projects.get(ProjectId("alpha"))
    elsewhere = replace(project, client_id=ClientId("globex"))
    given: dict[str, Any] = {"actor": LOCAL, "value": elsewhere, "now": NOW}
    with pytest.raises(DomainError) as caught:
        change_record(store, **given)
    assert caught.value.code == "contract.invoiced"
    void(store, deposit)
    assert change_record(store, **given).client_id == "globex"


def test_work_stays_free_when_a_void_credit_note_gave_nothing_back(store: Store) -> None:
    """7 minutes at 0.07 an hour are a cent, one of them alone is nothing: without that note the cent is credited all the same."""
    fill(store)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.bill_rates.add(make_bill_rate("0.07", rate_id="low", project_id=ProjectId("alpha")))
    log(store, make_entry("e1", minutes=7))
    bill = issued(store)
    nothing = issue(store, credit(store, bill, wanted=[WantedCredit(position=1, quantity=1)]))
    rest = issue(store, credit(store, bill))
    assert (bill.net_minor, nothing.net_minor, rest.net_minor) == (1, 0, 1)
    void(store, nothing)
    assert draft(store).net_minor == 1, "it can be billed again"
