"""Whose word counts about a message, and where several people have to agree: the same in the console and by command."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from gateway.desk.rights import RIGHTS, Act, Caller, Forbidden, PersonNeeded
from gateway.domains import domain_of
from gateway.people import Person, PersonState
from gateway.quarantine import Item

STANDING = timedelta(hours=24)  # long enough for others to hear of a new account


class OwnMail(Forbidden):
    """Nobody decides about the own mail."""


def is_own(item: Item, caller: Caller) -> bool:
    """Whether whoever asks sent the message."""
    return bool(caller.address) and _mailbox(item.mail_from) == _mailbox(caller.address)


def _mailbox(address: str) -> tuple[str, str]:
    """However it is written: an international domain has two forms, and who has ann@ has ann+anything@ as well."""
    local, at, _ = address.rpartition("@")
    name, _, _ = (local if at else address).lower().partition("+")
    return name or local, domain_of(address)


def may_decide(person: Person) -> bool:
    """Whether this account may release messages at all."""
    return person.state is PersonState.ACTIVE and Act.RELEASE in RIGHTS[person.role]


def withdrawn(people: Iterable[Person], item: Item, now: datetime) -> frozenset[str]:
    """Of those who may have agreed: whose account may decide no more. Who decides by command may have none."""
    return frozenset(each.name for each in people if not may_decide(each) or not _stands(each, item, now))


def check_counts(person: Person, item: Item, now: datetime) -> None:
    """No account that was made or changed for the occasion, and none that may not decide.

    Whoever manages accounts, or opens the envelope of the emergency account, could stand for two people otherwise.
    Raises PersonNeeded.
    """
    if item.reviewers <= 1:
        return
    several = f"{item.reviewers} people have to agree to this one"
    if person.emergency:
        raise PersonNeeded(f"{several}, and the account for emergencies is nobody's name")
    if not may_decide(person):
        raise PersonNeeded(f"{several}, and the account {person.name} may not decide about messages")
    if not _stands(person, item, now):
        raise PersonNeeded(
            f"{several}, and your account was set up, or got its role, after it was held:"
            f" your word counts {STANDING.total_seconds() / 3600:.0f} hours after that"
        )


def _stands(person: Person, item: Item, now: datetime) -> bool:
    return not person.emergency and (person.standing <= item.created or now - person.standing >= STANDING)
