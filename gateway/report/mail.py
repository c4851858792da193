"""A report by mail: encrypted for each recipient with the means that copies of messages have, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Protocol

from gateway.actions.notices import is_plausible
from gateway.core.errors import SetupError
from gateway.core.plan import Copy, Protection
from gateway.core.verdict import Method
from gateway.domains import domain_of
from gateway.encrypt import Protector
from gateway.report.document import Document


class Postbox(Protocol):
    """Hands a message to Postfix; see `gateway.postfix.submit.Submitter`."""

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Sequence[bytes]) -> str: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter: Postfix's queue id and the method that protects it."""

    recipient: str
    queue_id: str
    method: str
    keys: tuple[str, ...]


def letter(document: Document, name: str, octets: bytes, sender: str, recipient: str) -> bytes:
    """The message with the report attached, not encrypted yet: CRLF line ends. ValueError for an odd address."""
    if not all(map(is_plausible, (sender, recipient))):
        raise ValueError("an address that no mail can be sent to")
    message = EmailMessage(policy=SMTP.clone(max_line_length=200))
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = f"{document.title}: {document.period}"
    message["Date"] = document.made
    digest = sha256(f"{name}\n{recipient}\n{document.made.isoformat()}".encode()).hexdigest()[:24]
    message["Message-ID"] = f"<report.{digest}@{domain_of(sender) or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    source = document.source
    message.set_content(
        f"{document.title}\n{document.organization}\n{document.period}\n\nThe report is attached.\n\n"
        f"Made of events {source.first} to {source.last} of the audit log, SHA-256 {source.digest}.\n"
        f"Audit chain: {source.verified}.\n"
    )
    main, sub = ("application", "pdf") if name.endswith(".pdf") else ("application", "octet-stream")
    message.add_attachment(octets, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def method_for(protector: Protector, recipient: str) -> Method:
    """S/MIME where there is a certificate, else OpenPGP. Raises SetupError: a report never leaves in plain."""
    if protector.keys.certificate(recipient) is not None:
        return Method.SMIME
    if protector.keys.openpgp(recipient) is not None:
        return Method.PGP
    raise SetupError(
        f"{recipient}: no certificate or OpenPGP key is known, and a report never leaves in plain: "
        "take one in with `gatepost recipients import`"
    )


def send(octets: bytes, sender: str, recipient: str, protector: Protector, postbox: Postbox) -> Sent:
    """Encrypt a letter and hand it to Postfix. Raises SetupError, EncryptFailed, SubmitFailed, SubmitUncertain."""
    method = method_for(protector, recipient)
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    protected = protector.protect(octets, Copy((recipient,), protection=Protection(method)), nothing)
    queue_id = postbox.submit(sender, [recipient], [protected.octets()])
    return Sent(recipient, queue_id, method.value, protected.keys)


def made_name(document: Document, made: datetime, ending: str) -> str:
    """Of the file: letters, digits and - only."""
    period = "".join(sign if sign.isalnum() else "-" for sign in document.period.lower()).strip("-")
    return f"{document.kind}-{period}-{made:%Y%m%d}.{ending}"
