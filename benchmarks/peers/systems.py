"""The systems in the comparison, by name."""

from __future__ import annotations

SYSTEMS = {
    "muster": "benchmarks.peers.muster:solve_with_muster",
    "muster-warm": "benchmarks.peers.muster:solve_from_earlier",
    "greedy": "benchmarks.peers.greedy:solve_greedily",
    "cpsat-boolean": "benchmarks.peers.cpsat:solve_with_booleans",
    "cpsat-tutorial": "benchmarks.peers.cpsat:solve_as_in_a_tutorial",
    "highs": "benchmarks.peers.highs:solve_with_highs",
    "timefold": "benchmarks.peers.timefold.peer:solve_with_timefold",
}
"""Where each is; imported only in the process that runs it."""

TITLES = {
    "muster": "Muster",
    "muster-warm": "Muster, from the earlier plan",
    "greedy": "greedy by margin",
    "cpsat-boolean": "CP-SAT, one Boolean per run",
    "cpsat-tutorial": "CP-SAT, tutorial model",
    "highs": "HiGHS MIP, one Boolean per run",
    "timefold": "Timefold local search",
}
FROM_NOTHING = tuple(name for name in SYSTEMS if name != "muster-warm")
"""Those that need no earlier plan."""
QUICK = ("muster", "greedy", "cpsat-boolean", "highs")
"""Those that need nothing but the development environment."""
EVERY_KEY = ("muster", "greedy")
"""Those that know every key of the format; the others know plain problems."""
