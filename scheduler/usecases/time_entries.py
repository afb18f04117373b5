"""Logging, changing and deleting worked time; each function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.time_drafts import TimeDraft, changed_draft
from scheduler.domain.ground.ids import TimeEntryId, new_id
from scheduler.domain.ground.permissions import TIME_CHANGE, TIME_CREATE, TIME_DELETE
from scheduler.store import retried
from scheduler.store.areas.time import TIME_ENTRY_AREA
from scheduler.store.repository import stale
from scheduler.store.time_book import ENTRIES, Put, TimeBook, Written
from scheduler.store.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.delivery.time_entries import TimeEntry
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@retried
def log_time(store: Store, *, actor: Actor, draft: TimeDraft, now: datetime, idempotency: IdempotencyClaim | None = None) -> Written:
    """
    Keep work as one entry for each local day that it falls on.

    Raises DomainError ``access.out_of_scope`` for somebody else's time, ``input.invalid``, ``time.policy``, ``time.overlap``,
    ``external_id.taken``, and Replayed.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        book = TimeBook(tx, person_id=draft.person_id, permission=TIME_CREATE)
        entries = draft.entries(first_id=TimeEntryId(new_id()), new_id=new_id, is_billable=_billable(book, draft))
        return tx.answer(book.write([Put(entry=entry) for entry in entries]))


@retried
def change_time(store: Store, *, actor: Actor, entry_id: str, version: int, given: Mapping[str, Any], now: datetime) -> Written:
    """
    Replace the given fields of an entry; where nothing differs nothing is written.

    What then crosses midnight becomes several entries, of which the first keeps the id. Raises like ``log_time``, and
    ``record.not_found``, ``entry.locked``, ``version.stale``.
    """
    with store.begin(actor, now=now) as tx:
        book, before = _held(tx, entry_id, version, permission=TIME_CHANGE)
        draft = changed_draft(before, given)
        is_billable = _billable(book, draft)
        entries = draft.entries(first_id=before.id, new_id=new_id, is_billable=is_billable, before=before)
        if entries == (before,):
            return Written(entries=(before,))
        return book.write([Put(entry=entry) for entry in entries])


@retried
def delete_time(store: Store, *, actor: Actor, entry_id: str, version: int, now: datetime) -> None:
    """Delete an entry that is not handed in. Raises DomainError ``record.not_found``, ``entry.locked``, ``version.stale``."""
    with store.begin(actor, now=now) as tx:
        book, before = _held(tx, entry_id, version, permission=TIME_DELETE)
        book.write([], removed=[before])


def _held(tx: Transaction, entry_id: str, version: int, *, permission: str) -> tuple[TimeBook, TimeEntry]:
    """The entry, locked after its person's time."""
    person_id = View(tx.connection, tx.actor).area(ENTRIES).get(entry_id).person_id
    book = TimeBook(tx, person_id=person_id, permission=permission)
    before = book.stored(entry_id)
    if before.version != version:
        raise stale(TIME_ENTRY_AREA, entry_id, given=version, current=before.version)
    return book, before


def _billable(book: TimeBook, draft: TimeDraft) -> bool:
    if draft.is_billable is not None:
        return draft.is_billable
    return book.is_billable(
        project_id=draft.project_id, task_id=draft.task_id, demand_id=draft.demand_id, activity_type_id=draft.activity_type_id
    )
