"""Sends one mail through a mail server (SMTP, RFC 5321; STARTTLS, RFC 3207), by the standard library alone."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from scheduler.domain.ground.mails import Letter

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are given to, and who they come from."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    user: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSent:
    """What the mail server said, or what kept us from asking."""

    is_taken: bool
    result: str
    is_final: bool = False
    """It will never be taken: there is no such receiver."""


def message_of(letter: Letter, *, message_id: str, to: str, server: MailServer) -> EmailMessage:
    """The whole message. Its Message-ID is the same in every attempt, so that whoever gets it twice can tell."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject
    message["From"] = Address("Muster", addr_spec=server.sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = localtime()
    message["Message-ID"] = f"<{message_id}@{server.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def send_mail(message: EmailMessage, server: MailServer) -> MailSent:
    """Give a message to the server. Never in the clear where encryption is asked for, and never to a server whose certificate is not right."""
    context = ssl.create_default_context()
    try:
        with _connected(server, context) as connection:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user is not None:
                connection.login(server.user, server.password or "")
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return MailSent(is_taken=False, result=f"SMTP {code}", is_final=500 <= code < 600)
    except smtplib.SMTPResponseException as error:
        return MailSent(is_taken=False, result=f"{type(error).__name__} {error.smtp_code}")
    except (OSError, smtplib.SMTPException) as error:
        return MailSent(is_taken=False, result=type(error).__name__)
    return MailSent(is_taken=True, result="accepted")


def _connected(server: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
