"""Where a contract stands: what is billed, and what is left of caps, deposits, blocks and months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.blocks import block_buckets
from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.retainers import month_buckets, months_until

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contract_work import BilledBefore
    from scheduler.domain.billing.contracts import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockStatus:
    """A block of hours that is billed."""

    charge_id: str
    name: str
    minutes: int
    used_minutes: int
    left_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthStatus:
    """A month of a retainer that has begun."""

    month: str
    fee_is_billed: bool
    included_minutes: int
    used_minutes: int
    left_minutes: int
    """What may be used on the day that is asked about; once the month is over, what rolled over."""
    lapsed_minutes: int
    usable_until: date


def blocks_of(charges: Sequence[Charge], before: BilledBefore, taken: Collection[tuple[ItemKind, str]]) -> tuple[BlockStatus, ...]:
    """Blocks that are billed, oldest first."""
    sold: dict[str, int] = {one.id: one.minutes or 0 for one in charges}
    billed = {source_id for kind, source_id in taken if kind is ItemKind.CHARGE}
    return tuple(
        BlockStatus(
            charge_id=bucket.cover.id,
            name=bucket.cover.name,
            minutes=sold[bucket.cover.row_id],
            used_minutes=before.covered_minutes.get(bucket.cover.id, 0),
            left_minutes=bucket.minutes,
        )
        for bucket in block_buckets(charges, before, billed)
    )


def months_of(contract: Contract, before: BilledBefore, taken: Collection[tuple[ItemKind, str]], *, on: date) -> tuple[MonthStatus, ...]:
    """Months of a retainer that have begun by a day; of another contract, none."""
    if contract.retainer is None:
        return ()
    included = contract.retainer.included_min
    return tuple(
        MonthStatus(
            month=month.name,
            fee_is_billed=(ItemKind.RETAINER_PERIOD, month.source_id(contract.id)) in taken,
            included_minutes=included,
            used_minutes=before.covered_minutes.get(month.name, 0),
            left_minutes=bucket.minutes if on <= bucket.until else 0,
            lapsed_minutes=0 if on <= bucket.until else bucket.minutes,
            usable_until=bucket.until,
        )
        for month, bucket in zip(months_until(contract, on), month_buckets(contract, before, on), strict=True)
    )


def milestones_minor(contract: Contract, charges: Sequence[Charge]) -> int | None:
    """What the milestones come to; ``None`` for a contract that has none."""
    if contract.kind is not ContractKind.FIXED_PRICE:
        return None
    return sum(one.amount_minor for one in charges if one.kind is ChargeKind.MILESTONE)
