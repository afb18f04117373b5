"""The exact optimum of a small staffing problem, by trying everything.

First all schedules of each person (rules 1, 2, 4, 5 and one shift per unit), then all ways to choose one schedule each (rules 3, 6, 7, 8).
A choice is given up only when the best schedules of everybody left could not make it better than the best plan known.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from tests.solver_models.staffing.brute_force_rules import ONE, Rules, fixed_contradict, share_in

if TYPE_CHECKING:
    from solver_models.staffing.problem import Person, Problem, Project, Run

_FIELD_BITS = 40
NOTHING = -(10**30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best objective in minor units x 60, and one plan that reaches it."""

    objective_x60: int
    plan: tuple[Run, ...]


def best_plan(problem: Problem) -> Optimum | None:
    """The optimum; ``None`` when the ``fixed`` runs contradict each other."""
    rules = Rules(problem)
    if fixed_contradict(rules):
        return None
    demand_side = _DemandSide(rules)
    everybody = [_schedules(rules, demand_side, person) for person in problem.people]
    found = _Search(rules, demand_side, sorted(everybody, key=len)).run()
    assert found is not None, "pinned runs alone are always a plan"
    return found


def count_plans(problem: Problem) -> int:
    """Ways to give every person at most one run on every demand, before any rule that binds runs to each other."""
    rules = Rules(problem)
    return prod(len(_choices(rules, person.id, demand_id)) for person in problem.people for demand_id in rules.demands)


def _choices(rules: Rules, person_id: str, demand_id: str) -> tuple[Run | None, ...]:
    """What the person may do on the demand: a pinned run is there in one of its variants, other runs may be left out."""
    for run in rules.pinned:
        if (run.person, run.demand) == (person_id, demand_id):
            return (run,) if run in rules.problem.fixed else rules.frozen_variants(run)
    return (None, *rules.free_runs(person_id, rules.demands[demand_id]))


class AllPlans:
    """Which sets of runs are plans of a problem, and what they are worth: to hold a checker against."""

    def __init__(self, problem: Problem) -> None:
        self.rules = Rules(problem)
        self.demand_side = _DemandSide(self.rules)
        self.schedules = {
            person.id: {frozenset(schedule.runs): schedule for schedule in _schedules(self.rules, self.demand_side, person)}
            for person in problem.people
        }

    def objective_x60(self, runs: tuple[Run, ...]) -> int | None:
        """Z of the plan, or ``None`` if it is not one."""
        value, use, blocked = 0, self.demand_side.empty, 0
        for person_id, schedules in self.schedules.items():
            mine = [run for run in runs if run.person == person_id]
            schedule = schedules.get(frozenset(mine))
            if schedule is None or len(schedule.runs) != len(mine) or schedule.chosen & blocked:
                return None
            value, use, blocked = value + schedule.value, use + schedule.use, blocked | schedule.blocked
        holds = not use & self.demand_side.exceeded and _together_holds(self.rules, runs) and _all_or_nothing_holds(self.rules, runs)
        return value if holds else None


class _Schedule(NamedTuple):
    """A person's runs with their worth and what they use of everything that people share."""

    value: int
    runs: tuple[Run, ...]
    use: int
    chosen: int
    blocked: int


class _Piece(NamedTuple):
    """A run with all that follows from it alone."""

    run: Run
    minutes: tuple[int, ...]
    busy: tuple[int, ...]
    value: int
    use: int
    chosen: int
    blocked: int


class _DemandSide:
    """Limits that people share, as fields of one long integer: a sum overflows a field into its top bit when a limit is exceeded."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        limits: dict[tuple[object, ...], int] = {}
        for demand_id in rules.demands:
            limits[("people", demand_id)] = rules.people_limit(demand_id)
            for period in rules.periods:
                limits[("share", demand_id, period)] = rules.share_limit(demand_id, period)
        for project in rules.problem.projects:
            for group in project.apart:
                limits[("apart", project.id, group)] = rules.apart_limit(project.id, group)
        if rules.problem.policy.max_churn_minutes is not None:
            limits[("new",)] = rules.problem.policy.max_churn_minutes
        self.place = {key: number * _FIELD_BITS for number, key in enumerate(limits)}
        top = 1 << (_FIELD_BITS - 1)
        self.empty = sum((top - 1 - limit) << self.place[key] for key, limit in limits.items())
        self.exceeded = sum(top << place for place in self.place.values())
        self.shift_bits = {
            (unit, shift): 1 << number
            for number, (unit, shift) in enumerate((unit, shift) for unit, shifts in rules.shifts.items() for shift in shifts)
        }

    def use_of_run(self, run: Run) -> int:
        use = 1 << self.place["people", run.demand]
        for period in range(run.first, run.last + 1):
            use += run.share_e4 << self.place["share", run.demand, period]
        if ("new",) in self.place and run not in self.rules.problem.fixed:
            use += self.rules.new_minutes(run) << self.place["new",]
        return use

    def use_of_person(self, person_id: str, runs: tuple[Run, ...]) -> int:
        """A person counts once in a group, however many runs on the project."""
        use = 0
        projects = {self.rules.demands[run.demand].project for run in runs}
        for project in self.rules.problem.projects:
            for group in set(project.apart):
                if project.id in projects and person_id in group:
                    use += 1 << self.place["apart", project.id, group]
        return use

    def shift_of(self, run: Run) -> tuple[int, int]:
        """The bit of the run's shift, and those of all other shifts of its unit; pinned runs have neither."""
        if any((run.person, run.demand) == (pinned.person, pinned.demand) for pinned in self.rules.pinned):
            return 0, 0
        unit = self.rules.unit_of(run.demand)
        others = sum(bit for (other, shift), bit in self.shift_bits.items() if other == unit and shift != run.shift)
        return self.shift_bits[unit, run.shift], others


def _piece(rules: Rules, demand_side: _DemandSide, run: Run) -> _Piece:
    policy = rules.problem.policy
    minutes = tuple(rules.minutes(run, period) for period in rules.periods)
    value = sum(minutes) * rules.per_hour(run.person, run.demand)
    if rules.is_new_pair(run):
        value -= 60 * policy.setup_cost
    for period in rules.periods:
        before = rules.current_minutes(run.person, run.demand, period)
        value -= policy.churn_cost * (abs(minutes[period] - before) - before)
    busy = tuple(int(run.first <= period <= run.last) for period in rules.periods)
    return _Piece(run, minutes, busy, value, demand_side.use_of_run(run), *demand_side.shift_of(run))


def _schedules(rules: Rules, demand_side: _DemandSide, person: Person) -> list[_Schedule]:
    """All schedules of a person, best first."""
    choices = [
        [None if run is None else _piece(rules, demand_side, run) for run in _choices(rules, person.id, demand_id)]
        for demand_id in rules.demands
    ]
    most_minutes = [rules.capacity_limit(person.id, period) for period in rules.periods]
    most_runs = [rules.run_limit(person.id, period) for period in rules.periods]
    found: list[_Schedule] = []

    def extend(number: int, taken: tuple[_Piece, ...], loads: list[int], counts: list[int]) -> None:
        if number == len(choices):
            found.append(_schedule(rules, demand_side, person, taken, loads))
            return
        for piece in choices[number]:
            if piece is None:
                extend(number + 1, taken, loads, counts)
                continue
            more_loads = [load + minutes for load, minutes in zip(loads, piece.minutes, strict=True)]
            more_counts = [count + busy for count, busy in zip(counts, piece.busy, strict=True)]
            if (
                all(load <= most for load, most in zip(more_loads, most_minutes, strict=True))
                and all(count <= most for count, most in zip(more_counts, most_runs, strict=True))
                and not any(piece.chosen & other.blocked for other in taken)
            ):
                extend(number + 1, (*taken, piece), more_loads, more_counts)

    extend(0, (), [0] * len(rules.periods), [0] * len(rules.periods))
    return sorted(found, key=lambda schedule: -schedule.value)


def _schedule(rules: Rules, demand_side: _DemandSide, person: Person, taken: tuple[_Piece, ...], loads: list[int]) -> _Schedule:
    runs = tuple(piece.run for piece in taken)
    chosen = blocked = 0
    for piece in taken:
        chosen |= piece.chosen
        blocked |= piece.blocked
    return _Schedule(
        value=sum(piece.value for piece in taken) - _worth_less(rules, person, loads),
        runs=runs,
        use=sum(piece.use for piece in taken) + demand_side.use_of_person(person.id, runs),
        chosen=chosen,
        blocked=blocked,
    )


def _worth_less(rules: Rules, person: Person, loads: list[int]) -> int:
    """What idle hours, unfairness and the loss of everything current would cost; what a run keeps of the current is in its value."""
    policy = rules.problem.policy
    idle = sum(max(0, capacity - load) for capacity, load in zip(person.capacity, loads, strict=True))
    low, high = policy.band if person.band is None else person.band
    capacity, booked = sum(person.capacity), sum(loads)
    outside = max(0, low * capacity // ONE - booked) + max(0, booked + (-high * capacity) // ONE)
    lost = sum(rules.current_minutes(person.id, demand_id, period) for demand_id in rules.demands for period in rules.periods)
    return person.idle_cost * idle + policy.fairness_cost * outside + policy.churn_cost * lost


class _Search:
    """Depth first through one schedule per person."""

    def __init__(self, rules: Rules, demand_side: _DemandSide, everybody: list[list[_Schedule]]) -> None:
        self.rules = rules
        self.demand_side = demand_side
        self.everybody = everybody
        self.best_of_rest = [sum(schedules[0].value for schedules in everybody[number + 1 :]) for number in range(len(everybody))]
        self.best: Optimum | None = None
        self.best_value = NOTHING

    def run(self) -> Optimum | None:
        self._extend(0, 0, (), self.demand_side.empty, 0)
        return self.best

    def _extend(self, number: int, value: int, runs: tuple[Run, ...], use: int, blocked: int) -> None:
        if number == len(self.everybody):
            if _together_holds(self.rules, runs) and _all_or_nothing_holds(self.rules, runs):
                self.best, self.best_value = Optimum(objective_x60=value, plan=runs), value
            return
        for schedule in self.everybody[number]:
            if value + schedule.value + self.best_of_rest[number] <= self.best_value:
                return
            more = use + schedule.use
            if not (more & self.demand_side.exceeded or schedule.chosen & blocked):
                self._extend(number + 1, value + schedule.value, (*runs, *schedule.runs), more, blocked | schedule.blocked)


def _together_holds(rules: Rules, runs: tuple[Run, ...]) -> bool:
    return all(
        len(rules.on_project(runs, project.id) & group) in {0, len(group)}
        for project in rules.problem.projects
        if project.id not in rules.pinned_projects
        for group in project.together
    )


def _all_or_nothing_holds(rules: Rules, runs: tuple[Run, ...]) -> bool:
    return all(
        not rules.on_project(runs, project.id) or _complete(rules, project, runs)
        for project in rules.problem.projects
        if project.all_or_nothing and project.id not in rules.pinned_projects
    )


def _complete(rules: Rules, project: Project, runs: tuple[Run, ...]) -> bool:
    """Every demand of the project with effort has a run, and from n on at least 0.99 of its effort is promised in every period."""
    for demand in rules.demands.values():
        if demand.project != project.id or not any(demand.effort):
            continue
        shift = next((run.shift for run in runs if run.demand == demand.id), None)
        if shift is None:
            return False
        for period in rules.periods:
            wanted = period >= rules.frozen_before and rules.effort(demand.id, period - shift) > 0
            if wanted and share_in(runs, demand.id, period) < 9_900:
                return False
    return True
