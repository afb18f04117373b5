"""E-mail beside webhooks: who hears of what, and in which words. Words name ids, states and rules of the firm; never people or money."""

from __future__ import annotations

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.permissions import (
    BOOKINGS_READ,
    BUDGETS_READ,
    CHANGE_SETS_READ,
    LINES_DECIDE,
    PLANS_READ,
    TIME_CREATE,
    TIME_READ,
)
from scheduler.domain.ground.webhooks import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.ground.webhooks import DeliveryState

MAIL_RIGHTS: Mapping[EventType, str] = {
    EventType.PLAN_FINISHED: PLANS_READ,
    EventType.BOOKING_CHANGED: BOOKINGS_READ,
    EventType.CHANGE_SET_READY: CHANGE_SETS_READ,
    EventType.CHANGE_SET_EXPIRED: CHANGE_SETS_READ,
    EventType.LINES_SUBMITTED: LINES_DECIDE,
    EventType.LINES_ESCALATED: LINES_DECIDE,
    EventType.LINES_REJECTED: TIME_READ,
    EventType.TIME_MISSING: TIME_CREATE,
    EventType.BUDGET_ALERT: BUDGETS_READ,
}
"""What a user must be allowed to read to be told of it."""


class MailWish(StrEnum):
    """What a user may choose to hear of by mail; of change sets hears whom their policy tells."""

    PLAN_FINISHED = EventType.PLAN_FINISHED.value
    """Plans that the user asked for."""
    BOOKING_CHANGED = EventType.BOOKING_CHANGED.value
    """Bookings of the person that the user is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """
    One event for one person. The id is part of the message's own: the same in every attempt.

    The address is not kept: it is the person's own when the message is sent.
    """

    id: str
    person_id: str
    event_type: EventType
    payload: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    next_at: datetime
    created_at: datetime
    delivered_at: datetime | None = None
    last_result: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str


def is_address(text: str) -> bool:
    """Whether mail can be sent to it: one address and nothing else, in letters that every mail server takes."""
    try:
        found = Address(addr_spec=text)
    except (ValueError, MessageError, IndexError):
        return False
    return text.isascii() and text.isprintable() and bool(found.username and found.domain) and found.addr_spec == text


def letter_of(event: EventType, facts: Mapping[str, Any], *, policy: str | None, base_url: str) -> Letter:
    """The words of an event; ``policy``: what the rebalance policy is called that it is about."""
    match event:
        case EventType.PLAN_FINISHED:
            subject = f"Plan {facts['state']}"
            told = f"The plan that you asked for has ended: {facts['state']}."
            link, why = f"/v1/plans/{facts['plan_id']}", _WISHED
        case EventType.BOOKING_CHANGED:
            count = len(facts["booking_ids"])
            subject = "A booking of yours has changed" if count == 1 else f"{count} bookings of yours have changed"
            told = f"{subject}: added, moved or removed."
            link, why = f"/v1/bookings/{facts['booking_ids'][0]}" if count == 1 else "/v1/bookings", _WISHED
        case EventType.CHANGE_SET_READY:
            subject = f"{policy}: {_groups(facts['to_decide'])} to be decided" if facts["to_decide"] else f"{policy}: changes were applied"
            told = f"A run of the rebalance policy {policy} proposes {_groups(facts['groups'])} of changes; {facts['to_decide']} of them "
            told += "wait to be approved or rejected."
            link, why = f"/v1/change-sets/{facts['change_set_id']}", _TOLD
        case EventType.CHANGE_SET_EXPIRED:
            subject = f"{policy}: proposed changes have expired"
            told = f"What was proposed by the rebalance policy {policy} rests on things that have changed since. These groups can no longer be "
            told += f"approved: {', '.join(map(str, facts['groups']))}. Run the policy again."
            link, why = f"/v1/change-sets/{facts['change_set_id']}", _TOLD
        case EventType.LINES_SUBMITTED | EventType.LINES_ESCALATED:
            lines = _lines(facts["lines"])
            subject = f"{lines} to approve" if event is EventType.LINES_SUBMITTED else f"{lines} to approve, nobody has decided yet"
            told = f"{lines} of time or expenses, from {facts['first_day']} on, can be approved or rejected by you."
            link, why = "/v1/approvals/inbox", _DECIDES
        case EventType.LINES_REJECTED:
            subject = f"{_lines(facts['lines'])} given back to you"
            told = f"{subject}, from {facts['first_day']} on. The reason stands with each; correct them and hand them in again."
            link, why = f"/v1/people/{facts['person_id']}/timesheet?day={facts['first_day']}", _THEIRS
        case EventType.TIME_MISSING:
            subject = f"Time is missing in the week of {facts['week']}"
            told = f"In the week that began on {facts['week']} you have logged less than you were to work. Log what is missing."
            link, why = f"/v1/people/{facts['person_id']}/time-week?week={facts['week']}", _REMINDED
        case EventType.BUDGET_ALERT:
            subject = f"{facts['percent']} % of a budget in {'hours' if facts['measure'] == 'minutes' else 'money'} is used"
            told = f"{subject}. The project's budget report says which, and what it comes to with all that is booked."
            link, why = f"/v1/projects/{facts['project_id']}/budget", _MANAGED
    return Letter(subject=f"Muster: {subject}", text=f"{told}\n\n{base_url}{link}\n\n{why}\n")


_WISHED = "You get this because you asked to be told by mail; PUT /v1/notifications changes that."
_REMINDED = "You get this once for a week, because the firm's policy on time reminds of it."
_MANAGED = "You get this because the project is one of yours."
_TOLD = "You get this because the policy tells you."
_DECIDES = "You get this because lines wait for you, or for somebody whom you stand in for; the firm's approval policy says so."
_THEIRS = "You get this because the lines are yours."


def _lines(lines: Sequence[Any]) -> str:
    return "1 line" if len(lines) == 1 else f"{len(lines)} lines"


def _groups(count: int) -> str:
    return "1 group" if count == 1 else f"{count} groups"
