"""What contracts of every kind bill: rules that hold whatever the work is, against slow references where there are any."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.billing.charges import OF_KINDS, Charge, ChargeKind
from scheduler.domain.billing.contracts import BeyondCap, Contract, ContractKind, LineDetail, Retainer, Rounding, RoundingScope, Unused
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import ItemKind, LineKind
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.ids import PersonId, TaskId, TaxCodeId
from scheduler.domain.ground.money import round_half_up
from tests.domain.billing.contract_factories import (
    START,
    Ledger,
    at,
    ledger,
    make_charge,
    make_contract,
    make_work,
    reached,
    spent,
    worked,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.billing.contract_work import ContractBill, ContractWork

LAST = START + timedelta(days=119)
CHANGING = TaxCode(
    id=TaxCodeId("vat"),
    name="VAT",
    category=TaxCategory.STANDARD,
    rates=tuple(TaxRate(valid_from=day, percent=Decimal(percent)) for day, percent in ((date(2020, 1, 1), 19), (date(2026, 2, 10), 16))),
)
days = st.integers(0, 119).map(lambda number: START + timedelta(days=number))
roundings = st.builds(
    Rounding, step_min=st.sampled_from([1, 6, 15, 60]), minimum_min=st.sampled_from([0, 0, 30]), scope=st.sampled_from(RoundingScope)
)
discounts = st.sampled_from([Decimal(0), Decimal("0.05"), Decimal("0.3333")])


@st.composite
def items(draw: st.DrawFn) -> tuple[BillableItem, ...]:
    made = []
    for number in range(draw(st.integers(0, 14))):
        person, day = PersonId(draw(st.sampled_from(["anna", "anna", "ben", "carl"]))), draw(days)
        if draw(st.integers(0, 4)) == 0:
            made.append(spent(f"x{number:02}", day, draw(st.integers(0, 30_000)), person_id=person))
        else:
            task = draw(st.sampled_from([None, TaskId("design")]))
            made.append(worked(f"e{number:02}", day, draw(st.integers(1, 900)), person_id=person, task_id=task))
    return tuple(made)


@st.composite
def charges(draw: st.DrawFn, kind: ContractKind) -> tuple[Charge, ...]:
    fitting = sorted(one for one, kinds in OF_KINDS.items() if kind in kinds)
    made = []
    for number in range(draw(st.integers(0, 4)) if fitting else 0):
        sort = draw(st.sampled_from(fitting))
        minutes = {"minutes": draw(st.integers(1, 1_200))} if sort is ChargeKind.BLOCK else {}
        charge = make_charge(sort, draw(st.integers(1, 200_000)), draw(days), name=f"{sort.value} {number}", **minutes)
        made.append(reached(charge, draw(days)) if sort is ChargeKind.MILESTONE and draw(st.booleans()) else charge)
    return tuple(made)


@st.composite
def contracts(draw: st.DrawFn, kind: ContractKind) -> Contract:
    terms: dict[str, Any] = {"discount": draw(discounts), "rounding": draw(roundings), "detail": draw(st.sampled_from(LineDetail))}
    if kind is ContractKind.CAPPED:
        terms |= {"cap_minor": draw(st.integers(0, 150_000)), "beyond_cap": draw(st.sampled_from(BeyondCap))}
    if kind is ContractKind.COST_PLUS:
        terms["markup"] = Decimal("0.1")
    if kind is ContractKind.RETAINER:
        roll = draw(st.integers(0, 2))
        terms["retainer"] = Retainer(
            fee_minor=draw(st.integers(0, 90_000)),
            included_min=draw(st.integers(0, 1_500)),
            unused=Unused.ROLL_OVER if roll else Unused.LAPSE,
            roll_months=roll,
            overage_rate=draw(st.sampled_from([None, Decimal("77.7777")])),
        )
    return make_contract(kind, starts_on=START + timedelta(days=draw(st.integers(0, 20))), **terms)


@st.composite
def works(draw: st.DrawFn, kind: ContractKind | None = None) -> ContractWork:
    """Work under a contract of any kind; Carl has no rate, and the tax changes once."""
    chosen = kind or draw(st.sampled_from(ContractKind))
    return make_work(
        draw(contracts(chosen)),
        *draw(items()),
        charges=draw(charges(chosen)),
        rate_of=at(("anna", "120.5"), ("ben", "33.3333")),
        tax=CHANGING,
    )


@given(work=works(), until=days)
def test_everything_is_billed_once_or_left_for_a_reason(work: ContractWork, until: date) -> None:
    """Each entry and expense stands on exactly one line, or is left exactly once."""
    found = bill(work, since=None, until=until)
    billed = Counter(item.source_id for item in found.items if item.kind in {ItemKind.TIME_ENTRY, ItemKind.EXPENSE})
    left = Counter(one.source_id for one in found.left if one.kind in {ItemKind.TIME_ENTRY, ItemKind.EXPENSE})
    assert billed + left == Counter(item.id for item in work.items)


@given(work=works(), until=days)
def test_lines_add_up(work: ContractWork, until: date) -> None:
    """Quantity times price, rounded once, is the line; its items make it; billed minutes are the lines' minutes; positions count from 1."""
    found = bill(work, since=None, until=until)
    assert [line.position for line in found.lines] == list(range(1, len(found.lines) + 1))
    parts: Counter[int] = Counter()
    for item in found.items:
        parts[item.position] += item.net_minor
    for line in found.lines:
        units = 60 if line.unit is LineUnit.MINUTE else 1
        assert line.net_minor == round_half_up(line.quantity * Fraction(line.unit_price) * 100 / units)
        assert line.unit_price >= 0
        assert line.trail
        if line.kind not in {LineKind.CAP, LineKind.DEPOSIT_DRAW}:
            assert parts[line.position] == line.net_minor
    minutes = sum(line.quantity for line in found.lines if line.unit is LineUnit.MINUTE)
    assert minutes == sum(item.billed_minutes or 0 for item in found.items)
    recorded = {item.id: item.minutes for item in work.items}
    assert all(item.minutes == recorded[item.source_id] for item in found.items if item.kind is ItemKind.TIME_ENTRY)


@given(work=works(), until=days, order=st.randoms(use_true_random=False))
def test_the_order_in_which_work_is_read_does_not_matter(work: ContractWork, until: date, order: Any) -> None:
    """Rows come as the database likes."""
    shuffled, mixed = list(work.items), list(work.charges)
    order.shuffle(shuffled)
    order.shuffle(mixed)
    again = bill(replace(work, items=tuple(shuffled), charges=tuple(mixed)), since=None, until=until)
    assert again == bill(work, since=None, until=until)


@given(work=works(), stops=st.lists(days, min_size=1, max_size=4))
def test_nothing_is_billed_twice(work: ContractWork, stops: list[date]) -> None:
    """Whatever was billed before is on no later bill, and a second run of a day bills nothing more."""
    run = ledger(work)
    seen: Counter[tuple[ItemKind, str]] = Counter()
    for until in sorted(stops):
        seen.update((item.kind, item.source_id) for item in run.bill(until).items)
        assert run.bill(until).lines == ()
    assert set(seen.values()) <= {1}


@given(work=works(), until=days)
def test_the_discount_is_the_share_of_what_is_taxed_alike(work: ContractWork, until: date) -> None:
    """Per tax its share of the lines, deposits apart, rounded once; none is taken off nothing."""
    found = bill(work, since=None, until=until)
    sums: Counter[Decimal] = Counter()
    for line in found.lines:
        if line.kind not in {LineKind.DEPOSIT, LineKind.DEPOSIT_DRAW}:
            sums[line.tax_percent] += line.net_minor
    share = Fraction(work.contract.discount)
    wanted = {percent: round_half_up(base * share) for percent, base in sums.items() if base > 0}
    assert {one.tax_percent: one.amount_minor for one in found.allowances} == {key: off for key, off in wanted.items() if off}
    assert all((one.base_minor, one.percent) == (sums[one.tax_percent], work.contract.discount * 100) for one in found.allowances)


@given(work=works(ContractKind.CAPPED), stops=st.lists(days, min_size=1, max_size=5))
def test_a_cap_is_never_exceeded(work: ContractWork, stops: list[date]) -> None:
    """Under ``stop`` time and expenses never come to more, and something is left only once they come to the cap; ``warn`` bills all."""
    run = ledger(work)
    for until in sorted(stops):
        found = run.bill(until)
        capped, cap = run.work.before.capped_minor, work.contract.cap_minor or 0
        stopped = [one for one in found.left if one.reason.value == "after_cap"]
        if work.contract.beyond_cap is BeyondCap.WARN:
            assert not stopped
            assert not any(line.kind is LineKind.CAP for line in found.lines)
            assert bool([one for one in found.findings if one.code == "cap.exceeded"]) == (
                capped > cap and any(line.kind in {LineKind.TIME, LineKind.EXPENSE} and line.net_minor for line in found.lines)
            )
        else:
            assert capped <= cap
            assert not stopped or capped == cap


@given(work=works(ContractKind.CAPPED), until=days)
def test_what_a_cap_leaves_is_the_latest(work: ContractWork, until: date) -> None:
    """Nothing that is billed is later than what is left for the cap."""
    found = bill(work, since=None, until=until)
    billed = [item.day for item in found.items if item.kind in {ItemKind.TIME_ENTRY, ItemKind.EXPENSE}]
    left = [one.day for one in found.left if one.reason.value == "after_cap"]
    assert not billed or not left or max(billed) <= min(left)


@dataclass
class _Jar:
    id: str
    since: date
    until: date
    minutes: int


def minute_by_minute(entries: Sequence[BillableItem], jars: Sequence[_Jar]) -> tuple[Counter[str], Counter[str]]:
    """Slow: each minute takes one from the oldest jar that has one for its day. Taken by jar, and beyond by entry."""
    taken: Counter[str] = Counter()
    beyond: Counter[str] = Counter()
    for entry in sorted(entries, key=lambda one: (one.day, one.id)):
        for _ in range(entry.minutes):
            jar = next((one for one in jars if one.since <= entry.day <= one.until and taken[one.id] < one.minutes), None)
            if jar is None:
                beyond[entry.id] += 1
            else:
                taken[jar.id] += 1
    return taken, beyond


@st.composite
def short_work(draw: st.DrawFn) -> tuple[BillableItem, ...]:
    count = draw(st.integers(0, 10))
    return tuple(worked(f"e{number:02}", draw(days), draw(st.integers(1, 90))) for number in range(count))


@settings(max_examples=60)
@given(
    entries=short_work(),
    included=st.integers(0, 120),
    roll=st.integers(0, 3),
    offset=st.integers(0, 30),
    monthly=st.booleans(),
)
def test_a_retainer_uses_the_oldest_time_first(
    entries: tuple[BillableItem, ...], included: int, roll: int, offset: int, *, monthly: bool
) -> None:
    """Against minutes counted one by one; billed month by month it comes to the same as at once."""
    begins = START + timedelta(days=offset)
    terms = Retainer(
        fee_minor=1, included_min=included, unused=Unused.ROLL_OVER if roll else Unused.LAPSE, roll_months=roll, overage_rate=Decimal(60)
    )
    run = ledger(make_work(make_contract(ContractKind.RETAINER, retainer=terms, starts_on=begins), *entries))
    ends = [date(2026, month, 1) - timedelta(days=1) for month in range(2, 6)]
    for until in ends if monthly else ends[-1:]:
        run.bill(until)
    firsts = [date(2026, month, 1) for month in range(1, 5) if date(2026, month + 1, 1) > begins]
    jars = [_Jar(f"{first:%Y-%m}", first, _end_of(first.month + roll), included) for first in firsts]
    taken, beyond = minute_by_minute([one for one in entries if one.day >= begins], jars)
    assert {key: used for key, used in run.work.before.covered_minutes.items() if used} == {
        key: used for key, used in taken.items() if used
    }
    assert _beyond(run) == sum(beyond.values())
    assert sum(line.net_minor for one in run.bills for line in one.lines if line.kind is LineKind.TIME) == 100 * sum(beyond.values())
    assert sum(line.net_minor for one in run.bills for line in one.lines if line.kind is LineKind.RETAINER) == len(firsts)


def _end_of(month: int) -> date:
    return date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _beyond(run: Ledger) -> int:
    return sum(line.quantity for one in run.bills for line in one.lines if line.kind is LineKind.TIME)


@settings(max_examples=60)
@given(entries=short_work(), blocks=st.lists(st.tuples(days, st.integers(1, 200)), max_size=4), stops=st.lists(days, max_size=3))
def test_blocks_are_used_oldest_first(entries: tuple[BillableItem, ...], blocks: list[tuple[date, int]], stops: list[date]) -> None:
    """Against minutes counted one by one: a block pays for work from its day on, whenever it is billed."""
    sold = [make_charge(ChargeKind.BLOCK, 1_000, day, name=f"b{number}", minutes=minutes) for number, (day, minutes) in enumerate(blocks)]
    run = ledger(make_work(make_contract(ContractKind.BLOCK_HOURS), *entries, charges=tuple(sold)))
    for until in [*sorted(stops), LAST]:
        run.bill(until)
    jars = [_Jar(one.id, one.due_on, date.max, one.minutes or 0) for one in sorted(sold, key=lambda one: (one.due_on, one.id))]
    taken, beyond = minute_by_minute(entries, jars)
    assert {key: used for key, used in run.work.before.covered_minutes.items() if used} == {
        key: used for key, used in taken.items() if used
    }
    assert _beyond(run) == sum(beyond.values())


@given(work=works(), stops=st.lists(days, min_size=1, max_size=5))
def test_deposits_are_taken_off_once(work: ContractWork, stops: list[date]) -> None:
    """Never more than was paid before, never more than there is to pay, and always as much as there is."""
    run = ledger(work)
    for until in sorted(stops):
        before = run.work.before
        found = run.bill(until)
        drawn = -sum(line.net_minor for line in found.lines if line.kind is LineKind.DEPOSIT_DRAW)
        deposits = sum(line.net_minor for line in found.lines if line.kind is LineKind.DEPOSIT)
        to_pay = found.net_minor + drawn - deposits
        assert drawn == max(0, min(to_pay, before.deposits_minor - before.drawn_minor))


def billed_total(bills: Sequence[ContractBill]) -> int:
    return sum(one.net_minor for one in bills)


@given(work=works(ContractKind.FIXED_PRICE), stops=st.lists(days, min_size=1, max_size=4))
def test_a_fixed_price_bills_what_was_reached(work: ContractWork, stops: list[date]) -> None:
    """In the end milestones that were reached, expenses, and the deposits that nothing was left to take off; less the discount per bill."""
    plain = replace(work, contract=replace(work.contract, discount=Decimal(0)))
    run = ledger(plain)
    for until in sorted(stops):
        run.bill(until)
    last = max(stops)
    due = [one for one in plain.charges if one.is_billable(last)]
    milestones = sum(one.amount_minor for one in due if one.kind is ChargeKind.MILESTONE)
    expenses = sum(
        one.amount_minor for one in plain.items if one.kind is BillableKind.EXPENSE and plain.contract.starts_on <= one.day <= last
    )
    left = run.work.before.deposits_minor - run.work.before.drawn_minor
    assert billed_total(run.bills) == milestones + expenses + left
