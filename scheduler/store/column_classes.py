"""The classes of columns: what a column can hold, what can become of it in an erasure, and how a table's columns are classed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scheduler.domain.ground.permissions import COST_READ, PRICE_READ, PRIVATE_READ, STAFFING_READ


class Holds(StrEnum):
    """What sort of content a column has."""

    PLAIN = "plain"
    """Ids, versions, dates and the firm's own words."""
    IDENTITY = "identity"
    """Personal: names somebody, or says what they do. Seen by whoever sees the row."""
    PRIVATE = "private"
    """Personal, and not everybody's business who sees the row."""
    STAFFING = "staffing"
    """What the firm thinks of projects and people when it staffs them."""
    PRICE = "price"
    """Money between the firm and its clients, or what follows from that alone."""
    COST = "cost"
    """Money between the firm and its people: salaries, and what they follow from. Personal and money at once."""
    SECRET = "secret"  # noqa: S105 - a class of columns
    """A key, or the hash of a password or token: in no record, export or answer, and no repository returns it."""


NEEDED: Mapping[Holds, str | None] = {
    Holds.PLAIN: None,
    Holds.IDENTITY: None,
    Holds.PRIVATE: PRIVATE_READ,
    Holds.STAFFING: STAFFING_READ,
    Holds.PRICE: PRICE_READ,
    Holds.COST: COST_READ,
    Holds.SECRET: None,
}
"""The right that is needed to be shown such a column: without it, rows come without the column, and lists can neither filter nor sort by it."""


class Erased(StrEnum):
    """What an erasure makes of a personal column."""

    PSEUDONYM = "pseudonym"
    REMOVED = "removed"
    """Emptied, or gone with its row."""
    NEUTRAL = "neutral"
    """A word that says nothing: the column must not be empty, and something must be known to have been there."""
    ROW_ID = "row_id"
    """The row's own id, which says nothing: the column must not be empty, and no two may be the same."""
    SEALED = "sealed"
    """It is encrypted under the person's key, which is destroyed."""
    OPAQUE = "opaque"
    """It stays: an id that leads to a pseudonym."""
    KEPT = "kept"
    """It stays; the rule says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a column holds and, where that is personal, what becomes of it when the person is erased."""

    holds: Holds
    erased: Erased | None = None
    why: str | None = None
    """Why it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """
    The columns of one table; ``person``: the column that names the person whom a row is about.

    ``may_be_nobodys``: where that is empty the row stands for itself, and what it says is sealed under its own id.
    """

    columns: Mapping[str, Rule]
    person: str | None = None
    may_be_nobodys: bool = False
    personal: frozenset[str] = field(init=False)
    """Columns that say something about the row's person, so that records seal them."""

    def __post_init__(self) -> None:
        personal = frozenset(name for name, rule in self.columns.items() if rule.erased not in (None, Erased.OPAQUE))
        object.__setattr__(self, "personal", personal)

    def person_of(self, row: Mapping[str, Any]) -> str | None:
        """Under whose key the row's personal values are sealed."""
        found: str | None = row.get(self.person or "")
        return row["id"] if found is None and self.may_be_nobodys else found


def by_class(
    erased: Mapping[str, Erased | str] | None = None, *, person: str | None = None, nobodys: bool = False, **holds: str
) -> Classified:
    """A table by class: names of columns with spaces between. ``erased`` likewise; a text in place of a member says why they are kept."""
    fates = {name: fate for names, fate in (erased or {}).items() for name in names.split()}
    columns = {name: _rule(Holds(sort), fates.pop(name, None)) for sort, names in holds.items() for name in names.split()}
    if fates:
        raise ValueError(f"not classed: {sorted(fates)}")
    return Classified(columns=columns, person=person, may_be_nobodys=nobodys)


def _rule(holds: Holds, fate: Erased | str | None) -> Rule:
    if fate is None or isinstance(fate, Erased):
        return Rule(holds=holds, erased=fate)
    return Rule(holds=holds, erased=Erased.KEPT, why=fate)
