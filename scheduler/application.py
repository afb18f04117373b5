"""Puts the installation together: settings, store, job engine, and who may write."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.jobs import INVOICE_RUN, SOLVE_PLAN, SOLVE_PROBLEM, SWEEP
from scheduler.domain.ground.opaque import KeyedDigest
from scheduler.integrations.invoices.files import files_of
from scheduler.integrations.mail_sender import MailServer
from scheduler.jobs.draft_invoices import DraftInvoices
from scheduler.jobs.engine import SCHEMA, Engine
from scheduler.jobs.explain_plan import ExplainPlan
from scheduler.jobs.mail_outbox import MailOutbox
from scheduler.jobs.make_change_set import SolveForRebalance
from scheduler.jobs.outbox import Outbox
from scheduler.jobs.policy_clock import PolicyClock
from scheduler.jobs.refusal_recorder import RefusalRecorder
from scheduler.jobs.run_sweep import RunSweep
from scheduler.jobs.solve_plan import SolveCaps, SolvePlan
from scheduler.jobs.solve_problem import SolveProblem
from scheduler.jobs.solver_child import SOLVER_COMMAND, ChildLimits
from scheduler.jobs.worker import Worker
from scheduler.queries.authentication import has_users
from scheduler.store import SchemaState, Store
from scheduler.store.grants import grant
from scheduler.store.installation_key import installation_key
from scheduler.store.writer_lock import WriterLock
from scheduler.usecases.passwords import make_setup_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.config import Settings

_LOG = logging.getLogger("muster")


class Application:
    """
    One installation in this process.

    A server calls ``start`` and, at the end, ``stop``. A command that only reads needs neither; one that writes calls ``open_to_write``.
    On SQLite one process writes at a time: both refuse with ``database.in_use`` while another process does.
    """

    def __init__(self, settings: Settings, *, solver_command: Sequence[str] = SOLVER_COMMAND, solver_grace_s: float = 10.0) -> None:
        self.settings = settings
        self.store = Store(settings.database)
        self.engine = Engine(store=self.store, database_url=settings.database)
        self.store.wire(self.engine.enqueue, sends_mail=settings.smtp_host is not None)
        self._needs_worker = True
        child = ChildLimits(memory_mb=settings.solve_memory_mb, grace_s=solver_grace_s, command=solver_command)
        self.caps = SolveCaps(time_s=settings.solve_max_seconds, workers=settings.solve_max_workers, child=child)
        self.solve_plan = SolvePlan(store=self.store, caps=self.caps)
        self.explain_plan = ExplainPlan(store=self.store, caps=self.caps)
        solve_plan = SolveForRebalance(self.solve_plan, store=self.store)
        solve_problem, sweep = SolveProblem(store=self.store, caps=self.caps), RunSweep(store=self.store, caps=self.caps)
        self.engine.handle({SOLVE_PLAN: solve_plan, SOLVE_PROBLEM: solve_problem, SWEEP: sweep})
        self.engine.handle({INVOICE_RUN: DraftInvoices(store=self.store)})
        self.invoice_files = files_of
        self.refusals = RefusalRecorder(self.store)
        self.policy_clock = PolicyClock(self.store, blind=settings.cost_blind_plans)
        self._lock = WriterLock.beside(settings.database)
        self.outbox = Outbox(store=self.store, allow_private=settings.webhook_private)
        self.mails = MailOutbox(store=self.store, server=_mail_server(settings), base_url=settings.public_url)
        keep = timedelta(days=settings.job_retention_days)
        self.worker = Worker(store=self.store, engine=self.engine, is_alone=self._lock.is_needed, keep=keep)

    def start(self, *, worker: bool = True, serves: bool = True, clock: bool = True) -> None:
        """
        Get ready to serve and to do jobs: lock, schema, worker; with a ``clock`` rebalance policies run when they are due. Call it from a
        thread without a running event loop.

        A new SQLite database is migrated here; PostgreSQL wants ``muster migrate``, because other servers may be running on it.
        """
        self.open_to_write()
        try:
            if serves:
                self.require_users()
            for warning in (*self.store.warnings(), *(self._warnings() if serves else ())):
                _LOG.warning(warning)
            self._needs_worker = worker
            if worker:
                self.solve_plan.enqueue_forgotten()
                self.worker.start()
                self.outbox.start()
                self.mails.start()
                if clock:
                    self.policy_clock.start()
            else:
                self._require_worker_elsewhere()
        except BaseException:
            self._release()
            raise

    def open_to_write(self) -> None:
        """
        Take the right to write, and see that the schema is ours.

        Raises
        ------
        DomainError
            ``database.in_use``, ``schema.older`` (PostgreSQL), ``schema.newer``.
        """
        self._lock.acquire()
        try:
            if self._lock.is_needed:
                self.migrate()
            else:
                self._require_current_schema()
        except BaseException:
            self._lock.release()
            raise

    @cached_property
    def digest(self) -> KeyedDigest:
        """Makes what is kept of secrets. Raises DomainError ``secret.weak``."""
        return KeyedDigest(installation_key(self.settings))

    def require_users(self) -> None:
        """Raise DomainError ``server.no_users`` when other machines could reach a server that nobody can log in to."""
        if self.settings.is_public and not has_users(self.store):
            raise DomainError(
                ErrorKind.CONFLICT,
                "server.no_users",
                f"There are no users yet, so the server does not listen beyond this machine (on {self.settings.host}). Make an admin first:"
                " muster user add LOGIN --role admin",
            )

    def _require_worker_elsewhere(self) -> None:
        """Raise DomainError ``worker.needs_postgresql`` where no other process could do the jobs."""
        if self._lock.is_needed:
            detail = "On SQLite the server does the jobs itself, because one process writes; leave --no-worker out, or use PostgreSQL."
            raise DomainError(ErrorKind.CONFLICT, "worker.needs_postgresql", detail)

    def rehearse(self, *, first_link: bool = False) -> str | None:
        """
        Find out whether ``start`` would be refused, without starting; call ``stop`` afterwards.

        With ``first_link`` the answer is the one-time set-up link for the first admin, where there are no users.
        """
        self.open_to_write()
        try:
            self.require_users()
            if not self.settings.worker:
                self._require_worker_elsewhere()
            return self._setup_link() if first_link and not has_users(self.store) else None
        finally:
            self._release()

    def migrate(self) -> None:
        """Bring our tables and the job engine's up to date."""
        self.store.migrate()
        self.engine.migrate()

    def migrate_explicitly(self, *, grant_to: str | None = None) -> None:
        """
        ``muster migrate``: as ``migrate``, and never under a running server's feet on SQLite.

        ``grant_to``: a role that may then work with the tables, but not change the audit. Raises DomainError ``role.unusable``.
        """
        self._lock.acquire()
        try:
            self.migrate()
            if grant_to is not None:
                grant(self.store.engine, role=grant_to, schemas=(SCHEMA,))
        finally:
            self._lock.release()

    def is_ready(self) -> bool:
        """Whether requests can be served: database reachable, schema current, and this process's worker up where it has one."""
        try:
            return self.store.schema_state() is SchemaState.CURRENT and (self.engine.is_running or not self._needs_worker)
        except DomainError:
            return False

    def stop(self) -> None:
        """Stop the worker (running plans go back into the queue), let go of the database and of the right to write."""
        try:
            self.policy_clock.stop()
            self.outbox.stop()
            self.mails.stop()
            self.worker.stop()
            self.engine.close()
            self.refusals.close()
        finally:
            self._release()
            self.store.close()

    def password_link(self, secret: str) -> str:
        """Where a browser sets a password with a one-time secret; behind the #, so that it stands in no log."""
        return f"{self.settings.public_url}/password#{secret}"

    def _setup_link(self) -> str:
        return self.password_link(make_setup_link(self.store, digest=self.digest, now=datetime.now(UTC)))

    def _warnings(self) -> tuple[str, ...]:
        if self.settings.is_public and not self.settings.public_url.startswith("https://"):
            return (
                "Other machines can reach this server without encryption; put a TLS proxy before it and set MUSTER_BASE_URL=https://...",
            )
        return ()

    def _release(self) -> None:
        self._lock.release()

    def _require_current_schema(self) -> None:
        if self.store.schema_state() is SchemaState.OLDER:
            raise DomainError(
                ErrorKind.BUSY,
                "schema.older",
                'The database has no tables yet or older ones; run "muster migrate" first, then start again.',
            )
        if self.store.schema_state() is SchemaState.NEWER:
            raise DomainError(
                ErrorKind.BUSY,
                "schema.newer",
                "The database was migrated by a newer version of this program; install that version to use it.",
            )


def _mail_server(settings: Settings) -> MailServer | None:
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=None if settings.smtp_password is None else settings.smtp_password.get_secret_value(),
    )
