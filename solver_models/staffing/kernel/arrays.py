"""
The tables that the compiled loops read.

Few and wide ones: each array handed to a compiled function costs time to compile, and the figures of one run lie side by side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

O_AT, O_LO, O_ORIGIN, O_SHARE, O_DEMAND, O_ROW, O_UNIT, O_MOVED, O_PAIR = range(9)
"""Columns of options."""
R_OPTION, R_FIRST, R_LAST, R_VALUE, R_FRESH, R_HEADS, R_MINUTES = range(7)
"""Columns of runs."""
P_OPTION, P_RUN, P_BASE, P_BOOKED, P_LOW, P_HIGH = range(6)
"""Columns of people."""


class Arrays(NamedTuple):
    """
    A problem's options, runs and people; money in units of Z; people, options, runs, demands and shifted demands (``row``) by index.

    Options: ``minutes[at[o] : at[o + 1]]`` are option o's from period ``lo[o]`` on, and ``minutes[origin[o] + t]`` those of period t;
    it belongs to ``demand[o]``, pays prices of ``row[o]``, is the choice ``moved[o]`` among the shifts of ``unit[o]`` (-1: nothing to
    choose) and one of ``pair[o]`` = a person on a project with groups (-1: none).
    Runs: ``value`` is what the run adds to Z, ``fresh`` its new minutes; ``heads`` whether it counts as a run of its demand (an
    extension does not).
    People: ``option_at[p]`` and ``run_at[p]`` begin person p's options and runs; what pinned runs leave of ``capacity`` and ``places``
    (runs at once) by period, Z with the pinned runs alone (``base``, fairness apart), their minutes (``booked``), and the fairness
    band's ``low`` and ``high``.
    ``options`` and ``people`` end with a row where only the positions count, ``at``, ``option_at`` and
    ``run_at``.
    """

    options: Ints
    runs: Ints
    people: Ints
    minutes: Ints
    capacity: Ints
    places: Ints

    @property
    def at(self) -> Ints:
        return self.options[:, O_AT]

    @property
    def lo(self) -> Ints:
        return self.options[:-1, O_LO]

    @property
    def share_e4(self) -> Ints:
        return self.options[:-1, O_SHARE]

    @property
    def demand(self) -> Ints:
        return self.options[:-1, O_DEMAND]

    @property
    def row(self) -> Ints:
        return self.options[:-1, O_ROW]

    @property
    def unit(self) -> Ints:
        return self.options[:-1, O_UNIT]

    @property
    def moved(self) -> Ints:
        return self.options[:-1, O_MOVED]

    @property
    def pair(self) -> Ints:
        return self.options[:-1, O_PAIR]

    @property
    def option(self) -> Ints:
        return self.runs[:, R_OPTION]

    @property
    def first(self) -> Ints:
        return self.runs[:, R_FIRST]

    @property
    def last(self) -> Ints:
        return self.runs[:, R_LAST]

    @property
    def value(self) -> Ints:
        return self.runs[:, R_VALUE]

    @property
    def fresh(self) -> Ints:
        return self.runs[:, R_FRESH]

    @property
    def heads(self) -> Ints:
        return self.runs[:, R_HEADS]

    @property
    def option_at(self) -> Ints:
        return self.people[:, P_OPTION]

    @property
    def run_at(self) -> Ints:
        return self.people[:, P_RUN]

    @property
    def base(self) -> Ints:
        return self.people[:-1, P_BASE]

    @property
    def booked(self) -> Ints:
        return self.people[:-1, P_BOOKED]

    @property
    def low(self) -> Ints:
        return self.people[:-1, P_LOW]

    @property
    def high(self) -> Ints:
        return self.people[:-1, P_HIGH]


class PriceVector(NamedTuple):
    """
    Prices in units of Z: sums of each row's share prices before a period (rows x T + 1, or none at all), of a run by demand, of
    a new minute, by pair; and what each person's pinned runs pay, in ten-thousandths of Z. ``barred`` says which runs may not be
    chosen whatever they bring (by run, or nothing at all): those of an option that have some period, or too many new minutes. Of
    cuts, ``cuts[c]`` has the price and the person that counts as one more run (-1: nobody), and ``cut_of[cut_at[d] : cut_at[d + 1]]``
    are those that runs on demand d count for.
    """

    share: Ints
    heads: Ints
    fresh: int
    pairs: Ints
    paid: Ints
    barred: NDArray[np.bool_]
    cuts: Ints
    cut_at: Ints
    cut_of: Ints
