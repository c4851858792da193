"""Made-up messages for previews of notices."""

from datetime import UTC, datetime, timedelta

from gateway.actions import Notices
from gateway.actions.notices import Story, compose, compose_plain
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.quarantine import FoundEntity, Item, State
from gateway.quarantine import Recipient as Held

WHEN = datetime(2026, 11, 25, 7, tzinfo=UTC)
EXAMPLE = "https://messages.clinic.example"
INCIDENT = "20261125-7k3f9q2mab"
STORY = Story(
    recipients=("office@partner.example", "lab@lab.example"),
    titles=("Patient data to somebody outside is encrypted or held",),
    data=("medical record number", "name of a person"),
    obstacles=("the message has to be encrypted, and no way is known by which the recipient could read it then",),
    unread=("a password-protected archive",),
    note="these results go by the laboratory's own portal",
)


def notice(notices: Notices, name: str) -> bytes:
    """A notice about one message."""
    recipients = tuple(Recipient(address) for address in STORY.recipients)
    envelope = Envelope("nurse@clinic.example", recipients)
    transaction = Transaction(Session(), envelope, b"", incident=INCIDENT, received=WHEN)
    addressee = envelope.mail_from if name.startswith(("sender", "refused")) else notices.officer
    return compose(notices, name, STORY, transaction, addressee)


def to_recipient(notices: Notices, name: str) -> bytes:
    """What somebody gets whose message waits at the portal."""
    values = {
        "recipient-waiting": {"until": "25 December 2026", "link": f"{EXAMPLE}/m/made-up"},
        "recipient-code": {"code": "4711 0815", "minutes": "10"},
    }
    return compose_plain(notices, name, values[name], WHEN, "made-up", STORY.recipients[0])


def to_sender(notices: Notices, name: str) -> bytes:
    """What a sender hears of messages that are over, or that nobody reads."""
    sent = f"  - Sent {WHEN:%Y-%m-%d %H:%M} UTC"
    items = {
        "sender-outcome": f"{sent}, incident {INCIDENT}\n    released and sent to {STORY.recipients[0]}",
        "sender-unread": f"{sent} to {STORY.recipients[0]}, incident {INCIDENT}\n    it waits until 2026-12-25",
    }
    return compose_plain(notices, name, {"count": "1", "items": items[name]}, WHEN, "made-up", "nurse@clinic.example")


def held_items(now: datetime) -> tuple[Item, ...]:
    """Two messages that wait."""
    return tuple(
        _item(number, now - timedelta(days=days), severity)
        for number, (days, severity) in enumerate(((3, "high"), (0.4, "medium")), 1)
    )


def _item(number: int, created: datetime, severity: str) -> Item:
    name = f"{created:%Y%m%d}-7k3f9q2ma{number}"
    return Item(
        id=name,
        incident=name,
        created=created,
        state=State.HELD,
        mail_from="nurse@clinic.example",
        recipients=(Held("office@partner.example", State.HELD),),
        size=20_000,
        severity=severity,
        policy_digest="sha256:00",
        rules=("hipaa-phi-external",),
        areas=("hipaa",),
        findings=(FoundEntity("MEDICAL_RECORD_NUMBER", 1, ()),),
        message_id_hash="",
        release_started=None,
        changed_at=None,
        changed_by="",
        reason="",
    )
