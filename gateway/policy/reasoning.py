"""Can a rule match at all? Always? Whenever another does? Answered by search over the questions that rules ask."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from gateway.core.detector import DetectorSpec
from gateway.policy.entails import Known
from gateway.policy.questions import Question, Test

MOST_STEPS = 4_000  # of one search; behind them everything counts as possible

Answers = dict[int, bool]


class Reasoning:
    """What the answers to some questions say about the answers to others."""

    def __init__(self, questions: Sequence[Question], detectors: Sequence[DetectorSpec], day: date) -> None:
        self._known = Known(detectors, day)
        self._follows: dict[tuple[int, bool], list[tuple[int, bool]]] = {}
        self.certain: Answers = {}
        for number, question in enumerate(questions):
            answer = self._known.certain(question.condition)
            if answer is not None:
                self.certain[number] = answer
            if question.previous is not None and _counts_one(questions[question.previous]):
                self._note(number, question.previous, also=True)
        for one, first in enumerate(questions):
            for other, second in enumerate(questions):
                if one != other:
                    self._compare(one, first, other, second)

    def _compare(self, one: int, first: Question, other: int, second: Question) -> None:
        if first.scope is not second.scope and {first.condition.word, second.condition.word} != {
            "direction",
            "recipient",
        }:
            return
        if second.previous is None and self._known.entails(first.condition, second.condition):
            self._note(one, other, also=True)
        if one < other and self._known.excludes(first.condition, second.condition):
            self._note(one, other, also=False)

    def _note(self, one: int, other: int, *, also: bool) -> None:
        """Where `one` holds, `other` does (`also`) or does not; and the other way round."""
        self._follows.setdefault((one, True), []).append((other, also))
        self._follows.setdefault((other, not also), []).append((one, False))

    def with_consequences(self, answers: Mapping[int, bool], number: int, *, held: bool) -> Answers | None:
        """The answers with one more, and all that follow from it; None where they contradict one another."""
        known = dict(answers)
        waiting = [(number, held)]
        while waiting:
            at, value = waiting.pop()
            if known.get(at, value) is not value or self.certain.get(at, value) is not value:
                return None
            if at not in known:
                known[at] = value
                waiting.extend(self._follows.get((at, value), ()))
        return known

    def changed(self, answers: Mapping[int, bool], number: int) -> Answers:
        """The answers with one turned round, and those that follow from it with it."""
        known = dict(answers)
        waiting = [(number, not answers[number])]
        done: set[int] = set()
        while waiting:
            at, value = waiting.pop()
            if at not in done:
                done.add(at)
                known[at] = value
                waiting.extend(
                    (then, so) for then, so in self._follows.get((at, value), ()) if known.get(then) is not so
                )
        return known

    def possible(self, *wants: tuple[Test, bool], given: Mapping[int, bool] = MappingProxyType({})) -> bool:
        """Whether some message could give each test the answer that is wanted of it; `given` are answers it gives too.

        True where the search is long.
        """
        self._steps = 0
        start: Answers | None = {}
        for number, value in (*self.certain.items(), *given.items()):
            start = self.with_consequences(start or {}, number, held=value)
            if start is None:
                return True  # an odd policy, about which nothing is said
        return self._search(start or {}, wants)

    def _search(self, answers: Answers, wants: Sequence[tuple[Test, bool]]) -> bool:
        self._steps += 1
        if self._steps > MOST_STEPS:
            return True
        open_tests = []
        for test, wanted in wants:
            held = test.holds(answers.get)
            if held is None:
                open_tests.append(test)
            elif held is not wanted:
                return False
        number = next((n for test in open_tests for n in numbers_of(test) if n not in answers), None)
        if number is None:
            return True
        for value in (True, False):
            more = self.with_consequences(answers, number, held=value)
            if more is not None and self._search(more, wants):
                return True
        return False


def numbers_of(test: Test) -> Iterator[int]:
    """The questions of a test, in order of writing."""
    for member in (*test.all, *test.any, *test.none):
        if isinstance(member, Test):
            yield from numbers_of(member)
        else:
            yield member


def _counts_one(question: Question) -> bool:
    """One finding is enough for it; so whatever measures from its findings needs it to hold."""
    condition = question.condition
    return getattr(condition, "min_count", 2) == 1 and getattr(condition, "min_distinct", 2) == 1
