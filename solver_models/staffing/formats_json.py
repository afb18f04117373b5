"""
JSON text to plain values, safely and exactly.

Numbers with a point or an exponent become ``Decimal``, never a binary float. What JSON readers let through although no figure of
a plan can be it (NaN, 5,000 digits, an exponent of a million, a lone surrogate, a key given twice) is refused with its place,
and nothing here converts a huge number, which would take seconds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

from solver_models.staffing.formats_faults import Fault, FaultList, InvalidFormat, escaped, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 512 * 1024 * 1024
MAX_DIGITS = 40
MAX_NUMBER_TEXT = 60

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands in the decoded value where a number was refused."""

    code: str
    message: str


class Repeated(dict[str, Any]):
    """An object in which keys were given twice."""

    repeated: tuple[str, ...] = ()


@dataclass(slots=True)
class _Hooks:
    """What the JSON scanner calls; ``suspect`` is set when the decoded value must be walked for faults."""

    suspect: bool = False
    faults: FaultList = field(default_factory=FaultList)

    def _refuse(self, code: str, message: str) -> Refused:
        self.suspect = True
        return Refused(code, message)

    def constant(self, text: str) -> Refused:
        """NaN, Infinity and -Infinity."""
        return self._refuse("number.not_finite", f"{text} is not a number that can be used; give a finite one.")

    def whole(self, text: str) -> int | Refused:
        """A whole number; only called when the text holds a very long one."""
        if len(text) > MAX_DIGITS:
            return self._refuse("number.too_large", f"A number of {len(text):,} digits; at most {MAX_DIGITS} are read.")
        return int(text)

    def decimal(self, text: str) -> Decimal | Refused:
        """A number with a point or an exponent, exactly as written."""
        if len(text) > MAX_NUMBER_TEXT:
            return self._refuse("number.too_large", f"A number of {len(text):,} characters; at most {MAX_NUMBER_TEXT} are read.")
        try:
            value = Decimal(text)
        except InvalidOperation:
            return self._refuse("number.too_large", f"{text}: its exponent is out of all range; amounts have at most {MAX_DIGITS} digits.")
        if not value:
            return Decimal(0)
        if 308 < value.adjusted() < 1_000:
            return self._refuse("number.not_finite", f"{text} is more than a JSON number can hold; give a finite one.")
        if value.adjusted() > MAX_DIGITS:
            return self._refuse("number.too_large", f"{text} is too large; numbers have at most {MAX_DIGITS} digits.")
        return value

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object; keys given twice are remembered."""
        decoded = dict(pairs)
        if len(decoded) == len(pairs):
            return decoded
        self.suspect = True
        seen: set[str] = set()
        marked = Repeated(decoded)
        marked.repeated = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
        return marked


def decode_json(raw: bytes, *, max_bytes: int = MAX_BYTES) -> object:
    """
    The value of a UTF-8 JSON text, with ``Decimal`` for numbers that have a point or an exponent.

    Raises
    ------
    InvalidFormat
        With every fault found: ``json.syntax`` (line and column), ``json.too_large``, ``json.too_deep``, ``json.duplicate_key``,
        ``number.not_finite``, ``number.too_large``, ``text.invalid_unicode``, ``text.nul``.
    """
    value, faults = decode_leniently(raw, max_bytes=max_bytes)
    if faults:
        raise InvalidFormat(faults)
    return value


def decode_leniently(raw: bytes, *, max_bytes: int = MAX_BYTES) -> tuple[object, tuple[Fault, ...]]:
    """
    Like ``decode_json``, but goes on after refused numbers, texts and repeated keys: the value (with ``Refused`` in it) and the faults.

    A reader of a format can so list its own faults beside these. Text that is not JSON at all still raises InvalidFormat.
    """
    if len(raw) > max_bytes:
        _give_up("json.too_large", f"The text has {len(raw):,} bytes; at most {max_bytes:,} are read.")
    hooks = _Hooks(suspect=_SUSPECT_ESCAPE.search(raw) is not None)
    # The scanner turns whole numbers into int in C; a Python function for each is worth its time only if one of them is huge.
    parse_int = hooks.whole if b"0" * MAX_DIGITS in raw.translate(_DIGITS_TO_ZERO) else None
    try:
        value: object = json.loads(
            _text(raw),
            parse_float=hooks.decimal,
            parse_int=parse_int,
            parse_constant=hooks.constant,
            object_pairs_hook=hooks.pairs,
        )
    except json.JSONDecodeError as error:
        _give_up("json.syntax", f"Not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}.")
    except RecursionError:
        _give_up("json.too_deep", "Lists and objects are nested too deeply; no format read here nests more than ten levels.")
    if hooks.suspect:
        for pointer, code, message in _faults_within(value):
            hooks.faults.add(pointer, code, message)
    return value, tuple(hooks.faults.faults)


def text_fault(text: str) -> tuple[str, str] | None:
    """Code and message of what is wrong with the characters of a text, if anything."""
    if "\0" in text:
        return "text.nul", f"{shown(text)} contains a NUL character; leave it out."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return (
                "text.invalid_unicode",
                f"Character {error.start + 1} is half of a surrogate pair, not a character; write it in full or leave it out.",
            )
    return None


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _give_up("text.invalid_unicode", f"The text is not UTF-8: byte {error.start + 1} cannot be read. Save it as UTF-8.")


def _give_up(code: str, message: str) -> NoReturn:
    raise InvalidFormat((Fault(pointer="", code=code, message=message),))


def _faults_within(root: object) -> Iterator[tuple[str, str, str]]:
    """Pointer, code and message of every refused thing, in the order of the text; no recursion, so depth is harmless."""
    stack: list[tuple[str, object]] = [("", root)]
    while stack:
        pointer, value = stack.pop()
        match value:
            case Refused():
                yield pointer, value.code, value.message
            case str() if fault := text_fault(value):
                yield pointer, *fault
            case dict():
                yield from _key_faults(pointer, value)
                stack.extend((f"{pointer}/{escaped(key)}", item) for key, item in reversed(value.items()))
            case list():
                stack.extend((f"{pointer}/{i}", item) for i, item in reversed(list(enumerate(value))) if not isinstance(item, int))


def _key_faults(pointer: str, value: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, Repeated):
        for key in value.repeated:
            yield f"{pointer}/{escaped(key)}", "json.duplicate_key", f"The key {shown(key)} is given more than once; give it once."
    for key in value:
        if fault := text_fault(key):
            yield f"{pointer}/{escaped(key)}", *fault
