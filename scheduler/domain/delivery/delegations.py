"""Delegations: who stands in for whom when lines are decided about, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from scheduler.domain.ground.ids import DelegationId, PersonId
    from scheduler.domain.ground.interval import DateInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A deputy decides about the lines that a person could decide about, beside that person."""

    id: DelegationId
    person_id: PersonId
    """For whom."""
    deputy_id: PersonId
    period: DateInterval
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.deputy_id == self.person_id:
            faults.add("/deputy_id", "delegation.same_person", "Nobody stands in for themselves; name another person.")
        if self.period.end is None:
            faults.add("/period/end", "field.missing", "A delegation ends on some day; give it (the day itself no longer counts).")
        faults.raise_any("delegation")

    def is_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return day in self.period

    def is_of(self, deputy_id: str | None, *, on: date) -> bool:
        """Whether somebody is the deputy on a day."""
        return deputy_id is not None and self.deputy_id == deputy_id and self.is_on(on)


def check_deputy(delegation: Delegation, *, by: PersonId | None, deciders: Collection[str]) -> None:
    """
    Nobody takes the standing of another, it is given; and to somebody who may decide about lines at all (``deciders``).

    Raises DomainError ``delegation.to_oneself``, ``input.invalid``.
    """
    if by is not None and delegation.deputy_id == by:
        detail = "You cannot make yourself somebody's deputy; they do that, or somebody else who may."
        raise DomainError(ErrorKind.FORBIDDEN, "delegation.to_oneself", detail)
    if delegation.deputy_id not in deciders:
        message = "The deputy has no login that may decide about lines; name a project manager, a resource manager or an admin."
        raise invalid("delegation", Fault(pointer="/deputy_id", code="delegation.deputy_cannot_decide", message=message))
