"""Made-up mail that a nursery reads before it forks its first worker.

The first messages of a process cost it more than those that follow: automata of regular expressions grow, caches fill,
the interpreter adapts its code. Each worker would do that for itself, and have its own copy of what comes of it.
"""

import base64
from collections.abc import Iterator

from gateway.core.envelope import Envelope, Recipient, Session, Transaction

TIMES = 8  # the interpreter adapts what it has run so often
_ENVELOPE = Envelope("ada@clinic.example", (Recipient("bo@partner.example"),))
_LINES = (
    "Dear Bo,",
    "",
    "please find the agenda of our meeting on Monday, 14 September, at 9:30 in room 14-B: {number} open points.",
    "The order from the supplier (no. 20-{number}417) was paid yesterday, and the delivery should arrive on Friday.",
    "* Budget: EUR 1,{number}20.50, as of 03/04/2025",
    "* Contract: see https://www.partner.example/contracts?id={number}93&page=2",
    "The old card, 4111 1111 1111 1111, does not work any more.",
    "",
    "Kind regards",
    "Ada Example, Example Clinic, 1 Main Street, Springfield, IL 62701",
    "Phone (202) 555-01{number}, ada@clinic.example",
)
_HEAD = (
    "Received: from mx.clinic.example (mx.clinic.example [192.0.2.7]) by mail.clinic.example with ESMTPS id 4{number};",
    "\tMon, 7 Sep 2026 08:{number}:10 +0000",
    "From: Ada Example <ada@clinic.example>",
    "To: Bo Example <bo@partner.example>",
    "Subject: Re: agenda {number}",
    "Date: Mon, 7 Sep 2026 08:{number}:09 +0000",
    "Message-ID: <{number}.rehearsal@clinic.example>",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="m"',
)


def transactions() -> Iterator[Transaction]:
    """Each with a text, the same as HTML, and a table; none of them like another."""
    for number in range(10, 10 + TIMES):
        yield Transaction(Session(), _ENVELOPE, _message(number), "rehearsal", f"rehearsal-{number}")


def _message(number: int) -> bytes:
    lines = [line.format(number=number) for line in _LINES]
    rows = [
        f"{place * number % 997};{line.split(' ')[0]};0.{place * 7919 % 10_000:04}"
        for place, line in enumerate(lines * 20)
    ]
    parts = (
        ("text/plain; charset=utf-8", "8bit", "\r\n".join(lines)),
        ("text/html; charset=utf-8", "8bit", _html(lines)),
        (
            'text/csv; name="points.csv"',
            "base64",
            base64.encodebytes("\r\n".join(rows).encode()).decode().replace("\n", "\r\n"),
        ),
    )
    head = "\r\n".join(_HEAD).format(number=number)
    body = "".join(
        f"--m\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n"
        for kind, encoding, text in parts
    )
    return f"{head}\r\n\r\n{body}--m--\r\n".encode()


def _html(lines: list[str]) -> str:
    shown = "\r\n".join(f'<p class="x">{line or "&nbsp;"}</p>' for line in lines)
    return f"<html><head><style>.x {{ color: #333 }}</style></head><body>{shown}<br><b>Thank you</b></body></html>"
