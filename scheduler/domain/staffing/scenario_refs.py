"""
Ids of the rows that a scenario makes.

Its author leaves them out, or gives a name of their own that begins with ``#`` and uses it wherever an id goes; the server puts ids in
place of both. An id that the scenario has already stays, so that what was read can be sent back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.scenarios import HIRES_MAX, Change

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

OWN_NAME = "#"
_ID_LISTS = frozenset({"only", "never", "ids", "apart", "together"})
_ID_KEYS = frozenset({"requires", "prefers"})


def with_ids(changes: Sequence[Change], *, known: Collection[str], next_id: Callable[[], str]) -> tuple[Change, ...]:
    """
    The changes with an id for every row that they make. ``known``: ids that the scenario gave before.

    Raises DomainError ``input.invalid`` with a fault for an id that nobody gave, for a name used twice, and for one that was not made.
    """
    ids = _Ids(known, next_id)
    given = [ids.made(change, f"/changes/{n}") for n, change in enumerate(changes)]
    found = tuple(
        replace(change, body={name: ids.resolved(name, value, f"/changes/{n}/{name}") for name, value in change.body.items()})
        for n, change in enumerate(given)
    )
    ids.faults.raise_any("scenario")
    return found


class _Ids:
    """Names of the author's own and the ids they stand for."""

    def __init__(self, known: Collection[str], next_id: Callable[[], str]) -> None:
        self.faults = Faults()
        self._named: dict[str, str] = {}
        self._known = known
        self._next_id = next_id

    def made(self, change: Change, pointer: str) -> Change:
        """The change with the ids of its new rows."""
        if change.kind.startswith("add_"):
            return replace(change, body={**change.body, "id": self._id(change.body.get("id"), f"{pointer}/id")})
        if change.kind == "hire":
            count = min(change.body["count"], HIRES_MAX)
            wanted: list[str | None] = list(change.body.get("ids") or ())[:count]
            wanted += [None] * (count - len(wanted))
            return replace(change, body={**change.body, "ids": [self._id(one, f"{pointer}/ids/{n}") for n, one in enumerate(wanted)]})
        return change

    def _id(self, given: str | None, pointer: str) -> str:
        if given is None:
            return self._next_id()
        if given in self._known:
            return given
        if not given.startswith(OWN_NAME):
            self.faults.add(pointer, "id.not_given", "The server gives ids; leave it out, or give a name of your own that begins with #.")
        elif given in self._named:
            self.faults.add(pointer, "id.duplicate", f"{given} names another new row already; give each its own name.")
        else:
            self._named[given] = self._next_id()
            return self._named[given]
        return given

    def resolved(self, name: str, value: Any, pointer: str) -> Any:
        """The value of a field with ids in place of names; texts that are no ids stay."""
        if isinstance(value, dict):
            is_by_id = name in _ID_KEYS
            return {
                self._of_name(key, pointer) if is_by_id else key: self.resolved(key, one, f"{pointer}/{key}") for key, one in value.items()
            }
        if isinstance(value, list):
            return [self.resolved(name, one, f"{pointer}/{n}") for n, one in enumerate(value)]
        is_id = name == "id" or (name.endswith("_id") and name != "external_id") or name in _ID_LISTS
        return self._of_name(value, pointer) if is_id and isinstance(value, str) else value

    def _of_name(self, value: str, pointer: str) -> str:
        if value.startswith(OWN_NAME) and value not in self._named:
            self.faults.add(
                pointer, "reference.not_found", f"No change of this scenario makes a row called {value}; add one, or give an id."
            )
        return self._named.get(value, value)
