"""What is known of a message in quarantine without opening it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from gateway.core.finding import Finding
from gateway.core.wishes import NONE, Wishes

SAMPLES = 3


class State(StrEnum):
    """Of an item, and of each of its recipients. An item is held while any of its recipients is."""

    HELD = "held"
    RELEASING = "releasing"  # being sent, or a release was cut off
    RELEASED = "released"
    DISCARDED = "discarded"


class Way(StrEnum):
    """How a message is released."""

    AS_IT_CAME = "plain"
    ENCRYPTED = "encrypted"
    REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """How often an entity was found, and a few masked samples."""

    entity: str
    count: int
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewItem:
    """`id` is the caller's, of a-z, 0-9 and -; the same id again is the same item. `created` None: now.

    `message_id_hash` is a keyed fingerprint. `reviewers`: so many people must agree to a release.
    `wishes`: what the client wants to hear of the delivery. `sender_told`: that it is held, and so is told how it ends.
    """

    id: str
    incident: str
    mail_from: str
    recipients: tuple[str, ...]
    severity: str
    policy_digest: str
    rules: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    findings: tuple[FoundEntity, ...] = ()
    message_id_hash: str = ""
    created: datetime | None = None
    reviewers: int = 1
    wishes: Wishes = NONE
    sender_told: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    state: State
    queue_id: str = ""  # Postfix's, once released


@dataclass(frozen=True, slots=True)
class Item:
    """`size` in bytes. `release_started` tells since when it has been "releasing"; `changed_*` who decided last."""

    id: str
    incident: str
    created: datetime
    state: State
    mail_from: str
    recipients: tuple[Recipient, ...]
    size: int
    severity: str
    policy_digest: str
    rules: tuple[str, ...]
    areas: tuple[str, ...]
    findings: tuple[FoundEntity, ...]
    message_id_hash: str
    release_started: datetime | None
    changed_at: datetime | None
    changed_by: str
    reason: str
    reviewers: int = 1
    agreed: tuple[str, ...] = ()  # who wants it released, where more than one has to
    assignee: str = ""
    legal_hold: bool = False
    purged: datetime | None = None  # since when its message is gone for good
    tombstone: str = ""  # SHA-256 of the sealed message that was destroyed
    wishes: Wishes = NONE  # what the client wanted to hear of the delivery, for its release


Order = Literal["newest", "oldest", "largest"]
NOBODY = "-"  # as assignee: those that nobody looks after


@dataclass(frozen=True, slots=True)
class Query:
    """Which items; empty asks for all. Addresses are compared without case.

    `search`: a part of an address, a rule, an incident or an id. `after`: what the order goes by, and the id, of the
    last item of the page before.
    """

    state: State | None = None
    mail_from: str = ""
    recipient: str = ""
    rule: str = ""
    area: str = ""
    incident: str = ""
    since: datetime | None = None
    until: datetime | None = None
    severity: str = ""
    assignee: str = ""
    search: str = ""
    legal_hold: bool | None = None
    order: Order = "newest"
    after: tuple[datetime | int, str] | None = None
    limit: int = 100

    def following(self, last: Item) -> "Query":
        """The same question for the page behind this item."""
        return replace(self, after=(last.size if self.order == "largest" else last.created, last.id))


class Held(NamedTuple):
    """What waits: items, their bytes, when the oldest came."""

    items: int
    bytes: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """`orphans` blobs without a row were removed; `missing` items have a row that needs a blob, and none: tampering."""

    orphans: int
    missing: tuple[str, ...]


def summarise(findings: Sequence[Finding]) -> tuple[FoundEntity, ...]:
    """Counts and masked samples by entity, for `NewItem.findings`. A sample that is not masked is left out."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.entity, []).append(finding)
    return tuple(FoundEntity(entity, len(group), _samples(group)) for entity, group in sorted(groups.items()))


def _samples(findings: Sequence[Finding]) -> tuple[str, ...]:
    masked = (f.masked for f in findings if "*" in f.masked and not (f.value and f.value in f.masked))
    return tuple(dict.fromkeys(masked))[:SAMPLES]
