"""The order in which a run takes its tests."""

from __future__ import annotations

import pytest

from tests.order import spread


@pytest.mark.parametrize(
    ("items", "workers", "ordered"),
    [
        pytest.param("abcdefgHI", 3, "HabIcdefg", id="first in as many shares"),
        pytest.param("aHbIcK", 2, "HKaIbc", id="more than workers"),
        pytest.param("abcH", 1, "Habc", id="one worker"),
        pytest.param("Ha", 4, "Ha", id="fewer than workers"),
        pytest.param("", 4, "", id="none"),
    ],
)
def test_long_tests_come_first_in_every_workers_share(items: str, workers: int, ordered: str) -> None:
    """Shares are equal and nothing else changes places."""
    assert "".join(spread(items, is_long=str.isupper, workers=workers)) == ordered
