"""The audit in a transaction: what it changed is written with it, as the next record of the chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, insert, select, type_coerce, update

from scheduler.domain.ground.audit import AuditChange, AuditRecord, ChangeKind, Link, change_id, record_hash
from scheduler.store import areas as known_areas
from scheduler.store.columns import can_be_text
from scheduler.store.row_changes import Half, RowChange, area_changes, changed, plain_json
from scheduler.store.tables.audit import AUDIT_CHANGES, AUDIT_HEAD, AUDIT_RECORDS
from scheduler.store.tables.plans import PLAN_PROBLEMS, PLANS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from scheduler.domain.ground.access import Actor
    from scheduler.store.person_keys import PersonKeys, SealingKey
    from scheduler.store.repository import Changes

_TEXT_MAX = 400
_HASHED = frozenset({"result", "problem", "statements", "row_versions"})
"""Large columns, of which a record keeps the hash."""
_UNTOLD = frozenset({"id", "plan_id", "failure_detail", "progress_seconds", "progress_objective_x60", "progress_bound_x60", "progress_gap"})
"""Progress is no change of a plan; what a failure says in words follows from its code."""


def made_changes(connection: Connection, changes: Changes) -> list[RowChange]:
    """Everything the transaction changed; to be called before versions are recorded."""
    found = [
        one
        for name, ids in changes.touched.items()
        for one in area_changes(connection, known_areas.AREAS[name], ids, erased=frozenset(changes.erased))
    ]
    return [*found, *_plan_changes(connection, changes)]


def plan_state(connection: Connection, table: Table, plan_id: str) -> dict[str, Any] | None:
    """The row of a plan, or of its problem, as records tell of it."""
    key = "id" if table is PLANS else "plan_id"
    columns = [type_coerce(c, Text()).label(c.name) if c.name in _HASHED else c for c in table.columns if c.name not in _UNTOLD]
    row = connection.execute(select(*columns).where(table.c[key] == plan_id)).mappings().one_or_none()
    if row is None:
        return None
    return {f"{name}_sha256" if name in _HASHED else name: _told(name, value) for name, value in row.items()}


def _told(name: str, value: Any) -> Any:
    if name in _HASHED:
        return None if value is None else hashlib.sha256(str(value).encode()).hexdigest()
    return plain_json(value)


def _plan_changes(connection: Connection, changes: Changes) -> Iterator[RowChange]:
    for table, before_by_id in ((PLANS, changes.plans), (PLAN_PROBLEMS, changes.plan_problems)):
        for plan_id, before in sorted(before_by_id.items()):
            after = plan_state(connection, table, plan_id) or {}
            kind = ChangeKind.CREATED if before is None else ChangeKind.CHANGED
            yield changed(table.name, plan_id, kind, _differing(before, after), _differing(after, before))


def _differing(row: dict[str, Any] | None, other: dict[str, Any] | None) -> Half | None:
    if row is None:
        return None
    return Half(open={name: value for name, value in row.items() if value != (other or {}).get(name)})


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
