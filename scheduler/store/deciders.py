"""In which standings somebody decides today, by whom lines can be decided at all, and by which rules of the firm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery.approval_policies import ApprovalPolicy
from scheduler.domain.delivery.approvals import LEVEL_OF, Level, Seat, in_charge, standings, with_deputies
from scheduler.domain.ground.permissions import LINES_DECIDE
from scheduler.store.areas.approvals import APPROVAL_POLICY_AREA

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.delivery.delegations import Delegation
    from scheduler.domain.delivery.lines import Line
    from scheduler.domain.ground.access import Actor
    from scheduler.store.transaction import Transaction
    from scheduler.store.view import View


def approval_policy(source: View | Transaction) -> ApprovalPolicy:
    """The firm's; what holds until somebody says otherwise has version 0."""
    found: ApprovalPolicy | None = source.unrestricted.area(APPROVAL_POLICY_AREA.name).find(ApprovalPolicy.id)
    return found or ApprovalPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """Everybody who may decide about some line, and the delegations of a day."""

    everybody: tuple[Seat, ...]
    delegations: tuple[Delegation, ...]
    on: date

    @classmethod
    def of(cls, source: View | Transaction, *, on: date) -> Deciders:
        """As it is now."""
        return cls(everybody=source.line_approvals.seats(), delegations=source.line_approvals.delegations(on), on=on)

    def standings_of(self, actor: Actor) -> tuple[Seat, ...]:
        """The actor's own, and those of whom they stand in for; none without the right to decide."""
        if not actor.may(LINES_DECIDE) or actor.role is None or actor.role not in LEVEL_OF:
            return ()
        own = Seat(level=LEVEL_OF[actor.role], person_id=actor.person_id, team=actor.team, project_ids=frozenset(actor.project_ids))
        return standings(own, deputy_id=actor.person_id, delegations=self.delegations, seats=self.everybody, on=self.on)

    def asked(self, line: Line, level: Level) -> frozenset[str]:
        """People whom a line waits for, deputies included; the line's own person is none of them."""
        people = (seat.person_id for seat in in_charge(line, level, self.everybody) if seat.person_id is not None)
        return with_deputies(people, self.delegations, on=self.on) - {line.person_id}
