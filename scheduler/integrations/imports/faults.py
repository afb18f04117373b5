"""What is wrong with the files or the map of an import, and where exactly."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

KEPT_FAULTS = 1_000
"""Faults kept with their text; the others are counted only."""
KEPT_PLACES = 100_000
RAISED_FAULTS = 50
"""Faults that travel with the error itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input: a file (with its sheet), a row as a spreadsheet counts it, and a column's header."""

    file: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer: /file/row/column."""
        parts = [self.file] + ([str(self.row)] if self.row is not None else []) + ([self.column] if self.column is not None else [])
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


@dataclass(frozen=True, slots=True)
class ImportFault:
    """One fault: where, which rule, and what to do."""

    place: Place
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"


class Unreadable(Exception):  # noqa: N818 - the name says what happened
    """A text that is not what its column should hold; the caller knows the place."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(slots=True)
class Faults:
    """Every fault of one import, counted; the first ones in full."""

    kept: list[ImportFault] = field(default_factory=list)
    count: int = 0
    places: set[Place] = field(default_factory=set)
    """Where there is a fault already."""

    def add(self, place: Place, code: str, message: str) -> None:
        """Note one fault."""
        self.count += 1
        if len(self.places) < KEPT_PLACES:
            self.places.add(place)
        if len(self.kept) < KEPT_FAULTS:
            self.kept.append(ImportFault(place, code, message))


class ImportRefused(DomainError):  # noqa: N818 - the name says what happened
    """The map or the files have faults, so nothing was written. ``import_faults`` lists them."""

    def __init__(self, *, code: str, detail: str, faults: Faults) -> None:
        super().__init__(
            ErrorKind.INVALID,
            code,
            detail,
            faults=tuple(Fault(pointer=f.place.pointer, code=f.code, message=f.message) for f in faults.kept[:RAISED_FAULTS]),
            facts={"fault_count": faults.count},
        )
        self.import_faults = tuple(faults.kept)
        self.fault_count = faults.count
