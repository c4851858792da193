"""The built-in rules: what `defaults` in `policy.yaml` says, as ordinary rules that the trace and `explain` show."""

from collections.abc import Iterator

from gateway.core.message import OpaqueReason
from gateway.core.verdict import Action, Verb
from gateway.policy.conditions.base import Condition
from gateway.policy.conditions.parts import globs
from gateway.policy.conditions.people import Recipient, outside_organization
from gateway.policy.conditions.trouble import ANY, OPAQUE_REASONS, Ambiguous, Failure, Opaque
from gateway.policy.model import BUILT_IN_AREA, Rule, Status, When
from gateway.policy.organization import Organization
from gateway.policy.policyfile import Defaults

_UNSUPPORTED = OpaqueReason.UNSUPPORTED_FORMAT.value


def built_in_rules(defaults: Defaults, organization: Organization) -> tuple[Rule, ...]:
    """Those that do something; `deliver` needs no rule.

    A failure is decided for every recipient. What is unread or ambiguous matters where it leaves us: outside.
    """
    outside = Recipient(outside_organization(organization))
    owner = organization.officers[0] if organization.officers else ""
    rules = (
        _rule("default-failure", "Inspection did not finish", owner, defaults.failure, Failure((ANY,))),
        _rule(
            "default-ambiguous",
            "Message that can be read in two ways, to a recipient outside",
            owner,
            defaults.ambiguous,
            outside,
            Ambiguous((ANY,)),
        ),
        *_opaque_rules(defaults, outside, owner),
    )
    return tuple(rule for rule in rules if rule.then)


def _opaque_rules(defaults: Defaults, outside: Condition, owner: str) -> Iterator[Rule]:
    """One for what could have been read with another program, one for each disposition of all other reasons."""
    types = globs(defaults.harmless_types) if defaults.harmless_types else None
    yield _rule(
        "default-unsupported-format",
        "File of a kind that Gatepost cannot read, to a recipient outside",
        owner,
        defaults.opaque[_UNSUPPORTED],
        outside,
        Opaque((_UNSUPPORTED,), types, defaults.harmless_up_to if types else None),
    )
    for do in ("quarantine", "block"):
        reasons = tuple(r for r in OPAQUE_REASONS if r != _UNSUPPORTED and defaults.opaque[r] == do)
        if reasons:
            title = "Part that could not be read, to a recipient outside"
            yield _rule(f"default-opaque-{do}", title, owner, do, outside, Opaque(reasons))


def _rule(rule_id: str, title: str, owner: str, do: str, *conditions: Condition) -> Rule:
    then = () if do == Verb.DELIVER else (Action(Verb(do), {}),)
    return Rule(
        id=rule_id,
        area=BUILT_IN_AREA,
        title=title,
        status=Status.ENFORCE,
        severity="medium",
        owner=owner,
        when=When(all=conditions),
        then=then,
        description="Comes from defaults in policy.yaml.",
    )
