"""Compare each file's header with the columns that the map uses: order and case are free, everything else is said."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from scheduler.integrations.imports.areas import AREAS
from scheduler.integrations.imports.tables import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.integrations.imports.faults import Faults
    from scheduler.integrations.imports.map_values import Feed, FileFormat, ImportMap
    from scheduler.integrations.imports.tables import Table


def column_of(ref: str, feed: Feed, tables: Mapping[str, Table]) -> tuple[str, str]:
    """The file (by its name in the map) and the header that a column's name in a feed means: ``column`` or ``file.column``."""
    own = tables.get(feed.file)
    if own is not None and fold(ref) in own.positions:
        return feed.file, ref
    alias, dot, column = ref.partition(".")
    if dot and (alias == feed.file or any(join.file == alias for join in feed.joins)):
        return alias, column
    return feed.file, ref


def check_headers(mapping: ImportMap, tables: Mapping[str, Table], faults: Faults) -> set[str]:
    """Note duplicate, missing and unknown columns; give the names (in the map) of the files whose header has a fault."""
    for table in tables.values():
        table.positions = {fold(name): position for position, name in reversed(list(enumerate(table.header)))}
    used: dict[str, dict[str, str]] = {alias: {} for alias in tables}
    wanted: dict[str, dict[str, str]] = {alias: {} for alias in tables}
    for feed in mapping.feeds:
        for alias, column, needed in _columns(feed, tables):
            if alias in used:
                used[alias].setdefault(fold(column), column)
                if needed:
                    wanted[alias].setdefault(fold(column), column)
    return {alias for alias, table in tables.items() if _check_header(table, mapping.files[alias], used[alias], wanted[alias], faults)}


def _columns(feed: Feed, tables: Mapping[str, Table]) -> Iterable[tuple[str, str, bool]]:
    """Every column a feed reads: file, header, and whether it must be there."""
    if feed.fields is None:
        for name, spec in AREAS[feed.area].fields.items():
            yield feed.file, name, spec.required
        return
    refs = [ref for rule in feed.fields.values() for ref in rule.columns]
    refs += [*feed.where, *feed.where_not, *(feed.group or ())]
    refs += [ours for join in feed.joins for _, ours in join.on]
    for ref in refs:
        yield *column_of(ref, feed, tables), True
    for join in feed.joins:
        yield from ((join.file, theirs, True) for theirs, _ in join.on)
    for rule in feed.fields.values():
        if rule.look_up is not None:
            yield from ((rule.look_up.file, theirs, True) for theirs, _ in rule.look_up.on)
            if rule.column is not None:
                yield rule.look_up.file, rule.column, True


def _check_header(table: Table, form: FileFormat, used: Mapping[str, str], wanted: Mapping[str, str], faults: Faults) -> bool:
    folded = [fold(name) for name in table.header]
    ignored = {fold(name) for name in form.ignore}
    before = faults.count
    doubled = [name for number, name in enumerate(table.header) if name and folded[number] in folded[:number]]
    if doubled:
        faults.add(
            table.place(), "header.duplicate", f"The header names {_listed(doubled)} twice; rename or remove one. {_both(table, used)}"
        )
    missing = [name for key, name in wanted.items() if key not in folded]
    if missing:
        faults.add(table.place(), "header.missing", f"The header lacks {_listed(missing)}. {_both(table, used)}")
    unknown = [name for name, key in zip(table.header, folded, strict=True) if key not in used and key not in ignored]
    if unknown and not form.ignore_others:
        near = [close[0] for name in unknown if (close := difflib.get_close_matches(fold(name), [*wanted, *used], 1))]
        meant = f" Is {_listed(unknown)} meant to be {_listed(dict.fromkeys(near))}?" if near else ""
        advice = f"list them under ignore of [files.{form.alias}] in the map if they are not wanted"
        faults.add(
            table.place(),
            "header.unknown",
            f"The map does not know {_listed(unknown)}.{meant} Correct the header, or {advice}. {_both(table, used)}",
        )
    return faults.count > before


def _both(table: Table, used: Mapping[str, str]) -> str:
    return f"Found: {', '.join(name or '(no name)' for name in table.header)}. Expected: {', '.join(used.values()) or 'none'}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
