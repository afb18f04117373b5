"""What billing refuses: faults with their fields and codes, in words that are sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Callable

_SENTENCE = re.compile(r"(?!XX)['\-A-Z0-9].*[a-z].*\.(?<!XX\.)", re.DOTALL)
_OF_WHAT = re.compile(r"The [a-z][a-z ]* (is|are) not valid: .*", re.DOTALL)


def refused(act: Callable[..., Any], *args: Any, **given: Any) -> DomainError:
    """The error, whose words say something."""
    with pytest.raises(DomainError) as found:
        act(*args, **given)
    error = found.value
    assert _OF_WHAT.fullmatch(error.detail) or _SENTENCE.fullmatch(error.detail), error.detail
    for fault in error.faults:
        assert _SENTENCE.fullmatch(fault.message), fault.message
    return error


def faults(make: Callable[..., Any], **given: Any) -> list[tuple[str, str]]:
    """Pointers and codes of a value that is not valid, in their order."""
    error = refused(make, **given)
    assert (error.kind, error.code) == (ErrorKind.INVALID, "input.invalid")
    assert _OF_WHAT.fullmatch(error.detail), error.detail
    return [(fault.pointer, fault.code) for fault in error.faults]
