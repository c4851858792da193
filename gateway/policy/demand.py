"""What has to be looked for first, and whether anything else could still matter.

Most rules need two things at once: somebody's identifier, and health content. Identifiers are in nearly every message,
health content in few, and names cost most of all. So of such a rule the rarer half is looked for first, and the other
only where some rule could match with it. `may_match` errs on one side alone: it says no only where no rule can match,
whatever the detectors that have not run would find, take the place of, or fail at.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.core.detector import DetectorSpec
from gateway.core.facts import Facts
from gateway.core.finding import Finding, names_of
from gateway.core.message import Place
from gateway.core.verdict import Action, Outcome, Verb
from gateway.policy.answers import Answers
from gateway.policy.conditions.base import Names
from gateway.policy.conditions.finds import Finds
from gateway.policy.decide import is_enforced
from gateway.policy.model import SEVERITIES, Policy, Rule
from gateway.policy.outcome import outcome_of
from gateway.policy.questions import Answer, Scope, Test

LONG = frozenset(
    {Place.BODY, Place.ATTACHMENT}
)  # texts of these places are long; all others are searched for everything
_MODELS, HEALTH = "names", "health"
_MOST = 50  # recipients asked about one by one; with more, what depends on the recipient counts as possible


@dataclass(frozen=True, slots=True)
class Demand:
    """`first`: ids of the detectors whose findings can rule a match out; the others are those of these names.

    `needs`, by rule: for each condition that all its matches need and that no other detector serves, the entities and
    groups one of which must have been found first, by their number in `names`. `long`: places whose texts no other
    detectors are shown; all places, where no rule asks for what the others find.
    """

    first: frozenset[str]
    entities: frozenset[str]
    groups: frozenset[str]
    specs: tuple[DetectorSpec, ...] = field(repr=False)  # all
    names: tuple[Names, ...] = field(repr=False, default=())
    needs: Mapping[str, frozenset[int]] = field(repr=False, default_factory=dict)
    long: frozenset[Place] = LONG

    def of(self, names: Collection[str]) -> "Demand":
        """The same, were these the detectors that could find more: and with them all that ask what these found."""
        more = _with_followers(set(names), self.specs)
        return _rest([spec for spec in self.specs if spec.id in more], self.first, self.specs)

    def may_add(self, condition: Finds) -> bool:
        """Whether a detector that has not run could find what this condition asks for, where not all were asked."""
        return _asks_of_long(condition) and self.serves(condition)

    def serves(self, condition: Finds) -> bool:
        """Whether one of these detectors finds what this condition asks for, wherever that stands."""
        if condition.entity:
            return not self.entities.isdisjoint(condition.entity)
        return not self.groups.isdisjoint(condition.group)


def demand_of(
    policy: Policy, detectors: Sequence[DetectorSpec], besides: Collection[str] = frozenset()
) -> Demand | None:
    """None where looking twice would spare nothing: a rule asks for what only a model finds, or for everything.

    `besides`: ids of detectors that come first for another reason, with all that count beside them.
    """
    asked = {spec.id for active in policy.active for spec in _rarer(active.rule, detectors)}
    first = _with_company(asked, detectors) | set(besides)
    if any(spec.engine == _MODELS for spec in detectors if spec.id in first):
        return None
    later = [spec for spec in detectors if spec.id not in first]
    if not later:
        return None
    demand = _rest(later, frozenset(first), tuple(detectors))
    needs = {active.rule.id: _needs(active.rule, demand) for active in policy.active}
    names = tuple(dict.fromkeys(one for several in needs.values() for one in several))
    of_others = {spec.id for active in policy.active for spec in _asked(active.rule, later)}
    return replace(
        demand,
        names=names,
        needs={rule: frozenset(map(names.index, several)) for rule, several in needs.items()},
        long=LONG if of_others else frozenset(Place),
    )


def _asked(rule: Rule, detectors: Sequence[DetectorSpec]) -> list[DetectorSpec]:
    """Those that find something that a rule asks for, in whatever place and clause."""
    wanted = [condition for _, condition in rule.when.clauses() if isinstance(condition, Finds)]
    return [spec for spec in detectors if any(_serves(spec, condition) for condition in wanted)]


def _needs(rule: Rule, demand: Demand) -> tuple[Names, ...]:
    """What has to be among the first findings for the rule to match at all."""
    return tuple(
        (frozenset(condition.entity), frozenset(() if condition.entity else condition.group))
        for condition in rule.when.all
        if isinstance(condition, Finds) and not demand.may_add(condition)
    )


def _rest(later: Sequence[DetectorSpec], first: frozenset[str], specs: tuple[DetectorSpec, ...]) -> Demand:
    groups = frozenset[str]().union(*(spec.groups for spec in later))
    entities = frozenset[str]().union(*(names_of(spec.entity) for spec in later))
    return Demand(first, entities, groups, specs)


def _with_company(asked: set[str], detectors: Sequence[DetectorSpec]) -> set[str]:
    """Those asked for and, where they count only beside findings of a group, those of that group."""
    known = set(asked)
    while True:
        groups = {group for spec in detectors if spec.id in known for group in _company(spec)}
        more = {spec.id for spec in detectors if not groups.isdisjoint(spec.groups)} - known
        if not more:
            return known
        known |= more


def _with_followers(names: set[str], detectors: Sequence[DetectorSpec]) -> set[str]:
    """These and, where they find more, whoever finds more beside that. A model reads what stands near findings."""
    known = set(names)
    while True:
        groups = frozenset[str]().union(*(spec.groups for spec in detectors if spec.id in known))
        more = {
            spec.id for spec in detectors if (known and spec.engine == _MODELS) or not groups.isdisjoint(_company(spec))
        } - known
        if not more:
            return known
        known |= more


def _company(spec: DetectorSpec) -> frozenset[str]:
    return frozenset(spec.context.groups) | ({HEALTH} if spec.classifier else set())


def _rarer(rule: Rule, detectors: Sequence[DetectorSpec]) -> list[DetectorSpec]:
    """The detectors of that one of a rule's conditions which all matches need and the fewest of them serve.

    Of a rule without such a condition, those of all that it asks for.
    """
    choices = [
        [spec for spec in detectors if _serves(spec, condition)]
        for condition in rule.when.all
        if isinstance(condition, Finds) and _asks_of_long(condition)
    ]
    if choices:
        return min(choices, key=lambda specs: (sum(spec.engine == _MODELS for spec in specs), len(specs)))
    asked = (condition for section, condition in rule.when.clauses() if "none" not in section)
    wanted = [condition for condition in asked if isinstance(condition, Finds) and _asks_of_long(condition)]
    return [spec for spec in detectors if any(_serves(spec, condition) for condition in wanted)]


def _asks_of_long(condition: Finds) -> bool:
    return not condition.place or not LONG.isdisjoint(map(Place, condition.place))


def _serves(spec: DetectorSpec, condition: Finds) -> bool:
    if condition.entity:
        return not names_of(spec.entity).isdisjoint(condition.entity)
    return not spec.groups.isdisjoint(condition.group)


def may_match(policy: Policy, facts: Facts, demand: Demand, answers: Answers | None = None) -> bool:
    """Whether any active rule could match for anybody once all detectors have run.

    `facts.findings` are those of the detectors of `demand.first`, and of all in texts of other places than
    `demand.long`; before any of them took the place of another. With more of them it never turns from true to false:
    where it is true with none there is no need to look. `answers`: those about these facts that there are.
    """
    answers = answers or Answers(policy.questions, facts)
    known: dict[int, bool | None] = {}  # rules share most of their questions

    def of_message(number: int) -> bool | None:
        if number not in known:
            condition = answers.condition(number).condition
            if type(condition) is Finds:
                possible = demand.may_add(condition) or condition.has_enough(facts.findings)
                known[number] = None if possible else False
            else:
                known[number] = answers.of_message(number)
        return known[number]

    missing = _missing(demand.names, answers.found)
    left = [
        active
        for active in policy.active
        if missing.isdisjoint(demand.needs.get(active.rule.id, ())) and active.test.holds(of_message) is not False
    ]
    if not left:
        return False
    recipients = _recipients(facts)
    if len(recipients) > _MOST:
        return bool(left)
    return any(
        active.test.holds(answer) is not False
        for recipient in recipients
        for answer in [_of_recipient(answers, recipient, of_message)]
        for active in left
    )


def _missing(names: Sequence[Names], found: Names) -> set[int]:
    """The numbers of those of which nothing was found: quicker than to ask each rule for itself."""
    entities, groups = found
    return {
        number
        for number, (named, grouped) in enumerate(names)
        if named.isdisjoint(entities) and grouped.isdisjoint(groups)
    }


def is_settled(policy: Policy, facts: Facts, more: Demand, short: Sequence[Finding] | None = None) -> bool:
    """Whether the same becomes of the message however much `more` is found.

    `short`: all that there is in texts that are not LONG; None where that is not known.

    Further rules may match then, but none that would change anything for anybody. What is found later may also take the
    place of what was found: so an exception (`none`) that holds is none to rely on. What else holds is taken to stay,
    which can only make the outcome stricter.
    """
    answers = Answers(policy.questions, facts)
    exceptions = {number for active in policy.active for number in _exceptions(active.test)}

    def of_message(number: int) -> bool | None:
        condition = answers.condition(number).condition
        held = answers.of_message(number)
        if not isinstance(condition, Finds):
            return held
        if held:
            return None if number in exceptions else True
        if short is not None and not _asks_of_long(condition) and not condition.has_enough(short):
            return False
        return None if more.serves(condition) or condition.goes_on else False

    recipients = _recipients(facts)
    return len(recipients) <= _MOST and all(
        _comes_to_the_same(policy, facts, recipient, _of_recipient(answers, recipient, of_message), more)
        for recipient in recipients
    )


def _exceptions(test: Test, *, inside: bool = False) -> Iterator[int]:
    """The numbers of what stands under `none`, however deep."""
    for members, excepts in ((test.all, inside), (test.any, inside), (test.none, True)):
        for member in members:
            if isinstance(member, Test):
                yield from _exceptions(member, inside=excepts)
            elif excepts:
                yield member


def _comes_to_the_same(policy: Policy, facts: Facts, recipient: str, answer: Answer, more: Demand) -> bool:
    """What surely matches for a recipient, and that with all that may match beside it."""
    held = [(active, active.test.holds(answer)) for active in policy.active]
    possible = [active for active, it_is in held if it_is is not False]
    if not all(is_enforced(active, facts) for active, it_is in held if it_is is None):
        return False  # what a monitored rule would do is to be told exactly
    in_force = [active for active in possible if is_enforced(active, facts)]
    if any(_wants_all(active.rule, more) for active in in_force):
        return False
    sure = {active.rule.id for active, it_is in held if it_is}
    methods = facts.capabilities.get(recipient, frozenset())
    known = [active.rule for active in in_force if active.rule.id in sure]
    most = [active.rule for active in in_force]
    return _effect(known, outcome_of(recipient, known, methods)) == _effect(most, outcome_of(recipient, most, methods))


def _effect(rules: Sequence[Rule], outcome: Outcome) -> tuple[object, ...]:
    """What becomes of a message, and by areas and severity who may look at it where it is kept."""
    actions = {repr(action) for action in outcome.actions}
    severity = max((SEVERITIES.index(rule.severity) for rule in rules), default=-1)
    return outcome.disposition, outcome.method, actions, {rule.area for rule in rules}, severity


def _wants_all(rule: Rule, more: Demand) -> bool:
    """Whether a rule does something to every value of a kind that there may be more of."""
    return any(
        not more.entities.isdisjoint(_named(action, "entities")) or not more.groups.isdisjoint(_named(action, "groups"))
        if action.settings.get("entities") or action.settings.get("groups")
        else any(more.serves(asked) for _, asked in rule.when.clauses() if isinstance(asked, Finds))
        for action in rule.then
        if action.verb is Verb.REDACT
    )


def _named(action: Action, name: str) -> tuple[str, ...]:
    value = action.settings.get(name)
    return value if isinstance(value, tuple) else ()


def _recipients(facts: Facts) -> list[str]:
    return list(dict.fromkeys(recipient.address for recipient in facts.envelope.recipients))


def _of_recipient(answers: Answers, recipient: str, of_message: Answer) -> Answer:
    about = answers.about(recipient)
    return lambda number: about.held(number) if answers.scope(number) is Scope.RECIPIENT else of_message(number)
