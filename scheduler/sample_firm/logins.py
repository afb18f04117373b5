"""Demo users: one for each role, with passwords made up on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.opaque import new_secret
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User
from scheduler.store.credentials import hash_password
from scheduler.usecases.users import create_user

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.store import Store, View

PASSWORD_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    """A demo user and the password, which nobody else ever learns."""

    user: User
    password: str


def make_demo_users(store: Store, *, now: datetime) -> tuple[DemoLogin, ...]:
    """One user for each role, tied to a person, projects or a client of the firm in the database."""
    with store.read(LOCAL) as view:
        users = _users(view)
    made = []
    for user in users:
        password = new_secret()[:PASSWORD_LENGTH]
        create_user(store, actor=LOCAL, user=user, now=now, password_hash=hash_password(password))
        made.append(DemoLogin(user=user, password=password))
    return tuple(made)


def _users(view: View) -> list[User]:
    booked = view.bookings.all()[0]
    projects = view.projects.all()
    managed = frozenset(project.id for project in projects if project.id == booked.project_id)
    client_id = next((project.client_id for project in projects if project.client_id is not None), None)
    return [
        User(id=UserId(new_id()), login="admin", name="Demo admin", role=Role.ADMIN),
        User(id=UserId(new_id()), login="planner", name="Demo resource manager", role=Role.RESOURCE_MANAGER),
        User(id=UserId(new_id()), login="lead", name="Demo project manager", role=Role.PROJECT_MANAGER, project_ids=managed),
        User(id=UserId(new_id()), login="finance", name="Demo finance", role=Role.FINANCE),
        User(
            id=UserId(new_id()),
            login="member",
            name=view.people.get(booked.person_id).name,
            role=Role.MEMBER,
            person_id=booked.person_id,
        ),
        User(id=UserId(new_id()), login="client", name="Demo client viewer", role=Role.CLIENT_VIEWER, client_id=client_id),
    ]
