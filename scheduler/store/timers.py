"""Running timers: one row for each person who works just now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from scheduler.domain.delivery.timers import RunningTimer, timer_running
from scheduler.store.areas.base import built, plain
from scheduler.store.noted_rows import note
from scheduler.store.tables.time import RUNNING_TIMERS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.store.repository import Changes


class TimerReader:
    """What people work on just now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, person_id: str) -> RunningTimer | None:
        """The person's running timer."""
        query = select(RUNNING_TIMERS).where(RUNNING_TIMERS.c.person_id == person_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else built(RunningTimer, row)


class TimerRepository(TimerReader):
    """The same in a write transaction; whoever calls it has asked whose timer it may be."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        super().__init__(connection)
        self._changes = changes

    def start(self, timer: RunningTimer) -> RunningTimer:
        """Keep a timer. Raises DomainError ``timer.running`` where the person has one, however closely two are started."""
        note(self._connection, self._changes, RUNNING_TIMERS, timer.person_id)
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(RUNNING_TIMERS).values(plain(timer, RUNNING_TIMERS)))
        except IntegrityError as error:
            raise timer_running(self.of(timer.person_id)) from error
        return timer

    def end(self, person_id: str) -> None:
        """Remove the person's timer."""
        note(self._connection, self._changes, RUNNING_TIMERS, person_id)
        self._connection.execute(delete(RUNNING_TIMERS).where(RUNNING_TIMERS.c.person_id == person_id))
