"""Settings of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from scheduler.config import Settings


@pytest.fixture(autouse=True)
def _without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MUSTER_{name.upper()}", raising=False)


def test_by_default_a_file_and_the_loopback() -> None:
    """Nothing needs to be set: a SQLite file in ``var``, and a server that nobody else reaches."""
    settings = Settings()
    assert settings.database == f"sqlite:///{Path('var/muster.db').absolute()}"
    assert settings.public_url == "http://127.0.0.1:8000"


def test_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is MUSTER_ and its name; an empty one counts as not set."""
    monkeypatch.setenv("MUSTER_DATABASE_URL", "postgresql+psycopg://u:secret@h/d")
    monkeypatch.setenv("MUSTER_PORT", "9000")
    monkeypatch.setenv("MUSTER_BASE_URL", "https://plans.example.org/")
    monkeypatch.setenv("MUSTER_SOLVE_MEMORY_MB", "")
    settings = Settings()
    assert (settings.database, settings.port) == ("postgresql+psycopg://u:secret@h/d", 9000)
    assert settings.public_url == "https://plans.example.org"
    assert settings.solve_memory_mb == 4096


def test_passwords_are_not_printed() -> None:
    """Settings end up in logs and tracebacks."""
    assert "geheim" not in repr(Settings(database_url="postgresql+psycopg://u:geheim@h/d", secret_key=SecretStr("geheim0123456789" * 2)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_key", "short"),
        ("secret_key", "change-me-" * 5),
        ("port", 0),
        ("port", 65_536),
        ("solve_max_seconds", 0),
        ("solve_memory_mb", 10),
        ("smtp_host", "mail.firm.example"),
        ("mail_from", "muster@firm.example"),
        ("smtp_user", "muster"),
        ("smtp_security", "ssl"),
    ],
)
def test_settings_have_ranges(name: str, value: object) -> None:
    """A secret that can be guessed is refused; so are figures that cannot work."""
    with pytest.raises(ValidationError):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_mail_settings_fit_together() -> None:
    """A password goes to no mail server of another machine unencrypted; the sender is one address."""
    whole = {"smtp_host": "mail.firm.example", "mail_from": "muster@firm.example", "smtp_user": "muster", "smtp_password": "geheim"}
    assert "geheim" not in repr(Settings(**whole))  # type: ignore[arg-type]
    for change in ({"smtp_security": "none"}, {"mail_from": "muster"}, {"mail_from": "a@b.example, c@d.example"}):
        with pytest.raises(ValidationError):
            Settings(**{**whole, **change})  # type: ignore[arg-type]
    assert Settings(**{**whole, "smtp_security": "none", "smtp_host": "localhost"}).smtp_port == 587  # type: ignore[arg-type]


def test_no_debugging_in_public() -> None:
    """Debugging shows what others must not see, so it is refused where others can reach the server."""
    assert Settings(debug=True).debug
    with pytest.raises(ValidationError, match="MUSTER_DEBUG"):
        Settings(debug=True, host="0.0.0.0")


def test_ipv6_loopback_has_brackets_in_links() -> None:
    """An address with colons would be read as host and port."""
    assert Settings(host="::1", port=8001).public_url == "http://[::1]:8001"
