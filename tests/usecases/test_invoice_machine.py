"""
Whatever people do with time, rates, drafts, invoices, credits and payments, in whatever order: the books add up after every step.

``MUSTER_TEST_BILLING_STEPS=100000`` plays that many steps on each database, else a few.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from scheduler.domain.billing.billed_before import CAPPED
from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.crediting import Credits, WantedCredit
from scheduler.domain.billing.document_lines import TaxLine
from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts
from scheduler.domain.billing.invoices import LIVE, NUMBERED, Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState, PaymentKind
from scheduler.domain.billing.settlement import settlement
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineKind as DeliveryKind
from scheduler.domain.delivery.lines import LineRef, LineStep, WantedLine, WantedLines
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import BillRateId, ClientId, ContractId, LegalEntityId, ProjectId, new_id
from scheduler.domain.ground.money import round_half_up
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.store.areas.base import built
from scheduler.store.billable_work import unbilled_time
from scheduler.store.invoices import InvoiceReader
from scheduler.store.tables.invoices import INVOICE_ALLOWANCES, INVOICE_ITEMS, INVOICE_LINES, INVOICE_TAXES, PAYMENTS
from scheduler.usecases.credit_notes import credit_invoice
from scheduler.usecases.invoice_drafts import draft_invoice
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.invoices import approve_invoice, cancel_invoice, change_draft, reopen_invoice, void_invoice
from scheduler.usecases.line_steps import move_lines
from scheduler.usecases.payments import record_payment
from tests import factories as make
from tests.billing_firm import FINANCE, NOW, TODAY, UNTIL, files_of, fill, make_contract, make_entity, make_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scheduler.store import Store, View

STEPS = int(os.environ.get("MUSTER_TEST_BILLING_STEPS", "150"))
SEED = int(os.environ.get("MUSTER_TEST_BILLING_SEED", "7"))
MANY = 5_000
STEPS_OF_ONE = 50
CAP = 400_00
NEVER = {"invoice.prepaid_used", "entry.changed_since", "invoice.lines_depend", "credit.void", "line.illegal_step"}
"""Refusals that are rare."""
REFUSALS = {
    *(
        "invoice.nothing_billable",
        "invoice.illegal_step",
        "invoice.issued",
        "invoice.not_draft",
        "invoice.nothing_left",
        "invoice.lines_depend",
    ),
    *("invoice.paid", "invoice.credited", "credit.nothing", "credit.too_much", "credit.of_credit", "credit.not_issued", "credit.void"),
    "invoice.prepaid_used",
    "entry.changed_since",
    "invoice.before_service",
    *("payment.too_much", "payment.not_issued", "payment.on_credit_note", "entry.already_billed", "line.invoiced", "line.illegal_step"),
}
"""What may be refused here, and then changes nothing."""


class Books:
    """A legal entity of its own with two contracts, one capped, with a discount, and one by time alone; ``choose`` takes one of a list."""

    def __init__(self, store: Store, choose: Callable[[Sequence[Any]], Any], done: Counter[str]) -> None:
        self.store, self.choose, self.done = store, choose, done
        self.prefix = new_id()[:12]
        self.entries: dict[str, int] = {}
        self.invoices: list[str] = []
        self.hashes: dict[str, str] = {}
        rate, discount = choose(("100", "33.33", "0.07", "87.5")), choose(("0", "0.1", "0.333"))
        with store.begin(LOCAL, now=NOW) as tx:
            entity = tx.area("legal_entities").add(make_entity(id=LegalEntityId(self.prefix), name=self.prefix))
            for name, more in (
                ("capped", {"kind": ContractKind.CAPPED, "cap_minor": CAP, "discount": Decimal(discount)}),
                ("free", {}),
            ):
                project = ProjectId(self.project(name))
                tx.projects.add(make.make_project(project, client_id=ClientId("acme")))
                given: dict[str, Any] = {"legal_entity_id": entity.id, "name": name, **more}
                tx.area("contracts").add(make_contract(project, id=ContractId(f"c-{project}"), **given))
                tx.bill_rates.add(make.make_bill_rate(rate, rate_id=f"rate-{project}", project_id=project))
        for _ in range(3):
            self.work()

    def play(self) -> None:
        """One move, and all that has to hold after it."""
        moves = [self.work, self.work, self.take_back_or_approve, self.change_rate, self.run, self.run]
        if self.invoices:
            moves += [self.step, self.step, self.issue, self.issue, self.leave_a_line_out, self.credit, self.credit, self.pay, self.pay]
        self.choose(moves)()
        self.done["steps"] += 1
        self.check()

    def may_be_refused(self, act: Any, **kwargs: Any) -> Any:
        try:
            made = act(self.store, **kwargs)
        except DomainError as error:
            assert error.code in REFUSALS, error
            self.done[error.code] += 1
            return None
        self.done[act.__name__] += 1
        return made

    def project(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def work(self) -> None:
        entry_id = f"{self.prefix}-{len(self.entries)}"
        name, minutes, person = self.choose(("capped", "free")), self.choose((1, 7, 20, 60, 95, 300)), self.choose(("ann", "bob"))
        changes: dict[str, Any] = {"is_billable": self.choose((True, True, True, False))}
        entry = make_entry(entry_id, project=self.project(name), person=person, day=len(self.entries) % 20, minutes=minutes, **changes)
        with self.store.begin(LOCAL, now=NOW) as tx:
            tx.area("time_entries").add(entry)
        self.entries[entry_id] = minutes

    def take_back_or_approve(self) -> None:
        entry_id = self.choose(sorted(self.entries))
        ref = LineRef(kind=DeliveryKind.TIME_ENTRY, id=entry_id)
        with self.store.read(LOCAL) as view:
            entry = view.area("time_entries").get(entry_id)
        if entry.state is LineState.APPROVED:
            wanted = WantedLines(lines=(WantedLine(ref=ref, version=entry.version),))
            self.may_be_refused(move_lines, actor=FINANCE, step=LineStep.UNAPPROVE, wanted=wanted, reason="Oh", now=NOW)
            return
        with self.store.begin(LOCAL, now=NOW) as tx:
            tx.lines.move(tuple(tx.lines.find([ref], lock=True).values()), LineState.APPROVED)

    def change_rate(self) -> None:
        name, rate = self.choose(("capped", "free")), self.choose(("100", "33.33", "120.01", "66.6667"))
        with self.store.begin(LOCAL, now=NOW) as tx:
            row = tx.bill_rates.get(BillRateId(f"rate-{self.project(name)}"))
            tx.bill_rates.save(replace(row, rate=Decimal(rate)))

    def run(self) -> None:
        ids = [f"c-{self.project(name)}" for name in self.choose((("capped",), ("free",), ("capped", "free")))]
        until = UNTIL - timedelta(weeks=self.choose((0, 0, 2, 4)))
        made = self.may_be_refused(draft_invoice, actor=FINANCE, contract_ids=ids, until=until, now=NOW)
        if made is not None:
            self.invoices.append(made.id)

    def some_invoice(self, *fitting: InvoiceState) -> tuple[Invoice, dict[str, Any]]:
        """Any, or mostly one in a state that fits; and what most acts are called with."""
        with self.store.read(LOCAL) as view:
            found: dict[str, Invoice] = {one.id: one for one in view.area("invoices").many(self.invoices)}
        fit = [one for one in self.invoices if found[one].state in fitting]
        invoice = found[self.choose(fit if fit and self.choose((True,) * 5 + (False,)) else self.invoices)]
        return invoice, {"actor": FINANCE, "invoice_id": invoice.id, "expected_version": invoice.version, "now": NOW}

    def step(self) -> None:
        acts: dict[str, tuple[Any, tuple[InvoiceState, ...]]] = {
            "approve": (approve_invoice, (InvoiceState.DRAFT,)),
            "reopen": (reopen_invoice, (InvoiceState.APPROVED,)),
            "cancel": (cancel_invoice, (InvoiceState.DRAFT, InvoiceState.APPROVED)),
            "void": (void_invoice, (InvoiceState.ISSUED,)),
        }
        what = self.choose(("approve", "approve", "reopen", "cancel", "void"))
        act, fitting = acts[what]
        _, args = self.some_invoice(*fitting)
        self.may_be_refused(act, **args, **({"reason": "Because"} if what in {"cancel", "void"} else {}))

    def issue(self) -> None:
        invoice, args = self.some_invoice(InvoiceState.APPROVED, InvoiceState.DRAFT)
        if invoice.state is InvoiceState.DRAFT:
            args["expected_version"] = approve_invoice(self.store, **args).version
        issued_on = TODAY if invoice.kind is InvoiceKind.CREDIT_NOTE else TODAY - timedelta(days=self.choose((0, 0, 0, 100)))
        done = self.may_be_refused(issue_invoice, **args, files_of=files_of, issued_on=issued_on)
        if done is not None:
            self.hashes[done.id] = done.content_sha256

    def leave_a_line_out(self) -> None:
        _, args = self.some_invoice(InvoiceState.DRAFT)
        self.may_be_refused(change_draft, **args, given={}, leave_out=[1])

    def credit(self) -> None:
        invoice, args = self.some_invoice(InvoiceState.ISSUED)
        with self.store.read(LOCAL) as view:
            lines = InvoiceReader(view.connection).parts(invoice.id).lines
        line, share, how = self.choose(lines), self.choose((1, 2, 3, 5)), self.choose(("whole", "quantity", "amount"))
        wanted = {
            "whole": None,
            "quantity": [WantedCredit(position=line.position, quantity=line.quantity // share)],
            "amount": [WantedCredit(position=line.position, amount_minor=line.net_minor * share // 4)],
        }[how]
        note = self.may_be_refused(credit_invoice, **args, reason="Wrong", wanted=wanted)
        if note is not None:
            self.invoices.append(note.id)

    def pay(self) -> None:
        invoice, _ = self.some_invoice(InvoiceState.ISSUED)
        amount = max(1, abs(invoice.gross_minor) * self.choose((1, 2, 4, 5)) // 4)
        args: dict[str, Any] = {"actor": FINANCE, "invoice_id": invoice.id, "paid_on": TODAY, "now": NOW}
        self.may_be_refused(record_payment, **args, kind=self.choose(tuple(PaymentKind)), amount_minor=amount)

    def check(self) -> None:
        """Everything that holds after every step."""
        with self.store.read(LOCAL) as view:
            heads = {one.id: one for one in view.area("invoices").matching(legal_entity_id=self.prefix)}
            parts = all_parts(view, heads)
            assert set(heads) == set(self.invoices)
            numbers_have_no_gaps(heads)
            for one_id, one in heads.items():
                sums_are_right(one, parts[one_id])
                if one.state in NUMBERED:
                    assert content_sha256(one, parts[one_id]) == one.content_sha256 == self.hashes[one_id]
            credits_stay_within(heads, parts)
            self.everything_is_billed_once(view, heads, parts)
            self.cap_holds(heads, parts)
            payments_stay_within(view, heads)

    def everything_is_billed_once(self, view: View, heads: Mapping[str, Invoice], parts: Mapping[str, InvoiceParts]) -> None:
        counting = [one for one in heads.values() if one.state in LIVE and not is_all_credited(one, heads, parts)]
        billed = Counter(item.source_id for one in counting for item in parts[one.id].items)
        assert all(count == 1 for count in billed.values())
        unbilled = {item.id for name in ("capped", "free") for item in unbilled_time(view.connection, self.project(name), until=UNTIL)}
        entries = view.area("time_entries").many(self.entries)
        approved = {entry.id for entry in entries if entry.state is LineState.APPROVED and entry.is_billable}
        assert unbilled.isdisjoint(billed)
        assert unbilled | set(billed) == approved
        assert {entry.id: entry.minutes for entry in entries} == self.entries

    def cap_holds(self, heads: Mapping[str, Invoice], parts: Mapping[str, InvoiceParts]) -> None:
        contract = f"c-{self.project('capped')}"
        total = 0
        for one in heads.values():
            for line in parts[one.id].of_contract(contract):
                if one.kind is InvoiceKind.INVOICE and one.state in LIVE and line.kind in CAPPED:
                    total += line.net_minor
                elif one.kind is InvoiceKind.CREDIT_NOTE and one.state is InvoiceState.ISSUED and heads[one.credits_id or ""].state in LIVE:
                    total -= line.net_minor
        assert total <= CAP


def all_parts(view: View, heads: Mapping[str, Invoice]) -> dict[str, InvoiceParts]:
    """As ``InvoiceReader.parts`` of each, with a query for each table."""

    def rows_of(table: Any) -> Mapping[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        order = [column for column in table.primary_key.columns if column.name != "invoice_id"]
        for row in view.connection.execute(select(table).where(table.c.invoice_id.in_(sorted(heads))).order_by(*order)).mappings():
            found[row["invoice_id"]].append(row)
        return found

    lines, allowances, taxes, items = (rows_of(table) for table in (INVOICE_LINES, INVOICE_ALLOWANCES, INVOICE_TAXES, INVOICE_ITEMS))
    return {
        one: InvoiceParts(
            lines=tuple(built(InvoiceLine, {**row, "trail": tuple(row["trail"])}) for row in lines[one]),
            allowances=tuple(built(InvoiceAllowance, row) for row in allowances[one]),
            taxes=tuple(
                built(TaxLine, {**row, "category": TaxCategory(row["category"].value), "rate": row["percent"]}) for row in taxes[one]
            ),
            items=tuple(built(InvoiceItem, row) for row in items[one]),
        )
        for one in heads
    }


def numbers_have_no_gaps(heads: Mapping[str, Invoice]) -> None:
    """In every sequence 1 to n, each chained to the one before."""
    series: dict[str, list[Invoice]] = defaultdict(list)
    for one in heads.values():
        assert (one.number is not None) == (one.state in NUMBERED)
        if one.series is not None:
            series[one.series].append(one)
    for found in series.values():
        found.sort(key=lambda one: one.sequence or 0)
        assert [one.sequence for one in found] == list(range(1, len(found) + 1))
        chains = [None, *(one.chain_sha256 for one in found)]
        for (before, after), one in zip(itertools.pairwise(chains), found, strict=True):
            assert after == chained(before, one.content_sha256 or "")


def sums_are_right(head: Invoice, parts: InvoiceParts) -> None:
    """Lines less discounts make the net, taxes are their rate of it (of a credit note to the unit), items make their lines."""
    assert (head.net_minor, head.tax_minor) == (parts.net_minor, parts.tax_minor)
    assert head.gross_minor == head.net_minor + head.tax_minor
    assert [line.position for line in parts.lines] == list(range(1, len(parts.lines) + 1))
    assert sum(tax.net_minor for tax in parts.taxes) == head.net_minor
    for tax in parts.taxes:
        most = 1 if head.kind is InvoiceKind.CREDIT_NOTE else 0
        assert abs(tax.tax_minor - round_half_up(tax.net_minor * Fraction(tax.rate) / 100)) <= most
    for line in parts.lines:
        items = [item for item in parts.items if item.position == line.position]
        assert not items or sum(item.net_minor for item in items) == line.net_minor


def is_all_credited(head: Invoice, heads: Mapping[str, Invoice], parts: Mapping[str, InvoiceParts]) -> bool:
    notes = [parts[one.id] for one in heads.values() if one.credits_id == head.id and one.state is InvoiceState.ISSUED]
    return bool(notes) and Credits(parts[head.id], notes, currency="EUR").left.is_nothing


def credits_stay_within(heads: Mapping[str, Invoice], parts: Mapping[str, InvoiceParts]) -> None:
    """Of no line, net or tax more goes back than was invoiced; what is left of nothing is nothing of everything."""
    for head in heads.values():
        notes = [parts[one.id] for one in heads.values() if one.credits_id == head.id and one.state in LIVE]
        left = Credits(parts[head.id], notes, currency="EUR").left
        for line, one in zip(parts[head.id].lines, left.lines, strict=True):
            assert 0 <= one.net_minor <= line.net_minor or line.net_minor <= one.net_minor <= 0
        assert not left.is_nothing or (left.net_minor == 0 and abs(left.tax_minor) <= sum(1 for note in notes if note.taxes))


def payments_stay_within(view: View, heads: Mapping[str, Invoice]) -> None:
    """What was paid and written off is at most the gross, and never below nothing."""
    payments: dict[str, list[tuple[PaymentKind, int]]] = defaultdict(list)
    query = select(PAYMENTS.c.invoice_id, PAYMENTS.c.kind, PAYMENTS.c.amount_minor).where(PAYMENTS.c.invoice_id.in_(sorted(heads)))
    for invoice_id, kind, amount in view.connection.execute(query):
        payments[invoice_id].append((kind, amount))
    for invoice_id, made in payments.items():
        found = settlement(heads[invoice_id].gross_minor, credited_minor=0, payments=made)
        assert heads[invoice_id].state in NUMBERED
        assert found.paid_minor >= 0 <= found.written_off_minor
        assert found.open_minor >= 0


class BillingMachine(RuleBasedStateMachine):
    """Hypothesis chooses."""

    store: Store
    done: Counter[str]

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.books = Books(self.store, lambda options: data.draw(st.sampled_from(options)), self.done)

    @rule(data=st.data())
    def play(self, data: Any) -> None:
        self.books.choose = lambda options: data.draw(st.sampled_from(options))
        self.books.play()

    def teardown(self) -> None:
        verified(self.store)


def verified(store: Store) -> None:
    """Everything that was played follows from its rows, whatever became of them since."""
    assert verify_ledger(store, actor=LOCAL).difference is None


def test_the_books_add_up_whatever_is_done(store: Store) -> None:
    """Hypothesis plays finance: each source stands on one invoice, numbers have no gaps, what was issued never changes, no cap is passed."""
    fill(store)
    few = settings(max_examples=4, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    state: dict[str, Any] = {"store": store, "done": Counter()}
    run_state_machine_as_test(type("BillingMachineOfThisStore", (BillingMachine,), state), settings=few)


def test_the_books_add_up_for_long(store: Store) -> None:
    """The same, played by a seed, comes to every sort of act and refusal that there is."""
    fill(store)
    random, done = Random(SEED), Counter[str]()
    while done["steps"] < STEPS:
        books = Books(store, random.choice, done)
        for _ in range(STEPS_OF_ONE):
            books.play()
    verified(store)
    print(SEED, dict(done))
    acts = {"draft_invoice", "approve_invoice", "issue_invoice", "credit_invoice", "record_payment", "void_invoice", "cancel_invoice"}
    assert acts <= done.keys()
    assert STEPS < MANY or done.keys() >= REFUSALS - NEVER
