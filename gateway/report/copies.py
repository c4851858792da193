"""What became of one message for each of its recipients: was it disclosed, and how did it go?

Made of the events of its incident. Disclosed means handed to Postfix for that recipient; whether somebody read it no
gateway can know.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.audit.reading import Event, at, code, word
from gateway.report.finished import waits_for_acts
from gateway.report.timeline import moment_time

# The method of a copy in plain words.
METHODS = {"smime": "S/MIME", "pgp": "OpenPGP", "tls": "TLS on the way", "portal": "pickup portal"}


@dataclass(frozen=True, slots=True)
class Copy:
    """Of one recipient. `sent` None: it was not handed to Postfix. `method` "" is in plain."""

    recipient: str
    outcome: str  # deliver, quarantine, block, released, discarded
    sent: datetime | None = None
    method: str = ""
    redacted: bool = False
    log: str = ""  # what Postfix's log said

    @property
    def is_disclosed(self) -> bool:
        return self.sent is not None

    @property
    def is_encrypted(self) -> bool:
        """The message itself: TLS protects the way alone."""
        return self.method in ("smime", "pgp")


def copies(events: Iterable[Event]) -> tuple[Copy, ...]:
    """One for each recipient of the incident's last decision, in the order of the decision."""
    found: dict[str, Copy] = {}
    for event in events:
        kind, when = code(event), moment_time(event)
        if kind == "message-decided":
            found = {copy.recipient: copy for copy in _decided(event)}
            if not waits_for_acts(event):
                _sent(found, when)
        elif kind == "message-acted" and at(event, "unmapped", "reply") == 250:
            _sent(found, when)
        elif kind == "released":
            for recipient in _texts(event, "unmapped", "recipients"):
                before = found.get(recipient, Copy(recipient, ""))
                method = word(event, "unmapped", "method")
                cut = bool(_texts(event, "unmapped", "redacted"))
                found[recipient] = replace(before, outcome="released", sent=when, method=method, redacted=cut)
        elif kind == "discarded":
            _discarded(found)
        elif kind == "copy-delivered":
            _logged(found, event)
    return tuple(found.values())


def _decided(event: Event) -> Iterator[Copy]:
    for outcome in _list(event, "unmapped", "outcomes"):
        redacted = "redact" in _texts(outcome, "actions")
        for recipient in _texts(outcome, "recipients"):
            yield Copy(recipient, word(outcome, "disposition"), method=word(outcome, "method"), redacted=redacted)


def _sent(found: dict[str, Copy], when: datetime) -> None:
    """Postfix was answered: the delivering outcomes have left."""
    for recipient, copy in found.items():
        if copy.outcome == "deliver":
            found[recipient] = replace(copy, sent=copy.sent or when)


def _discarded(found: dict[str, Copy]) -> None:
    for recipient, copy in found.items():
        if copy.outcome == "quarantine":
            found[recipient] = replace(copy, outcome="discarded")


def _logged(found: dict[str, Copy], event: Event) -> None:
    version = word(event, "unmapped", "tls", "version")
    trust = word(event, "unmapped", "tls", "trust").lower()
    said = f"{word(event, 'unmapped', 'status')}, {f'{version} {trust}' if version else 'without TLS'}"
    for recipient in _texts(event, "email", "smtp_to"):
        if recipient in found:
            found[recipient] = replace(found[recipient], log=said)


def _list(event: object, *names: str) -> list[Any]:
    value = at(event, *names)
    return value if isinstance(value, list) else []


def _texts(event: object, *names: str) -> list[str]:
    return [str(each) for each in _list(event, *names)]
