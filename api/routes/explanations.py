"""Asking of a finished plan why something is open, why somebody is not on it, and who fits it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.explanations import CandidatesQuery, CandidatesRead, ExplanationQuery, ExplanationRead, shown_explanation
from api.schemas.fields import Id

router = APIRouter(route_class=JsonRoute, tags=["plans"])


PlanId = Annotated[Id, Path(description="The id the server gave it.")]


@router.get("/plans/{plan_id}/explanations", operation_id="explain_plan", response_model=ExplanationRead, responses=problems(403, 404, 503))
def explain(application: CurrentApplication, actor: CurrentActor, plan_id: PlanId, query: Annotated[ExplanationQuery, Query()]) -> Response:
    """
    Say what would fill a demand of a plan or, with a person, why they are not on it.

    It is computed while the request waits, in about 10 seconds at most, and changes nothing.
    """
    said = application.explain_plan.explain(actor=actor, plan_id=plan_id, demand_id=query.demand_id, person_id=query.person_id)
    return to_response(stored(shown_explanation(said)))


@router.get("/plans/{plan_id}/candidates", operation_id="list_candidates", response_model=CandidatesRead, responses=problems(403, 404))
def list_candidates(
    application: CurrentApplication, actor: CurrentActor, plan_id: PlanId, query: Annotated[CandidatesQuery, Query()]
) -> Response:
    """Who fits this opening: people who could take a demand of the plan, with what it would cost and what they would leave."""
    said = application.explain_plan.candidates(actor=actor, plan_id=plan_id, demand_id=query.demand_id)
    return to_response(stored(CandidatesRead.model_construct(**said)))
