"""
The door for XLSX files: a small file may unpack to gigabytes, or name entities that unpack to more.

Everything is checked before any XML is parsed: the sizes that the zip directory claims, the bytes that really come out, document type
declarations, and the rectangle that a sheet's cells span (a reader allocates all of it, even when only two far corners are filled).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from scheduler.domain.ground.errors import DomainError, ErrorKind

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_RATIO = 100
"""Unpacked to packed size, once the unpacked size passes RATIO_FREE_BYTES; spreadsheets stay well below 50."""
RATIO_FREE_BYTES = 1024 * 1024
MAX_ENTRIES = 2_000
MAX_CELLS = 8_000_000

_CHUNK = 256 * 1024
_OVERLAP = 256
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})?(\d{1,10})["']""")
_DATE_1904 = re.compile(rb"""\sdate1904\s*=\s*["'](?:1|true)["']""", re.IGNORECASE)


def check_size(name: str, size: int) -> None:
    """Raise DomainError (TOO_LARGE) for a file above the limit."""
    if size > MAX_FILE_BYTES:
        raise DomainError(
            ErrorKind.TOO_LARGE,
            "file.too_large",
            f"{name} has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read. Split it into several files.",
        )


def check_archive(name: str, content: bytes) -> bool:
    """
    Refuse an XLSX file that would unpack too large or declares entities; say whether its dates count from 1904.

    Raises
    ------
    DomainError
        ``file.unpacked_too_large`` (TOO_LARGE), ``xml.dtd_refused`` or ``file.not_xlsx`` (INVALID).
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_claims(name, entries, packed=len(content))
            return _unpack_all(name, archive, entries, packed=len(content))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise DomainError(
            ErrorKind.INVALID,
            "file.not_xlsx",
            f"{name} is not a readable XLSX file (damaged, encrypted or another format). Save it again as XLSX or CSV.",
        ) from error


def _check_claims(name: str, entries: list[zipfile.ZipInfo], *, packed: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _too_large(name, f"holds {len(entries):,} parts (at most {MAX_ENTRIES:,})")
    _check_unpacked(name, sum(entry.file_size for entry in entries), packed=packed)


def _check_unpacked(name: str, unpacked: int, *, packed: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise _too_large(name, f"unpacks to {unpacked:,} bytes or more (at most {MAX_UNPACKED_BYTES:,})")
    if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise _too_large(name, f"unpacks to {unpacked // max(1, packed)} times its size (at most {MAX_RATIO} times)")


def _too_large(name: str, what: str) -> DomainError:
    return DomainError(
        ErrorKind.TOO_LARGE,
        "file.unpacked_too_large",
        f"{name} {what}; it was not opened. Save it anew with the needed rows only, or as CSV.",
    )


def _unpack_all(name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], *, packed: int) -> bool:
    """Inflate every part once, in chunks, counting; the directory may lie. Whether the workbook says date1904."""
    unpacked = 0
    date_1904 = False
    for entry in entries:
        is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
        widest, tallest, tail = 0, 0, b""
        with archive.open(entry) as part:
            while chunk := part.read(_CHUNK):
                unpacked += len(chunk)
                _check_unpacked(name, unpacked, packed=packed)
                if is_xml:
                    # A tag may lie across two chunks, so a little of the last one is looked at again.
                    text = tail + _plain_bytes(name, chunk, first=tail == b"")
                    widest, tallest = _check_xml(name, entry.filename, text, widest, tallest)
                    date_1904 = date_1904 or (entry.filename.endswith("workbook.xml") and _DATE_1904.search(text) is not None)
                    tail = text[-_OVERLAP:]
    return date_1904


def _plain_bytes(name: str, chunk: bytes, *, first: bool) -> bytes:
    """XML in a wide encoding would hide its declarations from a search in bytes; spreadsheets are UTF-8."""
    if first and (
        chunk[:2] in (b"\xff\xfe", b"\xfe\xff")
        or b"\0" in chunk[:4]
        or re.match(rb"\s*<\?xml[^>]*encoding=.utf-?(?:16|32|7)", chunk, re.IGNORECASE)
    ):
        raise DomainError(ErrorKind.INVALID, "file.not_xlsx", f"{name} holds XML that is not UTF-8. Save it again as XLSX.")
    return chunk


def _check_xml(name: str, entry: str, text: bytes, widest: int, tallest: int) -> tuple[int, int]:
    if _DTD.search(text):
        raise DomainError(
            ErrorKind.INVALID,
            "xml.dtd_refused",
            f"{name} declares a document type or entities (in {entry}), which no spreadsheet needs; it was not opened. Save it again as XLSX.",
        )
    if "worksheets" in entry:
        for letters, digits in _CELL.findall(text):
            widest = max(widest, _column_number(letters))
            tallest = max(tallest, int(digits))
        if widest * tallest > MAX_CELLS:
            raise _too_large(name, f"spans {tallest:,} rows x {widest:,} columns in {entry} (at most {MAX_CELLS:,} cells)")
    return widest, tallest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + (letter - 64)
    return number
