"""Everything that is held on one person, as JSON values: for the person to read, so it leaves nothing out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, select, type_coerce

from scheduler.store.classified import TABLES, classified
from scheduler.store.column_classes import Holds
from scheduler.store.erasure import known_names
from scheduler.store.linked_users import user_ids_of
from scheduler.store.row_changes import plain_json
from scheduler.store.tables.base import METADATA, TWINS
from scheduler.store.tables.plans import IDEMPOTENCY_RECORDS, PLAN_PROBLEMS, PLANS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from scheduler.store.view import View


def held_on(view: View, person_id: str) -> dict[str, Any]:
    """
    What is held on a person, or on somebody who was deleted.

    ``records``: by table the rows as they are and every version; ``plans``: what each says of the person, with its problem;
    ``audit``: every change of a row about the person; ``acts``: what the person did as a user; ``answers``: kept for a day for callers that ask again.
    """
    connection = view.connection
    return {
        "records": dict(_records(connection, person_id)),
        "plans": list(_plans(view, person_id)),
        "audit": [_audit_entry(asdict(entry)) for entry in view.audit.about(person_id)],
        "acts": [_audit_entry(act) for act in view.audit.acts_of(person_id)],
        "answers": list(_answers(connection, person_id)),
    }


def _records(connection: Connection, person_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, found in TABLES.items():
        if found.person is None:
            continue
        rows = {
            "current": list(_rows(connection, METADATA.tables[name], found.person, person_id)),
            "versions": list(_rows(connection, TWINS[name], found.person, person_id)) if name in TWINS else [],
        }
        if any(rows.values()):
            yield name, rows
    for table in (one for one in METADATA.tables.values() if "user_id" in one.c):
        held = [row for user_id in user_ids_of(connection, person_id) for row in _rows(connection, table, "user_id", user_id)]
        if held:
            yield table.name, {"current": held, "versions": []}


def _rows(connection: Connection, table: Table, person: str, person_id: str) -> Iterator[dict[str, Any]]:
    query = select(table).where(table.c[person] == person_id).order_by(*table.primary_key)
    secret = {name for name, rule in classified(table.name).columns.items() if rule.holds is Holds.SECRET}
    for row in connection.execute(query).mappings():
        yield {name: plain_json(value) for name, value in row.items() if not name.endswith("_key") and name not in secret}


def _plans(view: View, person_id: str) -> Iterator[dict[str, Any]]:
    named = [
        select(column).where(type_coerce(text, Text()).contains(json.dumps(person_id), autoescape=True))
        for column, text in ((PLANS.c.id, PLANS.c.result), (PLAN_PROBLEMS.c.plan_id, PLAN_PROBLEMS.c.problem))
    ]
    for plan_id in sorted({one for query in named for one in view.connection.execute(query).scalars()}):
        plan, kept = view.plans.get(plan_id), view.plans.problem(plan_id)
        found: dict[str, Any] = {"plan_id": plan_id, "created_at": plan.created_at.isoformat()}
        if plan.result is not None:
            found["said"] = _concerning(plan.result.get("view") or {}, person_id)
            if plan.result.get("alternative"):
                found["said_in_alternative"] = _concerning(plan.result["alternative"].get("view") or {}, person_id)
        if kept is not None:
            found["problem"] = _concerning(kept.problem, person_id)
            found["statements"] = _concerning(kept.statements, person_id)
        yield found


def _concerning(whole: Mapping[str, Any], person_id: str) -> dict[str, Any]:
    """The parts of a JSON object that name the person: entries of lists, or what stands under the person's id."""
    found: dict[str, Any] = {}
    for name, value in whole.items():
        if isinstance(value, list):
            entries = [one for one in value if _names(one, person_id)]
            if entries:
                found[name] = entries
        elif isinstance(value, Mapping):
            within = value[person_id] if person_id in value else _concerning(value, person_id)
            if within:
                found[name] = within
    return found


def _names(value: object, person_id: str) -> bool:
    if isinstance(value, Mapping):
        return any(_names(one, person_id) for one in (*value.keys(), *value.values()))
    if isinstance(value, (list, tuple)):
        return any(_names(one, person_id) for one in value)
    return value == person_id


def _audit_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_json(value) if not isinstance(value, dict) else value for name, value in entry.items()}


def _answers(connection: Connection, person_id: str) -> Iterator[dict[str, Any]]:
    wanted = [text.encode() for text in (person_id, *known_names(connection, person_id))]
    rows: Iterable[Any] = connection.execute(select(IDEMPOTENCY_RECORDS).where(IDEMPOTENCY_RECORDS.c.body.is_not(None)))
    for row in rows:
        if any(text in row.body for text in wanted):
            yield {"route": row.route, "created_at": row.created_at.isoformat(), "status": row.status, "body": _read(row.body)}


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
