"""What somebody has left of each kind of absence in a year, with the rows that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import ABSENCE_REQUESTS_READ, PRIVATE_READ
from scheduler.store import retried
from scheduler.store.leave_reading import read_leave, read_working_days

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.absence_balances import YearBalance
    from scheduler.domain.staffing.absence_kinds import AbsenceKind
    from scheduler.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class KindBalance:
    """A kind, and its balance in the year."""

    kind: AbsenceKind
    balance: YearBalance


@retried
def person_balances(store: Store, *, actor: Actor, person_id: str, year: int, as_of: datetime | None = None) -> tuple[KindBalance, ...]:
    """
    The balances of a person in a year, by the name of the kind; kinds that keep none, or not yet, are left out.

    Raises DomainError ``record.not_found`` for somebody whom the actor does not see, ``access.denied``.
    """
    with store.read(actor, as_of=as_of) as view:
        view.people.get(person_id)
        require(actor, ABSENCE_REQUESTS_READ)
        require(actor, PRIVATE_READ)
        leave = read_leave(view.unrestricted, person_id)
        span = leave.span(year)
        worked = read_working_days(view.unrestricted, leave, span)
    found = [
        KindBalance(kind=kind, balance=one)
        for kind in leave.kinds
        for one in leave.years(kind, worked=worked, span=span)
        if one.year == year
    ]
    return tuple(sorted(found, key=lambda one: one.kind.name))
