"""E-mail: what users want to hear of, and what became of each message."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.fields import Flag, Id, Instant, Integer, Schema, WriteSchema
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.mails import Mail, MailWish
from scheduler.domain.ground.webhooks import DeliveryState, EventType
from scheduler.queries.mails import Notifications, list_mails, own_notifications
from scheduler.usecases.mails import replay_mails, wish_mails

router = APIRouter(route_class=JsonRoute, tags=["mails"])


class NotificationsWrite(WriteSchema):
    """What to hear of by mail; an empty list: nothing but the change sets of policies that tell you."""

    mail: Annotated[list[MailWish], Field(max_length=20)]


class NotificationsRead(Schema):
    """What you hear of by mail. `address` is the e-mail of the person that you are; null: none, so nothing can be sent."""

    mail: list[MailWish]
    address: str | None


class MailRead(Schema):
    """One mail: to whom, what it tells, and what became of it. Its address is the person's own at the moment of sending."""

    id: Annotated[str, Field(description="The first part of its Message-ID: the same in every attempt.")]
    person_id: Id
    event_type: EventType
    payload: dict[str, Any]
    state: DeliveryState
    attempts: Integer
    next_at: Instant | None
    created_at: Instant
    delivered_at: Instant | None
    last_result: Annotated[
        str | None,
        Field(description="`accepted`, the mail server's refusal, `mail.no_address`, or `mail.not_allowed`: may not read it any more."),
    ]


class MailListing(Schema):
    """The newest mails, at most a thousand."""

    items: list[MailRead]


class MailsQuery(Schema):
    """Which mails."""

    state: DeliveryState | None = None


class MailReplayWrite(WriteSchema):
    """From when on mails that were given up are sent again; with `delivered_too` those that were delivered as well."""

    since: Instant
    delivered_too: Flag = False


class MailReplayRead(Schema):
    """How many mails are sent again."""

    messages: Integer


@router.get("/notifications", operation_id="read_notifications", response_model=NotificationsRead, responses=problems(401))
def read(application: CurrentApplication, actor: CurrentActor) -> Response:
    """What you hear of by mail."""
    return to_response(stored(_shown(own_notifications(application.store, actor=actor))))


@router.put("/notifications", operation_id="change_notifications", response_model=NotificationsRead, responses=problems(413, 415))
def change(application: CurrentApplication, actor: CurrentActor, body: NotificationsWrite) -> Response:
    """Choose what you hear of by mail: the whole list, as it shall be."""
    wish_mails(application.store, actor=actor, wishes=frozenset(body.mail), now=datetime.now(UTC))
    return to_response(stored(_shown(own_notifications(application.store, actor=actor))))


@router.get("/mails", operation_id="list_mails", response_model=MailListing, responses=problems(403))
def list_all(application: CurrentApplication, actor: CurrentActor, query: Annotated[MailsQuery, Query()]) -> Response:
    """List the newest mails, and what became of them."""
    found = list_mails(application.store, actor=actor, state=query.state)
    return to_response(stored(MailListing.model_construct(items=[_shown_mail(one) for one in found])))


@router.post("/mails/replay", operation_id="replay_mails", response_model=MailReplayRead, responses=problems(403, 413, 415))
def replay(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: MailReplayWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Send mails again that were given up since an instant, under the same ids."""

    def respond(count: int) -> StoredResponse:
        return stored(MailReplayRead(messages=count))

    count = replay_mails(
        application.store,
        actor=actor,
        since=body.since,
        delivered_too=body.delivered_too,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(count))


def _shown(found: Notifications) -> NotificationsRead:
    return NotificationsRead.model_construct(mail=sorted(found.wishes), address=found.address)


def _shown_mail(one: Mail) -> MailRead:
    names = [name for name in MailRead.model_fields if name != "next_at"]
    waits = one.state is DeliveryState.WAITING
    return MailRead.model_construct(**{name: getattr(one, name) for name in names}, next_at=one.next_at if waits else None)
