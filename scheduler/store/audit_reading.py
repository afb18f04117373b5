"""Reading the audit: pages of changes, one person's changes, and the whole chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, or_, select, type_coerce

from scheduler.domain.ground.access import require
from scheduler.domain.ground.audit import BEGINNING, AuditChange, AuditRecord, Link, Unreadable, Verification, verify_chain
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import AUDIT_READ, COST_READ
from scheduler.store.areas.base import Area, Filter, FilterKind, Row
from scheduler.store.audit import sealing_place
from scheduler.store.linked_users import user_ids_of
from scheduler.store.pages import rows_of_page
from scheduler.store.person_keys import PersonKeys
from scheduler.store.tables.audit import AUDIT_CHANGES, AUDIT_HEAD, AUDIT_RECORDS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Table

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import PageRequest

_AT_ONCE = 1_000
_NOWHERE = 10**18
_HALVES = ("before", "after")
_ACT = ("position", "recorded_at", "source", "user_agent", "request_id", "plan_id", "area", "row_id", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One changed row, with what its record says. ``before`` and ``after``: the columns that differ; ``None``: there was or is no row."""

    id: str
    position: int
    recorded_at: datetime
    actor_id: str
    source: str
    user_agent: str | None
    request_id: str | None
    plan_id: str | None
    area: str
    row_id: str
    kind: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    unreadable: Unreadable | None
    """Why values are missing, if any are."""
    hash: str


def _never(value: object) -> Any:
    raise NotImplementedError(f"audit entries are not written like values: {value!r}")


AUDIT_AREA: Area[AuditEntry] = Area(
    name="audit",
    one="audit entry",
    table=AUDIT_CHANGES,
    to_row=_never,
    from_row=lambda row, _children: _never(row),
    sorts={"id": "id"},
    filters={
        **{name: Filter(kind=FilterKind.EQUALS, column=name) for name in ("actor_id", "area", "row_id", "kind", "request_id", "plan_id")},
        "from": Filter(kind=FilterKind.SINCE, column="recorded_at"),
        "until": Filter(kind=FilterKind.UNTIL, column="recorded_at"),
    },
)
"""For its sorts and filters."""


class AuditReader:
    """The audit as it is at one moment."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor
        self._keys = PersonKeys(connection)

    def page(self, request: PageRequest) -> Page[AuditEntry]:
        """One page of changes. Raises DomainError for a sort, filter, limit or cursor that is not allowed; ``access.denied``."""
        self._require()
        rows = _entries().subquery("audit")
        found, following = rows_of_page(self._connection, request, area=AUDIT_AREA, rows=rows, seen=select(rows))
        self._keys.held(_key_ids(found))
        return Page(items=tuple(self._entry(row) for row in found), next_cursor=following)

    def about(self, person_id: str) -> Iterator[AuditEntry]:
        """Every change of a row that is about the person or names the person, oldest first."""
        self._require()
        named = (AUDIT_CHANGES.c[half].contains(json.dumps(person_id), autoescape=True) for half in ("before", "after"))
        users = user_ids_of(self._connection, person_id)
        own = or_(AUDIT_CHANGES.c.person_id == person_id, AUDIT_CHANGES.c.row_id.in_([person_id, *users]), *named)
        for row in self._connection.execute(_entries().where(own).order_by(AUDIT_CHANGES.c.id)).mappings():
            yield self._entry(row)

    def acts_of(self, person_id: str) -> Iterator[dict[str, Any]]:
        """What the person did as a user, oldest first; not what it did to the rows, which may be about somebody else."""
        self._require()
        users = user_ids_of(self._connection, person_id)
        rows = self._connection.execute(_entries().where(AUDIT_RECORDS.c.actor_id.in_(users)).order_by(AUDIT_CHANGES.c.id))
        for row in rows.mappings():
            yield {name: row[name] for name in _ACT}

    def head(self) -> Link:
        """What the database says the last record is."""
        row = self._connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1)).one_or_none()
        return Link(position=0, hash=BEGINNING) if row is None else Link(position=_place(row.position), hash=row.hash)

    def verify(self, *, anchor: Link | None = None) -> Verification:
        """Walk the whole chain, in parts: it may be larger than the memory."""
        records = (
            AuditRecord(**{**row, "position": _place(row["position"]), "recorded_at": _instant(row["recorded_at"])})
            for row in self._stream(AUDIT_RECORDS, "position")
        )
        changes = (AuditChange(**{**row, "position": _place(row["position"])}) for row in self._stream(AUDIT_CHANGES, "id"))
        return verify_chain(records, changes, head=self.head(), anchor=anchor)

    def _require(self) -> None:
        """Entries tell everything that ever was, costs included."""
        for right in (AUDIT_READ, COST_READ):
            require(self._actor, right)

    def _stream(self, table: Table, key: str) -> Iterator[Any]:
        last: object = None
        # As a text where the database has one: what no instant can be made of shall be found, not stop the walk.
        columns = [type_coerce(column, Text()).label(column.name) if column.name == "recorded_at" else column for column in table.columns]
        while True:
            query = select(*columns).order_by(table.c[key]).limit(_AT_ONCE)
            rows = self._connection.execute(query if last is None else query.where(table.c[key] > last)).mappings().all()
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1][key]

    def _entry(self, row: Row) -> AuditEntry:
        told = {name: row[name] for name in AuditEntry.__dataclass_fields__ if name in row and name not in _HALVES}
        halves: dict[str, dict[str, Any] | None] = dict.fromkeys(_HALVES)
        unreadable = None
        for name in _HALVES:
            try:
                halves[name], is_erased = self._half(row, name)
            except (ValueError, TypeError, LookupError, AttributeError):  # whatever somebody made of it, the rest of the list can be read
                unreadable = Unreadable.ALTERED
                continue
            if is_erased:
                unreadable = unreadable or Unreadable.ERASED
        return AuditEntry(**told, before=halves["before"], after=halves["after"], unreadable=unreadable)

    def _half(self, row: Row, name: str) -> tuple[dict[str, Any] | None, bool]:
        """The columns before or after, and whether personal ones are missing."""
        if row[name] is None:
            return None, False
        columns = dict(json.loads(row[name]))
        envelope = json.loads(row["sealed"] or "{}").get(name)
        if envelope is None:
            return columns, False
        key = self._keys.held((envelope[0],))[envelope[0]]
        if key is None:
            return columns, True
        return columns | key.open(envelope, place=sealing_place(row["area"], row["row_id"], name)), False


def _entries() -> Select[Any]:
    records = [column for column in AUDIT_RECORDS.columns if column.name != "position"]
    return select(*AUDIT_CHANGES.columns, *records).join(AUDIT_RECORDS, AUDIT_RECORDS.c.position == AUDIT_CHANGES.c.position)


def _place(position: object) -> int:
    """A position; SQLite's columns take anything, and what is no number stands nowhere."""
    return position if isinstance(position, int) else _NOWHERE


def _instant(stored: object) -> datetime:
    """An instant as the driver gives it; what is none becomes one that no record has."""
    try:
        found = stored if isinstance(stored, datetime) else datetime.fromisoformat(str(stored))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def _key_ids(rows: Iterable[Row]) -> set[str]:
    """Ids of the keys of all envelopes, to fetch them at once; what is no envelope has none."""
    found = set()
    for row in rows:
        try:
            found |= {str(envelope[0]) for envelope in json.loads(row["sealed"] or "{}").values()}
        except (ValueError, TypeError, LookupError, AttributeError):
            continue
    return found
