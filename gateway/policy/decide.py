"""From facts to a verdict: pure, total, and the same for any order of rules, detectors and recipients.

Each question is answered once, and only where a rule may still match. Recipients with the same answers, and the same
capabilities, are judged together, so that a thousand recipients cost little more than one.

Rules that ask what encryption came to are judged last, when the others have settled it. They cannot encrypt
themselves, and can ask only whether encryption was asked for and cannot be had: so a rule more can make an outcome
stricter, never milder.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.facts import Facts
from gateway.core.verdict import Disposition, Method, Outcome, RuleHit, Verb, Verdict
from gateway.policy.answers import About, Answers
from gateway.policy.conditions.base import Names
from gateway.policy.model import Policy, Status
from gateway.policy.outcome import asked_of, disposition_of, outcome_of
from gateway.policy.questions import ActiveRule, Scope
from gateway.policy.trace import Judgement, steps


@dataclass(frozen=True, slots=True)
class _Group:
    """Recipients that no rule can tell apart, and the rules that match for them."""

    recipients: tuple[str, ...]
    methods: frozenset[Method]
    about: About
    held: tuple[ActiveRule, ...]


def decide(
    policy: Policy, facts: Facts, *, trace: bool = True, unmatched: bool = False, answers: Answers | None = None
) -> Verdict:
    """What happens for each recipient, and, with `trace`, why. Never raises; equal facts give equal verdicts.

    `unmatched`: it is known already that no rule matches for anybody (`demand.may_match`), so none is asked again.
    `answers`: those to the policy's questions about these facts, as far as somebody has them.
    """
    answers = answers or Answers(policy.questions, facts)
    rules = policy.active if trace else () if unmatched else open_rules(policy, answers)
    return decide_by(policy, rules, answers, trace=trace)


def decide_by(policy: Policy, rules: Sequence[ActiveRule], answers: Answers, *, trace: bool = False) -> Verdict:
    """What these rules of a policy come to, where none of the others can match (`open_rules`)."""
    facts = answers.facts
    recipients = tuple(dict.fromkeys([recipient.address for recipient in facts.envelope.recipients]))
    if not rules:
        passed = tuple([Outcome(recipient, Disposition.DELIVER) for recipient in recipients])
        return Verdict(Disposition.DELIVER, policy.digest, passed)
    enforced = frozenset(active.rule.id for active in rules if is_enforced(active, facts))
    groups = tuple(_groups(rules, enforced, facts, answers, recipients))
    outcomes: dict[str, Outcome] = {}
    for group in groups:
        in_force = [active.rule for active in group.held if active.rule.id in enforced]
        for recipient in group.recipients:
            outcomes[recipient] = outcome_of(recipient, in_force, group.methods)
    ordered = tuple(outcomes[recipient] for recipient in recipients)
    return Verdict(
        disposition=max((outcome.disposition for outcome in ordered), default=Disposition.DELIVER),
        policy_digest=policy.digest,
        outcomes=ordered,
        hits=tuple(_hits(rules, enforced, groups, recipients)),
        trace=tuple(steps([_judged(rules, group) for group in groups])) if trace else (),
    )


def open_rules(policy: Policy, answers: Answers) -> tuple[ActiveRule, ...]:
    """Those that the message itself leaves a chance to match for somebody.

    Most rules need values of which none was found: that is seen without asking them.
    """
    entities, groups = answers.found
    return tuple(
        [
            active
            for active in policy.active
            if not _lacks(active.needs, entities, groups) and active.test.holds(answers.of_message) is not False
        ]
    )


def _lacks(needs: Iterable[Names], entities: frozenset[str], groups: frozenset[str]) -> bool:
    return any(named.isdisjoint(entities) and grouped.isdisjoint(groups) for named, grouped in needs)


def is_enforced(active: ActiveRule, facts: Facts) -> bool:
    """Whether the rule acts on this message, rather than only telling what it would do."""
    rule = active.rule
    if rule.status is not Status.ENFORCE:
        return False
    return rule.rollout is None or rule.rollout.includes(rule.id, facts)


def _groups(
    rules: Sequence[ActiveRule], enforced: frozenset[str], facts: Facts, answers: Answers, recipients: Iterable[str]
) -> Iterator[_Group]:
    """Recipients by equal answers and methods, in order of first appearance."""
    wanted = sorted({number for active in rules for number in active.questions})
    asked = tuple(number for number in wanted if answers.scope(number) is Scope.RECIPIENT)
    members: dict[tuple[tuple[bool, ...], frozenset[Method]], list[str]] = {}
    abouts: dict[tuple[tuple[bool, ...], frozenset[Method]], About] = {}
    for recipient in recipients:
        about = answers.about(recipient)
        methods = facts.capabilities.get(recipient, frozenset())
        key = (tuple(about.seen(number).held for number in asked), methods)
        members.setdefault(key, []).append(recipient)
        abouts.setdefault(key, about)
    for key, group in members.items():
        about = abouts[key]
        held = [rule for rule in rules if rule.scope < Scope.ENCRYPTION and rule.test.holds(about.held)]
        encrypts = asked_of((active.rule for active in held if active.rule.id in enforced), Verb.ENCRYPT)
        last = [rule for rule in rules if rule.scope is Scope.ENCRYPTION]
        if last:
            about = about.unprotected(is_so=disposition_of(encrypts, key[1]) is not Disposition.DELIVER)
            held += [rule for rule in last if rule.test.holds(about.held)]
        yield _Group(tuple(group), key[1], about, tuple(held))


def _judged(rules: Sequence[ActiveRule], group: _Group) -> tuple[tuple[str, ...], tuple[Judgement, ...]]:
    held = {active.rule.id for active in group.held}
    judgements = (
        Judgement(active, tuple(map(group.about.seen, active.questions)), active.rule.id in held) for active in rules
    )
    return group.recipients, tuple(judgements)


def _hits(
    rules: Sequence[ActiveRule], enforced: frozenset[str], groups: Sequence[_Group], recipients: Sequence[str]
) -> Iterator[RuleHit]:
    """Rules that matched, those under `monitor` too, with their recipients in order of the envelope."""
    for active in rules:
        met = [group for group in groups if any(rule is active for rule in group.held)]
        if not met:
            continue
        rule, whom = active.rule, {who for group in met for who in group.recipients}
        alone = [outcome_of("", [rule], group.methods) for group in met]
        yield RuleHit(
            rule=rule.id,
            area=rule.area,
            title=rule.title,
            severity=rule.severity,
            status=(Status.ENFORCE if rule.id in enforced else Status.MONITOR).value,
            recipients=tuple(recipient for recipient in recipients if recipient in whom),
            actions=rule.then,
            entities=_counted(active, met),
            disposition=max(outcome.disposition for outcome in alone),
            methods=tuple(sorted({outcome.method for outcome in alone if outcome.method is not None})),
            rollout=rule.status is Status.ENFORCE and rule.id not in enforced,
        )


def _counted(active: ActiveRule, groups: Iterable[_Group]) -> tuple[str, ...]:
    """The entities of all findings that made a rule match, by name."""
    seen = (group.about.seen(number) for group in groups for number in active.questions)
    return tuple(sorted({finding.entity for answer in seen if answer.held for finding in answer.findings or ()}))
