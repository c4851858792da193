"""The envelope that a stored message had, as far as its header says."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses

from gateway.casework.case import day_of
from gateway.core.limits import Limits
from gateway.parse.head import decoded_headers, read_head

_PEOPLE = ("to", "cc", "bcc")
_TELLING = frozenset({"from", "date", *_PEOPLE})


@dataclass(frozen=True, slots=True)
class Addressed:
    """The first address of From, those of To, Cc and Bcc, the day of Date; empty where a field says none."""

    sender: str
    recipients: tuple[str, ...]
    day: datetime | None


def addressed(raw: bytes) -> Addressed:
    """By the first field of each name: workers read the rest. Never raises."""
    fields = read_head(raw, 0, len(raw), Limits()).fields
    telling = {one.name.lower(): one for one in reversed(fields) if one.name.lower() in _TELLING}
    values = (header.value for header in decoded_headers(raw, tuple(telling.values())))
    said = dict(zip(telling, values, strict=True))
    sender = next(iter(_addresses(said.get("from", ""))), "")
    people = [address for name in _PEOPLE for address in _addresses(said.get(name, ""))]
    return Addressed(sender, tuple(dict.fromkeys(people)), day_of(said.get("date", "")))


def _addresses(value: str) -> list[str]:
    return [address for _, address in getaddresses([value]) if "@" in address]
