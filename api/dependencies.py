"""What routes are given: the running application, and who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from api.authentication import unauthenticated
from scheduler.application import Application
from scheduler.domain.ground.access import Actor


def current_application(request: Request) -> Application:
    """The application that this app serves."""
    application: Application = request.app.state.application
    return application


def current_actor(request: Request) -> Actor:
    """Who is asking, as ``Authentication`` has found out. Raises RefusalError where it has not been asked."""
    actor: Actor | None = request.scope.get("state", {}).get("actor")
    if actor is None:
        raise unauthenticated()
    return actor


CurrentApplication = Annotated[Application, Depends(current_application)]
CurrentActor = Annotated[Actor, Depends(current_actor)]
