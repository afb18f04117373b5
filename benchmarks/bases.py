"""Plans in force for cells that plan anew: made once, kept as files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.generators import VERSION, generate
from benchmarks.machine import cores
from solver_models.limits import Limits
from solver_models.staffing.certify import certified
from solver_models.staffing.formats import answer_to_json
from solver_models.staffing.solve import solve

if TYPE_CHECKING:
    from benchmarks.generators import Shape

BASES = Path(__file__).parent / "bases"


def base_plan(size: str | Shape, seed: int, seconds: float, *, folder: Path | None = None) -> Path:
    """The file with Muster's plan of a plain problem after so many seconds; made if it is not there."""
    name = size if isinstance(size, str) else f"{size.people}x{size.demands}x{size.weeks}"
    folder = folder or BASES
    path = folder / f"{name}-{seed}-{seconds:g}-{VERSION}.json"
    if not path.exists():
        print(f"base plan {path.name}: {seconds:g} s", file=sys.stderr, flush=True)
        problem = generate(size, seed=seed)
        answer = certified(problem, solve(problem, Limits(time_s=seconds, workers=cores(), seed=seed)))
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(answer_to_json(answer, problem)))
        unfinished.replace(path)
    return path
