"""Calendar months by their first day, and numbers of documents that begin anew each year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.months import check_month, first_and_last, following, last_day, month_of, months_between
from scheduler.domain.billing.numbers import number_of, series_of
from scheduler.domain.ground.checks import Faults
from tests.domain.billing.refusals import faults

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (0, date(2026, 11, 1)),
        (1, date(2026, 12, 1)),
        (2, date(2027, 1, 1)),
        (14, date(2028, 1, 1)),
        (-10, date(2026, 1, 1)),
        (-11, date(2025, 12, 1)),
    ],
)
def test_months_are_counted_over_the_years_end(by: int, wanted: date) -> None:
    """From any day of November 2026, forward and back."""
    assert following(date(2026, 11, 30), by=by) == following(date(2026, 11, 1), by=by) == wanted


@pytest.mark.parametrize(
    ("month", "wanted"),
    [(date(2026, 2, 1), 28), (date(2028, 2, 1), 29), (date(2026, 4, 17), 30), (date(2026, 12, 1), 31)],
)
def test_a_month_has_its_last_day(month: date, wanted: int) -> None:
    """28 to 31, from whichever day it is asked."""
    assert last_day(month) == month.replace(day=wanted)


@given(day=DAYS)
def test_a_day_is_in_its_month_and_in_no_other(day: date) -> None:
    """The next month begins on the day after the last."""
    assert month_of(day) <= day <= last_day(day)
    assert last_day(day) + timedelta(days=1) == following(day)
    assert month_of(day).day == 1


def test_months_between_are_all_of_them() -> None:
    """Both ends included, from any day of the first; the last may be named by its first day; none where it is earlier."""
    found = list(months_between(date(2026, 11, 15), date(2027, 1, 1)))
    assert found == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert list(months_between(date(2026, 11, 15), date(2026, 11, 15))) == [date(2026, 11, 1)]
    assert list(months_between(date(2026, 11, 15), date(2026, 10, 31))) == []


def checked(month: date) -> None:
    found = Faults()
    check_month(found, "/where", month)
    found.raise_any("month")


def test_a_month_is_named_by_its_first_day() -> None:
    """Another day is a fault where it stands."""
    checked(date(2026, 3, 1))
    for day in (2, 31):
        assert faults(checked, date(2026, 3, day)) == [("/where", "month.not_first_day")]


def test_the_first_and_the_last_month_of_some_days() -> None:
    """In whichever order they come; of no days there are none."""
    days = [date(2026, 3, 9), date(2026, 1, 31), date(2026, 7, 2), date(2026, 2, 1)]
    assert first_and_last(iter(days)) == (date(2026, 1, 1), date(2026, 7, 1))
    assert first_and_last([date(2026, 3, 9)]) == (date(2026, 3, 1), date(2026, 3, 1))
    assert first_and_last([]) is None


@pytest.mark.parametrize(
    ("kind", "number_format", "series"),
    [
        (InvoiceKind.INVOICE, "INV-{year}-{sequence:05}", "invoice:2026"),
        (InvoiceKind.CREDIT_NOTE, "CN-{year}-{sequence:05}", "credit_note:2026"),
        (InvoiceKind.INVOICE, "INV-{sequence:05}", "invoice"),
        (InvoiceKind.CREDIT_NOTE, "CN-{sequence:05}", "credit_note"),
    ],
)
def test_each_kind_has_a_sequence_of_its_own_anew_each_year_where_numbers_bear_it(
    kind: InvoiceKind, number_format: str, series: str
) -> None:
    """Otherwise it goes on for ever."""
    assert series_of(kind, number_format, date(2026, 12, 31)) == series


@pytest.mark.parametrize(
    ("number_format", "sequence", "number"),
    [("INV-{year}-{sequence:05}", 7, "INV-2026-00007"), ("{sequence}", 7, "7"), ("A/{sequence:02}", 123, "A/123")],
)
def test_a_number_is_the_sequence_in_its_form(number_format: str, sequence: int, number: str) -> None:
    """With leading zeros up to so many digits, with the year of issue where it is asked for."""
    assert number_of(number_format, issued_on=date(2026, 3, 1), sequence=sequence) == number
