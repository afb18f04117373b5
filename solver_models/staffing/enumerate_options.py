"""
Every option of a problem, made for all people of a demand at once.

The figures of one demand, share and shift are a matrix of people x periods in 64-bit integers: the reader's limits on minutes
and on the size of Z keep every product below 2^63.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.options import Option
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from solver_models.staffing.eligibility import Eligibility
    from solver_models.staffing.minutes import Terms
    from solver_models.staffing.pins import Pin, PinnedLimits
    from solver_models.staffing.problem import Demand

    Numbers = npt.NDArray[np.int64]
    Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What the options of one demand, share and shift have alike."""

    demand: Demand
    share_e4: int
    shift: int
    lo: int
    hi: int
    shortest: int

    @property
    def periods(self) -> slice:
        return slice(self.lo, self.hi + 1)


class OptionMaker:
    """Makes the options of one problem, demand by demand; a person is known by the row of ``problem.people``."""

    def __init__(
        self,
        terms: Terms,
        eligibility: Eligibility,
        pins: Sequence[Pin],
        shifts: Mapping[str, Sequence[int]],
        used: PinnedLimits,
    ) -> None:
        self._terms = terms
        self._eligibility = eligibility
        self._shifts = shifts
        people = terms.problem.people
        self._row = {p.id: i for i, p in enumerate(people)}
        self._pins: defaultdict[str, dict[int, Pin]] = defaultdict(dict)
        for pin in pins:
            self._pins[pin.run.demand][self._row[pin.run.person]] = pin
        size = (len(people), terms.horizon)
        self._capacity = np.array([p.capacity for p in people], dtype=np.int64).reshape(size)
        self._usual = np.array([p.capacity if p.usual is None else p.usual for p in people], dtype=np.int64).reshape(size)
        self._is_away = self._capacity < self._usual
        self._cost = np.array([p.cost_rate for p in people], dtype=np.int64)
        # What booking a minute saves in idle cost: nothing where pinned runs alone exceed the capacity.
        self._idle = np.repeat(np.array([p.idle_cost for p in people], dtype=np.int64)[:, None], terms.horizon, axis=1)
        for (person, t), minutes in used.capacity.items():
            if minutes > self._capacity[self._row[person], t]:
                self._idle[self._row[person], t] = 0
        self._preferred: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for i, p in enumerate(people):
            for work, bonus in p.preferences.items():
                self._preferred[work].append((i, bonus))
        self._current: defaultdict[str, list[int]] = defaultdict(list)
        for person, demand in terms.current_runs:
            self._current[demand].append(self._row[person])

    def options_of(self, demand: Demand) -> Iterator[Option]:
        """Its options that have a run, pinned ones included, by person, shift and share."""
        pins = self._pins.get(demand.id, {})
        rows = self._eligibility.allowed_rows(demand)
        free = rows[~np.isin(rows, list(pins))] if pins else rows
        made: dict[int, list[Option]] = {}
        for row, pin in pins.items():
            made[row] = [self._pinned_option(demand, row, pin)]
        if free.size:
            value = self._values(demand, free)
            for place in self._places(demand):
                for row, option in self._free_options(place, free, value):
                    made.setdefault(row, []).append(option)
        for row in sorted(made):
            yield from made[row]

    def _places(self, demand: Demand) -> Iterator[_Place]:
        window = self._terms.windows[demand.id]
        if window is None:
            return
        for shift in self._shifts[self._terms.unit_of[demand.id]]:
            begin, hi = window[0] + shift, window[1] + shift
            lo = max(begin, self._terms.frozen)
            if lo > hi or begin < 0 or hi >= self._terms.horizon:
                continue
            wanted = hi - begin + 1 if demand.min_run is None else demand.min_run
            shortest = max(1, min(wanted, hi - lo + 1))
            for share in sorted(set(demand.shares_e4)):
                yield _Place(demand=demand, share_e4=share, shift=shift, lo=lo, hi=hi, shortest=shortest)

    def _pinned_option(self, demand: Demand, row: int, pin: Pin) -> Option:
        run, rows = pin.run, np.array([row])
        length = pin.last_min - run.first + 1
        place = _Place(demand=demand, share_e4=run.share_e4, shift=run.shift, lo=run.first, hi=pin.last_max, shortest=length)
        promised = self._promised(place)
        minutes = self._minutes(place, rows, promised)
        return self._made(place, rows, minutes=minutes, promised=promised, value=self._values(demand, rows), pin=pin)[0]

    def _free_options(self, place: _Place, rows: Rows, value: Numbers) -> Iterator[tuple[int, Option]]:
        """Those of the people who have a run that keeps rule 4."""
        promised = self._promised(place)
        minutes = self._minutes(place, rows, promised)
        delivered = minutes.sum(axis=1)
        whole = (delivered >= 1) & (delivered * E4 >= place.demand.min_coverage_e4 * promised.sum())
        is_single = place.shortest == place.hi - place.lo + 1
        if is_single and not whole.all():
            rows, minutes, value, whole = rows[whole], minutes[whole], value[whole], whole[whole]
        options = self._made(place, rows, minutes=minutes, promised=promised, value=value)
        for row, fits, option in zip(rows.tolist(), whole.tolist(), options, strict=True):
            # Who falls short over the whole window may still have a shorter run.
            if fits or next(option.intervals(), None) is not None:
                yield row, option

    def _promised(self, place: _Place) -> Numbers:
        effort = np.array(self._terms.effort(place.demand.id, place.shift)[place.periods], dtype=np.int64)
        return place.share_e4 * effort // E4

    def _minutes(self, place: _Place, rows: Rows, promised: Numbers) -> Numbers:
        """Shortened like the person's absences, at most the capacity."""
        capacity = self._capacity[rows, place.periods]
        minutes = np.minimum(promised, capacity)
        away = self._is_away[rows, place.periods]
        if away.any():
            who, when = np.nonzero(away)
            effort = np.array(self._terms.effort(place.demand.id, place.shift)[place.periods], dtype=np.int64)
            usual = self._usual[rows[who], when + place.lo]
            left = capacity[who, when]
            minutes[who, when] = np.minimum(place.share_e4 * effort[when] * left // (E4 * usual), left)
        return minutes

    def _values(self, demand: Demand, rows: Rows) -> Numbers:
        """Net minor units per hour: value - cost + preference + preferred levels - overqualification."""
        value = demand.value_rate - self._cost[rows]
        if demand.id in self._preferred or demand.project in self._preferred:
            bonus = np.zeros(len(self._row), dtype=np.int64)
            # A demand's entry replaces its project's.
            for work in (demand.project, demand.id):
                for row, amount in self._preferred.get(work, ()):
                    bonus[row] = amount
            value += bonus[rows]
        for skill, amount in demand.prefers.items():
            value += amount * self._eligibility.levels(skill)[rows].astype(np.int64)
        if demand.overqualified_cost:
            for skill, level in demand.requires.items():
                above = self._eligibility.levels(skill)[rows].astype(np.int64) - level
                value -= demand.overqualified_cost * np.maximum(0, above)
        return value

    def _made(
        self, place: _Place, rows: Rows, *, minutes: Numbers, promised: Numbers, value: Numbers, pin: Pin | None = None
    ) -> list[Option]:
        policy, people, demand = self._terms.problem.policy, self._terms.problem.people, place.demand
        gain = minutes * (value[:, None] + self._idle[rows, place.periods])
        known = set(self._current.get(demand.id, ())).intersection(rows.tolist())
        fresh = minutes
        if known:
            now = self._minutes_now(place, rows, known)
            gain -= policy.churn_cost * (np.abs(minutes - now) - now)
            fresh = np.maximum(0, minutes - now)
        elif policy.churn_cost:
            gain -= policy.churn_cost * minutes
        if pin is not None and pin.fixed:
            fresh = np.zeros_like(minutes)
        wanted = tuple(promised.tolist())
        delivered = _shared_rows(minutes, promised, wanted)
        new = delivered if fresh is minutes else [tuple(line) for line in fresh.tolist()]
        entry = -60 * policy.setup_cost
        return [
            Option(
                person=people[row].id,
                demand=demand.id,
                share_e4=place.share_e4,
                shift=place.shift,
                lo=place.lo,
                hi=place.hi,
                shortest=place.shortest,
                minutes=delivered[i],
                promised=wanted,
                gain=tuple(line),
                fresh=new[i],
                entry=0 if row in known else entry,
                min_coverage_e4=demand.min_coverage_e4,
                pin=pin,
            )
            for i, (row, line) in enumerate(zip(rows.tolist(), gain.tolist(), strict=True))
        ]

    def _minutes_now(self, place: _Place, rows: Rows, known: set[int]) -> Numbers:
        """Minutes of the plan in force, which only ``known`` people have on the demand."""
        now = np.zeros((len(rows), place.hi - place.lo + 1), dtype=np.int64)
        for i, row in enumerate(rows.tolist()):
            if row in known:
                minutes = self._terms.current_minutes(self._terms.problem.people[row].id, place.demand.id)
                assert minutes is not None
                now[i] = minutes[place.periods]
        return now


def _shared_rows(minutes: Numbers, promised: Numbers, wanted: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The matrix by row; whoever delivers all that is promised shares one tuple, which most people do."""
    full = (minutes == promised).all(axis=1).tolist()
    return [wanted if is_full else tuple(line) for is_full, line in zip(full, minutes.tolist(), strict=True)]
