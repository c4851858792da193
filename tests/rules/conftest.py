"""The shipped rule set, loaded once, and the way a case goes through it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.verdict import Verdict
from gateway.detect import Engine
from gateway.parse import parse
from gateway.pipeline import inspect
from gateway.ruleset import RuleSet, load_ruleset

RULES = Path(__file__).parents[2] / "rules"
MARK = "X-Gatepost-Case"


@dataclass(frozen=True)
class Case:
    """A message with what is expected of it: `X-Gatepost-Case: expect=quarantine also=other-rule,…`."""

    rule: str
    positive: bool
    expect: str
    also: frozenset[str]
    transaction: Transaction

    @property
    def expected_rules(self) -> frozenset[str]:
        return self.also | ({self.rule} if self.positive else frozenset())


@pytest.fixture(scope="session")
def ruleset() -> RuleSet:
    """The rules as they are shipped."""
    return load_ruleset(RULES / "policy.yaml")


@pytest.fixture(scope="session")
def verdict_of(ruleset: RuleSet) -> Callable[[Transaction], Verdict]:
    """Inspects a message the way the gateway does."""
    engine = Engine(ruleset.detectors)
    notices = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")

    def judge(transaction: Transaction) -> Verdict:
        return inspect(transaction, ruleset.policy, engine, Limits(), notices, lambda: 0.0).verdict

    return judge


@pytest.fixture(scope="session")
def read_case() -> Callable[[Path], Case]:
    """A case file; its mark is taken out before anything looks at the message."""
    return _read


def _read(path: Path) -> Case:
    lines = path.read_bytes().splitlines()
    marks = [line.decode() for line in lines if line.startswith(MARK.encode())]
    raw = b"\r\n".join(line for line in lines if not line.startswith(MARK.encode())) + b"\r\n"
    (mark,) = marks
    settings = dict(word.split("=", 1) for word in mark.partition(":")[2].split())
    message = parse(raw, Limits()).root
    envelope = Envelope(
        next(_addresses(message.header("from"))),
        tuple(Recipient(address) for address in _addresses(message.header("to"))),
    )
    return Case(
        rule=path.parent.name,
        positive=path.name.startswith("positive-"),
        expect=settings.pop("expect"),
        also=frozenset(filter(None, settings.pop("also", "").split(","))),
        transaction=Transaction(Session(), envelope, raw, incident=path.stem),
    )


def _addresses(value: str | None) -> Iterator[str]:
    return (address for _, address in getaddresses([value or ""]))
