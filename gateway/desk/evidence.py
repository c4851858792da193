"""The audit log for people: looking, verifying, taking it away with proof."""

import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import review_events
from gateway.audit.errors import ChainBroken
from gateway.audit.export import LATEST, Question, export
from gateway.audit.index import AuditIndex, Entry, Wanted
from gateway.audit.verify import verify
from gateway.core.errors import GatepostError
from gateway.desk.guard import Guard, Log
from gateway.desk.rights import Act, Caller
from gateway.desk.wording import Wording
from gateway.report.timeline import Moment, timeline
from gateway.store.clock import Clock

EXPORTABLE = frozenset({"kind", "incident", "since", "until"})


class VerificationRuns(GatepostError):
    """Somebody is checking the log at this moment."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a verification came to; of the last one that was asked for. `why`: where the chain is broken, or what is in
    doubt."""

    at: datetime
    by: str
    ok: bool
    events: int
    checkpoints: int
    end: str
    why: str = ""


class EvidenceDesk:
    """Every method raises Forbidden, AuditUnavailable."""

    def __init__(
        self,
        folder: Path,
        index: AuditIndex,
        key: Callable[[], Ed25519PrivateKey],
        audit: Log,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._index = index
        self._key = key
        self._wording = wording
        self._clock = clock
        self._guard = Guard(audit)
        self._checking = threading.Lock()
        self.last: Checked | None = None

    def find(self, caller: Caller, wanted: Wanted, asked: Mapping[str, str]) -> tuple[Entry, ...]:
        """Newest first. Looking is an event, at each page: whoever asks chooses where a page begins."""
        self._guard.demand(caller, Act.AUDIT)
        found = self._index.find(wanted)
        self._note_look(caller, asked)
        return found

    def kinds(self, caller: Caller) -> tuple[str, ...]:
        self._guard.demand(caller, Act.AUDIT)
        return self._index.kinds()

    def incident(self, caller: Caller, incident: str) -> tuple[Entry, ...]:
        """All that happened to one message, oldest first."""
        self._guard.demand(caller, Act.AUDIT)
        found = self._index.incident(incident)
        self._note_look(caller, {"incident": incident})
        return found

    def check(self, caller: Caller) -> Checked:
        """Every line, link and signature. Raises VerificationRuns."""
        self._guard.demand(caller, Act.AUDIT)
        with self._alone():
            self.last = self._checked(caller)
        self._guard.note(caller, review_events.audit_verified(by=caller.name, ok=self.last.ok, events=self.last.events))
        return self.last

    def take(self, caller: Caller, wanted: Wanted, asked: Mapping[str, str]) -> bytes:
        """The wanted events with their proof, the signed head, the public key and how to check them, as a ZIP file.

        By event, incident and time alone: what else was asked for is left out of the question. The log is verified
        first: that nothing of an incident is left out is said by our signature alone. Raises ChainBroken,
        VerificationRuns.
        """
        self._guard.demand_confirmed(caller, Act.EXPORT_AUDIT)
        question = Question(
            incident=wanted.incident,
            code=wanted.kind,
            since=_milliseconds(wanted.since, 0),
            until=_milliseconds(wanted.until, LATEST),
        )
        words = "; ".join(f"{name}: {value}" for name, value in asked.items() if name in EXPORTABLE)
        with self._alone(), tempfile.TemporaryDirectory(prefix="gatepost-export-") as scratch:
            verify(self._folder, self._key().public_key())
            file = Path(scratch) / "export.zip"
            done = export(self._folder, file, question, self._key().public_key(), words=words, signing_key=self._key())
            packed = file.read_bytes()
        told = self._wording.told(asked)
        self._guard.note(caller, review_events.audit_exported(by=caller.name, filters=told, events=done.events))
        return packed

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time is enough for a disk."""
        if not self._checking.acquire(blocking=False):
            raise VerificationRuns("somebody is checking the log at this moment: try again in a minute")
        try:
            yield
        finally:
            self._checking.release()

    def _note_look(self, caller: Caller, asked: Mapping[str, str]) -> None:
        told = self._wording.told(asked)
        self._guard.note(caller, review_events.audit_viewed(by=caller.name, filters=told))

    def _checked(self, caller: Caller) -> Checked:
        try:
            found = verify(self._folder, self._key().public_key())
        except ChainBroken as broken:
            return Checked(self._clock(), caller.name, False, broken.seq, 0, "", str(broken))
        end = f"{found.last_seq}:{found.last_hash}"
        is_signed, doubts = not found.unsigned_tail, "; ".join(found.doubts)
        return Checked(self._clock(), caller.name, is_signed, found.events, found.checkpoints, end, doubts)


def _milliseconds(time: datetime | None, otherwise: int) -> int:
    return otherwise if time is None else int(time.timestamp() * 1000)


def told(entry: Entry) -> Moment:
    """An event in plain words; the event itself says more."""
    (moment,) = timeline([entry.event])
    make = _STORIES.get(entry.kind)
    if make:
        return replace(moment, what=make(entry.event.get("unmapped", {})), details=())
    words = entry.kind.replace("-", " ")
    return replace(moment, what=f"{words[:1].upper()}{words[1:]}") if moment.what == entry.kind else moment


def plain(entry: Entry) -> str:
    """The event as JSON, for reading."""
    return json.dumps(entry.event, indent=2, ensure_ascii=False, sort_keys=True)


def _because(unmapped: Mapping[str, Any]) -> str:
    return f": {unmapped['reason']}" if unmapped.get("reason") else ""


def _recovered(unmapped: Mapping[str, Any]) -> str:
    """After a crash, or a hand in the file."""
    octets, unsigned = unmapped.get("torn_bytes") or 0, unmapped.get("unsigned_events") or 0
    said = [f"{octets} bytes of an unfinished line were moved aside"] if octets else []
    said += [f"nobody had signed the {unsigned} before this one"] if unsigned else []
    return f"The log went on after a crash, or a hand in its files: {' and '.join(said) or 'nothing was lost'}"


_FACTORS: Mapping[object, str] = {"code": "a code", "key": "a security key", "none": "a password"}
_CAUSES: Mapping[object, str] = {
    "unknown": "nobody has that name",
    "disabled": "the account is disabled",
    "resting": "the name rests after failures",
    "password": "wrong password",
    "code": "wrong code",
    "key": "wrong security key",
    "expired": "the first password is out of date",
    "enrolled": "the account is set up already",
    "throttled": "too many tries from that address",
    "token": "not a token that holds",
}
Story = Callable[[Mapping[str, Any]], str]
_STORIES: dict[str, Story] = {
    "returned": lambda u: f"Returned to the sender{_because(u)}",
    "revealed": lambda u: f"Asked to see the message{_because(u)}",
    "message-text": lambda _: "Read the message as text",
    "message-html": lambda _: "Read the message as HTML",
    "message-downloaded": lambda _: "Downloaded the message",
    "item-opened": lambda _: "Looked at what is known of it, values masked",
    "assigned": lambda u: f"Assigned to {u.get('to') or 'nobody'}",
    "legal-hold": lambda u: f"Put under legal hold{_because(u)}",
    "legal-hold-lifted": lambda u: f"Legal hold lifted{_because(u)}",
    "purged": lambda u: f"Purged after {u.get('days')} days; its data key is destroyed",
    "marked": lambda u: f"Marked {u.get('name')} as {'right' if u.get('true') else 'wrong'}",
    "checkpoint": lambda _: "The log was signed up to here",
    "log-recovered": _recovered,
    "signed-in": lambda u: f"Signed in as {u.get('role')}",
    "emergency-signed-in": lambda _: "Signed in with the emergency account",
    "signed-out": lambda _: "Signed out",
    "confirmed": lambda u: f"Proved once more who it is, by {_FACTORS.get(u.get('factor'), 'a code')}",
    "account-added": lambda u: f"Added the account {u.get('account')} as {u.get('detail')}",
    "account-disabled": lambda u: f"Disabled the account {u.get('account')}",
    "account-enabled": lambda u: f"Enabled the account {u.get('account')}",
    "account-reset": lambda u: f"Gave the account {u.get('account')} a new first password; its second factor is gone",
    "account-role": lambda u: f"Gave the account {u.get('account')} the role {u.get('detail')}",
    "account-enrolled": lambda _: "Chose a password and set up a second factor",
    "account-password": lambda _: "Changed the own password",
    "account-sessions-ended": lambda u: f"Ended sessions of {u.get('account')}",
    "account-key-added": lambda u: f"Registered the security key {u.get('detail')}",
    "account-key-removed": lambda u: f"Removed the security key {u.get('detail')}",
    "account-token-issued": lambda u: f"Made the token {u.get('detail')}",
    "account-token-revoked": lambda u: f"Revoked the token {u.get('detail')}",
    "audit-viewed": lambda _: "Looked at the audit log",
    "sign-in-failed": lambda u: f"A sign-in was refused: {_CAUSES.get(u.get('cause'), u.get('cause'))}",
    "access-denied": lambda u: f"Was refused: {u.get('act')}",
    "items-searched": lambda u: f"Searched held mail; {u.get('found')} on the page",
    "message-tried": lambda _: "Tried a message of their own on the rules",
    "audit-verified": lambda u: "Verified the log: whole" if u.get("ok") else "Verified the log: BROKEN",
}
