"""Rules and the policy that they make, frozen: what `load` builds and `decide` reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from gateway.core.verdict import Action
from gateway.policy.conditions.base import Condition
from gateway.policy.organization import Organization
from gateway.policy.questions import ActiveRule, Question, made_ready
from gateway.policy.rollout import Rollout


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
    """All of `all`, at least one of `any` (where there are any), none of `none`. Each may hold further such lists."""

    all: tuple["Condition | When", ...] = ()
    any: tuple["Condition | When", ...] = ()
    none: tuple["Condition | When", ...] = ()

    def clauses(self, above: str = "") -> Iterator[tuple[str, Condition]]:
        """Every condition, in order of writing, with the lists it stands in: "all", "all/any"."""
        for section in SECTIONS:
            place = f"{above}/{section}" if above else section
            for member in getattr(self, section):
                if isinstance(member, When):
                    yield from member.clauses(place)
                else:
                    yield place, member


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
    rollout: Rollout | None = None  # None: for everybody
    file: str = ""
    line: int = 0

    @property
    def is_active(self) -> bool:
        return self.status in (Status.MONITOR, Status.ENFORCE)


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides about a message. Picklable; patterns compile where they are first used.

    `digest` is "sha256:<hex>" over the files that made it, detectors and lists included. `questions` are what the
    active rules ask, each once however many rules ask it.
    """

    organization: Organization
    rules: tuple[Rule, ...]  # built-in defaults first, then by pack and file name
    mixed_recipients: Literal["split", "strictest"] = "split"
    digest: str = "sha256:"
    active: tuple[ActiveRule, ...] = field(init=False, repr=False, compare=False)
    questions: tuple[Question, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        (active,), questions = made_ready(_active(self))
        object.__setattr__(self, "active", active)
        object.__setattr__(self, "questions", questions)


def together(one: Policy, other: Policy) -> tuple[Policy, Policy]:
    """The same two policies with their questions in one list, so that one set of answers is enough for both.

    Rules that are the same in both are the same `ActiveRule`.
    """
    ready, questions = made_ready(_active(one), _active(other))
    made = replace(one), replace(other)
    for policy, active in zip(made, ready, strict=True):
        object.__setattr__(policy, "active", active)
        object.__setattr__(policy, "questions", questions)
    return made


def _active(policy: Policy) -> tuple[Rule, ...]:
    return tuple(rule for rule in policy.rules if rule.is_active)
