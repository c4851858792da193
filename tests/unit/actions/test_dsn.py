"""The delivery report for recipients who were refused while others were not."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest

from gateway.actions.dsn import compose_report, wants_report
from gateway.actions.notices import Notices, Story
from gateway.actions.telling import late_report
from gateway.core.envelope import Envelope, Recipient, Session, Transaction

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
ANN = Recipient("ann@partner.example", ("NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;Ann+2B1@partner.example"))
JOE = Recipient("jürgen@partner.example")


def report(*recipients: Recipient) -> EmailMessage:
    envelope = Envelope("nurse@clinic.example", recipients, ("SIZE=100", "envid=QQ314159"))
    received = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    transaction = Transaction(Session(), envelope, b"", incident="gp-7f3a", received=received)
    story = Story(tuple(r.address for r in recipients), ("No cards outside",), ("payment card number",))
    octets = compose_report(NOTICES, story, transaction, recipients)
    assert octets.count(b"\n") == octets.count(b"\r\n")
    found = message_from_bytes(octets, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def blocks(*recipients: Recipient) -> list[Message]:
    payload = report(*recipients).get_payload(1)
    assert isinstance(payload, Message)
    groups = payload.get_payload()
    assert isinstance(groups, list)
    return [group for group in groups if isinstance(group, Message) and group.keys()]


def test_report_is_multipart_report_of_two_parts() -> None:
    """Plain words and machine words (RFC 6522), and nothing of the message."""
    found = report(ANN)

    assert found.get_content_type() == "multipart/report"
    assert found.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "message/delivery-status"]
    assert found.defects == []
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["To"].addresses[0].addr_spec == "nurse@clinic.example"


def test_each_recipient_has_a_block_of_its_own() -> None:
    """RFC 3464: who, what, and why in codes."""
    message, ann, joe = blocks(ANN, JOE)

    assert message["Reporting-MTA"] == "dns; clinic.example"
    assert message["Original-Envelope-Id"] == "QQ314159"
    assert ann["Original-Recipient"] == "rfc822; Ann+2B1@partner.example"
    assert ann["Final-Recipient"] == "rfc822; ann@partner.example"
    assert (ann["Action"], ann["Status"]) == ("failed", "5.7.1")
    assert ann["Diagnostic-Code"].startswith("smtp; 550 5.7.1 ")
    assert joe["Final-Recipient"] == "utf-8; j\\x{FC}rgen@partner.example"
    assert joe["Original-Recipient"] is None


def test_text_names_the_recipients_and_the_kind_of_data() -> None:
    """The sender learns who did not get it and why."""
    part = report(ANN, JOE).get_payload(0)
    assert isinstance(part, EmailMessage)

    assert all(
        word in part.get_content() for word in ("ann@partner.example", "jürgen@", "payment card number", "gp-7f3a")
    )


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ((), True),
        (("NOTIFY=NEVER",), False),
        (("notify=success,failure",), True),
        (("NOTIFY=DELAY",), False),
        (("ORCPT=rfc822;a@b.test",), True),
    ],
)
def test_notify_parameter_is_honoured(parameters: tuple[str, ...], wanted: bool) -> None:
    """RFC 3461: a sender may not want to hear of failures."""
    assert wants_report(Recipient("a@b.test", parameters)) is wanted


def test_line_breaks_in_addresses_stay_out_of_the_status() -> None:
    """No recipient can write lines of the report."""
    (_, block) = blocks(Recipient("a@b.test\r\nAction: delivered"))

    assert block.get_all("Action") == ["failed"]


def test_report_about_the_rest_takes_the_place_of_a_refusal() -> None:
    """Others had been served: those who were not are told of, unless nobody wants to hear; to nobody it is not sent."""
    quiet = Recipient("quiet@x.example", ("NOTIFY=NEVER",))
    envelope = Envelope("me@clinic.example", (Recipient("ann@x.example"), Recipient("bob@x.example"), quiet))
    transaction = Transaction(Session(), envelope, b"", "Q", "20261122-7k3f9q2mab")
    told = late_report(NOTICES, transaction, ["bob@x.example", "quiet@x.example"])
    assert told is not None
    note, said = told

    assert note is not None
    assert (note.late, note.recipient, said.code) == (True, "me@clinic.example", 250)
    assert b"Final-Recipient: rfc822; bob@x.example" in note.octets
    assert b"ann@x.example" not in note.octets
    assert b"quiet@x.example" not in note.octets
    assert late_report(NOTICES, transaction, ["quiet@x.example"]) == (None, said)
    assert (
        late_report(NOTICES, replace(transaction, envelope=Envelope("", envelope.recipients)), ["bob@x.example"])
        is None
    )
