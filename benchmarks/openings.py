"""
How long "who fits this opening?" takes: ranked people for one demand, with price and conflicts.

``python -m benchmarks.openings --size S --seconds 30`` plans a seeded firm and asks for every n-th of its demands. It prints the median and
the longest time of an answer, from the plan in memory to the list; reading a stored plan and HTTP come on top of it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from benchmarks.generators import SIZES, generate
from solver_models.limits import Limits
from solver_models.staffing.fits import fits
from solver_models.staffing.solve import solve


def main(arguments: list[str] | None = None) -> int:
    """Plan, ask, print; 1 when an answer took a second or longer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=sorted(SIZES), default="S")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=30.0, help="for the plan")
    parser.add_argument("--ask", type=int, default=20, help="demands that are asked about")
    options = parser.parse_args(arguments)
    problem = generate(options.size, seed=options.seed)
    answer = solve(problem, Limits(time_s=options.seconds))
    step = max(1, len(problem.demands) // options.ask)
    seconds = []
    for demand in problem.demands[::step][: options.ask]:
        began = time.perf_counter()
        listed = fits(problem, answer.assignments or (), answer.certificate, demand.id)
        seconds.append(time.perf_counter() - began)
        print(f"{demand.id}: {len(listed)} people in {seconds[-1]:.3f} s", flush=True)
    priced = "with prices" if answer.certificate is not None else "without prices"
    longest = max(seconds)
    print(
        f"{options.size}: {len(problem.people)} people, {len(problem.demands)} demands, {priced}; {len(seconds)} answers:"
        f" median {statistics.median(seconds):.3f} s, longest {longest:.3f} s"
    )
    return int(longest >= 1.0)


if __name__ == "__main__":
    sys.exit(main())
