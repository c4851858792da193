"""The mark of a probe message: the envelope sender by which Gatepost knows that nobody but its own administrator asks.

A probe proves that a listener's mail comes to Gatepost: it is refused with a reply of its own, so that none arrives.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

LIFETIME_SECONDS = 600
SEEN = "Gatepost has seen the probe"  # what the reply begins with
_LOCAL_PART = re.compile(r"gatepost-probe\.([0-9]{10})\.([0-9a-f]{32})@")


@dataclass(frozen=True, slots=True)
class ProbeMark:
    """`key` is derived from the keyring: who cannot read that cannot make a mark."""

    key: bytes

    def sender(self, now: datetime, domain: str) -> str:
        """An address that is good for ten minutes."""
        second = f"{int(now.timestamp()):010d}"
        return f"gatepost-probe.{second}.{self._code(second)}@{domain}"

    def is_on(self, mail_from: str, now: datetime) -> bool:
        """The envelope sender is such an address, and fresh."""
        found = _LOCAL_PART.match(mail_from)
        if found is None:
            return False
        age = now.timestamp() - int(found[1])
        return abs(age) <= LIFETIME_SECONDS and hmac.compare_digest(found[2], self._code(found[1]))

    def _code(self, second: str) -> str:
        return hmac.new(self.key, second.encode(), hashlib.sha256).hexdigest()[:32]
