"""Join, choose and group the rows of a feed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.integrations.imports.headers import column_of
from scheduler.integrations.imports.tables import cell_text, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scheduler.integrations.imports.faults import Faults, Place
    from scheduler.integrations.imports.map_values import Feed, FileFormat, LookUp
    from scheduler.integrations.imports.tables import Cell, Row, Table


@dataclass(frozen=True, slots=True)
class Wide:
    """A row of the feed's file with the rows joined to it, by the file's name in the map."""

    rows: Mapping[str, Row | None]


@dataclass(slots=True)
class Tables:
    """All files read, and indexes over them as they are asked for."""

    by_alias: dict[str, Table]
    indexes: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[Row]]] = field(default_factory=dict)

    def find(self, alias: str, columns: tuple[str, ...], key: tuple[str, ...]) -> list[Row]:
        """Rows whose columns hold exactly these texts; an empty text finds nothing."""
        if not all(key):
            return []
        index = self.indexes.get((alias, columns))
        if index is None:
            table = self.by_alias[alias]
            positions = [table.positions[fold(column)] for column in columns]
            index = {}
            for row in table.rows:
                index.setdefault(tuple(cell_text(row.cells[position]) for position in positions), []).append(row)
            self.indexes[alias, columns] = index
        return index.get(key, [])


@dataclass(slots=True)
class FeedRows:
    """The rows of one feed. ``complete`` turns false when some row could not be joined."""

    feed: Feed
    tables: Tables
    forms: Mapping[str, FileFormat]
    faults: Faults
    complete: bool = True
    positions: dict[str, tuple[str, int]] = field(default_factory=dict)
    """File and place of a column, by the name the map uses."""

    def groups(self) -> Iterator[list[Wide]]:
        """Rows that make one record each: single rows, or the groups the map asks for."""
        chosen = (wide for wide in self._joined() if self._is_chosen(wide))
        if self.feed.group is None:
            yield from ([wide] for wide in chosen)
            return
        groups: dict[tuple[str, ...], list[Wide]] = {}
        for wide in chosen:
            groups.setdefault(tuple(self.text(wide, ref) for ref in self.feed.group), []).append(wide)
        yield from groups.values()

    def cell(self, wide: Wide, ref: str) -> tuple[Cell, Place]:
        """A column of the wide row, and where it stands."""
        alias, position = self._position(ref)
        table = self.tables.by_alias[alias]
        row = wide.rows[alias]
        return (row.cells[position] if row is not None else None), table.place(row, position)

    def _position(self, ref: str) -> tuple[str, int]:
        found = self.positions.get(ref)
        if found is None:
            alias, column = column_of(ref, self.feed, self.tables.by_alias)
            found = self.positions[ref] = (alias, self.tables.by_alias[alias].positions[fold(column)])
        return found

    def form(self, alias: str) -> FileFormat:
        """How a file is read."""
        return self.forms[alias]

    def text(self, wide: Wide, ref: str) -> str:
        """A column of the wide row as text."""
        return cell_text(self.cell(wide, ref)[0])

    def place(self, wide: Wide) -> Place:
        """The row of the feed's own file."""
        return self.tables.by_alias[self.feed.file].place(wide.rows[self.feed.file])

    def look_up(self, wide: Wide, look_up: LookUp) -> tuple[list[Row], tuple[str, ...]]:
        """Rows of another file that belong to this one, and the key looked for."""
        key = tuple(self.text(wide, ours) for _, ours in look_up.on)
        return self.tables.find(look_up.file, tuple(theirs for theirs, _ in look_up.on), key), key

    def _joined(self) -> Iterator[Wide]:
        for row in self.tables.by_alias[self.feed.file].rows:
            wide: Wide | None = Wide({self.feed.file: row})
            for join in self.feed.joins:
                wide = self._join(wide, join) if wide is not None else None
            if wide is not None:
                yield wide

    def _join(self, wide: Wide, join: LookUp) -> Wide | None:
        found, key = self.look_up(wide, join)
        if len(found) == 1 or (not found and join.optional):
            return Wide({**wide.rows, join.file: found[0] if found else None})
        self.complete = False
        self.faults.add(self.cell(wide, join.on[0][1])[1], *not_one(found, key, self.tables.by_alias[join.file].label))
        return None

    def _is_chosen(self, wide: Wide) -> bool:
        return all(self.text(wide, ref) in wanted for ref, wanted in self.feed.where.items()) and not any(
            self.text(wide, ref) in unwanted for ref, unwanted in self.feed.where_not.items()
        )


def not_one(found: Sequence[Row], key: Iterable[str], label: str) -> tuple[str, str]:
    """Code and message where exactly one row was wanted."""
    wanted = " / ".join(key) or "(empty)"
    if not found:
        return "join.missing", f"{label} has no row for {wanted!r}; add it there, or correct it here."
    rows = ", ".join(str(row.number) for row in found[:5])
    return (
        "join.several",
        f"{label} has {len(found)} rows for {wanted!r} (rows {rows}) where one is wanted; remove the others, or take a mean or sum of them.",
    )
