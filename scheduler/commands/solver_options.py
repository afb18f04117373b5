"""The limits a command line may give a solve, and the ranges they must lie in."""

from __future__ import annotations

import math

from scheduler.commands.refusal import refused_with_faults
from solver_models.limits import Limits

TIME_MAX_S = 86_400
WORKERS_MAX = 64
SEED_MAX = 2**31 - 1


TIME_S = 60.0
WORK_MAX = 10**12


MEMORY_MIN_MB, MEMORY_MB, MEMORY_MAX_MB = 256, 16_384, 1_048_576


def checked_limits(
    *, time_s: float | None, gap: float, workers: int | None, seed: int, work: float | None = None, memory_mb: int = MEMORY_MB
) -> Limits:
    """
    The limits, or a refusal that names every one out of its range and the range.

    Without a time limit a search limited by work has all the time that may be given, any other one a minute.
    """
    faults = []
    if time_s is None:
        time_s = TIME_S if work is None else TIME_MAX_S
    if not (math.isfinite(time_s) and 0 < time_s <= TIME_MAX_S):
        faults.append(
            ("--time-limit", "number.out_of_range", f"{time_s} is not allowed; give more than 0 and at most {TIME_MAX_S} seconds.")
        )
    if not (math.isfinite(gap) and 0 <= gap <= 1):
        faults.append(("--gap", "number.out_of_range", f"{gap} is not allowed; give a fraction from 0 to 1 (0.01 = 1 %)."))
    if workers is not None and not 1 <= workers <= WORKERS_MAX:
        faults.append(
            ("--workers", "number.out_of_range", f"{workers} is not allowed; give 1 to {WORKERS_MAX}, or leave it out for one per core.")
        )
    if not 0 <= seed <= SEED_MAX:
        faults.append(("--seed", "number.out_of_range", f"{seed} is not allowed; give 0 to {SEED_MAX}."))
    if work is not None and not (math.isfinite(work) and 0 < work <= WORK_MAX):
        faults.append(("--work-limit", "number.out_of_range", f"{work} is not allowed; give more than 0 and at most {WORK_MAX:,} units."))
    if not MEMORY_MIN_MB <= memory_mb <= MEMORY_MAX_MB:
        megabytes = f"{MEMORY_MIN_MB:,} to {MEMORY_MAX_MB:,} MB"
        faults.append(("--memory-limit", "number.out_of_range", f"{memory_mb} is not allowed; give {megabytes}."))
    if faults:
        raise refused_with_faults("limits", faults)
    return Limits(time_s=time_s, gap=gap, workers=workers or 0, seed=seed, work=work, memory_mb=memory_mb)
