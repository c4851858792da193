"""Messages for workers that misbehave as subjects say, and what came of them."""

from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import DetectorFailure
from gateway.pipeline import Inspection


def transaction(subject: str, body: bytes = b"") -> Transaction:
    envelope = Envelope("a@clinic.example", (Recipient("b@x.example"),))
    return Transaction(Session(), envelope, b"Subject: " + subject.encode() + b"\r\n\r\n" + body)


def failures(inspection: Inspection) -> list[DetectorFailure]:
    return list(inspection.failures)
