"""The envelope that a stored message had, as far as its header says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses

from gateway.core.limits import Limits
from gateway.parse.head import decoded_headers, read_head
from gateway.parse.headers import day_of

_PEOPLE = ("to", "cc", "bcc")
_TELLING = frozenset({"from", "date", *_PEOPLE})


@dataclass(frozen=True, slots=True)
class Addressed:
    """The first address of From, those of To, Cc and Bcc, the day of Date; empty where a field says none."""

    sender: str
    recipients: tuple[str, ...]
    day: datetime | None


def addressed(raw: bytes) -> Addressed:
    """Of a message that nobody has parsed; workers read the rest. Never raises."""
    fields = read_head(raw, 0, len(raw), Limits()).fields
    telling = {one.name.lower(): one for one in reversed(fields) if one.name.lower() in _TELLING}
    headers = decoded_headers(raw, tuple(telling.values()))
    return addressed_by(dict(zip(telling, (header.value for header in headers), strict=True)).get)


def addressed_by(header: Callable[[str], str | None]) -> Addressed:
    """By the first field of each name, which `header` gives."""
    sender = next(iter(_addresses(header("from"))), "")
    people = [address for name in _PEOPLE for address in _addresses(header(name))]
    return Addressed(sender, tuple(dict.fromkeys(people)), day_of(header("date") or ""))


def _addresses(value: str | None) -> list[str]:
    return [address for _, address in getaddresses([value]) if "@" in address] if value else []
