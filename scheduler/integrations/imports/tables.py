"""Files as tables of text: nothing is guessed. A cell is text, a date (where a spreadsheet says it is one), or nothing."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import python_calamine

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports.archive import check_archive, check_size
from scheduler.integrations.imports.faults import Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.integrations.imports.faults import Faults
    from scheduler.integrations.imports.map_values import FileFormat

Cell: TypeAlias = str | date | Decimal | None

MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELL_CHARS = 10_000
_FIRST_SOUND_YEAR = 1901
"""Excel counts a 29 February 1900 that never was, so the days before are one off."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import: its name and its bytes."""

    name: str
    content: bytes

    def __post_init__(self) -> None:
        check_size(self.name, len(self.content))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the spreadsheet or editor shows it, and its cells."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Table:
    """A file or sheet with a header."""

    label: str
    header: tuple[str, ...]
    rows: list[Row]
    date_1904: bool = False
    positions: dict[str, int] = field(default_factory=dict)
    """Column by folded header; filled once the header has been checked."""

    def place(self, row: Row | None = None, position: int | None = None) -> Place:
        """Where a cell stands."""
        return Place(self.label, row.number if row else None, self.header[position] if position is not None else None)


def fold(header: str) -> str:
    """What makes two headers the same: case and outer or repeated blanks do not matter."""
    return " ".join(unicodedata.normalize("NFC", header).split()).casefold()


def cell_text(cell: Cell) -> str:
    """A cell as text: dates in ISO form, numbers without exponent, nothing as an empty text."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case Decimal():
            return f"{cell.normalize() if cell != cell.to_integral_value() else cell.to_integral_value():f}"
    return cell.isoformat()


def read_table(source: Source, form: FileFormat, faults: Faults) -> Table | None:
    """
    Read one file as its format says. Unreadable text is noted in ``faults`` and gives ``None``.

    Raises
    ------
    DomainError
        A file that is not to be opened: too large, an archive that unpacks too large, XML with a document type.
    """
    if source.content[:4] == b"PK\x03\x04" or source.name.lower().endswith((".xlsx", ".xlsm")):
        return _read_xlsx(source, form, faults)
    return _read_csv(source, form, faults)


def _read_csv(source: Source, form: FileFormat, faults: Faults) -> Table | None:
    text = _decode(source, form, faults)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, strict=True)
    rows: list[tuple[int, Sequence[object]]] = []
    before = 0
    try:
        for cells in reader:
            if len(rows) > MAX_ROWS:
                raise _too_many(source.name, f"more than {MAX_ROWS:,} rows")
            rows.append((before + 1, cells))
            before = reader.line_num
    except csv.Error as error:
        faults.add(
            Place(source.name, before + 1), "csv.syntax", f"The row cannot be read as CSV ({error}); check its quotes and the delimiter."
        )
        return None
    return _table(source.name, rows, form, faults)


def _decode(source: Source, form: FileFormat, faults: Faults) -> str | None:
    content = source.content
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
        if form.encoding != "utf-8":
            faults.add(
                Place(source.name),
                "file.encoding",
                f"The file begins with a UTF-8 mark, but the map says encoding {form.encoding}; say utf-8.",
            )
            return None
    try:
        text = content.decode(form.encoding)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        faults.add(
            Place(source.name, row),
            "file.encoding",
            f"Byte {content[error.start]:#04x} is not {form.encoding}; set the file's encoding in the map to utf-8, cp1252, iso-8859-15 or utf-16.",
        )
        return None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        faults.add(Place(source.name, row), "text.nul", "The text holds a NUL character; is it really a text file in this encoding?")
        return None
    return text.removeprefix("\ufeff")


def _read_xlsx(source: Source, form: FileFormat, faults: Faults) -> Table | None:
    checked = check_archive(source.name, source.content)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(checked.content)) as book:
            name = _sheet_name(book.sheet_names, source, form, faults)
            if name is None:
                return None
            sheet = book.get_sheet_by_name(name)
            rows = [(number, cells) for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1)]
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise DomainError(
            ErrorKind.INVALID, "file.not_xlsx", f"{source.name} is not a readable XLSX file. Save it again as XLSX or CSV."
        ) from error
    table = _table(f"{source.name}[{name}]", rows, form, faults)
    if table is not None:
        table.date_1904 = checked.date_1904
    return table


def _sheet_name(names: list[str], source: Source, form: FileFormat, faults: Faults) -> str | None:
    if form.sheet is None and len(names) == 1:
        return names[0]
    matching = [name for name in names if form.sheet is not None and fold(name) == fold(form.sheet)]
    if matching:
        return matching[0]
    wanted = f"no sheet {form.sheet!r}" if form.sheet is not None else "several sheets and the map names none"
    faults.add(Place(source.name), "file.sheet", f"The workbook has {wanted}; its sheets are: {', '.join(names)}.")
    return None


def _table(label: str, rows: Iterable[tuple[int, Sequence[object]]], form: FileFormat, faults: Faults) -> Table | None:
    numbered = [(number, cells) for number, cells in rows if number >= form.header_row]
    if not numbered or not any(str(cell).strip() for cell in numbered[0][1]):
        faults.add(Place(label, form.header_row), "file.empty", "There is no header row here; the first row must name the columns.")
        return None
    header = tuple(" ".join(unicodedata.normalize("NFC", str(cell)).split()) for cell in _trimmed(numbered[0][1]))
    if len(header) > MAX_COLUMNS:
        raise _too_many(label, f"{len(header):,} columns (at most {MAX_COLUMNS:,})")
    table = Table(label, header, [])
    nulls = frozenset(form.nulls)
    for number, raw in numbered[1:]:
        cells = tuple(_cell(Place(label, number, _header(header, position)), value, nulls, faults) for position, value in enumerate(raw))
        if all(cell is None for cell in cells):
            continue
        _add_row(table, number, cells, faults)
    return table


def _add_row(table: Table, number: int, cells: tuple[Cell, ...], faults: Faults) -> None:
    width = len(table.header)
    if any(cell is not None for cell in cells[width:]):
        faults.add(Place(table.label, number), "row.too_long", f"The row has {len(cells)} cells but the header names {width} columns.")
    table.rows.append(Row(number, cells[:width] + (None,) * (width - len(cells))))


def _trimmed(cells: Sequence[object]) -> Sequence[object]:
    end = len(cells)
    while end and not str(cells[end - 1]).strip():
        end -= 1
    return cells[:end]


def _header(header: tuple[str, ...], position: int) -> str | None:
    return header[position] if position < len(header) else None


def _cell(place: Place, value: object, nulls: frozenset[str], faults: Faults) -> Cell:
    try:
        cell = _plain(value)
    except Unreadable as error:
        faults.add(place, error.code, error.message)
        return None
    return None if cell_text(cell) in nulls else cell


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _plain(value: object) -> Cell:
    match value:
        case str():
            text = unicodedata.normalize("NFC", value).strip()
            if len(text) > MAX_CELL_CHARS:
                raise Unreadable("text.too_long", f"The cell has {len(text):,} characters; at most {MAX_CELL_CHARS:,} are read.")
            if found := _CONTROL.search(text):
                raise Unreadable("text.control", f"The text holds the control character U+{ord(found.group()):04X}; remove it.")
            return text or None
        case bool():
            return "true" if value else "false"
        case float() if not math.isfinite(value):
            raise Unreadable("number.not_finite", "The cell holds a number too large to read; correct it.")
        case float() | int():
            # Spreadsheets show 15 digits; what a binary float has beyond them nobody typed.
            return Decimal(f"{value:.15g}")
        case date() if value.year < _FIRST_SOUND_YEAR:
            raise Unreadable(
                "date.invalid", "The cell holds a day of 1900 or before, which Excel miscounts (serial 60 never was); correct it."
            )
        case datetime():
            return value.date() if value.time() == time() else value.isoformat(sep=" ")
        case date():
            return value
        case time() | timedelta():
            return str(value)
    raise Unreadable("text.unknown_cell", f"The cell holds a {type(value).__name__}, which cannot be read; write it as text.")


def _too_many(label: str, what: str) -> DomainError:
    return DomainError(ErrorKind.TOO_LARGE, "file.too_large", f"{label} has {what}. Split it into several files.")
