"""What a period holds, counted from events."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from gateway.audit import events
from gateway.audit.export import Question, export
from gateway.audit.reading import read_lines
from gateway.core.verdict import Disposition, Method
from gateway.report.tally import Period, Tally, count, quarter
from tests.makers.ledger import KEY, Ledger

Q4 = quarter(2026, 4)


def tally(ledger: Ledger, period: Period = Q4) -> Tally:
    return count(read_lines(ledger.folder), period)


def test_a_message_counts_once_by_the_gravest_of_its_fates(ledger: Ledger) -> None:
    """Plain, redacted, protected, held, refused; one that was tried and deferred counts when it ends."""
    ledger.message()
    ledger.message(redacted=True, rule="us-pii-ssn")
    ledger.message(method=Method.PGP, rule="hipaa-phi")
    ledger.message("a@x.example", "b@x.example", outcome=Disposition.QUARANTINE, rule="hipaa-phi")
    ledger.message(outcome=Disposition.BLOCK, rule="pci-card", area="pci")

    found = tally(ledger)

    assert found.by_fate == {"plain": 1, "redacted": 1, "protected": 1, "held": 1, "refused": 1}
    assert (found.messages, found.incidents) == (5, 4)
    assert found.by_method == {"pgp": 1}
    assert found.domains["x.example"] == {"held": 2}
    assert found.fate_of_rule["hipaa-phi"] == {"protected": 1, "held": 1}
    assert found.by_area == {"hipaa": 3, "pci": 1}


def test_a_message_counts_when_it_is_over(ledger: Ledger) -> None:
    """What Postfix just delivers has its decision alone; what has to be encrypted waits for the deed; never twice."""
    ledger.message()
    half = ledger.message(method=Method.SMIME, rule="hipaa-phi")
    decided = [line for line in read_lines(ledger.folder) if line[1]["metadata"]["event_code"] == "message-decided"]
    everything = list(read_lines(ledger.folder))
    acted = everything[-1]
    assert acted[1]["metadata"]["event_code"] == "message-acted"
    of_plain = {**acted[1], "metadata": {**acted[1]["metadata"], "correlation_uid": "20261005-0000000001"}}

    assert half in str(acted[1])
    assert count(decided, Q4).by_fate == {"plain": 1}
    assert count(everything, Q4).by_fate == {"plain": 1, "protected": 1}
    assert count([*everything, (b"", of_plain)], Q4).messages == 2


def test_a_rule_that_watches_makes_no_incident(ledger: Ledger) -> None:
    """It is told by what it would have done."""
    ledger.message(rule="hipaa-new", status="monitor")

    found = tally(ledger)

    assert found.incidents == 0
    assert found.watched == {("hipaa-new", "deliver"): 1}


def test_a_release_in_several_copies_is_one_decision(ledger: Ledger) -> None:
    """Encrypted for each recipient it goes out in parts; whoever got none of them waits on."""
    held = ledger.message("a@x.example", "B@x.example", "c@x.example", outcome=Disposition.QUARANTINE, rule="hipaa-phi")

    def released(to: str, by: str) -> None:
        ledger.add(events.released(item=held, incident=held, by=by, recipients=[to], queue_id="4H", method="smime"))

    released("a@x.example", "dana")
    released("b@x.example", "dana")
    found = tally(ledger)
    assert [(decision.by, decision.severity) for decision in found.decisions] == [("dana", "high")]
    assert list(found.waiting) == [held]

    released("c@x.example", "rolf")
    found = tally(ledger)
    assert [(decision.by, decision.severity) for decision in found.decisions] == [("dana", "high"), ("rolf", "high")]
    assert found.waiting == {}


def test_a_wait_is_counted_from_holding_to_deciding(ledger: Ledger) -> None:
    """Also where it was held before the period; what is still held at the end waits, however old."""
    ledger.at = datetime(2026, 9, 30, 23, 30, tzinfo=UTC)
    before = ledger.message(outcome=Disposition.QUARANTINE, rule="hipaa-phi")
    ledger.review("release", before, by="dana", after=3_600)
    inside = ledger.message(outcome=Disposition.QUARANTINE, rule="hipaa-phi", severity="medium")
    ledger.at = datetime(2027, 1, 3, tzinfo=UTC)
    ledger.review("discard", inside)

    found = tally(ledger)

    assert [(d.by, d.what, round(d.waited or 0, -1)) for d in found.decisions] == [("dana", "released", 3_600)]
    assert [(item, held.severity) for item, held in found.waiting.items()] == [(inside, "medium")]
    assert found.messages == 1


def test_a_change_of_rules_says_what_came_and_went(ledger: Ledger) -> None:
    """A restart with the same policy is no change; a policy that was refused is told."""
    for new, enforced in (("sha256:a", ["one"]), ("sha256:a", ["one"]), ("sha256:b", ["two"])):
        ledger.add(
            events.policy_changed(old="sha256:a" if ledger.messages else "", new=new, enforced=enforced, by="root")
        )
        ledger.messages += 1
    ledger.add(events.policy_refused(kept="sha256:b", faults=2))

    changes = tally(ledger).changes

    assert [(what.split(",")[0], came, went) for _, what, _, came, went in changes] == [
        ("policy a", "", ""),
        ("policy b", "two in force", "one"),
        ("a new policy was refused: faults in it; the old one stayed", "", ""),
    ]


def test_who_looked_searched_and_took_is_listed(ledger: Ledger) -> None:
    """Each with person and subject; the service's own events apart."""
    ledger.add(events.viewed(item="i", incident="inc", by="dana"))
    ledger.add(events.searched(found=0, by="kim"))
    ledger.add(events.exported(what="report quarterly", by="root"))
    ledger.add(events.gateway_started(policy="p", listener="l", workers=1))

    found = tally(ledger)

    assert [(each.code, each.by, each.about) for each in found.accesses] == [
        ("viewed", "dana", "inc"),
        ("audit-searched", "kim", ""),
        ("audit-exported", "root", "report quarterly"),
    ]
    assert [each.code for each in found.service] == ["gateway-started"]
    assert found.viewed == {"dana": 1}


def test_the_digest_is_that_of_an_export_of_the_same_period(ledger: Ledger) -> None:
    """So whoever holds the report can check with openssl and sha256sum what it was made of."""
    for day in range(5):
        ledger.at = datetime(2026, 10, 1 + day, tzinfo=UTC)
        ledger.message(rule="hipaa-phi", method=Method.SMIME)
    period = Period(datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 4, tzinfo=UTC))
    to = ledger.folder.parent / "export"
    limits = (int(period.since.timestamp() * 1000), int(period.until.timestamp() * 1000))
    done = export(ledger.folder, to, Question(since=limits[0], until=limits[1]), KEY.public_key())

    source = tally(ledger, period).read.source("whole")

    assert source.digest == sha256((to / "events.jsonl").read_bytes()).hexdigest()
    assert source.last - source.first + 1 == done.events == 4


def test_a_damaged_event_is_counted_as_far_as_it_can_be_read() -> None:
    """A broken log is reported on too: nothing in it may stop the report."""
    when = int(Q4.since.timestamp() * 1000)
    strange: list[dict[str, Any]] = [
        {"time": when, "metadata": {"event_code": code}, "unmapped": bad, "email": [], "class_uid": 6003}
        for code in (
            "message-decided",
            "message-acted",
            "released",
            "policy-changed",
            "copy-delivered",
            "message-failed",
        )
        for bad in (
            None,
            3,
            {"items": 5, "protected": [1], "outcomes": ["x"], "entities": [None], "rules": {}, "tls": 1},
        )
    ]

    found = count([(b"", {"seq": n, **event}) for n, event in enumerate(strange)], Q4)

    assert found.messages == 5
    assert found.read.events == len(strange)


def test_periods_are_called_by_their_quarter_or_their_days() -> None:
    """The day after the last is not part of it."""
    assert Q4.words == "Quarter 4 of 2026"
    assert Q4.days == 92
    assert Period(Q4.since, Q4.since + timedelta(days=7)).words == "2026-10-01 to 2026-10-07"
    assert quarter(2026, 4).until == datetime(2027, 1, 1, tzinfo=UTC)
