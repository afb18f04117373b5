"""A staffing problem with every key of the format, as JSON and as the values it stands for."""

from __future__ import annotations

import copy
import json
from typing import Any

from solver_models.staffing.problem import Demand, Person, Policy, Problem, Project, Run

FULL: dict[str, Any] = {
    "format": "staffing-problem/1",
    "currency": "EUR",
    "periods": ["2026-01-05", "2026-01-12"],
    "people": [
        {
            "id": "ann",
            "capacity": [2400, 1200],
            "cost_rate": 5000,
            "skills": {"sap": 3},
            "usual": [2400, 2400],
            "location": "Bonn",
            "max_demands": 2,
            "available_for": ["build", "test"],
            "not_for": ["test"],
            "preferences": {"build": -100, "tower": 50, "unlisted": 1},
            "idle_cost": 4000,
            "band": [0.29, 1],
        },
        {"id": "bob", "capacity": [0, 0], "cost_rate": 0, "skills": {}},
    ],
    "demands": [
        {
            "id": "build",
            "project": "tower",
            "requires": {"sap": 2},
            "effort": [600, 0],
            "value_rate": 12000,
            "prefers": {"sql": -10},
            "overqualified_cost": 30,
            "locations": ["Bonn"],
            "shares": [0.5, 1.0, 0.3333],
            "max_people": 3,
            "min_run": 1,
            "min_coverage": 0.75,
            "only": ["ann"],
            "never": ["bob"],
        },
        {"id": "test", "project": "unlisted", "requires": {}, "effort": [1, 2], "value_rate": -5, "shift": [-1, 2]},
    ],
    "projects": [{"id": "tower", "all_or_nothing": True, "shift": [0, 1], "apart": [["ann", "bob"]], "together": [["ann"], []]}],
    "fixed": [{"person": "ann", "demand": "build", "share": 1, "first": 0, "last": 1}],
    "current": [{"person": "bob", "demand": "test", "share": 0.5, "first": 1, "last": 1, "shift": -1}],
    "policy": {
        "setup_cost": 1,
        "churn_cost": 2,
        "max_churn_minutes": 3,
        "frozen_periods": 1,
        "fairness_cost": 4,
        "band": [0.1, 0.9],
    },
}

MISSING = object()


def raw_of(*changes: tuple[str, object]) -> bytes:
    """The full problem as text, with the values at some pointers set or removed."""
    value = copy.deepcopy(FULL)
    for pointer, new in changes:
        *path, last = pointer.split("/")[1:]
        inner: Any = value
        for step in path:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        if new is MISSING:
            del inner[last]
        elif isinstance(inner, list):
            inner[int(last) :] = [new]
        else:
            inner[last] = new
    return json.dumps(value).encode()


FULL_PROBLEM = Problem(
    currency="EUR",
    periods=("2026-01-05", "2026-01-12"),
    people=(
        Person(
            id="ann",
            capacity=(2400, 1200),
            cost_rate=5000,
            skills={"sap": 3},
            usual=(2400, 2400),
            location="Bonn",
            max_demands=2,
            available_for=frozenset({"build", "test"}),
            not_for=frozenset({"test"}),
            preferences={"build": -100, "tower": 50, "unlisted": 1},
            idle_cost=4000,
            band=(2900, 10000),
        ),
        Person(id="bob", capacity=(0, 0), cost_rate=0),
    ),
    demands=(
        Demand(
            id="build",
            project="tower",
            requires={"sap": 2},
            effort=(600, 0),
            value_rate=12000,
            prefers={"sql": -10},
            overqualified_cost=30,
            locations=frozenset({"Bonn"}),
            shares_e4=(5000, 10000, 3333),
            max_people=3,
            min_run=1,
            min_coverage_e4=7500,
            only=frozenset({"ann"}),
            never=frozenset({"bob"}),
        ),
        Demand(id="test", project="unlisted", effort=(1, 2), value_rate=-5, shift=(-1, 2)),
    ),
    projects=(
        Project(
            id="tower",
            all_or_nothing=True,
            shift=(0, 1),
            apart=(frozenset({"ann", "bob"}),),
            together=(frozenset({"ann"}), frozenset()),
        ),
    ),
    fixed=(Run(person="ann", demand="build", share_e4=10000, first=0, last=1),),
    current=(Run(person="bob", demand="test", share_e4=5000, first=1, last=1, shift=-1),),
    policy=Policy(setup_cost=1, churn_cost=2, max_churn_minutes=3, frozen_periods=1, fairness_cost=4, band=(1000, 9000)),
)
