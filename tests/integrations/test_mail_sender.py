"""Giving mails to a real mail server, encrypted or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.mails import Letter, is_address
from scheduler.integrations.mail_sender import MailSent, MailServer, message_of, send_mail
from tests.mail_server import PASSWORD, USER, encrypting_mail_server, mail_server

if TYPE_CHECKING:
    from pathlib import Path

LETTER = Letter(subject="Muster: Größe", text="Says it — all.\n")


def sent(port: int, **changes: Any) -> MailSent:
    server = MailServer(**{"host": "127.0.0.1", "port": port, "security": "starttls", "sender": "muster@firm.example", **changes})
    return send_mail(message_of(LETTER, message_id="mail_1", to="ann@firm.example", server=server), server)


def test_a_mail_is_sent_encrypted_to_a_server_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a certificate that nobody vouches for, or a wrong password, nothing is sent; with the right ones all of it arrives."""
    certificate = tmp_path / "mail.pem"
    with encrypting_mail_server(certificate) as box:
        right = {"user": USER, "password": PASSWORD}
        assert sent(box.port, **right) == MailSent(is_taken=False, result="SSLCertVerificationError")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert not sent(box.port, **{**right, "password": "wrong"}).is_taken
        assert box.got == []
        assert sent(box.port, **right) == MailSent(is_taken=True, result="accepted")
        (one,) = box.got
        assert (one["Subject"], one.get_content().splitlines(), one["From"]) == (
            LETTER.subject,
            LETTER.text.splitlines(),
            "Muster <muster@firm.example>",
        )


def test_nothing_is_sent_in_the_clear_unless_that_is_wanted() -> None:
    """A server that offers no encryption gets nothing; where none is wanted it does."""
    with mail_server() as box:
        assert sent(box.port).result == "SMTPNotSupportedError"
        assert sent(box.port, security="tls").is_taken is False
        assert box.got == []
        assert sent(box.port, security="none").is_taken
    assert sent(box.port, security="none").result == "ConnectionRefusedError"


@pytest.mark.parametrize(
    "text", ["", "ann", "@firm.example", "ann@", "ann@x\r\nBcc: all@firm.example", "a b@x.y", "ann@x, bob@x", "änn@x.y"]
)
def test_no_mail_goes_to_what_is_no_address(text: str) -> None:
    """Nor to several, nor with another header in it."""
    assert not is_address(text)
    assert is_address("ann.o'neil+x@sub.firm.example")
