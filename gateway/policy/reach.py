"""Which entities a policy asks for by themselves, so that detecting looks for them in all text.

A language model is costly, so it reads what stands near words of care: that is all that most rules need. A rule that
asks for names, places or facilities with no word of care as a condition needs them wherever they stand. An exception
(`none`) does not ask for them: where it is not found, the rule applies, which is the safe side.
"""

from collections.abc import Collection, Iterator, Sequence

from gateway.core.detector import DetectorSpec
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
