"""What billing refuses: where, against which rule, and in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

_SENTENCE = re.compile(r"(?!.* is not valid: |XX).*[a-z].*\.|The [a-z -]+ is not valid: .*", re.DOTALL)
"""The first letter is a capital one, if it is a letter; what is not valid is called by its name."""


def refused(act: Callable[..., object], *args: Any, **kwargs: Any) -> DomainError:
    """The error, which says in whole sentences what is wrong."""
    with pytest.raises(DomainError) as caught:
        act(*args, **kwargs)
    for text in (caught.value.detail, *(fault.message for fault in caught.value.faults)):
        assert _SENTENCE.fullmatch(text), text
        assert not text[0].islower(), text
    return caught.value


def faults(act: Callable[..., object], *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
    """Where an input is wrong, and against which rule."""
    error = refused(act, *args, **kwargs)
    assert (error.kind.value, error.code) == ("invalid", "input.invalid")
    return [(fault.pointer, fault.code) for fault in error.faults]
