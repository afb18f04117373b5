"""Marks in the stored texts of a plan, and the names that are read in their place."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.staffing.name_marks import marked_people, name_mark, with_marks, with_names
from tests.factories import make_person

PLAN = "0f002df9-c283-4fb4-82ef-426e5323f7a8"
ids = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=36)


@given(st.dictionaries(ids, st.text(max_size=30), min_size=1, max_size=4), st.text(max_size=20))
def test_a_text_is_read_with_every_name(names: dict[str, str], rest: str) -> None:
    """Whatever is in a name, the text stays JSON and says what it would have said with it."""
    stored = json.dumps([f"{rest}: {name_mark(PLAN, one)}, {rest}" for one in names], ensure_ascii=False)
    assert marked_people(stored, plan_id=PLAN) == set(names)
    assert json.loads(with_names(stored, names, plan_id=PLAN)) == [f"{rest}: {name}, {rest}" for name in names.values()]


def test_marks_of_other_plans_are_plain_text() -> None:
    """Nobody knows a plan's id before there is the plan, so nobody can call a project by its marks."""
    stored = json.dumps(name_mark("another", "ann"), ensure_ascii=False)
    assert marked_people(stored, plan_id=PLAN) == set()
    assert with_names(stored, {"ann": "Ann"}, plan_id=PLAN) == stored


def test_who_has_no_name_keeps_the_id() -> None:
    """As everywhere in a plan."""
    assert with_names(f'"{name_mark(PLAN, "ann")}"', {}, plan_id=PLAN) == '"ann"'


def test_people_are_planned_under_their_marks() -> None:
    """Nothing else of them changes."""
    person = make_person()
    (marked,) = with_marks((person,), plan_id=PLAN)
    assert marked.name == name_mark(PLAN, "ann")
    assert (marked.id, marked.terms, marked.skills) == (person.id, person.terms, person.skills)
