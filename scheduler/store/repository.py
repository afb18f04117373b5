"""Reading and writing the values of one area."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.ground.checks import normal
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.paging import Page
from scheduler.store import cursor, failures, selection
from scheduler.store.columns import can_be_text
from scheduler.store.history import chunks, source
from scheduler.store.tables.base import METADATA, TWINS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.areas.base import Area, ChildRows, Row


class Versioned(Protocol):
    """What every stored value has."""

    @property
    def version(self) -> int:
        """Counts the value's changes, from 1."""


V = TypeVar("V", bound=Versioned)

_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[V]):
    """A value as it was from one instant until another (``None``: until now)."""

    value: V
    recorded_from: datetime
    recorded_to: datetime | None


class Reader(Generic[V]):
    """The values of an area, now or as of an instant."""

    _locking = False

    def __init__(self, connection: Connection, area: Area[V], *, as_of: datetime | None = None) -> None:
        self._connection = connection
        self._area = area
        self._as_of = as_of
        self._rows = source(area.table, as_of)

    def get(self, row_id: str) -> V:
        """The value with this id; in a write transaction its row stays locked. Raises DomainError ``record.not_found``."""
        found = self.find(row_id)
        if found is None:
            raise not_found(self._area, row_id)
        return found

    def find(self, row_id: str) -> V | None:
        """The value with this id, if there is one."""
        return self._one(self._rows.c.id == row_id) if can_be_text(row_id) else None

    def find_external(self, external_id: str) -> V | None:
        """The value with this external id, if there is one."""
        return self._one(self._rows.c.external_id == normal(external_id)) if can_be_text(external_id) else None

    def many(self, ids: Iterable[str]) -> tuple[V, ...]:
        """Those of the ids that exist, ascending by id."""
        found: list[V] = []
        for part in chunks(sorted({row_id for row_id in ids if can_be_text(row_id)})):
            query = select(self._rows).where(self._rows.c.id.in_(part)).order_by(self._rows.c.id)
            found += self._values(self._connection.execute(query).mappings().all())
        return tuple(found)

    def all(self) -> tuple[V, ...]:
        """Everything, ascending by id."""
        rows = self._connection.execute(select(self._rows).order_by(self._rows.c.id)).mappings().all()
        return tuple(self._values(rows, everything=True))

    def matching(self, **columns: object) -> tuple[V, ...]:
        """Values whose columns of the area's table have exactly these contents, ascending by id."""
        query = select(self._rows).where(*(self._rows.c[name] == content for name, content in columns.items()))
        return tuple(self._values(self._connection.execute(query.order_by(self._rows.c.id)).mappings().all()))

    def is_empty(self) -> bool:
        """Whether the area has no values."""
        return self._connection.execute(select(self._rows.c.id).limit(1)).first() is None

    def count(self) -> int:
        """How many values there are."""
        return int(self._connection.execute(select(func.count()).select_from(self._rows)).scalar_one())

    def page(self, request: PageRequest) -> Page[V]:
        """One page of the list. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        key, descending = selection.sort_column(self._area, request, self._rows)
        size = selection.limit(request)
        query = select(self._rows).where(*selection.conditions(self._area, request, self._rows, self._as_of))
        beyond = cursor.after(request, self._area.name, self._as_of, key=key, row_id=self._rows.c.id, descending=descending)
        if beyond is not None:
            query = query.where(beyond)
        order = (key.desc(), self._rows.c.id.desc()) if descending else (key.asc(), self._rows.c.id.asc())
        rows = self._connection.execute(query.order_by(*order).limit(size + 1)).mappings().all()
        following = None
        if len(rows) > size:
            rows = rows[:size]
            following = cursor.encode(request, self._area.name, self._as_of, rows[-1][key.name], rows[-1]["id"])
        return Page(items=tuple(self._values(rows)), next_cursor=following)

    def history(self, row_id: str) -> tuple[Recorded[V], ...]:
        """Every recorded version, oldest first; empty for an id that never was."""
        if not can_be_text(row_id):
            return ()
        twin = TWINS[self._area.table.name]
        query = select(twin.c.recorded_from, twin.c.recorded_to).where(twin.c.id == row_id).order_by(twin.c.recorded_from)
        found = []
        for row in self._connection.execute(query):
            then: Reader[V] = Reader(self._connection, self._area, as_of=row.recorded_from)
            found.append(Recorded(value=then.get(row_id), recorded_from=row.recorded_from, recorded_to=row.recorded_to))
        return tuple(found)

    def at_version(self, row_id: str, version: int) -> V | None:
        """The value as its given version, if that was ever recorded."""
        twin = TWINS[self._area.table.name]
        query = (
            select(twin.c.recorded_from)
            .where(twin.c.id == row_id, twin.c.version == version)
            .order_by(twin.c.recorded_from.desc())
            .limit(1)
        )
        at = self._connection.execute(query).scalar_one_or_none()
        return None if at is None else Reader(self._connection, self._area, as_of=at).find(row_id)

    def _one(self, condition: Any) -> V | None:
        query = select(self._rows).where(condition)
        if self._locking:
            query = query.with_for_update()
        rows = self._connection.execute(query).mappings().all()
        return next(iter(self._values(rows)), None)

    def _values(self, rows: Sequence[Row], *, everything: bool = False) -> list[V]:
        ids = None if everything else [row["id"] for row in rows]
        grouped = {child.table.name: self._children(child.table, ids) for child in self._area.children}
        return [self._area.from_row(row, {name: by_parent.get(row["id"], ()) for name, by_parent in grouped.items()}) for row in rows]

    def _children(self, table: Table, ids: Sequence[str] | None) -> Mapping[str, list[Row]]:
        rows = source(table, self._as_of)
        query = select(rows).order_by(*(rows.c[column.name] for column in table.primary_key))
        queries = [query] if ids is None else [query.where(rows.c.parent_id.in_(part)) for part in chunks(ids)]
        grouped: dict[str, list[Row]] = defaultdict(list)
        for one in queries:
            for row in self._connection.execute(one).mappings():
                grouped[row["parent_id"]].append(row)
        return grouped


class Changes:
    """What a transaction has changed so far, and which ids it knows to exist."""

    def __init__(self) -> None:
        self.touched: dict[str, set[str]] = defaultdict(set)
        self.known: dict[str, set[str]] = defaultdict(set)
        self.noted: dict[str, dict[str, dict[str, Any] | None]] = defaultdict(dict)
        """Rows of tables that are no area, as they were before (``None``: not there); see ``noted_rows``."""
        self.erased: set[str] = set()
        """People whose personal values were replaced."""

    def forget(self, table: str, row_id: str) -> None:
        """The row is gone."""
        self.known[table].discard(row_id)


class Repository(Reader[V]):
    """The values of an area in a write transaction: ``get`` and ``find`` lock what they return."""

    _locking = True

    def __init__(self, connection: Connection, area: Area[V], changes: Changes) -> None:
        super().__init__(connection, area)
        self._changes = changes

    def locked(self, ids: Iterable[str]) -> tuple[V, ...]:
        """Those of the ids that exist, ascending by id; their rows stay locked until the end of the transaction."""
        rows = self._area.table
        for part in chunks(sorted(set(ids))):
            self._connection.execute(select(rows.c.id).where(rows.c.id.in_(part)).order_by(rows.c.id).with_for_update())
        return self.many(ids)

    def add(self, value: V) -> V:
        """
        Keep a new value; the answer has version 1.

        Raises DomainError ``reference.not_found``, ``name.taken``, ``external_id.taken`` or ``record.exists``; the transaction
        stays usable.
        """
        first = cast("V", replace(cast("Any", value), version=1))
        row, children = self._prepared(first)
        with self._guarded(row):
            self._connection.execute(insert(self._area.table), row)
            self._insert_children(row["id"], children)
        self._note(row["id"])
        return first

    def save(self, value: V) -> V:
        """Keep a changed value; the answer has the next version. Raises like ``add``, ``version.stale`` and ``record.not_found``."""
        following = cast("V", replace(cast("Any", value), version=value.version + 1))
        row, children = self._prepared(following)
        table = self._area.table
        with self._guarded(row):
            self._expect(row["id"], value.version, update(table).values(row))
            for child in self._area.children:
                self._connection.execute(delete(child.table).where(child.table.c.parent_id == row["id"]))
            self._insert_children(row["id"], children)
        self._note(row["id"])
        return following

    def delete(self, row_id: str, version: int) -> None:
        """Remove a value that nothing hangs on. Raises DomainError ``record.in_use``, ``version.stale``, ``record.not_found``."""
        current = self.get(row_id)
        if current.version != version:
            raise stale(self._area, row_id, given=version, current=current.version)
        used = self._users(row_id)
        if used:
            raise in_use(self._area, row_id, used)
        try:
            with self._connection.begin_nested():
                for child in self._area.children:
                    self._connection.execute(delete(child.table).where(child.table.c.parent_id == row_id))
                self._expect(row_id, version, delete(self._area.table))
        except IntegrityError as error:
            raise in_use(self._area, row_id, self._users(row_id)) from error
        self._changes.touched[self._area.name].add(row_id)
        self._changes.forget(self._area.table.name, row_id)

    def _expect(self, row_id: str, version: int, statement: Any) -> None:
        table = self._area.table
        done = self._connection.execute(statement.where(table.c.id == row_id, table.c.version == version))
        if done.rowcount == 1:
            return
        current = self._connection.execute(select(table.c.version).where(table.c.id == row_id)).scalar_one_or_none()
        if current is None:
            raise not_found(self._area, row_id)
        raise stale(self._area, row_id, given=version, current=current)

    def _prepared(self, value: V) -> tuple[dict[str, Any], Mapping[str, list[dict[str, Any]]]]:
        row = self._area.to_row(value)
        children = {name: list(rows) for name, rows in self._area.to_children(value).items()}
        self._check_references(row, children)
        return row, children

    def _check_references(self, row: dict[str, Any], children: ChildRows) -> None:
        named = list(self._area.references(row, children))
        unknown: dict[str, set[str]] = defaultdict(set)
        for _pointer, table, row_id in named:
            if row_id not in self._changes.known[table.name] and can_be_text(row_id):
                unknown[table.name].add(row_id)
        for name, ids in unknown.items():
            table = METADATA.tables[name]
            for part in chunks(sorted(ids)):
                self._changes.known[name].update(self._connection.execute(select(table.c.id).where(table.c.id.in_(part))).scalars())
        missing = [(pointer, table) for pointer, table, row_id in named if row_id not in self._changes.known[table.name]]
        if missing:
            faults = tuple(
                Fault(
                    pointer=pointer,
                    code="reference.not_found",
                    message=f"Nothing among the {table.name.replace('_', ' ')} has this id; give the id of one that exists.",
                )
                for pointer, table in dict.fromkeys(missing)
            )
            raise DomainError(ErrorKind.INVALID, "reference.not_found", f"The {self._area.one} refers to what does not exist.", faults)

    def _insert_children(self, parent_id: str, children: Mapping[str, list[dict[str, Any]]]) -> None:
        for name, rows in children.items():
            if rows:
                self._connection.execute(insert(METADATA.tables[name]), [{**row, "parent_id": parent_id} for row in rows])

    def _note(self, row_id: str) -> None:
        self._changes.touched[self._area.name].add(row_id)
        self._changes.known[self._area.table.name].add(row_id)

    def _guarded(self, row: Mapping[str, Any]) -> _Guard:
        return _Guard(self._connection, cast("Area[object]", self._area), name=row.get("name"))

    def _users(self, row_id: str) -> dict[str, list[str]]:
        """Ids of what refers to the value, by table: the rows of other areas, or the parents of their children."""
        own = {child.table.name for child in self._area.children}
        found: dict[str, list[str]] = {}
        for table in METADATA.tables.values():
            if table.name in own:
                continue
            for column in table.columns:
                if not any(key.column.table is self._area.table for key in column.foreign_keys):
                    continue
                user = table.c.parent_id if "parent_id" in table.c else table.c.id
                query = select(user).where(column == row_id).distinct().order_by(user)
                ids = list(self._connection.execute(query).scalars())
                if ids:
                    parent = next(iter(user.foreign_keys)).column.table.name if user.name == "parent_id" else table.name
                    found[parent] = sorted({*found.get(parent, ()), *ids})
        return found


class _Guard:
    """A savepoint around one value's rows: what the database refuses becomes a rule of the area, and the rest stays."""

    def __init__(self, connection: Connection, area: Area[object], *, name: str | None) -> None:
        self._savepoint = connection.begin_nested()
        self._area = area
        self._name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._savepoint.commit()
            return
        if isinstance(error, IntegrityError | DomainError):
            self._savepoint.rollback()
        # After any other failure (deadlock, full disk) the database has ended the whole transaction by itself.
        if isinstance(error, IntegrityError):
            raise failures.refused(error, self._area, name=self._name) from error


def not_found(area: Area[Any], row_id: str) -> DomainError:
    """There is no such value."""
    return DomainError(ErrorKind.NOT_FOUND, "record.not_found", f"There is no such {area.one}.", facts={"area": area.name, "id": row_id})


def stale(area: Area[Any], row_id: str, *, given: int, current: int) -> DomainError:
    """Somebody else changed the value in the meantime."""
    return DomainError(
        ErrorKind.STALE,
        "version.stale",
        f"The {area.one} has changed: yours is version {given}, the current one is {current}. Read it again and repeat the change.",
        facts={"area": area.name, "id": row_id, "given_version": given, "current_version": current},
    )


def in_use(area: Area[Any], row_id: str, used: Mapping[str, Sequence[str]]) -> DomainError:
    """The value cannot go while others refer to it."""
    named = ", ".join(f"{len(ids)} in {name}" for name, ids in used.items()) or "something that was just added"
    return DomainError(
        ErrorKind.CONFLICT,
        "record.in_use",
        f"The {area.one} cannot be deleted: what refers to it must go first ({named}).",
        facts={"area": area.name, "id": row_id, "used_by": {name: list(ids[:_NAMED_AT_MOST]) for name, ids in used.items()}},
    )
