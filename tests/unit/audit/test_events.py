"""Events say what happened and nothing of what a message says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events, key_events, ocsf
from gateway.audit.log import AuditLog
from gateway.core.detector import Confidence
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Also, DetectorFailure, FailureKind, Finding
from gateway.core.message import Ambiguity, AmbiguousReason, Opaque, OpaqueReason, Place, Span
from gateway.core.verdict import Action, Disposition, Method, Outcome, RuleHit, Step, Verb, Verdict

CANARY = "CANARY-0815"


def _transaction(recipients: int = 2) -> Transaction:
    to = tuple(Recipient(f"lee-{number}@partner.example") for number in range(recipients))
    session = Session(listener="smtpd", client_address="192.0.2.7", auth_authen="dana")
    raw = f"Subject: {CANARY}\r\n\r\n{CANARY}".encode()
    return Transaction(session, Envelope("dana@clinic.example", to), raw, "4F1", "incident-1")


def _finding(masked: str = "***-**-6789") -> Finding:
    place, span = Place.BODY, Span(0, 11)
    return Finding(
        "US_SSN", frozenset(), "ssn", Confidence.HIGH, 0.9, "1", place, 0, span, masked, CANARY, "f1", (CANARY,)
    )


def _verdict(recipients: int = 2) -> Verdict:
    action = Action(Verb.NOTICE, {"text": CANARY})
    to = tuple(f"lee-{number}@partner.example" for number in range(recipients))
    outcomes = tuple(Outcome(address, Disposition.QUARANTINE, (action,), ("hipaa-phi",)) for address in to)
    hits = (RuleHit("hipaa-phi", "hipaa", CANARY, "high", "enforce", to, (action,)),)
    trace = (Step("hipaa-phi", to[0], "entities", True, CANARY),)
    return Verdict(Disposition.QUARANTINE, "sha256:00", outcomes, hits, trace)


def _decided(recipients: int = 2) -> dict[str, object]:
    return events.message_decided(
        _transaction(recipients),
        _verdict(recipients),
        findings=[_finding(), _finding()],
        opaque=[Opaque("1.2", OpaqueReason.ENCRYPTED_ARCHIVE)],
        ambiguous=[Ambiguity("1", AmbiguousReason.CHARSET)],
        failures=[DetectorFailure("ssn", FailureKind.TIMEOUT)],
        message_id="abcd",
        milliseconds=12.345,
    )


def test_a_decision_is_evidence_in_the_words_of_ocsf() -> None:
    """Class, activity, type, severity, disposition, e-mail fields; what we add is under unmapped."""
    event = _decided()

    assert (event["category_uid"], event["class_uid"], event["activity_id"], event["type_uid"]) == (4, 4009, 3, 400_903)
    assert (event["severity_id"], event["disposition_id"], event["disposition"]) == (4, 3, "Quarantined")
    assert event["email"] == {
        "uid": "4F1",
        "message_uid": "abcd",
        "from": "dana@clinic.example",
        "smtp_from": "dana@clinic.example",
        "smtp_to": ["lee-0@partner.example", "lee-1@partner.example"],
        "size": len(_transaction().raw),
    }
    unmapped = event["unmapped"]
    assert isinstance(unmapped, dict)
    assert unmapped["entities"] == [
        {
            "entity": "US_SSN",
            "count": 2,
            "confidence": "high",
            "samples": ["***-**-6789"],
            "distinct": 1,
            "fingerprints": ["f1"],
        }
    ]
    assert unmapped["opaque"] == [{"part": "1.2", "reason": "encrypted-archive"}]
    assert unmapped["failures"] == [{"detector": "ssn", "kind": "timeout"}]
    assert unmapped["milliseconds"] == 12.3


def test_what_only_watches_says_what_it_would_have_done() -> None:
    """Disposition and methods of a rule under monitor, or not rolled out to this sender yet."""
    to, able = ("a@x.example", "b@x.example"), (Method.PGP, Method.TLS)
    hits = (
        RuleHit("a", "x", "A", "low", "monitor", to, (), disposition=Disposition.DELIVER, methods=able),
        RuleHit("b", "x", "B", "low", "monitor", to[:1], (), disposition=Disposition.BLOCK, rollout=True),
        RuleHit("c", "x", "C", "low", "enforce", to, (), disposition=Disposition.BLOCK),
    )

    event = events.message_decided(_transaction(), replace(_verdict(), hits=hits))

    assert isinstance(event["unmapped"], dict)
    assert event["unmapped"]["rules"] == [
        {
            "rule": "a",
            "area": "x",
            "status": "monitor",
            "recipients": 2,
            "would": {"disposition": "deliver", "methods": ["pgp", "tls"]},
            "rollout": False,
        },
        {
            "rule": "b",
            "area": "x",
            "status": "monitor",
            "recipients": 1,
            "would": {"disposition": "block", "methods": []},
            "rollout": True,
        },
        {"rule": "c", "area": "x", "status": "enforce"},
    ]


def test_nothing_of_the_message_is_in_an_event(tmp_path: Path) -> None:
    """A canary in subject, body, value, reasons, titles, settings and trace reaches no byte of the log."""
    log = AuditLog(tmp_path / "audit", Ed25519PrivateKey.generate())
    log.append(_decided())
    log.append(events.message_acted(_transaction(), _verdict(), reply=250, copies=[(["a@b.example"], "4F2")]))
    log.append(events.message_failed(_transaction(), stage="store", kind="StoreUnavailable"))
    log.close()

    assert all(CANARY.encode() not in path.read_bytes() for path in (tmp_path / "audit").iterdir())


@pytest.mark.parametrize("masked", [CANARY, f"*{CANARY}", "no star", ""])
def test_a_sample_that_is_not_masked_is_left_out(masked: str) -> None:
    """Whatever a detector says is masked is looked at again; nothing raises."""
    event = events.message_decided(_transaction(), _verdict(), findings=[_finding(masked)])

    assert CANARY not in json.dumps(event)
    assert '"samples": []' in json.dumps(event)


def test_a_value_with_a_second_name_is_one_value_in_evidence() -> None:
    """Under its first name: whoever counts values counts no place twice."""
    found = replace(_finding(), also=(Also("HEALTH_PLAN_MEMBER_ID", Confidence.LOW, "f2"),))
    event = events.message_decided(_transaction(), _verdict(), findings=[found])
    once = events.message_decided(_transaction(), _verdict(), findings=[_finding()])

    assert json.dumps(event["unmapped"]) == json.dumps(once["unmapped"])
    assert "HEALTH_PLAN_MEMBER_ID" not in json.dumps(event)


def test_a_thousand_recipients_with_one_outcome_are_one_entry() -> None:
    """Outcomes are grouped, so an event stays small."""
    unmapped = _decided(1_000)["unmapped"]

    assert isinstance(unmapped, dict)
    assert len(unmapped["outcomes"]) == 1
    assert len(unmapped["outcomes"][0]["recipients"]) == 1_000


def test_addresses_that_are_not_unicode_can_be_said() -> None:
    """An envelope address may hold bytes that are no UTF-8, as surrogates; a line is ASCII all the same."""
    from gateway.audit.chain import canonical

    transaction = Transaction(Session(), Envelope("d\udcffna@clinic.example", (Recipient("ü@partner.example"),)), b"")

    assert canonical(events.message_decided(transaction, _verdict())).isascii()


def test_a_reviewers_words_are_cut_and_of_one_line() -> None:
    """Reasons are written by people; control characters and length are not theirs to choose."""
    event = events.discarded(item="item-1", incident="incident-1", by="robin\n", reason="a\x00b\r\n" + "x" * 1_000)
    unmapped = event["unmapped"]

    assert isinstance(unmapped, dict)
    assert unmapped["reason"].startswith("a b xxx")
    assert len(unmapped["reason"]) == ocsf.WORDS
    assert event["actor"] == {"user": {"name": "robin "}}


@pytest.mark.parametrize(
    "event",
    [
        events.policy_changed(old="", new="sha256:00"),
        events.policy_refused(kept="sha256:00", faults=3),
        events.gateway_started(policy="sha256:00", listener="unix:/run/x", workers=2),
        events.gateway_stopped(signal="SIGTERM"),
        events.released(item="i", incident="n", by="robin", recipients=["a@b.example"], queue_id="4F1"),
        events.viewed(item="i", incident="n", by="robin"),
        key_events.keys_initialised(key="k-1"),
        key_events.keys_rotated(key="k-2", retired="k-1"),
        key_events.items_rewrapped(key="k-2", count=7),
        events.store_swept(orphans=1, missing=["i"]),
        events.log_recovered(1, 20, 2),
        events.checkpoint_event("c2ln"),
    ],
    ids=lambda event: event["metadata"]["event_code"],
)
def test_every_event_has_the_required_fields_of_ocsf(event: dict[str, object]) -> None:
    """And numbers that agree with one another."""
    events.check_event(event)
    class_uid, activity = event["class_uid"], event["activity_id"]
    assert isinstance(class_uid, int)
    assert isinstance(activity, int)
    assert event["category_uid"] == class_uid // 1000
    assert event["type_uid"] == class_uid * 100 + activity
