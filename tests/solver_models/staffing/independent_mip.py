"""The best objective of staffing problems by a mixed-integer program that resembles the package's model as little as possible.

Where the model has one Boolean per run, this has one per person, demand, share, shift and *period*, and a run is whatever has a single begin.
A program of its own, because HiGHS and ortools do not get along in one process: reads ``{"problems": [staffing-problem/1, ...]}`` from
standard input and writes ``{"objectives_x60": [number, or null where the fixed runs contradict each other]}``.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.solver_models.staffing.independent_mip_program import Program
from tests.solver_models.staffing.independent_mip_reading import SHARE_UNITS, Reading, pair_of, whole_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.solver_models.staffing.independent_mip_program import Term
    from tests.solver_models.staffing.independent_mip_reading import Item, Pair


def best_objective_x60(problem: dict[str, Any]) -> int | None:
    """The optimum in minor units x 60, or ``None`` where the ``fixed`` runs contradict each other."""
    reading = Reading(problem)
    if reading.contradictory():
        return None
    formulation = _Formulation(reading)
    formulation.build()
    return formulation.program.maximum()


@dataclass(slots=True, kw_only=True)
class _Work:
    """A person at work on a demand with one share and shift: a column per period, and 1 where a pinned run leaves no choice."""

    pair: Pair
    share: Any
    shift: int
    present: int | None
    """The column that says the run is there; ``None`` when it must be."""
    on: dict[int, int] = field(default_factory=dict)
    always_on: tuple[int, ...] = ()

    @property
    def person(self) -> str:
        return self.pair[0]

    @property
    def demand(self) -> str:
        return self.pair[1]


class _Sum:
    """Columns and a constant."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.constant = 0

    def add(self, amount: int, column: int | None) -> None:
        if column is None:
            self.constant += amount
        else:
            self.terms.append((amount, column))


class _Formulation:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.program = Program()
        self.works: list[_Work] = []
        self.unit_of = {demand: unit for unit, members in reading.units.items() for demand in members}
        self.moved: dict[tuple[str, int], int] = {}
        self.is_fixed = {pair_of(run) for run in reading.fixed}

    def build(self) -> None:
        self._add_shifts()
        self._add_pinned()
        self._add_free()
        self._add_people()
        self._add_demands()
        self._add_new_minutes()
        self._add_projects()

    def _add_shifts(self) -> None:
        for unit, shifts in self.reading.shifts.items():
            for shift in shifts:
                self.moved[unit, shift] = self.program.binary()
            self.program.row([(1, self.moved[unit, shift]) for shift in shifts], least=1 if shifts else 0, most=1)

    def _worth(self, work: _Work, period: int) -> int:
        """What it changes in the objective to be on in a period, idle hours and fairness apart."""
        minutes = self._minutes(work, period)
        now = self.reading.now(work.pair, period)
        churn: int = self.reading.policy.get("churn_cost", 0) * (abs(minutes - now) - now)
        return minutes * self.reading.hour_worth(*work.pair) - churn

    def _minutes(self, work: _Work, period: int) -> int:
        return self.reading.minutes(work.person, work.demand, work.share, period, work.shift)

    def _setup(self, pair: Pair) -> int:
        return 0 if pair in self.reading.current else -60 * int(self.reading.policy.get("setup_cost", 0))

    def _add_pinned(self) -> None:
        for run in self.reading.fixed:
            self._pin(run, range(run["first"], run["last"] + 1), range(0))
        n = self.reading.n
        for run in self.reading.frozen:
            if run["last"] < n - 1:
                self._pin(run, range(run["first"], run["last"] + 1), range(0))
                continue
            ends = [run["last"]]
            if run["demand"] in self.reading.window:
                ends.append(self.reading.window[run["demand"]][1] + run.get("shift", 0))
            self._pin(run, range(run["first"], n), range(n, min(max(ends) + 1, self.reading.horizon)))

    def _pin(self, run: Item, kept: range, open_: range) -> None:
        work = _Work(pair=pair_of(run), share=run["share"], shift=run.get("shift", 0), present=None, always_on=tuple(kept))
        self.program.constant += self._setup(work.pair) + sum(self._worth(work, period) for period in kept)
        before = None
        for period in open_:
            work.on[period] = self.program.binary(self._worth(work, period))
            if before is not None:
                self.program.row([(1, work.on[period]), (-1, before)], most=0)
            before = work.on[period]
        self.works.append(work)

    def _add_free(self) -> None:
        for person in self.reading.people:
            for demand in self.reading.window:
                if (person, demand) in self.reading.pinned_pairs or not self.reading.qualified(person, demand):
                    continue
                self.program.row([(1, column) for column in self._works_on(person, demand)], most=1)

    def _works_on(self, person: str, demand: str) -> Iterator[int]:
        """One piece of work for every share and shift; yields their presence."""
        unit = self.unit_of[demand]
        for shift in self.reading.shifts[unit]:
            start, end = self.reading.window[demand]
            periods = range(max(start + shift, self.reading.n), end + shift + 1)
            if not periods or not self.reading.fits(demand, shift):
                continue
            for share in set(self.reading.demands[demand].get("shares", [1])):
                present = self.program.binary(self._setup((person, demand)))
                work = _Work(pair=(person, demand), share=share, shift=shift, present=present)
                self._add_run(work, periods)
                self.program.row([(1, present), (-1, self.moved[unit, shift])], most=0)
                self.works.append(work)
                yield present

    def _add_run(self, work: _Work, periods: range) -> None:
        """On in consecutive periods: exactly one begin; long enough, worth a minute, and not shortened too much by absences."""
        assert work.present is not None
        what = self.reading.demands[work.demand]
        begins = []
        for period in periods:
            on, begin = self.program.binary(self._worth(work, period)), self.program.binary()
            work.on[period] = on
            begins.append(begin)
            self.program.row([(1, on), (-1, work.present)], most=0)
            before = [(-1, work.on[period - 1])] if period - 1 in work.on else []
            self.program.row([(1, on), (-1, begin), *before], most=0)
        self.program.row([*((1, begin) for begin in begins), (-1, work.present)], least=0, most=0)
        first, last = self.reading.window[work.demand]
        shortest = max(1, min(what.get("min_run", last - first + 1), len(periods)))
        self.program.row([*((1, on) for on in work.on.values()), (-shortest, work.present)], least=0)
        minutes = {period: self._minutes(work, period) for period in periods}
        self.program.row([*((minutes[period], on) for period, on in work.on.items()), (-1, work.present)], least=0)
        coverage = whole_share(what.get("min_coverage", Decimal("0.8")))
        promised = {period: self.reading.promised(work.demand, work.share, period, work.shift) for period in periods}
        self.program.row([(SHARE_UNITS * minutes[period] - coverage * promised[period], on) for period, on in work.on.items()], least=0)

    def _add_people(self) -> None:
        for person, who in self.reading.people.items():
            booked = _Sum()
            for period in range(self.reading.horizon):
                self._add_person_period(person, who, period, booked)
            low, high = self.reading.band(person)
            cost = -self.reading.policy.get("fairness_cost", 0)
            if cost:
                under, over = self.program.amount(cost), self.program.amount(cost)
                self.program.row([*booked.terms, (1, under)], least=low - booked.constant)
                self.program.row([*booked.terms, (-1, over)], most=high - booked.constant)
            lost = sum(
                self.reading.now((person, demand), period) for demand in self.reading.demands for period in range(self.reading.horizon)
            )
            self.program.constant -= self.reading.policy.get("churn_cost", 0) * lost

    def _add_person_period(self, person: str, who: Item, period: int, booked: _Sum) -> None:
        minutes, runs = _Sum(), _Sum()
        for work in self.works:
            if work.person == person and (period in work.on or period in work.always_on):
                minutes.add(self._minutes(work, period), work.on.get(period))
                runs.add(1, work.on.get(period))
        pins = [run for run in self.reading.pins_at(period) if run["person"] == person]
        capacity = who["capacity"][period]
        most = max(capacity, sum(self.reading.minutes_of(run, period) for run in pins))
        self.program.row(minutes.terms, most=most - minutes.constant)
        if "max_demands" in who:
            self.program.row(runs.terms, most=max(who["max_demands"], len(pins)) - runs.constant)
        if who.get("idle_cost", 0):
            idle = self.program.amount(-who["idle_cost"])
            self.program.row([*minutes.terms, (1, idle)], least=capacity - minutes.constant)
        booked.terms.extend(minutes.terms)
        booked.constant += minutes.constant

    def _add_demands(self) -> None:
        for demand, what in self.reading.demands.items():
            works = [work for work in self.works if work.demand == demand]
            for period in range(self.reading.horizon):
                shares = _Sum()
                for work in works:
                    if period in work.on or period in work.always_on:
                        shares.add(whole_share(work.share), work.on.get(period))
                pins = sum(whole_share(run["share"]) for run in self.reading.pins_at(period) if run["demand"] == demand)
                self.program.row(shares.terms, most=max(SHARE_UNITS, pins) - shares.constant)
            pinned = sum(name == demand for _, name in self.reading.pinned_pairs)
            people = [(1, work.present) for work in works if work.present is not None]
            self.program.row(people, most=max(what.get("max_people", 1), pinned) - pinned)

    def _add_new_minutes(self) -> None:
        most = self.reading.policy.get("max_churn_minutes")
        if most is None:
            return
        new = _Sum()
        for work in self.works:
            if work.pair not in self.is_fixed:
                for period in (*work.on, *work.always_on):
                    extra = max(0, self._minutes(work, period) - self.reading.now(work.pair, period))
                    new.add(extra, work.on.get(period))
        self.program.row(new.terms, most=most - new.constant)

    def _add_projects(self) -> None:
        for project, what in self.reading.projects.items():
            members = [name for name, demand in self.reading.demands.items() if demand["project"] == project]
            pinned = {person for person, demand in self.reading.pinned_pairs if demand in members}
            there = self._people_there(members, pinned)
            for group in what.get("apart", []):
                free = [(1, there[person]) for person in group if person in there]
                already = len(pinned.intersection(group))
                self.program.row(free, most=max(1, already) - already)
            if project in self.reading.pinned_projects:
                continue
            for group in what.get("together", []):
                for person in group[1:]:
                    both = [(sign, there[name]) for sign, name in ((1, person), (-1, group[0])) if name in there]
                    self.program.row(both, least=0, most=0)
            if what.get("all_or_nothing", False):
                self._add_all_or_nothing([name for name in members if name in self.reading.window])

    def _people_there(self, members: list[str], pinned: set[str]) -> dict[str, int]:
        """A column per person who may join the project beside those who are pinned to it."""
        present: dict[str, list[int]] = defaultdict(list)
        for work in self.works:
            if work.demand in members and work.present is not None and work.person not in pinned:
                present[work.person].append(work.present)
        there = {}
        for person, columns in present.items():
            there[person] = self.program.binary()
            for column in columns:
                self.program.row([(1, column), (-1, there[person])], most=0)
            self.program.row([*((-1, column) for column in columns), (1, there[person])], most=0)
        return there

    def _add_all_or_nothing(self, members: list[str]) -> None:
        whole = self.program.binary()
        for demand in members:
            works = [work for work in self.works if work.demand == demand]
            for work in works:
                assert work.present is not None
                self.program.row([(1, work.present), (-1, whole)], most=0)
            self.program.row([*((1, work.present) for work in works if work.present is not None), (-1, whole)], least=0)
            unit = self.unit_of[demand]
            for shift in self.reading.shifts[unit]:
                for period in range(self.reading.n, self.reading.horizon):
                    if self.reading.effort(demand, period, shift) == 0:
                        continue
                    shares = [(whole_share(work.share), work.on[period]) for work in works if work.shift == shift and period in work.on]
                    full = 9_900
                    self.program.row([*shares, (-full, whole), (-full, self.moved[unit, shift])], least=-full)


def main() -> None:
    """HiGHS now and then prints a line of its own to standard output: it is sent to standard error, and the answer alone leaves here."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        asked = json.load(sys.stdin, parse_float=Decimal)
        json.dump({"objectives_x60": [best_objective_x60(problem) for problem in asked["problems"]]}, out)


if __name__ == "__main__":
    main()
