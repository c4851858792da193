"""Cases: messages on which a rule proves itself, matched both ways.

`cases/<rule-id>/positive-*.eml` must meet the rule, `negative-*.eml` must not. One line of each says what is expected:

    X-Gatepost-Case: expect=quarantine also=other-rule,third-rule

`expect` is the strictest outcome over all recipients. A rule that is expected and silent fails, and so does one that
speaks unexpectedly. The envelope is made of From and To.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path

from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import GatepostError
from gateway.core.limits import Limits
from gateway.core.verdict import Disposition, Verdict
from gateway.detect import Engine
from gateway.parse import parse
from gateway.pipeline import inspect
from gateway.ruleset import RuleSet

MARK = "X-Gatepost-Case"
KINDS = ("positive-", "negative-")
EXPECTABLE = tuple(disposition.word for disposition in Disposition)


class CaseFaulty(GatepostError):
    """The file is not a case. Its text says why, in words without content."""


@dataclass(frozen=True, slots=True)
class Case:
    """A message with what is expected of it."""

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


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case. `problems`: plain words, none where it came out as expected."""

    rule: str
    case: str
    outcome: str = ""
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


class Casework:
    """A rule set with its engine, ready for cases; inspects as the gateway does, in this process."""

    def __init__(self, ruleset: RuleSet, notices: Notices, limits: Limits) -> None:
        self._policy = ruleset.policy
        self._engine = Engine(ruleset.detectors, anywhere=ruleset.anywhere, models_later=True)
        self._notices = notices
        self._limits = limits

    def verdict_of(self, transaction: Transaction) -> Verdict:
        """What is decided about the message of a case."""
        inspection = inspect(transaction, self._policy, self._engine, self._limits, self._notices, lambda: 0.0)
        return inspection.verdict

    def try_case(self, path: Path) -> Result:
        """Read a case file and see whether it comes out as expected. OSError if it cannot be read."""
        try:
            case = read_case(path)
        except CaseFaulty as fault:
            return Result(path.parent.name, path.stem, problems=(str(fault),))
        verdict = self.verdict_of(case.transaction)
        return Result(case.rule, case.name, verdict.disposition.word, tuple(differences(case, verdict)))


def differences(case: Case, verdict: Verdict) -> Iterator[str]:
    """In what the verdict is not what the case expects."""
    spoke = {hit.rule for hit in verdict.hits}
    if silent := case.expected_rules - spoke:
        yield f"did not apply: {', '.join(sorted(silent))}"
    if unexpected := spoke - case.expected_rules:
        yield f"applied unexpectedly: {', '.join(sorted(unexpected))}"
    if verdict.disposition.word != case.expect:
        yield f"expected {case.expect}, came out as {verdict.disposition.word}"


def case_files(folder: Path, rules: Sequence[str] = ()) -> tuple[Path, ...]:
    """The cases of these rules, of all where none is named, sorted by rule and name."""
    return tuple(sorted(path for path in folder.glob("*/*.eml") if not rules or path.parent.name in rules))


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
        transaction=Transaction(Session(), _envelope(raw), raw, incident=path.stem),
    )


def _settings(text: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in text.split()]
    settings = {name: value for name, _, value in pairs}
    if unknown := settings.keys() - {"expect", "also"}:
        raise CaseFaulty(f"{MARK} has only expect= and also=, not {', '.join(sorted(unknown))}")
    if settings.get("expect") not in EXPECTABLE:
        raise CaseFaulty(f"{MARK} needs expect= with one of {', '.join(EXPECTABLE)}")
    return settings


def _envelope(raw: bytes) -> Envelope:
    message = parse(raw, Limits()).root
    senders = _addresses(message.header("from"))
    recipients = tuple(Recipient(address) for address in _addresses(message.header("to")))
    if not recipients:
        raise CaseFaulty("needs a To field: it is the envelope's recipients")
    return Envelope(next(iter(senders), ""), recipients)


def _addresses(value: str | None) -> list[str]:
    return [address for _, address in getaddresses([value or ""]) if address]
