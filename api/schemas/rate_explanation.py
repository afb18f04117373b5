"""Explained rates, as callers ask for them and see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from api.schemas.fields import Day, Id, Integer, Name, Rate, Schema
from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId
from scheduler.domain.ground.pricing import hourly
from scheduler.queries.rate_explanation import RateInquiry

if TYPE_CHECKING:
    from scheduler.domain.ground.pricing import TrailStep
    from scheduler.queries.rate_explanation import Candidate, RateExplanation


class RateQuery(Schema):
    """Whose hour, when and on what."""

    person_id: Id
    project_id: Id
    day: Day
    activity_type_id: Annotated[Id | None, Field(description="What was done.")] = None
    demand_id: Annotated[Id | None, Field(description="What it was booked or worked for.")] = None

    def inquiry(self) -> RateInquiry:
        """As the query knows it."""
        return RateInquiry(
            person_id=PersonId(self.person_id),
            project_id=ProjectId(self.project_id),
            day=self.day,
            activity_type_id=None if self.activity_type_id is None else ActivityTypeId(self.activity_type_id),
            demand_id=None if self.demand_id is None else DemandId(self.demand_id),
        )


class TrailStepRead(Schema):
    """One rule, the row that it read in which version, and the figures that it read or made."""

    rule: str
    row_kind: str
    row_id: str
    row_version: Integer
    figures: dict[str, str]


class CandidateRead(Schema):
    """
    A price that was considered, in order of precedence.

    ``lost_by``: null of the one that counts; `absent`: there is no such price; `person_id`, `grade`, `project_id`, `client_id`, `activity_type_id`,
    `currency`, `validity`: it does not fit; `less_specific`: another bill rate is more specific, or begins later; else the rule that comes before it.
    """

    rule: str
    row_kind: str
    row_id: str | None
    lost_by: str | None
    rate: Rate | None
    person_id: Id | None
    grade: Name | None
    project_id: Id | None
    client_id: Id | None
    activity_type_id: Id | None
    valid_from: Day | None
    valid_until: Day | None


class RateRead(Schema):
    """
    What the hour is billed at, by which rows, and what else was considered.

    ``rate`` is per hour in ``currency``; null where nothing prices it, and ``missing`` says why. ``grade``: that which counts.
    """

    person_id: Id
    project_id: Id
    day: Day
    grade: Name | None
    currency: str
    rate: Rate | None
    missing: str | None
    trail: list[TrailStepRead]
    considered: list[CandidateRead]


def shown_rate(found: RateExplanation) -> RateRead:
    """As callers see it."""
    priced = found.priced
    return RateRead.model_construct(
        person_id=found.inquiry.person_id,
        project_id=found.inquiry.project_id,
        day=found.inquiry.day,
        grade=found.grade,
        currency=found.currency,
        rate=None if priced is None else hourly(priced.rate),
        missing=found.missing,
        trail=[] if priced is None else [_step(step) for step in priced.trail],
        considered=[_candidate(one) for one in found.candidates],
    )


def _step(step: TrailStep) -> TrailStepRead:
    return TrailStepRead.model_construct(
        rule=step.rule, row_kind=step.row_kind, row_id=step.row_id, row_version=step.row_version, figures=dict(step.figures)
    )


_SCOPE = ("rate", "person_id", "grade", "project_id", "client_id", "activity_type_id", "valid_from", "valid_until")


def _candidate(one: Candidate) -> CandidateRead:
    scope = {name: None if one.bill_rate is None else getattr(one.bill_rate, name) for name in _SCOPE}
    return CandidateRead.model_construct(rule=one.rule, row_kind=one.row_kind, row_id=one.row_id, lost_by=one.lost_by, **scope)
