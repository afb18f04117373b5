"""Sweeps: ready-made series of what-if plans that answer one question. Nothing of the firm's own rows is written for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.jobs import JobRecord

TELLING = "amounts"
"""Where in a result everything stands from which costs follow."""


class SweepKind(StrEnum):
    """What is asked."""

    PIPELINE = "pipeline"
    """What margin is expected of the deals, and how far it spreads."""
    EARLIEST_START = "earliest_start"
    """The first week in which a bid could start."""
    CHURN_FRONTIER = "churn_frontier"
    """Margin against changed bookings."""
    FAIRNESS_FRONTIER = "fairness_frontier"
    """Margin against hours outside of the band."""
    HIRES = "hires"
    """What one, two, three ... more people of a profile are worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One sweep with the job that does it."""

    job: JobRecord
    request: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    """Plain JSON; amounts only under keys called ``amounts``."""

    @property
    def id(self) -> str:
        """The job's id too."""
        return self.job.id

    @property
    def kind(self) -> SweepKind:
        """What was asked."""
        return SweepKind(self.request["kind"])

    def without_amounts(self) -> Sweep:
        """For somebody who may not see costs: no amount, and no profile, which may name one."""
        result = None if self.result is None else _without(self.result)
        return replace(self, request={**self.request, "profile": None}, result=result)


def _without(value: Any) -> Any:
    if isinstance(value, list):
        return [_without(one) for one in value]
    if isinstance(value, dict):
        return {name: None if name == TELLING else _without(one) for name, one in value.items()}
    return value
