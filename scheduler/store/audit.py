"""The audit in a transaction: what it changed is written with it, as the next record of the chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scheduler.domain.ground.audit import AuditChange, AuditRecord, ChangeKind, Link, change_id, record_hash
from scheduler.domain.ground.credentials import AccessEventKind
from scheduler.store import areas as known_areas
from scheduler.store.columns import can_be_text
from scheduler.store.noted_rows import noted_changes
from scheduler.store.row_changes import Half, RowChange, area_changes
from scheduler.store.tables.audit import AUDIT_CHANGES, AUDIT_HEAD, AUDIT_RECORDS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.credentials import AccessEvent
    from scheduler.store.person_keys import PersonKeys, SealingKey
    from scheduler.store.repository import Changes

_TEXT_MAX = 400
ACCESS = "access"
"""What stands in the place of an area for what happens at the door."""
NOBODY = "unknown"
_UNTOLD = AccessEventKind.LOGIN_THROTTLED
"""Only logged: strangers could make the audit grow without end. The tries that led to it are told."""


def made_changes(connection: Connection, changes: Changes, events: Iterable[AccessEvent]) -> list[RowChange]:
    """Everything the transaction changed, and what happened at the door; to be called before versions are recorded."""
    found = [
        one
        for name, ids in changes.touched.items()
        for one in area_changes(connection, known_areas.AREAS[name], ids, erased=frozenset(changes.erased))
    ]
    return [*found, *noted_changes(connection, changes), *(_told(event) for event in events if event.kind is not _UNTOLD)]


def _told(event: AccessEvent) -> RowChange:
    """An event as a record has it: about the user whom it concerns, by the opaque id, and without what was typed."""
    after = Half(open={"event": event.kind.value, **event.facts})
    return RowChange(area=ACCESS, row_id=event.user_id or NOBODY, kind=ChangeKind.NOTED, before=None, after=after)


def sealed_changes(made: Sequence[RowChange], keys: PersonKeys) -> list[dict[str, Any]]:
    """The changes as they are stored, but for their place in the chain. Makes keys, so it goes before the locks of the audit."""
    halves = (half for one in made for half in (one.before, one.after) if half is not None and half.personal)
    of = keys.of({half.person_id for half in halves if half.person_id is not None})
    return [
        {
            "area": one.area,
            "row_id": one.row_id,
            "kind": one.kind.value,
            "person_id": one.person_id,
            "before": None if one.before is None else _text(one.before.open),
            "after": None if one.after is None else _text(one.after.open),
            "sealed": _sealed(one, of),
        }
        for one in made
    ]


def _sealed(one: RowChange, of: Mapping[str, SealingKey]) -> str | None:
    envelopes = {}
    for name, half in (("before", one.before), ("after", one.after)):
        if half is not None and half.personal and half.person_id is not None:
            envelopes[name] = of[half.person_id].seal(half.personal, place=sealing_place(one.area, one.row_id, name))
    return _text(envelopes) if envelopes else None


def sealing_place(area: str, row_id: str, half: str) -> str:
    """Where an envelope of a change belongs."""
    return f"audit/{area}/{row_id}/{half}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def append(connection: Connection, made: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime, plan_id: str | None) -> Link:
    """Write the next record of the chain. Locks the head: whoever writes next waits for this transaction's end."""
    head = connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1).with_for_update()).one()
    position = head.position + 1
    record = AuditRecord(
        position=position,
        recorded_at=at,
        actor_id=actor.id,
        source=actor.origin.source,
        user_agent=_storable(actor.origin.user_agent),
        request_id=actor.origin.request_id,
        plan_id=plan_id,
    )
    rows = [{**one, "id": change_id(position, number), "position": position} for number, one in enumerate(made)]
    link = Link(position=position, hash=record_hash(head.hash, record, (AuditChange(**row) for row in rows)))
    connection.execute(insert(AUDIT_RECORDS), {**asdict(record), "hash": link.hash})
    connection.execute(insert(AUDIT_CHANGES), rows)
    connection.execute(update(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1).values(position=position, hash=link.hash))
    return link


def _storable(text: str | None) -> str | None:
    """What a client calls itself, as far as it can be kept."""
    return None if text is None or not can_be_text(text) else text[:_TEXT_MAX]
