"""The sending side: one SMTP transaction, every reply kept, none of them an exception."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.plan import Reply


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What Postfix said. `data` is None where no recipient was taken."""

    mail: Reply
    recipients: tuple[Reply, ...] = ()
    data: Reply | None = None

    @property
    def final(self) -> Reply:
        """The reply that decided: to the message, else to the last recipient, else to MAIL."""
        return self.data or (self.recipients[-1] if self.recipients else self.mail)


def converse(client: smtplib.SMTP, mail_from: str, recipients: Sequence[str], raw: bytes) -> Dialogue:
    """MAIL, every RCPT, DATA. Of `raw` only dots are stuffed; a CRLF is added where the last one is missing."""
    wide = not "".join([mail_from, *recipients]).isascii()
    mail = _reply(client.mail(mail_from, ["BODY=8BITMIME", *(["SMTPUTF8"] if wide else [])]))
    if mail.code != 250:
        return Dialogue(mail)
    answers = tuple(_reply(client.rcpt(address)) for address in recipients)
    if not any(answer.code in {250, 251} for answer in answers):
        client.rset()
        return Dialogue(mail, answers)
    try:
        return Dialogue(mail, answers, _reply(client.data(raw)))
    except smtplib.SMTPDataError as refusal:  # DATA itself was refused
        return Dialogue(mail, answers, _reply((refusal.smtp_code, _octets(refusal.smtp_error))))


def _reply(answer: tuple[int, bytes]) -> Reply:
    code, text = answer[0], answer[1].decode("utf-8", "replace")
    first, _, rest = text.partition(" ")
    return Reply(code, first, rest) if first[:2] in {"2.", "4.", "5."} else Reply(code, "", text)


def _octets(error: str | bytes) -> bytes:
    return error.encode() if isinstance(error, str) else error
