"""Questions about a finished plan, and their answers in a planner's words."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.schemas.fields import Id, Schema
from api.schemas.plan_view import NamedShape


class CandidatesQuery(Schema):
    """A demand of the plan."""

    demand_id: Id


class ExplanationQuery(CandidatesQuery):
    """A demand of the plan; with a person the question is why they are not on it."""

    person_id: Id | None = None


class ShortfallShape(Schema):
    """Demands that want more minutes in some weeks (period numbers from 0) than everybody who could do them has."""

    demands: list[str]
    people: list[str]
    first: int
    last: int
    wanted_min: int
    capacity_min: int
    requires: dict[str, int]
    sentence: str


class RelaxationShape(Schema):
    """Changes that together let the demand be filled; ``is_minimal``: no part of them does, and that is proven."""

    changes: list[dict[str, Any]]
    sentence: str
    is_minimal: bool
    gain_minor: Annotated[int | None, Field(description="What a plan with it is worth more, in minor units; null without cost:read.")]
    confidential: bool


class BarShape(Schema):
    """A rule that keeps the person off the demand in every plan; ``number`` is that of the rule in the model."""

    rule: str
    number: int
    facts: dict[str, Any]
    sentence: str


class MoveShape(Schema):
    """Somebody's run on a demand that would go or come."""

    person: NamedShape
    demand: NamedShape


class ExplanationRead(Schema):
    """
    What would fill a demand or, with a person, why they are not on it; only the fields of the one or the other.

    ``is_complete``: the search ended within its time and memory; where it did not, ``is_filled`` may be null, and what is missing is
    not proven to be impossible. Costs lie between ``cost_low_minor`` and ``cost_high_minor``.
    """

    plan_id: Id
    demand_id: Id
    person_id: Id | None
    is_filled: bool | None = None
    is_complete: bool | None = None
    shortfall: ShortfallShape | None = None
    relaxations: list[RelaxationShape] | None = None
    is_there: bool | None = None
    bars: list[BarShape] | None = None
    cost_low_minor: int | None = None
    cost_high_minor: int | None = None
    is_exact: bool | None = None
    would_leave: list[MoveShape] | None = None
    would_take: list[MoveShape] | None = None
    sentence: str | None = None


class ConflictingShape(Schema):
    """A run of the plan that takes time the person would need."""

    demand: NamedShape
    first_week: str
    last_week: str


class CandidateShape(Schema):
    """Somebody who could take the demand; ``cost_minor`` estimates what that would cost the plan, at its prices."""

    person: NamedShape
    is_there: bool
    minutes: int
    cost_minor: int | None
    value_per_hour_minor: int | None
    conflicts: list[ConflictingShape]
    short_weeks: list[str]
    sentence: str


class CandidatesRead(Schema):
    """Who fits a demand, the cheapest first; without cost:read those first who would leave least for it and have most time."""

    plan_id: Id
    demand_id: Id
    candidates: list[CandidateShape]


def shown_explanation(said: dict[str, Any]) -> ExplanationRead:
    """As callers see it."""
    return ExplanationRead.model_construct(**{name: said[name] for name in ExplanationRead.model_fields if name in said})
