"""For whom an enforced rule is enforced already."""

from dataclasses import dataclass
from hashlib import blake2b

from gateway.core.facts import Facts
from gateway.policy.lists import AddressList

_PARTS = 10_000  # of all senders; a hundredth of a percent


@dataclass(frozen=True, slots=True)
class Rollout:
    """Enforced for `percent` of all senders and for those on a list; for everybody else the rule is as under monitor.

    Which senders depends on the rule and their address alone: the same sender is always in or always out, and whoever
    is in at 10 percent is in at 20.
    """

    percent: float = 0
    senders: AddressList | None = None

    def includes(self, rule: str, facts: Facts) -> bool:
        """Whether the rule of that id is enforced for this message."""
        login, sender = facts.session.auth_authen, facts.sender
        if self.senders is not None:
            listed = self.senders.covers(sender, facts.day) or (
                bool(login) and self.senders.names_user(login, facts.day)
            )
            if listed:
                return True
        return _part_of(rule, sender) < self.percent * (_PARTS / 100)

    @property
    def english(self) -> str:
        """For whom, in words."""
        some = [f"{self.percent:g} percent of all senders"] if self.percent else []
        listed = [f"senders on {self.senders.name}"] if self.senders else []
        return " and ".join(some + listed) or "nobody yet"


def _part_of(rule: str, sender: str) -> int:
    """A number below `_PARTS` that a rule and a sender always get, spread evenly."""
    octets = sender.lower().encode("utf-8", "surrogateescape")
    digest = blake2b(octets, key=rule.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big") % _PARTS
