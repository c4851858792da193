"""Answers to the questions of a policy, each found when it is first asked for and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from gateway.core.facts import Facts
from gateway.policy.conditions.base import Seen, Situation
from gateway.policy.questions import Question, Scope


class Answers:
    """What is known of one message, whoever receives it."""

    def __init__(
        self,
        questions: Sequence[Question],
        facts: Facts,
        other: "Answers | None" = None,
        shared: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        """`other`: of another policy about the same facts; `shared`: its numbers of the questions that are the same."""
        self._other = other
        self._shared = shared if other else {}
        self._questions = questions
        self.facts = facts
        self._seen: list[Seen | None] = [None] * len(questions)

    def scope(self, number: int) -> Scope:
        return self._questions[number].scope

    def condition(self, number: int) -> Question:
        return self._questions[number]

    def of_message(self, number: int) -> bool | None:
        """None for what needs a recipient."""
        seen = self._seen[number]
        if seen is not None:
            return seen.held
        return None if self._questions[number].scope is not Scope.MESSAGE else self.seen(number).held

    def seen(self, number: int) -> Seen:
        """The answer to a question about the message."""
        seen = self._seen[number]
        if seen is None:
            seen = self._seen[number] = self._asked_there(number) or self._asked(number)
        return seen

    def _asked_there(self, number: int) -> Seen | None:
        there = self._shared.get(number)
        return None if there is None or self._other is None else self._other.seen(there)

    def _asked(self, number: int) -> Seen:
        question = self._questions[number]
        previous = None if question.previous is None else self.seen(question.previous).findings
        return question.condition.evaluate(Situation(self.facts, previous=previous))

    def about(self, recipient: str) -> "About":
        return About(self, Situation(self.facts, recipient), {})


class About:
    """What is known of one message and one recipient of it."""

    def __init__(self, answers: Answers, situation: Situation, seen: dict[int, Seen]) -> None:
        self._answers = answers
        self._situation = situation
        self._seen = seen

    def unprotected(self, *, is_so: bool) -> "About":
        """The same once encryption is settled."""
        situation = Situation(self._situation.facts, self._situation.recipient, unprotected=is_so)
        return About(self._answers, situation, self._seen)

    def held(self, number: int) -> bool:
        return self.seen(number).held

    def seen(self, number: int) -> Seen:
        """The answer to any question."""
        if self._answers.scope(number) is Scope.MESSAGE:
            return self._answers.seen(number)
        seen = self._seen.get(number)
        if seen is None:
            seen = self._answers.condition(number).condition.evaluate(self._situation)
            self._seen[number] = seen
        return seen


def shared(questions: Sequence[Question], others: Sequence[Question]) -> dict[int, int]:
    """For the number of each question about the message the number of the same one among the others, if it is there."""
    numbers = {question: number for number, question in enumerate(others)}
    same: dict[int, int] = {}
    for number, question in enumerate(questions):  # what a question goes on from stands before it
        if question.previous is not None and question.previous not in same:
            continue
        previous = None if question.previous is None else same[question.previous]
        found = numbers.get(replace(question, previous=previous))
        if found is not None and question.scope is Scope.MESSAGE:
            same[number] = found
    return same
