"""The cookies: of a session, of a browser that somebody has logged in with before, of a login on its way. Scripts can read none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from scheduler.store.session_start import LoggedIn

_YEAR_S = 365 * 24 * 3600
_SESSION_S = 12 * 3600
_FLOW_S = 600


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


def flow_of(request: Request, base_url: str) -> str | None:
    """The secret of a login at an identity provider that this browser began."""
    return request.cookies.get(_name("flow", base_url))


def give_flow(response: Response, secret: str, base_url: str) -> None:
    """Remember in the browser that it began a login. Lax: it comes back by a link from the provider's site."""
    _set(response, "flow", secret, base_url, max_age=_FLOW_S, same_site="lax")


def take_flow(response: Response, base_url: str) -> None:
    """The login is done."""
    _set(response, "flow", "", base_url, max_age=0, same_site="lax")


def _set(response: Response, what: str, value: str, base_url: str, *, max_age: int, same_site: Literal["strict", "lax"] = "strict") -> None:
    secure = _is_secure(base_url)
    response.set_cookie(_name(what, base_url), value, max_age=max_age, path="/", httponly=True, samesite=same_site, secure=secure)


def _name(what: str, base_url: str) -> str:
    # The prefix makes browsers refuse the cookie from anything but this very host over TLS.
    return f"__Host-muster_{what}" if _is_secure(base_url) else f"muster_{what}"


def _is_secure(base_url: str) -> bool:
    return base_url.startswith("https://")
