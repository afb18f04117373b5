"""A plan under construction: what is booked, what is left of every limit, and what still fits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.problem import Run


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
        self._minutes: Counter[tuple[str, int]] = Counter()
        self._runs: Counter[tuple[str, int]] = Counter()
        self._share: Counter[tuple[str, int]] = Counter()
        self._people: Counter[str] = Counter()
        self._on_project: Counter[tuple[str, str]] = Counter()
        self._unit_runs: Counter[tuple[str, int]] = Counter()
        self._fresh = 0
        for option in columns.options:
            if option.pin is not None:
                self.add(Booked(option, option.lo, option.pin.last_min))

    def add(self, booked: Booked) -> None:
        """Book a run; the caller has made sure that it fits."""
        self._count(booked, 1)
        self.booked[booked.option.person, booked.option.demand] = booked

    def remove(self, booked: Booked) -> None:
        """Take a run back."""
        self._count(booked, -1)
        del self.booked[booked.option.person, booked.option.demand]

    def _count(self, booked: Booked, sign: int) -> None:
        o = booked.option
        for t in range(booked.first, booked.last + 1):
            self._minutes[o.person, t] += sign * o.minutes[t - o.lo]
            self._runs[o.person, t] += sign
            self._share[o.demand, t] += sign * o.share_e4
            self._fresh += sign * o.fresh[t - o.lo]
        self._people[o.demand] += sign
        self._on_project[o.person, self._project(o)] += sign
        if o.pin is None:
            self._unit_runs[self.columns.terms.unit_of[o.demand], o.shift] += sign

    def _project(self, option: Option) -> str:
        return self.columns.terms.demands[option.demand].project

    def people_on(self, demand: str) -> int:
        """Runs booked on a demand."""
        return self._people[demand]

    def works_on(self, person: str, project: str) -> bool:
        """Whether the person has a run on the project."""
        return self._on_project[person, project] > 0

    def share_e4(self, demand: str, t: int) -> int:
        """Share of a demand's period that is taken."""
        return self._share[demand, t]

    def free_min(self, person: str, t: int) -> int:
        """Minutes left of a person's period; negative never, as pinned runs raise the limit."""
        return self.columns.capacity_limit(self.columns.terms.people[person], t) - self._minutes[person, t]

    def blocking_rule(self, option: Option) -> str | None:
        """The rule that bars the option whatever its periods, as booked so far; ``None`` when none does."""
        terms = self.columns.terms
        demand = terms.demands[option.demand]
        if (option.person, option.demand) in self.booked:
            return "one_run"
        if self._people[demand.id] >= self.columns.people_limit(demand):
            return "max_people"
        unit = terms.unit_of[demand.id]
        if any(n > 0 and u == unit and s != option.shift for (u, s), n in self._shifts_of(unit)):
            return "shift"
        if not self.works_on(option.person, demand.project) and self._apart_is_full(option.person, demand.project):
            return "apart"
        return None

    def _shifts_of(self, unit: str) -> Iterable[tuple[tuple[str, int], int]]:
        return (((unit, s), self._unit_runs[unit, s]) for s in self.columns.shifts[unit])

    def _apart_is_full(self, person: str, project: str) -> bool:
        listed = self.columns.terms.projects.get(project)
        groups = () if listed is None else listed.apart
        for g, group in enumerate(groups):
            limit = max(1, self.columns.used.apart.get((project, g), 0))
            if person in group and sum(self.works_on(p, project) for p in group) >= limit:
                return True
        return False

    def obstacle(self, option: Option, t: int) -> str | None:
        """What bars the option in period ``t``: ``effort`` (the share is taken), ``capacity``, ``max_demands`` or nothing."""
        columns = self.columns
        person = columns.terms.people[option.person]
        if self._share[option.demand, t] + option.share_e4 > columns.share_limit_e4(option.demand, t):
            return "effort"
        if option.minutes[t - option.lo] > self.free_min(option.person, t):
            return "capacity"
        if person.max_demands is not None:
            limit = max(person.max_demands, columns.used.runs.get((person.id, t), 0))
            if self._runs[person.id, t] >= limit:
                return "max_demands"
        return None

    def best_fit(self, option: Option) -> Booked | None:
        """The most valuable run of the option that fits beside what is booked; ``None`` when none does."""
        if self.blocking_rule(option) is not None:
            return None
        churn_left = self.churn_left()
        best: Booked | None = None
        best_gain = 0
        for first, last in self.open_intervals(option):
            if churn_left is not None and sum(option.fresh[first - option.lo : last - option.lo + 1]) > churn_left:
                continue
            gain = option.run_gain(first, last)
            if best is None or gain > best_gain:
                best, best_gain = Booked(option, first, last), gain
        return best

    def fits(self, booked: Booked) -> bool:
        """Whether the run fits beside what is booked."""
        o = booked.option
        if self.blocking_rule(o) is not None or any(self.obstacle(o, t) is not None for t in range(booked.first, booked.last + 1)):
            return False
        left = self.churn_left()
        return left is None or sum(o.fresh[booked.first - o.lo : booked.last - o.lo + 1]) <= left

    def open_intervals(self, option: Option) -> Iterator[tuple[int, int]]:
        """The option's runs in none of whose periods anything stands in the way."""
        open_until = self._open_stretches(option)
        return ((first, last) for first, last in option.intervals() if last <= open_until[first - option.lo])

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
        return tuple(sorted(b.run for b in self.booked.values()))


def objective_x60(columns: Columns, runs: Iterable[Run]) -> int:
    """Z of a plan whose runs all are runs of options."""
    option_of = {(o.person, o.demand, o.share_e4, o.shift): o for o in columns.options}
    schedules: dict[str, list[tuple[Option, int, int]]] = {p.id: [] for p in columns.problem.people}
    for r in runs:
        schedules[r.person].append((option_of[r.person, r.demand, r.share_e4, r.shift], r.first, r.last))
    return sum(columns.person_objective(p, schedules[p.id]) for p in columns.problem.people)
