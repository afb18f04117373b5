"""The chain of audit records: any tampering with one record is found, and the first broken one is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.audit import (
    BEGINNING,
    AuditChange,
    AuditRecord,
    Link,
    Verification,
    change_id,
    record_hash,
    verify_chain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

AT = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
Chain = tuple[list[AuditRecord], list[AuditChange], Link]


def make_change(position: int, number: int, row_id: str = "ann") -> AuditChange:
    return AuditChange(
        id=change_id(position, number),
        position=position,
        area="people",
        row_id=row_id,
        kind="changed",
        person_id=row_id,
        before='{"version":1}',
        after='{"version":2}',
        sealed=None,
    )


def make_record(position: int) -> AuditRecord:
    at = AT + timedelta(seconds=position)
    return AuditRecord(
        position=position, recorded_at=at, actor_id="local", source="cli", user_agent=None, request_id=f"r{position}", plan_id=None
    )


def make_chain(sizes: Sequence[int]) -> Chain:
    """Records with so many changes each, as they would be written."""
    records, changes, last = [], [], BEGINNING
    for position, size in enumerate(sizes, start=1):
        own = [make_change(position, number) for number in range(size)]
        last = record_hash(last, make_record(position), own)
        records.append(replace(make_record(position), hash=last))
        changes += own
    return records, changes, Link(position=len(sizes), hash=last)


def verified(chain: Chain, anchor: Link | None = None) -> Verification:
    records, changes, head = chain
    return verify_chain(sorted(records, key=lambda r: r.position), sorted(changes, key=lambda c: c.id), head=head, anchor=anchor)


def broken_at(chain: Chain, anchor: Link | None = None) -> int | None:
    found = verified(chain, anchor)
    assert found.holds == (found.broken is None)
    return None if found.broken is None else found.broken.position


sizes = st.lists(st.integers(1, 3), min_size=1, max_size=6)


@given(sizes)
def test_an_untouched_chain_holds(sizes: list[int]) -> None:
    """Every record is counted, and the last hash is the one to note down."""
    chain = make_chain(sizes)
    assert verified(chain) == Verification(records=len(sizes), last=chain[2], broken=None)
    assert broken_at(chain, anchor=chain[2]) is None


ALTER: dict[str, Callable[[AuditRecord], AuditRecord]] = {
    "recorded_at": lambda r: replace(r, recorded_at=r.recorded_at + timedelta(microseconds=1)),
    "actor_id": lambda r: replace(r, actor_id="somebody else"),
    "source": lambda r: replace(r, source="10.0.0.1"),
    "user_agent": lambda r: replace(r, user_agent="curl"),
    "request_id": lambda r: replace(r, request_id=None),
    "plan_id": lambda r: replace(r, plan_id="plan"),
    "hash": lambda r: replace(r, hash="f" * 64),
}
ALTER_CHANGE: dict[str, Callable[[AuditChange], AuditChange]] = {
    "area": lambda c: replace(c, area="skills"),
    "row_id": lambda c: replace(c, row_id="bob"),
    "kind": lambda c: replace(c, kind="created"),
    "person_id": lambda c: replace(c, person_id=None),
    "before": lambda c: replace(c, before=None),
    "after": lambda c: replace(c, after='{"version":3}'),
    "sealed": lambda c: replace(c, sealed="{}"),
}


@given(sizes, st.sampled_from(sorted(ALTER)), st.data())
def test_p03_a_changed_record_is_named(sizes: list[int], what: str, data: st.DataObject) -> None:
    """Whatever was altered in it."""
    records, changes, head = make_chain(sizes)
    n = data.draw(st.integers(0, len(records) - 1))
    records[n] = ALTER[what](records[n])
    assert broken_at((records, changes, head)) == n + 1


@given(sizes, st.sampled_from(sorted(ALTER_CHANGE)), st.data())
def test_p03_a_record_with_a_changed_change_is_named(sizes: list[int], what: str, data: st.DataObject) -> None:
    """What a record says of rows belongs to it."""
    records, changes, head = make_chain(sizes)
    n = data.draw(st.integers(0, len(changes) - 1))
    position = changes[n].position
    changes[n] = ALTER_CHANGE[what](changes[n])
    assert broken_at((records, changes, head)) == position


@given(sizes, st.data())
def test_p03_a_removed_record_is_named(sizes: list[int], data: st.DataObject) -> None:
    """In the middle as at the end, with its changes or without them."""
    records, changes, head = make_chain(sizes)
    n = data.draw(st.integers(1, len(sizes)))
    records = [r for r in records if r.position != n]
    if data.draw(st.booleans()):
        changes = [c for c in changes if c.position != n]
    assert broken_at((records, changes, head)) == n


@given(sizes, st.data())
def test_p03_a_removed_change_names_its_record(sizes: list[int], data: st.DataObject) -> None:
    """A record cannot lose one of its rows."""
    records, changes, head = make_chain(sizes)
    gone = data.draw(st.sampled_from(changes))
    changes.remove(gone)
    assert broken_at((records, changes, head)) == gone.position


@given(st.lists(st.integers(1, 3), min_size=2, max_size=6), st.data())
def test_p03_of_two_records_that_changed_places_the_first_is_named(sizes: list[int], data: st.DataObject) -> None:
    """Each is sound in itself, but not where it stands."""
    records, changes, head = make_chain(sizes)
    a, b = sorted(data.draw(st.lists(st.integers(1, len(sizes)), min_size=2, max_size=2, unique=True)))
    swap = {a: b, b: a}
    records = [replace(r, position=swap.get(r.position, r.position)) for r in records]
    moved = [(swap.get(c.position, c.position), int(c.id.split("-")[1]), c) for c in changes]
    changes = [replace(c, position=position, id=change_id(position, number)) for position, number, c in moved]
    assert broken_at((records, changes, head)) == a


@given(sizes, st.data())
def test_p03_an_inserted_record_is_named(sizes: list[int], data: st.DataObject) -> None:
    """Anywhere: those after it make room, or it stands after the end; also with a hash that fits."""
    records, changes, head = make_chain(sizes)
    n = data.draw(st.integers(1, len(sizes) + 1))
    own = [make_change(n, 0, row_id="forged")]
    before = BEGINNING if n == 1 else records[n - 2].hash
    fits = data.draw(st.booleans())
    forged = replace(make_record(n), actor_id="forger", hash=record_hash(before, replace(make_record(n), actor_id="forger"), own))
    later = [replace(r, position=r.position + 1) for r in records[n - 1 :]]
    shifted = [
        c if c.position < n else replace(c, position=c.position + 1, id=change_id(c.position + 1, int(c.id.split("-")[1]))) for c in changes
    ]
    chain = ([*records[: n - 1], forged if fits else replace(forged, hash="0" * 64), *later], [*shifted, *own], head)
    # A forged record that fits what is before it is sound in itself: then what follows does not fit it, or the end is known.
    assert broken_at(chain) == (n if not fits or n >= head.position else n + 1)


@given(sizes, st.data())
def test_p03_a_rewritten_rest_is_found_by_an_anchor(sizes: list[int], data: st.DataObject) -> None:
    """Whoever rewrites the chain to its end, and the end itself, is found by a hash that was noted down elsewhere, and only so."""
    records, changes, head = make_chain(sizes)
    n = data.draw(st.integers(1, len(sizes)))
    previous = BEGINNING if n == 1 else records[n - 2].hash
    for k in range(n - 1, len(records)):
        record = replace(records[k], actor_id="forger") if k == n - 1 else records[k]
        previous = record_hash(previous, record, [c for c in changes if c.position == k + 1])
        records[k] = replace(record, hash=previous)
    forged = (records, changes, Link(position=len(sizes), hash=previous))
    assert broken_at(forged) is None
    assert broken_at(forged, anchor=head) == len(sizes)


def test_p03_a_cut_tail_and_an_old_backup_are_found_by_an_anchor() -> None:
    """A shorter chain with its own end is sound in itself; what was noted down is missing in it."""
    whole = make_chain([1, 1, 1])
    shorter = make_chain([1, 1])
    assert broken_at(shorter) is None
    assert broken_at(shorter, anchor=whole[2]) == 3


@pytest.mark.parametrize(("position", "named"), [(0, 0), (-3, -3)])
def test_a_record_before_the_first_is_named(position: int, named: int) -> None:
    """Positions begin at 1."""
    records, changes, head = make_chain([1, 1])
    assert broken_at(([*records, replace(records[0], position=position)], changes, head)) == named


def test_changes_without_a_record_are_found() -> None:
    """After the end too."""
    records, changes, head = make_chain([1, 1])
    assert broken_at((records, [*changes, make_change(3, 0)], head)) == 3
