"""What a contract earns by its kind: its terms, charges, work and costs become the figures from which revenue follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE, BeyondCap, Contract, ContractKind, Recognition, Unused
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.months import following, month_of, months_between
from scheduler.domain.billing.prepaid import MinutesUsed, Pot, Prepaid, RetainerPeriod, of_retainer
from scheduler.domain.billing.recognition import (
    ContractFacts,
    CostEstimate,
    DayAmount,
    Method,
    Milestone,
    PriceChange,
    Termination,
)
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from scheduler.domain.billing.roll_forward import Opening

_CHARGED_WORK = frozenset({LineKind.TIME, LineKind.EXPENSE, LineKind.CORRECTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """Approved work of a day as it was billed, or is to be: its amount in minor units, discount taken off, and its minutes."""

    day: date
    kind: LineKind
    """``CORRECTION`` for what was credited of work that stays billed."""
    amount_minor: int
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecord:
    """All that is on record of a contract; amounts in minor units of its currency, costs too."""

    contract: Contract
    value_minor: int | None = None
    """The price of a contract that is priced as a whole, as agreed at first; before discount."""
    changes: tuple[PriceChange, ...] = ()
    """Approved change orders, before discount."""
    charges: tuple[Charge, ...] = ()
    items: tuple[WorkItem, ...] = ()
    costs: tuple[DayAmount, ...] = ()
    cost_at_completion_minor: int | None = None
    """What all work is expected to cost, as it is thought now."""
    closed_on: date | None = None
    """When the project was closed: nothing more will be agreed or billed of what is still planned."""
    opening: Opening | None = None


def less_discount(amount_minor: int, share: Decimal) -> int:
    """What is left of an amount; the discount is rounded once, half up."""
    return amount_minor - round_half_up(amount_minor * Fraction(share))


def facts_of(record: ContractRecord, *, until: date) -> ContractFacts:
    """The figures of the contract before the day ``until``. Raises ValueError for an internal contract, which earns nothing."""
    contract = record.contract
    if contract.kind is ContractKind.INTERNAL:
        raise ValueError("an internal contract earns nothing")
    opening = record.opening
    whole = contract.kind in PRICED_AS_A_WHOLE
    charged = tuple(DayAmount(day=one.day, amount_minor=one.amount_minor) for one in record.items if one.kind in _CHARGED_WORK)
    return ContractFacts(
        method=Method(contract.method.value) if whole else Method.AS_APPROVED,
        price_minor=_price(record),
        changes=_changes(record) if whole else (),
        work=() if whole else (*charged, *_fees(record, until)),
        beside=charged if whole else (),
        prepaid=_prepaid(record, until),
        milestones=_milestones(record) if whole else (),
        costs=record.costs,
        estimates=_estimates(record),
        service=_served_days(record) if contract.method is Recognition.STRAIGHT_LINE and whole else None,
        completed_on=_completed_on(record) if whole else None,
        termination=_termination(record) if whole else None,
        counts_from=None if opening is None else opening.month,
        earned_before_minor=0 if opening is None else opening.earned_minor,
    )


def first_day(record: ContractRecord) -> date:
    """Before it nothing of the contract was earned."""
    if record.opening is not None:
        return record.opening.month
    days = [one.day for one in record.items] + [one.day for one in record.costs] + [one.due_on for one in record.charges]
    return min([record.contract.starts_on, *days])


def _price(record: ContractRecord) -> int | None:
    contract = record.contract
    if contract.kind in PRICED_AS_A_WHOLE:
        return less_discount(record.value_minor or 0, contract.discount)
    is_limit = contract.cap_minor is not None and contract.beyond_cap is BeyondCap.STOP
    return less_discount(contract.cap_minor, contract.discount) if is_limit and contract.cap_minor is not None else None


def _changes(record: ContractRecord) -> tuple[PriceChange, ...]:
    """Each with the discount on the whole price after it, less that before it: so the last price is discounted once."""
    share, value, found = record.contract.discount, record.value_minor or 0, []
    for one in sorted(record.changes, key=lambda change: change.approved_on):
        delta = less_discount(value + one.delta_minor, share) - less_discount(value, share)
        found.append(PriceChange(approved_on=one.approved_on, delta_minor=delta))
        value += one.delta_minor
    return tuple(found)


def _milestones(record: ContractRecord) -> tuple[Milestone, ...]:
    share = record.contract.discount
    return tuple(
        Milestone(amount_minor=less_discount(one.amount_minor, share), approved_on=_reached_on(one))
        for one in record.charges
        if one.kind is ChargeKind.MILESTONE
    )


def _reached_on(charge: Charge) -> date | None:
    return (charge.approved_on or charge.due_on) if charge.state is ChargeState.APPROVED else None


def _completed_on(record: ContractRecord) -> date | None:
    """The day on which the last milestone was reached, once all of them make up the price."""
    reached = [(_reached_on(one), one.amount_minor) for one in record.charges if one.kind is ChargeKind.MILESTONE]
    days = [day for day, _ in reached if day is not None]
    value = (record.value_minor or 0) + sum(one.delta_minor for one in record.changes)
    return max(days) if days and len(days) == len(reached) and sum(amount for _, amount in reached) == value else None


def _termination(record: ContractRecord) -> Termination | None:
    """A project that was closed: what was reached, or is still to be paid by days that were agreed, is all that the contract brings."""
    if record.closed_on is None:
        return None
    since = None if record.opening is None else record.opening.month
    kept = [one for one in record.charges if one.kind is ChargeKind.SCHEDULE or _reached_on(one) is not None]
    left = [one for one in kept if since is None or (_reached_on(one) or one.due_on) >= since]
    price = sum(less_discount(one.amount_minor, record.contract.discount) for one in left)
    return Termination(day=record.closed_on, price_minor=price + (0 if record.opening is None else record.opening.billed_minor))


def _served_days(record: ContractRecord) -> DateInterval:
    """From the contract's first day to its last; without a last one, to the day of its last charge."""
    start = record.contract.starts_on
    last = record.contract.ends_on or max((one.due_on for one in record.charges), default=start)
    return DateInterval(start, max(last, start) + timedelta(days=1))


def _estimates(record: ContractRecord) -> tuple[CostEstimate, ...]:
    if record.cost_at_completion_minor is None:
        return ()
    return (CostEstimate(day=first_day(record), at_completion_minor=record.cost_at_completion_minor),)


def _fee_months(record: ContractRecord, until: date) -> Iterable[date]:
    """Months of a retainer that have begun before ``until``."""
    contract = record.contract
    ends = [day for day in (contract.ends_on, record.closed_on) if day is not None]
    last = min([*ends, until - timedelta(days=1)])
    first = contract.starts_on if record.opening is None else max(contract.starts_on, record.opening.month)
    return months_between(first, last)


def _rolls(contract: Contract) -> bool:
    """Whether a retainer earns by minutes: where they roll over, unless it was said that its fees are earned evenly."""
    is_even = contract.recognition is Recognition.STRAIGHT_LINE
    return contract.retainer is not None and contract.retainer.unused is Unused.ROLL_OVER and not is_even


def _fees(record: ContractRecord, until: date) -> Iterable[DayAmount]:
    """Fees that are earned in their month, whatever was worked."""
    contract = record.contract
    if contract.retainer is None or _rolls(contract):
        return ()
    fee = less_discount(contract.retainer.fee_minor or 0, contract.discount)
    return tuple(DayAmount(day=max(month, contract.starts_on), amount_minor=fee) for month in _fee_months(record, until))


def _prepaid(record: ContractRecord, until: date) -> Prepaid | None:
    contract = record.contract
    # All that was worked: what is beyond the sold minutes finds none left, and has an amount of its own.
    uses = [(one.day, one.minutes) for one in record.items if one.kind is LineKind.TIME]
    ends_on = following(month_of(record.closed_on)) if record.closed_on is not None else None
    if contract.kind is ContractKind.BLOCK_HOURS:
        sold = (one for one in record.charges if one.kind is ChargeKind.BLOCK)
        price = contract.discount
        pots = tuple(Pot(opens_on=one.due_on, price_minor=less_discount(one.amount_minor, price), minutes=one.minutes or 0) for one in sold)
        first = min((pot.opens_on for pot in pots), default=None)
        # Hours that were worked before the first block was bought are its hours.
        used = tuple(MinutesUsed(day=day if first is None else max(day, first), minutes=minutes) for day, minutes in uses)
        return Prepaid(pots=pots, uses=used, ends_on=ends_on)
    if contract.retainer is None or not _rolls(contract):
        return None
    fee = less_discount(contract.retainer.fee_minor or 0, contract.discount)
    periods = [
        RetainerPeriod(
            month=month,
            fee_minor=fee,
            included_minutes=contract.retainer.included_min,
            used_minutes=sum(minutes for day, minutes in uses if month_of(day) == month),
        )
        for month in _fee_months(record, until)
    ]
    return of_retainer(periods, roll_over_months=contract.retainer.roll_months, ends_on=ends_on)
