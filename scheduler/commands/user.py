"""``muster user``: who may log in. The commands act with every right, as whoever runs them can read the database anyway."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from scheduler.application import Application
from scheduler.commands.erasing import report, require_confirmation
from scheduler.commands.installation import DATABASE, settings_with, writable
from scheduler.commands.refusal import Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.credentials import check_password
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest
from scheduler.domain.ground.permissions import USER_ROLES, Role
from scheduler.domain.ground.users import User
from scheduler.queries.users import list_users
from scheduler.store.credentials import hash_password
from scheduler.usecases.erasure import erase_user
from scheduler.usecases.passwords import make_reset_link
from scheduler.usecases.tokens import create_token
from scheduler.usecases.users import change_user, create_user

if TYPE_CHECKING:
    from scheduler.store import Store, View

users = typer.Typer(
    name="user",
    help="Who may log in: add, list, disable, reset, token, erase.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
LOGIN = typer.Argument(..., metavar="LOGIN")


@users.command("add")
def add_user(
    *,
    login: str = LOGIN,
    role: str = typer.Option(..., "--role", help=f"One of {', '.join(USER_ROLES)}."),
    name: str | None = typer.Option(None, "--name", help="Default: the login."),
    person: str | None = typer.Option(None, "--person", metavar="ID", help="The person whose rows are the user's own: id or external id."),
    team: str | None = typer.Option(None, "--team", help="Limits a resource manager to this team."),
    client: str | None = typer.Option(None, "--client", metavar="ID", help="Whose viewer this is: id or external id."),
    project: list[str] = typer.Option([], "--project", metavar="ID", help="A project that the user manages; may be given several times."),
    password_stdin: bool = typer.Option(
        False, "--password-stdin", help="Read the password from standard input instead of printing a link."
    ),
    database: str | None = DATABASE,
) -> None:
    """Add a user, and print a link with which they set their password: good once, for 30 minutes."""
    with writable(settings_with(database_url=database)) as application:
        with application.store.read(LOCAL) as view:
            user = User(
                id=UserId(new_id()),
                login=login,
                name=name or login,
                role=_role(role),
                person_id=_id_of(view, "people", person),
                team=team,
                client_id=_id_of(view, "clients", client),
                project_ids=frozenset(_id_of(view, "projects", one) for one in project),
            )
        password = sys.stdin.readline().rstrip("\n") if password_stdin else None
        if password is not None:
            check_password(password, login=login)
        password_hash = None if password is None else hash_password(password)
        create_user(application.store, actor=LOCAL, user=user, now=datetime.now(UTC), password_hash=password_hash)
        print(f"added {user.login}, {user.role}")
        if password is None:
            _print_link(application, user)


@users.command("list")
def list_all(*, as_json: bool = typer.Option(False, "--json", help="Print the users as JSON."), database: str | None = DATABASE) -> None:
    """List the users."""
    application = Application(settings_with(database_url=database))
    try:
        found = _all(application.store)
    finally:
        application.stop()
    if as_json:
        print(json.dumps([_to_json(user) for user in found]))
        return
    for user in found:
        print(f"{user.login:<24} {user.role:<17} {'active' if user.is_active else 'disabled':<9} {user.name}")


@users.command("disable")
def disable_user(*, login: str = LOGIN, database: str | None = DATABASE) -> None:
    """Disable a user: their sessions, tokens and links end at once. The user stays, because of what they have done."""
    with writable(settings_with(database_url=database)) as application:
        user = _by_login(application.store, login)
        change_user(application.store, actor=LOCAL, user=replace(user, is_active=False), now=datetime.now(UTC))
        print(f"disabled {user.login}")


@users.command("reset")
def reset_user(
    *,
    login: str = LOGIN,
    keep_access: bool = typer.Option(
        False,
        "--keep-access",
        help="For somebody who has only forgotten their password: sessions last until the link is used, tokens and tied identities longer.",
    ),
    database: str | None = DATABASE,
) -> None:
    """
    End all that lets a user in, and print a link with which they set a new password: good once, for 30 minutes.

    The password, sessions, API tokens and tied identities are worth nothing from then on.
    """
    with writable(settings_with(database_url=database)) as application:
        user = _by_login(application.store, login)
        _print_link(application, user, keep_access=keep_access)
        if not keep_access:
            print("The old password, sessions, API tokens and tied identities are worth nothing any more.")


@users.command("erase")
def erase(
    *,
    login: str = LOGIN,
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be done; change nothing."),
    confirm: str | None = typer.Option(None, "--confirm", metavar="ID", help="The user's id once more, instead of being asked."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Put a pseudonym in the place of a user who is no person, in every version; access ends at once. It cannot be undone.

    For one who is a person: muster person erase. Exit codes: 0 erased, 2 refused.
    """
    with writable(settings_with(database_url=database)) as application:
        store = application.store
        user = _by_login(store, login)
        if not dry_run:
            require_confirmation(user.id, confirm)
        done = erase_user(store, actor=LOCAL, user_id=user.id, now=datetime.now(UTC), dry_run=dry_run)
        if not dry_run:
            store.scrub()
    print(json.dumps(asdict(done)) if as_json else "\n".join(report(done)))


@users.command("token")
def make_token(
    *,
    login: str = LOGIN,
    name: str = typer.Option("command line", "--name", help="What the token is for."),
    scope: list[str] = typer.Option([], "--scope", help="A right, such as people:read; default: all that the user has."),
    days: int = typer.Option(30, "--days", min=1, max=366, help="How long it is good."),
    database: str | None = DATABASE,
) -> None:
    """Make an API token that acts as a user, and print it: it is shown this once."""
    with writable(settings_with(database_url=database)) as application:
        user = _by_login(application.store, login)
        actor = user.actor(credential_id="command line")
        scopes = frozenset(scope) or actor.rights()
        _, secret = create_token(
            application.store,
            actor=actor,
            digest=application.digest,
            name=name,
            scopes=scopes,
            expires_in_days=days,
            now=datetime.now(UTC),
        )
        print(secret)


def _print_link(application: Application, user: User, *, keep_access: bool = True) -> None:
    secret, expires_at = make_reset_link(
        application.store, actor=LOCAL, digest=application.digest, user_id=user.id, now=datetime.now(UTC), keep_access=keep_access
    )
    print(f"{user.login} sets a password here, until {expires_at:%H:%M} UTC: {application.password_link(secret)}")


def _role(text: str) -> Role:
    if text not in USER_ROLES:
        raise Refused(f"{text} is no role; give one of {', '.join(USER_ROLES)}.")
    return Role(text)


def _id_of(view: View, area: str, given: str | None) -> Any:
    """The id that is meant by an id or an external id. Raises Refused."""
    if given is None:
        return None
    reader = view.area(area)
    found = reader.find(given) or reader.find_external(given)
    if found is None:
        raise Refused(f"nothing among the {area} has the id or external id {given!r}.")
    return found.id


def _by_login(store: Store, login: str) -> User:
    with store.read(LOCAL) as view:
        user_id = view.credentials.user_id_of(login)
        found = None if user_id is None else view.users.find(user_id)
    if found is None:
        raise Refused(f"there is no user {login!r}; muster user list shows all.")
    return found


def _all(store: Store) -> list[User]:
    found: list[User] = []
    cursor = None
    while True:
        page = list_users(store, actor=LOCAL, page=PageRequest(cursor=cursor, limit=LIMIT_MAX))
        found += page.items
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def _to_json(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "login": user.login,
        "name": user.name,
        "role": user.role.value,
        "person_id": user.person_id,
        "team": user.team,
        "client_id": user.client_id,
        "project_ids": sorted(user.project_ids),
        "is_active": user.is_active,
    }
