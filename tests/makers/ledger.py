"""An audit log of made-up events, written through the product's own builders with a clock that is set by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events
from gateway.audit.log import AuditLog
from gateway.audit.reading import read_lines
from gateway.audit.segments import Disk
from gateway.core.detector import Confidence
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Depth, Finding
from gateway.core.message import Opaque, OpaqueReason, Place, Span
from gateway.core.verdict import Action, Disposition, Method, Outcome, RuleHit, Verb, Verdict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ACTIONS = {Disposition.DELIVER: Verb.DELIVER, Disposition.QUARANTINE: Verb.QUARANTINE, Disposition.BLOCK: Verb.BLOCK}


class Unsynced(Disk):
    """Made-up events need not outlive a power cut."""

    def sync(self, fd: int) -> None:
        pass


@dataclass
class Ledger:
    """Writes what a gateway would: `at` is the time of the next event."""

    folder: Path
    at: datetime = datetime(2026, 10, 5, 9, tzinfo=UTC)
    messages: int = 0
    key: Ed25519PrivateKey = KEY
    log: AuditLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = AuditLog(
            self.folder, self.key, checkpoint_events=50, clock=lambda: int(self.at.timestamp() * 1000), disk=Unsynced()
        )

    def add(self, event: dict[str, object], *, after: float = 1.0) -> None:
        """An event, `after` so many seconds."""
        self.at += timedelta(seconds=after)
        self.log.append(event)

    def message(
        self,
        *to: str,
        sender: str = "nurse@clinic.example",
        outcome: Disposition = Disposition.DELIVER,
        method: Method | None = None,
        rule: str = "",
        area: str = "hipaa",
        status: str = "enforce",
        severity: str = "high",
        entities: dict[str, str] | None = None,
        opaque: bool = False,
        redacted: bool = False,
        depth: Depth = Depth.ALL,
    ) -> str:
        """One message, decided and acted on; its incident. `entities`: fingerprint of each."""
        self.messages += 1
        incident = f"20261005-{self.messages:010d}"
        to = to or ("lee@partner.example",)
        transaction = Transaction(
            Session(client_address="192.0.2.7", auth_authen="nurse"),
            Envelope(sender, tuple(Recipient(address) for address in to)),
            b"x" * 2_000,
            f"4F{self.messages}",
            incident,
            self.at,
        )
        verb = Verb.ENCRYPT if method else Verb.REDACT if redacted else ACTIONS[outcome]
        hits = (RuleHit(rule, area, rule, severity, status, to, (Action(verb),)),) if rule else ()
        enforced = (rule,) if rule and status == "enforce" else ()
        done = tuple(Outcome(address, outcome, (Action(verb),), enforced, method) for address in to)
        verdict = Verdict(outcome, "sha256:00", done, hits)
        found = [_finding(entity, print_) for entity, print_ in (entities or {}).items()]
        unread = [Opaque("1.2", OpaqueReason.ENCRYPTED_ARCHIVE)] if opaque else []
        self.add(
            events.message_decided(transaction, verdict, findings=found, opaque=unread, depth=depth, milliseconds=12.5)
        )
        if method or outcome is Disposition.QUARANTINE:  # all else is Postfix's to carry out, and has no event
            self._acted(transaction, verdict, method)
        return incident

    def _acted(self, transaction: Transaction, verdict: Verdict, method: Method | None) -> None:
        to = [recipient.address for recipient in transaction.envelope.recipients]
        word = method.value if method else ""
        protected = [{"recipients": to, "queue_id": "4G", "method": word, "manner": "", "keys": ["ab12"]}]
        items = [transaction.incident] if verdict.disposition is Disposition.QUARANTINE else []
        self.add(
            events.message_acted(transaction, verdict, reply=250, items=items, protected=protected if method else [])
        )

    def delivered(self, incident: str, recipient: str, *, tls: bool = True, method: str = "smime") -> None:
        way = {"trust": "Verified", "version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"} if tls else {}
        self.add(
            events.copy_delivered(
                incident=incident,
                queue_id="4G",
                recipient=recipient,
                status="sent",
                relay="mx.partner.example[198.51.100.7]:25",
                tls=way,
                method=method,
            )
        )

    def review(
        self, operation: str, incident: str, *, by: str = "dana", after: float = 600.0, reason: str = ""
    ) -> None:
        """A release or discard, asked for and done."""
        self.add(
            events.review_requested(operation=operation, item=incident, incident=incident, by=by, reason=reason),
            after=after,
        )
        if operation == "discard":
            self.add(events.discarded(item=incident, incident=incident, by=by, reason=reason))
            return
        to = ("lee@partner.example",)
        done = events.released(item=incident, incident=incident, by=by, recipients=to, queue_id="4H", reason=reason)
        self.add(done)

    def events(self) -> list[dict[str, Any]]:
        return [event for _, event in read_lines(self.folder)]

    def of(self, incident: str) -> list[dict[str, Any]]:
        return [event for event in self.events() if event["metadata"].get("correlation_uid") == incident]


def _finding(entity: str, fingerprint: str) -> Finding:
    place, span = Place.BODY, Span(0, 11)
    return Finding(
        entity,
        frozenset(),
        entity.lower(),
        Confidence.HIGH,
        0.9,
        "1",
        place,
        0,
        span,
        "***-**-6789",
        "",
        fingerprint,
        (),
    )
