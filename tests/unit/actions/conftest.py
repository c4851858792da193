"""A bench: a made-up message, what was found in it, and what the policy said about it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gateway.actions import Notices, plan
from gateway.core.detector import Confidence
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Content, Message, Part, Place, Run, Segment, Span
from gateway.core.plan import Plan
from gateway.core.verdict import Disposition, Outcome, RuleHit, Verdict
from gateway.parse import parse
from gateway.parse.transfer import decoded_text

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")


@dataclass
class Bench:
    """One message; `find` plants findings, `plan` plans for outcomes."""

    raw: bytes
    mail_from: str = "nurse@clinic.example"
    findings: list[Finding] = field(default_factory=list)

    @property
    def message(self) -> Message:
        return parse(self.raw, Limits())

    @property
    def content(self) -> Content:
        return content_of(self.message)

    def find(self, value: str, entity: str = "US_SSN", masked: str = "***-**-6789", **more: object) -> list[Finding]:
        """A finding for every place of `value` in any segment."""
        new = [
            finding_of(number, segment, start, value, entity, masked, **more)
            for number, segment in enumerate(self.content.segments)
            for start in places(segment.text, value)
        ]
        assert new, "the bench's message does not have the value"
        self.findings += new
        return new

    def transaction(self, *recipients: str | Recipient) -> Transaction:
        everybody = tuple(r if isinstance(r, Recipient) else Recipient(r) for r in recipients)
        return Transaction(
            Session(),
            Envelope(self.mail_from, everybody),
            self.raw,
            queue_id="4XyZ",
            incident="gp-7f3a",
            received=datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
        )

    def plan(
        self,
        *outcomes: Outcome,
        mixed: str = "strictest",
        hits: tuple[RuleHit, ...] = (),
        transaction: Transaction | None = None,
        unread: bool = False,
        notices: Notices = NOTICES,
    ) -> Plan:
        worst = max((outcome.disposition for outcome in outcomes), default=Disposition.DELIVER)
        return plan(
            Verdict(worst, "sha256:00", outcomes, hits),
            transaction or self.transaction(*(outcome.recipient for outcome in outcomes)),
            None if unread else self.message,
            Content(()) if unread else self.content,
            [] if unread else self.findings,
            notices,
            mixed_recipients=mixed,
        )


def content_of(message: Message) -> Content:
    """Subject, other fields and text of a message; tags taken out of mark-up with a run for each stretch."""
    segments: list[Segment] = []
    for part in message.root.walk():
        for header in part.headers:
            place = Place.SUBJECT if header.name.lower() == "subject" else Place.HEADER
            segments.append(Segment(part.part_path, place, header.value, header=header.name.lower()))
        if part.filename:
            segments.append(Segment(part.part_path, Place.FILENAME, part.filename))
        if part.content_type in ("text/plain", "text/html"):
            segments.append(text_segment(part))
    return Content(tuple(segments))


def text_segment(part: Part) -> Segment:
    text = decoded_text(part).text
    place = Place.ATTACHMENT if part.is_attachment else Place.BODY
    if part.content_type == "text/plain":
        return Segment(part.part_path, place, text, editable=part.is_original and not part.is_attachment)
    pieces, runs, length = [], [], 0
    for found in re.finditer(r"[^<>]+(?=<|$)", text):
        pieces.append(found[0])
        runs.append(Run(Span(length, length + len(found[0])), Span(*found.span())))
        length += len(found[0])
    return Segment(part.part_path, place, "".join(pieces), runs=tuple(runs), editable=part.is_original)


def places(text: str, value: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(value), text)]


def finding_of(
    number: int, segment: Segment, start: int, value: str, entity: str, masked: str, **more: object
) -> Finding:
    groups = more.get("groups", frozenset({"identifiers"}))
    confidence = more.get("confidence", Confidence.HIGH)
    assert isinstance(groups, frozenset)
    assert isinstance(confidence, Confidence)
    span = Span(start, start + len(value))
    return Finding(
        entity, groups, "test", confidence, 0.85, segment.part_path, segment.place, number, span, masked, value
    )


@pytest.fixture
def bench() -> type[Bench]:
    return Bench
