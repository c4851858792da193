"""What is tried: one message or one command each, and what its recipients must have afterwards."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.makers.fanout import ANN, NED, TOM

A, B, C = "ann@a.example", "bob@b.example", "cyd@c.example"
NURSE, OFFICER, ARCHIVE = "nurse@clinic.example", "privacy@clinic.example", "archive@clinic.example"
SECRET = b"219-09-9999"


class Fate(Enum):
    """Of one recipient of the message."""

    GETS = "gets"  # one copy, as it may be
    GUARDED = "guarded"  # one copy, without the value in clear, or by a TLS lane
    HELD = "held"  # none; kept
    REFUSED = "refused"  # none; the client heard 550


@dataclass(frozen=True, slots=True)
class Case:
    """A message that arrives. `others` get something besides it: a notice, the archive's copy."""

    name: str
    subject: str
    fates: dict[str, Fate]
    others: dict[str, int] = field(default_factory=dict)
    held: int = 0  # items
    large: bool = False  # collected in a file
    body: bytes = b"Dear all,\r\n.dots\r\nSSN 219-09-9999 of the patient.\r\n"
    template: str = "plain"  # what the store holds before
    log: bool = True  # Postfix's log can be read
    local: bool = False  # by sendmail(1): Postfix takes nobody off who is written otherwise than it was told
    command: str = ""  # an operator's command instead of a message

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self.fates)

    @property
    def gets_it(self) -> bool:
        """Somebody gets the message itself, by Postfix's queue."""
        return any(fate in (Fate.GETS, Fate.GUARDED) for fate in self.fates.values())

    @property
    def octets(self) -> bytes:
        return raw(self.subject, self.recipients, self.body)


GETS, GUARDED, HELD, REFUSED = Fate.GETS, Fate.GUARDED, Fate.HELD, Fate.REFUSED
SPLIT = {A: GETS, B: GETS, C: GETS}
FAN = {ANN: GUARDED, TOM: GUARDED, NED: HELD}
CASES = (
    Case("deliver", "Good morning", {A: GETS, B: GETS}),
    Case("edit", "case-tag case-header case-notice", {A: GETS}),
    Case("redact", "case-redact", {A: GUARDED}),
    Case("quarantine", "case-hold", {A: HELD, B: HELD}, held=1),
    Case("large", "case-hold", {A: HELD}, held=1, large=True, body=b"SSN 219-09-9999\r\n" + b"x" * 76 * 1000 + b"\r\n"),
    Case("tell", "case-tell", {A: HELD}, others={NURSE: 1}, held=1),
    Case("archive", "[archive]", {A: GETS}, others={ARCHIVE: 1}),
    Case("block", "case-block", {A: REFUSED}),
    Case("encrypt", "case-encrypt", {ANN: GUARDED}),
    Case("split", "case-copies", SPLIT),
    Case("mixed", "case-mixed", {A: HELD, NURSE: GETS}, held=1),
    Case("fan-out", "case-encrypt", FAN, held=1),
    Case("fan-out-blind", "case-encrypt", FAN, held=1, log=False),
    Case("sendmail", "case-mixed", {A: HELD, NURSE: GETS}, held=1, local=True),
    Case("sendmail-split", "case-copies", SPLIT, local=True),
    Case("rotate", "case-hold", {A: HELD}, held=1, template="full-segment"),
    Case("start", "case-hold", {A: HELD}, held=1, template="empty"),
    Case("release", "", {A: GETS, B: GETS}, template="held", command="release"),
    Case("discard", "", {}, template="held", command="discard"),
    Case("purge", "", {}, template="litter", command="purge"),
    Case("rotate-keys", "", {}, template="held", command="rotate-keys"),
)


def case(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def raw(subject: str, recipients: tuple[str, ...], body: bytes = b"SSN 219-09-9999\r\n") -> bytes:
    """The message of a case."""
    fields = (
        f"From: Nurse <{NURSE}>",
        f"To: {', '.join(recipients)}",
        f"Subject: {subject}",
        "Date: Mon, 16 Mar 2026 09:00:00 +0000",
        "Message-ID: <1@clinic.example>",
        "X-Mood: bright",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    )
    return "".join(f"{line}\r\n" for line in fields).encode() + b"\r\n" + body


def message(octets: bytes, recipients: tuple[str, ...], *, local: bool = False) -> dict[str, Any]:
    """As an order has it."""
    return {"mail_from": NURSE, "recipients": list(recipients), "raw": octets.hex(), "local": local}
