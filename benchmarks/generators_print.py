"""What a generated problem is like, in a few figures."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.generators import SIZES, generate
from benchmarks.pairs import Pairs, is_plain
from solver_models.staffing.formats import estimate_size, problem_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.problem import Problem


def main() -> None:
    """Generate, print, write."""
    parser = argparse.ArgumentParser(description="Generate a staffing problem and print what it is like.")
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=("plain", "full"), default="plain")
    parser.add_argument("-o", "--output", type=Path, help="write the problem as JSON")
    wanted = parser.parse_args()
    began = time.perf_counter()
    problem = generate(wanted.size, seed=wanted.seed, mode=wanted.mode)
    print(f"generated  {time.perf_counter() - began:.1f} s")
    for line in statistics_of(problem):
        print(line)
    if wanted.output:
        wanted.output.write_text(json.dumps(problem_to_json(problem)))


def statistics_of(problem: Problem) -> Iterator[str]:
    """Lines on size, load, eligibility and greedy."""
    yield f"size       {len(problem.people)} people x {len(problem.demands)} demands x {len(problem.periods)} weeks"
    effort = sum(sum(demand.effort) for demand in problem.demands)
    yield f"load       demand {effort / sum(sum(person.capacity) for person in problem.people):.3f} of capacity"
    if is_plain(problem):
        yield from _plain_statistics(problem)
    else:
        size = estimate_size(problem)
        yield f"eligible   {size.qualified_pairs / len(problem.people):.0f} demands a person by skill, {size.run_choices} possible runs"


def _plain_statistics(problem: Problem) -> Iterator[str]:
    pairs = Pairs(problem)
    windows = [c.last - c.first + 1 for c in pairs.by_demand]
    per_demand = [len(c.people) for c in pairs.by_demand]
    yield f"windows    median {statistics.median(windows):.0f} weeks, mean {statistics.fmean(windows):.1f}"
    median, total = statistics.median(eligibility(pairs)), sum(per_demand)
    yield f"eligible   median {median:.0f} demands a person, {statistics.median(per_demand):.0f} people a demand, {total} pairs"
    from benchmarks.peers.greedy import greedy_pairs

    runs, gain_x60 = greedy_pairs(pairs)
    yield f"greedy     {len(runs)} demands filled, {problem.currency} {gain_x60 / 6000:,.2f}"


def eligibility(pairs: Pairs) -> list[int]:
    """For every person, the number of demands it could do in full."""
    counts = [0] * len(pairs.problem.people)
    for candidates in pairs.by_demand:
        for person in candidates.people.tolist():
            counts[person] += 1
    return counts
