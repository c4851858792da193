"""Refused messages."""

import re

from gateway.demo.letters import letter
from gateway.demo.site import Site


def test_blocked_message_is_refused_with_an_incident(site: Site) -> None:
    """550 5.7.1, an incident id that the audit trail knows, nothing delivered, nothing of the message in the reply."""
    said = site.send(letter("case-block", b"chrysanthemum\r\n"), "a@outside.example")

    site.postfix.drain()
    incident = re.search(r"incident ([0-9a-z-]+)", said.final.text)
    assert (said.final.code, said.final.enhanced) == (550, "5.7.1")
    assert incident is not None
    assert any(incident[1] in str(event) for event in site.gateway.audit_events())
    assert "chrysanthemum" not in said.final.text
    assert "case-block" not in said.final.text
    assert site.sink.deliveries == ()


def test_connection_goes_on_after_a_refusal(site: Site) -> None:
    """A 550 ends that message, not the session."""
    with site.postfix.connect() as client:
        client.mail("nurse@clinic.example")
        client.rcpt("a@outside.example")
        refused = client.data(letter("case-block"))[0]
        client.mail("nurse@clinic.example")
        client.rcpt("a@outside.example")
        taken = client.data(letter("Good morning"))[0]

    assert (refused, taken) == (550, 250)
    assert len(site.sink.wait_for(1)) == 1
