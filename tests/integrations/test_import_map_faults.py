"""A map's own faults: all of them at once, each with its place, before any file is read."""

from __future__ import annotations

import pytest

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports import ImportRefused, read_map

GOOD = 'format = "muster-import/1"\n[files.c]\npath = "c.csv"\n[[clients]]\nfile = "c"\n'


def faults(text: str) -> dict[str, str]:
    """Code by place of a map that must be refused."""
    with pytest.raises(ImportRefused) as refused:
        read_map(text.encode(), name="m.toml")
    assert refused.value.code == "map.invalid"
    assert all(fault.place.file == "m.toml" for fault in refused.value.import_faults)
    return {fault.place.column or "": fault.code for fault in refused.value.import_faults}


def test_a_good_map_is_taken() -> None:
    """The map that the faults below are planted in has none."""
    assert [feed.area for feed in read_map(GOOD.encode()).feeds] == ["clients"]


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        (GOOD.replace("/1", "/2"), "format", "map.format"),
        (GOOD + "[[cleints]]\n", "cleints", "map.unknown_key"),
        (GOOD + "fiel = 1\n", "clients[0].fiel", "map.unknown_key"),
        (GOOD.replace('file = "c"', 'file = "d"'), "clients[0].file", "map.choice"),
        (GOOD.replace('file = "c"', ""), "clients[0].file", "map.missing"),
        (GOOD.replace('path = "c.csv"', ""), "files.c.path", "map.missing"),
        (GOOD.replace('path = "c.csv"', "path = 1"), "files.c.path", "map.type"),
        (GOOD.replace("[[clients]]", 'encoding = "latin-1"\n[[clients]]'), "files.c.encoding", "map.choice"),
        (GOOD.replace("[[clients]]", 'date = "dd/mm/yy"\n[[clients]]'), "files.c.date", "map.date_format"),
        (GOOD.replace("[[clients]]", 'decimal = ","\nthousands = ","\n[[clients]]'), "files.c.thousands", "map.choice"),
        (GOOD.replace("[[clients]]", "header_row = 0\n[[clients]]"), "files.c.header_row", "map.number"),
        (GOOD.replace("[files.c]", '["files"."a.b"]\npath = "x.csv"\n[files.c]'), "files.a.b", "map.alias"),
        (GOOD + '[clients.fields]\nname = "n"\n', "clients[0].fields", "map.missing"),
        (GOOD + '[clients.fields]\nid = "i"\nnaem = "n"\nname = "n"\n', "clients[0].fields.naem", "map.unknown_field"),
        (GOOD + '[clients.fields]\nid = 1\nname = "n"\n', "clients[0].fields.id", "map.type"),
        (GOOD + '[clients.fields]\nid = {}\nname = "n"\n', "clients[0].fields.id", "map.origin"),
        (GOOD + '[clients.fields]\nid = { column = "a", value = "b" }\nname = "n"\n', "clients[0].fields.id", "map.origin"),
        (GOOD + '[clients.fields]\nid = { column = "a", unit = "hours" }\nname = "n"\n', "clients[0].fields.id.unit", "map.unfit"),
        (GOOD + '[clients.fields]\nid = { count = "a" }\nname = "n"\n', "clients[0].fields.id", "map.no_group"),
        (GOOD + '[clients.fields]\nid = { column = "a", from = "c" }\nname = "n"\n', "clients[0].fields.id.on", "map.missing"),
        (GOOD + '[clients.fields]\nid = { column = "a", on = "b" }\nname = "n"\n', "clients[0].fields.id", "map.missing"),
        (GOOD + '[clients.fields]\nid = { value = "a", from = "c", on = "b" }\nname = "n"\n', "clients[0].fields.id.from", "map.unfit"),
        (GOOD + 'group = ["a"]\n', "clients[0]", "map.missing"),
        (GOOD + 'join = [{ file = "c", on = "x" }]\n[clients.fields]\nid = "i"\nname = "n"\n', "clients[0]", "map.join"),
        (GOOD + '[firm]\nname = "A"\ncurrency = "eur"\n', "firm.currency", "map.currency"),
        (GOOD + '[firm]\nname = "A"\ncurrency = "EUR"\nshadow_rate = "NaN"\n', "firm.shadow_rate", "map.number"),
        ('format = "muster-import/1"\n', "files", "map.missing"),
        ('format = "muster-import/1"\n[files.c]\npath = "c.csv"\n', "", "map.empty"),
        ("format = \n", "", "map.syntax"),
    ],
)
def test_a_fault_of_the_map_is_named_with_its_place(text: str, place: str, code: str) -> None:
    """Unknown keys and fields, missing ones, wrong types, impossible choices, rules that make no sense."""
    assert faults(text)[place] == code


def test_factors_are_exact_numbers_in_quotes() -> None:
    """A binary float would not be the number that was written."""
    text = 'format = "muster-import/1"\n[files.d]\npath = "d.csv"\n[[bill_rates]]\nfile = "d"\n[bill_rates.fields]\n'
    for factor in ("0.45", '"0"', '"1e999999"', '"many"'):
        assert set(faults(text + f'rate = {{ column = "r", times = {factor} }}\n')) == {"bill_rates[0].fields.rate.times"}


def test_all_faults_of_a_map_come_at_once() -> None:
    """Nobody corrects a map one fault at a time."""
    text = GOOD.replace("/1", "/0") + '[clients.fields]\nid = {}\nnaem = "n"\n[reading]\ndate = "?"\n'
    assert set(faults(text)) == {"format", "clients[0].fields.id", "clients[0].fields.naem", "clients[0].fields", "reading.date"}


def test_a_map_that_is_not_text_or_too_long_is_refused() -> None:
    """Bytes that are no UTF-8, and a map of more than a megabyte."""
    with pytest.raises(ImportRefused) as refused:
        read_map(b"\xff\xfe")
    assert refused.value.import_faults[0].code == "map.encoding"
    with pytest.raises(DomainError) as large:
        read_map(b"#" * 2_000_000)
    assert large.value.kind is ErrorKind.TOO_LARGE
