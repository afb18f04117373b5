"""
Cells of CSV files for spreadsheets: a text is a text there, whatever it begins with.

Spreadsheets take a cell for a formula that begins with one of a few characters, quoted or not; such a text gets an apostrophe in front,
which they show as nothing and do not run. Numbers are written by us alone and stay numbers, also below 0.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LINE_END = "\r\n"
_STARTS = "=+-@\t\r\n＝＋－＠﹢﹣﹦﹫"
"""What makes a formula in one program or another, also in full and small width."""
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0 "
"""What programs skip before they look whether a formula begins."""
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")

Cell = str | int | Decimal | None


def plain_text(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    first = text.lstrip(_UNSEEN)[:1]
    return f"'{text}" if first and first in _STARTS else text


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet takes the cell for a formula: what a finished file is searched with. Plain numbers are none."""
    return cell.lstrip(_UNSEEN)[:1] in set(_STARTS) and not _NUMBER.fullmatch(cell)


def csv_cell(value: Cell, *, decimal_sign: str = ".") -> str:
    """A cell as written: texts always in quotes, numbers never, nothing for ``None``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return quoted(plain_text(value))
    return format(value, "f").replace(".", decimal_sign) if isinstance(value, Decimal) else str(value)


def quoted(text: str) -> str:
    """The text in quotes, with those inside doubled."""
    return '"' + text.replace('"', '""') + '"'


def csv_text(rows: Iterable[Iterable[Cell]], *, separator: str = ",", decimal_sign: str = ".") -> str:
    """Rows as a CSV text (RFC 4180)."""
    return "".join(separator.join(csv_cell(cell, decimal_sign=decimal_sign) for cell in row) + LINE_END for row in rows)
