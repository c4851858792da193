"""What a further rule can change, and what it never can."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.facts import Facts
from gateway.core.finding import Finding
from gateway.core.verdict import Disposition, Method
from gateway.policy import Policy, decide

MakeFacts = Callable[..., Facts]
MakeFinding = Callable[..., Finding]
OUTSIDE = "when: {all: [{recipient: {outside: organization}}]}\n"


BODIES = [
    f"when: {{all: [{{recipient: {{{who}}}}}{more}]}}\nthen: {{{then}}}\n"
    for who in ("outside: organization", "outside: partners", "domain: clinic.example")
    for more in ("", ", {finds: {entity: US_SSN}}", ", {any: [{opaque: any}, {stream: marketing}]}")
    for then in (
        "deliver: ",
        "tag: x",
        "encrypt: {}",
        "encrypt: {prefer: [pgp], otherwise: block}",
        "quarantine: {reviewers: 2}",
        "block: ",
        "copy-to: archive@clinic.example",
    )
] + [
    f"when: {{any: [{{unprotected: true}}{more}]}}\nthen: {{{then}}}\n"
    for more in ("", ", {finds: {entity: US_SSN}}")
    for then in ("quarantine: ", "block: ")
]
ROLLOUTS = ("", "rollout: {percent: 50}\n", "rollout: {percent: 0}\n")


def with_rollout(bodies: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(ROLLOUTS), bodies)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bodies=st.lists(with_rollout(st.sampled_from(BODIES)), min_size=1, max_size=4),
    added=with_rollout(st.sampled_from(BODIES)),
    able=st.frozensets(st.sampled_from(Method)),
    with_finding=st.booleans(),
)
def test_adding_a_rule_never_makes_an_outcome_milder(
    rules: Any,
    facts: MakeFacts,
    finding: MakeFinding,
    bodies: list[str],
    added: str,
    able: frozenset[Method],
    with_finding: bool,
) -> None:
    """Nor encryption less; and the verdict does not depend on the order of files, findings or recipients."""
    for old in (rules.folder / "packs").glob("test/*"):
        old.unlink()
    people = ("a@other.example", "b@clinic.example", "c@partner.example")
    found = (finding(), finding("ICD10_CODE", "E11.9", start=40)) if with_finding else ()
    more: dict[str, Any] = {"capabilities": dict.fromkeys(people, able), "opaque": (("2", "damaged"),)}
    for number, body in enumerate(bodies):
        rules.rule(f"test-{number}", body)
    before = decide(rules.load(), facts(*people, findings=found, **more))
    rules.rule("test-added", added)
    policy = rules.load()
    after = decide(policy, facts(*people, findings=found, **more))
    turned = decide(
        Policy(policy.organization, tuple(reversed(policy.rules)), digest=policy.digest),
        facts(*reversed(people), findings=tuple(reversed(found)), **more),
    )

    for old, new in zip(before.outcomes, after.outcomes, strict=True):
        assert old.disposition <= new.disposition
        assert old.method is None or new.method is not None or new.disposition > Disposition.DELIVER
    again = {one.recipient: one for one in turned.outcomes}
    for one in after.outcomes:
        assert (again[one.recipient].disposition, again[one.recipient].method) == (one.disposition, one.method)
        assert set(map(repr, again[one.recipient].actions)) == set(map(repr, one.actions))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.sampled_from(BODIES), min_size=1, max_size=5), percent=st.booleans())
def test_what_is_only_watched_changes_nothing(
    rules: Any, facts: MakeFacts, finding: MakeFinding, bodies: list[str], percent: bool
) -> None:
    """Rules under monitor, and rules rolled out to nobody yet, leave every outcome as it would be without them."""
    for old in (rules.folder / "packs").glob("test/*"):
        old.unlink()
    people = ("a@other.example", "b@clinic.example", "c@partner.example")
    given_facts = facts(*people, findings=(finding(),), capabilities={people[0]: frozenset(Method)})
    rules.rule("test-base", OUTSIDE + "then: {tag: base}\n")
    before = decide(rules.load(), given_facts)
    for number, body in enumerate(bodies):
        head = "rollout: {percent: 0}\n" if percent else ""
        rules.rule(f"test-{number}", head + body, status="enforce" if percent else "monitor")

    after = decide(rules.load(), given_facts)

    assert after.outcomes == before.outcomes
    assert all(hit.status == "monitor" for hit in after.hits if hit.rule != "test-base")
