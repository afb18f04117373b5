"""Mails: who is to be told of what by mail, and the outbox, written in the transaction of what it tells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, or_, select, union

from scheduler.domain.ground.access import denied, require
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.mails import MAIL_RIGHTS, Mail, MailWish
from scheduler.domain.ground.permissions import GRANTS, MAILS_CHANGE, MAILS_READ, Scope
from scheduler.domain.ground.webhooks import DeliveryState, EventType
from scheduler.store.among import among, chunks
from scheduler.store.areas.base import Row, built
from scheduler.store.outbox_rows import OutboxRows, waiting
from scheduler.store.tables.access import USERS
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.jobs import MAIL_WISHES, MAILS
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.rebalance import REBALANCE_POLICIES
from scheduler.store.tables.work import BOOKINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.webhooks import Event


def _mail(row: Row) -> Mail:
    return built(Mail, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMail:
    """A mail that is about to be sent, with what it needs that is not kept in it."""

    mail: Mail
    address: str | None
    """The person's; ``None``: there is none."""
    policy: str | None
    """What the rebalance policy is called that it is about."""
    is_allowed: bool
    """Whether the person still has a login that may read what it tells of."""


class MailReader:
    """What was sent to whom, and what users want to be sent."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor
        self._outbox = OutboxRows(connection, MAILS)

    def newest(self, state: DeliveryState | None = None) -> tuple[Mail, ...]:
        """The newest mails. Raises DomainError ``access.denied``."""
        if not self._actor.may(MAILS_READ):
            raise denied(MAILS_READ)
        return tuple(_mail(row) for row in self._outbox.newest(*(() if state is None else (MAILS.c.state == state,))))

    def is_due(self, now: datetime) -> bool:
        """Whether a mail waits to be sent."""
        return self._outbox.is_due(now)

    def wishes(self, user_id: str) -> frozenset[MailWish]:
        """What a user wants to hear of."""
        found = self._connection.execute(select(MAIL_WISHES.c.events).where(MAIL_WISHES.c.user_id == user_id)).scalar_one_or_none()
        return frozenset(MailWish(one) for one in found or ())


class MailRepository(MailReader):
    """The same in a write transaction, and the outbox."""

    def wish(self, user_id: str, wishes: Collection[MailWish]) -> None:
        """Keep what a user wants to hear of."""
        self._connection.execute(delete(MAIL_WISHES).where(MAIL_WISHES.c.user_id == user_id))
        if wishes:
            self._connection.execute(insert(MAIL_WISHES).values(user_id=user_id, events=sorted(one.value for one in wishes)))

    def again(self, *, since: datetime, delivered_too: bool, now: datetime) -> int:
        """Send again what was given up since then; ``delivered_too``: and what was delivered. How many. Raises ``access.denied``."""
        require(self._actor, MAILS_CHANGE)
        states = [DeliveryState.FAILED, *([DeliveryState.DELIVERED] if delivered_too else [])]
        return self._outbox.again(MAILS.c.created_at >= since, MAILS.c.state.in_(states), now=now)

    def announce(self, events: Sequence[Event], *, now: datetime) -> None:
        """Write a mail for everybody who is to hear of an event."""
        rows = [row for event in events for row in self._mails(event, now)]
        if rows:
            self._connection.execute(insert(MAILS), rows)

    def take_due(self, *, now: datetime) -> TakenMail | None:
        """The mail that is due first, now the sender's own for a while; the attempt counts."""
        row = self._outbox.take_due(now=now)
        if row is None:
            return None
        mail = _mail(row)
        policy_id = mail.payload["data"].get("policy_id")
        named = select(REBALANCE_POLICIES.c.name).where(REBALANCE_POLICIES.c.id == policy_id)
        return TakenMail(
            mail=mail,
            address=self._connection.execute(select(PEOPLE.c.email).where(PEOPLE.c.id == mail.person_id)).scalar_one_or_none(),
            policy=None if policy_id is None else self._connection.execute(named).scalar_one_or_none(),
            is_allowed=mail.person_id in self._readers(mail.event_type, USERS.c.person_id == mail.person_id),
        )

    def sent(self, mail: Mail, *, now: datetime) -> None:
        """The mail server has it."""
        self._outbox.sent(mail, result="accepted", now=now)

    def not_sent(self, mail: Mail, *, result: str, is_final: bool, now: datetime) -> None:
        """The mail server does not have it: to be sent again later, or given up."""
        self._outbox.not_sent(mail, result=result, is_final=is_final, now=now)

    def forget_old(self, *, before: datetime) -> None:
        """Remove mails that are done with."""
        self._outbox.forget_old(before=before)

    def _mails(self, event: Event, now: datetime) -> Iterable[dict[str, Any]]:
        if event.type is EventType.BOOKING_CHANGED:
            wishing = self._readers(event.type, USERS.c.id.in_(self._wishing(event.type)))
            concerned = self._booked(event.facts["booking_ids"]) if wishing else {}
            for person_id in sorted(wishing & concerned.keys()):
                yield _written(event, person_id, {"booking_ids": sorted(concerned[person_id])}, now)
            return
        asked: list[ColumnElement[bool]] = []
        if event.told:
            asked.append(USERS.c.person_id.in_(event.told))
        if event.concerns:
            asked.append(USERS.c.id.in_(event.concerns & self._wishing(event.type)))
        for person_id in sorted(self._readers(event.type, or_(*asked))) if asked else ():
            yield _written(event, person_id, event.facts, now)

    def _wishing(self, event: EventType) -> frozenset[str]:
        """Users who want to hear of it."""
        return frozenset(row.user_id for row in self._connection.execute(select(MAIL_WISHES)) if event.value in row.events)

    def _readers(self, event: EventType, wanted: ColumnElement[bool]) -> frozenset[str]:
        """The people among these users who may log in and read what such an event tells of."""
        may = [role for role, scope in GRANTS[MAIL_RIGHTS[event]].items() if scope is not Scope.NONE]
        query = select(USERS.c.person_id).where(wanted, USERS.c.is_active.is_(True), USERS.c.role.in_(may), USERS.c.person_id.is_not(None))
        return frozenset(self._connection.execute(query).scalars())

    def _booked(self, booking_ids: Collection[str]) -> Mapping[str, set[str]]:
        """Whose bookings these are, and were until this transaction."""
        found: dict[str, set[str]] = defaultdict(set)
        before = TWINS[BOOKINGS.name]
        for part in chunks(sorted(booking_ids)):
            now = select(BOOKINGS.c.person_id, BOOKINGS.c.id).where(among(BOOKINGS.c.id, part))
            was = select(before.c.person_id, before.c.id).where(among(before.c.id, part), before.c.recorded_to.is_(None))
            for person_id, booking_id in self._connection.execute(union(now, was)):
                found[person_id].add(booking_id)
        return found


def _written(event: Event, person_id: str, facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    payload = {"type": event.type.value, "timestamp": now.astimezone(UTC).isoformat(), "data": dict(facts)}
    return {"id": f"mail_{new_id()}", "person_id": person_id, "event_type": event.type, "payload": payload, **waiting(now)}
