"""
Ids of the rows that a scenario makes.

Its author leaves them out, or gives a name of their own that begins with ``#`` and uses it wherever an id goes; the server puts ids in
place of both. An id that the scenario has already stays, so that what was read can be sent back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.scenarios import HIRES_MAX, Change

OWN_NAME = "#"
_ID_LISTS = frozenset({"only", "never", "ids", "apart", "together"})
_ID_KEYS = frozenset({"requires", "prefers"})


def with_ids(changes: Sequence[Change], *, known: Collection[str], next_id: Callable[[], str]) -> tuple[Change, ...]:
    """
    The changes with an id for every row that they make. ``known``: ids that the scenario gave before.

    Raises DomainError ``input.invalid`` with a fault for an id that nobody gave, for a name used twice, and for one that was not made.
    """
    faults, named = Faults(), dict[str, str]()
    given = [_made(change, f"/changes/{n}", faults, named, known, next_id) for n, change in enumerate(changes)]
    found = tuple(
        replace(change, body={name: _resolved(name, value, f"/changes/{n}/{name}", faults, named) for name, value in change.body.items()})
        for n, change in enumerate(given)
    )
    faults.raise_any("scenario")
    return found


def _made(
    change: Change, pointer: str, faults: Faults, named: dict[str, str], known: Collection[str], next_id: Callable[[], str]
) -> Change:
    """The change with the ids of its new rows; names of the author's own are noted."""
    if change.kind.startswith("add_"):
        made = _id(change.body.get("id"), f"{pointer}/id", faults, named, known, next_id)
        return replace(change, body={**change.body, "id": made})
    if change.kind == "hire":
        count = min(change.body["count"], HIRES_MAX)
        wanted: list[str | None] = list(change.body.get("ids") or ())[:count]
        wanted += [None] * (count - len(wanted))
        ids = [_id(one, f"{pointer}/ids/{n}", faults, named, known, next_id) for n, one in enumerate(wanted)]
        return replace(change, body={**change.body, "ids": ids})
    return change


def _id(
    given: str | None, pointer: str, faults: Faults, named: dict[str, str], known: Collection[str], next_id: Callable[[], str]
) -> str:
    if given is None:
        return next_id()
    if given in known:
        return given
    if not given.startswith(OWN_NAME):
        faults.add(pointer, "id.not_given", "The server gives ids; leave it out, or give a name of your own that begins with #.")
    elif given in named:
        faults.add(pointer, "id.duplicate", f"{given} names another new row already; give each its own name.")
    else:
        named[given] = next_id()
        return named[given]
    return given


def _resolved(name: str, value: Any, pointer: str, faults: Faults, named: Mapping[str, str]) -> Any:
    """The value of a field with ids in place of names; texts that are no ids stay."""
    if isinstance(value, dict):
        is_by_id = name in _ID_KEYS
        return {
            _known(key, pointer, faults, named) if is_by_id else key: _resolved(key, one, f"{pointer}/{key}", faults, named)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_resolved(name, one, f"{pointer}/{n}", faults, named) for n, one in enumerate(value)]
    is_id = name == "id" or name.endswith("_id") or name in _ID_LISTS
    return _known(value, pointer, faults, named) if is_id and name != "external_id" and isinstance(value, str) else value


def _known(value: str, pointer: str, faults: Faults, named: Mapping[str, str]) -> str:
    if not value.startswith(OWN_NAME):
        return value
    if value not in named:
        faults.add(pointer, "reference.not_found", f"No change of this scenario makes a row called {value}; add one, or give an id.")
    return named.get(value, value)
