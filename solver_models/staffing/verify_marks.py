"""
What a partial schedule remembers of its runs, as bits: demands, shifts of units, projects with fees, and cuts.

A bit stands for one thing from the first period in which a run may decide it to the last, and then for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.verify_states import WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver_models.staffing.verify_options import Numbers

DEMAND, SHIFT, PROJECT, CUT = range(4)
Mark = tuple[int, int]
"""A kind and a number."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Bits by mark, and the first and last period in which runs that decide it may begin."""

    spans: Mapping[Mark, tuple[int, int]]
    bits: Mapping[Mark, int]
    horizon: int

    @staticmethod
    def of(spans: Mapping[Mark, tuple[int, int]], horizon: int) -> Marks:
        """Each mark's bit: the lowest that no other one needs meanwhile."""
        bits, busy, free = dict[Mark, int](), list[tuple[int, int]](), list[int]()
        for mark, (begin, end) in sorted(spans.items(), key=lambda item: (item[1], item[0])):
            while busy and busy[0][0] < begin:
                heappush(free, heappop(busy)[1])
            bits[mark] = heappop(free) if free else len(busy)
            heappush(busy, (end, bits[mark]))
        return Marks(spans, bits, horizon)

    @property
    def count(self) -> int:
        """Bits in all."""
        return max(self.bits.values(), default=0) + 1

    @property
    def words(self) -> int:
        """Words that hold them."""
        return -(-self.count // WORD)

    def mask(self, marks: Iterable[Mark]) -> list[int]:
        """The words with the bits of some marks; those without a bit are left out."""
        words = [0] * self.words
        for mark in marks:
            if (bit := self.bits.get(mark)) is not None:
                words[bit // WORD] |= 1 << (bit % WORD)
        return words

    def lasting(self) -> Numbers:
        """By period: the bits that stand for the same mark as in the period before."""
        return self._over({mark: range(begin + 1, end + 1) for mark, (begin, end) in self.spans.items()})

    def meant(self, kind: int) -> Numbers:
        """By period: the bits that stand for marks of a kind."""
        return self._over({mark: range(begin, end + 1) for mark, (begin, end) in self.spans.items() if mark[0] == kind})

    def _over(self, periods: Mapping[Mark, range]) -> Numbers:
        table = np.zeros((self.horizon + 1, self.words), dtype=np.int64)
        for mark, of in periods.items():
            table[of.start : of.stop] |= np.array(self.mask([mark]), dtype=np.int64)
        return table

    def amounts(self, by_mark: Mapping[Mark, Numbers | int]) -> Numbers:
        """By period and bit: the amounts of marks, by period or the same in all of them, while runs may decide them."""
        table = np.zeros((self.horizon + 1, self.count), dtype=np.int64)
        for mark, amounts in by_mark.items():
            if mark in self.spans:
                begin, end = self.spans[mark]
                table[begin : end + 1, self.bits[mark]] = amounts if isinstance(amounts, int) else amounts[begin : end + 1]
        return table
