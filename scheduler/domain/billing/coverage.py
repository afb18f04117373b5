"""Work that was paid for beforehand: which minutes a block or a retainer's month covers, oldest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import left_item, percent_on
from scheduler.domain.billing.contract_work import Left, LeftReason
from scheduler.domain.billing.rounding import billed_minutes
from scheduler.domain.billing.worked_lines import Cover, Portion, Rated, label

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from scheduler.domain.billing.contract_work import ContractWork
    from scheduler.domain.ground.billable import BillableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Minutes that are paid for and not used, for work from a day to a day."""

    cover: Cover
    since: date
    until: date = date.max
    """The last work date."""
    minutes: int


@dataclass(slots=True)
class _Used:
    """What the items so far have taken from each bucket."""

    buckets: Sequence[Bucket]
    minutes: dict[str, int] = field(default_factory=dict)

    def take(self, day: date, wanted: int) -> list[tuple[Cover, int]]:
        """As much as there is for work of a day, oldest bucket first; does not count as used yet."""
        taken = []
        for bucket in self.buckets:
            free = max(0, bucket.minutes - self.minutes.get(bucket.cover.id, 0))
            if bucket.since <= day <= bucket.until and min(free, wanted) > 0:
                taken.append((bucket.cover, min(free, wanted)))
                wanted -= taken[-1][1]
        return taken

    def count(self, taken: Iterable[tuple[Cover, int]]) -> None:
        """What was taken is used."""
        for cover, minutes in taken:
            self.minutes[cover.id] = self.minutes.get(cover.id, 0) + minutes


def covered(
    work: ContractWork,
    items: Sequence[BillableItem],
    buckets: Sequence[Bucket],
    *,
    beyond: Callable[[BillableItem], Rated | Left],
    within: Callable[[BillableItem], Hashable],
) -> tuple[tuple[Portion, ...], tuple[Left, ...]]:
    """
    Items in order of days: what the buckets cover, oldest first, then what is beyond them at the rate that ``beyond`` says.

    ``within``: what is settled apart, beside which nothing is rounded together. What has no rate or tax is left and uses nothing.
    """
    left: dict[str, Left] = {}
    taxed: dict[str, Decimal] = {}
    for item in items:
        percent = percent_on(work, item.day)
        if percent is None:
            left[item.id] = left_item(item, LeftReason.NO_TAX_RATE, f"{work.tax.name} has no rate on {item.day}.")
        else:
            taxed[item.id] = percent
    while True:
        # Others are rounded and covered as if what is left were not there: again from the start.
        kept = [item for item in items if item.id not in left]
        keys = {item.id: (label(work, item), taxed[item.id], within(item)) for item in kept}
        minutes = billed_minutes(kept, work.contract.rounding, lambda item, keys=keys: keys[item.id])  # type: ignore[misc]
        portions, missing = _spread(kept, minutes, buckets, taxed, beyond)
        if not missing:
            return portions, tuple(left.values())
        left |= {one.source_id: one for one in missing}


def _spread(
    items: Sequence[BillableItem],
    minutes: Sequence[int],
    buckets: Sequence[Bucket],
    taxed: dict[str, Decimal],
    beyond: Callable[[BillableItem], Rated | Left],
) -> tuple[tuple[Portion, ...], tuple[Left, ...]]:
    used = _Used(buckets)
    portions: list[Portion] = []
    missing: list[Left] = []
    for item, wanted in zip(items, minutes, strict=True):
        free = Rated(item=item, rate=Decimal(0), percent=taxed[item.id], trail=())
        taken = used.take(item.day, wanted)
        rest = wanted - sum(minutes for _, minutes in taken)
        if rest or not taken:
            rated = beyond(item)
            if isinstance(rated, Left):
                missing.append(rated)
                continue
            portions.append(Portion(rated=rated, minutes=rest))
        used.count(taken)
        portions += [Portion(rated=free, minutes=minutes, cover=cover) for cover, minutes in taken]
    return tuple(portions), tuple(missing)
