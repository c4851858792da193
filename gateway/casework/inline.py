"""Short cases in one file: `cases/<rule-id>/cases.yaml`, and clean mail in `clean/*.yaml`.

positive:
  - name: result-to-a-patient
    expect: quarantine
    from: nurse@clinic.example
    to: pat@home.example
    subject: Your result
    body: ...
negative:
  - ...
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.errors import MessageError
from pathlib import Path
from typing import Any

from gateway.casework.case import EXPECTABLE, Case
from gateway.casework.composing import composed
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import Fault
from gateway.documents import Node, load_document, parse_document
from gateway.policy.kinds import Choice, ContentType, HeaderName, Line, Text, address, shown
from gateway.policy.settings import Form, Kind, Many, Nested, Notes, Setting, values_of

DAY = date(2026, 3, 16)  # of a message that does not say when it came


class _Day(Kind):
    """A day."""

    def read(self, node: Node, notes: Notes) -> date | None:
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            notes.add(node, f"{shown(node)} is not a day", "write year-month-day, for example 2026-03-16")
            return None


class _Fields(Kind):
    """Header fields of the writer's own: a mapping from names to values."""

    def read(self, node: Node, notes: Notes) -> tuple[tuple[str, str], ...] | None:
        if node.kind != "mapping":
            notes.add(node, "the header fields are no mapping", "write a line for each, indented: X-Name: value")
            return None
        names = [HeaderName(_is_free).read(key, notes) for _, key, _ in node.items()]
        values = [Line().read(below, notes) for _, _, below in node.items()]
        fields = tuple((n, v) for n, v in zip(names, values, strict=True) if n is not None and v is not None)
        return fields if len(fields) == len(names) else None


def _is_free(name: str) -> bool:
    """Not one that the other settings write."""
    return name not in {"from", "to", "subject", "date", "message-id", "mime-version"} and not name.startswith(
        "content-"
    )


ATTACHMENT = Form(
    "the attachment",
    (Setting("name", Line(), required=True), Setting("type", ContentType()), Setting("text", Text(), required=True)),
)
_MESSAGE = (
    Setting("name", Line(), required=True),
    Setting("from", address(), required=True),
    Setting("to", Many(address()), required=True),
    Setting("user", Line()),
    Setting("day", _Day()),
    Setting("subject", Line()),
    Setting("headers", _Fields()),
    Setting("body", Text()),
    Setting("html", Text()),
    Setting("attachments", Many(Nested(ATTACHMENT))),
)
CLEAN = Form("the message", _MESSAGE)
CASE = Form(
    "the case",
    (*_MESSAGE, Setting("expect", Choice(EXPECTABLE, "an outcome"), required=True), Setting("also", Many(Line()))),
)
_ONE_OR_MORE = 'begin each with "- " on a line of its own'


def read_inline(path: Path, faults: list[Fault]) -> tuple[Case, ...]:
    """The cases of a `cases.yaml`; what is wrong in it goes into `faults`, with its line."""
    rule = path.parent.name
    root = load_document(path, faults, subject=rule)
    if root is None:
        return ()
    if not root.items() or any(name not in ("positive", "negative") for name, _, _ in root.items()):
        faults.append(root.fault(rule, "a list of cases has the parts positive and negative", _ONE_OR_MORE))
        return ()
    cases = []
    for part, key, below in root.items():
        if not below.elements():
            faults.append(key.fault(rule, f'"{part}" needs a list of cases', _ONE_OR_MORE))
        for node in below.elements():
            case = _case(node, rule, Notes(rule, faults), positive=part == "positive")
            if case is not None:
                cases.append(case)
    return tuple(cases)


def kinds_in(path: Path) -> frozenset[str]:
    """ "positive", "negative", both or none: whatever else may be wrong in the file."""
    root = load_document(path, [])
    return frozenset(part for part, _, below in root.items() if below.elements()) if root else frozenset()


def read_clean(path: Path, faults: list[Fault], *, text: str | None = None) -> tuple[Transaction, ...]:
    """The messages of a `clean/*.yaml`, a list of them, or of a text like it; their names are their incidents."""
    if text is None:
        root = load_document(path, faults, subject=path.stem)
    else:
        root = parse_document(text, str(path), faults, subject=path.stem)
    if root is None:
        return ()
    if not root.elements():
        faults.append(root.fault(path.stem, "clean mail is a list of messages", _ONE_OR_MORE))
    notes = Notes(path.stem, faults)
    made = []
    for node in root.elements():
        readings = CLEAN.read(node, notes)
        if readings is not None:
            made.append(_transaction(node, values_of(readings), notes))
    return tuple(transaction for transaction in made if transaction is not None)


def _case(node: Node, rule: str, notes: Notes, *, positive: bool) -> Case | None:
    readings = CASE.read(node, notes)
    if readings is None:
        return None
    values = values_of(readings)
    transaction = _transaction(node, values, notes)
    if transaction is None:
        return None
    also = frozenset(values.get("also", ()))
    return Case(rule, values["name"], positive, values["expect"], also, transaction)


def _transaction(node: Node, values: Mapping[str, Any], notes: Notes) -> Transaction | None:
    received = datetime.combine(values.get("day", DAY), time(12), UTC)
    try:
        raw = composed(values, received)
    except (ValueError, MessageError, LookupError):
        notes.add(node, "no message can be made of this", "look for signs that a header field or a name cannot have")
        return None
    recipients = tuple(Recipient(to) for to in values["to"])
    session = Session(auth_authen=values.get("user", ""))
    return Transaction(session, Envelope(values["from"], recipients), raw, incident=values["name"], received=received)
