"""Whether Postfix can queue each protected copy: encrypted a message is up to 1.4 times as large.

Asked before anything leaves. A copy that Postfix refuses when others have gone would leave the sender with "refused"
for a message that somebody has, and sending it again would bring it to them twice.
"""

from collections.abc import Sequence

from gateway.act.ports import MeasuredPostbox
from gateway.core.errors import GatepostError
from gateway.core.plan import Copy
from gateway.encrypt import Protected

_AROUND = 4096  # bytes: Postfix's own header fields and the envelope, which its limit counts too


class CopyTooLarge(GatepostError):
    """A protected copy is larger than Postfix takes. Nobody has anything."""


def check_sizes(copies: Sequence[tuple[Copy, Protected]], postbox: MeasuredPostbox) -> None:
    """Raises CopyTooLarge, and TransactionError where Postfix cannot be asked."""
    largest = max((len(done.octets()) for copy, done in copies if copy.protection is not None), default=0)
    if not largest:
        return
    most = postbox.largest()
    if most and largest + _AROUND > most:
        raise CopyTooLarge(f"protected a copy has {largest:,} bytes, and Postfix takes {most:,}")
