"""Cells of CSV files: texts stay texts in every spreadsheet, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.integrations.csv_cells import csv_cell, csv_text, is_formula

EVIL_STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\u200b=", " =", "\ufeff@", "\u00a0+"]


@pytest.mark.parametrize("start", EVIL_STARTS)
def test_x01_a_text_that_begins_as_a_formula_gets_an_apostrophe(start: str) -> None:
    """Also after characters that are not seen, and in full width; it is found as a formula without, and not with it."""
    text = f"{start}cmd|' /C calc'!A0"
    assert is_formula(text)
    assert csv_cell(text) == f'"\'{text}"'
    assert not is_formula(csv_cell(text)[1:-1])


def test_x01_numbers_stay_numbers() -> None:
    """Numbers below 0 are written bare and are no formulas; the decimal sign is the file's."""
    assert [csv_cell(value) for value in (-5, Decimal("-1.50"), Decimal("1E+3"), None)] == ["-5", "-1.50", "1000", ""]
    assert csv_cell(Decimal("-1.50"), decimal_sign=",") == "-1,50"
    assert [is_formula(cell) for cell in ("-5", "-1.50", "-1,50", "-1+1", "-", "=1")] == [False, False, False, True, True, True]


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=4), max_size=6))
def test_x01_a_finished_file_has_no_formula(rows: list[list[str]]) -> None:
    """Whatever the texts are, a reader gets them back, but for the apostrophe, and no cell begins as a formula."""
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert len(read) == len(rows)
    for cells, texts in zip(read, rows, strict=True):
        assert [cell in {text, f"'{text}"} for cell, text in zip(cells, texts, strict=True)] == [True] * len(texts)
        assert not any(map(is_formula, cells))
