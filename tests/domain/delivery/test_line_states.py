"""What is handed in line by line goes only steps that are in the table."""

from __future__ import annotations

import itertools

import pytest

from scheduler.domain.delivery.line_states import STEPS, LineState, check_step
from scheduler.domain.ground.errors import DomainError


@pytest.mark.parametrize(("before", "after"), list(itertools.product(LineState, LineState)))
def test_a_line_goes_only_steps_of_the_table(before: LineState, after: LineState) -> None:
    """Every other step is refused with what is allowed."""
    if after in STEPS[before]:
        check_step(before, after)
        return
    with pytest.raises(DomainError) as refused:
        check_step(before, after)
    assert refused.value.code == "line.illegal_step"
    assert refused.value.facts["allowed"] == sorted(STEPS[before])


def test_nothing_comes_to_approval_unsubmitted() -> None:
    """Only what was submitted can be approved or rejected, and what is approved is not its person's to change."""
    assert {before for before, following in STEPS.items() if LineState.APPROVED in following} == {LineState.SUBMITTED}
    assert {before for before, following in STEPS.items() if LineState.REJECTED in following} == {LineState.SUBMITTED}
    assert LineState.DRAFT not in STEPS[LineState.APPROVED]
