"""
What a person has only so much of in a period: minutes, runs, and large parts of the period.

The last follow from the minutes: of runs that take more than half of what a period has left there is room for one, of those that
take more than a third for two. In general a run of m minutes of C weighs ceil((k + 1) m / C) - 1, and the weights of runs that fit
sum to less than k + 1. Whole schedules gain nothing by knowing this, but limits that trade in fractions of runs come much closer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers

PARTS = (1, 2)


@dataclass(frozen=True, slots=True)
class Room:
    """Kinds of room: what each way takes of each by period, and what there is."""

    taken: Numbers
    """By kind, way and period; minutes come first."""
    most: Numbers
    """By kind and period."""

    @staticmethod
    def of(offers: Offers) -> Room:
        """The kinds of room that may be scarce for a person."""
        whole = offers.minutes.dtype
        minutes = np.array(offers.room, dtype=whole)
        # No run has a period in which it does not fit.
        fitting = np.where(offers.minutes <= minutes, offers.minutes, 0).astype(whole)
        taken, most = [fitting], [minutes]
        if offers.places is not None:
            taken.append(np.ones_like(fitting))
            most.append(np.array(offers.places, dtype=whole))
        for k in PARTS:
            weights = np.where(fitting > 0, ((k + 1) * fitting - 1) // np.maximum(minutes, 1), 0).astype(whole)
            if (weights > 0).any():
                taken.append(weights)
                most.append(np.full_like(minutes, k))
        return Room(np.stack(taken), np.stack(most))
