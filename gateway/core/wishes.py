"""What a client wants to hear of the delivery of a message (RFC 3461)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Postfix took them from its client, and is asked to take them again: what it would not is left out, not refused.
_OF_MAIL = re.compile(r"(?i:RET=(?:FULL|HDRS)|ENVID=[!-~]{1,100})")
_OF_A_RECIPIENT = re.compile(r"(?i:NOTIFY=(?:NEVER|[A-Z,]{1,30})|ORCPT=[!-~]{1,500})")


@dataclass(frozen=True, slots=True)
class Wishes:
    """As ESMTP parameters: of MAIL, and of each recipient who has some."""

    of_mail: tuple[str, ...] = ()
    of_recipients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of_mail or self.of_recipients)


NONE = Wishes()


def wished(of_mail: Iterable[str], of_recipients: Mapping[str, Iterable[str]]) -> Wishes:
    """Those among the parameters that are wishes."""
    asked = {who: _chosen(words, _OF_A_RECIPIENT) for who, words in of_recipients.items()}
    return Wishes(_chosen(of_mail, _OF_MAIL), {who: words for who, words in asked.items() if words})


def _chosen(parameters: Iterable[str], kind: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(word for word in parameters if kind.fullmatch(word))
