"""What it costs to try a password."""

from __future__ import annotations

from argon2 import extract_parameters
from argon2.low_level import Type
from argon2.profiles import RFC_9106_LOW_MEMORY

from scheduler.store.credentials import fits, hash_password


def test_a_password_costs_what_the_standard_recommends() -> None:
    """Argon2id with the time, memory and lanes of RFC 9106's second recommendation, and it fits nothing else."""
    kept = hash_password("correct horse battery")
    found = extract_parameters(kept)
    wanted = RFC_9106_LOW_MEMORY
    assert found.type is Type.ID
    assert (found.time_cost, found.memory_cost, found.parallelism) == (wanted.time_cost, wanted.memory_cost, wanted.parallelism)
    assert [fits("correct horse battery", kept), fits("correct horse", kept), fits("correct horse battery", None)] == [True, False, False]
