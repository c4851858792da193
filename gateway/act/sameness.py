"""What makes a message the same in every try: its envelope and its bytes, without what was written for one try alone.

Postfix adds a Message-Id and a Date where its own programs, or clients that it rewrites for, send none, and milters
before ours name its queue id: both are others in the next try (cleanup(8), local_header_rewrite_clients).
"""

import hashlib
import hmac
import re
from collections.abc import Iterator

from gateway.arriving.arrival import Arrival

_BETWEEN_FIELDS = re.compile(rb"\r\n(?![ \t])")
_OF_A_TRY = re.compile(rb"(?:resent-)?date[ \t]*:", re.IGNORECASE)


def key_of(arrival: Arrival, secret: bytes) -> str:
    """The same for every try of a message; tells nobody without the secret who wrote what."""
    digest = hmac.new(secret, digestmod=hashlib.sha256)
    recipients = sorted(recipient.address for recipient in arrival.envelope.recipients)
    for word in (arrival.envelope.mail_from, *recipients):
        digest.update(word.encode("utf-8", "surrogateescape") + b"\0")
    for chunk in _lasting(arrival):
        digest.update(chunk)
    return digest.hexdigest()


def _lasting(arrival: Arrival) -> Iterator[bytes]:
    head = b"".join(arrival.spool.chunks(0, arrival.header_size))
    mark = arrival.queue_id.encode("utf-8", "surrogateescape")
    for field in _BETWEEN_FIELDS.split(head):
        if not _OF_A_TRY.match(field) and not (mark and mark in field):
            yield field + b"\r\n"
    yield from arrival.spool.chunks(arrival.header_size)
