"""Reading a JSON request body: bounded, exact, and with every fault named by its place.

The standard decoder alone lets through what must not come in: NaN, integers of thousands of digits, decimals whose
conversion takes seconds, lone surrogates and NUL, and a key given twice. Decimals are exact (``Decimal``), never floats.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from api.refusal import RefusalError
from scheduler.domain.ground.errors import Fault

MAX_DEPTH = 32
MAX_DIGITS = 30
MAX_FAULTS = 50
_EXPONENT_LIMIT = 40


class _Bad:
    """Stands where a number could not be taken; the walk reports it with its pointer."""

    __slots__ = ("code", "message")

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message


_NOT_FINITE = _Bad("number.not_finite", "NaN, infinity and numbers beyond 1e308 are not allowed; give a finite number.")
_TOO_LARGE = _Bad("number.too_large", f"At most {MAX_DIGITS} digits are read; give a smaller or shorter number.")


class _Repeating(dict[str, Any]):
    """An object in which some key came twice."""

    repeated: str = ""


def decode(raw: bytes) -> Any:
    """
    Decode a request body. Numbers with a point or exponent become ``Decimal``.

    Raises
    ------
    RefusalError
        ``json.syntax`` with line and column, ``json.encoding``, ``json.too_deep``, or the first bad value's code with one fault per bad value.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusalError(400, "json.encoding", "The body is not UTF-8 text; send JSON encoded as UTF-8.") from None
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_decimal, parse_constant=lambda _: _NOT_FINITE, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        _refuse_syntax(error)
    except RecursionError:
        _refuse_depth()
    faults = _faults(value)
    if faults:
        raise RefusalError(422, faults[0].code, "The body holds values that cannot be taken; see errors.", faults=tuple(faults))
    return value


def text_fault(text: str) -> tuple[str, str] | None:
    """Code and message of what makes ``text`` unusable on some database or in some answer; ``None`` if it is sound."""
    if "\x00" in text:
        return "text.nul", "Text cannot hold the NUL character; remove it."
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "text.invalid_unicode", "Text holds half of a surrogate pair, which is no Unicode character; send whole characters."
    return None


def exact_decimal(literal: str) -> Decimal | None:
    """The decimal that ``literal`` writes, or ``None`` when it is too long or too large to work with."""
    if len(literal) > MAX_DIGITS + 10:
        return None
    value = Decimal(literal)
    if value.is_finite() and abs(value.adjusted()) > _EXPONENT_LIMIT:
        return None
    return value


def _refuse_syntax(error: json.JSONDecodeError) -> NoReturn:
    raise RefusalError(
        400,
        "json.syntax",
        f"The body is not JSON: the error is at line {error.lineno}, column {error.colno}. Correct it and send it again.",
        facts={"line": error.lineno, "column": error.colno},
    ) from None


def _refuse_depth() -> NoReturn:
    raise RefusalError(400, "json.too_deep", f"The body nests deeper than {MAX_DEPTH} levels; send a flatter one.") from None


def _integer(literal: str) -> int | _Bad:
    return int(literal) if len(literal) <= MAX_DIGITS + 1 else _TOO_LARGE


def _decimal(literal: str) -> Decimal | _Bad:
    if float(literal) in (float("inf"), float("-inf")):
        return _NOT_FINITE
    value = exact_decimal(literal)
    return _TOO_LARGE if value is None else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeating = _Repeating(found)
    for key, _ in pairs:
        if key in seen:
            repeating.repeated = key
        seen.add(key)
    return repeating


def escaped(key: str) -> str:
    """One token of a JSON pointer (RFC 6901), shortened so that a hostile key cannot blow up the answer."""
    sound = key.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")
    return sound[:100].replace("~", "~0").replace("/", "~1")


def _faults(root: Any) -> list[Fault]:
    faults: list[Fault] = []
    left: list[tuple[str, Any, int]] = [("", root, 0)]
    while left and len(faults) < MAX_FAULTS:
        pointer, value, depth = left.pop()
        if depth > MAX_DEPTH:
            _refuse_depth()
        if isinstance(value, _Bad):
            faults.append(Fault(pointer=pointer, code=value.code, message=value.message))
        elif isinstance(value, str):
            faults.extend(_of_text(pointer, value))
        elif isinstance(value, dict):
            faults.extend(_of_keys(pointer, value))
            left.extend((f"{pointer}/{escaped(key)}", item, depth + 1) for key, item in reversed(value.items()))
        elif isinstance(value, list):
            left.extend((f"{pointer}/{index}", item, depth + 1) for index, item in reversed(list(enumerate(value))))
    return faults[:MAX_FAULTS]


def _of_text(pointer: str, text: str) -> list[Fault]:
    fault = text_fault(text)
    return [Fault(pointer=pointer, code=fault[0], message=fault[1])] if fault else []


def _of_keys(pointer: str, found: dict[str, Any]) -> list[Fault]:
    faults = [fault for key in found for fault in _of_text(f"{pointer}/{escaped(key)}", key)]
    if isinstance(found, _Repeating):
        place = f"{pointer}/{escaped(found.repeated)}"
        faults.append(Fault(pointer=place, code="field.duplicate", message="This name is given twice in one object; give it once."))
    return faults
