"""Secrets that mean nothing by themselves: made at random, shown once, kept only as a keyed digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets

SECRET_BYTES = 32
KEY_CHARACTERS_MIN = 32
_TOKEN_PREFIX = "mst_"  # noqa: S105 - what tokens begin with, so that scanners for leaked secrets find them


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_token() -> str:
    """A secret that can be told to be an API token of this product."""
    return _TOKEN_PREFIX + new_secret()


class KeyedDigest:
    """Digests that only this installation can make: a copy of the database alone does not tell which secret fits."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of(self, purpose: str, secret: str) -> str:
        """What is kept of a secret. One purpose's digest is never another's."""
        return hmac.new(self._key, f"{purpose}:{secret}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def csrf_token(session_secret: str) -> str:
    """What a page must send beside its session cookie: only who may read answers of this server can know it."""
    return hmac.new(session_secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def weakness_of_key(key: str) -> str | None:
    """What is wrong with a server's secret key; ``None`` for a sound one."""
    if len(key) < KEY_CHARACTERS_MIN:
        return f"it has {len(key)} characters; at least {KEY_CHARACTERS_MIN} random ones are needed"
    if len(set(key)) < 10 or any(word in key.lower() for word in ("changeme", "change-me", "change_me", "default", "example", "password")):
        return "it is not random"
    return None
