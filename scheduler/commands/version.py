"""``muster version``."""

from __future__ import annotations

from importlib.metadata import version as installed_version


def version() -> None:
    """Print the version."""
    print(f"muster {installed_version('muster')}")
