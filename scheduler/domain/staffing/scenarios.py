"""
Scenarios: named lists of changes over a base, for what-if questions.

The base is the live rows, or another scenario on top of which this one stands. A change is its kind and a body of plain JSON; what it
does to rows is ``scenario_changes``. A scenario keeps what differs, never a copy, and touches no live row until it is applied.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import COST_READ, PRICE_READ, PRIVATE_READ, STAFFING_READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.ground.ids import ActorId, ScenarioId

CHANGES_MAX = 2_000
DEPTH_MAX = 20
"""Most scenarios that may stand on each other."""
HIRES_MAX = 100

ONE_OF: Mapping[str, str] = {
    "skills": "skill",
    "people": "person",
    "projects": "project",
    "demands": "demand",
    "absences": "absence",
    "bill_rates": "bill_rate",
    "bookings": "booking",
}
"""What a scenario may add, change and remove: area to the name of one, in an order in which they can be created."""

_NEEDED: Mapping[str, str] = {
    **dict.fromkeys(("cost_rate",), COST_READ),
    **dict.fromkeys(("bill_rate", "rate", "contract_value_minor", "budget_minor", "overqualified_cost", "prefers"), PRICE_READ),
    **dict.fromkeys(("probability", "priority", "apart", "together", "only", "never"), STAFFING_READ),
    "email": PRIVATE_READ,
}
"""Rights that are needed to see a field of a change, where it says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: its kind (``add_person``, ``win_project``, ...) and what it says, as plain JSON."""

    kind: str
    body: Mapping[str, Any]
    base_version: int | None = None
    """Version of the live row that it changes, as its author saw it; ``None`` where there was none."""

    @property
    def target(self) -> tuple[str, str] | None:
        """Area and id of the row that it changes; ``None`` for one that makes rows."""
        if "id" in self.body and not self.kind.startswith("add_"):
            verb, _, one = self.kind.partition("_")
            return next((area, self.body["id"]) for area, name in ONE_OF.items() if name == one and verb)
        if self.kind == "raise_skill":
            return "people", self.body["person_id"]
        return ("projects", self.body["project_id"]) if "project_id" in self.body else None

    @property
    def made(self) -> tuple[str, ...]:
        """Ids of the rows that it makes."""
        if self.kind == "hire":
            return tuple(self.body["ids"])
        return (self.body["id"],) if self.kind.startswith("add_") else ()

    @property
    def person_id(self) -> str | None:
        """The live person about whom the change says something."""
        target = self.target
        if target is not None and target[0] == "people":
            return target[1]
        said = self.body.get("record") or self.body.get("fields") or {}
        found: str | None = said.get("person_id", self.body.get("person_id"))
        return found

    @property
    def needs(self) -> frozenset[str]:
        """Rights without which nobody may see it."""
        more = {STAFFING_READ} if self.kind in ("win_project", "lose_project", "set_probability") else set()
        if self.kind.endswith("_absence"):
            more.add(PRIVATE_READ)
        return frozenset({*_needs(self.body), *more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named list of changes over the live rows, or over another scenario."""

    id: ScenarioId
    name: str
    base_id: ScenarioId | None = None
    """The scenario on which it stands; ``None``: the live rows."""
    changes: tuple[Change, ...] = ()
    applied_at: datetime | None = None
    """When its changes became live rows; it is closed since then."""
    applied_by: ActorId | None = None
    external_id: str | None = None
    version: int = 0
    needs: frozenset[str] = field(init=False)
    """Rights without which nobody may see it."""

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if len(self.changes) > CHANGES_MAX:
            faults.add("/changes", "list.length", f"There are {len(self.changes)} changes; at most {CHANGES_MAX} are taken.")
        if self.base_id == self.id:
            faults.add("/base_id", "scenario.stands_on_itself", "A scenario cannot stand on itself; name another, or none.")
        faults.raise_any("scenario")
        object.__setattr__(self, "needs", frozenset(right for change in self.changes for right in change.needs))

    @property
    def made(self) -> frozenset[str]:
        """Ids of the rows that its changes make."""
        return frozenset(row_id for change in self.changes for row_id in change.made)

    def require_open(self) -> None:
        """Raise DomainError ``scenario.applied`` once its changes are live."""
        if self.applied_at is not None:
            detail = (
                f"The scenario was applied on {self.applied_at:%Y-%m-%d at %H:%M} UTC: its changes are live rows now, and it is closed."
                " Make a new one for further changes."
            )
            raise DomainError(ErrorKind.CONFLICT, "scenario.applied", detail, facts={"applied_at": self.applied_at.isoformat()})

    def applied(self, *, by: ActorId, at: datetime) -> Scenario:
        """The scenario once its changes are live. Raises DomainError ``scenario.applied``."""
        self.require_open()
        return replace(self, applied_at=at, applied_by=by)


def check_stack(stack: Sequence[Scenario]) -> None:
    """Raise DomainError for scenarios that stand on each other in a circle, or too high. ``stack``: the base first."""
    seen = [scenario.id for scenario in stack]
    if len(set(seen)) < len(seen):
        raise DomainError(ErrorKind.INVALID, "scenario.stands_on_itself", "These scenarios stand on each other in a circle; break it.")
    if len(stack) > DEPTH_MAX:
        detail = f"{len(stack)} scenarios stand on each other; at most {DEPTH_MAX} may. Put the changes of some of them together."
        raise DomainError(ErrorKind.INVALID, "scenario.too_deep", detail)


def _needs(said: object) -> Iterator[str]:
    if isinstance(said, list):
        for one in said:
            yield from _needs(one)
    elif isinstance(said, dict):
        for name, value in said.items():
            if name in _NEEDED and value not in (None, {}, []):
                yield _NEEDED[name]
            yield from _needs(value)
