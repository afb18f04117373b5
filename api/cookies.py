"""The two cookies: of a session, and of a browser that somebody has logged in with before. Scripts can read neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from scheduler.usecases.login import LoggedIn

_YEAR_S = 365 * 24 * 3600
_SESSION_S = 12 * 3600


def session_of(request: Request, base_url: str) -> str | None:
    """The secret of the session that the browser shows."""
    return request.cookies.get(_name("session", base_url))


def device_of(request: Request, base_url: str) -> str | None:
    """The secret that marks the browser."""
    return request.cookies.get(_name("device", base_url))


def give(response: Response, logged_in: LoggedIn, base_url: str) -> None:
    """Let the browser keep both."""
    _set(response, "session", logged_in.secret, base_url, max_age=_SESSION_S)
    _set(response, "device", logged_in.device_secret, base_url, max_age=_YEAR_S)


def take_session(response: Response, base_url: str) -> None:
    """Let the browser forget the session."""
    _set(response, "session", "", base_url, max_age=0)


def _set(response: Response, what: str, value: str, base_url: str, *, max_age: int) -> None:
    secure = _is_secure(base_url)
    response.set_cookie(_name(what, base_url), value, max_age=max_age, path="/", httponly=True, samesite="strict", secure=secure)


def _name(what: str, base_url: str) -> str:
    # The prefix makes browsers refuse the cookie from anything but this very host over TLS.
    return f"__Host-muster_{what}" if _is_secure(base_url) else f"muster_{what}"


def _is_secure(base_url: str) -> bool:
    return base_url.startswith("https://")
