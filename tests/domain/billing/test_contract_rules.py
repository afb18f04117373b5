"""What contracts and charges have to agree with, what counts of them already, and where they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.billed_before import BilledLine, billed_before
from scheduler.domain.billing.charges import ChargeKind, ChargeState
from scheduler.domain.billing.contract_rules import (
    approved,
    check_charge_amount,
    check_charge_open,
    check_charges_fit,
    check_client_stays,
    check_contract_stays,
    check_lacks_no_more,
    check_project,
    check_value,
    lacking,
    unapproved,
)
from scheduler.domain.billing.contract_status import blocks_of, milestones_minor, months_of
from scheduler.domain.billing.contract_work import BilledBefore
from scheduler.domain.billing.contracts import BeyondCap, ContractKind, Retainer, Unused
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceLine, ItemKind, LineKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import LegalEntityId
from tests.domain.billing.contract_factories import START, make_charge, make_contract, reached
from tests.domain.billing.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
RETAINER = Retainer(fee_minor=1, included_min=100, unused=Unused.ROLL_OVER, roll_months=1)


def code(check: Callable[[], object]) -> str:
    """The code that a check refuses with; a clash is told as one."""
    found = refused(check)
    if found.faults:
        assert (found.kind, found.code) == (ErrorKind.INVALID, "input.invalid")
        return f"{found.faults[0].pointer} {found.faults[0].code}"
    assert found.kind is ErrorKind.CONFLICT
    return found.code


def facts(check: Callable[[], object]) -> dict[str, Any]:
    return dict(refused(check).facts)


@pytest.mark.parametrize("kind", ContractKind)
def test_a_project_says_how_it_earns(kind: ContractKind) -> None:
    """Each kind goes with exactly one of the three; all but internal ones need a client."""
    terms: dict[str, Any] = {"retainer": RETAINER} if kind is ContractKind.RETAINER else {}
    contract = make_contract(kind, **terms)
    fixed = {ContractKind.FIXED_PRICE, ContractKind.FIXED_SCHEDULE}
    wanted = "fixed_price" if kind in fixed else "internal" if kind is ContractKind.INTERNAL else "time_and_materials"
    for says in ("fixed_price", "internal", "time_and_materials"):
        if says == wanted:
            check_project(contract, says=says, has_client=True)
        else:
            assert code(lambda says=says: check_project(contract, says=says, has_client=True)) == "contract.other_than_project"  # type: ignore[misc]
    if kind is ContractKind.INTERNAL:
        check_project(contract, says=wanted, has_client=False)
    else:
        assert code(lambda: check_project(contract, says=wanted, has_client=False)) == "contract.client_missing"


def test_a_price_in_a_foreign_currency_is_the_contracts() -> None:
    """In the firm's currency it is the project's, and by time there is none."""
    own = make_contract(ContractKind.FIXED_PRICE)
    check_value(own, home="EUR")
    check_value(replace(own, currency="USD", value_minor=0), home="EUR")
    check_value(make_contract(currency="USD"), home="EUR")
    assert code(lambda: check_value(replace(own, value_minor=5), home="EUR")) == "/value_minor contract.value"
    assert code(lambda: check_value(replace(own, currency="USD"), home="EUR")) == "/value_minor contract.value"


def test_what_was_invoiced_stays() -> None:
    """Whom and what it bills, and of retainers from when and for what; anything goes as long as nothing is invoiced."""
    contract = make_contract(ContractKind.RETAINER, retainer=RETAINER)
    fixed = ({"project_id": "x"}, {"currency": "USD"}, {"legal_entity_id": "x"}, {"starts_on": date(2026, 2, 1)})
    for change in (*fixed, {"retainer": replace(RETAINER, fee_minor=2)}):
        other = replace(contract, **change)
        check_contract_stays(contract, other, is_invoiced=False, capped_minor=0)
        assert code(lambda other=other: check_contract_stays(contract, other, is_invoiced=True, capped_minor=0)) == "contract.invoiced"  # type: ignore[misc]
    check_contract_stays(contract, replace(contract, name="X", discount=Decimal("0.1")), is_invoiced=True, capped_minor=0)
    by_time = make_contract()
    check_contract_stays(by_time, replace(by_time, starts_on=date(2026, 2, 1)), is_invoiced=True, capped_minor=0)
    kinds = replace(by_time, kind=ContractKind.COST_PLUS)
    assert code(lambda: check_contract_stays(by_time, kinds, is_invoiced=True, capped_minor=0)) == "contract.invoiced"


def test_a_cap_goes_down_to_what_counts() -> None:
    """Not below; one that is below already may stay as it is."""
    contract = make_contract(ContractKind.CAPPED, cap_minor=100)
    for cap, counted in ((50, 50), (100, 70), (100, 200), (200, 100)):
        check_contract_stays(contract, replace(contract, cap_minor=cap), is_invoiced=True, capped_minor=counted)
    lower = replace(contract, cap_minor=49)
    assert facts(lambda: check_contract_stays(contract, lower, is_invoiced=True, capped_minor=50)) == {"billed_minor": 50}
    assert code(lambda: check_contract_stays(contract, lower, is_invoiced=True, capped_minor=50)) == "contract.below_billed"


def test_charges_belong_to_their_kinds() -> None:
    """The first that does not fit is named; a charge is for something, is not on an invoice, and is not approved."""
    stone = make_charge(ChargeKind.MILESTONE, 1, START)
    deposit = make_charge(ChargeKind.DEPOSIT, 1, START)
    check_charges_fit(make_contract(ContractKind.FIXED_PRICE), (stone, deposit))
    assert code(lambda: check_charges_fit(make_contract(), (deposit, stone))) == "charge.other_than_contract"
    assert code(lambda: check_charges_fit(make_contract(ContractKind.INTERNAL), (deposit,))) == "charge.other_than_contract"
    assert facts(lambda: check_charges_fit(make_contract(), (deposit, stone))) == {"kind": "time_and_materials", "charge": "milestone"}
    check_charge_amount(stone)
    assert code(lambda: check_charge_amount(replace(stone, amount_minor=0))) == "/amount_minor number.out_of_range"
    check_charge_open(stone, is_billed=False)
    assert code(lambda: check_charge_open(stone, is_billed=True)) == "charge.billed"
    assert code(lambda: check_charge_open(reached(stone, START), is_billed=False)) == "charge.approved"


def test_the_last_milestone_needs_the_price() -> None:
    """Others may go first whatever they come to; deposits do not count; without a price the last one waits."""
    first, last = (make_charge(ChargeKind.MILESTONE, amount, START, name=name) for name, amount in (("first", 40), ("last", 60)))
    deposit = make_charge(ChargeKind.DEPOSIT, 999, START)
    done = approved(first, (first, last, deposit), value_minor=None, on=START, at=AT, by="me")
    assert (done.state, done.approved_on, done.approved_at, done.approved_by) == (ChargeState.APPROVED, START, AT, "me")
    for value in (99, 101, None):
        assert (
            code(lambda value=value: approved(last, (done, last, deposit), value_minor=value, on=START, at=AT, by="me"))  # type: ignore[misc]
            == "contract.milestones_differ"
        )
    told = facts(lambda: approved(last, (done, last, deposit), value_minor=99, on=START, at=AT, by="me"))
    assert told == {"milestones_minor": 100, "value_minor": 99}
    for value, words in ((None, "the contract has no price yet;"), (99, "the contract's price is 99;")):
        assert words in refused(approved, last, (done, last), value_minor=value, on=START, at=AT, by="me").detail
    assert approved(last, (done, last, deposit), value_minor=100, on=START, at=AT, by="me").state is ChargeState.APPROVED
    assert code(lambda: approved(done, (done,), value_minor=40, on=START, at=AT, by="me")) == "charge.approved"
    assert code(lambda: approved(deposit, (), value_minor=40, on=START, at=AT, by="me")) == "charge.not_approvable"
    assert unapproved(done) == first
    assert code(lambda: unapproved(first)) == "charge.not_approved"


def line(kind: LineKind, net_minor: int, *, quantity: int = 1, cover: str | None = None) -> InvoiceLine:
    return InvoiceLine(
        position=1,
        kind=kind,
        description="X",
        unit=LineUnit.PIECE,
        quantity=quantity,
        unit_price=Decimal(1),
        net_minor=net_minor,
        tax_category=TaxCategory.STANDARD,
        tax_percent=Decimal(19),
        trail=({"rule": "amount", "figures": {}}, {"rule": "covered", "figures": {"cover": cover}}) if cover else (),
    )


def test_what_counts_is_read_from_lines() -> None:
    """Time, expenses and what was taken off for the cap; deposits once issued; draws also of drafts; credits take back what they credit."""
    lines = [
        BilledLine(line=line(LineKind.TIME, 100), kind=LineKind.TIME),
        BilledLine(line=line(LineKind.EXPENSE, 20), kind=LineKind.EXPENSE, is_issued=False),
        BilledLine(line=line(LineKind.CAP, -5), kind=LineKind.CAP),
        BilledLine(line=line(LineKind.CORRECTION, 30), kind=LineKind.TIME, is_credit=True),
        BilledLine(line=line(LineKind.RETAINER, 999), kind=LineKind.RETAINER),
        BilledLine(line=line(LineKind.DEPOSIT, 50), kind=LineKind.DEPOSIT),
        BilledLine(line=line(LineKind.DEPOSIT, 70), kind=LineKind.DEPOSIT, is_issued=False),
        BilledLine(line=line(LineKind.DEPOSIT, 10), kind=LineKind.DEPOSIT, is_credit=True),
        BilledLine(line=line(LineKind.DEPOSIT_DRAW, -15), kind=LineKind.DEPOSIT_DRAW, is_issued=False),
        BilledLine(line=line(LineKind.DEPOSIT_DRAW, -4), kind=LineKind.DEPOSIT_DRAW, is_credit=True),
        BilledLine(line=line(LineKind.COVERED, 0, quantity=60, cover="b1"), kind=LineKind.COVERED),
        BilledLine(line=line(LineKind.COVERED, 0, quantity=25, cover="b1"), kind=LineKind.COVERED, is_credit=True),
        BilledLine(line=line(LineKind.COVERED, 0, quantity=7, cover="b2"), kind=LineKind.COVERED),
    ]
    assert billed_before(lines) == BilledBefore(capped_minor=85, deposits_minor=40, drawn_minor=11, covered_minutes={"b1": 35, "b2": 7})
    with pytest.raises(ValueError, match="line 1"):
        billed_before([BilledLine(line=line(LineKind.COVERED, 0), kind=LineKind.COVERED)])


def test_where_blocks_and_months_stand() -> None:
    """Billed blocks oldest first; months that have begun, with what may be used on the day; more used than sold leaves nothing."""
    blocks = [make_charge(ChargeKind.BLOCK, 1, day, name=name, minutes=60) for name, day in (("new", date(2026, 2, 1)), ("old", START))]
    blocks.append(make_charge(ChargeKind.BLOCK, 1, START, name="unbilled", minutes=60))
    taken = {(ItemKind.CHARGE, "new"), (ItemKind.CHARGE, "old"), (ItemKind.RETAINER_PERIOD, "contract:2026-01")}
    before = BilledBefore(covered_minutes={"old": 70, "2026-01": 30})
    found = [(one.charge_id, one.name, one.minutes, one.used_minutes, one.left_minutes) for one in blocks_of(blocks, before, taken)]
    assert found == [("old", "old", 60, 70, 0), ("new", "new", 60, 0, 60)]
    contract = make_contract(ContractKind.RETAINER, retainer=RETAINER)
    assert months_of(make_contract(), before, taken, on=START) == ()
    short = [
        (one.month, one.fee_is_billed, one.included_minutes, one.used_minutes, one.left_minutes, one.lapsed_minutes, one.usable_until)
        for one in months_of(contract, before, taken, on=date(2026, 3, 1))
    ]
    assert short == [
        ("2026-01", True, 100, 30, 0, 70, date(2026, 2, 28)),
        ("2026-02", False, 100, 0, 100, 0, date(2026, 3, 31)),
        ("2026-03", False, 100, 0, 100, 0, date(2026, 4, 30)),
    ]
    on_the_last_day = months_of(contract, before, taken, on=date(2026, 2, 28))[0]
    assert (on_the_last_day.left_minutes, on_the_last_day.lapsed_minutes) == (70, 0)
    stones = (make_charge(ChargeKind.MILESTONE, 3, START), make_charge(ChargeKind.DEPOSIT, 5, START))
    assert milestones_minor(make_contract(ContractKind.FIXED_PRICE), stones) == 3
    assert milestones_minor(make_contract(), stones) is None


def test_what_one_client_was_billed_for_is_not_anothers() -> None:
    """As long as nothing is invoiced, or all of it to the same client, the project's client may be who it is."""
    check_client_stays("acme", [])
    check_client_stays("acme", ["acme", "acme"])
    check_client_stays(None, [])
    for client, invoiced in (("acme", ["acme", "bolt"]), ("acme", ["bolt"]), (None, ["acme"])):
        assert facts(lambda client=client, invoiced=invoiced: check_client_stays(client, invoiced)) == {"fields": ["client_id"]}  # type: ignore[misc]
        assert code(lambda client=client, invoiced=invoiced: check_client_stays(client, invoiced)) == "contract.invoiced"  # type: ignore[misc]


def test_what_counts_on_invoices_rests_on_something() -> None:
    """Draws on deposits, work on the cap where that stops, minutes on blocks that are billed; what is beyond is told, and nothing at the limit."""
    capped = make_contract(ContractKind.CAPPED, cap_minor=100)
    blocks = [make_charge(ChargeKind.BLOCK, 1, START, name=name, minutes=60) for name in ("sold", "unsold")]
    charges = [*blocks, make_charge(ChargeKind.DEPOSIT, 1, START)]
    used = BilledBefore(capped_minor=101, deposits_minor=50, drawn_minor=53, covered_minutes={"sold": 67, "unsold": 11})
    found = lacking(capped, charges, used, {"sold", "deposit"})
    assert found == {"deposits": 3, "cap": 1, "sold": 7, "unsold": 11}
    at_the_limit = BilledBefore(capped_minor=100, deposits_minor=50, drawn_minor=50, covered_minutes={"sold": 60})
    assert lacking(capped, charges, at_the_limit, {"sold"}) == {}
    assert lacking(capped, (), BilledBefore(deposits_minor=50, drawn_minor=51), ()) == {"deposits": 1}


def test_a_cap_that_only_warns_or_is_not_seen_lacks_nothing() -> None:
    """Work beyond it is billed; of other kinds nothing counts towards one."""
    beyond = BilledBefore(capped_minor=101)
    assert lacking(make_contract(ContractKind.CAPPED, cap_minor=100, beyond_cap=BeyondCap.WARN), (), beyond, ()) == {}
    assert lacking(make_contract(ContractKind.CAPPED), (), beyond, ()) == {}
    assert lacking(make_contract(), (), beyond, ()) == {}


def test_taking_a_document_back_leaves_no_more_in_the_air_than_before() -> None:
    """As much as before, or less, may lack; what is more, or new, is told by itself."""
    check_lacks_no_more({}, {})
    check_lacks_no_more({"cap": 5, "deposits": 1}, {"cap": 5})
    check_lacks_no_more({"cap": 5}, {"cap": 4})
    assert code(lambda: check_lacks_no_more({}, {"cap": 1})) == "invoice.prepaid_used"
    told = facts(lambda: check_lacks_no_more({"cap": 5, "b1": 5}, {"cap": 6, "b1": 5, "deposits": 1}))
    assert told == {"lacking": {"cap": 6, "deposits": 1}}


def test_what_is_refused_is_told_with_what_it_was_reckoned_from() -> None:
    """The kinds that clash, and the fields that would change."""
    fixed = make_contract(ContractKind.FIXED_PRICE)
    told = facts(lambda: check_project(fixed, says="internal", has_client=True))
    assert told == {"kind": "fixed_price", "project": "internal"}
    moved = replace(fixed, currency="USD", legal_entity_id=LegalEntityId("x"))
    assert facts(lambda: check_contract_stays(fixed, moved, is_invoiced=True, capped_minor=0)) == {
        "fields": ["currency", "legal_entity_id"]
    }
