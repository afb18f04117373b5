"""What-if scenarios."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.routes.plan_application import DryRun
from api.schemas.fields import Id
from api.schemas.lists import ScenarioList
from api.schemas.records import page_shape
from api.schemas.scenarios import (
    CompareQuery,
    Comparison,
    HireSweepRead,
    HireSweepWrite,
    ScenarioApplicationRead,
    ScenarioApplicationWrite,
    ScenarioPatch,
    ScenarioRead,
    ScenarioSeen,
    ScenarioWrite,
    shown_application,
    shown_comparison,
    shown_scenario,
    shown_seen,
    shown_sweep,
)
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.ids import new_id
from scheduler.domain.staffing.scenarios import Scenario
from scheduler.queries.records import get_record, list_records
from scheduler.queries.scenarios import compare_scenarios, get_scenario
from scheduler.usecases.records import delete_record
from scheduler.usecases.scenario_application import ScenarioApplication, apply_scenario
from scheduler.usecases.scenarios import SweptHires, change_scenario, create_scenario, sweep_hires

router = APIRouter(route_class=JsonRoute, tags=["scenarios"])
AREA = "scenarios"
RowId = Annotated[Id, Path(description="The id the server gave it.")]
ScenarioPage = page_shape("ScenarioPage", ScenarioRead)


@router.post(
    "/scenarios", operation_id="create_scenario", status_code=201, response_model=ScenarioRead, responses=problems(403, 409, 413, 415)
)
def create(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: ScenarioWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Create a scenario: a named list of changes. No live row changes, and no list or plan of the firm as it is shows any of it."""

    def respond(scenario: Scenario) -> StoredResponse:
        location = address(application.settings.public_url, AREA, scenario.id)
        return stored(shown_scenario(scenario), status=201, version=scenario.version, location=location)

    claim = claim_of(request, idempotency_key, respond=respond)
    scenario = body.to_value(own_id=new_id())
    return to_response(
        respond(create_scenario(application.store, actor=actor, scenario=scenario, now=datetime.now(UTC), idempotency=claim))
    )


@router.get("/scenarios", operation_id="list_scenarios", response_model=ScenarioPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[ScenarioList, Query()]) -> Response:
    """List scenarios, page by page. They sort by: name, id."""
    found = list_records(application.store, actor=actor, area=AREA, page=query.page_request(), as_of=query.as_of)
    items = [shown_scenario(scenario) for scenario in found.items]
    return to_response(stored(ScenarioPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.get("/scenarios/compare", operation_id="compare_scenarios", response_model=Comparison, responses=problems(403))
def compare(application: CurrentApplication, actor: CurrentActor, query: Annotated[CompareQuery, Query()]) -> Response:
    """Scenarios side by side with the firm as it is, each by its newest plan: key figures, proof, demands and bookings."""
    columns = compare_scenarios(application.store, actor=actor, scenario_ids=query.named(), weeks=query.asked())
    return to_response(stored(shown_comparison(columns)))


@router.post(
    "/scenarios/hires", operation_id="sweep_hires", status_code=202, response_model=HireSweepRead, responses=problems(403, 409, 413, 415)
)
def hires(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: HireSweepWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask what one more person of each skill would be worth: a scenario and a plan for each, and a plan without any of them."""
    sweep = body.to_value()

    def respond(swept: SweptHires) -> StoredResponse:
        ids = ",".join(scenario.id for scenario, _ in swept.hires)
        asked = f"horizon_start={sweep.request.horizon_start.isoformat()}&weeks={sweep.request.weeks}"
        compare = f"{address(application.settings.public_url, AREA, 'compare')}?scenario_ids={ids}&{asked}"
        return stored(shown_sweep(swept, skills=sweep.skills, compare=compare), status=202)

    claim = claim_of(request, idempotency_key, respond=respond)
    blind = application.settings.cost_blind_plans
    swept = sweep_hires(application.store, actor=actor, sweep=sweep, now=datetime.now(UTC), blind=blind, idempotency=claim)
    return to_response(respond(swept))


@router.get("/scenarios/{scenario_id}", operation_id="read_scenario", response_model=ScenarioSeen, responses=problems(403, 404))
def read(application: CurrentApplication, actor: CurrentActor, scenario_id: RowId) -> Response:
    """Read a scenario, with the live rows that have moved since its changes were written down, and what does not fit any more."""
    seen = get_scenario(application.store, actor=actor, scenario_id=scenario_id)
    return to_response(stored(shown_seen(seen), version=seen.scenario.version))


@router.patch(
    "/scenarios/{scenario_id}",
    operation_id="change_scenario",
    response_model=ScenarioRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def change(
    application: CurrentApplication, actor: CurrentActor, scenario_id: RowId, version: ExpectedVersion, body: ScenarioPatch
) -> Response:
    """Change fields of a scenario; the others stay as they are."""
    current = get_record(application.store, actor=actor, area=AREA, record_id=scenario_id)
    patched = body.patched(current, version=version)
    saved = change_scenario(application.store, actor=actor, scenario=patched, now=datetime.now(UTC))
    return to_response(stored(shown_scenario(saved), version=saved.version))


@router.delete(
    "/scenarios/{scenario_id}",
    operation_id="delete_scenario",
    status_code=204,
    response_class=Response,
    responses=problems(403, 404, 409, 412, 428),
)
def delete(application: CurrentApplication, actor: CurrentActor, scenario_id: RowId, version: ExpectedVersion) -> Response:
    """Throw a scenario away, if no other stands on it. Its plans stay to be read."""
    delete_record(application.store, actor=actor, area=AREA, record_id=scenario_id, version=version, now=datetime.now(UTC))
    return Response(status_code=204)


@router.post(
    "/scenarios/{scenario_id}/apply",
    operation_id="apply_scenario",
    response_model=ScenarioApplicationRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def apply(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    scenario_id: RowId,
    version: ExpectedVersion,
    body: ScenarioApplicationWrite,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Make a scenario real: its changes, and those it stands on, become live rows; with a plan its bookings too. All or nothing.

    Each row is written with the rights that writing it alone would need.
    """

    def respond(done: ScenarioApplication) -> StoredResponse:
        return stored(shown_application(done), version=done.scenario.version)

    done = apply_scenario(
        application.store,
        actor=actor,
        scenario_id=scenario_id,
        expected_version=version,
        now=datetime.now(UTC),
        terms=body.to_value(dry_run=dry_run),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(done))
