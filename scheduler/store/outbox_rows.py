"""What waits to be sent: the rows that webhooks and mails have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import delete, select, update

from scheduler.domain.ground.webhooks import BACKOFF, DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping, Table

SENDING = timedelta(minutes=2)
"""How long a message is a sender's own: whoever took it and died has left it by then."""
LIST_MAX = 1_000


class Sending(Protocol):
    """A message that a sender has taken."""

    @property
    def id(self) -> str:
        """The message's own id."""

    @property
    def attempts(self) -> int:
        """Which attempt it is; whoever takes the message later has a higher one."""


class OutboxRows:
    """The messages of one table."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._table = table

    def is_due(self, now: datetime) -> bool:
        """Whether a message waits to be sent."""
        return self._connection.execute(select(self._table.c.id).where(*self._due(now)).limit(1)).first() is not None

    def newest(self, *conditions: ColumnElement[bool]) -> list[RowMapping]:
        """The newest messages, at most a thousand."""
        query = select(self._table).where(*conditions).order_by(self._table.c.created_at.desc(), self._table.c.id)
        return list(self._connection.execute(query.limit(LIST_MAX)).mappings())

    def take_due(self, *conditions: ColumnElement[bool], now: datetime) -> dict[str, Any] | None:
        """The message that is due first, now the sender's own for a while; the attempt counts."""
        table = self._table
        first = select(table).where(*self._due(now), *conditions).order_by(table.c.next_at).limit(1)
        row = self._connection.execute(first.with_for_update(skip_locked=True)).mappings().one_or_none()
        if row is None:
            return None
        taken = {"attempts": row["attempts"] + 1, "next_at": now + SENDING}
        self._connection.execute(update(table).where(table.c.id == row["id"]).values(taken))
        return {**row, **taken}

    def sent(self, message: Sending, *, result: str, now: datetime) -> None:
        """It was taken by its receiver."""
        self._record(message, state=DeliveryState.DELIVERED, delivered_at=now, last_result=result)

    def not_sent(self, message: Sending, *, result: str, is_final: bool, now: datetime) -> None:
        """It was not: to be sent again later, or given up."""
        if is_final or message.attempts > len(BACKOFF):
            self._record(message, state=DeliveryState.FAILED, last_result=result)
            return
        self._record(message, next_at=now + BACKOFF[message.attempts - 1], last_result=result)

    def again(self, *conditions: ColumnElement[bool], now: datetime) -> int:
        """Send messages again, under the same ids; how many."""
        values = {"state": DeliveryState.WAITING, "attempts": 0, "next_at": now, "delivered_at": None}
        return self._connection.execute(update(self._table).where(*conditions).values(values)).rowcount

    def forget_old(self, *, before: datetime) -> None:
        """Remove messages that are done with."""
        done = (self._table.c.state != DeliveryState.WAITING, self._table.c.created_at < before)
        self._connection.execute(delete(self._table).where(*done))

    def _due(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        return (self._table.c.state == DeliveryState.WAITING, self._table.c.next_at <= now)

    def _record(self, message: Sending, **values: Any) -> None:
        # Whoever took it after us has counted another attempt, and says what became of it.
        own = (self._table.c.id == message.id, self._table.c.attempts == message.attempts)
        self._connection.execute(update(self._table).where(*own).values(values))


def waiting(now: datetime) -> dict[str, Any]:
    """The columns of a message that nobody has tried to send."""
    return {"state": DeliveryState.WAITING, "attempts": 0, "next_at": now, "created_at": now}
