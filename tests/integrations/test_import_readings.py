"""Dates, numbers and lists: read exactly as the map says, never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.access import LOCAL
from scheduler.integrations.imports.faults import Unreadable
from scheduler.integrations.imports.map_values import EXCEL_1900, EXCEL_1904, Reading
from scheduler.integrations.imports.readings import FIRST_DAY, LAST_DAY, date_pattern, read_date, read_number, read_weekdays
from tests.integrations.firm_files import faults_of, map_of, run
from tests.integrations.test_import_doors import book

if TYPE_CHECKING:
    from scheduler.store import Store

DAYS = st.dates(FIRST_DAY, LAST_DAY)


def refusal(text: str | Decimal, form: str = "YYYY-MM-DD", *, date_1904: bool = False) -> tuple[str, str]:
    with pytest.raises(Unreadable) as refused:
        read_date(text, Reading(date=form), date_1904=date_1904)
    return refused.value.code, refused.value.message


@given(day=DAYS, form=st.sampled_from(["YYYY-MM-DD", "DD.MM.YYYY", "MM/DD/YYYY", "DD/MM/YYYY", "YYYYMMDD", "D. M. YYYY"]))
def test_a_date_written_in_the_chosen_format_is_that_day(day: date, form: str) -> None:
    """Writing a day by a format and reading it back gives the day."""
    replaced = {"YYYY": f"{day.year:04}", "MM": f"{day.month:02}", "DD": f"{day.day:02}", "M": str(day.month), "D": str(day.day)}
    text = form
    for token, digits in replaced.items():
        text = text.replace(token, digits)
    assert read_date(text, Reading(date=form)) == day


def test_i12_a_date_that_may_be_read_two_ways_is_refused() -> None:
    """03/04/2026 is 3 April or 4 March: the map must choose, and is told how."""
    code, message = refusal("03/04/2026")
    assert code == "date.ambiguous"
    assert "'DD/MM/YYYY'" in message
    assert "'MM/DD/YYYY'" in message
    assert refusal("3.4.26")[0] == "date.ambiguous"
    assert read_date("03/04/2026", Reading(date="DD/MM/YYYY")) == date(2026, 4, 3)
    assert read_date("03/04/2026", Reading(date="MM/DD/YYYY")) == date(2026, 3, 4)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "yesterday", "", "2026-2-3", "13/04/2026", "2026-02-03T00:00", "２０２６-02-03", "1e5"]
)
def test_i12_what_is_no_date_is_refused(text: str) -> None:
    """Days that do not exist, other formats, words."""
    assert refusal(text)[0] == "date.invalid"


@pytest.mark.parametrize("text", ["1949-12-31", "9999-12-31", "0001-01-01"])
def test_i12_a_date_far_out_is_refused_with_a_way_out(text: str) -> None:
    """An "end of time" date is no date; the map can list it under nulls."""
    code, message = refusal(text)
    assert code == "date.out_of_range"
    assert "nulls" in message


def test_i12_a_serial_number_needs_its_system_chosen() -> None:
    """46085 is a day only when the map says from where it counts; 60 is the day that never was."""
    assert refusal("46085") == ("date.invalid", refusal("46085")[1])
    assert "excel-1900" in refusal("46085")[1]
    assert read_date("46085", Reading(date=EXCEL_1900)) == date(2026, 3, 4)
    assert read_date("44623", Reading(date=EXCEL_1904)) == date(2026, 3, 4)
    code, message = refusal("60", EXCEL_1900)
    assert (code, "1900-02-29" in message) == ("date.invalid", True)
    assert refusal("46085.5", EXCEL_1900)[0] == "date.invalid"
    assert refusal("59", EXCEL_1900)[0] == "date.out_of_range"


def test_i12_a_workbook_that_counts_from_1904_is_not_read_as_1900() -> None:
    """The workbook's own system and the map must agree."""
    code, message = refusal(Decimal(44623), EXCEL_1900, date_1904=True)
    assert (code, "excel-1904" in message) == ("date.invalid", True)


def test_i12_date_cells_of_both_systems_are_the_day_they_show(sqlite_store: Store) -> None:
    """A cell formatted as a date says itself which day it is; serial 60 in such a cell is refused."""
    mapping = map_of(
        '[files.p]\npath = "p.xlsx"\n[[projects]]\nfile = "p"\n[projects.fields]\n'
        'id = "id"\nname = "id"\nstart = "start"\nend = { column = "end", date = "excel-1904" }\n'
    )
    content = book([["id", "start", "end"], ["a", (44623,), 44630]], date_1904=True)
    run(sqlite_store, {"p.xlsx": content}, mapping)
    with sqlite_store.read(LOCAL) as view:
        (project,) = view.projects.all()
        assert project.period is not None
        assert (project.period.start, project.period.end) == (date(2026, 3, 4), date(2026, 3, 12))
    wrong = book([["id", "start", "end"], ["b", (60,), ""]])
    assert faults_of(sqlite_store, {"p.xlsx": wrong}, mapping) == [("p.xlsx[Sheet1], row 2, column start", "date.invalid")]


@pytest.mark.parametrize("form", ["YYYY-MM", "DD.MM.YYYY.MM", "yyyy-mm-dd", "DD/MM/QQ", "", "YYYY-MM-DD-YY"])
def test_a_date_format_names_year_month_and_day_once(form: str) -> None:
    """Anything else is no format."""
    assert date_pattern(form) is None


def test_a_timestamp_is_read_by_a_format_with_its_time() -> None:
    """The time of day is read over only where the map shows it."""
    assert read_date("2026-03-04 14:16:07", Reading(date="YYYY-MM-DD hh:mm:ss")) == date(2026, 3, 4)
    assert refusal("2026-03-04 14:16:07")[0] == "date.invalid"


@given(number=st.decimals(-(10**9), 10**9, places=4))
def test_a_number_reads_back_exactly(number: Decimal) -> None:
    """With points or commas, with or without thousands."""
    plain = f"{number:f}"
    assert read_number(plain, Reading()) == number
    assert read_number(plain.replace(".", ","), Reading(decimal=",")) == number
    grouped = f"{number:,f}"
    assert read_number(grouped, Reading(thousands=",")) == number
    assert read_number(grouped.translate(str.maketrans(",.", ".,")), Reading(decimal=",", thousands=".")) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,5", "number.invalid"),
        ("1.000,5", "number.invalid"),
        ("1 000", "number.invalid"),
        ("", "number.invalid"),
        ("1e3", "number.invalid"),
        ("0x10", "number.invalid"),
        ("٣", "number.invalid"),
        ("NaN", "number.not_finite"),
        ("-Infinity", "number.not_finite"),
        ("9" * 5_000, "number.too_large"),
    ],
)
def test_what_is_no_number_is_refused(text: str, code: str) -> None:
    """A comma is not silently a decimal sign, and nothing is silently dropped."""
    with pytest.raises(Unreadable) as refused:
        read_number(text, Reading())
    assert refused.value.code == code
    assert len(refused.value.message) < 300


def test_weekdays_are_ranges_or_lists() -> None:
    """Mon-Fri is five days; Mon Wed are two."""
    assert read_weekdays("Mon-Fri") == (True,) * 5 + (False,) * 2
    assert read_weekdays("monday, Wed") == (True, False, True, False, False, False, False)
    for text in ("Mo-Fr", "Fri-Mon", "every day"):
        with pytest.raises(Unreadable):
            read_weekdays(text)


CONTINENTAL = """
[files.d]
path = "d.csv"
delimiter = ";"
date = "DD.MM.YYYY"
decimal = ","
thousands = "."
nulls = ["-", "31.12.9999"]
[files.p]
path = "d.csv"
delimiter = ";"
date = "DD.MM.YYYY"
decimal = ","
ignore = "others"
[[projects]]
file = "p"
group = ["projekt"]
[projects.fields]
id = "projekt"
name = "projekt"
contract = { value = "internal" }
start = { min = "von" }
end = { max = "von", last_day_included = false }
[[demands]]
file = "d"
[demands.fields]
id = { text = "{projekt}-{nr}" }
project = "projekt"
name = { column = "titel", default = "Ohne Titel" }
first_week = { column = "von", to_monday = true }
last_week = { column = "bis", to_monday = true }
weekly_hours = { column = "tage", unit = "days of 7.5 hours" }
min_coverage = { column = "fest", values = { ja = "1", nein = "0.5" } }
bill_rate = { column = "satz", times = "1.1", decimals = 2 }
"""


def test_end_dates_hours_and_decimals_follow_the_map(sqlite_store: Store) -> None:
    """An exclusive end, working days as a unit, a comma before decimals, a null word, a translation and a default."""
    rows = "projekt;nr;titel;von;bis;tage;fest;satz\nP;1;-;05.01.2027;20.01.2027;2,5;Ja;1.000,05\nP;2;Bau;06.01.2027;07.01.2027;1;nein;-\n"
    run(sqlite_store, {"d.csv": rows}, map_of(CONTINENTAL))
    with sqlite_store.read(LOCAL) as view:
        one, two = view.demands.find_external("P-1"), view.demands.find_external("P-2")
        assert one is not None
        assert two is not None
        assert (one.name, [week.minutes for week in one.effort], one.min_coverage, one.bill_rate) == (
            "Ohne Titel",
            [1125] * 3,
            Decimal(1),
            Decimal("1100.06"),
        )
        assert (two.bill_rate, two.min_coverage, two.effort[0].week) == (None, Decimal("0.5"), date(2027, 1, 4))
        (project,) = view.projects.all()
        assert project.period is not None
        assert (project.period.start, project.period.end) == (date(2027, 1, 5), date(2027, 1, 6))
