"""A delivery status notification for recipients who were refused while others were not (RFC 3462, RFC 3464).

Without a third part: nothing of the message goes back.
"""

from collections.abc import Sequence
from email.utils import format_datetime

from gateway.actions.notices import Notices, Story, filled, head_lines
from gateway.actions.replies import ReplyKey, plain_id, reply
from gateway.core.envelope import Recipient, Transaction
from gateway.domains import domain_of

TEMPLATE = "refused-for-some"


def compose_report(notices: Notices, story: Story, transaction: Transaction, recipients: Sequence[Recipient]) -> bytes:
    """The report about `recipients` to the envelope sender, a whole message with CRLF line ends."""
    subject, text = filled(notices, TEMPLATE, story, transaction)
    addressee = transaction.envelope.mail_from
    boundary = f"=_report_{plain_id(transaction.incident)}"
    lines = [
        *head_lines(notices, transaction, addressee, subject, TEMPLATE),
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="{boundary}"',
        f"Content-Transfer-Encoding: {'7bit' if text.isascii() else '8bit'}",
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {'7bit' if text.isascii() else '8bit'}",
        "",
        *text.splitlines(),
        "",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        *_status(notices, transaction, recipients),
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "replace")


def wants_report(recipient: Recipient) -> bool:
    """RFC 3461 section 4.1: NOTIFY that does not name FAILURE means that the sender does not want to be told."""
    words = _parameter(recipient.parameters, "NOTIFY")
    return words is None or "FAILURE" in words.upper().split(",")


def _status(notices: Notices, transaction: Transaction, recipients: Sequence[Recipient]) -> list[str]:
    refused = reply(ReplyKey.BLOCKED, transaction.incident)
    lines = [f"Reporting-MTA: dns; {domain_of(notices.sender) or 'localhost'}"]
    envelope_id = _parameter(transaction.envelope.mail_from_parameters, "ENVID")
    if envelope_id:
        lines.append(f"Original-Envelope-Id: {_ascii(envelope_id)}")
    lines += [f"Arrival-Date: {format_datetime(transaction.received)}", ""]
    for recipient in recipients:
        original = _parameter(recipient.parameters, "ORCPT")
        if original and ";" in original:
            kind, _, address = original.partition(";")
            lines.append(f"Original-Recipient: {_ascii(kind)}; {_ascii(address)}")
        address_type = "rfc822" if recipient.address.isascii() else "utf-8"
        lines += [
            f"Final-Recipient: {address_type}; {_ascii(recipient.address)}",
            "Action: failed",
            f"Status: {refused.enhanced}",
            f"Diagnostic-Code: smtp; {refused.code} {refused.enhanced} {refused.text}",
            "",
        ]
    return lines


def _parameter(parameters: Sequence[str], name: str) -> str | None:
    """Value of an ESMTP parameter, None where it is not given."""
    found = (value for key, _, value in (p.partition("=") for p in parameters) if key.upper() == name)
    return next(found, None)


def _ascii(text: str) -> str:
    """One line of ASCII; other characters as utf-8-addr-xtext (RFC 6533 section 3)."""
    printable = "".join(c if c.isprintable() else " " for c in text[:600])
    return "".join(c if c.isascii() else f"\\x{{{ord(c):X}}}" for c in printable).strip()
