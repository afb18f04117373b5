"""How an amount is shared: discounts over what stands on a bill, and what a document counts for in the firm's currency over its payments."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from scheduler.domain.billing.totals import allocate
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence


def carried(parts_minor: Sequence[int], *, whole_minor: int, whole_home: int) -> list[int]:
    """
    What each part of a document counts for in the firm's currency, in order.

    The sum so far is rounded each time, once, half up: parts that make up the whole count for exactly what the whole does.
    """
    if not whole_minor:
        return [0] * len(parts_minor)
    sums = (round_half_up(Fraction(whole_home * total, whole_minor)) for total in accumulate(parts_minor, initial=0))
    return [later - earlier for earlier, later in pairwise(sums)]


def without_discount(parts_minor: Sequence[int], *, discount_minor: int, base_minor: int) -> list[int]:
    """
    Parts of a bill (0 or more each) with their part of a discount on ``base_minor`` taken off, which may be on other things too.

    What is taken off all of them is rounded once, half up, and spread by largest remainder.
    """
    whole = sum(parts_minor)
    if not whole or not base_minor:
        return list(parts_minor)
    off = allocate(round_half_up(Fraction(discount_minor * whole, base_minor)), parts_minor)
    return [part - taken for part, taken in zip(parts_minor, off, strict=True)]
