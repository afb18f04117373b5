"""
Doing something once although it is asked for several times with the same key.

The record is written in the transaction of the change, so both exist or neither does::

    claim = IdempotencyClaim(key=..., route="POST /v1/people", body_sha256=..., respond=render)
    with store.begin(actor, now=now, idempotency=claim) as tx:   # raises Replayed(response) when it was done before
        person = tx.people.add(person)
        return tx.answer(person)                                 # what ``claim.respond`` turns into the stored answer

The first transaction with a key inserts the record; one that comes while the first is open waits for it (SQLite: for the write
lock; PostgreSQL: for the unique index) and then replays, or executes if the first was rolled back: refusals are not kept. The
same key with another route or body is refused (``idempotency.mismatch``), and so is one whose owner has other rights by now: the
kept answer may hold what they may not see any more (``idempotency.rights_changed``). Keys belong to an actor, and live for 24 hours.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.idempotency import Replayed, StoredResponse
from scheduler.store.tables.plans import IDEMPOTENCY_RECORDS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim

LIFETIME = timedelta(hours=24)
KEY_MAX = 255


class IdempotencyRecords:
    """The answers given in the last 24 hours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, claim: IdempotencyClaim, *, actor: Actor, now: datetime) -> None:
        """Take the key. Raises Replayed when it was used for the same thing, DomainError when for another."""
        if not 1 <= len(claim.key) <= KEY_MAX or not claim.key.isprintable():
            raise DomainError(ErrorKind.INVALID, "idempotency.key_invalid", f"An idempotency key has 1 to {KEY_MAX} printable characters.")
        expired = IDEMPOTENCY_RECORDS.c.created_at <= now - LIFETIME
        self._connection.execute(delete(IDEMPOTENCY_RECORDS).where(self._is(claim, actor), expired))
        row = {
            "actor_id": actor.answers_kept_for,
            "key": claim.key,
            "route": claim.route,
            "body_sha256": claim.body_sha256,
            "standing_sha256": hashlib.sha256(actor.standing.encode()).hexdigest(),
            "created_at": now,
        }
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(IDEMPOTENCY_RECORDS).values(row).on_conflict_do_nothing().returning(IDEMPOTENCY_RECORDS.c.key)
        if self._connection.execute(statement).first() is not None:
            return
        known = self._connection.execute(select(IDEMPOTENCY_RECORDS).where(self._is(claim, actor))).one()
        if (known.route, known.body_sha256) != (claim.route, claim.body_sha256):
            raise DomainError(
                ErrorKind.INVALID,
                "idempotency.mismatch",
                "This idempotency key was used for another request in the last 24 hours; use a new key for a new request.",
            )
        if known.standing_sha256 != row["standing_sha256"]:
            raise DomainError(
                ErrorKind.CONFLICT,
                "idempotency.rights_changed",
                "This was done under this idempotency key when your rights were others, so its answer is not given again; nothing was done now."
                " Read what came of it, as far as you may see it.",
            )
        raise Replayed(StoredResponse(status=known.status, headers=known.headers, body=known.body))

    def keep(self, claim: IdempotencyClaim, response: StoredResponse, *, actor: Actor) -> None:
        """Keep the answer to a taken key."""
        values = {"status": response.status, "headers": dict(response.headers), "body": response.body}
        self._connection.execute(update(IDEMPOTENCY_RECORDS).where(self._is(claim, actor)).values(values))

    def forget_expired(self, *, now: datetime) -> int:
        """Remove what is older than 24 hours; how many."""
        done = self._connection.execute(delete(IDEMPOTENCY_RECORDS).where(IDEMPOTENCY_RECORDS.c.created_at <= now - LIFETIME))
        return done.rowcount

    def _is(self, claim: IdempotencyClaim, actor: Actor) -> ColumnElement[bool]:
        return (IDEMPOTENCY_RECORDS.c.actor_id == actor.answers_kept_for) & (IDEMPOTENCY_RECORDS.c.key == claim.key)
