"""The same key does the same thing once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL, Actor
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.idempotency import IdempotencyClaim, Replayed, StoredResponse
from scheduler.domain.ground.ids import ActorId, ClientId, new_id
from scheduler.domain.ground.permissions import COST_AGGREGATE, Role
from scheduler.domain.staffing.work import Client
from scheduler.usecases.records import create_record
from tests import factories as make

if TYPE_CHECKING:
    from scheduler.store import Store

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
PARALLEL = 20


def respond(client: Client) -> StoredResponse:
    return StoredResponse(status=201, headers={"Location": f"/v1/clients/{client.id}"}, body=json.dumps({"id": client.id}).encode())


def claim(**changes: Any) -> IdempotencyClaim:
    return IdempotencyClaim(**{"key": "k1", "route": "POST /v1/clients", "body_sha256": "ab" * 32, "respond": respond, **changes})


def create(store: Store, name: str = "Acme", *, actor: Actor = LOCAL, now: datetime = NOW, **changes: Any) -> StoredResponse:
    """What a caller gets: the answer of a creation, or its replay."""
    try:
        return respond(
            create_record(store, actor=actor, value=Client(id=ClientId(new_id()), name=name), now=now, idempotency=claim(**changes))
        )
    except Replayed as replayed:
        return replayed.response


def clients(store: Store) -> int:
    with store.read(LOCAL) as view:
        return len(view.clients.all())


def test_h38_the_same_key_replays_the_first_answer(store: Store) -> None:
    """The second request does nothing and gets the first one's status, headers and body."""
    first = create(store)
    with pytest.raises(Replayed) as replayed:
        create_record(store, actor=LOCAL, value=make.make_client(), now=NOW, idempotency=claim())
    assert replayed.value.response == first
    assert clients(store) == 1


MANAGER = Actor(id=ActorId("ada"), name="Ada", role=Role.RESOURCE_MANAGER, credential_id="a session")


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (replace(MANAGER, role=Role.ADMIN), MANAGER),
        (replace(MANAGER, extra=frozenset({COST_AGGREGATE})), MANAGER),
        (MANAGER, replace(MANAGER, team="North")),
        (MANAGER, replace(MANAGER, role=Role.FINANCE)),
        (
            replace(MANAGER, scopes=frozenset({"clients:create", "cost:read"}), role=Role.ADMIN),
            replace(MANAGER, scopes=frozenset({"clients:create", "cost:read"})),
        ),
    ],
    ids=["role", "extra", "team", "another role", "what a token's scopes still give"],
)
def test_an_answer_is_given_again_under_the_same_rights_only(store: Store, then: Actor, now: Actor) -> None:
    """A kept answer shows what its owner could see; nothing is done a second time either."""
    first = create(store, actor=then)
    with pytest.raises(DomainError) as caught:
        create(store, actor=now)
    assert (caught.value.kind, caught.value.code) == (ErrorKind.CONFLICT, "idempotency.rights_changed")
    assert create(store, actor=replace(then, credential_id=then.credential_id, name="Ada B.")) == first
    assert clients(store) == 1


@pytest.mark.parametrize("changes", [{"body_sha256": "cd" * 32}, {"route": "POST /v1/skills"}])
def test_h39_the_same_key_for_something_else_is_refused(store: Store, changes: dict[str, Any]) -> None:
    """Another body or route under a used key is a mistake of the caller's."""
    create(store)
    with pytest.raises(DomainError) as caught:
        create(store, "Other", **changes)
    assert (caught.value.kind, caught.value.code) == (ErrorKind.INVALID, "idempotency.mismatch")
    assert clients(store) == 1


def test_h40_twenty_at_once_do_it_once(store: Store) -> None:
    """One executes; the others wait for it and get its answer."""
    gate = threading.Barrier(PARALLEL)

    def request(_number: int) -> StoredResponse:
        gate.wait()
        return create(store)

    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(request, range(PARALLEL)))
    assert clients(store) == 1
    assert all(answer == answers[0] for answer in answers)


def test_a_refusal_is_not_kept(store: Store) -> None:
    """Whoever repairs what was wrong may use the key again."""
    with store.begin(LOCAL, now=NOW) as tx:
        taken = tx.clients.add(make.make_client("acme"))
    with pytest.raises(DomainError, match=r"name\.taken"):
        create(store)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.clients.delete(taken.id, 1)
    assert create(store).status == 201


def test_keys_live_for_a_day(store: Store) -> None:
    """After 24 hours a key is a new key; until then it is not."""
    first = create(store)
    assert create(store, "B", now=NOW + timedelta(hours=23, minutes=59)) == first
    assert create(store, "B", now=NOW + timedelta(hours=24)) != first
    with store.begin(LOCAL, now=NOW + timedelta(hours=49)) as tx:
        assert tx.idempotency.forget_expired(now=tx.now) == 1


def test_keys_belong_to_their_actor(store: Store) -> None:
    """Two people may choose the same key."""
    create(store)
    create(store, "Other", actor=Actor(id=ActorId("somebody"), name="Somebody", role=Role.ADMIN))
    assert clients(store) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "a\x00b"])
def test_keys_have_a_form(store: Store, key: str) -> None:
    """1 to 255 printable characters."""
    with pytest.raises(DomainError, match=r"idempotency\.key_invalid"):
        create(store, key=key)


def test_a_use_case_that_forgets_to_answer_is_a_fault_of_the_program(store: Store) -> None:
    """Nothing is committed without the answer that belongs to it."""
    with pytest.raises(RuntimeError, match="gave no answer"), store.begin(LOCAL, now=NOW, idempotency=claim()) as tx:
        tx.clients.add(make.make_client())
    assert clients(store) == 0
