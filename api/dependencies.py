"""What routes are given: the running application, and who is asking."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from api.request_id import request_id_of
from scheduler.application import Application
from scheduler.domain.ground.access import LOCAL, Actor, Origin


def current_application(request: Request) -> Application:
    """The application that this app serves."""
    application: Application = request.app.state.application
    return application


def origin_of(request: Request) -> Origin:
    """
    From where a request comes, for the audit.

    The address of the connection: headers that name another (``X-Forwarded-For``) are the client's own words.
    """
    return Origin(
        source=request.client.host if request.client is not None else "http",
        user_agent=request.headers.get("user-agent"),
        request_id=request_id_of(request.scope),
    )


def current_actor(request: Request) -> Actor:
    """Who is asking. Until there are users, whoever reaches the loopback address is the local operator."""
    return replace(LOCAL, origin=origin_of(request))


CurrentApplication = Annotated[Application, Depends(current_application)]
CurrentActor = Annotated[Actor, Depends(current_actor)]
