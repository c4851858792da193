"""One thing that is wrong with a gateway or the machine around it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.doctor.machine import Machine


class Severity(IntEnum):
    """WARNING: it will be trouble, or may be. CRITICAL: mail passes unseen, is lost or stands still, now or at once."""

    WARNING = 1
    CRITICAL = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Found:
    """What a check says: where, what is wrong and why that matters, what to do. Never content of a message.

    `follows`: the check by whose remedy this goes away too. Where that one found something, this is not told.
    """

    severity: Severity
    place: str
    reason: str
    remedy: str
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the machine. `about` says what is so where all is well.

    `as_owner`: it looks into what belongs to Gatepost's user, and looks as that user where we are root.
    """

    id: str
    about: str
    look: "Callable[[Machine], Iterator[Found]]"
    as_owner: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a check found, by its name."""

    check: str
    found: Found


def critical(place: str, reason: str, remedy: str, *, follows: str = "") -> Found:
    """Mail passes unseen, is lost or stands still."""
    return Found(Severity.CRITICAL, place, reason, remedy, follows)


def warning(place: str, reason: str, remedy: str, *, follows: str = "") -> Found:
    """A person should look at it."""
    return Found(Severity.WARNING, place, reason, remedy, follows)
