"""Files that must not be opened, or whose text or header is not what the map says."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports import ImportRefused, Source
from scheduler.integrations.imports.archive import MAX_FILE_BYTES, check_archive
from tests.cpu_time import cpu_at_most
from tests.integrations.firm_files import count_all, faults_of, map_of, run, standard_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scheduler.store import Store

CLIENTS_IN_A_BOOK = map_of('[files.clients]\npath = "*.xlsx"\n[[clients]]\nfile = "clients"\n')


def book(rows: Iterable[Iterable[object]], *, date_1904: bool = False, sheets: Iterable[str] = ("Sheet1",)) -> bytes:
    """A workbook with the rows on its first sheet."""
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, "date_1904": date_1904})
    first, *_ = [workbook.add_worksheet(name) for name in sheets]
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, tuple):
                first.write_number(number, column, value[0], day)
            else:
                first.write(number, column, value)
    workbook.close()
    return target.getvalue()


def with_parts(content: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The workbook with some of its parts replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, part in changed.items():
            new.writestr(name, part)
    return target.getvalue()


def bomb() -> bytes:
    """About 100 kB that unpack to a sheet of 28 MB."""
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    sheet = b"<worksheet><sheetData>" + row * (28_000_000 // len(row)) + b"</sheetData></worksheet>"
    return with_parts(book([["id", "name"]]), {"xl/worksheets/sheet1.xml": sheet})


def understated(content: bytes, name: bytes) -> bytes:
    """The archive with a directory that claims ten bytes for one of its parts."""
    at = content.rindex(name) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    return content[: at + 24] + (10).to_bytes(4, "little") + content[at + 28 :]


def test_i01_a_small_file_that_unpacks_to_28_mb_is_refused_at_once(sqlite_store: Store) -> None:
    """Refused as too large, before parsing, in under a second."""
    content = bomb()
    assert len(content) < 130_000
    with cpu_at_most(1), pytest.raises(DomainError) as refused:
        run(sqlite_store, {"clients.xlsx": content}, CLIENTS_IN_A_BOOK)
    assert (refused.value.kind, refused.value.code) == (ErrorKind.TOO_LARGE, "file.unpacked_too_large")
    assert "100 times" in refused.value.detail


def test_i01_the_bytes_that_come_out_count_not_what_the_directory_claims() -> None:
    """A directory that understates a part does not get it parsed."""
    lying = understated(bomb(), b"xl/worksheets/sheet1.xml")
    with pytest.raises(DomainError) as refused:
        check_archive("a.xlsx", lying)
    assert refused.value.code in {"file.unpacked_too_large", "file.not_xlsx"}


def test_i01_a_refused_file_costs_no_memory(tmp_path: Path) -> None:
    """A process that refuses the 28 MB sheet stays below 512 MB."""
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(bomb())
    program = (
        "import pathlib, re, sys\n"
        "from scheduler.integrations.imports.archive import check_archive\n"
        "try:\n    check_archive('bomb.xlsx', pathlib.Path(sys.argv[1]).read_bytes())\n"
        "except Exception as error:\n    peak = re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())\n"
        "    print(error.code, peak[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    code, kilobytes = done.stdout.split()
    assert code == "file.unpacked_too_large"
    assert int(kilobytes) < 512 * 1024


def test_i01_two_filled_corners_span_too_many_cells(sqlite_store: Store) -> None:
    """A reader would allocate 17 billion cells for two of them: refused before parsing."""
    content = book([["id", "name"]])
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(DomainError) as refused:
        run(sqlite_store, {"clients.xlsx": with_parts(content, {"xl/worksheets/sheet1.xml": sheet})}, CLIENTS_IN_A_BOOK)
    assert (refused.value.kind, refused.value.code) == (ErrorKind.TOO_LARGE, "file.unpacked_too_large")


def test_i01_a_file_above_the_limit_is_not_taken() -> None:
    """A file has at most 32 MiB."""
    with pytest.raises(DomainError) as refused:
        Source("a.csv", bytes(MAX_FILE_BYTES + 1))
    assert (refused.value.kind, refused.value.code) == (ErrorKind.TOO_LARGE, "file.too_large")


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        b" " * (256 * 1024 - 20) + b"<!DOCTYPE x>",
    ],
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_i04_a_document_type_is_refused(sqlite_store: Store, prologue: bytes, part: str) -> None:
    """No part of a workbook may declare a document type or entities, wherever in its text."""
    content = with_parts(book([["id", "name"], ["a", "A"]]), {part: b'<?xml version="1.0"?>' + prologue + b"<x>&a;</x>"})
    with pytest.raises(DomainError) as refused:
        run(sqlite_store, {"clients.xlsx": content}, CLIENTS_IN_A_BOOK)
    assert (refused.value.kind, refused.value.code) == (ErrorKind.INVALID, "xml.dtd_refused")
    assert count_all(sqlite_store) == 0


def test_i04_a_document_type_cannot_hide_in_a_wide_encoding(sqlite_store: Store) -> None:
    """XML that is not UTF-8 is not opened."""
    sheet = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16")
    with pytest.raises(DomainError) as refused:
        run(sqlite_store, {"clients.xlsx": with_parts(book([["id", "name"]]), {"xl/worksheets/sheet1.xml": sheet})}, CLIENTS_IN_A_BOOK)
    assert refused.value.code == "file.not_xlsx"


@pytest.mark.parametrize("content", [b"PK\x03\x04 and nothing more", b"not a workbook", b""])
def test_a_damaged_workbook_is_refused(sqlite_store: Store, content: bytes) -> None:
    """What only claims to be a workbook gets a clear answer."""
    with pytest.raises(DomainError) as refused:
        run(sqlite_store, {"clients.xlsx": content}, CLIENTS_IN_A_BOOK)
    assert refused.value.code == "file.not_xlsx"


@pytest.mark.parametrize(
    ("header", "code", "words"),
    [
        ("id,name,colour", "header.unknown", ["'colour'", "Found: id, name, colour", "Expected: id, name"]),
        ("id,nmae", "header.missing", ["'name'", "Found: id, nmae", "Expected: id, name"]),
        ("id,name,NAME", "header.duplicate", ["'NAME' twice", "Found: id, name, NAME"]),
    ],
)
def test_i07_a_header_that_differs_is_listed_against_what_is_expected(
    sqlite_store: Store, header: str, code: str, words: list[str]
) -> None:
    """Unknown, missing and doubled columns: found and expected ones are listed."""
    with pytest.raises(ImportRefused) as refused:
        run(sqlite_store, {"clients.csv": f"{header}\na,A,x\n"}, standard_map("clients"))
    fault = next(fault for fault in refused.value.import_faults if fault.code == code)
    assert str(fault.place) == "clients.csv"
    assert all(word in fault.message for word in words)


def test_i07_a_misspelt_header_is_told_what_it_may_mean(sqlite_store: Store) -> None:
    """An unknown column close to an expected one is named with it."""
    with pytest.raises(ImportRefused) as refused:
        run(sqlite_store, {"clients.csv": "id,nmae\na,A\n"}, standard_map("clients"))
    assert "Is 'nmae' meant to be 'name'?" in refused.value.import_faults[1].message


def test_i07_order_case_and_blanks_of_a_header_are_free(sqlite_store: Store) -> None:
    """Columns in another order, in capitals, or with blanks around are the same columns."""
    report = run(sqlite_store, {"clients.csv": "  NAME , Id \nAcme,a\n"}, standard_map("clients"))
    assert report.created == 1


def test_i07_columns_may_be_ignored_by_name_or_altogether(sqlite_store: Store) -> None:
    """What the map lists under ignore is no fault."""
    for number, ignore in enumerate(('["colour"]', '"others"')):
        mapping = map_of(f'[files.c]\npath = "c.csv"\nignore = {ignore}\n[[clients]]\nfile = "c"\n')
        assert run(sqlite_store, {"c.csv": f"id,name,colour\na{number},A{number},red\n"}, mapping).created == 1


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("\ufeffid;name\na;Ünal\n".encode(), 'delimiter = ";"'),
        ("id,name\na,Ünal\n".encode("cp1252"), 'encoding = "cp1252"'),
        ("id\tname\na\tÜnal\n".encode("utf-16"), 'encoding = "utf-16"\ndelimiter = "\\t"'),
        (b"\xef\xbb\xbf" + 'id,name\r\na,"Ünal"\r\n'.encode(), ""),
    ],
)
def test_encodings_and_delimiters_are_as_the_map_says(sqlite_store: Store, content: bytes, settings: str) -> None:
    """UTF-8 with and without its mark, Windows and wide encodings; commas, semicolons, tabs."""
    run(sqlite_store, {"c.csv": content}, map_of(f'[files.c]\npath = "c.csv"\n{settings}\n[[clients]]\nfile = "c"\n'))
    with sqlite_store.read(LOCAL) as view:
        assert [client.name for client in view.clients.all()] == ["Ünal"]


@pytest.mark.parametrize(
    ("content", "settings", "fault"),
    [
        ("id,name\na,Ünal\n".encode("cp1252"), "", ("c.csv, row 2", "file.encoding")),
        (b"\xef\xbb\xbfid,name\na,A\n", 'encoding = "cp1252"', ("c.csv", "file.encoding")),
        (b"id,name\na,A\0B\n", "", ("c.csv, row 2", "text.nul")),
        (b"id,name\na,A\x07B\n", "", ("c.csv, row 2, column name", "text.control")),
        (b'id,name\na,"A"B"\n', "", ("c.csv, row 2", "csv.syntax")),
        (b'id,name\na,A\nb,"never closed\n', "", ("c.csv, row 3", "csv.syntax")),
        (b"id,name\na,A,surplus\n", "", ("c.csv, row 2", "row.too_long")),
        (b"", "", ("c.csv, row 1", "file.empty")),
        (b"\n\n", "", ("c.csv, row 1", "file.empty")),
    ],
)
def test_text_that_cannot_be_read_is_named_by_row(sqlite_store: Store, content: bytes, settings: str, fault: tuple[str, str]) -> None:
    """A wrong encoding, control characters, broken quotes, surplus cells, nothing at all."""
    assert faults_of(sqlite_store, {"c.csv": content}, map_of(f'[files.c]\npath = "c.csv"\n{settings}\n[[clients]]\nfile = "c"\n')) == [
        fault
    ]


def test_a_fault_names_the_row_that_an_editor_shows(sqlite_store: Store) -> None:
    """Cells with line breaks (which a name may not have) and empty rows do not shift the row numbers."""
    content = 'id,name\na,"two\nlines"\n\nb,\n'
    assert faults_of(sqlite_store, {"clients.csv": content}, standard_map("clients")) == [
        ("clients.csv, row 5, column name", "field.missing"),
        ("clients.csv, row 2, column name", "text.control"),
    ]


def test_a_sheet_is_found_by_name_and_its_cells_are_not_guessed(sqlite_store: Store) -> None:
    """Numbers stay as typed: an id of 80801 is no 80801.0, and 0.1 + 0.2 is 0.3."""
    rows: list[list[object]] = [["project", "person", "rate", "grade"], ["", "", 0.1 + 0.2, 80801], ["", "", "12.5", "Senior"]]
    content = book(rows, sheets=("Rates", "Notes"))
    mapping = map_of('[files.r]\npath = "b.xlsx"\nsheet = "rates"\n[[bill_rates]]\nfile = "r"\n')
    run(sqlite_store, {"b.xlsx": content}, mapping)
    with sqlite_store.read(LOCAL) as view:
        assert {(str(rate.rate), rate.grade) for rate in view.bill_rates.all()} == {("0.3", "80801"), ("12.5", "Senior")}
    unnamed = map_of('[files.r]\npath = "b.xlsx"\n[[bill_rates]]\nfile = "r"\n')
    assert faults_of(sqlite_store, {"b.xlsx": content}, unnamed) == [("b.xlsx", "file.sheet")]


def test_i01_a_long_text_repeated_in_many_cells_is_refused(sqlite_store: Store) -> None:
    """A shared string of 30,000 characters in 100,000 cells would come to 3 GB in the reader's memory."""
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (number, number) for number in range(1, 100_001))
    parts = {
        "xl/worksheets/sheet1.xml": b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>",
        "xl/sharedStrings.xml": b'<sst count="1" uniqueCount="1"><si><t>' + b"x" * 30_000 + b"</t></si></sst>",
    }
    with pytest.raises(DomainError) as refused:
        run(sqlite_store, {"clients.xlsx": with_parts(book([["id", "name"]]), parts)}, CLIENTS_IN_A_BOOK)
    assert (refused.value.kind, refused.value.code) == (ErrorKind.TOO_LARGE, "file.unpacked_too_large")


def test_the_reader_sees_only_the_parts_that_were_checked() -> None:
    """Parts of other kinds, and bytes before or after the archive, do not reach the reader."""
    content = b"GIF89a" + with_parts(book([["id", "name"]]), {"xl/media/image1.png": b"\x89PNG", "xl/vbaProject.bin": b"\0"}) + b"tail"
    with zipfile.ZipFile(io.BytesIO(check_archive("a.xlsx", content).content)) as checked:
        names = checked.namelist()
        assert "xl/workbook.xml" in names
        assert all(name.endswith((".xml", ".rels")) for name in names)
