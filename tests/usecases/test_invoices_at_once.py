"""Many bill, issue, credit and take back at the same time, with real threads on both databases."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.invoices import InvoiceState
from scheduler.domain.delivery.lines import LineKind, LineRef, LineStep, WantedLine, WantedLines
from scheduler.domain.ground.access import LOCAL
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.line_steps import move_lines
from tests.at_once import at_once
from tests.billing_firm import FINANCE, NOW, approve, credit, draft, files_of, fill, issue, log, make_contract, make_entry, parts_of

if TYPE_CHECKING:
    from scheduler.store import Store

RUNS = 50
ENTRIES = 40


def test_m15_fifty_runs_over_the_same_work(store: Store) -> None:
    """Each row is billed once, whoever drafts it; issued all at once, the numbers are 1 to n."""
    fill(store)
    log(store, *(make_entry(f"e{n}", project=("alpha", "beta", "gamma")[n % 3], day=n % 20) for n in range(ENTRIES)))
    refused = at_once(*(partial(draft, store, ("alpha", "beta", "gamma")[n % 3]) for n in range(RUNS)), again_when_busy=True)
    assert set(refused) == {None, "invoice.nothing_billable"}
    with store.read(LOCAL) as view:
        made = view.area("invoices").all()
    items = [item.source_id for one in made for item in parts_of(store, one.id).items]
    assert sorted(items) == sorted(f"e{n}" for n in range(ENTRIES))
    assert at_once(*(partial(issue, store, one) for one in made), again_when_busy=True) == [None] * len(made)
    with store.read(LOCAL) as view:
        assert sorted(one.sequence for one in view.area("invoices").all()) == list(range(1, len(made) + 1))


def test_m01_many_issue_the_same_draft(store: Store) -> None:
    """One invoice with one number; the others hear that it is issued."""
    fill(store)
    log(store, make_entry("e1"), make_entry("b1", project="beta"))
    approved = approve(store, draft(store))
    act = partial(
        issue_invoice, store, actor=FINANCE, invoice_id=approved.id, expected_version=approved.version, files_of=files_of, now=NOW
    )
    refused = at_once(*[act] * 10, again_when_busy=True)
    assert sorted(refused, key=str) == [None, *["invoice.issued"] * 9]
    assert issue(store, draft(store, "beta")).sequence == 2


def test_m02_two_drafts_name_the_same_entry(store: Store) -> None:
    """One gets it, the others hear that it is billed, and nothing of them is half there."""
    fill(store)
    log(store, make_entry("e1"))
    refused = at_once(*[partial(draft, store, entries=["e1"])] * 8, again_when_busy=True)
    assert sorted(refused, key=str) == [None, *["entry.already_billed"] * 7]
    with store.read(LOCAL) as view:
        assert view.area("invoices").count() == 1


def test_a_cap_holds_when_many_bill(store: Store) -> None:
    """20 who each bill one of 20 hours under a cap of 5 hours come to the cap and not beyond."""
    fill(store, alpha=make_contract(kind=ContractKind.CAPPED, cap_minor=500_00))
    log(store, *(make_entry(f"e{n}", day=n) for n in range(20)))
    at_once(*(partial(draft, store, entries=[f"e{n}"]) for n in range(20)), again_when_busy=True)
    with store.read(LOCAL) as view:
        made = view.area("invoices").all()
    assert sum(one.net_minor for one in made if one.state is InvoiceState.DRAFT) == 500_00


def test_many_credit_the_same_invoice(store: Store) -> None:
    """One credit note of all of it; for the others nothing is left."""
    fill(store)
    log(store, make_entry("e1"))
    issued = issue(store, draft(store))
    refused = at_once(*[partial(credit, store, issued)] * 8, again_when_busy=True)
    assert sorted(refused, key=str) == [None, *["credit.nothing"] * 7]


def test_an_approval_is_taken_back_while_the_line_is_billed(store: Store) -> None:
    """Either it is billed and stays approved, or it is taken back and not billed."""
    fill(store)
    for number in range(6):
        name = f"e{number}"
        log(store, make_entry(name, day=number))
        wanted = WantedLines(lines=(WantedLine(ref=LineRef(kind=LineKind.TIME_ENTRY, id=name), version=1),))
        take_back = partial(move_lines, store, actor=FINANCE, step=LineStep.UNAPPROVE, wanted=wanted, reason="Oh", now=NOW)
        refused = at_once(take_back, partial(draft, store), again_when_busy=True)
        assert refused in ([None, "invoice.nothing_billable"], ["line.invoiced", None])
