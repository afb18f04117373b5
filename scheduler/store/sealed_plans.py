"""
Plans and their problems as they are stored: with opaque ids, and what is personal sealed under the key of each person.

Sealed are cost rate and place of work in a problem, and what a plan states about a person. Names are no part of it: texts hold marks
in their place, and are read with the names of today. For somebody who was erased a problem is read with a cost rate of 0.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.staffing.name_marks import marked_people, with_names
from scheduler.store.among import among, chunks
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.people import PEOPLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.store.person_keys import PersonKeys

PERSONAL = ("cost_rate", "location")
"""What a problem says of a person beside capacity and skills."""
ERASED = {"text": "Erased.", "facts": {}}


def sealed_problem(problem: Mapping[str, Any], plan_id: str, keys: PersonKeys) -> dict[str, Any]:
    """The problem to be stored; what is sealed already stays as it is."""
    of = keys.of({one["id"] for one in problem["people"] if "sealed" not in one})
    people = []
    for one in problem["people"]:
        if "sealed" in one:
            people.append(one)
            continue
        personal = {name: one[name] for name in PERSONAL if name in one}
        envelope = of[one["id"]].seal(personal, place=_place(plan_id, one["id"], "problem"))
        people.append({**{name: value for name, value in one.items() if name not in personal}, "sealed": envelope})
    return {**problem, "people": people}


def opened_problem(problem: Mapping[str, Any], plan_id: str, keys: PersonKeys) -> dict[str, Any]:
    """The problem as it was solved, but for those who were erased."""
    held = keys.held({one["sealed"][0] for one in problem["people"] if "sealed" in one})
    people = []
    for one in problem["people"]:
        envelope = one.get("sealed")
        rest = {name: value for name, value in one.items() if name != "sealed"}
        if envelope is not None:
            key = held[envelope[0]]
            rest |= {"cost_rate": 0} if key is None else key.open(envelope, place=_place(plan_id, one["id"], "problem"))
        people.append(rest)
    return {**problem, "people": people}


def sealed_statements(words: Mapping[str, Any], plan_id: str, keys: PersonKeys) -> dict[str, Any]:
    """A plan's view, or the words beside its problem, with the statements about people sealed."""
    of = keys.of({one["id"] for one in _statements(words) if _is_open(one)})

    def seal(one: Mapping[str, Any]) -> Mapping[str, Any]:
        if not _is_open(one):
            return one
        envelope = of[one["id"]].seal({name: one[name] for name in ERASED}, place=_place(plan_id, one["id"], one["code"]))
        return {name: value for name, value in one.items() if name not in ERASED} | {"sealed": envelope}

    return {**words, **{part: [seal(one) for one in words[part]] for part in _parts(words)}}


def _opened_statements(words: Mapping[str, Any], plan_id: str, keys: PersonKeys, names: Mapping[str, str]) -> dict[str, Any]:
    held = keys.held({one["sealed"][0] for one in _statements(words) if "sealed" in one})

    def opened(one: Mapping[str, Any]) -> Mapping[str, Any]:
        if "sealed" not in one:
            return one
        key = held[one["sealed"][0]]
        said = ERASED if key is None else key.open(one["sealed"], place=_place(plan_id, one["id"], one["code"]))
        said_of: dict[str, Any] = json.loads(with_names(json.dumps(said, ensure_ascii=False), names, plan_id=plan_id))
        return {name: value for name, value in one.items() if name != "sealed"} | said_of

    return {**words, **{part: [opened(one) for one in words[part]] for part in _parts(words)}}


def sealed_result(result: Mapping[str, Any] | None, plan_id: str, keys: PersonKeys) -> dict[str, Any] | None:
    """A plan's result to be stored."""
    if result is None:
        return None
    return _with_views(result, lambda view: sealed_statements(view, plan_id, keys))


def opened_result(text: str | None, plan_id: str, connection: Connection, keys: PersonKeys) -> dict[str, Any] | None:
    """A stored result to be read: with names, in the order of the names."""
    if text is None:
        return None
    # As a text first: names go into it before it becomes a value, which is many times quicker.
    names = names_of(connection, marked_people(text, plan_id=plan_id))
    result = json.loads(with_names(text, names, plan_id=plan_id))
    return _with_views(result, lambda view: in_order_of_names(_opened_statements(view, plan_id, keys, names)))


def opened_words(words: Mapping[str, Any], plan_id: str, connection: Connection, keys: PersonKeys) -> dict[str, Any]:
    """What is kept beside a problem, to be read."""
    text = json.dumps(words, ensure_ascii=False)
    names = names_of(connection, marked_people(text, plan_id=plan_id))
    return _opened_statements(json.loads(with_names(text, names, plan_id=plan_id)), plan_id, keys, names)


def named(text: str, plan_id: str, connection: Connection) -> str:
    """A text with the people's names in place of their marks."""
    people = marked_people(text, plan_id=plan_id)
    as_json = json.dumps(text, ensure_ascii=False)
    return str(json.loads(with_names(as_json, names_of(connection, people), plan_id=plan_id))) if people else text


def in_order_of_names(view: dict[str, Any]) -> dict[str, Any]:
    """What a view lists by person, sorted by name: written with marks, it was sorted by those."""
    ordered = dict(view)
    if view.get("assignments") is not None:
        ordered["assignments"] = sorted(
            view["assignments"], key=lambda one: (one["person"]["name"], one["first_week"], one["demand"]["id"])
        )
    if "people" in view:
        ordered["people"] = sorted(view["people"], key=lambda one: (one["person"]["name"], one["person"]["id"]))
    return ordered


def names_of(connection: Connection, people: Collection[str]) -> dict[str, str]:
    """What people are called, or were called last."""
    names: dict[str, str] = {}
    twin = TWINS[PEOPLE.name]
    for part in chunks(sorted(people)):
        known = select(twin.c.id, twin.c.name).where(among(twin.c.id, part)).order_by(twin.c.recorded_from)
        names.update({row.id: row.name for row in connection.execute(known)})
        names.update({row.id: row.name for row in connection.execute(select(PEOPLE.c.id, PEOPLE.c.name).where(among(PEOPLE.c.id, part)))})
    return names


def _with_views(result: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """The result with its view, and that of its alternative, changed."""
    found = dict(result)
    if isinstance(found.get("view"), Mapping):
        found["view"] = change(found["view"])
    if isinstance(found.get("alternative"), Mapping) and isinstance(found["alternative"].get("view"), Mapping):
        found["alternative"] = {**found["alternative"], "view": change(found["alternative"]["view"])}
    return found


def _parts(words: Mapping[str, Any]) -> list[str]:
    return [part for part in ("valuation", "left_out") if part in words]


def _statements(words: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for part in _parts(words):
        yield from _mappings(words[part])


def _mappings(entries: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    return (one for one in entries if isinstance(one, Mapping))


def _is_open(one: Mapping[str, Any]) -> bool:
    return one.get("subject") == "person" and one.get("id") is not None and "sealed" not in one


def _place(plan_id: str, person_id: str, what: str) -> str:
    return f"plan/{plan_id}/{person_id}/{what}"
