"""Every event that can come into the log, held against the schema of OCSF itself.

The schema is the one that the package `ocsf-json-schema` carries (from https://schema.ocsf.io, Apache 2.0).
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from gateway.audit import events, key_events, ocsf, people_events, review_events
from gateway.audit.log import AuditLog
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.verdict import Disposition, Outcome, Verdict
from gateway.desk.guard import LogOf
from gateway.desk.rights import Caller
from gateway.people import Role
from gateway.pickup import Pickup, State
from gateway.pickup import events as pickup_events

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
NULL_PATH = ("email/from: '' does not match", "email/smtp_from: '' does not match")  # a bounce has no sender
OF_THE_CHAIN = {"seq", "prev"}  # what makes a line one of the log; the event is the rest
TRANSACTION = Transaction(
    Session(listener="smtpd", client_address="192.0.2.7", auth_authen="dana"),
    Envelope("dana@clinic.example", (Recipient("lee@partner.example"),)),
    b"x",
    "4F1",
    "incident-1",
)
BOUNCE = Transaction(Session(), Envelope("", (Recipient("lee@partner.example"),)), b"x", "", "incident-2")
VERDICT = Verdict(
    Disposition.QUARANTINE, "sha256:00", (Outcome("lee@partner.example", Disposition.QUARANTINE),), (), ()
)
PICKUP = Pickup("p1", "lee@partner.example", "dana@clinic.example", "incident-1", NOW, NOW, 9)
ITEM = {"item": "i", "incident": "n", "by": "robin"}
WHO = {"name": "robin", "client": "192.0.2.9"}
MODULES: tuple[ModuleType, ...] = (events, key_events, people_events, review_events, pickup_events)
NO_EVENT = {events.check_event}

CASES: Mapping[Callable[..., Any], list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    events.message_decided: [((TRANSACTION, VERDICT), {}), ((BOUNCE, VERDICT), {})],
    events.message_acted: [((TRANSACTION, VERDICT), {"reply": 250})],
    events.message_failed: [((TRANSACTION,), {"stage": "store", "kind": "StoreUnavailable"})],
    events.policy_changed: [((), {"old": "", "new": "sha256:00", "by": "robin", "signer": "s", "key": "k"})],
    events.policy_refused: [((), {"kept": "sha256:00", "faults": 3})],
    events.postfix_changed: [((), {"what": "inserted", "changes": 2, "by": "robin"})],
    events.backup_made: [((), {"keyring": True, "by": "robin"})],
    events.store_copied: [((), {"rows": 1, "messages": 1, "by": "robin"})],
    events.backup_restored: [((), {"made": "2026-01-01", "by": "robin"})],
    events.gateway_started: [((), {"policy": "sha256:00", "listener": "unix:/run/x", "workers": 2})],
    events.gateway_stopped: [((), {"signal": "SIGTERM"})],
    events.released: [((), {**ITEM, "recipients": ["a@b.example"], "queue_id": "4F1", "method": "smime"})],
    events.review_requested: [((), {**ITEM, "operation": "release"})],
    events.review_failed: [((), {**ITEM, "operation": "discard", "outcome": "uncertain"})],
    events.release_agreed: [((), ITEM)],
    events.discarded: [((), {**ITEM, "reason": "r"})],
    events.viewed: [((), ITEM), ((), {**ITEM, "by": ""})],
    events.searched: [((), {"found": 1, "by": "robin"})],
    events.exported: [((), {"what": "proof", "by": "robin"})],
    events.copy_delivered: [
        (
            (),
            {"incident": "n", "queue_id": "4F1", "recipient": "a@b.example", "status": "sent", "relay": "mx"}
            | {"tls": {}, "method": ""},
        )
    ],
    events.index_built: [((), {"index": "i", "digest": "d", "rows": 2})],
    events.store_swept: [((), {"orphans": 1, "missing": ["i"]})],
    events.log_recovered: [((1, 20, 2), {})],
    events.checkpoint_event: [(("c2ln",), {})],
    key_events.keys_initialised: [((), {"key": "k"})],
    key_events.keys_rotated: [((), {"key": "k", "retired": "j"})],
    key_events.items_rewrapped: [((), {"key": "k", "count": 2})],
    key_events.portal_keys_written: [((), {"key": "k", "count": 2})],
    key_events.recipient_key: [
        ((what,), {"address": "a@b.example", "method": "pgp", "fingerprint": "f", "source": "wkd"})
        for what in key_events.RECIPIENT_KEYS
    ],
    key_events.recipient_lane: [((), {"domain": "b.example", "lane": "secure", "by": "robin"})],
    key_events.own_key: [((what,), {"method": "smime", "fingerprint": "f"}) for what in key_events.OWN_KEYS],
    people_events.signed_in: [
        ((), {**WHO, "role": "officer", "factor": "code", "emergency": emergency}) for emergency in (False, True)
    ],
    people_events.sign_in_failed: [((), {**WHO, "cause": "password"}), ((), {**WHO, "name": "", "cause": "unknown"})],
    people_events.signed_out: [((), WHO)],
    people_events.confirmed: [((), {**WHO, "factor": "key"})],
    people_events.account: [((what,), {"name": "lee", "by": "robin"}) for what in people_events.CHANGES],
    people_events.access_denied: [((), {"by": "robin", "act": "release"})],
    review_events.searched_items: [((), {"by": "robin", "filters": {"state": "held"}, "found": 1})],
    review_events.opened: [((), ITEM)],
    review_events.revealed: [((), {**ITEM, "reason": "r"})],
    review_events.read: [((what,), ITEM) for what in ("text", "html", "values", "downloaded")],
    review_events.assigned: [((), {**ITEM, "to": "lee"})],
    review_events.commented: [((), ITEM)],
    review_events.hold: [((), {**ITEM, "on": True, "reason": "r"})],
    review_events.marked: [((), {**ITEM, "kind": "rule", "name": "r", "is_true": True})],
    review_events.returned: [((), {**ITEM, "queue_id": "4F1", "reason": "r"})],
    review_events.sender_told: [(("outcome",), {"to": "a@b.example", "about": ["i"], "queue_id": "4F1"})],
    review_events.purged: [
        ((), {**ITEM, "created": NOW.isoformat(), "state": "held", "tombstone": "t", "areas": [], "days": 90})
    ],
    review_events.tried: [((), {"by": "robin", "size": 1, "policy": "sha256:00"})],
    review_events.replayed: [(("begun",), {"by": "robin", "old": "a", "new": "b", "days": 1, "messages": 2})],
    review_events.audit_viewed: [((), {"by": "robin", "filters": {}})],
    review_events.audit_verified: [((), {"by": "robin", "ok": False, "events": 1})],
    review_events.audit_exported: [((), {"by": "robin", "filters": {}, "events": 1})],
    pickup_events.waiting: [((PICKUP,), {})],
    pickup_events.code_sent: [((PICKUP, "192.0.2.9"), {})],
    pickup_events.code_refused: [((PICKUP, "192.0.2.9"), {})],
    pickup_events.opened: [((PICKUP, "192.0.2.9"), {"first": True})],
    pickup_events.closed: [((PICKUP, ""), {})],
    pickup_events.fetched: [((PICKUP, "1.2"), {})],
    pickup_events.ended: [((PICKUP, State.EXPIRED, "retention"), {})],
    pickup_events.listed: [((), {"by": "robin", "found": 2})],
}
ALL = [
    pytest.param(make, *case, id=f"{make.__module__.rpartition('.')[2]}-{make.__name__}-{number}")
    for make, cases in CASES.items()
    for number, case in enumerate(cases)
]


@cache
def schema(class_uid: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    book = OcsfJsonSchemaEmbedded(get_ocsf_schema(ocsf.SCHEMA))
    return Draft202012Validator(book.get_class_schema(book.lookup_class_name_from_uid(class_uid), list(profiles)))


def faults(event: Mapping[str, Any]) -> Iterator[str]:
    """Where the event is not what the schema says; with the profiles that it names, and no others."""
    profiles = tuple(event["metadata"].get("profiles", ()))
    for error in schema(event["class_uid"], profiles).iter_errors(event):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def builders() -> set[Callable[..., Any]]:
    found: set[Callable[..., Any]] = {
        each
        for module in MODULES
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__ and not name.startswith("_")
    }
    return found - NO_EVENT


def test_every_builder_is_looked_at() -> None:
    """One that is new needs a case here."""
    assert builders() == CASES.keys()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, object]], dict[str, Any]]:
    """The line that an event becomes, without what is of the chain."""
    folder = tmp_path_factory.mktemp("ocsf")
    log = AuditLog(folder, Ed25519PrivateKey.generate())

    def write(event: Mapping[str, object]) -> dict[str, Any]:
        log.append(event)
        line = json.loads((folder / "audit-000001.jsonl").read_bytes().splitlines()[-1])
        return {name: value for name, value in line.items() if name not in OF_THE_CHAIN}

    return write


@pytest.mark.parametrize(("make", "words", "named"), ALL)
def test_an_event_is_what_the_schema_says(
    make: Callable[..., dict[str, object]],
    words: tuple[Any, ...],
    named: dict[str, Any],
    written: Callable[[Mapping[str, object]], dict[str, Any]],
) -> None:
    """Each field is one of its class and of the profiles that are named; each required one is there."""
    event = written(make(*words, **named))

    assert [fault for fault in faults(event) if not fault.startswith(NULL_PATH)] == []


def test_what_somebody_does_at_the_console_tells_from_where(
    written: Callable[[Mapping[str, object]], dict[str, Any]],
) -> None:
    """The address of the browser or of the program, beside who it is; and it is what the schema says."""
    told: list[Mapping[str, object]] = []

    class Log:
        def append(self, event: Mapping[str, object]) -> None:
            told.append(event)

    for token in ("", "t-1"):
        caller = Caller("robin", Role.OFFICER, client="192.0.2.9", token=token)
        LogOf(Log(), caller).append(review_events.opened(item="i", incident="n", by="robin"))

    for event in map(written, told):
        assert event["src_endpoint"] == {"ip": "192.0.2.9"}
        assert event["actor"]["user"]["name"] == "robin"
        assert list(faults(event)) == []


def test_the_schema_refuses_what_is_no_field_of_it(written: Callable[[Mapping[str, object]], dict[str, Any]]) -> None:
    """A field that is nowhere in a class, a disposition without its profile, an endpoint that is missing."""
    opened = written(review_events.opened(item="i", incident="n", by="robin"))
    decided = written(events.message_decided(TRANSACTION, VERDICT))
    without = {name: value for name, value in opened.items() if name != "src_endpoint"}
    plain = {**decided, "metadata": {**decided["metadata"], "profiles": ["datetime", "host"]}}

    tried = (opened, {**opened, "checkpoint": {}}, without, plain)
    assert [len(list(faults(event))) for event in tried] == [0, 1, 1, 1]
