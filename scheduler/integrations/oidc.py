"""
Login through an OpenID Connect provider: the authorization code flow with PKCE.

Nothing is kept between its two steps: state, nonce and verifier follow from one secret that only the browser holds. Needs the extra
``oidc`` (authlib).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.credentials import Identity
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.opaque import same

if TYPE_CHECKING:
    from scheduler.config import Settings
    from scheduler.domain.ground.opaque import KeyedDigest

ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
"""Signatures by the provider's key. Never none, and none that the client's own secret could make."""
TIMEOUT_S = 10.0
LEEWAY_S = 60
KEPT_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    state: str
    nonce: str
    verifier: str


class Provider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings, *, digest: KeyedDigest) -> None:
        if settings.oidc_issuer is None or settings.oidc_client_secret is None:
            detail = "No identity provider is set up here; log in with your password."
            raise DomainError(ErrorKind.NOT_FOUND, "oidc.not_configured", detail)
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret.get_secret_value()
        self._redirect = f"{settings.public_url}/v1/oidc/callback"
        self._digest = digest

    def authorization_url(self, secret: str) -> str:
        """Where the browser that holds ``secret`` is sent. Raises DomainError ``oidc.unavailable``."""
        flow = self._flow(secret)
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._described()["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        return str(url)

    def identity(self, secret: str, *, code: str, state: str) -> Identity:
        """Who the provider says came back. Raises DomainError ``oidc.refused``, ``oidc.unavailable``."""
        flow = self._flow(secret)
        if not secret or not code or not same(state, flow.state):
            raise _refused()
        client, described = self._session(), self._described()
        from authlib.common.errors import AuthlibBaseError
        from requests import RequestException

        try:
            with client as session:
                token = session.fetch_token(described["token_endpoint"], code=code, code_verifier=flow.verifier, timeout=TIMEOUT_S)
                keys = session.get(described["jwks_uri"], withhold_token=True, timeout=TIMEOUT_S).json()
        except (RequestException, ValueError) as error:
            raise _unavailable() from error
        except AuthlibBaseError as error:
            raise _refused() from error
        return Identity(issuer=self._issuer, subject=self._subject(str(token.get("id_token", "")), keys, nonce=flow.nonce))

    def _subject(self, id_token: str, keys: Any, *, nonce: str) -> str:
        """The subject of a token that the provider signed, for us, for this login, and not long ago."""
        from joserfc import jwk, jwt
        from joserfc.errors import JoseError

        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": str(self._client_id)},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(id_token, jwk.KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused() from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _refused()
        return subject

    def _described(self) -> dict[str, Any]:
        found = _description(self._issuer, int(time.monotonic() // KEPT_S))
        if found.get("issuer") != self._issuer:
            raise _unavailable()
        return found

    def _session(self) -> Any:
        try:
            from authlib.integrations.requests_client import OAuth2Session
        except ImportError as error:
            detail = 'Login through an identity provider needs the extra "oidc": pip install "muster[oidc]".'
            raise DomainError(ErrorKind.BUSY, "oidc.unavailable", detail) from error
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            redirect_uri=self._redirect,
            scope="openid",
            code_challenge_method="S256",
        )

    def _flow(self, secret: str) -> _Flow:
        state, nonce, verifier = (self._digest.of(f"oidc {what}", secret) for what in ("state", "nonce", "verifier"))
        return _Flow(state=state, nonce=nonce, verifier=verifier)


@lru_cache(maxsize=4)
def _description(issuer: str, _period: int) -> dict[str, Any]:
    """What the provider says of itself; asked again every few minutes, not by every stranger who begins a login."""
    import requests

    try:
        answer = requests.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=TIMEOUT_S, allow_redirects=False)
        found: object = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise _unavailable() from error
    return found if isinstance(found, dict) else {}


def _refused() -> DomainError:
    detail = "The answer of the identity provider does not belong to a login that this browser began, or is not valid; begin again."
    return DomainError(ErrorKind.FORBIDDEN, "oidc.refused", detail)


def _unavailable() -> DomainError:
    detail = "The identity provider cannot be reached, or is not the one in the settings; try again later, or log in with your password."
    return DomainError(ErrorKind.BUSY, "oidc.unavailable", detail)
