"""Who speaks to Postfix, and what the envelope says (RFC 5321)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.core.verdict import Means

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """One connection to Postfix, as its macros describe it."""

    listener: str = ""  # milter_macro_daemon_name: the listener the message came in by
    client_address: str = ""  # "" for local submission
    helo: str = ""
    auth_authen: str = ""  # the authenticated user, "" if none


@dataclass(frozen=True, slots=True)
class Recipient:
    """One RCPT TO. `address` has no angle brackets; `parameters` are the ESMTP parameters as given."""

    address: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """MAIL FROM and RCPT TO. `mail_from` is "" for the null reverse-path."""

    mail_from: str
    recipients: tuple[Recipient, ...]
    mail_from_parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One message on its way, complete, before anything has looked at it.

    `raw` is the message as Postfix gave it, CRLF line ends, header bytes untouched.
    `incident` names the transaction in every reply, log line, audit event and quarantine item.
    `means` says how each recipient can be reached protected, by address; who is not in it cannot.
    """

    session: Session
    envelope: Envelope
    raw: bytes = field(repr=False)
    queue_id: str = ""
    incident: str = ""
    received: datetime = EPOCH  # aware; given by the edge, since nothing inside has a clock
    means: Mapping[str, tuple[Means, ...]] = field(default_factory=dict)
