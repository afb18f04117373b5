"""
The chain of audit records: what each says, and finding the first that is not what was written.

A record's hash covers the hash before it, its own content and its changes, as the texts that are stored. Whoever alters, removes,
moves or inserts a record breaks the chain there. Whoever rewrites everything after it as well, and the head, is found only by a hash
that was kept elsewhere: the anchor.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BEGINNING = "0" * 64
"""What stands in the place of a hash before the first record."""


class ChangeKind(StrEnum):
    """What happened to a row."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    ERASED = "erased"
    """Its personal values were replaced; what they were is not said."""
    NOTED = "noted"
    """No row: something happened at the door, or was refused; what, is said where a row would stand."""


class Unreadable(StrEnum):
    """Why values of a change cannot be read."""

    ERASED = "erased"
    """The person they are about was erased."""
    ALTERED = "altered"
    """They are not what was written: verify the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChange:
    """What happened to one row, as it is stored: ``before`` and ``after`` are JSON texts, ``sealed`` holds encrypted ones."""

    id: str
    position: int
    area: str
    row_id: str
    kind: str
    person_id: str | None
    before: str | None
    after: str | None
    sealed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One transaction: who, when, from where, in which request, about which plan."""

    position: int
    recorded_at: datetime
    actor_id: str
    source: str
    user_agent: str | None
    request_id: str | None
    plan_id: str | None
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place in the chain and the hash there."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first record that is not what was written, and what is wrong with it."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a walk along the chain found; ``last``: the last record that fits what is before it."""

    records: int
    last: Link
    broken: Break | None

    @property
    def holds(self) -> bool:
        """Whether every record is what was written."""
        return self.broken is None


def change_id(position: int, number: int) -> str:
    """The id of a record's change: sorts as text in the order of the chain."""
    return f"{position:012d}-{number:07d}"


def record_hash(previous: str, record: AuditRecord, changes: Iterable[AuditChange]) -> str:
    """SHA-256 of the previous hash, the record and its changes, each written as one line of canonical JSON."""
    at = record.recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    head = [previous, record.position, at, record.actor_id, record.source, record.user_agent, record.request_id, record.plan_id]
    digest = hashlib.sha256(_line(head))
    for one in changes:
        digest.update(_line([one.id, one.area, one.row_id, one.kind, one.person_id, one.before, one.after, one.sealed]))
    return digest.hexdigest()


def _line(values: Sequence[object]) -> bytes:
    # What no record was written with, such as bytes, shall have another hash, not stop the walk.
    return json.dumps(values, ensure_ascii=True, separators=(",", ":"), default=repr).encode("ascii") + b"\n"


def verify_chain(records: Iterable[AuditRecord], changes: Iterable[AuditChange], *, head: Link, anchor: Link | None = None) -> Verification:
    """
    Walk along the chain; records ascend by position, changes by id.

    ``head`` is what the database says the last record is, ``anchor`` what somebody noted down earlier.
    """
    last = Link(position=0, hash=BEGINNING)
    for position, record, own in _together(records, changes):
        broken = _fault(last, position, record, own) or _against(position, record, head=head, anchor=anchor)
        if broken is not None or record is None:
            return Verification(records=last.position, last=last, broken=broken)
        last = Link(position=position, hash=record.hash)
    return Verification(records=last.position, last=last, broken=_cut(last, head, anchor))


def _fault(last: Link, position: int, record: AuditRecord | None, changes: Sequence[AuditChange]) -> Break | None:
    """What is wrong with the record after ``last``."""
    if position <= last.position:
        return Break(position=position, reason="it does not belong there")
    if record is None or position != last.position + 1:
        return Break(position=last.position + 1, reason="it is missing")
    if [one.id for one in changes] != [change_id(position, number) for number in range(len(changes))]:
        return Break(position=position, reason="some of its changes are missing, or are not its own")
    if record_hash(last.hash, record, changes) != record.hash:
        return Break(position=position, reason="it, or what it follows, is not what was written")
    return None


def _against(position: int, record: AuditRecord | None, *, head: Link, anchor: Link | None) -> Break | None:
    """A record that fits what is before it, but not what is known of it."""
    found = "" if record is None else record.hash
    if anchor is not None and anchor.position == position and anchor.hash != found:
        return Break(position=position, reason="it is not the one whose hash was noted down")
    if position > head.position:
        return Break(position=position, reason="it stands after the end of the chain")
    if head.position == position and head.hash != found:
        return Break(position=position, reason="it is not the one that the end of the chain names")
    return None


def _cut(last: Link, head: Link, anchor: Link | None) -> Break | None:
    """What is missing at the end."""
    if head.position > last.position or (anchor is not None and anchor.position > last.position):
        return Break(position=last.position + 1, reason="it is missing")
    return None


def _together(
    records: Iterable[AuditRecord], changes: Iterable[AuditChange]
) -> Iterator[tuple[int, AuditRecord | None, Sequence[AuditChange]]]:
    """Each record with its changes; changes without a record come with none."""
    rest = iter(changes)
    following = next(rest, None)
    for record in chain(records, (None,)):
        while following is not None and (record is None or following.position < record.position):
            yield following.position, None, (following,)
            following = next(rest, None)
        if record is None:
            return
        own = []
        while following is not None and following.position == record.position:
            own.append(following)
            following = next(rest, None)
        yield record.position, record, own
