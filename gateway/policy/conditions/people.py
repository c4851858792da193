"""Conditions about who sends and who receives."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from gateway.core.facts import Facts
from gateway.domains import domain_of
from gateway.policy.conditions.base import Condition, Seen, Situation, count_of, one_of
from gateway.policy.kinds import Choice, Flag, ListFile, Login, Whole, address, domain
from gateway.policy.lists import AddressList, address_list
from gateway.policy.organization import Organization
from gateway.policy.settings import Form, Known, Many, Notes, Readings, Setting, values_of

_SOMEBODY_ELSE = "somebody-else"
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

    def holds(self, who: str, day: date) -> bool:
        return any(entries.covers(who, day) for entries in self.lists) is not self.inverted

    def look(self, who: str, day: date) -> Seen:
        held = self.holds(who, day)
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
        return self.circle.look(situation.recipient, situation.facts.day)


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
        return self.circle.look(situation.facts.sender, situation.facts.day)


@dataclass(frozen=True, slots=True)
class Authenticated(Condition):
    """Who logged in to send (SMTP AUTH), and whether they send in their own name.

    `sends-as: somebody-else`: the sender of the envelope, or the address in From, is not theirs. A login that is an
    address stands for that address; one without a domain for that name at any of the organisation's own domains.
    """

    word: ClassVar[str] = "authenticated"
    form: ClassVar[Form] = Form(
        "authenticated",
        (
            Setting("is", Flag()),
            Setting("user", Many(Login())),
            Setting("in", ListFile()),
            Setting("sends-as", Choice(("self", _SOMEBODY_ELSE), "a way to send")),
        ),
        shorthand="is",
        one_of=("is", "user", "in", "sends-as"),
    )
    anybody: bool | None = None
    users: tuple[str, ...] = ()
    listed: AddressList | None = None
    sends_as: str = ""
    inside: AddressList | None = None

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        values = values_of(readings)
        users = tuple(user.lower() for user in values.get("user", ()))
        listed = known.shelf.find(values["in"]) if "in" in values else None
        inside = known.organization.inside if "sends_as" in values else None
        return cls(values.get("is"), users, listed, values.get("sends_as", ""), inside)

    @property
    def english(self) -> str:
        if self.anybody is not None:
            return f"the sender {'logged in' if self.anybody else 'did not log in'}"
        if self.sends_as:
            whose = "a name that is not theirs" if self.sends_as == _SOMEBODY_ELSE else "their own name"
            return f"the user who logged in sends in {whose}"
        if self.listed is not None:
            return f"the user who logged in is on {self.listed.name}"
        return f"the user who logged in is {one_of(self.users)}"

    def evaluate(self, situation: Situation) -> Seen:
        facts = situation.facts
        login = facts.session.auth_authen
        words = "somebody logged in" if login else "nobody logged in"
        if self.anybody is not None:
            return Seen(bool(login) is self.anybody, words)
        if self.sends_as:
            return self._look_at_names(facts) if login else Seen(False, words)
        known = bool(login) and (
            self.listed.names_user(login, facts.day) if self.listed else login.lower() in self.users
        )
        return Seen(known, words if not login or known else "another user")

    def _look_at_names(self, facts: Facts) -> Seen:
        used = (("the envelope", facts.envelope.mail_from), ("From", facts.header_from))
        foreign = [where for where, address in used if address and not self._is_own(facts.session.auth_authen, address)]
        words = f"another name in {one_of(tuple(foreign))}" if foreign else "their own name"
        return Seen(bool(foreign) is (self.sends_as == _SOMEBODY_ELSE), words)

    def _is_own(self, login: str, address: str) -> bool:
        local, _, _ = address.rpartition("@")
        if "@" in login:
            name, _, _ = login.rpartition("@")
            return local.lower() == name.lower() and domain_of(address) == domain_of(login)
        return local.lower() == login.lower() and self.inside is not None and self.inside.covers(address)


@dataclass(frozen=True, slots=True)
class Consent(Condition):
    """Whether this recipient, by their very address, agreed: on the list, with `since`, in force on the day."""

    word: ClassVar[str] = "consent"
    form: ClassVar[Form] = Form("consent", (Setting("in", ListFile(), required=True),), shorthand="in")
    per_recipient: ClassVar[bool] = True
    given: AddressList

    @classmethod
    def examine(cls, readings: Readings, known: Known, notes: Notes) -> None:
        cls.form.check(readings, known, notes)
        listed = known.shelf.find(readings["in"].value)
        for entry in listed.entries if listed else ():
            if entry.sort != "address" or entry.since is None:
                notes.add_at(
                    (entry.file, entry.line, 1),
                    "an entry of a list of consents must be an address with the day of the consent",
                    "write it as name@patient.example since 2026-01-31",
                )

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(known.shelf.find(readings["in"].value) or AddressList(readings["in"].value))

    @property
    def english(self) -> str:
        return f"the recipient gave consent, by {self.given.name}"

    def evaluate(self, situation: Situation) -> Seen:
        held = self.given.consents(situation.recipient, situation.facts.day)
        return Seen(held, "consent in force" if held else "no consent in force")


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
        elif self.inside.covers(situation.facts.sender):
            direction = "internal"
        else:
            direction = "inbound"
        return Seen(direction == self.wanted, direction)


@dataclass(frozen=True, slots=True)
class Recipients(Condition):
    """How many receive the message."""

    word: ClassVar[str] = "recipients"
    form: ClassVar[Form] = Form(
        "recipients",
        (Setting("over", Whole(least=0), required=True), _OUTSIDE),
        shorthand="over",
        instead='write over: 50 for how many they are, or "recipient" for who they are',
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
        day = situation.facts.day
        everybody = {recipient.address for recipient in situation.facts.envelope.recipients}
        number = sum(1 for who in everybody if self.circle is None or self.circle.holds(who, day))
        return Seen(number > self.over, f"{count_of(number, 'recipient')}{self._where}")
