"""Which entities of language models a policy asks for, and which by themselves, so that all text is looked at for them.

A language model is costly, so it reads what stands near words of care: that is all that most rules need. A rule that
asks for names, places or facilities with no word of care as a condition, or with one at any distance, needs them
wherever they stand. An exception (`none`) does not ask for them: where it is not found, the rule applies, which is the
safe side.
"""

from collections.abc import Collection, Iterator, Sequence

from gateway.core.detector import Confidence, DetectorSpec
from gateway.policy.conditions.finds import Finds
from gateway.policy.model import Policy, Rule, When

CARE = "health"  # the group whose values speak of care
NEAR = 300  # characters from care, up to which a model has read; it reads some more on each side
_BOUND = frozenset({"patient-identifier"})  # groups that mean something only where care is spoken of


def asked_alone(policy: Policy, detectors: Sequence[DetectorSpec]) -> frozenset[str]:
    """Entities of language models that an active rule counts where no care need stand near them, or redacts without it.

    The group `patient-identifier` does not ask for them: without care nobody is a patient.
    """
    models = [spec for spec in detectors if spec.engine == "names"]
    care = frozenset(spec.entity for spec in detectors if CARE in spec.groups)
    care -= frozenset(spec.entity for spec in detectors if CARE not in spec.groups)
    return frozenset(
        spec.entity
        for active in policy.active
        for entities, groups in _asked_anywhere(active.rule, care)
        for spec in models
        if spec.entity in entities or not (spec.groups - _BOUND).isdisjoint(groups)
    )


def asks_models(policy: Policy, detectors: Sequence[DetectorSpec]) -> bool:
    """Whether what language models find could change what any active rule does.

    Where none asks for their entities or groups, it could only take the place of a number, and so make a rule match
    less often: the stricter outcome stands. An exception (`none`) that such a number could make hold needs them still.
    """
    models = [spec for spec in detectors if spec.engine == "names"]
    surest = max((spec.confidence for spec in models), default=Confidence.LOW)
    for rule in (active.rule for active in policy.active):
        excepted = (condition for section, condition in rule.when.clauses() if "none" in section)
        if any(isinstance(condition, Finds) and condition.min_confidence <= surest for condition in excepted):
            return True
        for entities, groups in _asked(rule):
            if any(spec.entity in entities or not spec.groups.isdisjoint(groups) for spec in models):
                return True
    return False


def _asked(rule: Rule) -> Iterator[tuple[Collection[str], Collection[str]]]:
    """The entities and groups of each condition, and of each action that has some."""
    for section, condition in rule.when.clauses():
        if isinstance(condition, Finds) and "none" not in section:
            yield condition.entity, condition.group
    yield from _acted_on(rule)


def _asked_anywhere(rule: Rule, care: frozenset[str]) -> Iterator[tuple[Collection[str], Collection[str]]]:
    """The entities and groups of each condition that asks for them anywhere, and of actions that need no care."""
    needs_care = any(_is_of_care(c, care) for c in rule.when.all if isinstance(c, Finds))
    for conditions in _lists(rule.when):
        for number, condition in enumerate(conditions):
            if not (needs_care and _stands_near_care(conditions, number, care)):
                yield condition.entity, condition.group
    if not needs_care:
        yield from _acted_on(rule)


def _acted_on(rule: Rule) -> Iterator[tuple[Collection[str], Collection[str]]]:
    for action in rule.then:
        entities, groups = action.settings.get("entities"), action.settings.get("groups")
        yield (
            entities if isinstance(entities, tuple) else (),
            groups if isinstance(groups, tuple) else (),
        )


def _lists(when: When) -> Iterator[list[Finds]]:
    """What is to be found, list by list: a distance is measured to the `finds` before it in the same one."""
    for members in (when.all, when.any):
        yield [member for member in members if isinstance(member, Finds)]
        for member in members:
            if isinstance(member, When):
                yield from _lists(member)


def _is_of_care(condition: Finds, care: frozenset[str]) -> bool:
    return set(condition.group) == {CARE} or bool(condition.entity and care >= set(condition.entity))


def _stands_near_care(conditions: Sequence[Finds], number: int, care: frozenset[str]) -> bool:
    """Whether values of a condition count only near those of the one before it or behind it, which are of care."""
    condition, behind = conditions[number], conditions[number + 1 : number + 2]
    before = conditions[number - 1 : number] if number else ()
    return any(
        measuring.within is not None and measuring.within <= NEAR and _is_of_care(other, care)
        for measuring, other in (*((condition, other) for other in before), *((other, other) for other in behind))
    )
