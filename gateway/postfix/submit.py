"""Hands a message to Postfix on the loopback listener that has no milter: extra copies, releases, notices."""

import re
import smtplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from gateway.core.errors import GatepostError, TransactionError
from gateway.core.wishes import NONE, Wishes

QUEUED_AS = re.compile(rb"queued as ([0-9A-Za-z]+)")
LINE_START_DOT = re.compile(rb"(?m)^\.")


class SubmitFailed(TransactionError):
    """Postfix did not take the message, or not for every recipient. Nobody has received anything."""


class SubmitUncertain(GatepostError):
    """The connection was lost after the last dot: Postfix may have the message or not (RFC 1047).

    No TransactionError: a release must not take it for "not sent". For a message under way there is nothing better than
    a 451, with a second copy at the worst.
    """


class Submitter:
    """One SMTP dialogue for each message (RFC 5321). Safe for many threads."""

    def __init__(self, host: str, port: int, helo: str, timeout: float, lane_header: str = "X-Gatepost-Lane") -> None:
        """`host` and `port` of the listener, seconds to wait for each of its replies.

        `lane_header` tells Postfix by which TLS lane a message must go. Only we set it on that listener: what a message
        brings along is taken out.
        """
        self._host = host
        self._port = port
        self._helo = helo
        self._timeout = timeout
        self._lane_header = lane_header

    def largest(self) -> int:
        """Bytes of the largest message that Postfix takes (RFC 1870); 0 for no limit. Raises SubmitFailed."""
        with self._connected() as smtp:
            smtp.ehlo()
            most = smtp.esmtp_features.get("size", "")
            return int(most) if most.isdecimal() else 0

    def submit(
        self,
        mail_from: str,
        recipients: Sequence[str],
        chunks: Iterable[bytes],
        *,
        lane: str = "",
        token: str = "",
        wishes: Wishes = NONE,
    ) -> str:
        """Postfix has the message for all recipients on return; its queue id. Raises SubmitFailed, SubmitUncertain.

        `chunks` is a complete message with CRLF line ends. All recipients are taken or none: one that is refused
        ends the dialogue before DATA. `token`, letters and digits, marks the message in Postfix's log.
        `wishes` go along where the listener takes them.
        """
        with self._connected() as smtp:
            octets = with_lane(b"".join(chunks), self._lane_header, lane)
            return self._dialogue(smtp, mail_from, recipients, octets, token, wishes)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = smtplib.SMTP(self._host, self._port, local_hostname=self._helo, timeout=self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise SubmitFailed(f"Postfix on the loopback listener {self._host}:{self._port} was not reached") from error
        try:
            yield smtp
        except smtplib.SMTPResponseException as error:
            raise SubmitFailed(f"Postfix on the loopback listener answered {error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise SubmitFailed("the connection to Postfix's loopback listener was lost") from error
        finally:
            with suppress(OSError, smtplib.SMTPException):  # what comes after the reply to the message changes nothing
                smtp.quit()
            smtp.close()

    def _dialogue(
        self,
        smtp: smtplib.SMTP,
        mail_from: str,
        recipients: Sequence[str],
        octets: bytes,
        token: str,
        wishes: Wishes,
    ) -> str:
        smtp.ehlo()
        wishes = wishes if smtp.has_extn("dsn") else NONE
        if token and smtp.has_extn("xforward"):
            # Postfix logs it beside the queue id: its log tells later what a lost reply would have said
            _expect(smtp.docmd("XFORWARD", f"IDENT={token}"), 250)
        options = " BODY=8BITMIME" if smtp.has_extn("8bitmime") and not octets.isascii() else ""
        if not all(address.isascii() for address in (mail_from, *recipients)):
            # a Postfix without SMTPUTF8 takes the same octets without the word, as it took them from the client
            options += " SMTPUTF8" if smtp.has_extn("smtputf8") else ""
            smtp.command_encoding = "utf-8"
        _expect(smtp.docmd("MAIL", " ".join((f"FROM:{_path(mail_from)}{options}", *wishes.of_mail))), 250)
        for recipient in recipients:
            wished = wishes.of_recipients.get(recipient, ())
            _expect(smtp.docmd("RCPT", " ".join((f"TO:{_path(recipient)}", *wished))), 250, 251)
        _expect(smtp.docmd("DATA"), 354)
        smtp.send(_stuffed(octets))
        reply = _after_the_last_dot(smtp)
        _expect(reply, 250)
        queued = QUEUED_AS.search(reply[1])
        return queued[1].decode("ascii") if queued else ""


def with_lane(octets: bytes, name: str, lane: str) -> bytes:
    """The message with that header field and no other of its name, where there is a lane; without one else."""
    field = re.compile(rb"(?im)^" + re.escape(name.encode()) + rb"[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
    head, blank, body = octets.partition(b"\r\n\r\n")
    if octets.startswith(b"\r\n"):
        head, blank, body = b"", b"\r\n", octets[2:]
    else:
        head, blank = head + blank[:2], blank[2:]
    own = f"{name}: {lane}\r\n".encode() if lane else b""
    return b"".join((own, field.sub(b"", head), blank, body))


def _path(address: str) -> str:
    """In angle brackets, to the letter: whoever rewrites addresses here delivers to somebody else."""
    if any(character in address for character in "<>\r\n\0"):
        raise SubmitFailed("an address has characters that no path may have")
    return f"<{address}>"


def _stuffed(octets: bytes) -> bytes:
    """With dots doubled at line starts (RFC 5321 section 4.5.2), and a line end at the end."""
    stuffed = LINE_START_DOT.sub(b"..", octets)
    return stuffed if stuffed.endswith(b"\r\n") or not stuffed else stuffed + b"\r\n"


def _after_the_last_dot(smtp: smtplib.SMTP) -> tuple[int, bytes]:
    try:
        smtp.send(b".\r\n")
        return smtp.getreply()
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise SubmitUncertain("Postfix did not say whether it took the message") from error


def _expect(reply: tuple[int, bytes], *codes: int) -> None:
    if reply[0] not in codes:
        raise smtplib.SMTPResponseException(*reply)
