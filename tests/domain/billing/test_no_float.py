"""Money is never a float: the source says so."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import scheduler.domain.billing
import scheduler.domain.ground.money

_BILLING = Path(scheduler.domain.billing.__file__).parent
SOURCES = sorted([*_BILLING.glob("*.py"), Path(scheduler.domain.ground.money.__file__)])


def floats(source: str) -> list[int]:
    """Lines with a number that has a point, with the word float, or with math, whose functions make them."""
    found = []
    for node in ast.walk(ast.parse(source)):
        is_number = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        is_named = isinstance(node, ast.Name) and node.id == "float"
        is_math = isinstance(node, ast.Import | ast.ImportFrom) and "math" in {
            getattr(node, "module", None),
            *(one.name for one in node.names),
        }
        if is_number or is_named or is_math:
            found.append(node.lineno)  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_float_is_written_where_money_is_reckoned(path: Path) -> None:
    """Integers, fractions and decimals alone."""
    assert floats(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", ["x = 0.1", "x = float('1')", "import math", "from math import floor", "def f(x: float): ..."])
def test_the_reader_sees_them(source: str) -> None:
    """Each way to write one is found."""
    assert floats(source) == [1]
