"""
Sends signed messages (Standard Webhooks) to public addresses alone.

The name is resolved once, every address it has is checked, and the connection goes to a checked address: a name that answers differently
the next time (DNS rebinding) changes nothing. Redirects are not followed, proxies of the environment not used.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpcore2
from standardwebhooks import Webhook as Signer

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.webhooks import is_public, not_public

if TYPE_CHECKING:
    from collections.abc import Iterable

TIMEOUT_S = 15.0
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the receiver said, or what kept us from asking."""

    status: int | None
    result: str

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


def public_address(host: str, port: int, *, allow_private: bool) -> str:
    """An address of a host, checked with all others that it has. Raises DomainError ``url.not_public``."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise not_public() from None
    if not found or not (allow_private or all(is_public(one) for one in found)):
        raise not_public()
    return found[0]


class _Pinned(httpcore2.SyncBackend):
    """Connects to checked addresses; TLS still asks for the host's own name."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        address = public_address(host, port, allow_private=self._allow_private)
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def send(*, url: str, secret: str, message_id: str, body: str, allow_private: bool) -> Sent:
    """Send one message, signed with the webhook's secret."""
    now = datetime.now(UTC)
    headers: dict[bytes | str, bytes | str] = {
        "Content-Type": "application/json",
        "User-Agent": "Muster",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(secret).sign(message_id, now, body),
    }
    limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_S)}
    backend = _Pinned(allow_private=allow_private)
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool,
            pool.stream("POST", url, headers=headers, content=body.encode(), extensions=limits) as answer,
        ):
            return Sent(status=answer.status, result=f"HTTP {answer.status}")
    except DomainError as error:
        return Sent(status=None, result=error.code)
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, OSError) as error:
        return Sent(status=None, result=type(error).__name__)
