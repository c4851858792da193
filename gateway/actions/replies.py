"""The one table of SMTP replies (RFC 5321 section 4.2, enhanced codes RFC 3463).

Texts are plain ASCII of one line and never have content of a message in them; the incident id leads to the rest.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.core.plan import Reply
from gateway.core.probe import SEEN

LONGEST = 200  # characters of a text; a reply line has at most 512 octets (RFC 5321 section 4.5.3.1.5)


class ReplyKey(StrEnum):
    """Every reply that Gatepost gives."""

    ACCEPTED = "accepted"
    HELD = "held"
    BLOCKED = "blocked"
    DEFERRED = "deferred"
    BUSY = "busy"
    TOO_LARGE = "too-large"
    COPY_TOO_LARGE = "copy-too-large"
    ADDRESS = "address"
    PROBE = "probe"


TABLE: Mapping[ReplyKey, Reply] = MappingProxyType(
    {
        ReplyKey.ACCEPTED: Reply(250, "2.0.0", "Message accepted"),
        ReplyKey.HELD: Reply(250, "2.0.0", "Message accepted and held for review, not delivered yet"),
        ReplyKey.BLOCKED: Reply(
            550,
            "5.7.1",
            "Message refused by policy: protected data may not leave this way. Ask your mail administrator",
        ),
        ReplyKey.DEFERRED: Reply(451, "4.7.1", "Message could not be processed now. Nothing is lost, try again later"),
        ReplyKey.BUSY: Reply(451, "4.3.2", "Mail filter is busy. Nothing is lost, try again later"),
        ReplyKey.TOO_LARGE: Reply(552, "5.3.4", "Message is larger than this mail filter takes"),
        ReplyKey.COPY_TOO_LARGE: Reply(
            552,
            "5.3.4",
            "Message is too large once encrypted, as it has to be. Nothing was sent, please send smaller parts",
        ),
        ReplyKey.ADDRESS: Reply(
            553,
            "5.1.3",
            "The sender or a recipient is not written as local-part@domain. Nothing was sent, please correct it",
        ),
        ReplyKey.PROBE: Reply(550, "5.7.1", f"{SEEN} and refuses it, as it should"),
    }
)


def reply(key: str, incident: str = "") -> Reply:
    """The reply of that key with the incident id behind its text. ValueError: no such key."""
    row = TABLE[ReplyKey(key)]
    known = plain_id(incident)
    text = f"{row.text} (incident {known})" if known else row.text
    return Reply(row.code, row.enhanced, text[:LONGEST])


def plain_id(incident: str) -> str:
    """An incident id with nothing in it but letters, digits, dot, hyphen and underscore; at most 64 of them."""
    return re.sub(r"[^A-Za-z0-9._-]", "", incident)[:64]
