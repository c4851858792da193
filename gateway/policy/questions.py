"""What the active rules ask, made ready: each question once, and for each rule a test over the answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from gateway.policy.conditions.base import Condition, Names

if TYPE_CHECKING:
    from gateway.policy.model import Rule, When

Answer = Callable[[int], bool | None]  # to the question of that number; None: not known yet


class Scope(IntEnum):
    """What must be known before a question can be answered."""

    MESSAGE = 0
    RECIPIENT = 1
    ENCRYPTION = 2  # what encryption the other rules came to, for a recipient


@dataclass(frozen=True, slots=True)
class Question:
    """A condition; `previous` is the number of the one whose findings it goes on from."""

    condition: Condition
    previous: int | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class Test:
    """`When` over numbers of questions."""

    all: tuple["int | Test", ...]
    any: tuple["int | Test", ...]
    none: tuple["int | Test", ...]

    def holds(self, answer: Answer) -> bool | None:
        """None: that depends on what is not known yet. What is decided by the first answers asks no more."""
        unknown = False
        for member in self.all:
            held = answer(member) if isinstance(member, int) else member.holds(answer)
            if held is False:
                return False
            unknown = unknown or held is None
        for member in self.none:
            held = _held(member, answer)
            if held:
                return False
            unknown = unknown or held is None
        some = self._any(answer)
        if some is False:
            return False
        return None if unknown or some is None else True

    def _any(self, answer: Answer) -> bool | None:
        unknown = False
        for member in self.any:
            held = _held(member, answer)
            if held:
                return True
            unknown = unknown or held is None
        return None if unknown else not self.any


def _held(member: "int | Test", answer: Answer) -> bool | None:
    return answer(member) if isinstance(member, int) else member.holds(answer)


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule under monitor or enforce.

    `questions` and `clauses`, their English, are in the order of `When.clauses()`; `scope` is the widest of them.
    `needs`: of each, one value must have been found, or it matches for nobody.
    """

    rule: "Rule"
    test: Test
    questions: tuple[int, ...]
    clauses: tuple[str, ...]
    scope: Scope
    needs: tuple[Names, ...] = ()


def made_ready(*sets: Sequence["Rule"]) -> tuple[list[tuple[ActiveRule, ...]], tuple[Question, ...]]:
    """The rules of each set with their tests, and every question that any of them asks.

    A rule that is in several sets, wherever its files lie, is made ready once: what it answers here it answers there.
    """
    catalogue = _Catalogue()
    known: dict[str, list[ActiveRule]] = {}
    ready: list[tuple[ActiveRule, ...]] = []
    for rules in sets:
        made = [_known(rule, known.get(rule.id, ())) or _active(rule, catalogue) for rule in rules]
        ready.append(tuple(made))
        for active in made:
            known.setdefault(active.rule.id, []).append(active)
    return ready, tuple(catalogue.numbers)


def _known(rule: "Rule", others: Sequence[ActiveRule]) -> ActiveRule | None:
    placeless = replace(rule, file="", line=0)
    return next((other for other in others if replace(other.rule, file="", line=0) == placeless), None)


class _Catalogue:
    def __init__(self) -> None:
        self.numbers: dict[Question, int] = {}

    def number(self, condition: Condition, previous: int | None) -> int:
        after = previous if condition.goes_on else None
        scope = Scope.ENCRYPTION if condition.after_encryption else Scope(condition.per_recipient)
        return self.numbers.setdefault(Question(condition, after, scope), len(self.numbers))


def _active(rule: "Rule", catalogue: _Catalogue) -> ActiveRule:
    test = _test(rule.when, catalogue)
    clauses = tuple(f"{section}: {condition.english}" for section, condition in rule.when.clauses())
    numbers, known = tuple(_numbers(test)), tuple(catalogue.numbers)
    scope = max((known[number].scope for number in numbers), default=Scope.MESSAGE)
    needs = (condition.needs for condition in rule.when.all if isinstance(condition, Condition))
    return ActiveRule(rule, test, numbers, clauses, scope, tuple(one for one in needs if one is not None))


def _test(when: "When", catalogue: _Catalogue) -> Test:
    return Test(_members(when.all, catalogue), _members(when.any, catalogue), _members(when.none, catalogue))


def _members(members: "Sequence[Condition | When]", catalogue: _Catalogue) -> tuple["int | Test", ...]:
    """`finds` pass on what they counted, within their own list."""
    made: list[int | Test] = []
    previous: int | None = None
    for member in members:
        if not isinstance(member, Condition):
            made.append(_test(member, catalogue))
            continue
        number = catalogue.number(member, previous)
        if member.counts:
            previous = number
        made.append(number)
    return tuple(made)


def _numbers(test: Test) -> Iterator[int]:
    """In order of writing."""
    for member in (*test.all, *test.any, *test.none):
        if isinstance(member, Test):
            yield from _numbers(member)
        else:
            yield member
