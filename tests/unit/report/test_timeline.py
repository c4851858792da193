"""One incident, told in order."""

import json
from typing import Any

import pytest

from gateway.audit import events
from gateway.core.verdict import Disposition, Method
from gateway.report.timeline import TOLD, as_html, as_plain, as_text, timeline
from tests.makers.ledger import Ledger


def told(ledger: Ledger, incident: str) -> str:
    return as_text(timeline(ledger.of(incident)))


def test_an_incident_is_told_from_smtp_to_the_reviewer(ledger: Ledger) -> None:
    """What was found, which rule, what was done, who decided what and why; in the order of the log."""
    incident = ledger.message(outcome=Disposition.QUARANTINE, rule="hipaa-phi", entities={"US_SSN": "f1"}, opaque=True)
    ledger.add(events.viewed(item=incident, incident=incident, by="dana"))
    ledger.review("release", incident, reason="the clinic asked for it")

    moments = timeline(ledger.of(incident))
    assert [moment.stage for moment in moments] == ["decision", "acts", "review", "review", "review"]
    text = told(ledger, incident)
    for said in (
        "from: nurse@clinic.example",
        "found: 1 × Social Security number (***-**-6789)",
        "not read: encrypted-archive",
        "rules: hipaa-phi",
        "quarantine: lee@partner.example",
        f"kept in quarantine: {incident}",
        "Postfix answered with 250",
        "Released to Postfix (by dana)",
        "reason: the clinic asked for it",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([("deliver", "", 2)], ", to be delivered"),
        ([("block", "", 1)], ", to be refused"),
        ([("deliver", "smime", 1)], ", to be delivered protected"),
        ([("deliver", "", 2), ("quarantine", "", 1)], ", to be delivered for 2, held for 1"),
        ([], ""),
    ],
)
def test_the_first_line_says_what_was_decided(outcomes: list[tuple[str, str, int]], said: str) -> None:
    """A refused message stood there as carried out by Postfix, and whether one was held only in the details."""
    told = [
        {"disposition": disposition, "method": method or None, "recipients": ["x@y.example"] * count}
        for disposition, method, count in outcomes
    ]
    event = {"metadata": {"event_code": "message-decided"}, "unmapped": {"outcomes": told}}

    assert timeline([event])[0].what == f"Received by SMTP and inspected{said}"


@pytest.mark.parametrize(("reply", "ending"), [(451, "451, so that the client comes again"), (552, "552")])
def test_only_a_deferred_client_comes_again(reply: int, ending: str) -> None:
    """One that is refused for a size does not."""
    event = {"metadata": {"event_code": "message-failed"}, "unmapped": {"stage": "act", "kind": "x", "reply": reply}}

    assert timeline([event])[0].what == f"Not taken: Postfix answered with {ending}"


def test_how_a_protected_copy_left_is_told_from_postfixs_log(ledger: Ledger) -> None:
    """Method and keys as handed over; relay and TLS as logged."""
    incident = ledger.message(method=Method.SMIME, rule="hipaa-phi")
    ledger.delivered(incident, "lee@partner.example")

    text = told(ledger, incident)
    assert "protected: lee@partner.example by smime, keys ab12" in text
    assert "Postfix's log: sent to lee@partner.example" in text
    assert "TLS: Verified TLSv1.3 TLS_AES_256_GCM_SHA384" in text


def test_all_three_forms_tell_the_same_moments(ledger: Ledger) -> None:
    """As JSON with its keys, as a page without anything that runs."""
    incident = ledger.message(outcome=Disposition.BLOCK, rule="pci-card", sender="<script>@clinic.example")
    moments = timeline(ledger.of(incident))

    plain = json.loads(json.dumps(as_plain(moments)))
    assert [moment["code"] for moment in plain] == ["message-decided"]
    assert plain[0]["time"].endswith("Z")
    html = as_html(incident, moments)
    assert "<script>" not in html
    assert all(moment.what in html.replace("&#x27;", "'") for moment in moments)


def test_an_event_that_is_not_known_or_damaged_is_told_by_its_code() -> None:
    """A later version may write others, and a log may have been tampered with: nothing is left out, nothing fails."""
    strange: list[dict[str, Any]] = [
        {"seq": 1, "time": 5, "metadata": {"event_code": "from-tomorrow"}, "unmapped": {"word": "x"}},
        {"seq": "one", "time": "noon", "metadata": 3, "unmapped": []},
        *({"metadata": {"event_code": code}, "unmapped": {"entities": 3, "rules": [1], "tls": 2}} for code in TOLD),
    ]

    moments = timeline(strange)

    assert moments[0].what == "from-tomorrow"
    assert moments[1].what == "an event without a code"
    assert len(moments) == 2 + len(TOLD)


def test_what_could_control_a_terminal_is_not_printed() -> None:
    """An address may hold anything that SMTP let through."""
    event = {"metadata": {"event_code": "released"}, "unmapped": {"recipients": ["a\x1b[2J@x.example"]}}

    assert "\x1b" not in as_text(timeline([event]))
