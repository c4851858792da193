"""Conditions about who sends and who receives."""

from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.core.facts import Facts
from gateway.policy.conditions.base import Condition, Seen, Situation, count_of, one_of
from gateway.policy.kinds import Choice, Flag, ListFile, Login, Whole, address, domain
from gateway.policy.lists import AddressList, address_list
from gateway.policy.organization import Organization
from gateway.policy.settings import Form, Known, Many, Readings, Setting, values_of

_OUTSIDE = Setting("outside", Choice(("organization", "partners"), "a circle of people"))
_WHO = (
    _OUTSIDE,
    Setting("in", Many(ListFile())),
    Setting("domain", Many(domain())),
    Setting("address", Many(address())),
)
_WHO_NAMES = tuple(setting.name for setting in _WHO)


@dataclass(frozen=True, slots=True)
class Circle:
    """A set of people, and how it and its opposite are called. `inverted`: all who are on none of the lists."""

    words: str
    opposite: str
    lists: tuple[AddressList, ...]
    inverted: bool = False

    def holds(self, who: str) -> bool:
        return any(entries.covers(who) for entries in self.lists) is not self.inverted

    def look(self, who: str) -> Seen:
        held = self.holds(who)
        return Seen(held, self.words if held else self.opposite)


def outside_organization(organization: Organization) -> Circle:
    """All who are not at one of our domains."""
    lists = (organization.inside,)
    return Circle("outside the organization", "inside the organization", lists, inverted=True)


def outside(circle: str, known: Known) -> Circle:
    """Outside the organisation; or also outside its trusted partners."""
    organization = known.organization
    if circle == "partners":
        us = "the organization and its trusted partners"
        return Circle(f"outside {us}", f"inside {us}", (organization.inside, organization.partners), inverted=True)
    return outside_organization(organization)


def circle_of(readings: Readings, known: Known) -> Circle:
    """What one of `outside`, `in`, `domain`, `address` means."""
    values = values_of(readings)
    if "outside" in values:
        return outside(values["outside"], known)
    if "in" in values:
        lists = tuple(found for name in values["in"] if (found := known.shelf.find(name)) is not None)
        names = one_of(values["in"])
        return Circle(f"on {names}", f"not on {names}", lists)
    entries: tuple[str, ...] = values.get("domain") or values["address"]
    words = f"{'at' if 'domain' in values else 'exactly'} {one_of(entries)}"
    return Circle(words, f"not {words}", (address_list("inline", entries),))


def sender_of(facts: Facts) -> str:
    """The envelope's sender; for the null reverse-path, the address in From."""
    return facts.envelope.mail_from or facts.header_from


@dataclass(frozen=True, slots=True)
class Recipient(Condition):
    """Who receives: outside us, on a list, at a domain, an address."""

    word: ClassVar[str] = "recipient"
    form: ClassVar[Form] = Form("recipient", _WHO, one_of=_WHO_NAMES)
    per_recipient: ClassVar[bool] = True
    circle: Circle

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(circle_of(readings, known))

    @property
    def english(self) -> str:
        return f"the recipient is {self.circle.words}"

    def evaluate(self, situation: Situation) -> Seen:
        return self.circle.look(situation.recipient)


@dataclass(frozen=True, slots=True)
class Sender(Condition):
    """Who sends, by the envelope; by From where the envelope's sender is empty."""

    word: ClassVar[str] = "sender"
    form: ClassVar[Form] = Form("sender", _WHO, one_of=_WHO_NAMES)
    circle: Circle

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(circle_of(readings, known))

    @property
    def english(self) -> str:
        return f"the sender is {self.circle.words}"

    def evaluate(self, situation: Situation) -> Seen:
        return self.circle.look(sender_of(situation.facts))


@dataclass(frozen=True, slots=True)
class Authenticated(Condition):
    """Who logged in to send (SMTP AUTH)."""

    word: ClassVar[str] = "authenticated"
    form: ClassVar[Form] = Form(
        "authenticated",
        (Setting("is", Flag()), Setting("user", Many(Login())), Setting("in", ListFile())),
        shorthand="is",
        one_of=("is", "user", "in"),
    )
    anybody: bool | None = None
    users: tuple[str, ...] = ()
    listed: AddressList | None = None

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        values = values_of(readings)
        users = tuple(user.lower() for user in values.get("user", ()))
        return cls(values.get("is"), users, known.shelf.find(values["in"]) if "in" in values else None)

    @property
    def english(self) -> str:
        if self.anybody is not None:
            return f"the sender {'logged in' if self.anybody else 'did not log in'}"
        if self.listed is not None:
            return f"the user who logged in is on {self.listed.name}"
        return f"the user who logged in is {one_of(self.users)}"

    def evaluate(self, situation: Situation) -> Seen:
        login = situation.facts.session.auth_authen
        words = "somebody logged in" if login else "nobody logged in"
        if self.anybody is not None:
            return Seen(bool(login) is self.anybody, words)
        known = bool(login) and (self.listed.names_user(login) if self.listed else login.lower() in self.users)
        return Seen(known, words if not login or known else "another user")


@dataclass(frozen=True, slots=True)
class Direction(Condition):
    """Where the message goes, for one recipient: outbound leaves us, whoever sends it."""

    word: ClassVar[str] = "direction"
    form: ClassVar[Form] = Form(
        "direction",
        (Setting("is", Choice(("outbound", "inbound", "internal"), "a direction"), required=True),),
        shorthand="is",
    )
    per_recipient: ClassVar[bool] = True
    wanted: str
    inside: AddressList

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(readings["is"].value, known.organization.inside)

    @property
    def english(self) -> str:
        return f"the message is {self.wanted}"

    def evaluate(self, situation: Situation) -> Seen:
        if not self.inside.covers(situation.recipient):
            direction = "outbound"
        elif self.inside.covers(sender_of(situation.facts)):
            direction = "internal"
        else:
            direction = "inbound"
        return Seen(direction == self.wanted, direction)


@dataclass(frozen=True, slots=True)
class Recipients(Condition):
    """How many receive the message."""

    word: ClassVar[str] = "recipients"
    form: ClassVar[Form] = Form(
        "recipients", (Setting("over", Whole(least=0), required=True), _OUTSIDE), shorthand="over"
    )
    over: int
    circle: Circle | None = None

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        values = values_of(readings)
        return cls(values["over"], outside(values["outside"], known) if "outside" in values else None)

    @property
    def english(self) -> str:
        return f"there are more than {count_of(self.over, 'recipient')}{self._where}"

    @property
    def _where(self) -> str:
        return f" {self.circle.words}" if self.circle else ""

    def evaluate(self, situation: Situation) -> Seen:
        everybody = {recipient.address for recipient in situation.facts.envelope.recipients}
        number = sum(1 for who in everybody if self.circle is None or self.circle.holds(who))
        return Seen(number > self.over, f"{count_of(number, 'recipient')}{self._where}")
