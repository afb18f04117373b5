"""How recorded minutes become billed ones: by entry, by person and day, or by line. What was recorded never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.amounts import parted
from scheduler.domain.billing.contracts import RoundingMode, RoundingScope

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from scheduler.domain.billing.contracts import Rounding
    from scheduler.domain.ground.billable import BillableItem


def rounded(minutes: int, rounding: Rounding) -> int:
    """The minutes that are billed of one thing: whole steps by the mode, at least the minimum."""
    step = rounding.step_min
    if rounding.mode is RoundingMode.UP:
        steps = -(-minutes // step)
    elif rounding.mode is RoundingMode.DOWN:
        steps = minutes // step
    else:
        steps = (2 * minutes + step) // (2 * step)
    return max(steps * step, rounding.minimum_min)


def billed_minutes(items: Sequence[BillableItem], rounding: Rounding, line_of: Callable[[BillableItem], Hashable]) -> tuple[int, ...]:
    """
    The billed minutes of each item.

    What is rounded together is parted over its items as the recorded minutes, by largest remainder: whole minutes that add up.
    ``line_of``: on which line an item comes; items on one share a key.
    """
    groups: dict[Hashable, list[int]] = {}
    for number, item in enumerate(items):
        groups.setdefault(_thing(item, number, rounding.scope, line_of), []).append(number)
    billed = [0] * len(items)
    for numbers in groups.values():
        recorded = [items[number].minutes for number in numbers]
        for number, minutes in zip(numbers, parted(rounded(sum(recorded), rounding), recorded), strict=True):
            billed[number] = minutes
    return tuple(billed)


def _thing(item: BillableItem, number: int, scope: RoundingScope, line_of: Callable[[BillableItem], Hashable]) -> Hashable:
    if scope is RoundingScope.ENTRY:
        return number
    return (item.person_id, item.day) if scope is RoundingScope.DAY else line_of(item)
