"""What a plan changes of the bookings it was made from, change by change, and which of that somebody chooses to apply."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.ids import DemandId, PersonId, ProjectId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.rebooking import PlannedRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WEEK = timedelta(weeks=1)
Pair = tuple[PersonId, DemandId]


class ChangeKind(StrEnum):
    """What becomes of a person's work on a demand."""

    NEW = "new"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """One person on one demand, otherwise than before; no run when it is dropped."""

    pair: Pair
    kind: ChangeKind
    run: PlannedRun | None = None

    @property
    def id(self) -> str:
        """The same in every plan."""
        return change_id(*self.pair)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """A plan as what it changes, and what it gives everybody."""

    horizon: DateInterval
    changes: tuple[PlanChange, ...]
    minutes: Mapping[Pair, Mapping[date, int]] = field(default_factory=dict)
    """Of every assignment, unchanged ones too, the minutes of each week."""

    def only(self, ids: Iterable[str]) -> PlanChanges:
        """With these changes alone: what the others would have been given is left out."""
        wanted = set(ids)
        left_out = {change.pair for change in self.changes if change.id not in wanted}
        minutes = {pair: weeks for pair, weeks in self.minutes.items() if pair not in left_out}
        return PlanChanges(horizon=self.horizon, changes=tuple(c for c in self.changes if c.id in wanted), minutes=minutes)

    @property
    def written(self) -> tuple[PlannedRun, ...]:
        """The runs to be booked."""
        return tuple(change.run for change in self.changes if change.run is not None)

    @property
    def pairs(self) -> frozenset[Pair]:
        """Who, on what."""
        return frozenset(change.pair for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """A chosen part of a plan's changes: whatever one of the lists names. Raises DomainError ``input.invalid``."""

    change_ids: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()
    demand_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.change_ids or self.person_ids or self.demand_ids):
            faults = Faults()
            faults.add("/part", "part.empty", "Nothing is chosen; name changes, people or demands, or leave the part out to apply all.")
            faults.raise_any("part of a plan")

    def of(self, changes: PlanChanges) -> frozenset[str]:
        """Ids of the chosen changes. Raises DomainError for what the plan does not change."""
        known: dict[str, tuple[tuple[str, ...], set[str]]] = {
            "assignment_ids": (self.change_ids, {change.id for change in changes.changes}),
            "person_ids": (self.person_ids, {str(change.pair[0]) for change in changes.changes}),
            "demand_ids": (self.demand_ids, {str(change.pair[1]) for change in changes.changes}),
        }
        faults = Faults()
        for name, (given, there) in known.items():
            for number, one in enumerate(given):
                if one not in there:
                    message = "The plan changes nothing of that; GET its diff for what it changes."
                    faults.add(f"/part/{name}/{number}", "reference.not_found", message)
        faults.raise_any("part of a plan")
        chosen = (
            change
            for change in changes.changes
            if change.id in self.change_ids or change.pair[0] in self.person_ids or change.pair[1] in self.demand_ids
        )
        return frozenset(change.id for change in chosen)


def change_id(person_id: str, demand_id: str) -> str:
    """The id of what a plan has of a person on a demand: of its assignment, or of the booking that it drops."""
    return hashlib.sha256(f"{person_id}\n{demand_id}".encode()).hexdigest()[:20]


def plan_changes(view: Mapping[str, Any], problem: Mapping[str, Any]) -> PlanChanges:
    """What the plan of this ``view`` changes in the bookings that its ``problem`` was made from."""
    horizon = DateInterval(*(date.fromisoformat(view["horizon"][end]) for end in ("start", "end")))
    assignments = view["assignments"] or ()
    changes = [
        PlanChange(pair=_pair(one), kind=ChangeKind(one["change"]), run=_run(one)) for one in assignments if one["change"] in _WRITTEN
    ]
    planned = {_pair(one) for one in assignments}
    booked = {(PersonId(run["person"]), DemandId(run["demand"])) for run in problem.get("current", ())}
    changes += [PlanChange(pair=pair, kind=ChangeKind.DROPPED) for pair in booked - planned]
    minutes = {_pair(one): {date.fromisoformat(week): n for week, n in one["minutes"].items()} for one in assignments}
    return PlanChanges(horizon=horizon, changes=tuple(sorted(changes, key=lambda change: change.pair)), minutes=minutes)


_WRITTEN = frozenset({ChangeKind.NEW.value, ChangeKind.CHANGED.value})
"""What a plan says of the runs that are not booked like that already."""


def _pair(assignment: Mapping[str, Any]) -> Pair:
    return PersonId(assignment["person"]["id"]), DemandId(assignment["demand"]["id"])


def _run(assignment: Mapping[str, Any]) -> PlannedRun:
    person_id, demand_id = _pair(assignment)
    first, last = (date.fromisoformat(assignment[end]) for end in ("first_week", "last_week"))
    return PlannedRun(
        person_id=person_id,
        demand_id=demand_id,
        project_id=ProjectId(assignment["project"]["id"]),
        share=Decimal(assignment["share"]),
        period=DateInterval(first, last + _WEEK),
        shift_weeks=assignment["shift_weeks"],
    )
