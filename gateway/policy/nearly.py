"""Which rules did not match and were near to it: those that somebody asks about who asks why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.core.finding import Finding
from gateway.core.verdict import Step, Verdict
from gateway.policy.conditions.base import Condition
from gateway.policy.conditions.finds import Finds
from gateway.policy.model import Policy
from gateway.policy.questions import ActiveRule


def nearly(policy: Policy, verdict: Verdict, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Rules in the trace of a verdict that match for nobody, and for somebody saw what they are about.

    A condition on content held, or values of all kinds that they ask for were found, too unsure, too few or elsewhere,
    while sender and recipient fitted. An exception alone kept them from matching. Or, for a recipient whom no rule
    matches, all held but for one condition on who sends or gets the message.
    """
    matched = {hit.rule for hit in verdict.hits}
    reached = {recipient for hit in verdict.hits for recipient in hit.recipients}
    steps: dict[str, dict[str, list[Step]]] = {}
    for step in verdict.trace:
        steps.setdefault(step.rule, {}).setdefault(step.recipient, []).append(step)
    return tuple(
        active.rule.id
        for active in policy.active
        if active.rule.id not in matched
        and any(
            any(_Case(policy, active, tuple(seen)).is_near(findings, is_reached=recipient in reached))
            for recipient, seen in steps.get(active.rule.id, {}).items()
        )
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One rule that does not match for one recipient."""

    policy: Policy
    active: ActiveRule
    steps: tuple[Step, ...]

    def is_near(self, findings: Sequence[Finding], *, is_reached: bool) -> Iterator[bool]:
        """Each way of being near."""
        content = {number: asked for number, asked in self._asked() if asked.of_content}
        held = any(self._answers[number] for number in content)
        finds = [asked for asked in content.values() if isinstance(asked, Finds)]
        seen = held or (bool(finds) and all(asked.sees(findings) for asked in finds))
        yield bool(replace(self.active.test, none=()).holds(self._answers.get))
        yield seen and self._holds_with(content)
        people = [number for number, asked in self._asked() if not asked.of_content]
        yield held and not is_reached and any(self._holds_with([number]) for number in people)

    @property
    def _answers(self) -> dict[int, bool]:
        return {number: step.held for number, step in zip(self.active.questions, self.steps, strict=True)}

    def _asked(self) -> Iterator[tuple[int, Condition]]:
        """What must hold: exceptions left out."""
        for number, step in zip(self.active.questions, self.steps, strict=True):
            if "none" not in step.condition.partition(": ")[0]:
                yield number, self.policy.questions[number].condition

    def _holds_with(self, numbers: Iterable[int]) -> bool:
        return bool(self.active.test.holds({**self._answers, **dict.fromkeys(numbers, True)}.get))
