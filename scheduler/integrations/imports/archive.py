"""
The door for XLSX files: a small file may unpack to gigabytes, or name entities that unpack to more.

Everything is checked before any XML is parsed: the sizes that the zip directory claims, the bytes that really come out, document type
declarations, the rectangle that a sheet's cells span (a reader allocates all of it, even when only two far corners are filled), and
what shared strings come to where cells repeat them. The reader then gets what was checked, packed anew, and nothing else.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

from scheduler.domain.ground.errors import DomainError, ErrorKind

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_RATIO = 100
"""Unpacked to packed size, once the unpacked size passes RATIO_FREE_BYTES; spreadsheets stay well below 50."""
RATIO_FREE_BYTES = 1024 * 1024
MAX_ENTRIES = 2_000
MAX_CELLS = 8_000_000
MAX_STRING_BYTES = 512 * 1024 * 1024
"""Most that the longest shared string may come to, were it in every cell that has a shared string."""

_CHUNK = 256 * 1024
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})?(\d{1,10})["']""")
_STRING_CELL = re.compile(rb"""\st\s*=\s*["']s["']""")
_STRING = re.compile(rb"<(?:\w+:)?si[\s>/]")
_DATE_1904 = re.compile(rb"""\sdate1904\s*=\s*["'](?:1|true)["']""", re.IGNORECASE)
_WIDE = re.compile(rb"\s*<\?xml[^>]*encoding=.utf-?(?:16|32|7)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CheckedArchive:
    """A workbook that may be opened."""

    content: bytes
    date_1904: bool
    """Whether its dates count from 1904."""


def check_size(name: str, size: int) -> None:
    """Raise DomainError (TOO_LARGE) for a file above the limit."""
    if size > MAX_FILE_BYTES:
        raise DomainError(
            ErrorKind.TOO_LARGE,
            "file.too_large",
            f"{name} has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read. Split it into several files.",
        )


def check_archive(name: str, content: bytes) -> CheckedArchive:
    """
    Refuse an XLSX file that would unpack too large or declares entities.

    Raises
    ------
    DomainError
        ``file.unpacked_too_large`` (TOO_LARGE), ``xml.dtd_refused`` or ``file.not_xlsx`` (INVALID).
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise _too_large(name, f"holds {len(entries):,} parts (at most {MAX_ENTRIES:,})")
            door = _Door(name, packed=len(content))
            door.check_unpacked(sum(entry.file_size for entry in entries))
            return door.repack(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        message = f"{name} is not a readable XLSX file (damaged, encrypted or another format). Save it again as XLSX or CSV."
        raise DomainError(ErrorKind.INVALID, "file.not_xlsx", message) from error


def _too_large(name: str, what: str) -> DomainError:
    advice = "it was not opened. Save it anew with the needed rows only, or as CSV."
    return DomainError(ErrorKind.TOO_LARGE, "file.unpacked_too_large", f"{name} {what}; {advice}")


class _Door:
    """Inflates every part once, in chunks, counting: the directory may lie."""

    def __init__(self, name: str, *, packed: int) -> None:
        self.name = name
        self.packed = packed
        self.date_1904 = False
        self._unpacked = 0
        self._string_cells = 0
        self._longest_string = 0

    def check_unpacked(self, unpacked: int) -> None:
        """Refuse too many bytes, or too many for the size of the file."""
        if unpacked > MAX_UNPACKED_BYTES:
            raise _too_large(self.name, f"unpacks to {unpacked:,} bytes or more (at most {MAX_UNPACKED_BYTES:,})")
        if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * self.packed:
            raise _too_large(self.name, f"unpacks to {unpacked // max(1, self.packed)} times its size (at most {MAX_RATIO} times)")

    def repack(self, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> CheckedArchive:
        """The XML parts as they were checked; pictures and other parts are left out, but counted."""
        target = BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as safe:
            for entry in entries:
                part = self._inflated(archive, entry)
                if entry.filename.lower().endswith((".xml", ".rels")):
                    self._check_xml(entry.filename, part)
                    safe.writestr(entry.filename, part)
        if self._string_cells * self._longest_string > MAX_STRING_BYTES:
            raise _too_large(self.name, f"repeats long texts in {self._string_cells:,} cells")
        return CheckedArchive(target.getvalue(), self.date_1904)

    def _inflated(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        chunks = []
        with archive.open(entry) as part:
            while chunk := part.read(_CHUNK):
                self._unpacked += len(chunk)
                self.check_unpacked(self._unpacked)
                chunks.append(chunk)
        return b"".join(chunks)

    def _check_xml(self, entry: str, part: bytes) -> None:
        if part[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in part[:4] or _WIDE.match(part):
            # A wide encoding would hide what is searched for below; spreadsheets are UTF-8.
            raise DomainError(ErrorKind.INVALID, "file.not_xlsx", f"{self.name} holds XML that is not UTF-8. Save it again as XLSX.")
        if _DTD.search(part):
            message = f"{self.name} declares a document type or entities (in {entry}), which no spreadsheet needs; it was not opened."
            raise DomainError(ErrorKind.INVALID, "xml.dtd_refused", f"{message} Save it again as XLSX.")
        self.date_1904 = self.date_1904 or (entry.endswith("workbook.xml") and _DATE_1904.search(part) is not None)
        self._string_cells += sum(1 for _ in _STRING_CELL.finditer(part))
        starts = [match.start() for match in _STRING.finditer(part)] + [len(part)]
        self._longest_string = max([self._longest_string, *(after - before for before, after in pairwise(starts))])
        self._check_span(entry, part)

    def _check_span(self, entry: str, part: bytes) -> None:
        widest = tallest = 0
        for match in _CELL.finditer(part):
            letters, digits = match.groups()
            widest = max(widest, _column_number(letters or b""))
            tallest = max(tallest, int(digits))
            if widest * tallest > MAX_CELLS:
                raise _too_large(self.name, f"spans {tallest:,} rows x {widest:,} columns in {entry} (at most {MAX_CELLS:,} cells)")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + (letter - 64)
    return number
