"""Sends mails."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.ground.mails import is_address, letter_of
from scheduler.integrations.mail_sender import MailSent, message_of, send_mail
from scheduler.jobs.job_rows import WORKER
from scheduler.jobs.sending import SendingThread
from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.mails import Mail
    from scheduler.integrations.mail_sender import MailServer
    from scheduler.store import Store
    from scheduler.store.mails import TakenMail

_LOG = logging.getLogger("muster.mails")


class MailOutbox(SendingThread):
    """Mails of one installation; ``base_url``: what links begin with."""

    name = "muster-mails"

    def __init__(self, *, store: Store, server: MailServer | None, base_url: str) -> None:
        super().__init__()
        self._store = store
        self._server = server
        self._base_url = base_url

    def start(self) -> None:
        """Begin to send, where there is a mail server."""
        if self._server is not None:
            super().start()

    def send_next(self) -> bool:
        """Send the mail that is due first; whether there was one."""
        taken = _take(self._store)
        if taken is None or self._server is None:
            return False
        sent = self._sent(taken, self._server)
        _record(self._store, taken.mail, sent)
        _LOG.info("mail message=%s attempt=%s result=%s", taken.mail.id, taken.mail.attempts, sent.result)
        return True

    def _sent(self, taken: TakenMail, server: MailServer) -> MailSent:
        if not taken.is_allowed:
            return MailSent(is_taken=False, result="mail.not_allowed", is_final=True)
        if taken.address is None or not is_address(taken.address):
            return MailSent(is_taken=False, result="mail.no_address", is_final=True)
        mail = taken.mail
        letter = letter_of(mail.event_type, mail.payload["data"], policy=taken.policy, base_url=self._base_url)
        return send_mail(message_of(letter, message_id=mail.id, to=taken.address, server=server), server)


@retried
def _take(store: Store) -> TakenMail | None:
    now = datetime.now(UTC)
    with store.read(WORKER) as view:
        if not view.mails.is_due(now):
            return None
    with store.begin(WORKER, now=now) as tx:
        return tx.mails.take_due(now=now)


@retried
def _record(store: Store, mail: Mail, sent: MailSent) -> None:
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        if sent.is_taken:
            tx.mails.sent(mail, now=now)
        else:
            tx.mails.not_sent(mail, result=sent.result, is_final=sent.is_final, now=now)
