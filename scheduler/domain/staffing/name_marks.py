"""
Marks that stand for people's names in what is stored with a plan.

A plan's texts are written with marks and read with the names that people have when they are read: an erased person's name is then
nowhere in them. A mark holds the plan's id, which nobody knows before, so no name can pretend to be one.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.staffing.people import Person


def name_mark(plan_id: str, person_id: str) -> str:
    """What stands for the name of this person in a text of this plan."""
    return f"⟦{plan_id}/{person_id}⟧"


def with_marks(people: Iterable[Person], *, plan_id: str) -> tuple[Person, ...]:
    """The people, each called by the mark."""
    return tuple(replace(person, name=name_mark(plan_id, person.id)) for person in people)


def marked_people(text: str, *, plan_id: str) -> set[str]:
    """Ids of the people whose marks are in the text."""
    return set(_marks(plan_id).findall(text))


def with_names(text: str, names: Mapping[str, str], *, plan_id: str) -> str:
    """A JSON text with the names in place of the marks; who has no name keeps the id."""

    def name(found: re.Match[str]) -> str:
        return json.dumps(names.get(found[1], found[1]), ensure_ascii=False)[1:-1]

    return _marks(plan_id).sub(name, text)


def _marks(plan_id: str) -> re.Pattern[str]:
    return re.compile(re.escape(f"⟦{plan_id}/") + r'([^⟧"\\]{1,64})⟧')
