"""A person's choice of one demand: the option, its possible runs and what each brings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver_models.staffing.pins import Pin


# Not frozen: they are made by the hundred thousand before the first plan, and freezing doubles what one takes to make.
@dataclass(slots=True, kw_only=True, eq=False)
class Option:
    """
    A person on a demand with a share and a shift, in periods ``lo`` to ``hi``; a run of it lasts at least ``shortest``.

    ``minutes``, ``promised``, ``gain`` and ``fresh`` have one entry for each of those periods. ``gain`` is what running there adds
    to Z against not using the pair, ``entry`` what using it at all adds; ``fresh`` counts new minutes (rule 6).
    """

    person: str
    demand: str
    share_e4: int
    shift: int
    lo: int
    hi: int
    shortest: int
    minutes: tuple[int, ...]
    promised: tuple[int, ...]
    gain: tuple[int, ...]
    fresh: tuple[int, ...]
    entry: int
    min_coverage_e4: int
    pin: Pin | None = None

    @property
    def is_single(self) -> bool:
        """Whether it has but one run: all its periods."""
        return self.shortest == self.hi - self.lo + 1

    @property
    def must_cover(self) -> bool:
        """Whether some period alone falls short of the coverage or delivers nothing, so that rule 4 must look at the sum."""
        return self.pin is None and any(
            E4 * m < self.min_coverage_e4 * q or m == 0 for m, q in zip(self.minutes, self.promised, strict=True)
        )

    def run(self, first: int, last: int) -> Run:
        """The run from ``first`` to ``last``."""
        return Run(person=self.person, demand=self.demand, share_e4=self.share_e4, first=first, last=last, shift=self.shift)

    def run_gain(self, first: int, last: int) -> int:
        """What the run adds to Z, its person's fairness apart."""
        return self.entry + sum(self.gain[first - self.lo : last - self.lo + 1])

    def best_gain(self) -> int:
        """The most that any of its runs adds to Z, its person's fairness apart."""
        if self.is_single:
            return self.entry + sum(self.gain)
        gained = [0, *accumulate(self.gain)]
        if self.pin is not None or self.must_cover:
            return self.entry + max(gained[last - self.lo + 1] - gained[first - self.lo] for first, last in self.intervals())
        # Every interval that is long enough is a run: for each end, begin where least was gained before.
        least = list(accumulate(gained[: len(gained) - self.shortest], min))
        return self.entry + max(g - low for g, low in zip(gained[self.shortest :], least, strict=True))

    def gain_limit(self) -> int:
        """What none of its runs adds more than; exact where there is but one."""
        return self.entry + (sum(self.gain) if self.is_single else sum(g for g in self.gain if g > 0))

    def intervals(self, until: Sequence[int] | None = None) -> Iterator[tuple[int, int]]:
        """
        First and last period of every run that keeps rule 4 (or, pinned, its freedom to end later).

        With ``until``, by first period, only the runs that end there or before.
        """
        if until is None:
            until = [self.hi] * (self.hi - self.lo + 1)
        if self.pin is not None:
            yield from ((self.lo, last) for last in range(self.pin.last_min, until[0] + 1))
            return
        if self.is_single:
            if (
                until[0] == self.hi
                and (delivered := sum(self.minutes)) >= 1
                and E4 * delivered >= self.min_coverage_e4 * sum(self.promised)
            ):
                yield self.lo, self.hi
            return
        minutes = [0, *accumulate(self.minutes)]
        promised = [0, *accumulate(self.promised)]
        size = self.hi - self.lo + 1
        for a in range(size - self.shortest + 1):
            for b in range(a + self.shortest, until[a] - self.lo + 2):
                delivered = minutes[b] - minutes[a]
                if delivered >= 1 and E4 * delivered >= self.min_coverage_e4 * (promised[b] - promised[a]):
                    yield self.lo + a, self.lo + b - 1
