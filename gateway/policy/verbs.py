"""What rules can ask for. Adding a verb: write its class, add it to the list at the end."""

from abc import ABC
from collections.abc import Sequence
from typing import ClassVar

from gateway.core.detector import Confidence
from gateway.core.verdict import Action, Disposition, Method, Verb
from gateway.documents import Node
from gateway.policy.conditions.finds import Finds
from gateway.policy.kinds import (
    Choice,
    ContentType,
    Entity,
    Flag,
    Group,
    HeaderName,
    Level,
    Line,
    Text,
    Whole,
    address,
    may_change,
)
from gateway.policy.settings import Form, Kind, Known, Many, Notes, Readings, Schema, Setting, values_of

METHODS = tuple(method.value for method in Method)
_WHO = ("sender", "officer")
_HOLDS = ("quarantine", "block")
DISPOSITIONS = {
    Verb.DELIVER: Disposition.DELIVER,
    Verb.QUARANTINE: Disposition.QUARANTINE,
    Verb.BLOCK: Disposition.BLOCK,
}


class Asked(ABC):
    """A verb: its form, and the actions that come of it. `disposes`: it says where the message goes."""

    verb: ClassVar[Verb]
    form: ClassVar[Form]
    disposes: ClassVar[bool] = False
    repeats: ClassVar[bool] = False  # a list of settings gives several actions

    @classmethod
    def examine(cls, node: Node, readings: Readings, finds: Sequence[Finds], known: Known, notes: Notes) -> None:
        """The meaning pass. `finds` are the conditions of the rule that count findings."""
        cls.form.check(readings, known, notes)

    @classmethod
    def actions(cls, readings: Readings, finds: Sequence[Finds], known: Known) -> tuple[Action, ...]:
        """From settings that passed every check."""
        return (Action(cls.verb, {name: reading.value for name, reading in readings.items()}),)


class Deliver(Asked):
    """Let it go. Says so explicitly; another rule may still be stricter."""

    verb = Verb.DELIVER
    form = Form("deliver")
    disposes = True


class Tag(Asked):
    """Put a mark before the subject."""

    verb = Verb.TAG
    form = Form("tag", (Setting("text", Line(), required=True),), shorthand="text")


class AddHeader(Asked):
    """Add a header field."""

    verb = Verb.ADD_HEADER
    form = Form(
        "add-header",
        (Setting("name", HeaderName(may_change), required=True), Setting("value", Line(), required=True)),
    )
    repeats = True


class ChangeHeader(Asked):
    """Give a header field another value."""

    verb = Verb.CHANGE_HEADER
    form = Form(
        "change-header",
        (Setting("name", HeaderName(may_change), required=True), Setting("value", Line(), required=True)),
    )
    repeats = True


class RemoveHeader(Asked):
    """Take a header field off, each time it occurs."""

    verb = Verb.REMOVE_HEADER
    form = Form("remove-header", (Setting("name", HeaderName(may_change), required=True),), shorthand="name")
    repeats = True


class Notice(Asked):
    """Add a text at the end of the body."""

    verb = Verb.NOTICE
    form = Form("notice", (Setting("text", Text(), required=True), Setting("html", Text())), shorthand="text")


class Redact(Asked):
    """Take values out. Without entities and groups: every value that the `finds` conditions of the rule could count.

    Where a value cannot be taken out (it stands in an attachment, say), `otherwise`.
    """

    verb = Verb.REDACT
    form = Form(
        "redact",
        (
            Setting("entities", Many(Entity())),
            Setting("groups", Many(Group())),
            Setting("min-confidence", Level()),
            Setting("style", Choice(("label", "mask"), "a style of redaction")),
            Setting("otherwise", Choice(_HOLDS, "something to do where a value cannot be taken out")),
        ),
    )

    @classmethod
    def examine(cls, node: Node, readings: Readings, finds: Sequence[Finds], known: Known, notes: Notes) -> None:
        cls.form.check(readings, known, notes)
        if not finds and not readings.keys() & {"entities", "groups"}:
            notes.add(node, "redact does not say what", "name entities or groups, or add a finds condition to the rule")

    @classmethod
    def actions(cls, readings: Readings, finds: Sequence[Finds], known: Known) -> tuple[Action, ...]:
        values = values_of(readings)
        entities, groups = values.get("entities", ()), values.get("groups", ())
        least = values.get("min_confidence", Confidence.LOW)
        if not entities and not groups:
            entities = tuple(entity for condition in finds for entity in condition.entity)
            groups = tuple(group for condition in finds for group in condition.group)
            least = values.get("min_confidence", min(condition.min_confidence for condition in finds))
        settings = {
            "entities": tuple(sorted(set(entities))),
            "groups": tuple(sorted(set(groups))),
            "confidence": least.word,
            "style": values.get("style", "label"),
            "otherwise": values.get("otherwise", "quarantine"),
        }
        return (Action(cls.verb, settings),)


class RemoveAttachments(Asked):
    """Take attachments out; a text in the place of each says so. Without name, type and only: every attachment.

    `only: encrypted`: those that are locked; `only: unread`: those that could not be read. What cannot be taken out (it
    stands in a signed part, or is the whole message): `otherwise`.
    """

    verb = Verb.REMOVE_ATTACHMENTS
    form = Form(
        "remove-attachments",
        (
            Setting("name", Many(Text())),
            Setting("type", Many(ContentType())),
            Setting("only", Choice(("encrypted", "unread"), "a kind of attachment")),
            Setting("text", Line()),
            Setting("otherwise", Choice(_HOLDS, "something to do where an attachment cannot be taken out")),
        ),
    )

    @classmethod
    def actions(cls, readings: Readings, finds: Sequence[Finds], known: Known) -> tuple[Action, ...]:
        given = {name: reading.value for name, reading in readings.items()}
        return (Action(cls.verb, {**given, "otherwise": given.get("otherwise", "quarantine")}),)


class Encrypt(Asked):
    """Encrypt by the first method of `prefer` that the recipient can read; where there is none, `otherwise`.

    `sign: true`: signed by the organisation as well. `subject`: what stands outside in place of the subject, which goes
    inside. `wish`: this method before others, for a sender's mark; it counts where every rule that asks for encryption
    accepts the method and it protects no less than the one they would come to.
    """

    verb = Verb.ENCRYPT
    form = Form(
        "encrypt",
        (
            Setting("prefer", Many(Choice(METHODS, "a method of encryption"))),
            Setting("otherwise", Choice(_HOLDS, "something to do without encryption")),
            Setting("sign", Flag()),
            Setting("subject", Line()),
            Setting("wish", Choice(METHODS, "a method of encryption")),
        ),
    )
    disposes = True

    @classmethod
    def examine(cls, node: Node, readings: Readings, finds: Sequence[Finds], known: Known, notes: Notes) -> None:
        cls.form.check(readings, known, notes)
        wish, prefer = readings.get("wish"), readings.get("prefer")
        if wish is not None and prefer is not None and wish.value not in prefer.value:
            notes.add(
                wish.node, f"{wish.value} is wished for, and is not in prefer", "add it there, or leave prefer out"
            )

    @classmethod
    def actions(cls, readings: Readings, finds: Sequence[Finds], known: Known) -> tuple[Action, ...]:
        values = values_of(readings)
        settings: dict[str, object] = {
            "prefer": tuple(dict.fromkeys(values.get("prefer", METHODS))),
            "otherwise": values.get("otherwise", "quarantine"),
        }
        settings |= {name: values[name] for name in ("sign", "subject", "wish") if values.get(name)}
        return (Action(cls.verb, settings),)


class Quarantine(Asked):
    """Keep it, sealed, until somebody has looked at it, or two have: `reviewers: 2`."""

    verb = Verb.QUARANTINE
    form = Form("quarantine", (Setting("reviewers", Whole(most=2)),), may_be_empty=True)
    disposes = True


class Block(Asked):
    """Refuse it."""

    verb = Verb.BLOCK
    form = Form("block")
    disposes = True


class _Whom(Kind):
    """sender, officer, or an address."""

    def read(self, node: Node, notes: Notes) -> str | None:
        if "@" in node.text:
            return address().read(node, notes)  # type: ignore[no-any-return]  # Kind.read is Any by design
        return Choice(_WHO, "somebody to notify").read(node, notes)

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": list(_WHO)}, address().schema()]}


class Notify(Asked):
    """Tell somebody in plain words what happened."""

    verb = Verb.NOTIFY
    form = Form("notify", (Setting("who", Many(_Whom()), required=True),), shorthand="who")

    @classmethod
    def examine(cls, node: Node, readings: Readings, finds: Sequence[Finds], known: Known, notes: Notes) -> None:
        if "officer" in readings["who"].value and not known.organization.officers:
            notes.add(readings["who"].node, "there is no officer to notify", "add officers to policy.yaml")

    @classmethod
    def actions(cls, readings: Readings, finds: Sequence[Finds], known: Known) -> tuple[Action, ...]:
        return tuple(Action(cls.verb, {"who": who}) for who in dict.fromkeys(readings["who"].value))


class CopyTo(Asked):
    """Send a further copy, as the message came, to an address of the organisation, such as an archive."""

    verb = Verb.COPY_TO
    form = Form("copy-to", (Setting("address", Many(address()), required=True),), shorthand="address")

    @classmethod
    def examine(cls, node: Node, readings: Readings, finds: Sequence[Finds], known: Known, notes: Notes) -> None:
        for given in readings["address"].value:
            if not known.organization.inside.covers(given):
                problem = f"a copy to {given} would leave the organization as it is"
                notes.add(readings["address"].node, problem, "give an address at one of the domains of policy.yaml")

    @classmethod
    def actions(cls, readings: Readings, finds: Sequence[Finds], known: Known) -> tuple[Action, ...]:
        return tuple(Action(cls.verb, {"address": given}) for given in dict.fromkeys(readings["address"].value))


VERBS: tuple[type[Asked], ...] = (
    Deliver,
    Tag,
    AddHeader,
    ChangeHeader,
    RemoveHeader,
    Notice,
    Redact,
    RemoveAttachments,
    Encrypt,
    Quarantine,
    Block,
    CopyTo,
    Notify,
)
