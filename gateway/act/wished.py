"""What the client wants to hear of a message, for copies that are handed over (RFC 3461 section 5.2)."""

from collections.abc import Iterable

from gateway.core.envelope import Envelope
from gateway.core.wishes import Wishes, wished


def wishes_of(envelope: Envelope, recipients: Iterable[str]) -> Wishes:
    """Those of the message, and of each of these recipients who has some."""
    wanted = frozenset(recipients)
    asked = {each.address: each.parameters for each in envelope.recipients if each.address in wanted}
    return wished(envelope.mail_from_parameters, asked)
