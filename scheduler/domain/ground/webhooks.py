"""What happens that others want to hear of, who wants to hear of what, and when a message is sent again."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import ActorId


class EventType(StrEnum):
    """What can be subscribed to. What an event tells are ids and states, never names or amounts: who may see more reads it by its id."""

    PLAN_FINISHED = "plan.finished"
    """``plan_id``, ``state``: succeeded, failed or cancelled."""
    BOOKING_CHANGED = "booking.changed"
    """``booking_ids``: those that one change added, changed or removed."""
    CHANGE_SET_READY = "change_set.ready"
    """``change_set_id``, ``policy_id``, ``groups``: how many there are, ``to_decide``: how many of them need somebody's leave."""
    CHANGE_SET_EXPIRED = "change_set.expired"
    """``change_set_id``, ``policy_id``, ``groups``: the numbers of those that what has changed since makes void."""
    LINES_SUBMITTED = "lines.submitted"
    """``lines``: kind and id of what was handed in, ``first_day`` of it, ``waits_for``: the level that has to decide."""
    LINES_ESCALATED = "lines.escalated"
    """The same of what nobody decided in time; ``waits_for``: the level that is asked now."""
    LINES_REJECTED = "lines.rejected"
    """``lines``, ``first_day``, ``person_id``: whose they are."""
    TIME_MISSING = "time.missing"
    """``person_id``, ``week``: the Monday of the week in which less is logged than was to be worked."""
    BUDGET_ALERT = "budget.alert"
    """``alert_id``, ``budget_id``, ``project_id``, ``measure``: minutes or amount, ``percent``: how much of the budget is used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, written in the transaction that made it happen."""

    type: EventType
    facts: Mapping[str, Any]
    told: frozenset[str] = frozenset()
    """People who hear of it by mail because somebody decided so."""
    concerns: frozenset[str] = frozenset()
    """Users who hear of it by mail if they want to: who asked for it."""


class DeliveryState(StrEnum):
    """Where a message to one subscriber stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up; it can be replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Somebody's address, and which events are sent there."""

    id: str
    url: str
    events: tuple[EventType, ...]
    actor_id: ActorId
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one webhook. The id is the message's: the same in every attempt, so that a receiver knows what it has had."""

    id: str
    webhook_id: str
    event_type: EventType
    payload: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    next_at: datetime
    created_at: datetime
    delivered_at: datetime | None = None
    last_result: str | None = None


BACKOFF = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
"""After each failed attempt, as Standard Webhooks has it; then a message is given up."""
PORTS = frozenset({443, 8443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
"""Reserved for protocols; not every version of the standard library knows."""
_URL_MAX = 2_000


def checked_url(url: str, *, allow_private: bool) -> str:
    """An address that messages may be sent to, as far as its text tells. Raises DomainError ``url.not_allowed``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _not_allowed("it cannot be read") from None
    schemes = {"https", "http"} if allow_private else {"https"}
    if parts.scheme not in schemes or not parts.hostname or len(url) > _URL_MAX or not url.isprintable() or " " in url:
        raise _not_allowed("it must be a full https address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _not_allowed("it must not hold a user, a password or a fragment")
    if not allow_private and (port or 443) not in PORTS:
        raise _not_allowed("its port must be 443 or 8443")
    return url


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, and leads to none that is not."""
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found not in _PROTOCOLS and found.is_global and not found.is_multicast and not found.is_reserved


def not_public() -> DomainError:
    """An address that leads to where only this network gets."""
    message = "The address does not lead to a public host; give one that can be reached from the internet."
    return DomainError(ErrorKind.INVALID, "url.not_public", message, (Fault(pointer="/url", code="url.not_public", message=message),))


def _not_allowed(why: str) -> DomainError:
    message = f"No messages are sent to this address: {why}."
    return invalid("webhook", Fault(pointer="/url", code="url.not_allowed", message=message))
