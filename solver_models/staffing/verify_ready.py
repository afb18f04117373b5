"""Compile the check's sweep before it is needed: ``python -m solver_models.staffing.verify_ready``."""

from __future__ import annotations

import numpy as np

from solver_models.staffing.verify_offers import Offers, Way
from solver_models.staffing.verify_schedule import best_worth


def compile_all() -> None:
    """Compile what is not yet kept on disk: one run for nobody."""
    number, amount = np.zeros(1, dtype=np.int64), np.ones((1, 1), dtype=np.int64)
    best_worth(
        Offers(
            constant=0,
            room=(1,),
            places=None,
            fairness=None,
            fees={},
            ways=(Way("", ("", ""), 0, ""),),
            minutes=amount,
            worth=amount,
            once=number,
            way=number,
            first=number,
            last=number,
            value=amount[0],
        )
    )


if __name__ == "__main__":
    compile_all()
