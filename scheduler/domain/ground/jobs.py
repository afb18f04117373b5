"""A job as use cases know it: what is to be done, to which thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to be done later, at least once, after the transaction that asked for it."""

    kind: str
    target_id: str


SOLVE_PLAN = "solve_plan"
"""Kind of the job that computes one plan; its target is the plan's id."""
