"""Revenue and bills meet: what is work in progress is what the next invoice bills, and a contract that is billed in full leaves no balance."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import scheduler
from scheduler.domain.billing.charges import Charge, ChargeKind
from scheduler.domain.billing.contracts import ContractKind, Retainer, Rounding, RoundingMode, RoundingScope, Unused
from scheduler.domain.billing.crediting import WantedCredit
from scheduler.domain.billing.invoices import InvoiceState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ChargeId, ContractId
from scheduler.domain.ground.permissions import GRANTS, Scope
from scheduler.queries.ledger import Months, roll_forward_report
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.ledger import close_month
from tests.billing_firm import FINANCE, NOW, UNTIL, credit, draft, files_of, fill, issue, log, make_contract, make_entry

if TYPE_CHECKING:
    from scheduler.domain.billing.roll_forward import BalanceMonth
    from scheduler.store import Store

MAR, APR = date(2027, 3, 1), date(2027, 4, 1)
MAY = datetime(2027, 5, 3, 9, 0, tzinfo=UTC)
QUARTER = Rounding(step_min=15, mode=RoundingMode.UP, minimum_min=20, scope=RoundingScope.DAY)
TERMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "discount": {"discount": Decimal("0.07")},
    "rounded": {"rounding": QUARTER, "blended_rate": Decimal("93.33")},
    "capped": {"kind": ContractKind.CAPPED, "cap_minor": 20_000, "discount": Decimal("0.05")},
    "retainer": {"kind": ContractKind.RETAINER, "retainer": Retainer(fee_minor=10_000, included_min=60), "starts_on": MAR},
    "overage": {
        "kind": ContractKind.RETAINER,
        "retainer": Retainer(fee_minor=10_000, included_min=30, overage_rate=Decimal("77.77")),
        "starts_on": MAR,
    },
}


def work(store: Store) -> None:
    """Odd minutes of two people."""
    log(
        store,
        make_entry("e1", minutes=61),
        make_entry("e2", day=1, minutes=47),
        make_entry("e3", day=2, minutes=7, person="bob"),
        make_entry("e4", day=2, minutes=13),
    )


def month(store: Store, first: date = MAR, project: str = "alpha") -> BalanceMonth:
    found = roll_forward_report(store, actor=LOCAL, months=Months(first=first, last=first), today=MAY.date(), contract_id=f"c-{project}")
    (contract,) = found.contracts
    (row,) = contract.rows
    return row


@pytest.mark.parametrize("terms", TERMS.values(), ids=TERMS)
def test_wip_is_what_the_next_invoice_bills(store: Store, terms: dict[str, Any]) -> None:
    """To the minor unit, with discounts, rounding policies, caps and retainers; billed, nothing is left, and the books verify."""
    fill(store, alpha=make_contract(**terms))
    work(store)
    before = month(store)
    assert before.wip_minor > 0
    issued = issue(store, draft(store), issued_on=UNTIL)
    after = month(store)
    assert before.wip_minor == issued.net_minor
    assert (after.earned_minor, after.billed_minor, after.closing_minor) == (before.earned_minor, issued.net_minor, 0)
    checked = verify_ledger(store, actor=LOCAL)
    assert (checked.difference, checked.documents) == (None, 1)


def test_a_block_is_deferred_until_it_is_used(store: Store) -> None:
    """300 minutes for 450.00 are billed; 128 are used: 450.00 x 128/300 = 192.00 are earned and 258.00 deferred."""
    fill(store, alpha=make_contract(kind=ContractKind.BLOCK_HOURS))
    with store.begin(LOCAL, now=NOW) as tx:
        block = Charge(
            id=ChargeId("b"),
            contract_id=ContractId("c-alpha"),
            kind=ChargeKind.BLOCK,
            name="Hours",
            due_on=MAR,
            amount_minor=45_000,
            minutes=300,
        )
        tx.area("charges").add(block)
    work(store)
    issued = issue(store, draft(store), issued_on=UNTIL)
    assert issued.net_minor == 45_000
    row = month(store)
    assert (row.earned_minor, row.billed_minor, row.deferred_minor) == (19_200, 45_000, 25_800)


def test_a_retainer_that_rolls_over_defers_what_was_not_used(store: Store) -> None:
    """A fee of 100.00 for 200 minutes, of which 128 were used: 64.00 are earned, 36.00 wait for April."""
    terms = Retainer(fee_minor=10_000, included_min=200, unused=Unused.ROLL_OVER, roll_months=1)
    fill(store, alpha=make_contract(kind=ContractKind.RETAINER, retainer=terms, starts_on=MAR))
    work(store)
    issue(store, draft(store), issued_on=UNTIL)
    row = month(store)
    assert (row.earned_minor, row.billed_minor, row.deferred_minor) == (6_400, 10_000, 3_600)


def test_a_deposit_is_deferred_and_used_up_by_work(store: Store) -> None:
    """50.00 are billed beforehand and taken off the same invoice's work or a later one's: net is earned, less or more nothing."""
    fill(store)
    with store.begin(LOCAL, now=NOW) as tx:
        deposit = Charge(
            id=ChargeId("d"), contract_id=ContractId("c-alpha"), kind=ChargeKind.DEPOSIT, name="Deposit", due_on=MAR, amount_minor=5_000
        )
        tx.area("charges").add(deposit)
    first = issue(store, draft(store), issued_on=MAR)
    assert (first.net_minor, month(store).deferred_minor) == (5_000, 5_000)
    work(store)
    second = issue(store, draft(store), issued_on=UNTIL)
    row = month(store)
    assert row.earned_minor == first.net_minor + second.net_minor
    assert row.closing_minor == 0


def test_a_credit_of_all_is_wip_again_and_of_a_part_is_not(store: Store) -> None:
    """Crediting everything gives the work back to be billed; a part lowers what was earned, and nothing is left open."""
    fill(store)
    work(store)
    issued = issue(store, draft(store), issued_on=UNTIL)
    part = issue(store, credit(store, issued, wanted=[WantedCredit(position=1, amount_minor=1_000)]), issued_on=date(2027, 4, 1))
    row = month(store, APR)
    assert (part.net_minor, row.earned_minor, row.billed_minor, row.closing_minor) == (1_000, -1_000, -1_000, 0)
    issue(store, credit(store, issued), issued_on=date(2027, 4, 1))
    row = month(store, APR)
    assert (row.earned_minor, row.billed_minor, row.closing_minor) == (0, -issued.net_minor, issued.net_minor)
    assert verify_ledger(store, actor=LOCAL).holds


def test_of_many_who_close_a_month_one_does(store: Store) -> None:
    """The others are told that it is closed; what is kept is there once."""
    fill(store)
    work(store)

    def close(_number: int) -> str:
        try:
            close_month(store, actor=LOCAL, month=date(2027, 1, 1), now=MAY)
        except DomainError as error:
            return error.code
        return "closed"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(close, range(4)))
    assert outcomes == ["closed", *["month.closed"] * 3]
    assert verify_ledger(store, actor=LOCAL).months == 1


def test_an_invoice_is_not_issued_into_a_closed_month(store: Store) -> None:
    """The draft stays, no number is taken, and another day will do."""
    fill(store)
    work(store)
    for first in (date(2027, 1, 1), date(2027, 2, 1), MAR):
        close_month(store, actor=LOCAL, month=first, now=MAY)
    made = draft(store)
    with pytest.raises(DomainError) as refused:
        issue(store, made, issued_on=UNTIL)
    assert refused.value.code == "month.closed"
    with store.read(LOCAL) as view:
        approved = view.area("invoices").get(made.id)
    assert (approved.state, approved.number) == (InvoiceState.APPROVED, None)
    given = {"invoice_id": made.id, "expected_version": approved.version, "files_of": files_of, "now": NOW}
    assert issue_invoice(store, actor=FINANCE, issued_on=date(2027, 4, 1), **given).sequence == 1


def test_no_code_changes_or_removes_rows_of_closed_months() -> None:
    """They are inserted in one place; no statement of the program updates or deletes them, and nobody has a right to."""
    writing = re.compile(r"\b(update|delete|insert)\(\s*(CLOSED_MONTHS|CONTRACT_BALANCES|LEDGER_POSTINGS)\b")
    found = {str(path): writing.findall(path.read_text()) for path in sorted(Path(scheduler.__file__).parent.rglob("*.py"))}
    assert {path: names for path, names in found.items() if names} == {}
    kept = Path(scheduler.__file__).parent / "store" / "ledger_rows.py"
    assert "((CONTRACT_BALANCES, balances), (LEDGER_POSTINGS, postings))" in kept.read_text()
    for verb in ("change", "delete"):
        assert set(GRANTS[f"closed_months:{verb}"].values()) == {Scope.NONE}
