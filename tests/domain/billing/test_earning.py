"""What contracts of each kind earn, from their terms, charges and work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.contracts import BeyondCap, Contract, ContractKind, Recognition, Retainer, Unused
from scheduler.domain.billing.earning import ContractRecord, WorkItem, facts_of, first_day, less_discount
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.months import following
from scheduler.domain.billing.recognition import DayAmount, PriceChange, recognised
from scheduler.domain.billing.roll_forward import Opening
from scheduler.domain.ground.ids import ChargeId, ContractId, LegalEntityId, ProjectId

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))
MONTHS = (JAN, FEB, MAR)


def contract(kind: ContractKind, **terms: Any) -> Contract:
    """A contract from 1 January on."""
    ids = {"id": ContractId("c"), "project_id": ProjectId("p"), "legal_entity_id": LegalEntityId("e")}
    return Contract(**{"name": "C", "kind": kind, "currency": "EUR", "starts_on": JAN, **ids, **terms})


def charge(kind: ChargeKind, due_on: date, amount: int, *, reached: date | None = None, minutes: int | None = None) -> Charge:
    """A charge; a milestone that was reached says when."""
    state = ChargeState.PLANNED if reached is None else ChargeState.APPROVED
    name = f"{kind} {due_on}"
    return Charge(
        id=ChargeId(name),
        contract_id=ContractId("c"),
        kind=kind,
        name=name,
        due_on=due_on,
        amount_minor=amount,
        minutes=minutes,
        state=state,
        approved_on=reached,
    )


def work(day: date, amount: int, *, kind: LineKind = LineKind.TIME, minutes: int = 0) -> WorkItem:
    """Approved work."""
    return WorkItem(day=day, kind=kind, amount_minor=amount, minutes=minutes)


def earned(record: ContractRecord) -> list[int]:
    """By month, from January to March."""
    return [one.earned_minor for one in recognised(facts_of(record, until=following(MAR)), MONTHS)]


@pytest.mark.parametrize("kind", [ContractKind.TIME_AND_MATERIALS, ContractKind.COST_PLUS])
def test_work_that_is_charged_is_earned_on_its_day(kind: ContractKind) -> None:
    """Time, expenses, and less what was credited of them: 100 + 40 in January, 70 - 20 in February."""
    items = (
        work(JAN, 100),
        work(JAN, 40, kind=LineKind.EXPENSE),
        work(FEB, 70),
        work(FEB, -20, kind=LineKind.CORRECTION),
    )
    assert earned(ContractRecord(contract=contract(kind), items=items)) == [140, 50, 0]


@pytest.mark.parametrize(("beyond", "expected"), [(BeyondCap.STOP, [80, 10, 0]), (BeyondCap.WARN, [80, 50, 0])])
def test_a_cap_limits_what_is_earned_where_it_stops_bills(beyond: BeyondCap, expected: list[int]) -> None:
    """A cap of 100 less 10 % is 90; work comes with its discount taken off. A cap that only warns limits nothing."""
    terms = contract(ContractKind.CAPPED, cap_minor=100, beyond_cap=beyond, discount=Decimal("0.1"))
    assert earned(ContractRecord(contract=terms, items=(work(JAN, 80), work(FEB, 50)))) == expected


def test_a_fixed_price_earns_its_milestones_and_expenses_beside_them() -> None:
    """1,000 in two milestones less 5 %: 570 in January, 380 in March, and expenses of 9 in February."""
    charges = (
        charge(ChargeKind.MILESTONE, JAN, 600, reached=date(2026, 1, 20)),
        charge(ChargeKind.MILESTONE, FEB, 400, reached=date(2026, 3, 2)),
        charge(ChargeKind.DEPOSIT, JAN, 300),
    )
    terms = contract(ContractKind.FIXED_PRICE, discount=Decimal("0.05"))
    record = ContractRecord(contract=terms, value_minor=1_000, charges=charges, items=(work(FEB, 9, kind=LineKind.EXPENSE),))
    assert earned(record) == [570, 9, 380]


def test_a_discount_is_taken_off_the_whole_price_once() -> None:
    """101 less half is 50 (51 are taken off: half up); a change order of 100 makes it 201, less half 100."""
    terms = contract(ContractKind.FIXED_PRICE, discount=Decimal("0.5"), recognition=Recognition.STRAIGHT_LINE, ends_on=date(2026, 3, 31))
    record = ContractRecord(contract=terms, value_minor=101, changes=(PriceChange(approved_on=MAR, delta_minor=100),))
    found = recognised(facts_of(record, until=following(MAR)), MONTHS)
    assert (less_discount(101, Decimal("0.5")), found[0].price_minor, found[-1].price_minor) == (50, 50, 100)
    assert found[-1].cumulative_minor == 100


def test_a_fixed_price_by_costs_uses_what_is_expected_now() -> None:
    """1,000 for 400, of which 100 and 300 are spent: 250 and 750. All milestones reached in March: it is complete."""
    terms = contract(ContractKind.FIXED_PRICE, recognition=Recognition.COST_TO_COST)
    costs = (DayAmount(day=JAN, amount_minor=100), DayAmount(day=FEB, amount_minor=100))
    charges = (charge(ChargeKind.MILESTONE, MAR, 1_000, reached=MAR),)
    record = ContractRecord(contract=terms, value_minor=1_000, costs=costs, cost_at_completion_minor=400, charges=charges)
    assert earned(record) == [250, 250, 500]


def test_a_schedule_is_earned_evenly_over_its_days() -> None:
    """900 from 1 January to 31 March, 90 days, whenever it is billed: 310, 280, 310."""
    charges = (charge(ChargeKind.SCHEDULE, JAN, 900),)
    record = ContractRecord(contract=contract(ContractKind.FIXED_SCHEDULE, ends_on=date(2026, 3, 31)), value_minor=900, charges=charges)
    assert earned(record) == [310, 280, 310]


def test_a_closed_project_earns_what_was_reached_and_what_is_still_agreed() -> None:
    """Of 1,000 one milestone of 600 was reached when the project is closed in February; 1,000 x 31/90 = 344 in January, 600 - 344 = 256 then."""
    charges = (charge(ChargeKind.MILESTONE, JAN, 600, reached=JAN), charge(ChargeKind.MILESTONE, MAR, 400))
    terms = contract(ContractKind.FIXED_PRICE, recognition=Recognition.STRAIGHT_LINE, ends_on=date(2026, 3, 31))
    record = ContractRecord(contract=terms, value_minor=1_000, charges=charges, closed_on=date(2026, 2, 10))
    assert earned(record) == [344, 256, 0]
    planned = (charge(ChargeKind.SCHEDULE, MAR, 900),)
    schedule = contract(ContractKind.FIXED_SCHEDULE, ends_on=date(2026, 3, 31))
    assert earned(ContractRecord(contract=schedule, value_minor=900, charges=planned, closed_on=date(2026, 2, 10))) == [310, 590, 0]


def test_a_retainer_earns_its_fee_each_month_until_it_ends() -> None:
    """A fee of 600 from January to February, and work beyond it in February."""
    terms = contract(ContractKind.RETAINER, retainer=Retainer(fee_minor=600, included_min=60), ends_on=date(2026, 2, 28))
    items = (work(JAN, 0, minutes=30), work(FEB, 50))
    assert earned(ContractRecord(contract=terms, items=items)) == [600, 650, 0]


@pytest.mark.parametrize(
    ("recognition", "expected"),
    [(None, [300, 600, 900]), (Recognition.AS_APPROVED, [300, 600, 900]), (Recognition.STRAIGHT_LINE, [600, 600, 600])],
)
def test_a_retainer_whose_minutes_roll_over_earns_by_minutes_unless_agreed_otherwise(
    recognition: Recognition | None, expected: list[int]
) -> None:
    """
    600 for 60 minutes, 10 each. January: 30 used, 300. February: 60 used, 30 of January first, 600. March: 90 used, 30 of February and all
    60 of March, 900. Evenly it would be a fee each month.
    """
    terms = contract(
        ContractKind.RETAINER,
        recognition=recognition,
        retainer=Retainer(fee_minor=600, included_min=60, unused=Unused.ROLL_OVER, roll_months=1),
    )
    items = tuple(work(day, 0, minutes=minutes) for day, minutes in ((JAN, 30), (FEB, 60), (MAR, 90)))
    assert earned(ContractRecord(contract=terms, items=items)) == expected


def test_blocks_are_earned_as_their_minutes_are_used() -> None:
    """1,000 for 100 minutes: 30 used in January, before it was bought on the 20th: 300; 90 in February, of which 70 are left: 700 + beyond."""
    charges = (charge(ChargeKind.BLOCK, date(2026, 1, 20), 1_000, minutes=100),)
    items = (work(JAN, 0, minutes=30), work(FEB, 0, minutes=70), work(FEB, 25))
    assert earned(ContractRecord(contract=contract(ContractKind.BLOCK_HOURS), charges=charges, items=items)) == [300, 725, 0]


def test_what_was_taken_over_counts_and_what_lies_before_it_does_not() -> None:
    """500 earned in other books before February; January's work is in that."""
    opening = Opening(month=FEB, earned_minor=500, billed_minor=450, home_minor=50)
    record = ContractRecord(contract=contract(ContractKind.TIME_AND_MATERIALS), items=(work(JAN, 80), work(FEB, 7)), opening=opening)
    (found,) = recognised(facts_of(record, until=MAR), (FEB,))
    assert (found.earned_minor, found.cumulative_minor, first_day(record)) == (7, 507, FEB)


def test_change_orders_are_discounted_in_order_of_their_days() -> None:
    """101 less half is 50; +1 makes 102, less half 51; +3 makes 105, less half 52 (half up of 52.5 is taken off). Told the other way round."""
    terms = contract(ContractKind.FIXED_PRICE, discount=Decimal("0.5"), recognition=Recognition.STRAIGHT_LINE, ends_on=date(2026, 3, 31))
    changes = (PriceChange(approved_on=MAR, delta_minor=3), PriceChange(approved_on=FEB, delta_minor=1))
    facts = facts_of(ContractRecord(contract=terms, value_minor=101, changes=changes), until=following(MAR))
    assert [(one.approved_on, one.delta_minor) for one in facts.changes] == [(FEB, 1), (MAR, 1)]
    unpriced = facts_of(ContractRecord(contract=terms, changes=changes[1:]), until=following(MAR))
    assert (unpriced.price_minor, [one.delta_minor for one in unpriced.changes]) == (0, [0])


def test_what_only_a_whole_price_has_counts_for_no_other_kind() -> None:
    """Change orders, milestones, days of service, completion and the end of the project say nothing about work by the hour."""
    reached = charge(ChargeKind.DEPOSIT, JAN, 5)
    change = PriceChange(approved_on=JAN, delta_minor=1)
    record = ContractRecord(
        contract=contract(ContractKind.TIME_AND_MATERIALS),
        value_minor=0,
        changes=(change,),
        charges=(reached,),
        items=(work(JAN, 7),),
        closed_on=FEB,
    )
    facts = facts_of(record, until=following(MAR))
    assert (facts.changes, facts.milestones, facts.service, facts.completed_on, facts.termination) == ((), (), None, None, None)
    assert (facts.price_minor, facts.beside, [one.amount_minor for one in facts.work]) == (None, (), [7])
    fixed = replace(record, contract=contract(ContractKind.FIXED_PRICE), value_minor=None)
    facts = facts_of(fixed, until=following(MAR))
    assert (facts.work, [one.amount_minor for one in facts.beside], facts.service, facts.price_minor) == ((), [7], None, 0)


def test_a_price_is_complete_once_its_milestones_make_it() -> None:
    """600 and 500 of 1,000 and a change order of 100: complete on the day of the last; short of it, or with one to come, it is not."""
    terms = contract(ContractKind.FIXED_PRICE, recognition=Recognition.COST_TO_COST)
    change = PriceChange(approved_on=JAN, delta_minor=100)
    first = charge(ChargeKind.MILESTONE, JAN, 600, reached=JAN)

    def completed(*charges: Charge, value: int | None = 1_000) -> date | None:
        record = ContractRecord(contract=terms, value_minor=value, changes=(change,), charges=charges)
        return facts_of(record, until=following(MAR)).completed_on

    assert completed(first, charge(ChargeKind.MILESTONE, MAR, 500, reached=FEB)) == FEB
    assert completed(first, charge(ChargeKind.MILESTONE, MAR, 400, reached=FEB)) is None
    assert completed(first, charge(ChargeKind.MILESTONE, MAR, 500)) is None
    assert completed() is None
    assert completed(charge(ChargeKind.MILESTONE, JAN, 100, reached=JAN), value=None) == JAN


def test_a_project_that_ends_early_after_it_was_taken_over_brings_what_is_left() -> None:
    """
    Billed 300 before February, which is in the opening; of the charges those of February and later are still to come: 100 + 50, the one of
    January is in the 300.
    """
    terms = contract(ContractKind.FIXED_PRICE, recognition=Recognition.STRAIGHT_LINE, ends_on=date(2026, 3, 31))
    opening = Opening(month=FEB, earned_minor=250, billed_minor=300, home_minor=-50)
    charges = (
        charge(ChargeKind.MILESTONE, date(2026, 1, 15), 300, reached=date(2026, 1, 15)),
        charge(ChargeKind.MILESTONE, JAN, 100, reached=FEB),
        charge(ChargeKind.MILESTONE, MAR, 50, reached=MAR),
        charge(ChargeKind.MILESTONE, MAR, 999),
    )
    record = ContractRecord(contract=terms, value_minor=1_000, charges=charges, closed_on=date(2026, 3, 10), opening=opening)
    end = facts_of(record, until=following(MAR)).termination
    assert end is not None
    assert (end.day, end.price_minor) == (date(2026, 3, 10), 300 + 100 + 50)
    fresh = facts_of(replace(record, opening=None), until=following(MAR)).termination
    assert fresh is not None
    assert fresh.price_minor == 300 + 100 + 50


def test_a_schedule_is_served_until_the_contract_ends_or_its_last_charge_is_due() -> None:
    """The last day is served; a contract without an end or a charge serves its first day."""
    for terms, charges, last in (
        ({"ends_on": date(2026, 3, 31)}, (charge(ChargeKind.SCHEDULE, MAR, 1),), date(2026, 3, 31)),
        ({}, (charge(ChargeKind.SCHEDULE, FEB, 1), charge(ChargeKind.SCHEDULE, MAR, 1)), MAR),
        ({}, (), JAN),
        ({}, (charge(ChargeKind.SCHEDULE, date(2025, 12, 1), 1),), JAN),
    ):
        record = ContractRecord(contract=contract(ContractKind.FIXED_SCHEDULE, **terms), value_minor=1, charges=charges)
        served = facts_of(record, until=following(MAR)).service
        assert served is not None
        assert (served.start, served.end) == (JAN, last + timedelta(days=1))


def test_a_retainers_fees_are_those_of_months_that_have_begun() -> None:
    """On 1 March the month has not begun; taken over in February, January's fee is in the opening; no price seen, no fee."""
    retainer = Retainer(fee_minor=600, included_min=60)
    terms = contract(ContractKind.RETAINER, retainer=retainer, starts_on=date(2026, 1, 10))

    def fees(record: ContractRecord, until: date) -> list[tuple[date, int]]:
        return [(one.day, one.amount_minor) for one in facts_of(record, until=until).work]

    assert fees(ContractRecord(contract=terms), MAR) == [(date(2026, 1, 10), 600), (FEB, 600)]
    assert fees(ContractRecord(contract=terms), date(2026, 3, 2)) == [(date(2026, 1, 10), 600), (FEB, 600), (MAR, 600)]
    opening = Opening(month=FEB, earned_minor=600, billed_minor=600, home_minor=0)
    assert fees(ContractRecord(contract=terms, opening=opening), MAR) == [(FEB, 600)]
    early = Opening(month=date(2025, 12, 1), earned_minor=0, billed_minor=0, home_minor=0)
    assert fees(ContractRecord(contract=terms, opening=early), FEB) == [(date(2026, 1, 10), 600)]
    assert fees(ContractRecord(contract=terms, closed_on=date(2026, 1, 31)), MAR) == [(date(2026, 1, 10), 600)]
    unseen = replace(terms, retainer=replace(retainer, fee_minor=None), discount=Decimal("0.5"))
    assert fees(ContractRecord(contract=unseen), FEB) == [(date(2026, 1, 10), 0)]


def test_what_was_sold_ahead_ends_with_the_month_in_which_the_project_is_closed() -> None:
    """Blocks and minutes that roll over alike; where it goes on there is no end. Hours worked without any block are nobody's."""
    blocks = contract(ContractKind.BLOCK_HOURS, discount=Decimal("0.1"))
    sold = charge(ChargeKind.BLOCK, FEB, 1_000, minutes=100)
    items = (work(JAN, 0, minutes=30), work(FEB, 9, kind=LineKind.EXPENSE, minutes=5))
    found = facts_of(
        ContractRecord(contract=blocks, charges=(sold,), items=items, closed_on=date(2026, 2, 10)), until=following(MAR)
    ).prepaid
    assert found is not None
    assert (found.ends_on, [(one.opens_on, one.price_minor, one.minutes) for one in found.pots]) == (MAR, [(FEB, 900, 100)])
    assert [(one.day, one.minutes) for one in found.uses] == [(FEB, 30)]
    unsold = facts_of(ContractRecord(contract=blocks, items=items), until=following(MAR)).prepaid
    assert unsold is not None
    assert (unsold.pots, [one.day for one in unsold.uses], unsold.ends_on) == ((), [JAN], None)
    rolling = contract(ContractKind.RETAINER, retainer=Retainer(fee_minor=None, included_min=60, unused=Unused.ROLL_OVER, roll_months=1))
    closed = facts_of(ContractRecord(contract=rolling, closed_on=date(2026, 2, 10)), until=following(MAR)).prepaid
    assert closed is not None
    assert (closed.ends_on, [one.price_minor for one in closed.pots]) == (MAR, [0, 0])
    going_on = facts_of(ContractRecord(contract=rolling), until=following(MAR)).prepaid
    assert going_on is not None
    assert going_on.ends_on is None


def test_an_internal_contract_earns_nothing() -> None:
    """It is never asked."""
    with pytest.raises(ValueError, match="internal"):
        facts_of(ContractRecord(contract=contract(ContractKind.INTERNAL)), until=MAR)
