"""Answers to the questions of a policy, each found when it is first asked for and kept."""

from collections.abc import Sequence

from gateway.core.facts import Facts
from gateway.policy.conditions.base import Names, Seen, Situation
from gateway.policy.questions import Question, Scope


class Answers:
    """What is known of one message, whoever receives it."""

    def __init__(self, questions: Sequence[Question], facts: Facts) -> None:
        self._questions = questions
        self.facts = facts
        self._seen: list[Seen | None] = [None] * len(questions)
        self._abouts: dict[str, About] = {}
        self._found: Names | None = None

    def with_findings(self, facts: Facts) -> "Answers":
        """About the same message once more is found in it: what does not depend on that is answered already."""
        again = Answers(self._questions, facts)
        again._seen = [
            None if seen is None or self._questions[number].condition.of_detection else seen
            for number, seen in enumerate(self._seen)
        ]
        again._abouts = {recipient: about.among(again) for recipient, about in self._abouts.items()}
        return again

    @property
    def found(self) -> Names:
        """The entities and groups of which there are values."""
        if self._found is None:
            findings = self.facts.findings
            groups = frozenset[str]().union(*{finding.groups for finding in findings})
            self._found = frozenset[str]().union(*{finding.names for finding in findings}), groups
        return self._found

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
            seen = self._seen[number] = question.condition.evaluate(Situation(self.facts, previous=previous))
        return seen

    def about(self, recipient: str) -> "About":
        """What is known with a recipient, kept as well."""
        about = self._abouts.get(recipient)
        if about is None:
            about = self._abouts[recipient] = About(self, Situation(self.facts, recipient), {})
        return about


class About:
    """What is known of one message and one recipient of it."""

    def __init__(self, answers: Answers, situation: Situation, seen: dict[int, Seen]) -> None:
        self._answers = answers
        self._situation = situation
        self._seen = seen

    def among(self, answers: Answers) -> "About":
        """The same among other answers about the same message: of these what is found there is to be asked again."""
        kept = {n: seen for n, seen in self._seen.items() if not answers.condition(n).condition.of_detection}
        return About(answers, Situation(answers.facts, self._situation.recipient), kept)

    def unprotected(self, *, is_so: bool) -> "About":
        """The same once encryption is settled: by the rules of one policy, so that its answers are kept apart."""
        situation = Situation(self._situation.facts, self._situation.recipient, unprotected=is_so)
        return About(self._answers, situation, dict(self._seen))

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
