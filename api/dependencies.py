"""What routes are given: the running application, and who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from scheduler.application import Application
from scheduler.domain.ground.access import LOCAL, Actor


def current_application(request: Request) -> Application:
    """The application that this app serves."""
    application: Application = request.app.state.application
    return application


def current_actor() -> Actor:
    """Who is asking. Until there are users, whoever reaches the loopback address is the local operator."""
    return LOCAL


CurrentApplication = Annotated[Application, Depends(current_application)]
CurrentActor = Annotated[Actor, Depends(current_actor)]
