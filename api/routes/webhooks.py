"""Events sent to an address of somebody's, by the rules of Standard Webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.fields import Id, Instant, Integer, Schema, WriteSchema
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.webhooks import Delivery, DeliveryState, EventType, Webhook
from scheduler.integrations.webhook_sender import public_address
from scheduler.queries.webhooks import list_deliveries, list_webhooks
from scheduler.usecases.webhooks import create_webhook, remove_webhook, replay_webhook

router = APIRouter(route_class=JsonRoute, tags=["webhooks"])
WebhookId = Annotated[Id, Path(description="The id the server gave it.")]


class WebhookWrite(WriteSchema):
    """Where events are sent to: a public https address, on port 443 or 8443."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    events: Annotated[list[EventType], Field(min_length=1, max_length=50)]


class WebhookRead(Schema):
    """A webhook. ``secret`` is shown once, when it is made; ``is_active`` is false once the receiver answered 410."""

    id: Id
    url: str
    events: list[EventType]
    is_active: bool
    created_at: Instant
    secret: str | None


class WebhookListing(Schema):
    """Every webhook."""

    items: list[WebhookRead]


class DeliveryRead(Schema):
    """One message to the webhook: what it tells, and what became of it."""

    id: Annotated[str, Field(description="The webhook-id header: the same in every attempt.")]
    event_type: EventType
    payload: dict[str, Any]
    state: DeliveryState
    attempts: Integer
    next_at: Instant | None
    created_at: Instant
    delivered_at: Instant | None
    last_result: str | None


class DeliveryListing(Schema):
    """The newest messages, at most a thousand."""

    items: list[DeliveryRead]


class ReplayWrite(WriteSchema):
    """From when on messages are sent again."""

    since: Instant


class ReplayRead(Schema):
    """How many messages are sent again."""

    messages: Integer


def _shown(webhook: Webhook, secret: str | None = None) -> WebhookRead:
    names = ("id", "url", "is_active", "created_at")
    return WebhookRead.model_construct(**{n: getattr(webhook, n) for n in names}, events=list(webhook.events), secret=secret)


def _shown_delivery(one: Delivery) -> DeliveryRead:
    names = [name for name in DeliveryRead.model_fields if name != "next_at"]
    waits = one.state is DeliveryState.WAITING
    return DeliveryRead.model_construct(**{name: getattr(one, name) for name in names}, next_at=one.next_at if waits else None)


@router.post("/webhooks", operation_id="create_webhook", status_code=201, response_model=WebhookRead, responses=problems(403, 413, 415))
def create(application: CurrentApplication, actor: CurrentActor, body: WebhookWrite) -> Response:
    """Have events sent to an address. The answer has the secret that messages are signed with, this once: a POST sent twice makes two."""
    webhook, secret = create_webhook(
        application.store,
        actor=actor,
        url=body.url,
        events=body.events,
        allow_private=application.settings.webhook_private,
        resolve=public_address,
        now=datetime.now(UTC),
    )
    location = address(application.settings.public_url, "webhooks", webhook.id)
    return to_response(stored(_shown(webhook, secret), status=201, location=location))


@router.get("/webhooks", operation_id="list_webhooks", response_model=WebhookListing, responses=problems(403))
def list_all(application: CurrentApplication, actor: CurrentActor) -> Response:
    """List where events are sent to."""
    found = list_webhooks(application.store, actor=actor)
    return to_response(stored(WebhookListing.model_construct(items=[_shown(one) for one in found])))


@router.get(
    "/webhooks/{webhook_id}/deliveries", operation_id="list_deliveries", response_model=DeliveryListing, responses=problems(403, 404)
)
def deliveries(application: CurrentApplication, actor: CurrentActor, webhook_id: WebhookId) -> Response:
    """List the newest messages of a webhook, and what became of them."""
    found = list_deliveries(application.store, actor=actor, webhook_id=webhook_id)
    return to_response(stored(DeliveryListing.model_construct(items=[_shown_delivery(one) for one in found])))


@router.post(
    "/webhooks/{webhook_id}/replay", operation_id="replay_webhook", response_model=ReplayRead, responses=problems(403, 404, 413, 415)
)
def replay(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    webhook_id: WebhookId,
    body: ReplayWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Send all messages since an instant again, under the same ids; a webhook that had ended works again."""

    def respond(count: int) -> StoredResponse:
        return stored(ReplayRead(messages=count))

    claim = claim_of(request, idempotency_key, respond=respond)
    count = replay_webhook(
        application.store, actor=actor, webhook_id=webhook_id, since=body.since, now=datetime.now(UTC), idempotency=claim
    )
    return to_response(respond(count))


@router.delete("/webhooks/{webhook_id}", operation_id="delete_webhook", status_code=204, responses=problems(403, 404))
def delete(application: CurrentApplication, actor: CurrentActor, webhook_id: WebhookId) -> Response:
    """Send nothing more there, and forget its messages."""
    remove_webhook(application.store, actor=actor, webhook_id=webhook_id, now=datetime.now(UTC))
    return Response(status_code=204)
