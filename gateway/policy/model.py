"""Rules and the policy that they make, frozen: what `load` builds and `decide` reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.core.verdict import Action
from gateway.policy.conditions.base import Condition
from gateway.policy.organization import Organization


class Status(StrEnum):
    """How far a rule has come. Only `monitor` and `enforce` are evaluated; `monitor` changes nothing."""

    DRAFT = "draft"
    MONITOR = "monitor"
    ENFORCE = "enforce"
    RETIRED = "retired"


SEVERITIES = ("low", "medium", "high")
MIXED_RECIPIENTS = ("split", "strictest")
BUILT_IN_AREA = "default"

Section = Literal["all", "any", "none"]
SECTIONS: tuple[Section, ...] = ("all", "any", "none")


@dataclass(frozen=True, slots=True)
class When:
    """All of `all`, at least one of `any` (where there are any), none of `none`."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()

    def clauses(self) -> Iterator[tuple[Section, Condition]]:
        """Every condition with its section, in order of writing."""
        for section in SECTIONS:
            for condition in getattr(self, section):
                yield section, condition

    def holds(self, answers: tuple[bool, ...]) -> bool:
        """Whether the rule matches, given an answer for each clause in the order of `clauses()`."""
        first, second = len(self.all), len(self.all) + len(self.any)
        some = answers[first:second]
        return all(answers[:first]) and (not some or any(some)) and not any(answers[second:])


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `then` is in order of writing; `file` and `line` say where it stands ("" for a built-in one)."""

    id: str
    area: str
    title: str
    status: Status
    severity: str
    owner: str
    when: When
    then: tuple[Action, ...]
    description: str = ""
    false_positives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def is_active(self) -> bool:
        return self.status in (Status.MONITOR, Status.ENFORCE)


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition of an active rule, made ready: its place in `Policy.recipient_conditions` where it needs one."""

    condition: Condition
    english: str
    about_recipient: int | None


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule under monitor or enforce, with its clauses in the order of `When.clauses()`."""

    rule: Rule
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides about a message. Picklable; patterns compile where they are first used.

    `digest` is "sha256:<hex>" over the files that made it, detectors and lists included.
    """

    organization: Organization
    rules: tuple[Rule, ...]  # built-in defaults first, then by pack and file name
    mixed_recipients: Literal["split", "strictest"] = "split"
    digest: str = "sha256:"
    active: tuple[ActiveRule, ...] = field(init=False, repr=False, compare=False)
    recipient_conditions: tuple[Condition, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        active = tuple(rule for rule in self.rules if rule.is_active)
        asked = (condition for rule in active for _, condition in rule.when.clauses() if condition.per_recipient)
        numbers = {condition: number for number, condition in enumerate(dict.fromkeys(asked))}
        ready = tuple(ActiveRule(rule, tuple(_clauses(rule, numbers))) for rule in active)
        object.__setattr__(self, "active", ready)
        object.__setattr__(self, "recipient_conditions", tuple(numbers))


def _clauses(rule: Rule, numbers: Mapping[Condition, int]) -> Iterator[Clause]:
    for section, condition in rule.when.clauses():
        yield Clause(condition, f"{section}: {condition.english}", numbers.get(condition))
