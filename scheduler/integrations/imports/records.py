"""From files and a map to records: fields read, references still by external id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports.area_specs import Shape
from scheduler.integrations.imports.areas import AREAS
from scheduler.integrations.imports.faults import Place
from scheduler.integrations.imports.headers import check_headers
from scheduler.integrations.imports.map_values import FieldRule
from scheduler.integrations.imports.rows import FeedRows, Tables
from scheduler.integrations.imports.rules import Misplaced, exact_amount, field_value
from scheduler.integrations.imports.tables import fold, read_table
from scheduler.planning.wording import some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from scheduler.integrations.imports.faults import Faults
    from scheduler.integrations.imports.map_values import Feed, ImportMap
    from scheduler.integrations.imports.rows import Wide
    from scheduler.integrations.imports.tables import Source, Table

ID_MAX = 200
_AMOUNTS = (Shape.DURATION, Shape.MONEY)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields with the place each came from. ``sound``: none of them had a fault."""

    area: str
    place: Place
    values: Mapping[str, object]
    places: Mapping[str, Place]
    sound: bool
    exact: Mapping[str, Decimal] = field(default_factory=dict)
    """Amounts as the cells say them, before rounding: hours, or whole units of the currency."""

    @property
    def key(self) -> str | None:
        """Its external id."""
        value = self.values.get("id")
        return value if isinstance(value, str) else None

    def place_of(self, name: str) -> Place:
        """Where a field came from; the row where it came from nowhere."""
        return self.places.get(name, self.place)


@dataclass(slots=True)
class Records:
    """Every record by area. ``incomplete`` areas lost rows to faults, so what refers to them is not blamed."""

    by_area: dict[str, list[Record]] = field(default_factory=dict)
    fields: dict[str, set[str]] = field(default_factory=dict)
    """Fields that the map feeds, by area; the others keep what is stored."""
    incomplete: set[str] = field(default_factory=set)
    rows_read: int = 0
    unused: tuple[str, ...] = ()
    """Files given that the map does not name."""


def read_records(sources: Sequence[Source], mapping: ImportMap, faults: Faults) -> Records:
    """
    Read every file that the map names and make records of its rows; every fault is noted.

    Raises
    ------
    DomainError
        A file too large or too dangerous to be opened; ``import.no_files``: the map names none of them.
    """
    records = Records()
    tables, unread = _tables(sources, mapping, faults, records)
    if not (tables.by_alias or faults.count) and mapping.files:
        raise _no_files(sources, mapping)
    unread |= check_headers(mapping, tables.by_alias, faults)
    for feed in mapping.feeds:
        if mapping.files[feed.file].optional and feed.file not in tables.by_alias and feed.file not in unread:
            continue
        records.by_area.setdefault(feed.area, [])
        if _files_of(feed) & (unread | (set(mapping.files) - set(tables.by_alias))):
            records.incomplete.add(feed.area)
        else:
            _read_feed(feed, tables, mapping, records, faults)
    _check_ids(records, faults)
    return records


def _tables(sources: Sequence[Source], mapping: ImportMap, faults: Faults, records: Records) -> tuple[Tables, set[str]]:
    by_alias: dict[str, Table] = {}
    unread: set[str] = set()
    used: set[str] = set()
    for alias, form in mapping.files.items():
        found = [source for source in sources if _matches(source.name, form.path)]
        if len(found) == 1:
            used.add(found[0].name)
            table = read_table(found[0], form, faults)
            if table is not None:
                by_alias[alias] = table
                records.rows_read += len(table.rows)
        elif len(found) > 1:
            names = ", ".join(source.name for source in found)
            faults.add(Place(form.path), "file.several", f"Several files match [files.{alias}] of the map: {names}; give one of them.")
        elif not form.optional:
            given = ", ".join(source.name for source in sources) or "none"
            faults.add(
                Place(form.path), "file.missing", f"The map names it as [files.{alias}], but it was not given. Files given: {given}."
            )
        if alias not in by_alias and (found or not form.optional):
            unread.add(alias)
    records.unused = tuple(source.name for source in sources if source.name not in used)
    return Tables(by_alias), unread


def _no_files(sources: Sequence[Source], mapping: ImportMap) -> DomainError:
    given = some(source.name for source in sources) or "none"
    named = some(form.path for form in mapping.files.values())
    detail = f"None of the files given is one that the map names. Given: {given}; the map names {named}. Nothing was written."
    return DomainError(ErrorKind.INVALID, "import.no_files", detail)


def _matches(name: str, path: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in fold(path).split("*"))
    return re.fullmatch(pattern, fold(name), re.DOTALL) is not None


def _files_of(feed: Feed) -> set[str]:
    looked_up = {rule.look_up.file for rule in (feed.fields or {}).values() if rule.look_up is not None}
    return {feed.file, *looked_up, *(join.file for join in feed.joins)}


def _read_feed(feed: Feed, tables: Tables, mapping: ImportMap, records: Records, faults: Faults) -> None:
    rows = FeedRows(feed, tables, mapping.files, faults)
    rules = feed.fields
    if rules is None:
        header = tables.by_alias[feed.file].positions
        rules = {name: FieldRule(column=name) for name in AREAS[feed.area].fields if fold(name) in header}
    records.fields.setdefault(feed.area, set()).update(rules)
    for group in rows.groups():
        record = _record(rows, group, rules, faults)
        records.by_area[feed.area].append(record)
        if record.key is None and "id" in AREAS[feed.area].fields:
            records.incomplete.add(feed.area)
    if not rows.complete:
        records.incomplete.add(feed.area)


def _record(rows: FeedRows, group: Sequence[Wide], rules: Mapping[str, FieldRule], faults: Faults) -> Record:
    area = rows.feed.area
    spec = AREAS[area]
    values: dict[str, object] = {}
    places: dict[str, Place] = {}
    exact: dict[str, Decimal] = {}
    before, missing = faults.count, False
    for name, rule in rules.items():
        try:
            value, places[name] = field_value(rows, group, rule, spec.fields[name])
        except Misplaced as error:
            faults.add(error.place, error.code, error.message)
            continue
        if value is None and spec.fields[name].required:
            missing = True
            if places[name] not in faults.places:
                faults.add(places[name], "field.missing", f"{name} of {area} is empty; fill it in, or give a default in the map.")
        values[name] = value
        if value is not None and spec.fields[name].shape in _AMOUNTS:
            exact[name] = exact_amount(rows, group, rule, spec.fields[name])
    place = rows.place(group[0])
    if spec.id_from and values.get("id") is None:
        more = (f"{name}={values[name]}" for name in spec.id_more if values.get(name))
        values["id"] = "/".join((*(str(values.get(name) or "") for name in spec.id_from), *more))
    key = values.get("id")
    if isinstance(key, str) and len(key) > ID_MAX:
        faults.add(places.get("id", place), "text.too_long", f"The id has {len(key)} characters; at most {ID_MAX} are allowed.")
    return Record(area, place, values, places, sound=faults.count == before and not missing, exact=exact)


def _check_ids(records: Records, faults: Faults) -> None:
    for area, found in records.by_area.items():
        seen: dict[str, Record] = {}
        for record in found:
            if record.key is None or (not record.sound and "id" not in record.places):
                continue
            first = seen.setdefault(record.key, record)
            if first is not record:
                message = f"The id {record.key!r} of {area} stands in {first.place} too; each id once (or group the rows in the map)."
                faults.add(record.place_of("id"), "id.duplicate", message)
