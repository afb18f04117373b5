"""Read a map (TOML). Every fault of it is listed, each with its place in the map."""

from __future__ import annotations

import difflib
import tomllib
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports.areas import AREAS
from scheduler.integrations.imports.faults import Faults, ImportRefused, Place
from scheduler.integrations.imports.map_fields import field_rule, pairs
from scheduler.integrations.imports.map_reader import MapReader
from scheduler.integrations.imports.map_values import (
    DEFAULT_NULLS,
    DELIMITERS,
    ENCODINGS,
    Feed,
    FileFormat,
    FirmRule,
    ImportMap,
    LookUp,
    Reading,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "muster-import/1"
MAX_MAP_BYTES = 1024 * 1024


def read_map(content: bytes, *, name: str = "map.toml") -> ImportMap:
    """
    Read a map.

    Raises
    ------
    ImportRefused
        ``map.invalid`` with every fault.
    """
    if len(content) > MAX_MAP_BYTES:
        raise DomainError(ErrorKind.TOO_LARGE, "file.too_large", f"{name} has {len(content):,} bytes; a map has at most {MAX_MAP_BYTES:,}.")
    faults = Faults()
    tree: dict[str, Any] = {}
    try:
        tree = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        faults.add(Place(name), "map.encoding", f"Byte {error.start} is not UTF-8; save the map as UTF-8.")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        faults.add(Place(name), "map.syntax", f"The map is not TOML: {error}.")
    mapping = _import_map(tree, name, MapReader(name, faults)) if faults.count == 0 else None
    if mapping is None or faults.count:
        plural = "fault" if faults.count == 1 else "faults"
        raise ImportRefused(
            code="map.invalid", detail=f"The map has {faults.count} {plural}; correct it and import again. Nothing was read.", faults=faults
        )
    return mapping


def _import_map(tree: dict[str, Any], name: str, reader: MapReader) -> ImportMap:
    reader.check_keys(tree, "", ("format", "reading", "files", "firm", "notes", *AREAS))
    if tree.get("format") != FORMAT:
        reader.fault("format", "map.format", f"Say format = {FORMAT!r}.")
    general = _reading(reader, reader.table(tree, "reading", ""), "reading", Reading(), only=True)
    files = _files(reader, reader.table(tree, "files", ""), general)
    feeds = tuple(
        feed
        for area in AREAS
        for number, body in enumerate(reader.tables(tree, area))
        if (feed := _feed(reader, area, number, body, files)) is not None
    )
    if not feeds and not reader.faults.count:
        reader.fault("", "map.empty", f"The map feeds no area; add for example [[people]]. Areas are: {', '.join(AREAS)}.")
    return ImportMap(name=name, files=files, feeds=feeds, firm=_firm(reader, tree), notes=reader.texts(tree, "notes", "") or ())


_READING_KEYS = ("date", "decimal", "thousands")
_FILE_KEYS = ("path", "sheet", "header_row", "encoding", "delimiter", "nulls", "ignore", "optional")


def _reading(reader: MapReader, body: Mapping[str, Any], at: str, general: Reading, *, only: bool = False) -> Reading:
    if only:
        reader.check_keys(body, at, _READING_KEYS)
    return reader.reading(body, at, general)


def _files(reader: MapReader, body: Mapping[str, Any], general: Reading) -> dict[str, FileFormat]:
    files = {}
    for alias in body:
        at = f"files.{alias}"
        entry = reader.table(body, alias, "files")
        reader.check_keys(entry, at, (*_FILE_KEYS, *_READING_KEYS))
        if "." in alias:
            reader.fault(at, "map.alias", "The name of a file in the map holds no dot, as the dot leads to its columns.")
        ignore = entry.get("ignore", [])
        files[alias] = FileFormat(
            alias=alias,
            path=reader.text(entry, "path", at, required=True) or "",
            sheet=reader.text(entry, "sheet", at),
            header_row=reader.integer(entry, "header_row", at, low=1, high=10_000) or 1,
            encoding=reader.choice(entry, "encoding", at, ENCODINGS) or "utf-8",
            delimiter=reader.choice(entry, "delimiter", at, DELIMITERS) or ",",
            nulls=("", *(reader.texts(entry, "nulls", at) or ())) if "nulls" in entry else DEFAULT_NULLS,
            reading=_reading(reader, entry, at, general),
            ignore=() if ignore == "others" else reader.texts(entry, "ignore", at) or (),
            ignore_others=ignore == "others",
            optional=reader.flag(entry, "optional", at),
        )
    if not files:
        reader.fault("files", "map.missing", "Name at least one file, such as [files.people] with path = 'people.csv'.")
    return files


def _feed(reader: MapReader, area: str, number: int, body: Mapping[str, Any], files: Mapping[str, FileFormat]) -> Feed | None:
    at = f"{area}[{number}]"
    reader.check_keys(body, at, ("file", "join", "where", "where_not", "group", "fields"))
    file = reader.choice(body, "file", at, tuple(files), required=True)
    feed = Feed(
        area=area,
        number=number,
        file=file or "",
        joins=_joins(reader, body, at, files),
        where=_conditions(reader, body, "where", at),
        where_not=_conditions(reader, body, "where_not", at),
        group=reader.texts(body, "group", at),
        fields=_fields(reader, area, body, at, files),
    )
    if feed.fields is None and (feed.group or feed.joins):
        reader.fault(at, "map.missing", f"A feed with join or group says in [{area}.fields] what each field is made of.")
    if feed.fields is not None:
        _check_fields(reader, feed, at)
    return feed if file is not None else None


def _joins(reader: MapReader, body: Mapping[str, Any], at: str, files: Mapping[str, FileFormat]) -> tuple[LookUp, ...]:
    joins = []
    for number, entry in enumerate(reader.tables(body, "join", at)):
        place = f"{at}.join[{number}]"
        reader.check_keys(entry, place, ("file", "on", "optional"))
        file = reader.choice(entry, "file", place, tuple(files), required=True)
        on = pairs(reader, entry, place)
        if file is not None and on:
            joins.append(LookUp(file=file, on=on, optional=reader.flag(entry, "optional", place)))
    if len({join.file for join in joins}) < len(joins) or body.get("file") in {join.file for join in joins}:
        reader.fault(
            at, "map.join", "A file is joined once, and not to itself; give the file a second entry under [files] with another name."
        )
    return tuple(joins)


def _conditions(reader: MapReader, body: Mapping[str, Any], key: str, at: str) -> dict[str, tuple[str, ...]]:
    table = reader.table(body, key, at)
    return {column: reader.texts(table, column, f"{at}.{key}") or () for column in table}


def _fields(reader: MapReader, area: str, body: Mapping[str, Any], at: str, files: Mapping[str, FileFormat]) -> dict[str, Any] | None:
    if "fields" not in body:
        return None
    table = reader.table(body, "fields", at)
    specs = AREAS[area].fields
    rules = {}
    for name in table:
        if name not in specs:
            near = difflib.get_close_matches(name, specs, 1)
            nearest = f" Did you mean {near[0]}?" if near else ""
            reader.fault(
                f"{at}.fields.{name}", "map.unknown_field", f"{area} has no field {name}.{nearest} Its fields are: {', '.join(specs)}."
            )
            continue
        rule = field_rule(reader, table[name], specs[name], f"{at}.fields.{name}", files)
        if rule is not None:
            rules[name] = rule
    missing = [name for name, spec in specs.items() if spec.required and name not in table]
    if missing:
        reader.fault(
            f"{at}.fields", "map.missing", f"{area} needs {', '.join(missing)}: name a column, or a value that holds for all rows."
        )
    return rules


def _check_fields(reader: MapReader, feed: Feed, at: str) -> None:
    for name, rule in (feed.fields or {}).items():
        if rule.aggregate is not None and rule.look_up is None and feed.group is None:
            message = f"{rule.aggregate} makes one value of several rows: say which rows belong together with group, or take them from another file."
            reader.fault(f"{at}.fields.{name}", "map.no_group", message)


def _firm(reader: MapReader, tree: Mapping[str, Any]) -> FirmRule | None:
    if "firm" not in tree:
        return None
    body = reader.table(tree, "firm", "")
    reader.check_keys(body, "firm", ("name", "currency", "shadow_rate"))
    name = reader.text(body, "name", "firm", required=True)
    currency = reader.currency(body, "currency", "firm")
    try:
        rate = Decimal(reader.text(body, "shadow_rate", "firm") or "0")
    except InvalidOperation:
        rate = Decimal(-1)
    if not (rate.is_finite() and 0 <= rate <= 1_000_000):
        reader.fault(
            "firm.shadow_rate", "map.number", 'The value of an internal hour is a number from 0 to 1000000 in quotes, such as "60.00".'
        )
        return None
    return FirmRule(name=name, currency=currency, shadow_rate=rate) if name and currency else None
