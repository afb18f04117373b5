"""
One person's side of the certificate: the runs that may be chosen, what is decided by pinned runs, and what room is left.

A frozen run whose end is open is split in two: the part until the last frozen period is decided, the rest is a run that may be
chosen like any other. What no schedule could gain from is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.problem import E4
from solver_models.staffing.verify_cuts import cuts_of
from solver_models.staffing.verify_objective import net_rate
from solver_models.staffing.verify_options import ranges
from solver_models.staffing.verify_rules import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver_models.staffing.problem import Person
    from solver_models.staffing.verify_cuts import Cut
    from solver_models.staffing.verify_ledger import Pin, Unit
    from solver_models.staffing.verify_options import Numbers, PriceBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """What minutes outside the band cost: ``cost`` each below ``low`` and above ``high``; ``booked`` are decided."""

    cost: int
    low: int
    high: int
    booked: int

    def worth(self, minutes: int) -> int:
        """What this many minutes beside the booked ones bring: 0 or less."""
        total = self.booked + minutes
        return -self.cost * (max(0, self.low - total) + max(0, total - self.high))


@dataclass(frozen=True, slots=True)
class Way:
    """How a run works on a demand, and what else it decides."""

    pair: str
    """The demand; a person has at most one run on it."""
    unit: Unit
    shift: int
    project: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """
    The runs a person may choose from, one entry of the arrays each; values are in ten-thousandths of Z.

    ``constant`` is what no choice changes, ``room`` the minutes left by period, ``places`` the runs left by period (``None``: any
    number), ``fees`` what the first run on a project costs (negative: brings).
    """

    constant: int
    room: tuple[int, ...]
    places: tuple[int, ...] | None
    fairness: Fairness | None
    fees: Mapping[str, int]
    ways: tuple[Way, ...]
    minutes: Numbers
    """By way and period."""
    worth: Numbers
    """By way and period, of a run that has begun."""
    once: Numbers
    """What a run costs once, by way."""
    way: Numbers
    first: Numbers
    last: Numbers
    value: Numbers
    cuts: tuple[Cut, ...] = ()
    """What every second run on some demands pays; not part of the values."""


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of some ways; the arrays are those of ``Offers``."""

    ways: tuple[Way, ...]
    minutes: Numbers
    worth: Numbers
    once: Numbers
    way: Numbers
    first: Numbers
    last: Numbers
    value: Numbers


class PersonReader:
    """Reads one person of a price book."""

    def __init__(self, book: PriceBook, person: Person) -> None:
        self._book, self._ledger, self._person = book, book.ledger, person
        self._policy = book.ledger.problem.policy
        self._pins = book.pins.get(person.id, ())
        self._current = book.current.get(person.id, {})
        self._groups = book.groups.get(person.id, {})
        capacity = np.array(person.capacity, dtype=book.whole)
        relaxed = self._by_period({t: book.used.minutes[person.id, t] for t in range(book.ledger.horizon)})
        # Where pinned runs exceed the capacity, the period's minutes are decided and no minute of it is idle.
        self._idle = np.where(relaxed > capacity, 0, person.idle_cost).astype(book.whole)
        self._capacity, self._limit = capacity, np.maximum(capacity, relaxed)
        usual = capacity if person.usual is None else np.array(person.usual, dtype=book.whole)
        # No usual capacity, or less than there is, counts as nobody absent.
        self._absent = usual > capacity
        self._usual = np.where(self._absent, usual, 1)

    def offers(self) -> Offers:
        """Everything the person could do, and what is decided."""
        decided = [self._of_pin(pin, pin.run.first, pin.last_low) for pin in self._pins]
        booked = sum((minutes for minutes, _ in decided), start=self._by_period({}))
        paid = {self._ledger.project_of(pin.run) for pin in self._pins}
        fees = {project: price for project, price in self._groups.items() if price and project not in paid}
        fairness = self._fairness(int(booked.sum()))
        room = self._limit - booked
        runs = [self._rest(pin) for pin in self._pins if pin.last_high > pin.last_low] + [self._free()]
        ways = [way for part in runs for way in part.ways]
        offset = np.cumsum([0, *(len(part.ways) for part in runs)])
        offers = _worthwhile(
            Offers(
                constant=self._constant(sum(int(worth.sum()) for _, worth in decided), paid),
                room=tuple(room.tolist()),
                places=self._places(),
                fairness=fairness,
                fees=fees,
                ways=tuple(ways),
                minutes=np.concatenate([part.minutes for part in runs]),
                worth=np.concatenate([part.worth for part in runs]),
                once=np.concatenate([part.once for part in runs]),
                way=np.concatenate([part.way + at for part, at in zip(runs, offset[:-1], strict=True)]),
                first=np.concatenate([part.first for part in runs]),
                last=np.concatenate([part.last for part in runs]),
                value=np.concatenate([part.value for part in runs]),
            )
        )
        return self._with_cuts(offers) if self._book.cuts else offers

    def _with_cuts(self, offers: Offers) -> Offers:
        chosen_from = {offers.ways[way].pair for way in set(offers.way.tolist())}
        return replace(offers, cuts=cuts_of(self._book.cuts, self._person.id, chosen_from))

    def _constant(self, worth: int, paid: set[str]) -> int:
        """Value of what is decided, and of having nothing else: idle hours, and the loss of the plan in force."""
        value = worth - sum(price for project, price in self._groups.items() if project in paid)
        value -= E4 * int((self._idle * self._capacity).sum())
        value -= E4 * self._policy.churn_cost * sum(sum(minutes.values()) for minutes in self._current.values())
        return value - sum(self._entry(pin.run.demand) for pin in self._pins)

    def _entry(self, demand: str) -> int:
        """What a run on the demand costs once."""
        new = demand not in self._current
        return E4 * (self._book.prices.heads.get(demand, 0) + (60 * self._policy.setup_cost if new else 0))

    def _fairness(self, booked: int) -> Fairness | None:
        """The band, if any schedule could be outside of it."""
        person, capacity = self._person, sum(self._person.capacity)
        low, high = person.band if person.band is not None else self._policy.band
        least, most = low * capacity // E4, -(-high * capacity // E4)
        if self._policy.fairness_cost and (least > booked or most < int(self._limit.sum())):
            return Fairness(cost=E4 * self._policy.fairness_cost, low=least, high=most, booked=booked)
        return None

    def _places(self) -> tuple[int, ...] | None:
        """Runs beside the decided ones that each period still takes."""
        most = self._person.max_demands
        if most is None:
            return None
        taken = [sum(pin.run.first <= t <= pin.last_low for pin in self._pins) for t in range(self._ledger.horizon)]
        lifted = self._book.used.runs
        return tuple(max(most, lifted[self._person.id, t]) - used for t, used in enumerate(taken))

    def _of_pin(self, pin: Pin, first: int, last: int) -> tuple[Numbers, Numbers]:
        """Minutes and worth by period of a stretch of a pinned run; it pays the prices of its unit's only shift."""
        run, share, periods = replace(pin.run, last=last), self._book.prices.share, range(first, last + 1)
        minutes = self._by_period({t: self._ledger.minutes(run, t) for t in periods})
        (shift,) = self._ledger.unit_shifts(self._ledger.unit_of(run.demand))
        price = self._by_period({t: run.share_e4 * share.get((run.demand, shift, t), 0) for t in periods})
        counted = (self._person.id, run.demand) not in self._ledger.fixed_pairs
        return minutes, self._worth(minutes, price, run.demand, counted=counted)

    def _worth(self, minutes: Numbers, price: Numbers, demand: str, *, counted: bool = True) -> Numbers:
        """Worth by period of a run that has started; ``minutes`` may have several rows."""
        rate = net_rate(self._person, self._ledger.demands[demand])
        worth = E4 * minutes * (rate + self._idle) - price
        kept: Numbers = worth - E4 * self._change(minutes, demand, counted=counted)
        return kept

    def _change(self, minutes: Numbers, demand: str, *, counted: bool) -> Numbers:
        """Cost of changed and price of new minutes, against what is lost with the plan in force anyway."""
        before = self._by_period(self._current.get(demand, {}))
        change = self._policy.churn_cost * (abs(minutes - before) - before)
        return change + self._book.prices.fresh * np.maximum(minutes - before, 0) if counted else change

    def _by_period(self, amounts: Mapping[int, int]) -> Numbers:
        return np.array([amounts.get(t, 0) for t in range(self._ledger.horizon)], dtype=self._book.whole)

    def _rest(self, pin: Pin) -> _Runs:
        """Ways to go on with a frozen run after the last frozen period."""
        run, after = pin.run, pin.last_low + 1
        minutes, worth = self._of_pin(pin, after, pin.last_high)
        # Its pair and shift bind nobody: the unit has no other shift, and the person no other run on the demand.
        way = Way(run.demand, ("pinned", run.demand), 0, self._ledger.project_of(run))
        last = np.arange(after, pin.last_high + 1)
        first = np.full_like(last, after)
        once = np.zeros(1, dtype=self._book.whole)
        value = np.cumsum(worth)[last]
        return _Runs((way,), minutes[None], worth[None], once, np.zeros_like(last), first, last, value)

    def _eligible(self) -> list[int]:
        """Indexes of demands that the person may work on (rule 1) without being pinned to them."""
        book, person = self._book, self._person
        held = np.array([person.skills.get(skill, 0) for skill in book.skills], dtype=np.int64)
        able = np.flatnonzero((book.levels <= held).all(axis=1)).tolist()
        pinned = {pin.run.demand for pin in self._pins}
        return [n for n in able if book.demands[n].id not in pinned and not any(refusals(person, book.demands[n]))]

    def _free(self) -> _Runs:
        """All runs that keep rules 1 and 4."""
        book, options = self._book, self._book.options
        eligible = self._eligible()
        rows = np.flatnonzero(np.isin(options.demand, eligible))
        wanted, of = options.wanted_e4[rows], options.demand[rows]
        minutes = np.where(self._absent, wanted * self._capacity // (E4 * self._usual), wanted // E4)
        minutes = np.minimum(minutes, self._capacity)
        worth, entry = self._worth_of_rows(minutes, options.price[rows], of)
        lengths, least, start = (column[rows].tolist() for column in (options.length, options.least, options.first))
        spans = [ranges(length, shortest) for length, shortest in zip(lengths, least, strict=True)]
        way = np.repeat(np.arange(len(rows)), [len(first) for first, _ in spans])
        first = np.concatenate([np.zeros(0, dtype=np.int64), *(span[0] + at for span, at in zip(spans, start, strict=True))])
        last = np.concatenate([np.zeros(0, dtype=np.int64), *(span[1] + at for span, at in zip(spans, start, strict=True))])
        value = _over(worth, way, first, last) - entry[way]
        runs = _Runs(self._ways(rows), minutes, worth, entry, way, first, last, value)
        return _covered(runs, wanted // E4, np.array([book.demands[n].min_coverage_e4 for n in of], dtype=book.whole))

    def _worth_of_rows(self, minutes: Numbers, price: Numbers, of: Numbers) -> tuple[Numbers, Numbers]:
        """Worth by period of each way, and what a run of it costs once."""
        book, person = self._book, self._person
        known = {n: book.demands[n] for n in sorted(set(of.tolist()))}
        rates = {n: net_rate(person, demand) for n, demand in known.items()}
        once = {n: self._entry(demand.id) for n, demand in known.items()}
        rate = np.array([rates[n] for n in of.tolist()], dtype=book.whole)
        worth = E4 * minutes * (rate[:, None] + self._idle) - price
        if book.prices.fresh:
            worth = worth - E4 * book.prices.fresh * minutes
        for n in (n for n, demand in known.items() if demand.id in self._current):
            mine = of == n
            worth[mine] = self._worth(minutes[mine], price[mine], known[n].id)
        if self._policy.churn_cost:
            fresh = np.array([known[n].id not in self._current for n in of.tolist()], dtype=bool)
            worth[fresh] -= E4 * self._policy.churn_cost * minutes[fresh]
        return worth, np.array([once[n] for n in of.tolist()], dtype=book.whole)

    def _ways(self, rows: Numbers) -> tuple[Way, ...]:
        demands, options = self._book.demands, self._book.options
        unit_of = self._ledger.unit_of
        named = [(demands[n], shift) for n, shift in zip(options.demand[rows].tolist(), options.shift[rows].tolist(), strict=True)]
        return tuple([Way(d.id, unit_of(d.id), shift, d.project) for d, shift in named])


def _over(amounts: Numbers, way: Numbers, first: Numbers, last: Numbers) -> Numbers:
    """The sum of each way's amounts from first to last."""
    sums = np.zeros((amounts.shape[0], amounts.shape[1] + 1), dtype=amounts.dtype)
    np.cumsum(amounts, axis=1, out=sums[:, 1:])
    over: Numbers = sums[way, last + 1] - sums[way, first]
    return over


def _covered(runs: _Runs, promised: Numbers, coverage: Numbers) -> _Runs:
    """The runs that deliver a minute and enough of what they promise."""
    delivered = _over(runs.minutes, runs.way, runs.first, runs.last)
    enough = delivered * E4 >= coverage[runs.way] * _over(promised, runs.way, runs.first, runs.last)
    keeps = (delivered > 0) & enough
    return replace(runs, way=runs.way[keeps], first=runs.first[keeps], last=runs.last[keeps], value=runs.value[keeps])


def _worthwhile(offers: Offers) -> Offers:
    """Without the runs that fit in no schedule or could add to none: worth nothing, even with all that hangs on them."""
    hopes = np.array([max(0, -offers.fees.get(way.project, 0)) for way in offers.ways], dtype=offers.value.dtype)
    value = offers.value + hopes[offers.way]
    if offers.fairness is not None:
        value = value + offers.fairness.cost * _over(offers.minutes, offers.way, offers.first, offers.last)
    blocked = offers.minutes > np.array(offers.room, dtype=offers.minutes.dtype)
    if offers.places is not None:
        blocked = blocked | (np.array(offers.places) < 1)
    kept = np.flatnonzero((value > 0) & (_over(blocked.astype(np.int64), offers.way, offers.first, offers.last) == 0))
    return replace(offers, way=offers.way[kept], first=offers.first[kept], last=offers.last[kept], value=offers.value[kept])
