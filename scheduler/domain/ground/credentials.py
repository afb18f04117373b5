"""What somebody proves with who they are: passwords, sessions, API tokens and one-time links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import NAME_MAX, Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.ground.ids import UserId

SESSION_LIFE = timedelta(hours=12)
LINK_LIFE = timedelta(minutes=30)
TIE_LIFE = timedelta(minutes=10)
SETUP_LIFE = timedelta(hours=24)
TOKEN_DAYS_MAX = 366
PASSWORD_MIN = 12
PASSWORD_MAX = 200
_WORN = frozenset({"password", "passwort", "123456", "qwerty", "letmein", "welcome", "muster"})


class AccessEventKind(StrEnum):
    """What can happen at the door."""

    LOGIN_SUCCEEDED = "login succeeded"
    LOGIN_FAILED = "login failed"
    LOGIN_THROTTLED = "login throttled"
    LOGGED_OUT = "logged out"
    PASSWORD_SET = "password set"  # noqa: S105 - what happened
    LINK_MADE = "link made"
    TOKEN_MADE = "token made"  # noqa: S105
    TOKEN_REVOKED = "token revoked"  # noqa: S105
    ACCESS_ENDED = "access ended"
    IDENTITY_TIED = "identity tied"
    ACCESS_REFUSED = "access refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A login that lasts. ``digest``: of the secret in the cookie."""

    digest: str
    user_id: UserId
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A program's key: acts as its user, within its scopes, until it expires."""

    id: str
    user_id: UserId
    name: str
    digest: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        if self.expires_at <= self.created_at or self.expires_at - self.created_at > timedelta(days=TOKEN_DAYS_MAX):
            faults.add("/expires_in_days", "number.out_of_range", f"A token lasts 1 to {TOKEN_DAYS_MAX} days.")
        faults.raise_any("token")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEvent:
    """
    Something that happened at the door: ``login.succeeded``, ``password.set``, ...

    ``user_id``: whom it concerns, if that is known; ``facts``: plain JSON without secrets and without what somebody typed.
    """

    kind: AccessEventKind
    user_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    SETUP = "setup"
    """To make the first admin."""
    RESET = "reset"
    """To set a user's password."""
    TIE = "tie"
    """To tie a user to who an identity provider says they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """Good for one use, for a short time. ``user_id``: whose password it sets; none for the set-up."""

    digest: str
    purpose: LinkPurpose
    user_id: UserId | None
    created_at: datetime
    expires_at: datetime


def check_password(password: str, *, login: str) -> None:
    """Raise DomainError ``password.too_weak`` or ``text.invalid_unicode``."""
    fault = _fault_of(password, login)
    if fault is not None:
        code, message = fault
        raise DomainError(ErrorKind.INVALID, code, message, (Fault(pointer="/password", code=code, message=message),))


def _fault_of(password: str, login: str) -> tuple[str, str] | None:
    if any("\ud800" <= c <= "\udfff" for c in password):
        return "text.invalid_unicode", "The password has half of a surrogate pair; send valid Unicode."
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        return "password.too_weak", f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; choose another."
    plain = password.casefold()
    if len(set(password)) < 5 or (len(login) > 3 and login.casefold() in plain) or any(word in plain for word in _WORN):
        return "password.too_weak", "The password is easy to guess (few characters, your login, or a worn word); choose another."
    return None


def reset_invalid() -> DomainError:
    """A one-time link that is used, expired, replaced or made up: nobody learns which."""
    detail = (
        "The link was used, is older than 30 minutes (set-up: a day), was replaced by a newer one, or never existed; ask for a new one."
    )
    return DomainError(ErrorKind.GONE, "reset.invalid", detail)


def login_failed() -> DomainError:
    """Wrong password, unknown login or a disabled user: nobody learns which."""
    return DomainError(ErrorKind.UNAUTHENTICATED, "login.failed", "Login and password do not fit, or the user is disabled; try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    Who an identity provider says somebody is: the issuer, and the subject by which it knows them for ever.

    Never a mail address: the provider may give it to somebody else tomorrow, or not have checked it.
    """

    issuer: str
    subject: str


def link_required() -> DomainError:
    """The provider vouches for somebody whom nobody here is tied to."""
    detail = (
        "Nobody here is tied to this identity. Log in with your password and tie it at POST /v1/oidc/link, or ask an administrator;"
        " a mail address that is the same ties nobody."
    )
    return DomainError(ErrorKind.FORBIDDEN, "login.link_required", detail)


def wrong_password() -> DomainError:
    """The present password, which is asked for once more, is another."""
    message = "This is not your present password; give it once more, or ask an administrator for a reset link."
    return DomainError(ErrorKind.INVALID, "password.wrong", message, (Fault(pointer="/current", code="password.wrong", message=message),))


def name_fits(name: str) -> bool:
    """Whether a name can be a login at all; what cannot is counted like any wrong one."""
    return 0 < len(name) <= NAME_MAX
