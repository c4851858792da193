"""Passwords: Argon2id (RFC 9106), and which may not be chosen (NIST SP 800-63B: length counts, not kinds of signs)."""

import secrets
import threading

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.people.model import AccountRefused

SHORTEST, LONGEST = 12, 256
WORDS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread
OVERUSED = (
    "password",
    "passwort",
    "gatepost",
    "qwertz",
    "qwerty",
    "123456",
    "letmein",
    "welcome",
    "changeme",
    "abcdef",
)

PASSES, MEMORY_KIB, LANES = 3, 64 * 1024, 2
AT_ONCE = 4  # more would wait for a processor all the same, each with its memory

_turns = threading.BoundedSemaphore(AT_ONCE)
_HASHER = PasswordHasher(PASSES, MEMORY_KIB, LANES, type=Type.ID)
# of nobody's password, with the same settings: refusing an unknown name takes as long
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=2$c2FsdHNhbHRzYWx0c2FsdA$tIRYPVIGoOWyPBQuIyQ7WBB+gSLqVxYIMQyP4+3cJ4w"


def hashed(password: str) -> str:
    with _turns:
        return _HASHER.hash(password)


def is_right(password: str, known: str | None) -> bool:
    """The same work where there is nobody of that name (`known` None)."""
    try:
        with _turns:
            _HASHER.verify(known or _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def is_outdated(known: str) -> bool:
    """Hashed with less work than today's."""
    return _HASHER.check_needs_rehash(known)


def check_choice(password: str, *about: str) -> None:
    """AccountRefused for a password that would be guessed; `about` are name and address of its owner."""
    if len(password) < SHORTEST:
        raise AccountRefused(f"the password is too short: take {SHORTEST} signs or more, a sentence for example")
    if len(password) > LONGEST:
        raise AccountRefused(f"the password is longer than {LONGEST} signs")
    plain = password.lower()
    rest = plain
    for word in (*OVERUSED, *(part for each in about for part in (each.lower(), each.lower().partition("@")[0]))):
        if len(word) > 2:
            rest = rest.replace(word, "")
    if len(set(plain)) < 5 or len(rest) < SHORTEST - 4:
        raise AccountRefused("the password would be guessed: no name, no row of signs, none of the usual words")


def made(groups: int = 4) -> str:
    """A password that a person can type from paper: 5 signs a group, about 24 bits each."""
    return "-".join("".join(secrets.choice(WORDS) for _ in range(5)) for _ in range(groups))
