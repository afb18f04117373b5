"""
Every run that a plan may have, as arrays: what pricing and local search work on.

Runs are ordered by person and, within a person, by first period. A pinned run is in every schedule and therefore not listed; what
may follow a frozen one is: its *extensions*, from the period after its earliest end on. Runs on ``hopeless`` projects are not listed
either.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.kernel.arrays import O_ORIGIN, Arrays
from solver_models.staffing.roster import Booked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.hopeless import Hopeless
    from solver_models.staffing.problem import Project, Run

Ints = NDArray[np.int64]
NO_LIMIT = 1 << 30


class RunTable:
    """The arrays of one problem, and the way from runs to indexes and back."""

    def __init__(self, columns: Columns, hopeless: Mapping[str, Hopeless] | None = None) -> None:
        self.columns = columns
        problem, terms = columns.problem, columns.terms
        self.horizon = terms.horizon
        self.people = [p.id for p in problem.people]
        self.person_index = {p.id: n for n, p in enumerate(problem.people)}
        self.demand_index = {d.id: n for n, d in enumerate(problem.demands)}
        self.row_index = {key: n for n, key in enumerate((d.id, s) for d in problem.demands for s in columns.shifts[terms.unit_of[d.id]])}
        self.pair_index = {key: n for n, key in enumerate((p, j.id) for j in problem.projects for p in _grouped_people(j))}
        self.hopeless = {} if hopeless is None else hopeless
        in_vain = {d.id for project in self.hopeless for d in terms.of_project[project]}
        self.options: list[Option] = [o for p in problem.people for o in columns.by_person.get(p.id, ()) if o.demand not in in_vain]
        self._option_index = {id(o): n for n, o in enumerate(self.options)}
        self.pins = [n for n, o in enumerate(self.options) if o.pin is not None]
        minutes = _ints(chain.from_iterable(o.minutes for o in self.options))
        options, option_at = self._option_columns(), _starts(np.bincount(self._option_people, minlength=len(self.people)))
        runs, run_at = self._run_columns(options, minutes)
        capacity, places, figures = self._person_columns()
        people = np.column_stack((option_at, run_at, np.vstack((figures, np.zeros((1, 4), dtype=np.int64)))))
        self.arrays = Arrays(options, runs, people, minutes, capacity, places)

    @cached_property
    def _option_people(self) -> Ints:
        return _ints(self.person_index[o.person] for o in self.options)

    def _option_columns(self) -> Ints:
        options, terms = self.options, self.columns.terms
        shifts = self.columns.shifts
        choices = {u for u, demands in terms.units.items() if len(shifts[u]) > 1 and len(demands) > 1}
        moved = {key: n for n, key in enumerate((u, s) for u in sorted(choices) for s in shifts[u])}
        units = {u: n for n, u in enumerate(sorted(choices))}
        at, lo = _starts(_ints(len(o.minutes) for o in options)), _ints(o.lo for o in options)
        columns = (
            lo,
            at[:-1] - lo,
            _ints(o.share_e4 for o in options),
            _ints(self.demand_index[o.demand] for o in options),
            _ints(self.row_index.get((o.demand, self._priced_shift(o)), -1) for o in options),
            _ints(-1 if o.pin else units.get(terms.unit_of[o.demand], -1) for o in options),
            _ints(-1 if o.pin else moved.get((terms.unit_of[o.demand], o.shift), -1) for o in options),
            _ints(self.pair_index.get((o.person, terms.demands[o.demand].project), -1) for o in options),
        )
        return np.column_stack((at, *(np.append(column, 0) for column in columns)))

    def _priced_shift(self, option: Option) -> int:
        """A pinned run pays at its unit's only shift, wherever it was moved to itself."""
        return option.shift if option.pin is None else self.columns.shifts[self.columns.terms.unit_of[option.demand]][0]

    def _run_columns(self, options: Ints, minutes: Ints) -> tuple[Ints, Ints]:
        listed = list(chain.from_iterable(self._runs_of(n, o) for n, o in enumerate(self.options)))
        table = np.array(listed, dtype=np.int64).reshape(-1, 6)
        people = self._option_people[table[:, 0]]
        table = table[np.lexsort((table[:, 2], table[:, 0], table[:, 1], people))]
        before, origin = _starts(minutes), options[table[:, 0], O_ORIGIN]
        table = np.column_stack((table, before[origin + table[:, 2] + 1] - before[origin + table[:, 1]]))
        return table, _starts(np.bincount(people, minlength=len(self.people)))

    def _runs_of(self, n: int, o: Option) -> Iterator[tuple[int, int, int, int, int, int]]:
        if o.pin is None and o.is_single:
            yield n, o.lo, o.hi, o.run_gain(o.lo, o.hi), sum(o.fresh), 1
        elif o.pin is None:
            for first, last in o.intervals():
                part = slice(first - o.lo, last - o.lo + 1)
                yield n, first, last, o.entry + sum(o.gain[part]), sum(o.fresh[part]), 1
        else:
            begin = o.pin.last_min + 1
            for last in range(begin, o.hi + 1):
                part = slice(begin - o.lo, last - o.lo + 1)
                yield n, begin, last, sum(o.gain[part]), sum(o.fresh[part]), 0

    def _person_columns(self) -> tuple[Ints, Ints, Ints]:
        columns, people = self.columns, self.columns.problem.people
        capacity = np.array([p.capacity for p in people], dtype=np.int64).reshape(len(people), self.horizon)
        places = np.repeat(_ints(NO_LIMIT if p.max_demands is None else p.max_demands for p in people)[:, None], self.horizon, axis=1)
        for used, limit in ((columns.used.capacity, capacity), (columns.used.runs, places)):
            for (person, t), amount in used.items():
                limit[self.person_index[person], t] = max(limit[self.person_index[person], t], amount)
        base, booked = _ints(columns.base(p) for p in people), np.zeros(len(people), dtype=np.int64)
        for pinned in self.pinned_runs():
            p, part = self.person_index[pinned.option.person], slice(pinned.first, pinned.last + 1)
            capacity[p, part] -= pinned.option.minutes[: pinned.last - pinned.first + 1]
            places[p, part] -= 1
            base[p] += pinned.gain
            booked[p] += pinned.minutes
        fair = [columns.fair_minutes(p) for p in people]
        low, high = _ints(low for low, _ in fair), _ints(high for _, high in fair)
        return capacity, places, np.column_stack((base, booked, low, high))

    def pinned_runs(self) -> Iterator[Booked]:
        """Every pinned run, ended as early as it may be."""
        for n in self.pins:
            option = self.options[n]
            assert option.pin is not None
            yield Booked(option, option.lo, option.pin.last_min)

    def booked(self, chosen: Iterable[int]) -> dict[int, Booked]:
        """The runs of chosen table entries, by option index; the run of a pinned option is extended."""
        a = self.arrays
        runs: dict[int, Booked] = {}
        for r in chosen:
            option = self.options[a.option[r]]
            first = option.lo if option.pin is not None else int(a.first[r])
            runs[int(a.option[r])] = Booked(option, first, int(a.last[r]))
        return runs

    def plan(self, chosen: Iterable[int]) -> tuple[Run, ...]:
        """The plan with these runs, and the pinned ones, sorted."""
        runs = {self._option_index[id(b.option)]: b for b in self.pinned_runs()} | self.booked(chosen)
        return tuple(sorted(b.run for b in runs.values()))

    @cached_property
    def person_of_run(self) -> Ints:
        """The person of every run."""
        return np.repeat(np.arange(len(self.people)), np.diff(self.arrays.run_at))

    def number(self, option: Option) -> int:
        """The option's index."""
        return self._option_index[id(option)]

    def indexed(self, runs: Iterable[Run]) -> Iterator[tuple[Run, int]]:
        """A plan's runs by their index in the table; pinned ones that end as early as they may are in every schedule and have none."""
        for run in runs:
            option = self.columns.option_of(run)
            if option.pin is None:
                yield run, self.index(option, run.first, run.last)
            elif run.last > option.pin.last_min:
                yield run, self.index(option, option.pin.last_min + 1, run.last)

    def index(self, option: Option, first: int, last: int) -> int:
        """The run of an option over given periods. Raises KeyError if it has none such."""
        a, n, p = self.arrays, self._option_index[id(option)], self.person_index[option.person]
        low, high = a.run_at[p], a.run_at[p + 1]
        begins = low + np.searchsorted(a.first[low:high], first)
        for r in range(int(begins), int(high)):
            if a.first[r] != first:
                break
            if a.option[r] == n and a.last[r] == last:
                return r
        raise KeyError((option.person, option.demand, first, last))


def _grouped_people(project: Project) -> Sequence[str]:
    return sorted(set().union(*project.apart, *project.together))


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _starts(counts: NDArray[np.integer]) -> Ints:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
