"""What would have changed an outcome: the fewest conditions that had to be answered the other way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations

from gateway.core.detector import DetectorSpec
from gateway.core.verdict import Disposition, Outcome, Step, Verb, Verdict
from gateway.policy.model import BUILT_IN_AREA, Policy, Status
from gateway.policy.outcome import asked_of, disposition_of, outcome_of
from gateway.policy.questions import ActiveRule, Scope
from gateway.policy.reasoning import Answers, Reasoning

MOST_CHANGES = 3
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A condition in plain English, and whether it held."""

    condition: str
    held: bool


@dataclass(frozen=True, slots=True)
class Nearest:
    """For one recipient: what the outcome becomes where all `changes` are made. `rules`: those it hangs on."""

    recipient: str
    becomes: Disposition
    changes: tuple[Change, ...]
    rules: tuple[str, ...]


def nearest(policy: Policy, detectors: Sequence[DetectorSpec], verdict: Verdict, day: date) -> tuple[Nearest, ...]:
    """For each recipient in the trace of a verdict, the nearest ways to another outcome, the shortest first.

    What follows from a change is changed with it: who is outside the partners is outside the organisation too.
    """
    reasoning = Reasoning(policy.questions, detectors, day)
    outcomes = {outcome.recipient: outcome for outcome in verdict.outcomes}
    steps: dict[str, dict[str, list[Step]]] = {}
    for step in verdict.trace:
        steps.setdefault(step.recipient, {}).setdefault(step.rule, []).append(step)
    found: list[Nearest] = []
    for recipient, of_rules in steps.items():
        if recipient in outcomes:
            case = _Case(policy, reasoning, _enforced(policy, verdict), outcomes[recipient], _answers(policy, of_rules))
            found.extend(case.nearest())
    return tuple(found)


def _answers(policy: Policy, of_rules: Mapping[str, Sequence[Step]]) -> Answers:
    return {
        number: step.held
        for active in policy.active
        for number, step in zip(active.questions, of_rules.get(active.rule.id, ()), strict=False)
    }


def _enforced(policy: Policy, verdict: Verdict) -> frozenset[str]:
    """Rules in force for this message: of one that is rolled out, the verdict knows only where it matched."""
    watched = {hit.rule for hit in verdict.hits if hit.status != Status.ENFORCE}
    spoke = {hit.rule for hit in verdict.hits}
    return frozenset(
        active.rule.id
        for active in policy.active
        if active.rule.status is Status.ENFORCE
        and active.rule.id not in watched
        and (active.rule.rollout is None or active.rule.id in spoke)
    )


class _Case:
    """One recipient, with all answers."""

    def __init__(
        self, policy: Policy, reasoning: Reasoning, enforced: frozenset[str], outcome: Outcome, answers: Answers
    ) -> None:
        self._policy = policy
        self._reasoning = reasoning
        self._enforced = enforced
        self._outcome = outcome
        self._answers = answers
        self._methods = frozenset({outcome.method}) if outcome.method else frozenset()

    def nearest(self) -> Iterator[Nearest]:
        now = self._disposition(self._answers)
        milder = list(self._milder(now))
        stricter = list(self._stricter(max(now, self._outcome.disposition)))  # an action that failed holds it too
        yield from [*milder[:MOST_SHOWN], *stricter[:MOST_SHOWN]]

    def _stricter(self, now: Disposition) -> Iterator[Nearest]:
        """By one more rule that matches: that of which the least is missing, of these one that somebody wrote."""
        ways = []
        for active in self._policy.active:
            if active.rule.id not in self._enforced or active.scope is Scope.ENCRYPTION:
                continue
            if active.test.holds(self._answers.get):
                continue
            way = self._way(active.questions, now, stricter=True)
            if way is not None:
                held = sum(self._answers.get(number, False) for number in active.questions)
                ways.append((len(way.changes), active.rule.area == BUILT_IN_AREA, -held, way, active.rule.id))
        for *_, way, rule in sorted(ways, key=lambda known: known[:3]):
            yield Nearest(way.recipient, way.becomes, way.changes, (rule,))

    def _milder(self, now: Disposition) -> Iterator[Nearest]:
        """By rules that no longer match."""
        if now is Disposition.DELIVER:
            return
        held = [
            active
            for active in self._held(self._answers)
            if active.rule.id in self._enforced and outcome_of("", [active.rule], self._methods).disposition >= now
        ]
        numbers = tuple(dict.fromkeys(chain.from_iterable(active.questions for active in held)))
        way = self._way(numbers, now, stricter=False)
        if way is not None:
            yield Nearest(way.recipient, way.becomes, way.changes, tuple(active.rule.id for active in held))

    def _way(self, numbers: Sequence[int], now: Disposition, *, stricter: bool) -> Nearest | None:
        free = [
            number
            for number in dict.fromkeys(numbers)
            if number in self._answers
            and number not in self._reasoning.certain
            and self._policy.questions[number].scope is not Scope.ENCRYPTION
        ]
        for size in range(1, MOST_CHANGES + 1):
            for chosen in combinations(free, size):
                answers = self._answers
                for number in chosen:
                    if answers[number] is self._answers[number]:
                        answers = self._reasoning.changed(answers, number)
                becomes = self._disposition(answers)
                if (becomes > now) if stricter else (becomes < now):
                    changes = tuple(self._change(number) for number in chosen)
                    return Nearest(self._outcome.recipient, becomes, changes, ())
        return None

    def _change(self, number: int) -> Change:
        return Change(self._policy.questions[number].condition.english, self._answers[number])

    def _held(self, answers: Answers) -> list[ActiveRule]:
        rules = self._policy.active
        held = [rule for rule in rules if rule.scope is not Scope.ENCRYPTION and rule.test.holds(answers.get)]
        in_force = (active.rule for active in held if active.rule.id in self._enforced)
        unprotected = disposition_of(asked_of(in_force, Verb.ENCRYPT), self._methods) is not Disposition.DELIVER
        settled = dict(answers)
        for number, question in enumerate(self._policy.questions):
            if question.scope is Scope.ENCRYPTION:
                settled[number] = unprotected
        return held + [rule for rule in rules if rule.scope is Scope.ENCRYPTION and rule.test.holds(settled.get)]

    def _disposition(self, answers: Answers) -> Disposition:
        held = [active.rule for active in self._held(answers) if active.rule.id in self._enforced]
        return outcome_of("", held, self._methods).disposition
