"""Blocks of hours: work uses what was bought, oldest block first; beyond them the bill rates apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import Stage
from scheduler.domain.billing.charge_lines import is_billed
from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.coverage import Bucket, covered
from scheduler.domain.billing.worked_lines import Cover, rate_item, time_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contract_work import BilledBefore, ContractWork
    from scheduler.domain.ground.billable import BillableItem


def block_stage(work: ContractWork, items: Sequence[BillableItem], *, billed_now: Collection[str]) -> Stage:
    """Work in order of days, on the blocks that are billed or are being billed (charge ids ``billed_now``), then at the bill rates."""
    billed = {one.id for one in work.charges if is_billed(work, one)}
    buckets = block_buckets(work.charges, work.before, billed | set(billed_now))
    portions, left = covered(work, items, buckets, beyond=lambda item: rate_item(work, item), within=lambda _item: None)
    return Stage(parts=time_parts(work, portions), left=left)


def block_buckets(charges: Iterable[Charge], before: BilledBefore, billed: Collection[str]) -> tuple[Bucket, ...]:
    """What is left of each block that is billed (``billed``: charge ids), for work from the day on which it was due; oldest first."""
    blocks = [one for one in charges if one.kind is ChargeKind.BLOCK and one.id in billed]
    return tuple(
        Bucket(
            cover=Cover(id=one.id, name=one.name, row_kind="charge", row_id=one.id, row_version=one.version),
            since=one.due_on,
            minutes=max(0, (one.minutes or 0) - before.covered_minutes.get(one.id, 0)),
        )
        for one in sorted(blocks, key=lambda one: (one.due_on, one.id))
    )
