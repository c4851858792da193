"""The message of a short case: what its settings say, as octets."""

import re
from collections.abc import Mapping
from datetime import datetime
from email import quoprimime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from gateway.policy.settings import Reading, values_of

_LONGEST = 78  # characters of a line that the library leaves as it is
_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_VALUE = re.compile(r"(?:[!-<>-~]+(?: [!-<>-~]+)*)?")  # without "=", which begins encoded words
_BODY = re.compile(r"[ -<>-~\t\n]*")
_FREE = re.compile(r"(?:list|feedback|x)-[a-z-]+|precedence|auto-submitted", re.IGNORECASE)  # fields of words alone


def composed(values: Mapping[str, Any], received: datetime) -> bytes:
    """The settings of a case as a message. Raises ValueError, MessageError, LookupError where it can be none."""
    raw = plainly(values, received)
    return by_the_library(values, received) if raw is None else raw


def plainly(values: Mapping[str, Any], received: datetime) -> bytes | None:
    """What the library would make of text and fields in ASCII, as most cases are, in a tenth of the time; else None."""
    to, body, more = ", ".join(values["to"]), values.get("body", ""), values.get("headers", ())
    fields = [("From", values["from"]), ("To", to), ("Subject", values.get("subject", "")), *more]
    if (
        values.keys() & {"html", "attachments"}
        or not all(map(_ADDRESS.fullmatch, (values["from"], *values["to"])))
        or not all(_VALUE.fullmatch(value) and len(name) + 2 + len(value) <= _LONGEST for name, value in fields)
        or not all(_FREE.fullmatch(name) for name, _ in more)
        or not _BODY.fullmatch(body)
    ):
        return None
    fields[3:3] = [("Date", format_datetime(received)), ("Message-ID", _message_id(values, received))]
    encoding, text = "7bit", body.removesuffix("\n") + "\n"
    if max(map(len, text.split("\n"))) > _LONGEST:
        encoding, text = "quoted-printable", quoprimime.body_encode(text, _LONGEST)
    fields += [("Content-Type", 'text/plain; charset="utf-8"'), ("Content-Transfer-Encoding", encoding)]
    head = "".join(f"{name}: {value}".rstrip() + "\n" for name, value in (*fields, ("MIME-Version", "1.0")))
    return f"{head}\n{text}".replace("\n", "\r\n").encode("ascii")


def by_the_library(values: Mapping[str, Any], received: datetime) -> bytes:
    """Any message. Raises as `composed`."""
    message = EmailMessage()
    message["From"] = values["from"]
    message["To"] = ", ".join(values["to"])
    message["Subject"] = values.get("subject", "")
    message["Date"] = received
    message["Message-ID"] = _message_id(values, received)
    for name, value in values.get("headers", ()):
        message[name] = value
    if "body" in values or "html" not in values:
        message.set_content(values.get("body", ""))
    if "html" in values:
        add = message.add_alternative if "body" in values else message.set_content
        add(values["html"], subtype="html")
    for attachment in values.get("attachments", ()):
        _attach(message, attachment)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(
                f"case-part-{number}"
            )  # not the random digits of the library: one in ten is a card number
    return message.as_bytes(policy=SMTP)


def _message_id(values: Mapping[str, Any], received: datetime) -> str:
    return f"<{received:%Y%m%d}.{sum(values['name'].encode())}@case.example>"


def _attach(message: EmailMessage, readings: Mapping[str, Reading]) -> None:
    given = values_of(readings)
    main, _, sub = given.get("type", "text/plain").partition("/")
    message.add_attachment(given["text"].encode(), maintype=main, subtype=sub, filename=given["name"])
