"""Everything under `rules/` that decides about mail, loaded and checked together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault, FaultyFiles
from gateway.core.verdict import Action, Verb
from gateway.detect.database import Shelf
from gateway.detect.load import load_detectors
from gateway.policy import Policy, load_policy
from gateway.policy.demand import Demand, demand_of
from gateway.policy.reach import asked_alone, asks_models


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A policy and the detectors that it was written for. Frozen and picklable."""

    policy: Policy
    detectors: tuple[DetectorSpec, ...]

    @property
    def digest(self) -> str:
        """ "sha256:<hex>" over everything that decides."""
        return self.policy.digest

    @property
    def anywhere(self) -> frozenset[str]:
        """Entities of language models to be looked for in all text, since a rule asks for them alone."""
        return asked_alone(self.policy, self.detectors)

    @property
    def asks_models(self) -> bool:
        """Whether a rule could be moved by what language models find; else there is no need to load them for mail."""
        return asks_models(self.policy, self.detectors)

    @property
    def demand(self) -> Demand | None:
        """What is looked for first in each message; None: everything."""
        return demand_of(self.policy, self.detectors)


def load_ruleset(
    policy_file: Path, *, detectors: tuple[DetectorSpec, ...] | None = None, proofs: Shelf | None = None
) -> RuleSet:
    """The rule set of a `policy.yaml` and the `detectors/`, `packs/` and `lists/` beside it.

    `detectors`: those loaded before, where their files are unchanged. `proofs`: where it is remembered that
    samples came out right. Raises `FaultyFiles` with every fault of every file.
    """
    faults: list[Fault] = []
    if detectors is None:
        detectors = load_detectors(policy_file.parent / "detectors", faults, proofs)
    policy = load_policy(policy_file, detectors, faults)
    if policy is not None:
        faults.extend(_half_redacted(policy, detectors))
    if policy is None or faults:
        raise FaultyFiles(faults)
    return RuleSet(policy, detectors)


def _half_redacted(policy: Policy, detectors: Sequence[DetectorSpec]) -> Iterator[Fault]:
    """Redacting what a detector stops counting at some number would leave the rest in the message."""
    for rule in (active.rule for active in policy.active):
        for action in rule.then:
            named = {*_words(action, "entities"), *_words(action, "groups")}
            for spec in detectors:
                if action.verb is Verb.REDACT and spec.enough and named & {spec.entity, *spec.groups}:
                    yield Fault(
                        rule.file,
                        rule.line,
                        1,
                        rule.id,
                        f"redacts {spec.entity}, of which only the first {spec.enough} in a message are found",
                        f"leave it out, or take `enough` out of {spec.id}.yaml",
                    )


def _words(action: Action, name: str) -> tuple[str, ...]:
    value = action.settings.get(name)
    return value if isinstance(value, tuple) else ()
