"""Who changed what, when and from where."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.audit import AuditList, AuditPage, shown_entry
from scheduler.queries.audit import list_audit

router = APIRouter(route_class=JsonRoute, tags=["audit"])


@router.get("/audit", operation_id="list_audit", response_model=AuditPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[AuditList, Query()]) -> Response:
    """List changes page by page, newest first: every changed row with who, when, from where, in which request, and before and after."""
    found = list_audit(application.store, actor=actor, page=query.page_request())
    items = [shown_entry(entry) for entry in found.items]
    return to_response(stored(AuditPage.model_construct(items=items, next_cursor=found.next_cursor)))
