"""Erasing a person: what stands in the place of the name, and the report of what was done and what had to be kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.staffing.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something personal that stays, how many rows of it, and why."""

    table: str
    columns: tuple[str, ...]
    rows: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A text of the firm's own in which the name stands: only a person can decide what to do about it."""

    table: str
    row_id: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What an erasure did or, as a dry run, would do."""

    person_id: str
    pseudonym: str
    dry_run: bool
    rewritten: Mapping[str, int]
    """Table to the number of rows in which something personal was replaced or removed."""
    sealed: Mapping[str, int]
    """What stays but cannot be read any more: ``audit_changes``, ``plans``, to the number of rows."""
    kept: tuple[Kept, ...]
    mentions: tuple[Mention, ...]


def pseudonym_of(person_id: str) -> str:
    """What an erased person is called: the same each time, and another for everybody."""
    return f"Erased person {hashlib.sha256(person_id.encode()).hexdigest()[:8]}"


def pseudonymised(person: Person) -> Person:
    """The person without what says who it is; terms and skills stay, for the totals of past work follow from them."""
    terms = tuple(replace(term, location=None) for term in person.terms)
    return replace(person, name=pseudonym_of(person.id), email=None, external_id=None, terms=terms)
