"""Tries a rule set on its cases and on clean mail, as the gateway would inspect them, in this process."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from gateway.actions import Notices
from gateway.casework.case import LIST, Case, CaseFaulty, read_case
from gateway.casework.inline import kinds_in, read_clean, read_inline
from gateway.casework.remembering import Remembering
from gateway.core.envelope import Transaction
from gateway.core.errors import Fault
from gateway.core.limits import Limits
from gateway.core.verdict import Verdict
from gateway.detect import Engine
from gateway.detect.database import Shelf
from gateway.detect.made_of import engine_digest
from gateway.pipeline import Detects, Reading, judge, read
from gateway.policy.model import BUILT_IN_AREA
from gateway.ruleset import RuleSet

CLEAN = "clean mail"
POSITIVE, NEGATIVE = "positive", "negative"


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
    """A rule set with its engine, ready for cases. What was read of a message is kept for the next policy."""

    def __init__(
        self,
        ruleset: RuleSet,
        notices: Notices,
        limits: Limits,
        exact_key: bytes = b"",
        memory: Shelf | None = None,
    ) -> None:
        """`memory`: where it is remembered what was found in messages, from one run to the next."""
        self._ruleset = ruleset
        self._exact_key = exact_key
        self._memory = memory
        self._engine = self._engine_of(ruleset)
        self._notices = notices
        self._limits = limits
        self._readings: dict[bytes, Reading] = {}
        self._kinds: dict[Path, frozenset[str]] = {}  # of the lists that were tried

    @property
    def ruleset(self) -> RuleSet:
        return self._ruleset

    def use(self, ruleset: RuleSet, notices: Notices) -> None:
        """Go on with another rule set. Only other detectors need another engine, and messages read anew."""
        if (ruleset.detectors, ruleset.anywhere) != (self._ruleset.detectors, self._ruleset.anywhere):
            self._engine = self._engine_of(ruleset)
            self._readings.clear()
        self._ruleset, self._notices = ruleset, notices

    def _engine_of(self, ruleset: RuleSet) -> Detects:
        def made() -> Engine:
            return Engine(ruleset.detectors, anywhere=ruleset.anywhere, later=True, exact_key=self._exact_key)

        if self._memory is None:
            return made()
        further = (*sorted(ruleset.anywhere), sha256(self._exact_key).hexdigest())
        return Remembering(made, engine_digest(ruleset.detectors, *further), self._memory)

    def keep(self) -> None:
        """Let the next run know what was found in this one."""
        if isinstance(self._engine, Remembering):
            self._engine.keep()

    def read(self, transaction: Transaction) -> Reading:
        """What the message says; the same message is read once."""
        envelope = repr((transaction.session, transaction.envelope, transaction.received)).encode()
        key = sha256(envelope + b"\0" + transaction.raw).digest()
        if key not in self._readings:
            self._readings[key] = read(transaction, self._engine, self._limits)
        return self._readings[key]

    def verdict_of(self, transaction: Transaction) -> Verdict:
        """What is decided about the message of a case."""
        return judge(transaction, self.read(transaction), self._ruleset.policy, self._notices).verdict

    def try_file(self, path: Path) -> tuple[Result, ...]:
        """The results of a message file, or of a list of cases. OSError if it cannot be read."""
        if path.name != LIST:
            return (self.try_case(path),)
        faults: list[Fault] = []
        cases = read_inline(path, faults)
        if faults:
            return tuple(Result(path.parent.name, path.name, problems=(str(fault),)) for fault in faults)
        self._kinds[path] = frozenset(POSITIVE if case.positive else NEGATIVE for case in cases)
        return tuple(self._try(case) for case in cases)

    def try_case(self, path: Path) -> Result:
        """Read a case file and see whether it comes out as expected. OSError if it cannot be read."""
        try:
            case = read_case(path)
        except CaseFaulty as fault:
            return Result(path.parent.name, path.stem, problems=(str(fault),))
        return self._try(case)

    def without_cases(self, files: Iterable[Path]) -> Iterator[Result]:
        """A failure for each active rule that has no case that it must meet, or none that it must not."""
        kinds = kinds_of_cases(files, self._kinds)
        for active in self._ruleset.policy.active:
            rule = active.rule
            if rule.area != BUILT_IN_AREA:
                missing = [kind for kind in (POSITIVE, NEGATIVE) if kind not in kinds.get(rule.id, set())]
                if missing:
                    yield Result(rule.id, "", problems=(f"there is no {' and no '.join(missing)} case",))

    def try_clean(self, path: Path) -> tuple[Result, ...]:
        """The messages of a file of clean mail: no rule may speak, and all must go out."""
        faults: list[Fault] = []
        messages = read_clean(path, faults)
        if faults:
            return tuple(Result(CLEAN, path.name, problems=(str(fault),)) for fault in faults)
        return tuple(self._silent(transaction) for transaction in messages)

    def _try(self, case: Case) -> Result:
        verdict = self.verdict_of(case.transaction)
        return Result(case.rule, case.name, verdict.disposition.word, tuple(differences(case, verdict)))

    def _silent(self, transaction: Transaction) -> Result:
        verdict = self.verdict_of(transaction)
        spoke = ", ".join(hit.rule for hit in verdict.hits)
        problems = (f"applied to clean mail: {spoke}",) if spoke else ()
        return Result(CLEAN, transaction.incident, verdict.disposition.word, problems)


def differences(case: Case, verdict: Verdict) -> Iterator[str]:
    """In what the verdict is not what the case expects."""
    spoke = {hit.rule for hit in verdict.hits}
    if silent := case.expected_rules - spoke:
        yield f"did not apply: {', '.join(sorted(silent))}"
    unexpected = spoke - case.expected_rules
    if case.rule in unexpected:
        yield f"{case.rule} applied, and this is a case that it must not meet"
    if others := unexpected - {case.rule}:
        yield f"applied unexpectedly: {', '.join(sorted(others))} (where that is meant, name them under also)"
    if verdict.disposition.word != case.expect:
        yield f"expected {case.expect}, came out as {verdict.disposition.word}"


def kinds_of_cases(
    files: Iterable[Path], known: Mapping[Path, frozenset[str]] = MappingProxyType({})
) -> dict[str, set[str]]:
    """Which kinds of cases each rule has. `known`: of lists that were read already."""
    kinds: dict[str, set[str]] = {}
    for path in files:
        of_rule = kinds.setdefault(path.parent.name, set())
        if path.name == LIST:
            of_rule.update(known[path] if path in known else kinds_in(path))
        else:
            of_rule.add(path.name.partition("-")[0])
    return kinds


def clean_files(policy_file: Path) -> tuple[Path, ...]:
    """The clean mail beside a policy."""
    return tuple(sorted((policy_file.parent / "clean").glob("*.yaml")))
