"""What hours of demands are billed at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What an hour of a demand is billed at in minor units, before chance and priority; internal work brings nothing."""

    rate_minor: int
    chance_e4: int = E4
    """The chance, in ten-thousandths, that it comes to that."""
    of_people: Mapping[str, int] = field(default_factory=dict)
    """Rates of people whose own is another."""

    def hour(self, person_id: str) -> int:
        """The rate of somebody's hour."""
        return self.of_people.get(person_id, self.rate_minor)


def bill_to_json(bill: Bill) -> dict[str, Any]:
    """Plain JSON."""
    return {"rate_minor": bill.rate_minor, "chance_e4": bill.chance_e4, "of_people": dict(bill.of_people)}
