"""From facts to a verdict: pure, total, and the same for any order of rules, detectors and recipients.

Conditions about the message are answered once. Recipients with the same answers to all conditions about recipients, and
the same capabilities, are judged together, so that a thousand recipients cost little more than one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.facts import Facts
from gateway.core.finding import Finding
from gateway.core.verdict import Action, Disposition, Method, Outcome, RuleHit, Verb, Verdict
from gateway.policy.conditions.base import Seen, Situation
from gateway.policy.model import ActiveRule, Policy, Rule, Status, When
from gateway.policy.trace import Judgement, steps
from gateway.policy.verbs import DISPOSITIONS

_TRANSFORMING = frozenset(Verb) - {Verb.ENCRYPT, *DISPOSITIONS}


@dataclass(frozen=True, slots=True)
class _Group:
    """Recipients that no rule can tell apart."""

    recipients: tuple[str, ...]
    answers: tuple[Seen, ...]  # in order of `Policy.recipient_conditions`
    methods: frozenset[Method]


def decide(policy: Policy, facts: Facts) -> Verdict:
    """What happens for each recipient and why. Never raises; the same facts always give the same verdict."""
    recipients = tuple(dict.fromkeys(recipient.address for recipient in facts.envelope.recipients))
    about_message = [tuple(_about_message(active.rule.when, facts)) for active in policy.active]
    outcomes: dict[str, Outcome] = {}
    judged: list[tuple[_Group, tuple[Judgement, ...]]] = []
    for group in _groups(policy, facts, recipients):
        judgements = tuple(
            _judge(active, seen, group.answers) for active, seen in zip(policy.active, about_message, strict=True)
        )
        judged.append((group, judgements))
        for recipient in group.recipients:
            outcomes[recipient] = _outcome(recipient, judgements, group.methods)
    ordered = tuple(outcomes[recipient] for recipient in recipients)
    return Verdict(
        disposition=max((outcome.disposition for outcome in ordered), default=Disposition.DELIVER),
        policy_digest=policy.digest,
        outcomes=ordered,
        hits=tuple(_hits([active.rule for active in policy.active], judged, recipients)),
        trace=tuple(steps([(group.recipients, judgements) for group, judgements in judged])),
    )


def _about_message(when: When, facts: Facts) -> Iterator[Seen | None]:
    """An answer for each clause; None for those that need a recipient. `finds` pass on what they counted."""
    previous: dict[str, tuple[Finding, ...]] = {}
    for section, condition in when.clauses():
        if condition.per_recipient:
            yield None
            continue
        seen = condition.evaluate(Situation(facts, previous=previous.get(section)))
        if seen.findings is not None:
            previous[section] = seen.findings
        yield seen


def _groups(policy: Policy, facts: Facts, recipients: Iterable[str]) -> Iterator[_Group]:
    """Recipients by equal answers and methods, in order of first appearance."""
    members: dict[tuple[tuple[bool, ...], frozenset[Method]], list[str]] = {}
    answers: dict[tuple[tuple[bool, ...], frozenset[Method]], tuple[Seen, ...]] = {}
    for recipient in recipients:
        situation = Situation(facts, recipient)
        seen = tuple(condition.evaluate(situation) for condition in policy.recipient_conditions)
        key = (tuple(answer.held for answer in seen), facts.capabilities.get(recipient, frozenset()))
        members.setdefault(key, []).append(recipient)
        answers.setdefault(key, seen)
    for key, group in members.items():
        yield _Group(tuple(group), answers[key], key[1])


def _judge(active: ActiveRule, about_message: Sequence[Seen | None], about_recipient: Sequence[Seen]) -> Judgement:
    seen = tuple(
        about_recipient[clause.about_recipient or 0] if answer is None else answer
        for clause, answer in zip(active.clauses, about_message, strict=True)
    )
    return Judgement(active, seen, active.rule.when.holds(tuple(answer.held for answer in seen)))


def _outcome(recipient: str, judgements: Iterable[Judgement], methods: frozenset[Method]) -> Outcome:
    """Strictest disposition wins, transforms add up, encryption that cannot be had becomes its `otherwise`."""
    held = [judgement.active.rule for judgement in judgements if judgement.held]
    rules = [rule for rule in held if rule.status is Status.ENFORCE]
    asked = [action for rule in rules for action in rule.then]
    encrypts = [action for action in asked if action.verb is Verb.ENCRYPT]
    method = _method(encrypts, methods)
    disposition = max((DISPOSITIONS[a.verb] for a in asked if a.verb in DISPOSITIONS), default=Disposition.DELIVER)
    if encrypts and method is None:
        disposition = max(disposition, *(_otherwise(action) for action in encrypts))
    if disposition is not Disposition.DELIVER:
        method = None
    actions = [applied for action in asked if (applied := _applied(action, disposition, method)) is not None]
    return Outcome(
        recipient=recipient,
        disposition=disposition,
        actions=tuple(_unique(actions)),
        rules=tuple(rule.id for rule in rules),
        method=method,
    )


def _method(encrypts: Sequence[Action], methods: frozenset[Method]) -> Method | None:
    """The first that the first rule prefers, every other rule accepts, and the recipient can read."""
    if not encrypts:
        return None
    preferences = [_words(action, "prefer") for action in encrypts]
    return next(
        (Method(word) for word in preferences[0] if word in methods and all(word in other for other in preferences)),
        None,
    )


def _otherwise(action: Action) -> Disposition:
    return Disposition.BLOCK if action.settings.get("otherwise") == Verb.BLOCK else Disposition.QUARANTINE


def _words(action: Action, name: str) -> tuple[str, ...]:
    value = action.settings.get(name)
    return value if isinstance(value, tuple) else ()


def _applied(action: Action, disposition: Disposition, method: Method | None) -> Action | None:
    """The action as it comes to pass under that disposition; None where a stricter one took its place."""
    if action.verb in _TRANSFORMING:
        return action
    if action.verb is Verb.ENCRYPT:
        if method is not None:
            return action
        own = _otherwise(action)
        return Action(Verb(own.word), {}) if own is disposition else None
    return action if DISPOSITIONS[action.verb] is disposition else None


def _unique(actions: Iterable[Action]) -> list[Action]:
    """Each once: two rules that both notify the sender send one notice."""
    kept: list[Action] = []
    for action in actions:
        if action not in kept:
            kept.append(action)
    return kept


def _hits(
    rules: Sequence[Rule], judged: Sequence[tuple[_Group, tuple[Judgement, ...]]], recipients: Sequence[str]
) -> Iterator[RuleHit]:
    """Rules that matched, those under `monitor` too, with their recipients in order of the envelope."""
    for index, rule in enumerate(rules):
        held = [(group, judgements[index]) for group, judgements in judged if judgements[index].held]
        met = {who for group, _ in held for who in group.recipients}
        if met:
            yield RuleHit(
                rule=rule.id,
                area=rule.area,
                title=rule.title,
                severity=rule.severity,
                status=rule.status.value,
                recipients=tuple(recipient for recipient in recipients if recipient in met),
                actions=rule.then,
                entities=_counted([judgement for _, judgement in held]),
            )


def _counted(judgements: Iterable[Judgement]) -> tuple[str, ...]:
    """The entities of all findings that made a rule match, by name."""
    seen = (answer for judgement in judgements for answer in judgement.seen if answer.held)
    return tuple(sorted({finding.entity for answer in seen for finding in answer.findings or ()}))
