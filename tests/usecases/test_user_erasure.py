"""Erasing a user who is no person, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.audit import Unreadable
from scheduler.domain.ground.credentials import Identity
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.opaque import KeyedDigest
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.ground.permissions import Role
from scheduler.queries.audit import list_audit, verify_audit
from scheduler.store.tables import METADATA
from scheduler.usecases.erasure import erase_user
from scheduler.usecases.tokens import create_token
from scheduler.usecases.users import change_user, create_user
from tests import factories as make
from tests.logins import make_user
from tests.stored_plans import PLANNED_AT as NOW

if TYPE_CHECKING:
    from scheduler.domain.ground.users import User
    from scheduler.store import Store

SAYS_WHO = ("quint.annabella", "Annabella Quint", "Annabella Prior", "HR-4711", "sub-4711", "laptop-4711")
DIGEST = KeyedDigest("k" * 32)


def everything(store: Store) -> str:
    with store.engine.connect() as connection:
        return "\n".join(str(row) for table in METADATA.sorted_tables for row in connection.execute(select(table)))


@pytest.fixture
def user(store: Store) -> User:
    """Somebody with a past: another name, a password, an identity, a token and a change of their own."""
    login, name, former, staff_id, subject, token = SAYS_WHO
    made = create_user(store, actor=LOCAL, user=make_user(login, name=former, external_id=staff_id), now=NOW, password_hash="hash")
    with store.begin(LOCAL, now=NOW) as tx:
        tx.credentials.tie(Identity(issuer="https://idp", subject=subject), made.id, now=NOW)
    actor = made.actor(credential_id="test")
    create_token(store, actor=actor, digest=DIGEST, name=token, scopes=actor.rights(), expires_in_days=9, now=NOW)
    with store.begin(actor, now=NOW) as tx:
        tx.skills.add(make.make_skill())
    return change_user(store, actor=LOCAL, user=replace(made, name=name), now=NOW + timedelta(minutes=1))


def test_nothing_says_who_it_was(store: Store, user: User) -> None:
    """Names, login, external id, identity and token are gone from every table and version; what they did stays; the chain holds."""
    create_user(store, actor=LOCAL, user=make_user("other"), now=NOW)
    assert all(word in everything(store) for word in SAYS_WHO), "the former name in a version"
    at = NOW + timedelta(hours=1)
    before = everything(store)
    tried = erase_user(store, actor=LOCAL, user_id=user.id, now=at, dry_run=True)
    assert everything(store) == before
    done = erase_user(store, actor=LOCAL, user_id=user.id, now=at)
    assert replace(tried, dry_run=False) == done
    assert [word for word in SAYS_WHO if word.casefold() in everything(store).casefold()] == []
    with store.read(LOCAL) as view:
        left = view.users.get(user.id)
        assert (left.login, left.name, left.is_active) == (user.id, done.pseudonym, False)
        assert view.credentials.tokens_of(user.id) == ()
        assert len(view.users.history(user.id)) == 3
    entries = list_audit(store, actor=LOCAL, page=PageRequest(filters={"row_id": user.id}, sort="id", limit=50)).items
    told = [(entry.kind, entry.unreadable) for entry in entries if entry.area == "users"]
    assert told == [("created", Unreadable.ERASED), ("changed", Unreadable.ERASED), ("erased", None)]
    assert [entry.area for entry in list_audit(store, actor=LOCAL, page=PageRequest(filters={"actor_id": user.id}, limit=50)).items]
    assert verify_audit(store, actor=LOCAL).holds


def test_who_cannot_be_erased_as_a_user(store: Store, user: User) -> None:
    """The last admin; one who is a person; one who never was. Nothing is changed."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.calendars.add(make.make_calendar())
        tx.people.add(make.make_person())
    person = create_user(store, actor=LOCAL, user=make_user("ann", role=Role.MEMBER, person_id=PersonId("ann")), now=NOW)
    before = everything(store)
    for user_id, code in ((user.id, "user.last_admin"), (person.id, "user.is_person"), ("nobody", "record.not_found")):
        with pytest.raises(DomainError) as refused:
            erase_user(store, actor=LOCAL, user_id=user_id, now=NOW)
        assert refused.value.code == code
    assert everything(store) == before
