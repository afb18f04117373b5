"""Greedy by margin under every rule of the format: first what can stay of the plan in force, then demands in order of value."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.peers.board import Board

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver_models.staffing.problem import Demand, Person, Problem, Run


def greedy_runs(problem: Problem) -> tuple[Run, ...]:
    """A plan that keeps every rule of a problem whose pinned runs are in no conflict."""
    board = Board(problem)
    able = _able(problem)
    whole = {p.id for p in problem.projects if p.all_or_nothing and p.id not in board.pinned_projects}
    _keep_current(board, able, whole)
    parts: defaultdict[str, list[Demand]] = defaultdict(list)
    for demand in problem.demands:
        parts[demand.project if demand.project in whole else demand.id].append(demand)
    for demands in sorted(parts.values(), key=lambda demands: -sum(map(_value, demands))):
        added = [run for demand in demands for run in _fill(board, demand, able[demand.id])]
        if demands[0].project in whole and not all(board.is_full(demand) for demand in demands):
            for run in added:
                board.remove(run)
    return tuple(sorted(board.runs.values()))


def _value(demand: Demand) -> int:
    return demand.value_rate * sum(demand.effort)


def _able(problem: Problem) -> dict[str, list[Person]]:
    """For every demand, the people whom levels, places and lists allow."""
    return {demand.id: [person for person in problem.people if _is_able(person, demand)] for demand in problem.demands}


def _is_able(person: Person, demand: Demand) -> bool:
    return (
        all(person.skills.get(skill, 0) >= level for skill, level in demand.requires.items())
        and (demand.locations is None or person.location in demand.locations)
        and (person.available_for is None or demand.id in person.available_for)
        and demand.id not in person.not_for
        and (demand.only is None or person.id in demand.only)
        and person.id not in demand.never
    )


def _keep_current(board: Board, able: dict[str, list[Person]], whole: set[str]) -> None:
    """Runs in force that the rules still allow as they are, most valuable first."""
    people = {demand: {person.id for person in allowed} for demand, allowed in able.items()}
    for pair, run in sorted(board.current.items(), key=lambda item: -_value(board.demands[item[0][1]])):
        demand, person = board.demands[run.demand], board.people[run.person]
        stays = pair not in board.runs and run.person in people[run.demand] and demand.project not in whole
        if stays and run.share_e4 in demand.shares_e4 and run.shift in board.shifts(demand) and board.may_join(person, demand):
            same = board.best_stretch(person, demand, run.share_e4, run.shift)
            if same == run and _margin(board, run) > 0:
                board.add(run)


def _fill(board: Board, demand: Demand, able: Sequence[Person]) -> list[Run]:
    """Book people on the demand while somebody brings something."""
    added: list[Run] = []
    while choices := [(margin, run) for run in _choices(board, demand, able) if (margin := _margin(board, run)) > 0]:
        added.append(max(choices)[1])
        board.add(added[-1])
    return added


def _choices(board: Board, demand: Demand, able: Sequence[Person]) -> Iterator[Run]:
    shifts = board.shifts(demand)
    for person in able:
        if board.may_join(person, demand):
            for share in demand.shares_e4:
                for shift in shifts:
                    if (run := board.best_stretch(person, demand, share, shift)) is not None:
                        yield run


def _margin(board: Board, run: Run) -> int:
    """What the run brings to the objective, fairness aside, in minor units x 60."""
    person, demand, policy = board.people[run.person], board.demands[run.demand], board.problem.policy
    rate = demand.value_rate - person.cost_rate + person.idle_cost
    rate += person.preferences.get(demand.id, person.preferences.get(demand.project, 0))
    rate += sum(bonus * person.skills.get(skill, 0) for skill, bonus in demand.prefers.items())
    rate -= demand.overqualified_cost * sum(max(0, person.skills.get(skill, 0) - level) for skill, level in demand.requires.items())
    minutes = board.minutes(run.person, run.demand, run.share_e4, run.shift)
    before = board.minutes_in_force(run.person, run.demand)
    worked = [value if run.first <= t <= run.last else 0 for t, value in enumerate(minutes)]
    changed = sum(abs(now - then) - then for now, then in zip(worked, before, strict=True))
    setup = 0 if (run.person, run.demand) in board.current else 60 * policy.setup_cost
    return sum(worked) * rate - policy.churn_cost * changed - setup
