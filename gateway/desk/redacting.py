"""Releasing a kept message without what was found in it.

A worker reads it by the rules as they are today and says which stretches go; what they leave is read once more before
anything is sent. Whatever cannot be read, or not be changed where it stands, is told, and nothing is sent then.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.actions.apply import apply_edits
from gateway.actions.words import AMBIGUOUS, OBSTACLES, OPAQUE, entity_words
from gateway.core.redacted import Redacted
from gateway.core.wishes import Wishes
from gateway.pipeline import Inspection
from gateway.quarantine import Item
from gateway.quarantine.errors import QuarantineError
from gateway.quarantine.release import Submit

MOST_TOLD = 5


class NotRedactable(QuarantineError):
    """It cannot be sent redacted; the text says which part stands against it. Nobody was sent anything."""


class Reads(Protocol):
    """Has a message inspected by workers that show what they read. Raises WorkersUnavailable."""

    def inspect(
        self, raw: bytes, mail_from: str, recipients: Sequence[str], incident: str, received: datetime, user: str = ""
    ) -> Inspection: ...


class Submits(Protocol):
    """Hands a message to Postfix; the queue id."""

    def submit(
        self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes], *, wishes: Wishes = ...
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class RedactedCopy:
    """Ready to be sent; `submit` is for `QuarantineStore.release`."""

    entities: tuple[str, ...]
    submit: Submit = field(repr=False)


@dataclass(frozen=True, slots=True)
class RedactedRelease:
    """Safe for many threads. `reader` gives the workers in use."""

    reader: Callable[[], Reads]
    postbox: Submits

    def copy(self, item: Item, octets: bytes) -> RedactedCopy:
        """Raises NotRedactable, WorkersUnavailable."""
        redacted = _redactable(item, self._inspected(item, octets))
        again = self._inspected(item, apply_edits(octets, redacted.edits))
        if _troubles(again) or redacted.fingerprints & {finding.fingerprint for finding in again.findings}:
            raise _refusal(item, ["what was taken out can still be read in it"])

        def send(mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], /, *, wishes: Wishes) -> str:
            octets = apply_edits(b"".join(chunks), redacted.edits)
            return self.postbox.submit(mail_from, recipients, [octets], wishes=wishes)

        return RedactedCopy(redacted.entities, send)

    def _inspected(self, item: Item, octets: bytes) -> Inspection:
        recipients = [recipient.address for recipient in item.recipients]
        return self.reader().inspect(octets, item.mail_from, recipients, item.incident, item.created)


def _redactable(item: Item, inspection: Inspection) -> Redacted:
    """What is to be taken out, where all of it can be. Raises NotRedactable."""
    troubles, redacted = _troubles(inspection), inspection.redacted
    if redacted is not None:
        troubles += [
            f"part {left.part_path}, {entity_words(left.entity)}: {OBSTACLES[left.obstacle]}" for left in redacted.left
        ]
        troubles += [f"there is more than the detector {detector} counts" for detector in redacted.unfinished]
    if redacted is None or troubles:
        raise _refusal(item, troubles)
    if not redacted.entities:
        raise _refusal(item, ["the rules of today find nothing in it that could be taken out"])
    return redacted


def _troubles(inspection: Inspection) -> list[str]:
    """What nobody has read for certain may hold anything."""
    told = [f"part {each.part_path} could not be read ({OPAQUE[each.reason]})" for each in inspection.opaque]
    told += [
        f"part {each.part_path} can be read in two ways ({AMBIGUOUS[each.reason]})" for each in inspection.ambiguous
    ]
    return told + [f"the detector {each.detector} did not finish" for each in inspection.failures]


def _refusal(item: Item, troubles: Sequence[str]) -> NotRedactable:
    some = list(dict.fromkeys(troubles))
    more = f"; and {len(some) - MOST_TOLD} more" if len(some) > MOST_TOLD else ""
    told = "; ".join(some[:MOST_TOLD]) or "it could not be read"
    return NotRedactable(
        f"item {item.id} cannot be released redacted: {told}{more}. Release it encrypted, or return it"
    )
