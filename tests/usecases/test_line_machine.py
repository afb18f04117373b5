"""Whatever people do with lines, in whatever order: nothing leaves the table of states, and no minute is lost."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from scheduler.domain.delivery.line_states import EDITABLE, STEPS, LineState
from scheduler.domain.delivery.lines import BEGINS_AT, LEADS_TO, LineStep
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import new_id
from scheduler.usecases.time_entries import change_time
from tests.approval_firm import NOW, actor, entry_of, log, make_entry, make_firm, step

if TYPE_CHECKING:
    from scheduler.domain.delivery.time_entries import TimeEntry
    from scheduler.store import Store

LEADS = {"leo": "alpha", "lea": "beta"}
WORKERS = ("ann", "leo")


class LineMachine(RuleBasedStateMachine):
    """Ann and Leo log on Alpha and Beta; everybody tries everything, with any lines at once, and the admin corrects what may be."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.logged: dict[str, TimeEntry] = {}
        self.states: dict[str, LineState] = {}
        self.approved_by: dict[str, str] = {}
        self.prefix = new_id()[:8]

    @rule(person=st.sampled_from(WORKERS), project=st.sampled_from(("alpha", "beta")), minutes=st.integers(1, 600))
    def work(self, person: str, project: str, minutes: int) -> None:
        entry = make_entry(f"{self.prefix}-{len(self.logged)}", person=person, project=project, day=len(self.logged) % 5, minutes=minutes)
        log(self.store, entry)
        self.logged[entry.id] = entry
        self.states[entry.id] = LineState.DRAFT

    @precondition(lambda self: self.logged)
    @rule(who=st.sampled_from((*WORKERS, "lea", "fin")), what=st.sampled_from(LineStep), data=st.data())
    def act(self, who: str, what: LineStep, data: Any) -> None:
        ready = sorted(name for name in self.logged if self._may(who, what, name))
        among = ready if ready and data.draw(st.booleans()) else sorted(self.logged)
        names = data.draw(st.lists(st.sampled_from(among), min_size=1, max_size=3, unique=True))
        try:
            step(self.store, who, what, *names, reason="Because")
        except DomainError:
            assert not all(self._may(who, what, name) for name in names)
            return
        assert all(self._may(who, what, name) for name in names)
        self.states.update(dict.fromkeys(names, LEADS_TO[what]))
        if what is LineStep.APPROVE:
            self.approved_by.update(dict.fromkeys(names, who))

    @precondition(lambda self: self.logged)
    @rule(minutes=st.integers(1, 600), data=st.data())
    def correct(self, minutes: int, data: Any) -> None:
        name = data.draw(st.sampled_from(sorted(self.logged)))
        before = entry_of(self.store, name)
        given = {"minutes": minutes}
        try:
            change_time(self.store, actor=actor("root"), entry_id=name, version=before.version, given=given, now=NOW)
        except DomainError as error:
            assert error.code == "entry.locked"
            assert self.states[name] not in EDITABLE
            return
        assert self.states[name] in EDITABLE
        self.logged[name] = replace(self.logged[name], minutes=minutes)

    def _may(self, who: str, what: LineStep, name: str) -> bool:
        entry = self.logged[name]
        if self.states[name] not in BEGINS_AT[what]:
            return False
        if what in (LineStep.SUBMIT, LineStep.RECALL):
            return who == entry.person_id
        if who == entry.person_id:
            return False
        if what is LineStep.UNAPPROVE:
            return who == "fin" or self.approved_by[name] == who
        return LEADS.get(who) == entry.project_id

    @invariant()
    def everything_is_as_it_should(self) -> None:
        with self.store.read(LOCAL) as view:
            found: dict[str, TimeEntry] = {entry.id: entry for entry in view.area("time_entries").many(self.logged)}
        assert {name: entry.state for name, entry in found.items()} == self.states
        assert {name: entry.minutes for name, entry in found.items()} == {name: entry.minutes for name, entry in self.logged.items()}

    def teardown(self) -> None:
        with self.store.read(LOCAL) as view:
            for name in self.logged:
                states = [one.value.state for one in view.area("time_entries").history(name)]
                assert all(after == before or after in STEPS[before] for before, after in itertools.pairwise(states))


def test_lines_never_leave_their_table_and_minutes_are_conserved(store: Store) -> None:
    """Hypothesis plays the firm; what is refused changes nothing, and every recorded version is at most one step from the one before."""
    make_firm(store)
    few = settings(max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(type("LineMachineOfThisStore", (LineMachine,), {"store": store}), settings=few)
