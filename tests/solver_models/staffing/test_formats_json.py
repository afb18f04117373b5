"""JSON text is read exactly, and what no figure can be is refused with its place, fast."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver_models.staffing.formats import InvalidFormat, decode_json, problem_from_json, read_plan, read_problem
from tests.solver_models.staffing.verify_cases import problem

if TYPE_CHECKING:
    from collections.abc import Callable


def faults_of(raw: bytes) -> list[tuple[str, str]]:
    """Pointer and code of every fault of a text."""
    with pytest.raises(InvalidFormat) as caught:
        decode_json(raw)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest of three runs: a busy machine is no fault of the reader."""
    times = []
    for _ in range(3):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def test_numbers_are_read_as_written() -> None:
    """Whole numbers are integers, all others exact decimals, never binary floats."""
    value = decode_json(b'{"a": 0.29, "b": 12, "c": [1e2, -0.10, 0E+99999]}')
    assert value == {"a": Decimal("0.29"), "b": 12, "c": [Decimal(100), Decimal("-0.10"), 0]}
    assert isinstance(value, dict)
    assert isinstance(value["a"], Decimal)
    assert isinstance(value["b"], int)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="\0", codec="utf-8")), inner),
    )
)
def test_every_value_without_fault_is_read(value: object) -> None:
    """What ``json.dumps`` writes is read back equal, escaped or not."""
    assert decode_json(json.dumps(value).encode()) == value
    assert decode_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"{", "line 1, column 2"),
        (b"", "line 1, column 1"),
        (b'{"a": 1,\n "b": }', "line 2, column 7"),
        (b'{"a": 1} x', "line 1, column 10"),
        (b"{'a': 1}", "line 1, column 2"),
        (b'{"a": 01}', "line 1, column 8"),
    ],
)
def test_h01_syntax_errors_name_line_and_column(raw: bytes, place: str) -> None:
    """A text that is not JSON has one fault, with its place."""
    with pytest.raises(InvalidFormat) as caught:
        decode_json(raw)
    (fault,) = caught.value.faults
    assert fault.code == "json.syntax"
    assert place in fault.message


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1E+400"])
def test_h03_numbers_that_are_not_finite(number: str) -> None:
    """NaN, infinities and what overflows to them are refused at their pointer."""
    assert faults_of(f'{{"hours": [1, {number}]}}'.encode()) == [("/hours/1", "number.not_finite")]
    assert faults_of(number.encode()) == [("", "number.not_finite")]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", [41, 4_299, 5_000, 1_000_000])
def test_h04_integers_of_thousands_of_digits(digits: int, sign: str) -> None:
    """A very long whole number is refused without being converted."""
    raw = f'{{"a": [{sign}{"7" * digits}], "b": 12}}'.encode()
    assert faults_of(raw) == [("/a/0", "number.too_large")]
    assert seconds(lambda: faults_of(raw)) < 0.05


@pytest.mark.parametrize("number", ["1E+1000000", "-1e1000000", "1E+1000000000000000000000", "1e50", "1." + "0" * 100])
def test_h05_decimals_with_huge_exponents(number: str) -> None:
    """A decimal with an exponent of a million is refused without being converted."""
    raw = f'{{"a": {number}}}'.encode()
    assert faults_of(raw) == [("/a", "number.too_large")]
    assert seconds(lambda: faults_of(raw)) < 0.01


@pytest.mark.parametrize("value", [Decimal("1E+1000000"), "1E+1000000", 1e300, pytest.param(10**5_000, id="10^5000"), Decimal("1E+50")])
def test_h05_huge_numbers_in_values_decoded_elsewhere(value: object) -> None:
    """Numbers that another decoder let through are bounded too, as fields, shares and quoted texts."""

    def codes() -> dict[str, str]:
        with pytest.raises(InvalidFormat) as caught:
            problem_from_json({"policy": {"setup_cost": value, "band": [0, value]}})
        return {fault.pointer: fault.code for fault in caught.value.faults}

    assert (codes()["/policy/setup_cost"], codes()["/policy/band/1"]) == ("number.too_large", "number.too_large")
    assert seconds(codes) < 0.01


def test_h13_lone_surrogates() -> None:
    """Half a surrogate pair is refused in values and keys; a whole pair is a character."""
    assert faults_of(rb'{"a": ["x\ud800"], "\udfff": 1}') == [("/\\udfff", "text.invalid_unicode"), ("/a/0", "text.invalid_unicode")]
    assert decode_json(rb'{"a": "\ud83d\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_h14_nul_characters() -> None:
    """NUL is refused in values and keys."""
    assert faults_of(rb'{"a": "x\u0000y", "b\u0000": 1}') == [("/b\\u0000", "text.nul"), ("/a", "text.nul")]
    assert faults_of(b'{"a": "x\0y"}') == [("", "json.syntax")]


def test_a_faults_own_words_can_always_be_sent() -> None:
    """Pointers and messages hold no lone surrogate and no control character, whatever the text held."""
    with pytest.raises(InvalidFormat) as caught:
        read_problem(rb'{"\ud800\u0000\u001b[2J": "\ud800", "people": [{"id": "\udc00\u0007"}]}')
    for fault in caught.value.faults:
        assert (fault.pointer + fault.message).isprintable()


def test_a_key_given_twice() -> None:
    """An object names each key once; the fault stands at the key."""
    assert faults_of(b'{"a": {"b/c": 1, "b/c": 2, "b/c": 3, "d": 4}}') == [("/a/b~1c", "json.duplicate_key")]


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_nesting_too_deep(raw: bytes) -> None:
    """A text nested a hundred thousand deep is refused, not crashed on."""
    assert faults_of(raw) == [("", "json.too_deep")]


@pytest.mark.parametrize("raw", [b'{"a": "\xff"}', '{"a": 1}'.encode("utf-16"), b'"\xed\xa0\x80"'])
def test_bytes_that_are_not_utf_8(raw: bytes) -> None:
    """Only UTF-8 is read; the fault says so."""
    assert faults_of(raw) == [("", "text.invalid_unicode")]


def test_a_byte_order_mark_is_no_fault() -> None:
    """Some editors put one before UTF-8."""
    assert decode_json(b"\xef\xbb\xbf[1]") == [1]


def test_a_text_of_too_many_bytes() -> None:
    """The length is bounded before anything is decoded."""
    with pytest.raises(InvalidFormat) as caught:
        decode_json(b"[1, 2, 3]", max_bytes=8)
    assert [fault.code for fault in caught.value.faults] == ["json.too_large"]


def test_all_faults_are_listed_in_one_go() -> None:
    """What the decoder refuses and what the format refuses are listed together, each place once."""
    with pytest.raises(InvalidFormat) as caught:
        read_problem(
            b'{"format": "staffing-problem/1", "currency": "EUR", "periods": ["2026-01-05"], "peple": [], "demands": [], "policy": {"setup_cost": NaN}}'
        )
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/policy/setup_cost", "number.not_finite"),
        ("/peple", "field.unknown"),
        ("/people", "field.missing"),
    ]


@pytest.mark.parametrize("raw", [b"[]", b"3", b"null", b'"text"', b"NaN"])
def test_another_value_than_an_object(raw: bytes) -> None:
    """Problem and plan are JSON objects."""
    for read in (read_problem, lambda text: read_plan(text, problem())):
        with pytest.raises(InvalidFormat) as caught:
            read(raw)
        assert {fault.pointer for fault in caught.value.faults} == {""}
