"""The reader of JSON bodies: what it lets in, and how it names what it keeps out."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.json_body import MAX_DEPTH, decode
from api.refusal import RefusalError
from tests.cpu_time import cpu_at_most

if TYPE_CHECKING:
    from decimal import Decimal

SOUND_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
SOUND = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**29), 10**29) | SOUND_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SOUND_TEXT, inner, max_size=4),
    max_leaves=20,
)


def refused(raw: bytes) -> RefusalError:
    with pytest.raises(RefusalError) as caught:
        decode(raw)
    return caught.value


@given(SOUND)
def test_sound_json_is_read_as_it_is_written(value: object) -> None:
    """What the standard encoder writes comes back unchanged."""
    assert decode(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """No bytes lead to any error but a refusal."""
    with contextlib.suppress(RefusalError):
        decode(raw)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6))
def test_decimals_are_exact(value: Decimal) -> None:
    """A number with a point is the decimal that was written, not the nearest binary fraction."""
    assert decode(f"[{value}]".encode()) == [value]


def test_h01_truncated_json_names_line_and_column() -> None:
    """A syntax error says where it is."""
    refusal = refused(b'{\n  "name": ')
    assert (refusal.status, refusal.code) == (400, "json.syntax")
    assert refusal.facts == {"line": 2, "column": 11}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_h03_numbers_that_are_not_finite_are_refused_at_their_place(number: str) -> None:
    """NaN and infinities are no numbers here."""
    refusal = refused(f'{{"limits": [{{"hours": {number}}}]}}'.encode())
    assert [(fault.pointer, fault.code) for fault in refusal.faults] == [("/limits/0/hours", "number.not_finite")]
    assert refusal.status == 422


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "1." + "9" * 5000, "1e-400000"])
def test_h04_huge_numbers_are_refused_at_once(number: str) -> None:
    """A number of thousands of digits is refused without being converted."""
    with cpu_at_most(0.5):
        refusal = refused(f'{{"hours": {number}}}'.encode())
    assert [(fault.pointer, fault.code) for fault in refusal.faults] == [("/hours", "number.too_large")]


@pytest.mark.parametrize(("raw", "pointer"), [(rb'{"a": ["\ud800"]}', "/a/0"), (rb'{"\ud800": 1}', "/?")])
def test_h13_half_a_surrogate_pair_is_refused(raw: bytes, pointer: str) -> None:
    """Text that no database can hold is refused, as a value and as a name."""
    assert [(fault.pointer, fault.code) for fault in refused(raw).faults] == [(pointer, "text.invalid_unicode")]


@pytest.mark.parametrize(("raw", "pointer"), [(rb'{"a": {"b/c": "x\u0000"}}', "/a/b~1c"), (rb'{"x\u0000": 1}', "/x?")])
def test_h14_nul_is_refused(raw: bytes, pointer: str) -> None:
    """NUL is refused anywhere in the body."""
    assert [(fault.pointer, fault.code) for fault in refused(raw).faults] == [(pointer, "text.nul")]


def test_a_name_given_twice_is_refused() -> None:
    """Which of two values was meant cannot be known."""
    assert [(fault.pointer, fault.code) for fault in refused(b'{"a": {"b": 1, "b": 2}}').faults] == [("/a/b", "field.duplicate")]


def test_all_faults_come_at_once_but_at_most_fifty() -> None:
    """The caller sees every fault together, within reason."""
    assert [fault.pointer for fault in refused(rb'{"a": NaN, "b": "\u0000"}').faults] == ["/a", "/b"]
    assert len(refused(f"[{', '.join(['NaN'] * 60)}]".encode()).faults) == 50


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    """Neither our own walk nor the decoder's stack is exhausted."""
    refusal = refused(b"[" * depth + b"1" + b"]" * depth)
    assert (refusal.status, refusal.code) == (400, "json.too_deep")


def test_a_body_that_is_not_utf_8_is_refused() -> None:
    """Other encodings are not guessed."""
    assert refused(b'{"name": "\xe9"}').code == "json.encoding"
