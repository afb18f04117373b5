"""
Erasing a person from every table, as the classification of the columns says.

Rows keep their ids, so totals stay as they are. Versions are rewritten too: a question about the past is answered with the pseudonym.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, delete, false, func, or_, select, type_coerce, update

from scheduler.domain.billing.invoices import NUMBERED
from scheduler.domain.ground.checks import name_key
from scheduler.domain.staffing.erasure import Erasure, Kept, Mention, pseudonym_of
from scheduler.domain.staffing.name_marks import name_mark
from scheduler.store import sealed_plans
from scheduler.store.classified import TABLES
from scheduler.store.column_classes import Classified, Erased
from scheduler.store.columns import can_be_text
from scheduler.store.linked_users import user_ids_of
from scheduler.store.tables.access import USERS
from scheduler.store.tables.audit import AUDIT_CHANGES
from scheduler.store.tables.base import METADATA, TWINS
from scheduler.store.tables.invoices import INVOICE_LINES, INVOICES
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.plans import IDEMPOTENCY_RECORDS, PLAN_PROBLEMS, PLANS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from scheduler.store.person_keys import PersonKeys

NEUTRAL = "absent"
"""What every kind of absence becomes."""
MENTIONS_MAX = 50
_PLANS_WHY = "Plans say who was to do what when, by id; sums, prices and reasons stay as they were computed."
_AUDIT_WHY = "Who changed what when has to stay provable; the chain of records allows no removal."


def known_names(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Everything the person is or was called, e-mail addresses included, longest first; nothing for somebody who never was."""
    found: set[str] = set()
    if not can_be_text(person_id):
        return ()
    for table in (PEOPLE, TWINS[PEOPLE.name]):
        for row in connection.execute(select(table.c.name, table.c.email).where(table.c.id == person_id)):
            found.update(text for text in row if text)
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def erase(connection: Connection, keys: PersonKeys, person_id: str) -> Erasure:
    """Rewrite what can be rewritten, destroy the key of what cannot, and say what is kept."""
    names = known_names(connection, person_id)
    plans = _seal_plans(connection, keys, person_id, names)
    answers = _forget_answers(connection, person_id, names)
    known_as = (person_id, *user_ids_of(connection, person_id))
    audited = sum(_count(connection, AUDIT_CHANGES, "person_id", one) for one in known_as)
    sealed = {"audit_changes": audited, "plans": plans}
    for one in known_as:
        keys.destroy(one)
    rewritten = {table.name: rows for table, rows in _rewrite(connection, person_id) if rows}
    if drafts := _rename_in_drafts(connection, person_id, names):
        rewritten[INVOICE_LINES.name] = drafts
    if answers:
        rewritten[IDEMPOTENCY_RECORDS.name] = answers
    return Erasure(
        person_id=person_id,
        pseudonym=pseudonym_of(person_id),
        dry_run=False,
        rewritten=rewritten,
        sealed={name: rows for name, rows in sealed.items() if rows},
        kept=tuple(_kept(connection, person_id, sealed)),
        mentions=tuple(_mentions(connection, names)),
    )


def erase_user(connection: Connection, keys: PersonKeys, user_id: str, names: Sequence[str]) -> Erasure:
    """The same for a user who is no person: the row and its versions say nothing any more, and nobody can read what was recorded of it."""
    answers = _forget_answers(connection, user_id, names)
    audited = _count(connection, AUDIT_CHANGES, "person_id", user_id)
    keys.destroy(user_id)
    rewritten = {IDEMPOTENCY_RECORDS.name: answers}
    for table in _tables(USERS.name):
        values = _replacements(table, TABLES[USERS.name], pseudonym_of(user_id))
        rewritten[table.name] = connection.execute(update(table).where(table.c.id == user_id).values(values)).rowcount
    kept = Kept(table="audit_changes", columns=("row_id", "person_id"), rows=audited, why=_AUDIT_WHY)
    return Erasure(
        person_id=user_id,
        pseudonym=pseudonym_of(user_id),
        dry_run=False,
        rewritten={name: rows for name, rows in rewritten.items() if rows},
        sealed={"audit_changes": audited} if audited else {},
        kept=(kept,) if audited else (),
        mentions=tuple(_mentions(connection, names)),
    )


def _with_person() -> Iterator[tuple[Table, str, Classified]]:
    """Every table whose rows are about a person, and its versions."""
    for name, found in TABLES.items():
        if found.person is not None:
            for table in _tables(name):
                yield table, found.person, found


def _tables(name: str) -> tuple[Table, ...]:
    """A table and, if it has them, its versions."""
    return (METADATA.tables[name], *((TWINS[name],) if name in TWINS else ()))


def _rewrite(connection: Connection, person_id: str) -> Iterator[tuple[Table, int]]:
    for table, person, found in _with_person():
        values = _replacements(table, found, pseudonym_of(person_id))
        if not values:
            continue
        differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
        yield table, connection.execute(update(table).where(table.c[person] == person_id, differs).values(values)).rowcount


def _replacements(table: Table, found: Classified, pseudonym: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, rule in found.columns.items():
        match rule.erased:
            case Erased.PSEUDONYM:
                values[name] = name_key(pseudonym) if name.endswith("_key") else pseudonym
            case Erased.REMOVED:
                values[name] = None
            case Erased.NEUTRAL:
                values[name] = NEUTRAL
            case Erased.ROW_ID:
                values[name] = table.c.id
            case _:
                pass
    return values


def _rename_in_drafts(connection: Connection, person_id: str, names: Sequence[str]) -> int:
    """How many lines of invoices that were never issued called the person by name; what was issued is kept."""
    rows = INVOICE_LINES.c
    never = select(INVOICES.c.id).where(INVOICES.c.state.not_in(sorted(NUMBERED)))
    query = select(rows.invoice_id, rows.position, rows.description, rows.note).where(
        rows.person_id == person_id, rows.invoice_id.in_(never)
    )
    renamed = 0
    for row in connection.execute(query).all():
        texts = {"description": row.description, "note": row.note}
        new = {column: _renamed(text, names, pseudonym_of(person_id)) for column, text in texts.items()}
        if new != texts:
            renamed += 1
            here = (rows.invoice_id == row.invoice_id) & (rows.position == row.position)
            connection.execute(update(INVOICE_LINES).where(here).values(new))
    return renamed


def _renamed(text: str | None, names: Sequence[str], pseudonym: str) -> str | None:
    for name in names if text is not None else ():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: pseudonym, text or "")
    return text


def _seal_plans(connection: Connection, keys: PersonKeys, person_id: str, names: Sequence[str]) -> int:
    """How many plans name the person. Those from before values were sealed, and texts with the name, are rewritten."""
    result = type_coerce(PLANS.c.result, Text())
    rows = connection.execute(
        select(PLANS.c.id, PLANS.c.result, PLANS.c.failure_detail).where(result.contains(json.dumps(person_id), autoescape=True))
    )
    concerned = set()
    for row in rows.all():
        concerned.add(row.id)
        values = {"result": sealed_plans.sealed_result(row.result, row.id, keys), "failure_detail": row.failure_detail}
        connection.execute(update(PLANS).where(PLANS.c.id == row.id).values(_without_names(values, row.id, person_id, names)))
    problem = type_coerce(PLAN_PROBLEMS.c.problem, Text())
    query = select(PLAN_PROBLEMS.c.plan_id, PLAN_PROBLEMS.c.problem, PLAN_PROBLEMS.c.statements)
    for row in connection.execute(query.where(problem.contains(json.dumps(person_id), autoescape=True))).all():
        concerned.add(row.plan_id)
        values = {
            "problem": sealed_plans.sealed_problem(row.problem, row.plan_id, keys),
            "statements": sealed_plans.sealed_statements(row.statements, row.plan_id, keys),
        }
        kept = _without_names(values, row.plan_id, person_id, names)
        connection.execute(update(PLAN_PROBLEMS).where(PLAN_PROBLEMS.c.plan_id == row.plan_id).values(kept))
    return len(concerned)


def _without_names(values: Mapping[str, Any], plan_id: str, person_id: str, names: Sequence[str]) -> dict[str, Any]:
    mark = name_mark(plan_id, person_id)
    found = {}
    for column, value in values.items():
        text = json.dumps(value, ensure_ascii=False)
        for name in names:
            text = re.sub(rf"(?<!\w){re.escape(json.dumps(name, ensure_ascii=False)[1:-1])}(?!\w)", lambda _: mark, text)
        found[column] = json.loads(text)
    return found


def _forget_answers(connection: Connection, person_id: str, names: Sequence[str]) -> int:
    """Answers kept for a day for callers that ask again; whoever does so about this person gets no old answer."""
    wanted = [text.encode() for text in (person_id, *names)]
    rows = IDEMPOTENCY_RECORDS
    found = connection.execute(select(rows.c.actor_id, rows.c.key, rows.c.body).where(rows.c.body.is_not(None))).all()
    concerned = [row for row in found if any(text in row.body for text in wanted)]
    for row in concerned:
        connection.execute(delete(rows).where(rows.c.actor_id == row.actor_id, rows.c.key == row.key))
    return len(concerned)


def _kept(connection: Connection, person_id: str, sealed: Mapping[str, int]) -> Iterator[Kept]:
    for name, found in TABLES.items():
        if found.person is None:
            continue
        by_reason: dict[str, list[str]] = {}
        for column, rule in found.columns.items():
            if rule.why is not None:
                by_reason.setdefault(rule.why, []).append(column)
        rows = sum(_count(connection, table, found.person, person_id) for table in _tables(name))
        for why, columns in by_reason.items() if rows else ():
            yield Kept(table=name, columns=tuple(columns), rows=rows, why=why)
    if sealed["audit_changes"]:
        yield Kept(table="audit_changes", columns=("row_id", "person_id"), rows=sealed["audit_changes"], why=_AUDIT_WHY)
    if sealed["plans"]:
        yield Kept(table="plans", columns=("result",), rows=sealed["plans"], why=_PLANS_WHY)


def _mentions(connection: Connection, names: Iterable[str]) -> Iterator[Mention]:
    """Names of other things in which the person's stands, such as a demand called after whom it replaces."""
    shown = 0
    for table, found in ((METADATA.tables[name], found) for name, found in TABLES.items()):
        column = table.c.get("name")
        if found.person is not None or column is None or not isinstance(column.type, String):
            continue
        row_id = table.c["id" if "id" in table.c else "parent_id"]
        holds = or_(false(), *(column.contains(name, autoescape=True) for name in names))
        for one in connection.execute(select(row_id).where(holds).order_by(row_id).limit(MENTIONS_MAX - shown)).scalars():
            shown += 1
            yield Mention(table=table.name, row_id=str(one), column="name")


def _count(connection: Connection, table: Table, column: str, person_id: str) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(table.c[column] == person_id)).scalar_one())
