"""What waits at the portal, and what is said of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.errors import TransactionError


class PickupUnknown(TransactionError):
    """There is no such message, or no longer. It says no more, so that nobody can try links."""


class State(StrEnum):
    WAITING = "waiting"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewPickup:
    """For whom a message is kept, and where it comes from."""

    recipient: str
    mail_from: str = ""
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Pickup:
    """One message for one recipient; times are aware. `opened`: for the first time, None: not yet."""

    id: str
    recipient: str
    mail_from: str
    incident: str
    created: datetime
    expires: datetime
    size: int
    state: State = State.WAITING
    opened: datetime | None = None
    ended: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """`link` is the secret that its address ends in."""

    pickup: Pickup
    link: str
