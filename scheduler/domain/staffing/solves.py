"""A problem that somebody sent in to be solved: nothing of the firm's own rows is read or written for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.jobs import JobRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Solve:
    """One such problem, with the job that solves it."""

    job: JobRecord
    problem: Mapping[str, Any]
    """staffing-problem/1."""
    limits: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    """``answer`` (staffing-plan/1) and ``ended`` (how the search came to its end)."""

    @property
    def id(self) -> str:
        """The job's id too."""
        return self.job.id
