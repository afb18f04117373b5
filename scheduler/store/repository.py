"""Writing the values of one area, as far as the writer may."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.store import failures, withheld
from scheduler.store.among import among, chunks
from scheduler.store.areas import BY_TABLE
from scheduler.store.columns import can_be_text
from scheduler.store.reader import Reader, V, not_found
from scheduler.store.sight import Sight, Verb
from scheduler.store.tables.base import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.store.areas.base import Area, ChildRows


_NAMED_AT_MOST = 5
_AT_ONCE = 500
"""Rows in one statement."""


class Changes:
    """What a transaction has changed so far, and which ids it knows to exist."""

    def __init__(self) -> None:
        self.touched: dict[str, set[str]] = defaultdict(set)
        self.known: dict[str, set[str]] = defaultdict(set)
        self.noted: dict[str, dict[str, dict[str, Any] | None]] = defaultdict(dict)
        """Rows of tables that are no area, as they were before (``None``: not there); see ``noted_rows``."""
        self.unsettled: dict[str, set[str]] = defaultdict(set)
        """What was written since the counters of people's days were last brought in line."""
        self.erased: set[str] = set()
        """People whose personal values were replaced."""

    def written(self, area: str, row_id: str) -> None:
        """The row was added, changed or removed."""
        self.touched[area].add(row_id)
        self.unsettled[area].add(row_id)

    def forget(self, table: str, row_id: str) -> None:
        """The row is gone."""
        self.known[table].discard(row_id)


class Repository(Reader[V]):
    """The values of an area in a write transaction: ``get`` and ``find`` lock what they return."""

    _locking = True

    def __init__(self, connection: Connection, area: Area[V], actor: Actor, changes: Changes) -> None:
        super().__init__(connection, area, actor)
        self._changes = changes

    def locked(self, ids: Iterable[str]) -> tuple[V, ...]:
        """Those of the ids that exist, ascending by id; their rows stay locked until the end of the transaction."""
        rows = self._area.table
        for part in chunks(sorted(set(ids))):
            seen = self._seen().with_only_columns(rows.c.id).where(among(rows.c.id, part))
            self._connection.execute(seen.order_by(rows.c.id).with_for_update())
        return self.many(ids)

    def hold(self, row_id: str) -> None:
        """Lock a row until the end of the transaction, and tell nothing of it."""
        rows = self._area.table
        self._connection.execute(select(rows.c.id).where(rows.c.id == row_id).with_for_update())

    def require_change(self, row_id: str) -> None:
        """Raise DomainError unless the actor may change the row, even where nothing of it will differ."""
        self._require_seen(row_id)
        self._require_within(Verb.CHANGE, row_id)

    def require_delete(self, row_id: str) -> None:
        """Raise DomainError unless the actor may delete the row."""
        self._require_seen(row_id)
        self._require_within(Verb.DELETE, row_id)

    def add(self, value: V, *, own: frozenset[str] = frozenset()) -> V:
        """
        Keep a new value; the answer has version 1. ``own``: columns that the program sets, whatever the actor may see.

        Raises DomainError ``reference.not_found``, ``name.taken``, ``external_id.taken`` or ``record.exists``; the transaction
        stays usable. ``access.denied``, ``access.out_of_scope``, ``field.not_allowed``: the actor may not.
        """
        return self._inserted(cast("V", replace(cast("Any", value), version=1)), own=own)

    def add_many(self, values: Sequence[V], *, refused: Callable[[V, DomainError], None]) -> None:
        """
        Keep new values, many at a time; ``refused`` hears of each that is not kept, with what ``add`` would have raised.

        As ``add`` of one after the other, but quicker where nothing is refused.
        """
        self._sight.require(Verb.CREATE)
        for start in range(0, len(values), _AT_ONCE):
            part = values[start : start + _AT_ONCE]
            try:
                self._insert_many([cast("V", replace(cast("Any", value), version=1)) for value in part])
            except DomainError:
                for value in part:
                    try:
                        self.add(value)
                    except DomainError as error:
                        refused(value, error)

    def _insert_many(self, values: Sequence[V]) -> None:
        prepared = [self._prepared(value) for value in values]
        for row, children in prepared:
            withheld.check_new(self._sight, self._area, row, children, own=frozenset())
        with self._guarded({}):
            self._connection.execute(insert(self._area.table), [row for row, _ in prepared])
            for row, children in prepared:
                self._insert_children(row["id"], children)
            if self._sight.rows(Verb.CREATE, self._area.table):
                for row, _ in prepared:
                    self._require_within(Verb.CREATE, row["id"])
        for row, _ in prepared:
            self._note(row["id"])

    def restore(self, value: V) -> V:
        """Bring back a value that was deleted, under its old id; the answer has the version after its last one. Raises like ``add``."""
        return self._inserted(cast("V", replace(cast("Any", value), version=value.version + 1)))

    def _inserted(self, first: V, *, own: frozenset[str] = frozenset()) -> V:
        self._sight.require(Verb.CREATE)
        row, children = self._prepared(first)
        withheld.check_new(self._sight, self._area, row, children, own=own)
        with self._guarded(row):
            self._connection.execute(insert(self._area.table), row)
            self._insert_children(row["id"], children)
            self._require_within(Verb.CREATE, row["id"])
        self._note(row["id"])
        return first

    def save(self, value: V, *, own: frozenset[str] = frozenset()) -> V:
        """
        Keep a changed value; the answer has the next version. Raises like ``add``, ``version.stale`` and ``record.not_found``.

        Columns that the actor may not see stay as they are, but for those that the program sets (``own``).
        """
        following = cast("V", replace(cast("Any", value), version=value.version + 1))
        row = self._area.to_row(following)
        self.require_change(row["id"])
        row, children = self._prepared(following)
        table = self._area.table
        row = withheld.keep_row(self._sight, self._area, row, own=own)
        children = withheld.keep_children(self._connection, self._sight, self._area, row["id"], children)
        with self._guarded(row):
            self._expect(row["id"], value.version, update(table).values(row))
            for name in children:
                parts = METADATA.tables[name]
                self._connection.execute(delete(parts).where(parts.c.parent_id == row["id"]))
            self._insert_children(row["id"], children)
            self._require_within(Verb.CHANGE, row["id"])
        self._note(row["id"])
        return following

    def delete(self, row_id: str, version: int) -> None:
        """Remove a value that nothing hangs on. Raises DomainError ``record.in_use``, ``version.stale``, ``record.not_found``."""
        current = self.get(row_id)
        self._require_within(Verb.DELETE, row_id)
        if current.version != version:
            raise stale(self._area, row_id, given=version, current=current.version)
        used = self._users(row_id)
        if used:
            raise self._in_use(row_id, used)
        try:
            with self._connection.begin_nested():
                for child in self._area.children:
                    self._connection.execute(delete(child.table).where(child.table.c.parent_id == row_id))
                self._expect(row_id, version, delete(self._area.table))
        except IntegrityError as error:
            raise self._in_use(row_id, self._users(row_id)) from error
        self._changes.written(self._area.name, row_id)
        self._changes.forget(self._area.table.name, row_id)

    def _require_seen(self, row_id: str) -> None:
        if not can_be_text(row_id) or not self._sight.permits(self._connection, Verb.READ, row_id):
            raise not_found(self._area, row_id)

    def _require_within(self, verb: Verb, row_id: str) -> None:
        if not self._sight.permits(self._connection, verb, row_id):
            raise self._sight.beyond(verb)

    def _in_use(self, row_id: str, used: Mapping[str, Sequence[str]]) -> DomainError:
        """Who may not see all of an area learns that something there refers to the value, not what."""
        seen = {
            name: ids
            for name, ids in used.items()
            if name in BY_TABLE and not Sight(self._actor, BY_TABLE[name]).rows(Verb.READ, METADATA.tables[name])
        }
        return in_use(self._area, row_id, used, named=seen)

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
        if self._actor.person_id is not None:
            self._changes.known["people"].add(self._actor.person_id)  # whoever is somebody may name themselves
        for _pointer, table, row_id in named:
            if row_id not in self._changes.known[table.name] and can_be_text(row_id):
                unknown[table.name].add(row_id)
        for name, ids in unknown.items():
            table = METADATA.tables[name]
            seen = Sight(self._actor, BY_TABLE[name]).rows(Verb.READ, table) if name in BY_TABLE else ()
            for part in chunks(sorted(ids)):
                query = select(table.c.id).where(among(table.c.id, part), *seen)
                self._changes.known[name].update(self._connection.execute(query).scalars())
        missing = [(pointer, table, row_id) for pointer, table, row_id in named if row_id not in self._changes.known[table.name]]
        if missing:
            # What the value referred to before stays, also where its author does not see it.
            stored = self._stored_references(row["id"])
            missing = [one for one in missing if (one[1].name, one[2]) not in stored]
        if missing:
            faults = tuple(
                Fault(
                    pointer=pointer,
                    code="reference.not_found",
                    message=f"Nothing among the {table.name.replace('_', ' ')} has this id; give the id of one that exists.",
                )
                for pointer, table in dict.fromkeys((pointer, table) for pointer, table, _ in missing)
            )
            unseen = tuple(dict.fromkeys((BY_TABLE[table.name].name, row_id) for _, table, row_id in missing if table.name in BY_TABLE))
            detail = f"The {self._area.one} refers to what does not exist."
            raise DomainError(ErrorKind.INVALID, "reference.not_found", detail, faults, unseen=unseen)

    def _stored_references(self, row_id: str) -> set[tuple[str, str]]:
        """Tables and ids that the value refers to as it is stored."""
        own = self._area.table
        row = self._connection.execute(select(own).where(own.c.id == row_id)).mappings().one_or_none()
        if row is None:
            return set()
        tables = [child.table for child in self._area.children]
        children = {
            table.name: self._connection.execute(select(table).where(table.c.parent_id == row_id)).mappings().all() for table in tables
        }
        return {(table.name, named) for _, table, named in self._area.references(row, children)}

    def _insert_children(self, parent_id: str, children: Mapping[str, list[dict[str, Any]]]) -> None:
        for name, rows in children.items():
            if rows:
                self._connection.execute(insert(METADATA.tables[name]), [{**row, "parent_id": parent_id} for row in rows])

    def _note(self, row_id: str) -> None:
        self._changes.written(self._area.name, row_id)
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
                keys = [key for key in column.foreign_keys if key.column.table is self._area.table]
                user = next((table.c[name] for name in ("parent_id", "id") if name in table.c), column)
                # What is kept by the value's own id, and goes with it, is no use of it.
                if not keys or (user is column and keys[0].ondelete == "CASCADE" and user.name != "parent_id"):
                    continue
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


def stale(area: Area[Any], row_id: str, *, given: int, current: int) -> DomainError:
    """Somebody else changed the value in the meantime."""
    return DomainError(
        ErrorKind.STALE,
        "version.stale",
        f"The {area.one} has changed: yours is version {given}, the current one is {current}. Read it again and repeat the change.",
        facts={"area": area.name, "id": row_id, "given_version": given, "current_version": current},
    )


def in_use(area: Area[Any], row_id: str, used: Mapping[str, Sequence[str]], *, named: Mapping[str, Sequence[str]]) -> DomainError:
    """The value cannot go while others refer to it; the ids of those in ``named`` are told."""
    words = ", ".join(f"{len(ids)} in {name}" for name, ids in used.items()) or "something that was just added"
    return DomainError(
        ErrorKind.CONFLICT,
        "record.in_use",
        f"The {area.one} cannot be deleted: what refers to it must go first ({words}).",
        facts={"area": area.name, "id": row_id, "used_by": {name: list(ids[:_NAMED_AT_MOST]) for name, ids in named.items()}},
    )
