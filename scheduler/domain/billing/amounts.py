"""Minutes and pieces become amounts, each rounded once; amounts become parts that add up to them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.totals import allocate
from scheduler.domain.ground.money import exponent, round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTES_AN_HOUR = 60


def time_minor(minutes: int, rate: Decimal, currency: str) -> int:
    """What minutes at a rate per hour make in minor units; rounded once, half away from zero."""
    return round_half_up(minutes * Fraction(rate) * 10 ** exponent(currency) / MINUTES_AN_HOUR)


def main_units(amount_minor: int, currency: str) -> Decimal:
    """Minor units as the currency's main unit, exactly."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def parted(amount_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """
    The amount in parts as the weights, which add up to it exactly; each is less than one minor unit away from its exact share.

    By largest remainder: every part is cut to whole units, and what is left goes to those that lost most, earlier ones first.
    Where all weights are 0, they count alike. Raises ValueError for a weight below 0, or an amount without weights.
    """
    if any(weight < 0 for weight in weights) or (amount_minor and not weights):
        raise ValueError("an amount is parted by weights of 0 or more, of which there is one at least")
    counted = weights if any(weights) else [1] * len(weights)
    return allocate(amount_minor, counted) if counted else ()
