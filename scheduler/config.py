"""Settings of one installation, from the environment (``MUSTER_...``) or a command's options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduler.domain.ground.mails import is_address
from scheduler.domain.ground.opaque import weakness_of_key

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """Everything that differs between installations."""

    model_config = SettingsConfigDict(env_prefix="MUSTER_", frozen=True, extra="ignore", env_ignore_empty=True)

    data_dir: Path = Path("var")
    """Where the SQLite file lies, unless ``database_url`` names another place."""
    database_url: str | None = Field(default=None, repr=False)
    """``sqlite:///path`` or ``postgresql+psycopg://...``; none: ``muster.db`` in ``data_dir``.

    It may hold a password, so it is not part of what is printed.
    """
    host: str = "127.0.0.1"
    """Beyond loopback only when there are users, see ``Application.start``."""
    port: int = Field(default=8000, ge=1, le=65535)
    base_url: str | None = None
    """How the outside reaches the server; links are made from it, never from request headers."""
    solve_max_seconds: float = Field(default=600.0, gt=0, le=86_400)
    """Cap on a plan's time limit."""
    solve_max_workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Cap on a plan's search threads."""
    solve_memory_mb: int = Field(default=4096, ge=256, le=1_048_576)
    """Memory of the process that solves."""
    worker: bool = True
    """Whether a server does jobs itself; without, there must be a ``muster worker`` on the same PostgreSQL database."""
    job_retention_days: int = Field(default=30, ge=1, le=3_650)
    """How long jobs that have ended are kept, and with them problems that were sent in and their plans."""

    webhook_private: bool = False
    """Whether webhooks may go to hosts of one's own network, over http too: whoever may add one can then make the server ask there."""

    smtp_host: str | None = None
    """A mail server; none: no mails are written. With it goes ``mail_from``."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """``starttls``: encrypted before anything is said, or not at all; ``tls``: from the first byte (usually port 465)."""
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str | None = None
    """The address that mails come from."""

    secret_key: SecretStr | None = None
    """What digests of sessions, tokens and links are made with; none: made on first run and kept beside the database."""
    trusted_proxies: str = ""
    """Addresses, separated by commas, of proxies whose X-Forwarded-For and -Proto headers are believed."""
    cost_blind_plans: bool = False
    """Whether plans that are asked for by somebody who may not read costs are computed without costs too."""
    oidc_issuer: str | None = None
    """Address of an OpenID Connect provider; needs the extra ``oidc``, ``oidc_client_id`` and ``oidc_client_secret``."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    debug: bool = False
    """Commands show where an internal fault happened. Never beyond loopback."""

    @field_validator("secret_key")
    @classmethod
    def _sound_key(cls, key: SecretStr | None) -> SecretStr | None:
        weakness = None if key is None else weakness_of_key(key.get_secret_value())
        if weakness is not None:
            raise ValueError(f"MUSTER_SECRET_KEY cannot be used: {weakness}; set 32 or more random characters, or leave it out")
        return key

    @model_validator(mode="after")
    def _whole_mail_server(self) -> Self:
        if (self.smtp_host is None) != (self.mail_from is None):
            raise ValueError("MUSTER_SMTP_HOST and MUSTER_MAIL_FROM go together; set both or none")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("MUSTER_SMTP_USER and MUSTER_SMTP_PASSWORD go together; set both or none")
        if self.smtp_password is not None and self.smtp_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError("MUSTER_SMTP_SECURITY=none would send the password readable by anybody; use starttls or tls")
        if self.mail_from is not None and not is_address(self.mail_from):
            raise ValueError("MUSTER_MAIL_FROM is not a mail address; give one like muster@firm.example")
        return self

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(given) and not all(given):
            raise ValueError("MUSTER_OIDC_ISSUER, MUSTER_OIDC_CLIENT_ID and MUSTER_OIDC_CLIENT_SECRET go together; set all three or none")
        return self

    @model_validator(mode="after")
    def _no_debug_in_public(self) -> Self:
        if self.debug and self.is_public:
            raise ValueError("MUSTER_DEBUG must not be set when the server listens beyond loopback (MUSTER_HOST); leave one of them out")
        return self

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the server."""
        return self.host not in LOOPBACK

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'muster.db').absolute()}"

    @property
    def public_url(self) -> str:
        """Address that links begin with, without a slash at the end."""
        if self.base_url is not None:
            return self.base_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"
