"""A plan under construction: what is booked, what is left of every limit, and what still fits."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter, le
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.problem import Run

_ORDER = attrgetter("person", "demand", "share_e4", "first", "last", "shift")
"""The order of runs, without comparing runs themselves: that is ten times slower."""


@dataclass(frozen=True, slots=True, eq=False)
class Booked:
    """An option with the interval it runs in."""

    option: Option
    first: int
    last: int

    @property
    def run(self) -> Run:
        """The run."""
        return self.option.run(self.first, self.last)

    @property
    def gain(self) -> int:
        """What it adds to Z, fairness apart."""
        return self.option.run_gain(self.first, self.last)

    @property
    def minutes(self) -> int:
        """Minutes it delivers."""
        return sum(self.option.minutes[self.first - self.option.lo : self.last - self.option.lo + 1])


class Roster:
    """Runs that keep rules 1 to 6 and ``apart``, beginning with the pinned ones; ``together`` and rule 8 are its user's."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.booked: dict[tuple[str, str], Booked] = {}
        self._on_demand: defaultdict[str, dict[str, Booked]] = defaultdict(dict)
        self._free_min = {p.id: columns.capacity_limits(p) for p in columns.problem.people}
        self._free_share = {d.id: columns.share_limits_e4(d.id) for d in columns.problem.demands}
        self._runs: defaultdict[str, list[int]] = defaultdict(lambda: [0] * columns.terms.horizon)
        self._on_project: Counter[tuple[str, str]] = Counter()
        self._unit_runs: Counter[tuple[str, int]] = Counter()
        self._fresh = 0
        for option in columns.pinned_options:
            assert option.pin is not None
            self.add(Booked(option, option.lo, option.pin.last_min))

    def add(self, booked: Booked) -> None:
        """Book a run; the caller has made sure that it fits."""
        o = booked.option
        self._count(booked, 1)
        self.booked[o.person, o.demand] = booked
        self._on_demand[o.demand][o.person] = booked

    def remove(self, booked: Booked) -> None:
        """Take a run back."""
        o = booked.option
        self._count(booked, -1)
        del self.booked[o.person, o.demand]
        del self._on_demand[o.demand][o.person]

    def _count(self, booked: Booked, sign: int) -> None:
        o = booked.option
        free_min, free_share, runs = self._free_min[o.person], self._free_share[o.demand], self._runs[o.person]
        for t in range(booked.first, booked.last + 1):
            free_min[t] -= sign * o.minutes[t - o.lo]
            free_share[t] -= sign * o.share_e4
            runs[t] += sign
            self._fresh += sign * o.fresh[t - o.lo]
        self._on_project[o.person, self._project(o)] += sign
        if o.pin is None:
            self._unit_runs[self.columns.terms.unit_of[o.demand], o.shift] += sign

    def _project(self, option: Option) -> str:
        return self.columns.terms.demands[option.demand].project

    def on_demand(self, demand: str) -> list[Booked]:
        """What is booked on a demand."""
        return list(self._on_demand[demand].values()) if demand in self._on_demand else []

    def people_on(self, demand: str) -> int:
        """Runs booked on a demand."""
        return len(self._on_demand[demand]) if demand in self._on_demand else 0

    def works_on(self, person: str, project: str) -> bool:
        """Whether the person has a run on the project."""
        return self._on_project[person, project] > 0

    def share_e4(self, demand: str, t: int) -> int:
        """Share of a demand's period that is taken."""
        return self.columns.share_limit_e4(demand, t) - self._free_share[demand][t]

    def free_min(self, person: str, t: int) -> int:
        """Minutes left of a person's period; negative never, as pinned runs raise the limit."""
        return self._free_min[person][t]

    def blocking_rule(self, option: Option) -> str | None:
        """The rule that bars the option whatever its periods, as booked so far; ``None`` when none does."""
        terms = self.columns.terms
        demand = terms.demands[option.demand]
        if (option.person, option.demand) in self.booked:
            return "one_run"
        if self.people_on(demand.id) >= self.columns.people_limit(demand):
            return "max_people"
        unit = terms.unit_of[demand.id]
        shifts = self.columns.shifts[unit]
        if len(shifts) > 1 and any(s != option.shift and self._unit_runs[unit, s] > 0 for s in shifts):
            return "shift"
        return "apart" if self._apart_is_full(option.person, demand.project) else None

    def _apart_is_full(self, person: str, project: str) -> bool:
        listed = self.columns.terms.projects.get(project)
        if listed is None or not listed.apart or self.works_on(person, project):
            return False
        for g, group in enumerate(listed.apart):
            limit = max(1, self.columns.used.apart.get((project, g), 0))
            if person in group and sum(self.works_on(p, project) for p in group) >= limit:
                return True
        return False

    def obstacle(self, option: Option, t: int) -> str | None:
        """What bars the option in period ``t``: ``effort`` (the share is taken), ``capacity``, ``max_demands`` or nothing."""
        if option.share_e4 > self._free_share[option.demand][t]:
            return "effort"
        if option.minutes[t - option.lo] > self._free_min[option.person][t]:
            return "capacity"
        limit = self._runs_limit(option.person, t)
        return "max_demands" if limit is not None and self._runs[option.person][t] >= limit else None

    def _runs_limit(self, person: str, t: int) -> int | None:
        limit = self.columns.terms.people[person].max_demands
        return None if limit is None else max(limit, self.columns.used.runs.get((person, t), 0))

    def has_share(self, option: Option, first: int, last: int) -> bool:
        """Whether the option's share is left of its demand in every period from ``first`` to ``last``."""
        return min(self._free_share[option.demand][first : last + 1]) >= option.share_e4

    def lacking(self, booked: Booked) -> tuple[dict[int, int], list[int]]:
        """What its person lacks for the run: minutes by period, and periods that have as many runs as they may."""
        o, span = booked.option, range(booked.first, booked.last + 1)
        free, runs = self._free_min[o.person], self._runs[o.person]
        minutes = {t: lack for t in span if (lack := o.minutes[t - o.lo] - free[t]) > 0}
        if self.columns.terms.people[o.person].max_demands is None:
            return minutes, []
        return minutes, [t for t in span if (limit := self._runs_limit(o.person, t)) is not None and runs[t] >= limit]

    def is_open(self, option: Option, first: int, last: int) -> bool:
        """Whether nothing bars the option in any period from ``first`` to ``last``."""
        span, part = slice(first, last + 1), slice(first - option.lo, last - option.lo + 1)
        if not self.has_share(option, first, last):
            return False
        # Compared in C: a greedy plan asks this for every option.
        if not all(map(le, option.minutes[part], self._free_min[option.person][span])):
            return False
        if self.columns.terms.people[option.person].max_demands is None:
            return True
        return all(self.obstacle(option, t) is None for t in range(first, last + 1))

    def best_fit(self, option: Option) -> Booked | None:
        """The most valuable run of the option that fits beside what is booked; ``None`` when none does."""
        if self.blocking_rule(option) is not None:
            return None
        if option.is_single:
            found = next(self.open_intervals(option), None)
            return None if found is None or not self._has_churn(option, *found) else Booked(option, *found)
        gained = [0, *accumulate(option.gain)]
        best, best_gain = None, 0
        for first, last in self.open_intervals(option):
            gain = gained[last - option.lo + 1] - gained[first - option.lo]
            if (best is None or gain > best_gain) and self._has_churn(option, first, last):
                best, best_gain = (first, last), gain
        return None if best is None else Booked(option, *best)

    def fits(self, booked: Booked) -> bool:
        """Whether the run fits beside what is booked."""
        o = booked.option
        if self.blocking_rule(o) is not None or not self.is_open(o, booked.first, booked.last):
            return False
        return self._has_churn(o, booked.first, booked.last)

    def _has_churn(self, option: Option, first: int, last: int) -> bool:
        left = self.churn_left()
        return left is None or sum(option.fresh[first - option.lo : last - option.lo + 1]) <= left

    def open_intervals(self, option: Option) -> Iterator[tuple[int, int]]:
        """The option's runs in none of whose periods anything stands in the way."""
        if option.is_single:
            return (interval for interval in option.intervals() if self.is_open(option, *interval))
        return option.intervals(self._open_stretches(option))

    def churn_left(self) -> int | None:
        """New minutes still allowed; ``None`` without a limit."""
        limit = self.columns.problem.policy.max_churn_minutes
        return None if limit is None else limit - self._fresh

    def _open_stretches(self, option: Option) -> list[int]:
        """For each period of the option, the last one up to which nothing bars it (before itself when barred at once)."""
        until = [0] * (option.hi - option.lo + 1)
        end = option.hi
        for t in range(option.hi, option.lo - 1, -1):
            if self.obstacle(option, t) is not None:
                end = t - 1
            until[t - option.lo] = end
        return until

    def runs(self) -> tuple[Run, ...]:
        """All runs booked, sorted."""
        return tuple(sorted((b.run for b in self.booked.values()), key=_ORDER))


def objective_x60(columns: Columns, runs: Iterable[Run]) -> int:
    """Z of a plan whose runs all are runs of options."""
    schedules: defaultdict[str, list[tuple[Option, int, int]]] = defaultdict(list)
    for r in runs:
        schedules[r.person].append((columns.option_of(r), r.first, r.last))
    people = columns.terms.people
    changed = sum(columns.person_objective(people[p], mine) - columns.unbooked_objective(p) for p, mine in schedules.items())
    return columns.unbooked_total + changed
