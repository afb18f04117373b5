"""Settings of one installation, from the environment (``MUSTER_...``) or a command's options."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    """Loopback only, until there are users."""
    port: int = Field(default=8000, ge=1, le=65535)
    base_url: str | None = None
    """How the outside reaches the server; links are made from it, never from request headers."""
    solve_max_seconds: float = Field(default=600.0, gt=0, le=86_400)
    """Cap on a plan's time limit."""
    solve_max_workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Cap on a plan's search threads."""
    solve_memory_mb: int = Field(default=4096, ge=256, le=1_048_576)
    """Memory of the process that solves."""

    @field_validator("host")
    @classmethod
    def _only_loopback(cls, host: str) -> str:
        if host not in LOOPBACK:
            raise ValueError("there are no users yet, so the server listens on loopback only: 127.0.0.1, ::1 or localhost")
        return host

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
