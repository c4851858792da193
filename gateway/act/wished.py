"""What the client wants to hear of a message, for copies that are handed over (RFC 3461 section 5.2)."""

import re
from collections.abc import Iterable, Sequence

from gateway.core.envelope import Envelope
from gateway.submit import Wishes

# Postfix took them from its client, and is asked to take them again: what it would not is left out, not refused.
_OF_MAIL = re.compile(r"(?i:RET=(?:FULL|HDRS)|ENVID=[!-~]{1,100})")
_OF_A_RECIPIENT = re.compile(r"(?i:NOTIFY=(?:NEVER|[A-Z,]{1,30})|ORCPT=[!-~]{1,500})")


def wishes_of(envelope: Envelope, recipients: Iterable[str]) -> Wishes:
    """Those of the message, and of each of these recipients who has some."""
    wanted = frozenset(recipients)
    asked = {r.address: _chosen(r.parameters, _OF_A_RECIPIENT) for r in envelope.recipients if r.address in wanted}
    return Wishes(
        _chosen(envelope.mail_from_parameters, _OF_MAIL), {who: words for who, words in asked.items() if words}
    )


def _chosen(parameters: Sequence[str], kind: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(word for word in parameters if kind.fullmatch(word))
