"""Answers to the questions of a policy, each found when it is first asked for and kept."""

from collections.abc import Sequence

from gateway.core.facts import Facts
from gateway.policy.conditions.base import Seen, Situation
from gateway.policy.questions import Question, Scope


class Answers:
    """What is known of one message, whoever receives it."""

    def __init__(self, questions: Sequence[Question], facts: Facts) -> None:
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
            question = self._questions[number]
            previous = None if question.previous is None else self.seen(question.previous).findings
            seen = question.condition.evaluate(Situation(self.facts, previous=previous))
            self._seen[number] = seen
        return seen

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
