"""
Which changes of a plan have to be applied together.

Two changes are linked when they share a limit that some choice among the changes could exceed: a person's time in a week, the
effort of a demand, a rule of a project. What is not linked, over any number of steps, can be applied or left alone: every limit
then either lies within one group, whose changes are made all or not at all, or holds whatever is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOGETHER = -1
"""A limit that nothing may use: whoever shares it is linked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLimit:
    """What is left of a limit beside all that does not change, and the most that each change takes of it, before or after."""

    free: int
    most: Mapping[str, int]

    @property
    def can_bind(self) -> bool:
        """Whether some choice among the changes exceeds it."""
        return len(self.most) > 1 and sum(self.most.values()) > self.free


def linked(changes: Iterable[str], limits: Iterable[SharedLimit]) -> tuple[frozenset[str], ...]:
    """The smallest groups that share no limit which could bind, each and all of them ascending."""
    parent = {change: change for change in changes}

    def root(change: str) -> str:
        while parent[change] != change:
            parent[change] = parent[parent[change]]
            change = parent[change]
        return change

    for limit in limits:
        if limit.can_bind:
            first, *others = sorted(limit.most)
            for other in others:
                parent[root(other)] = root(first)
    groups: dict[str, set[str]] = defaultdict(set)
    for change in parent:
        groups[root(change)].add(change)
    return tuple(sorted((frozenset(group) for group in groups.values()), key=min))
