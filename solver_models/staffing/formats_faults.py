"""Faults of a JSON text: where, which rule, what to do. They are gathered, so that a caller learns of all of them at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_FAULTS = 10_000
"""Reading stops here: nobody reads more, and a large text that is wrong in every number must not fill the memory."""
MAX_SUGGESTIONS = 200
_CANDIDATES = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: ``pointer`` (RFC 6901) says where, ``code`` which rule (stable), ``message`` what is allowed."""

    pointer: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '(whole text)'}: {self.message} [{self.code}]"


class InvalidFormat(ValueError):  # noqa: N818 - named after what is wrong, like every error here
    """The JSON breaks the format; ``faults`` lists everything that is wrong with it, in the order of the text."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults[:5]) + ("; ..." if len(self.faults) > 5 else ""))


@dataclass(slots=True)
class FaultList:
    """Gathers faults while reading goes on."""

    faults: list[Fault] = field(default_factory=list)
    suggested: int = 0

    def add(self, pointer: str, code: str, message: str) -> None:
        """Record a fault. Raises InvalidFormat when there are too many to be worth listing."""
        self.faults.append(Fault(pointer=printable(pointer), code=code, message=printable(message)))
        if len(self.faults) >= MAX_FAULTS:
            self.add_last()

    def add_last(self) -> NoReturn:
        """Say that there may be more, and give up."""
        message = f"Reading stopped after {MAX_FAULTS:,} faults; there may be more. Correct these first."
        self.faults.append(Fault(pointer="", code="faults.too_many", message=message))
        raise InvalidFormat(self.faults)

    def nearest(self, name: str, known: Collection[str]) -> str:
        """A sentence naming the nearest known name, or nothing where none is near."""
        if self.suggested >= MAX_SUGGESTIONS:
            return ""
        self.suggested += 1
        best = nearest_name(name, known)
        return f" Did you mean {shown(best)}?" if best is not None else ""

    def raise_if_any(self) -> None:
        """Raise InvalidFormat if a fault was recorded."""
        if self.faults:
            raise InvalidFormat(self.faults)


def nearest_name(name: str, known: Collection[str]) -> str | None:
    """The known name most like ``name``; of a large collection only names of about its length are compared."""
    if len(name) > 200:
        return None
    candidates: Iterable[str] = known
    if len(known) > _CANDIDATES:
        alike = (k for k in known if abs(len(k) - len(name)) <= 1 and (k[:2] == name[:2] or k[-2:] == name[-2:]))
        candidates = [k for k, _ in zip(alike, range(_CANDIDATES), strict=False)]
    matches = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    return matches[0] if matches else None


def escaped(key: str) -> str:
    """A key as one step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def printable(text: str) -> str:
    """The text with control characters and lone surrogates written as escapes, so that it can be printed and sent."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def shown(value: object) -> str:
    """A value as a message may show it: short, whatever its size."""
    match value:
        case str():
            said = printable(value[:60])
            return f'"{said}"' if len(value) <= 60 else f'"{said}..." ({len(value)} characters)'
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value}" if value.bit_length() <= 128 else f"a number of {value.bit_length()} bits"
        case None:
            return "null"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
        case _:
            text = str(value)
            return text if len(text) <= 60 else text[:60] + "..."
