"""What somebody asks of a sweep, checked, and as plain JSON for its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.sweeps import SweepKind
from scheduler.planning.request_json import request_from_json, request_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.planning.request import PlanRequest

HIRES_MAX = 10
POINTS_MAX = 12
SAMPLES_MAX = 10_000
START_WEEKS_MAX = 104


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """
    A checked wish; raises DomainError ``input.invalid`` with every fault.

    The limits of ``plan`` hold for each plan of the sweep; for a pipeline, whose plans are many and small, for all of them together.
    """

    kind: SweepKind
    plan: PlanRequest
    project_id: str | None = None
    """The bid, of an earliest start."""
    weeks: int = 26
    """Weeks from the horizon's first that are tried, of an earliest start."""
    points: int = 5
    """Plans of a frontier."""
    profile: Mapping[str, Any] | None = None
    """Whom to hire, as plain JSON."""
    count: int = 3
    """Most people to hire."""
    samples: int = 200
    """Outcomes drawn, of a pipeline with more deals than are counted out."""

    def __post_init__(self) -> None:
        faults = Faults()
        faults.integer("/weeks", self.weeks, least=1, most=START_WEEKS_MAX)
        faults.integer("/points", self.points, least=2, most=POINTS_MAX)
        faults.integer("/count", self.count, least=1, most=HIRES_MAX)
        faults.integer("/samples", self.samples, least=10, most=SAMPLES_MAX)
        for kind, name in ((SweepKind.EARLIEST_START, "project_id"), (SweepKind.HIRES, "profile")):
            if self.kind is kind and getattr(self, name) is None:
                faults.add(f"/{name}", "field.missing", f"A sweep of the kind {kind} needs its {name}.")
        policy = self.plan.policy
        if self.kind is SweepKind.FAIRNESS_FRONTIER and policy.band_low <= 0 and policy.band_high >= 1:
            message = "Nobody can be outside of a band from 0 to 1; give the band that is fair, such as 0.6 to 0.9."
            faults.add("/plan/policy/band_low", "field.inconsistent", message)
        faults.raise_any("sweep")


def sweep_to_json(request: SweepRequest) -> dict[str, Any]:
    """Plain JSON values; ``sweep_from_json`` gives an equal request back."""
    return {
        "kind": request.kind.value,
        "plan": request_to_json(request.plan),
        "project_id": request.project_id,
        "profile": None if request.profile is None else dict(request.profile),
        **{name: getattr(request, name) for name in ("weeks", "points", "count", "samples")},
    }


def sweep_from_json(value: Mapping[str, Any]) -> SweepRequest:
    """What ``sweep_to_json`` wrote."""
    rest = {name: entry for name, entry in value.items() if name not in ("kind", "plan")}
    return SweepRequest(kind=SweepKind(value["kind"]), plan=request_from_json(value["plan"]), **rest)
