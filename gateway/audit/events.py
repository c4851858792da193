"""The events, one builder each. Typed values in, an OCSF-shaped dict out; nothing else gets into the log.

What may stand in an event: ids, counts, digests, entity and rule names, envelope addresses (evidence of who sent what
to whom), masked samples, keyed fingerprints, the words of a reviewer. Never a subject, a header value, a file name or a
text of the message. What OCSF has no field for is under `unmapped`, as OCSF asks.
"""

from collections.abc import Iterable, Mapping, Sequence

from gateway.audit.fingerprints import named
from gateway.audit.ocsf import (
    DISPOSITIONS,
    ApiActivity,
    EmailActivity,
    EntityActivity,
    EventClass,
    Lifecycle,
    actor,
    base,
    client,
    words,
)
from gateway.core.envelope import Transaction
from gateway.core.finding import Depth, DetectorFailure, Finding
from gateway.core.message import Ambiguity, Opaque
from gateway.core.verdict import Outcome, RuleHit, Verdict

FIELDS = frozenset(
    [
        "activity_id",
        "app",
        "category_uid",
        "class_uid",
        "direction_id",
        "disposition",
        "disposition_id",
        "email",
        "entity",
        "actor",
        "api",
        "metadata",
        "service",
        "severity_id",
        "src_endpoint",
        "status_id",
        "type_uid",
        "unmapped",
        "user",
    ]
)
REQUIRED = frozenset(["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "type_uid"])
OUTBOUND = 2
SAMPLES = 3  # masked samples of one entity in one event
REVIEWS = {"release": ApiActivity.UPDATE, "confirm": ApiActivity.UPDATE, "discard": ApiActivity.DELETE}
# Nothing was done; perhaps it was done; it was done, but the item could not be changed to say so.
OUTCOMES = frozenset({"not-done", "uncertain", "unrecorded"})


def check_event(event: Mapping[str, object]) -> None:
    """ValueError for fields that no builder here makes: a stray field may be content."""
    stray = event.keys() - FIELDS
    if stray or not event.keys() >= REQUIRED or not isinstance(event["metadata"], dict):
        raise ValueError("not an event of gateway.audit.events")


def message_decided(
    transaction: Transaction,
    verdict: Verdict,
    *,
    findings: Sequence[Finding] = (),
    opaque: Sequence[Opaque] = (),
    ambiguous: Sequence[Ambiguity] = (),
    failures: Sequence[DetectorFailure] = (),
    depth: Depth = Depth.ALL,
    message_id: str = "",
    milliseconds: float = 0.0,
) -> dict[str, object]:
    """Before anything is done: what was found, and what was decided for each recipient.

    `message_id` is a keyed fingerprint of the Message-ID, never the field itself.
    """
    severity = max((hit.severity for hit in verdict.hits), key=_rank, default="informational")
    event = _message(EmailActivity.SCAN, severity, "message-decided", transaction, message_id)
    event["disposition_id"], event["disposition"] = DISPOSITIONS[verdict.disposition]
    event["unmapped"] = {
        "policy": verdict.policy_digest,
        "outcomes": _outcomes(verdict.outcomes),
        "rules": [_rule(hit) for hit in verdict.hits],
        "entities": _entities(findings),
        "opaque": [{"part": part.part_path, "reason": part.reason.value} for part in opaque],
        "ambiguous": [{"part": part.part_path, "reason": part.reason.value} for part in ambiguous],
        "failures": [{"detector": failure.detector, "kind": failure.kind.value} for failure in failures],
        "milliseconds": round(milliseconds, 1),
        **({} if depth is Depth.ALL else {"looked_for": depth.value}),  # then the entities are not all that there are
    }
    return event


def _rule(hit: RuleHit) -> dict[str, object]:
    """A rule that applied. One that changed nothing comes with what it would have done."""
    rule: dict[str, object] = {"rule": hit.rule, "area": hit.area, "status": hit.status}
    if hit.status == "enforce":
        return rule
    would = {"disposition": hit.disposition.word, "methods": [method.value for method in hit.methods]}
    return {**rule, "recipients": len(hit.recipients), "would": would, "rollout": hit.rollout}


def message_acted(
    transaction: Transaction,
    verdict: Verdict,
    *,
    reply: int,
    copies: Sequence[tuple[Sequence[str], str]] = (),
    items: Sequence[str] = (),
    forwarded: Sequence[str] = (),
    notified: Sequence[str] = (),
    message_id: str = "",
    resumed: bool = False,
    protected: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    """After it was done, before Postfix is answered with code `reply`.

    `copies` are (recipients, queue id) handed to Postfix besides the original; `items` quarantine ids;
    `forwarded` addresses that got a further copy; `notified` addresses; `resumed` says that an earlier attempt's steps
    were not repeated. `protected`: each copy that leaves protected, with its recipients, queue id, method,
    manner and fingerprints of keys.
    """
    event = _message(EmailActivity.SEND, "informational", "message-acted", transaction, message_id)
    event["disposition_id"], event["disposition"] = DISPOSITIONS[verdict.disposition]
    event["unmapped"] = {
        "policy": verdict.policy_digest,
        "reply": reply,
        "copies": [{"recipients": list(recipients), "queue_id": queue_id} for recipients, queue_id in copies],
        "items": list(items),
        "forwarded": list(forwarded),
        "notified": list(notified),
        "resumed": resumed,
        "protected": list(protected),
    }
    return event


def message_failed(transaction: Transaction, *, stage: str, kind: str, reply: int = 451) -> dict[str, object]:
    """A failure of ours deferred the message, or with 5xx it was refused for its size or an address.

    `stage` and `kind` are names from closed lists, not texts of errors.
    """
    event = _message(EmailActivity.SEND, "medium", "message-failed", transaction, "")
    event["disposition_id"], event["disposition"] = (14, "Delayed") if reply < 500 else (2, "Blocked")
    event["status_id"] = 2
    event["unmapped"] = {"stage": stage, "kind": kind, "reply": reply}
    return event


def policy_changed(
    *,
    old: str,
    new: str,
    by: str = "",
    enforced: Sequence[str] = (),
    monitored: Sequence[str] = (),
    signer: str = "",
    key: str = "",
) -> dict[str, object]:
    """The policy with digest `new` took the place of `old` ("" at start).

    `enforced` are the rules in force for everybody, `monitored` those that are watched, or rolled out to some. `signer`
    and `key`, a fingerprint, are of the signature that was demanded; "" where none is.
    """
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.UPDATE, "informational", "policy-changed")
    rules = {"enforced": list(enforced), "monitored": list(monitored)}
    signed = {"signer": words(signer), "signing_key": key} if key else {}
    return {**event, **actor(by), "unmapped": {"old": old, "new": new, **rules, **signed}}


def policy_refused(*, kept: str, faults: int, unsigned: bool = False) -> dict[str, object]:
    """A reload found faults, or no valid signature (`unsigned`); the policy with digest `kept` goes on."""
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.UPDATE, "high", "policy-refused")
    return {**event, "status_id": 2, "unmapped": {"kept": kept, "faults": faults, "unsigned": unsigned}}


def postfix_changed(*, what: str, changes: int, by: str) -> dict[str, object]:
    """Gatepost was "inserted" into the Postfix of this machine, or "removed" from it."""
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.UPDATE, "high", f"postfix-{what}")
    return {**event, **actor(by), "unmapped": {"changes": changes}}


def backup_made(*, keyring: bool, by: str) -> dict[str, object]:
    """What is kept was copied; with the keyring who has the copy reads all of it."""
    severity = "high" if keyring else "informational"
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.OTHER, severity, "backup-made")
    return {**event, **actor(by), "unmapped": {"keyring": keyring}}


def store_copied(*, rows: int, messages: int, by: str) -> dict[str, object]:
    """All that was kept is in another store too: rows of the database, sealed messages."""
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.OTHER, "high", "store-copied")
    return {**event, **actor(by), "unmapped": {"rows": rows, "messages": messages}}


def backup_restored(*, made: str, by: str) -> dict[str, object]:
    """The store is that of a backup: what came after it is not known here."""
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.OTHER, "high", "backup-restored")
    return {**event, **actor(by), "unmapped": {"made": made}}


def gateway_started(*, policy: str, listener: str, workers: int) -> dict[str, object]:
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.START, "informational", "gateway-started")
    return {**event, "unmapped": {"policy": policy, "listener": listener, "workers": workers}}


def gateway_stopped(*, signal: str = "") -> dict[str, object]:
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.STOP, "informational", "gateway-stopped")
    return {**event, "unmapped": {"signal": signal}}


def released(
    *,
    item: str,
    incident: str,
    by: str,
    recipients: Sequence[str],
    queue_id: str,
    reason: str = "",
    forced: bool = False,
    method: str = "",
    redacted: Sequence[str] = (),
) -> dict[str, object]:
    """A quarantined message was handed to Postfix after all. `forced`: perhaps for the second time, and knowingly.

    `method`: how it was protected; "" as it came. `redacted`: the entities that were taken out of it.
    """
    unmapped = {"item": item, "recipients": list(recipients), "queue_id": queue_id, "forced": forced}
    unmapped |= {"method": method} if method else {}
    unmapped |= {"redacted": list(redacted)} if redacted else {}
    return _reviewed(ApiActivity.UPDATE, "released", incident, by, {**unmapped, "reason": words(reason)})


def review_requested(
    *,
    operation: str,
    item: str,
    incident: str,
    by: str,
    recipients: Sequence[str] = (),
    reason: str = "",
    forced: bool = False,
) -> dict[str, object]:
    """Before a reviewer's `operation` ("release", "confirm", "discard") is tried. Its end is another event."""
    unmapped = {"item": item, "recipients": list(recipients), "forced": forced, "reason": words(reason)}
    return _reviewed(REVIEWS[operation], f"{operation}-requested", incident, by, unmapped)


def review_failed(
    *, operation: str, item: str, incident: str, by: str, outcome: str, queue_id: str = ""
) -> dict[str, object]:
    """What was requested was not done, or it is not known whether. `outcome` is one of OUTCOMES."""
    if outcome not in OUTCOMES:
        raise ValueError("not an outcome of a review")
    unmapped = {"item": item, "outcome": outcome, "queue_id": queue_id}
    event = _reviewed(REVIEWS[operation], f"{operation}-failed", incident, by, unmapped)
    return {**event, "status_id": 2}


def release_agreed(*, item: str, incident: str, by: str) -> dict[str, object]:
    """The word of one person for a release that more than one has to agree to: noted, and nothing was sent."""
    return _reviewed(REVIEWS["release"], "release-agreed", incident, by, {"item": item})


def discarded(*, item: str, incident: str, by: str, reason: str) -> dict[str, object]:
    return _reviewed(ApiActivity.DELETE, "discarded", incident, by, {"item": item, "reason": words(reason)})


def viewed(*, item: str, incident: str, by: str) -> dict[str, object]:
    """Somebody was shown the sealed message."""
    return _reviewed(ApiActivity.READ, "viewed", incident, by, {"item": item})


def searched(*, found: int, by: str) -> dict[str, object]:
    """Somebody asked which messages carried a value, and was told of so many. The value is nowhere."""
    event = base(EventClass.API_ACTIVITY, ApiActivity.READ, "informational", "audit-searched")
    return {**event, **actor(by), "api": {"operation": "audit-searched"}, "unmapped": {"found": found}}


def exported(
    *, what: str, by: str, incident: str = "", details: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Somebody is handed evidence: `what` is "proof" or the name of a report. Before the first byte is written."""
    unmapped = {"what": what, **(details or {})}
    return _reviewed(ApiActivity.READ, "audit-exported", incident, by, unmapped)


def copy_delivered(
    *, incident: str, queue_id: str, recipient: str, status: str, relay: str, tls: Mapping[str, str], method: str
) -> dict[str, object]:
    """What Postfix's log says became of one copy for one recipient. `tls` is empty where it left in plain."""
    event = base(EventClass.EMAIL_ACTIVITY, EmailActivity.SEND, "informational", "copy-delivered", incident)
    event["direction_id"] = OUTBOUND
    event["email"] = {"uid": queue_id, "smtp_to": [recipient], "to": [recipient]}
    event["status_id"] = 1 if status == "sent" else 2
    return {**event, "unmapped": {"status": status, "relay": relay, "tls": dict(tls), "method": method}}


def index_built(*, index: str, digest: str, rows: int, by: str = "") -> dict[str, object]:
    """The index of a list took the place of an older one, or is new. `index` is the name of its file."""
    event = base(EventClass.ENTITY_MANAGEMENT, EntityActivity.UPDATE, "informational", "index-built")
    unmapped = {"digest": digest, "rows": rows}
    return {**event, **actor(by), "entity": {"type": "index", "uid": index}, "unmapped": unmapped}


def store_swept(*, orphans: int, missing: Sequence[str]) -> dict[str, object]:
    """Blobs without a row were removed; `missing` items have a row and no blob, which only tampering does."""
    severity = "critical" if missing else "informational"
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.OTHER, severity, "store-swept")
    return {**event, "unmapped": {"orphans": orphans, "missing": list(missing)}}


def log_recovered(segment: int, octets: int, unsigned: int) -> dict[str, object]:
    """A crash, or a hand in the file: so many bytes behind the last whole line of a segment were moved aside, and the
    last lines before this one, so many of them, stood behind the signed end.
    """
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.OTHER, "medium", "log-recovered")
    return {**event, "unmapped": {"segment": segment, "torn_bytes": octets, "unsigned_events": unsigned}}


def checkpoint_event(signature: str) -> dict[str, object]:
    """The chain up to here, signed; see `gateway.audit.chain.checkpoint_payload`."""
    event = base(EventClass.APPLICATION_LIFECYCLE, Lifecycle.OTHER, "informational", "checkpoint")
    return {**event, "unmapped": {"checkpoint": {"algorithm": "Ed25519", "signature": signature}}}


def _message(
    activity: EmailActivity, severity: str, kind: str, transaction: Transaction, message_id: str
) -> dict[str, object]:
    envelope, session = transaction.envelope, transaction.session
    event = base(EventClass.EMAIL_ACTIVITY, activity, severity, kind, transaction.incident)
    event["direction_id"] = OUTBOUND
    event["email"] = {
        "uid": transaction.queue_id,
        "message_uid": message_id,
        "from": envelope.mail_from,  # of the envelope: the schema wants one, and no field of a header is written down
        "smtp_from": envelope.mail_from,
        "smtp_to": [recipient.address for recipient in envelope.recipients],
        "size": len(transaction.raw),
    }
    return {**event, **client(session.client_address, session.listener), **actor(session.auth_authen)}


def _reviewed(
    activity: ApiActivity, kind: str, incident: str, by: str, unmapped: Mapping[str, object]
) -> dict[str, object]:
    event = base(EventClass.API_ACTIVITY, activity, "informational", kind, incident)
    return {**event, **actor(by), "api": {"operation": kind}, "unmapped": dict(unmapped)}


def _outcomes(outcomes: Iterable[Outcome]) -> list[dict[str, object]]:
    """Recipients with the same outcome stand together: a thousand recipients are one entry."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for outcome in outcomes:
        verbs = tuple(action.verb.value for action in outcome.actions)
        method = outcome.method.value if outcome.method else None
        groups.setdefault((outcome.disposition.word, verbs, outcome.rules, method), []).append(outcome.recipient)
    return [
        {"recipients": who, "disposition": disposition, "actions": verbs, "rules": rules, "method": method}
        for (disposition, verbs, rules, method), who in groups.items()
    ]


def _entities(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """By entity: how many, how sure, a few masked samples and fingerprints."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.entity, []).append(finding)
    return [_entity(entity, groups[entity]) for entity in sorted(groups)]


def _entity(entity: str, findings: Sequence[Finding]) -> dict[str, object]:
    samples = dict.fromkeys(finding.masked for finding in findings if _is_masked(finding))
    return {
        "entity": entity,
        "count": len(findings),
        "confidence": max(finding.confidence for finding in findings).word,
        "samples": list(samples)[:SAMPLES],
        **named(finding.fingerprint for finding in findings if finding.fingerprint),
    }


def _is_masked(finding: Finding) -> bool:
    return "*" in finding.masked and not (finding.value and finding.value in finding.masked)


def _rank(severity: str) -> int:
    order = ("informational", "info", "low", "medium", "high", "critical")
    return order.index(severity) if severity in order else 0
