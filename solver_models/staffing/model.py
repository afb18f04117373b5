"""
The one CP-SAT formulation of the staffing problem; docs/model.md has sets, variables and numbered constraints.

It is built for any subset of people and demands, around runs that stay, and with or without demand prices: whole problems,
neighbourhoods of a plan and a person's best schedule at given prices are the same model.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from ortools.sat.python import cp_model

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.problem import Project, Run

K = TypeVar("K")
Literal = cp_model.IntVar
Terms = list[tuple[Literal, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Variables of one option: whether it is used, and whether it runs in each period of ``lo..hi``."""

    option: Option
    used: Literal
    on: tuple[Literal, ...]

    def at(self, t: int) -> Literal | None:
        """The literal of period ``t``; ``None`` outside the option's periods."""
        return self.on[t - self.option.lo] if self.option.lo <= t <= self.option.hi else None


class StaffingModel:
    """
    A CP-SAT model over some of a problem's options.

    ``people`` and ``demands`` choose the pairs that may change (``None`` = all); every other pair has exactly its run of
    ``kept``. With ``prices`` the demand-side rules are left out and paid for instead, and the objective counts ten-thousandths
    of Z: its maximum is the V of the certificate, summed over the people chosen.
    """

    def __init__(
        self,
        columns: Columns,
        *,
        people: Collection[str] | None = None,
        demands: Collection[str] | None = None,
        kept: Iterable[Run] = (),
        prices: Prices | None = None,
    ) -> None:
        self.columns = columns
        self.cp = cp_model.CpModel()
        self.people = tuple(p for p in columns.problem.people if people is None or p.id in people)
        self.choices = tuple(self._choices(people, demands, kept, prices is not None))
        self._fairness: Terms = []
        self._works: dict[tuple[str, str], Literal] = {}
        self._used_on: defaultdict[tuple[str, str], list[Literal]] = defaultdict(list)
        for c in self.choices:
            self._used_on[c.option.person, columns.terms.demands[c.option.demand].project].append(c.used)
        self._add_person_side()
        self._add_fairness()
        if prices is None:
            self._add_demand_side()
        self.set_objective(prices)

    def _choices(
        self, people: Collection[str] | None, demands: Collection[str] | None, kept: Iterable[Run], priced: bool
    ) -> Iterable[Choice]:
        stays = {(r.person, r.demand): r for r in kept}
        for option in self._candidates(people, with_others=bool(stays)):
            if (people is None or option.person in people) and (demands is None or option.demand in demands):
                yield add_run(self.cp, option)
                continue
            run = None if priced else stays.get((option.person, option.demand))
            if run is not None and (run.share_e4, run.shift) == (option.share_e4, option.shift):
                yield self._kept(option, run)

    def _candidates(self, people: Collection[str] | None, *, with_others: bool) -> Iterable[Option]:
        if people is None or with_others:
            return self.columns.options
        return (o for p in self.people for o in self.columns.by_person.get(p.id, ()))

    def _kept(self, option: Option, run: Run) -> Choice:
        yes, no = self.cp.new_constant(1), self.cp.new_constant(0)
        on = tuple(yes if run.first <= t <= run.last else no for t in range(option.lo, option.hi + 1))
        return Choice(option, yes, on)

    def _add_person_side(self) -> None:
        add_capacity(self)
        add_max_demands(self)
        add_one_shift(self)
        add_one_run_per_pair(self)

    def _add_demand_side(self) -> None:
        add_shares(self)
        add_max_people(self)
        add_max_churn(self)
        for project in self.columns.problem.projects:
            add_apart(self, project)
            if project.id not in self.columns.pinned_projects:
                add_together(self, project)
            if self.columns.is_whole(project.id):
                add_all_or_nothing(self, project)

    def set_objective(self, prices: Prices | None) -> None:
        """
        Maximise what runs bring less setups, churn, idle hours, unfairness and what the prices ask; all linear in the literals.

        May be called again with other prices.
        """
        scale = 1 if prices is None else E4
        terms = [(var, -scale * cost) for var, cost in self._fairness]
        for c in self.choices:
            terms.append((c.used, scale * c.option.entry))
            terms.extend((lit, scale * g) for lit, g in zip(c.on, c.option.gain, strict=True))
        if prices is not None:
            terms += self._payments(prices)
        constant = scale * sum(self.columns.base(p) for p in self.people)
        self.cp.clear_objective()  # type: ignore[no-untyped-call]
        self.cp.maximize(constant + cp_model.LinearExpr.weighted_sum(*_unzip(terms)))

    def _add_fairness(self) -> None:
        """Minutes outside the band, each side a variable held up by its definition."""
        cost = self.columns.problem.policy.fairness_cost
        if cost == 0:
            return
        chosen = grouped(self.choices, lambda c: c.option.person)
        for p in self.people:
            low, high = self.columns.fair_minutes(p)
            minutes = [(lit, m) for c in chosen.get(p.id, ()) for lit, m in zip(c.on, c.option.minutes, strict=True)]
            most = sum(m for _, m in minutes)
            booked = cp_model.LinearExpr.weighted_sum(*_unzip(minutes))
            below = self.cp.new_int_var(0, max(0, low), f"below[{p.id}]")
            above = self.cp.new_int_var(0, max(0, most - high), f"above[{p.id}]")
            self.cp.add(below >= low - booked)
            self.cp.add(above >= booked - high)
            self._fairness += [(below, cost), (above, cost)]

    def _payments(self, prices: Prices) -> Terms:
        """
        Minus what the schedules pay for shares, heads, new minutes and project groups, in ten-thousandths of Z.

        A pinned run pays at its unit's only shift, wherever it was moved to itself.
        """
        terms: Terms = []
        for c in self.choices:
            o = c.option
            terms.append((c.used, -E4 * prices.heads.get(o.demand, 0)))
            shift = o.shift if o.pin is None else self.columns.shifts[self.columns.terms.unit_of[o.demand]][0]
            for t, lit in zip(range(o.lo, o.hi + 1), c.on, strict=True):
                paid = o.share_e4 * prices.share.get((o.demand, shift, t), 0) + E4 * prices.fresh * o.fresh[t - o.lo]
                if paid:
                    terms.append((lit, -paid))
        for project in prices.projects(self.columns.problem.projects):
            for p in self.people:
                price = prices.of_working_on(project, p.id)
                if price != 0 and (works := self.works_on(p.id, project.id)) is not None:
                    terms.append((works, -E4 * price))
        return terms

    def works_on(self, person: str, project: str) -> Literal | None:
        """The literal that says whether the person has a run on the project; ``None`` where it cannot be."""
        if (person, project) not in self._works:
            used = self._used_on.get((person, project), [])
            if not used:
                return None
            works = used[0] if len(used) == 1 else self.cp.new_bool_var(f"works[{person},{project}]")
            if len(used) > 1:
                self.cp.add_max_equality(works, used)
            self._works[person, project] = works
        return self._works[person, project]

    def add_at_most(self, terms: Terms, limit: int) -> None:
        """Sum of terms <= limit, left out when it cannot be exceeded."""
        if sum(max(0, k) for _, k in terms) > limit:
            self.cp.add(cp_model.LinearExpr.weighted_sum(*_unzip(terms)) <= limit)

    def hint(self, runs: Iterable[Run]) -> None:
        """Start the search from these runs."""
        wanted = {(r.person, r.demand, r.share_e4, r.shift): r for r in runs}
        hinted: dict[int, tuple[Literal, int]] = {}
        for c in self.choices:
            o = c.option
            run = wanted.get((o.person, o.demand, o.share_e4, o.shift))
            hinted[c.used.index] = (c.used, int(run is not None))
            for t, lit in zip(range(o.lo, o.hi + 1), c.on, strict=True):
                hinted[lit.index] = (lit, int(run is not None and run.first <= t <= run.last))
        for lit, value in hinted.values():
            self.cp.add_hint(lit, value)

    def chosen_runs(self, value: Callable[[Literal], int]) -> tuple[Run, ...]:
        """The runs of a solution, given the value of every literal."""
        runs = []
        for c in self.choices:
            if value(c.used):
                periods = [t for t, lit in zip(range(c.option.lo, c.option.hi + 1), c.on, strict=True) if value(lit)]
                runs.append(c.option.run(periods[0], periods[-1]))
        return tuple(sorted(runs))


def add_run(cp: cp_model.CpModel, option: Option) -> Choice:
    """
    (4) An option runs over one interval of its periods, at least ``shortest`` long, or not at all.

    With start_t = "the run begins in t": on_t - on_{t-1} <= start_t, sum start_t = used, and a start keeps the next
    ``shortest`` periods on. A pinned run begins in its first period.
    """
    name = f"{option.person},{option.demand},{option.share_e4},{option.shift}"
    used = cp.new_constant(1) if option.pin is not None else cp.new_bool_var(f"used[{name}]")
    size = option.hi - option.lo + 1
    if option.is_single:
        choice = Choice(option, used, (used,) * size)
    elif option.pin is not None:
        on = tuple(used if k < option.shortest else cp.new_bool_var(f"on[{name},{option.lo + k}]") for k in range(size))
        for earlier, later in pairwise(on):
            cp.add_implication(later, earlier)
        choice = Choice(option, used, on)
    else:
        choice = Choice(option, used, _add_interval(cp, option, used, name))
    if option.must_cover:
        add_min_coverage(cp, choice)
    return choice


def _add_interval(cp: cp_model.CpModel, option: Option, used: Literal, name: str) -> tuple[Literal, ...]:
    size, shortest = option.hi - option.lo + 1, option.shortest
    on = tuple(cp.new_bool_var(f"on[{name},{option.lo + k}]") for k in range(size))
    start = [cp.new_bool_var(f"start[{name},{option.lo + k}]") for k in range(size - shortest + 1)]
    cp.add(sum(start) == used)
    for k, lit in enumerate(on):
        begun = start[k] if k < len(start) else 0
        before = on[k - 1] if k > 0 else 0
        cp.add(lit - before <= begun)
        cp.add(sum(start[max(0, k - shortest + 1) : k + 1]) <= lit)
        cp.add(lit <= sum(start[: k + 1]))
    return on


def add_min_coverage(cp: cp_model.CpModel, choice: Choice) -> None:
    """(4) A run delivers at least one minute and min_coverage x promised minutes, both summed over the run."""
    o = choice.option
    surplus = [(lit, E4 * m - o.min_coverage_e4 * q) for lit, m, q in zip(choice.on, o.minutes, o.promised, strict=True)]
    cp.add(cp_model.LinearExpr.weighted_sum(*_unzip(surplus)) >= 0)
    cp.add(cp_model.LinearExpr.weighted_sum(*_unzip(list(zip(choice.on, o.minutes, strict=True)))) >= choice.used)


def add_capacity(model: StaffingModel) -> None:
    """(2) Minutes of a person's runs in a period sum to at most the capacity, or what pinned runs use of it."""
    columns = model.columns
    for person, choices in grouped(model.choices, lambda c: c.option.person).items():
        p = columns.terms.people[person]
        rows: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
        for t in range(columns.terms.horizon):
            terms = [(lit, c.option.minutes[t - c.option.lo]) for c in choices if (lit := c.at(t)) is not None]
            limit = columns.capacity_limit(p, t)
            row = (limit, tuple((lit.index, m) for lit, m in terms))
            if row not in rows:
                rows.add(row)
                model.add_at_most(terms, limit)


def add_max_demands(model: StaffingModel) -> None:
    """(2) Runs of a person in a period number at most ``max_demands``, or what is pinned there."""
    columns = model.columns
    for person, choices in grouped(model.choices, lambda c: c.option.person).items():
        most = columns.terms.people[person].max_demands
        if most is None:
            continue
        for t in range(columns.terms.horizon):
            terms = [(lit, 1) for c in choices if (lit := c.at(t)) is not None]
            model.add_at_most(terms, max(most, columns.used.runs.get((person, t), 0)))


def add_shares(model: StaffingModel) -> None:
    """(3) Shares of a demand's runs in a period sum to at most 1, or what pinned runs take."""
    columns = model.columns
    for demand, choices in grouped(model.choices, lambda c: c.option.demand).items():
        rows: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
        for t in range(columns.terms.horizon):
            terms = [(lit, c.option.share_e4) for c in choices if (lit := c.at(t)) is not None]
            limit = columns.share_limit_e4(demand, t)
            row = (limit, tuple((lit.index, k) for lit, k in terms))
            if row not in rows:
                rows.add(row)
                model.add_at_most(terms, limit)


def add_max_people(model: StaffingModel) -> None:
    """(3) A demand has at most ``max_people`` runs, or as many as are pinned."""
    for demand, choices in grouped(model.choices, lambda c: c.option.demand).items():
        model.add_at_most([(c.used, 1) for c in choices], model.columns.people_limit(model.columns.terms.demands[demand]))


def add_one_shift(model: StaffingModel) -> None:
    """(3) All runs of a unit but the pinned have one shift; a unit with one shift has it by construction."""
    for unit, choices in _by_unit(model).items():
        shifts = model.columns.shifts[unit]
        if len(shifts) > 1:
            moved = {s: model.cp.new_bool_var(f"shift[{unit},{s}]") for s in shifts}
            model.cp.add_exactly_one(moved.values())
            for c in choices:
                model.cp.add_implication(c.used, moved[c.option.shift])


def add_one_run_per_pair(model: StaffingModel) -> None:
    """(5) A person has at most one run on a demand."""
    for choices in grouped(model.choices, lambda c: (c.option.person, c.option.demand)).values():
        if len(choices) > 1:
            model.cp.add_at_most_one(c.used for c in choices)


def add_max_churn(model: StaffingModel) -> None:
    """(6) New minutes, fixed runs left out, are at most ``max_churn_minutes``."""
    limit = model.columns.problem.policy.max_churn_minutes
    if limit is not None:
        model.add_at_most([(lit, m) for c in model.choices for lit, m in zip(c.on, c.option.fresh, strict=True) if m > 0], limit)


def add_apart(model: StaffingModel, project: Project) -> None:
    """(7) Of each ``apart`` group at most one person has a run on the project, or those who are pinned."""
    for g, group in enumerate(project.apart):
        works = [w for p in sorted(group) if (w := model.works_on(p, project.id)) is not None]
        model.add_at_most([(w, 1) for w in works], max(1, model.columns.used.apart.get((project.id, g), 0)))


def add_together(model: StaffingModel, project: Project) -> None:
    """(7) Of each ``together`` group all have a run on the project or none; only where nothing of the project is pinned."""
    for group in project.together:
        works = [model.works_on(p, project.id) for p in sorted(group)]
        some = [w for w in works if w is not None]
        for w in some:
            if len(some) < len(works):
                model.cp.add(w == 0)
            else:
                model.cp.add(w == some[0])


def add_all_or_nothing(model: StaffingModel, project: Project) -> None:
    """
    (8) The project has no run, or each of its demands with effort has one and in every period >= n with effort its
    shares sum to at least 0.99. Only where nothing of the project is pinned. One literal per unit and shift says "goes ahead,
    moved by so much"; they sum to the project's own literal.
    """
    terms, cp = model.columns.terms, model.cp
    goes = cp.new_bool_var(f"goes[{project.id}]")
    at_shift: dict[tuple[str, int], Literal] = {}
    demands = [d for d in model.columns.problem.demands if d.project == project.id and terms.windows[d.id] is not None]
    for unit in dict.fromkeys(terms.unit_of[d.id] for d in demands):
        for s in model.columns.shifts[unit]:
            at_shift[unit, s] = cp.new_bool_var(f"goes[{unit},{s}]")
        cp.add(sum(at_shift[unit, s] for s in model.columns.shifts[unit]) == goes)
    chosen = grouped(model.choices, lambda c: c.option.demand)
    for d in demands:
        for s in model.columns.shifts[terms.unit_of[d.id]]:
            choices = [c for c in chosen.get(d.id, ()) if c.option.shift == s]
            ahead = at_shift[terms.unit_of[d.id], s]
            cp.add_bool_or([*(c.used for c in choices), ahead.negated()])
            for c in choices:
                cp.add_implication(c.used, ahead)
            for t, effort in enumerate(terms.effort(d.id, s)):
                if t >= terms.frozen and effort > 0:
                    shares = [(lit, c.option.share_e4) for c in choices if (lit := c.at(t)) is not None]
                    cp.add(cp_model.LinearExpr.weighted_sum(*_unzip(shares)) >= 9_900 * ahead)


def grouped(choices: Iterable[Choice], key: Callable[[Choice], K]) -> dict[K, list[Choice]]:
    """Choices by key, in order of first appearance."""
    groups: defaultdict[K, list[Choice]] = defaultdict(list)
    for c in choices:
        groups[key(c)].append(c)
    return groups


def _by_unit(model: StaffingModel) -> dict[str, list[Choice]]:
    free = (c for c in model.choices if c.option.pin is None)
    return grouped(free, lambda c: model.columns.terms.unit_of[c.option.demand])


def _unzip(terms: Iterable[tuple[Literal, int]]) -> tuple[list[Literal], list[int]]:
    pairs = list(terms)
    return [lit for lit, _ in pairs], [k for _, k in pairs]
