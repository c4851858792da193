"""A case, and how it is read of a message file.

`cases/<rule-id>/positive-*.eml` must meet the rule, `negative-*.eml` must not. One line of each says what is expected:

    X-Gatepost-Case: expect=quarantine also=other-rule,third-rule

`expect` is the strictest outcome over all recipients. A rule that is expected and silent fails, and so does one that
speaks unexpectedly. The envelope is made of From and To, the day is that of Date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses
from pathlib import Path

from gateway.core.envelope import EPOCH, Envelope, Recipient, Session, Transaction
from gateway.core.errors import GatepostError
from gateway.core.limits import Limits
from gateway.core.message import Part
from gateway.core.verdict import Disposition
from gateway.parse import parse
from gateway.parse.headers import day_of

MARK = "X-Gatepost-Case"
LIST = "cases.yaml"
KINDS = ("positive-", "negative-")
EXPECTABLE = tuple(disposition.word for disposition in Disposition)


class CaseFaulty(GatepostError):
    """The file is not a case. Its text says why, in words without content."""


@dataclass(frozen=True, slots=True)
class Case:
    """A message with what is expected of it. `expect` is the strictest outcome over all recipients."""

    rule: str
    name: str
    positive: bool
    expect: str
    also: frozenset[str]
    transaction: Transaction

    @property
    def expected_rules(self) -> frozenset[str]:
        """Rules that must apply to at least one recipient; no other may."""
        return self.also | ({self.rule} if self.positive else frozenset())


def case_files(folder: Path, rules: Sequence[str] = ()) -> tuple[Path, ...]:
    """The cases of these rules, of all where none is named, sorted by rule and name: messages and lists of them."""
    files = (*folder.glob("*/*.eml"), *folder.glob(f"*/{LIST}"))
    return tuple(sorted(path for path in files if not rules or path.parent.name in rules))


def read_case(path: Path) -> Case:
    """A case file; its mark is taken out before anything looks at the message. Raises CaseFaulty, OSError."""
    if not path.name.startswith(KINDS):
        raise CaseFaulty("the name must start with positive- or negative-")
    lines = path.read_bytes().splitlines()
    start = f"{MARK}:".encode().lower()
    marks = [line for line in lines if line.lower().startswith(start)]
    if len(marks) != 1:
        raise CaseFaulty(f"needs one line {MARK}: expect=… also=…")
    settings = _settings(marks[0].partition(b":")[2].decode("utf-8", "replace"))
    raw = b"\r\n".join(line for line in lines if not line.lower().startswith(start)) + b"\r\n"
    return Case(
        rule=path.parent.name,
        name=path.stem,
        positive=path.name.startswith("positive-"),
        expect=settings["expect"],
        also=frozenset(filter(None, settings.get("also", "").split(","))),
        transaction=transaction_of(raw, path.stem),
    )


def transaction_of(raw: bytes, name: str) -> Transaction:
    """A message that comes from its From, goes to its To, and came on the day of its Date. Raises CaseFaulty."""
    message = parse(raw, Limits()).root
    return Transaction(Session(), _envelope(message), raw, incident=name, received=received_of(message) or EPOCH)


def _settings(text: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in text.split()]
    settings = {name: value for name, _, value in pairs}
    if unknown := settings.keys() - {"expect", "also"}:
        raise CaseFaulty(f"{MARK} has only expect= and also=, not {', '.join(sorted(unknown))}")
    if settings.get("expect") not in EXPECTABLE:
        raise CaseFaulty(f"{MARK} needs expect= with one of {', '.join(EXPECTABLE)}")
    return settings


def _envelope(message: Part) -> Envelope:
    senders = _addresses(message.header("from"))
    recipients = tuple(Recipient(address) for address in _addresses(message.header("to")))
    if not recipients:
        raise CaseFaulty("needs a To field: it is the envelope's recipients")
    return Envelope(next(iter(senders), ""), recipients)


def received_of(message: Part) -> datetime | None:
    """The day and time of Date; None where it says none."""
    return day_of(message.header("date") or "")


def _addresses(value: str | None) -> list[str]:
    return [address for _, address in getaddresses([value or ""]) if address]
