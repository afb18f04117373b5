"""Prices of every kind for random problems, and what the certificate's formulas make of them by trying everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.staffing.certificate import Prices
from tests.solver_models.staffing.brute_force import AllPlans
from tests.solver_models.staffing.brute_force_rules import ONE, fixed_contradict

if TYPE_CHECKING:
    from random import Random

    from solver_models.staffing.problem import Person, Problem, Run
    from tests.solver_models.staffing.brute_force_rules import Rules


class PriceCase:
    """A problem with all of everybody's schedules; the certificate's figures are maxima over them."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.plans = AllPlans(problem)
        self.rules: Rules = self.plans.rules
        self.has_plan = not fixed_contradict(self.rules)
        self.whole = {p.id for p in problem.projects if p.all_or_nothing} - self.rules.pinned_projects
        pinned = {run.demand for run in self.rules.pinned}
        self.single = [d.id for d in problem.demands if self.rules.people_limit(d.id) == 1 and d.id not in pinned]
        self._pinned_pairs = {(run.person, run.demand) for run in self.rules.pinned}

    def prices(self, draw: Random) -> Prices:
        """Any prices that a certificate may have: of demands, runs, new minutes and groups, small and large."""
        problem, rules, scale = self.problem, self.rules, draw.choice((0.02, 0.2, 1, 1, 1, 4))

        def amount(low: int, high: int) -> int:
            return draw.randint(round(low * scale), round(high * scale))

        keys = [(d.id, s, t) for d in problem.demands for s in rules.shifts[rules.unit_of(d.id)] for t in rules.periods]
        free = [p for p in problem.projects if p.id not in rules.pinned_projects]
        return Prices(
            share={key: amount(-20_000 if self.binds(*key) else 0, 40_000) for key in keys if draw.random() < 0.8},
            heads={d.id: amount(0, 60_000) for d in problem.demands},
            fresh=amount(0, 60) if problem.policy.max_churn_minutes is not None else 0,
            apart={(p.id, g): amount(0, 30_000) for p in problem.projects for g in range(len(p.apart))},
            together={(p.id, g, i): amount(-30_000, 30_000) for p in free for g, group in enumerate(p.together) for i in sorted(group)},
            cuts=dict(self.cut(draw, amount(0, 60_000)) for _ in range(draw.randint(0, 4)) if len(self.single) > 1),
        )

    def cut(self, draw: Random, price: int) -> tuple[tuple[tuple[str, ...], str | None], int]:
        """A cut of any demands with one run at most, with nobody or any person."""
        size = draw.randint(2, min(9, len(self.single)))
        return (tuple(sorted(draw.sample(self.single, size))), draw.choice([None, *(p.id for p in self.problem.people)])), price

    def binds(self, demand: str, shift: int, period: int) -> bool:
        """Whether rule 8 wants the demand in the period."""
        asked = self.rules.effort(demand, period - shift) > 0 and period >= self.rules.frozen_before
        return asked and self.rules.demands[demand].project in self.whole

    def best_e4(self, prices: Prices, person: Person) -> int:
        """V of the certificate: the best of all schedules of a person, in ten-thousandths of Z."""
        schedules = self.plans.schedules[person.id].values()
        return max(ONE * schedule.value - self._paid_e4(prices, person, schedule.runs) for schedule in schedules)

    def _paid_e4(self, prices: Prices, person: Person, runs: tuple[Run, ...]) -> int:
        paid = sum(self._paid_for_run_e4(prices, run) for run in runs)
        on = {self.rules.demands[run.demand].project for run in runs}
        for listed in (p for p in self.problem.projects if p.id in on):
            paid += ONE * sum(prices.apart.get((listed.id, g), 0) for g, group in enumerate(listed.apart) if person.id in group)
            paid += ONE * sum(prices.together.get((listed.id, g, person.id), 0) for g in range(len(listed.together)))
        for (demands, named), price in prices.cuts.items():
            counted = sum(run.demand in demands for run in runs) + (named == person.id)
            paid += ONE * price * (counted // 2)
        return paid

    def _paid_for_run_e4(self, prices: Prices, run: Run) -> int:
        pinned = (run.person, run.demand) in self._pinned_pairs
        shift = self.rules.shifts[self.rules.unit_of(run.demand)][0] if pinned else run.shift
        fixed = any((f.person, f.demand) == (run.person, run.demand) for f in self.problem.fixed)
        share = sum(prices.share.get((run.demand, shift, t), 0) for t in range(run.first, run.last + 1))
        fresh = 0 if fixed else prices.fresh * self.rules.new_minutes(run)
        return ONE * (prices.heads.get(run.demand, 0) + fresh) + run.share_e4 * share

    def demand_side_e4(self, prices: Prices) -> int:
        """Everything of the certificate but the people, in ten-thousandths of Z."""
        total, by_project = 0, dict[str, int]()
        for unit, shifts in self.rules.shifts.items():
            members = [d.id for d in self.problem.demands if self.rules.unit_of(d.id) == unit]
            worth = max((sum(self._worth_e4(prices, d, s) for d in members) for s in shifts), default=0)
            project = self.rules.demands[members[0]].project
            by_project[project] = by_project.get(project, 0) + (worth if project in self.whole else 0)
            total += 0 if project in self.whole else worth
        total += sum(max(0, worth) for worth in by_project.values())
        total += ONE * prices.fresh * (self.problem.policy.max_churn_minutes or 0)
        for listed in self.problem.projects:
            for g, group in enumerate(listed.apart):
                total += ONE * prices.apart.get((listed.id, g), 0) * self.rules.apart_limit(listed.id, group)
            for g, group in enumerate(listed.together):
                total += ONE * max(0, sum(prices.together.get((listed.id, g, person), 0) for person in group))
        for (demands, named), price in prices.cuts.items():
            total += ONE * price * ((len(demands) + (0 if named is None else 1)) // 2)
        return total

    def _worth_e4(self, prices: Prices, demand: str, shift: int) -> int:
        worth = ONE * prices.heads.get(demand, 0) * self.rules.people_limit(demand)
        for t in self.rules.periods:
            v = prices.share.get((demand, shift, t), 0)
            worth += v * (self.rules.share_limit(demand, t) if v >= 0 else 9_900)
        return worth
