"""Plain messages for the wire tests, from bytes to bytes."""

import time


def letter(subject: str, body: bytes = b"Good morning.\r\n", *fields: bytes) -> bytes:
    """A message with the usual header and more `fields` (without line ends); CRLF line ends, its own Message-ID."""
    head = (
        b"From: Nurse <nurse@clinic.example>",
        b"To: someone@outside.example",
        b"Subject: " + subject.encode(),
        b"Date: Mon, 16 Mar 2026 09:00:00 +0000",
        b"Message-ID: <%d@clinic.example>" % time.monotonic_ns(),
        *fields,
    )
    return b"".join(field + b"\r\n" for field in head) + b"\r\n" + body
