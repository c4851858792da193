"""Which entities of language models a policy asks for, and which by themselves, so that all text is looked at for them.

A language model is costly, so it reads what stands near words of care: that is all that most rules need. A rule that
asks for names, places or facilities with no word of care as a condition needs them wherever they stand. An exception
(`none`) does not ask for them: where it is not found, the rule applies, which is the safe side.
"""

from collections.abc import Collection, Iterator, Sequence

from gateway.core.detector import Confidence, DetectorSpec
from gateway.policy.conditions.finds import Finds
from gateway.policy.model import Policy, Rule

CARE = "health"  # the group whose values speak of care
_BOUND = frozenset({"patient-identifier"})  # groups that mean something only where care is spoken of


def asked_alone(policy: Policy, detectors: Sequence[DetectorSpec]) -> frozenset[str]:
    """Entities of language models that an active rule counts, or redacts, where no care need be spoken of.

    The group `patient-identifier` does not ask for them: without care nobody is a patient.
    """
    models = [spec for spec in detectors if spec.engine == "names"]
    care = frozenset(spec.entity for spec in detectors if CARE in spec.groups)
    care -= frozenset(spec.entity for spec in detectors if CARE not in spec.groups)
    return frozenset(
        spec.entity
        for active in policy.active
        if not _needs_care(active.rule, care)
        for entities, groups in _asked(active.rule)
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


def _needs_care(rule: Rule, care: frozenset[str]) -> bool:
    """Whether the rule matches only where health content was found."""
    needed = (condition for condition in rule.when.all if isinstance(condition, Finds))
    return any(set(c.group) == {CARE} or (c.entity and care >= set(c.entity)) for c in needed)


def _asked(rule: Rule) -> Iterator[tuple[Collection[str], Collection[str]]]:
    """The entities and groups of each condition, and of each action that has some."""
    for section, condition in rule.when.clauses():
        if isinstance(condition, Finds) and "none" not in section:
            yield condition.entity, condition.group
    for action in rule.then:
        entities, groups = action.settings.get("entities"), action.settings.get("groups")
        yield (
            entities if isinstance(entities, tuple) else (),
            groups if isinstance(groups, tuple) else (),
        )
