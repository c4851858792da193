"""What a check is, what it looks at, and what it says."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from gateway.core.detector import DetectorSpec
from gateway.core.verdict import Action, Verb
from gateway.documents import Node, load_document
from gateway.lint.clean import CleanRun
from gateway.lint.history import History
from gateway.policy import Rule
from gateway.policy.lists import AddressList
from gateway.policy.model import BUILT_IN_AREA
from gateway.policy.questions import ActiveRule
from gateway.policy.reasoning import Reasoning
from gateway.ruleset import RuleSet


class Severity(StrEnum):
    """How much it matters.

    `error`: the rule does not do what it says. `warning`: it may do less or more than is meant. `note`: good to know.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a check found. `subject` is a rule, a list or a detector; `line` and `column` count from 1."""

    check: str
    severity: Severity
    subject: str
    file: str
    line: int
    column: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        """`file:line:column: subject: what is wrong: how to mend it [check]`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        said = f"{self.subject}: {self.problem}: {self.remedy} [{self.check}]"
        return f"{place}: {self.severity.value}: {said}"


@dataclass(frozen=True)
class Site:
    """A rule set, and what is known beside it. Without `clean` or `history` the checks that need them say nothing."""

    ruleset: RuleSet
    today: date
    cases: Mapping[str, frozenset[str]] = field(default_factory=dict)  # kinds by rule
    lists: tuple[AddressList, ...] = ()  # those that something in the policy names
    stray_lists: tuple[Path, ...] = ()  # those that nothing names
    clean: CleanRun | None = None
    history: History | None = None

    @cached_property
    def reasoning(self) -> Reasoning:
        return Reasoning(self.ruleset.policy.questions, self.ruleset.detectors, self.today)

    @property
    def active(self) -> tuple[ActiveRule, ...]:
        """Rules under monitor or enforce, the built-in ones too."""
        return self.ruleset.policy.active

    @property
    def written(self) -> Iterator[ActiveRule]:
        """Those that somebody wrote."""
        return (active for active in self.active if active.rule.area != BUILT_IN_AREA)

    def implies(self, one: ActiveRule, other: ActiveRule) -> bool:
        """Whether the other rule matches wherever this one does."""
        return not self.reasoning.possible((one.test, True), (other.test, False))

    @cached_property
    def _documents(self) -> dict[str, Node | None]:
        return {}

    def place(self, rule: Rule, *path: str) -> tuple[str, int, int]:
        """Where a setting of a rule stands; as much of the way to it as the file has."""
        if not rule.file:
            return "policy.yaml", 0, 0
        line, column = rule.line or 1, 1
        node = self._document(rule)
        for step in path:
            found = next(((key, below) for name, key, below in node.items() if name == step), None) if node else None
            if found is None:
                break
            line, column, node = found[0].line, found[0].column, found[1]
        return rule.file, line, column

    def says(self, rule: Rule, *path: str) -> bool:
        """Whether the file of a rule has a setting, and it is no default."""
        node = self._document(rule)
        for step in path:
            node = node.get(step) if node is not None else None
        return node is not None

    def _document(self, rule: Rule) -> Node | None:
        if rule.file not in self._documents:
            self._documents[rule.file] = load_document(Path(rule.file), [])
        return self._documents[rule.file]


class Check(ABC):
    """One thing that can be wrong. `title` says in plain words what the check looks for."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    title: ClassVar[str]
    needs: ClassVar[str] = ""  # "clean" or "history", where it looks at more than the rules

    @abstractmethod
    def look(self, site: Site) -> Iterator[Issue]:
        """All that is wrong in this way."""

    def of_rule(self, site: Site, rule: Rule, problem: str, remedy: str, *path: str) -> Issue:
        """An issue of a rule, at one of its settings."""
        return Issue(self.id, self.severity, rule.id, *site.place(rule, *path), problem, remedy)

    def of_detector(self, spec: DetectorSpec, problem: str, remedy: str) -> Issue:
        return Issue(self.id, self.severity, spec.id, spec.file, spec.line or 1, 1, problem, remedy)


RANK = {Verb.DELIVER: 0, Verb.ENCRYPT: 1, Verb.QUARANTINE: 2, Verb.BLOCK: 3}


def disposing(rule: Rule) -> Action | None:
    """What the rule says about where the message goes."""
    return next((action for action in rule.then if action.verb in RANK), None)


def rank(rule: Rule) -> int:
    """How strict a rule is: deliver or nothing, encrypt, quarantine, block."""
    action = disposing(rule)
    return 0 if action is None else RANK[action.verb]
