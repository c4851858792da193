"""Looking for no more than matters changes nothing, whatever the rules and the text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway import pipeline
from gateway.actions import Notices
from gateway.core.detector import Confidence, Context, DetectorSpec, Pattern
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Segment
from gateway.core.verdict import Action, Outcome, Verb
from gateway.detect import Engine
from gateway.pipeline import inspect
from gateway.policy import Policy
from gateway.policy.conditions.base import Condition
from gateway.policy.conditions.finds import Finds
from gateway.policy.conditions.people import Direction, Recipients
from gateway.policy.demand import demand_of
from gateway.policy.lists import address_list
from gateway.policy.model import Rule, Status, When
from gateway.policy.organization import Organization

INSIDE = address_list("organization", ("clinic.example",))
NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
PEOPLE = DetectorSpec("people", "PERSON", "People", frozenset({"patient-identifier", "person"}), engine="names")


def spec(name: str, entity: str, group: str, regex: str, **more: object) -> DetectorSpec:
    """One that finds medium values by themselves, and sure ones beside "nr"."""
    pattern = Pattern("p", regex, Confidence.MEDIUM if "groups" not in more else None, Confidence.HIGH)
    context = Context(("nr",), 12, 12, groups=tuple(more.get("groups", ())))  # type: ignore[arg-type]
    return DetectorSpec(
        name, entity, name, frozenset({group}), (pattern,), context=context, enough=int(str(more.get("enough", 0)))
    )


SPECS = (
    spec("ssn", "US_SSN", "patient-identifier", r"\b\d{3}-\d\d-\d{4}\b"),
    spec("mrn", "MEDICAL_RECORD_NUMBER", "patient-identifier", r"\bM\d{4}\b"),
    spec("code", "ICD10_CODE", "health", r"\bE1\d\b"),
    spec("term", "HEALTH_TERM", "health", r"\b(?:asthma|gout)\b"),
    spec("age", "AGE", "age", r"\baged \d\d\b", enough=3),
    spec("account", "ACCOUNT", "account", r"\bA\d{3}\b", groups=("health",)),
    PEOPLE,
)
WORDS = (
    "219-09-9999", "457-55-5462", "M1234", "E11", "E12", "gout", "aged 91", "aged 92", "A123", "Ann", "nr", "the",
    "\r\n\r\n", "x" * 70,
)  # fmt: skip


class Names:
    """Ann and Bob, where health content or an identifier stands near."""

    def detect(
        self,
        segments: Sequence[Segment],
        found: Sequence[Finding],
        limits: Limits,
        half_read: Collection[int] = (),
        doubtful: Collection[int] = (),
    ) -> tuple[list[Finding], list[DetectorFailure], list[Finding]]:
        known = PEOPLE_ALONE.detect(segments, limits)
        people = [
            replace(name, groups=PEOPLE.groups)
            for name in known.findings
            if any(f.segment == name.segment and abs(f.span.start - name.span.start) < 60 for f in found)
        ]
        return people, list(known.failures), []


LEVELS = st.sampled_from([Confidence.LOW, Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH])
FINDS = st.builds(
    Finds,
    entity=st.sampled_from([("US_SSN",), ("ICD10_CODE",), ("PERSON",), ("AGE",), ("ACCOUNT",), ("HEALTH_TERM",)]),
    min_confidence=LEVELS,
    min_distinct=st.sampled_from([1, 1, 1, 2]),
    within=st.sampled_from([None, None, 5, 50]),
    place=st.sampled_from([(), (), ("subject",), ("body", "attachment"), ("subject", "body")]),
) | st.builds(
    Finds,
    group=st.sampled_from([("patient-identifier",), ("health",), ("age", "account")]),
    min_confidence=LEVELS,
    min_count=st.sampled_from([1, 1, 1, 3]),
    together=st.sampled_from(["", "", "row", "paragraph"]),
)
CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    FINDS, FINDS, FINDS, st.just(Direction("outbound", INSIDE)), st.builds(Recipients, st.sampled_from([0, 1]))
)
ORDINARY = st.builds(When, all=st.lists(FINDS, min_size=1, max_size=2).map(tuple))
WHENS = ORDINARY | st.recursive(
    ORDINARY,
    lambda inner: st.builds(
        When,
        all=st.lists(CONDITIONS | inner, min_size=1, max_size=3).map(tuple),
        any=st.lists(CONDITIONS | inner, max_size=2).map(tuple),
        none=st.lists(CONDITIONS | inner, max_size=1).map(tuple),
    ),
    max_leaves=3,
)
THENS = st.sampled_from(
    [
        (Action(Verb.QUARANTINE),),
        (Action(Verb.QUARANTINE, {"reviewers": 2}),),
        (Action(Verb.BLOCK),),
        (Action(Verb.DELIVER), Action(Verb.TAG, {"text": "[seen]"})),
        (Action(Verb.ENCRYPT, {"prefer": ("smime",), "otherwise": "quarantine"}),),
        (Action(Verb.NOTIFY, {"who": "officer"}), Action(Verb.QUARANTINE)),
    ]
)
STATUSES = st.sampled_from([Status.ENFORCE, Status.ENFORCE, Status.ENFORCE, Status.MONITOR])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rules = [
        Rule(f"r{number}", "test", "A rule", draw(STATUSES), "high", "o@clinic.example", draw(WHENS), draw(THENS))
        for number in range(draw(st.integers(1, 3)))
    ]
    return Policy(Organization("Example Clinic", ("clinic.example",), ("o@clinic.example",)), tuple(rules))


@cache
def engine_of(first: frozenset[str] | None) -> Engine:
    engine = Engine([each for each in SPECS if not each.engine], first=first)
    engine._names = Names()
    return engine


PEOPLE_ALONE = Engine([spec("people", "PERSON", "person", "Ann|Bob")])


def outcomes(transaction: Transaction, policy: Policy, *, most: int | None) -> Mapping[str, Outcome]:
    """With `most` values of a detector before asking, or all there is."""
    demand = demand_of(policy, SPECS) if most else None
    engine = engine_of(demand.first if demand else None)
    with patch.object(pipeline, "_MANY", most or 0):
        seen = inspect(transaction, policy, engine, Limits(), NOTICES, lambda: 0.0, demand=demand)
    return {outcome.recipient: outcome for outcome in seen.verdict.outcomes}


TEXTS = st.lists(st.sampled_from(WORDS), max_size=16).map(" ".join)


FOLLOWERS = st.builds(
    Finds,
    entity=st.sampled_from([("ACCOUNT",), ("PERSON",), ("ICD10_CODE",)]),
    min_distinct=st.sampled_from([1, 1, 2]),
    place=st.sampled_from([(), (), ("subject",)]),
)
FEW_WORDS = st.lists(st.sampled_from(["E11", "E12", "A123", "Ann"]), min_size=1, max_size=2).map(" ".join)


@given(policies(), st.lists(st.sampled_from(WORDS[:-2]), max_size=3).map(" ".join), TEXTS, st.sampled_from([1, 2, 500]))
@settings(max_examples=120, deadline=None)
def test_the_same_becomes_of_a_message_when_no_more_is_looked_for_than_matters(
    policy: Policy, subject: str, text: str, most: int
) -> None:
    """None of these detectors takes another's place, so nothing becomes stricter either."""
    assert_the_same(policy, subject, text, most)


@example((Finds(entity=("PERSON",)), Finds(entity=("ICD10_CODE",))), "A123", "Ann", "E11 Ann")
@given(st.lists(FOLLOWERS, min_size=1, max_size=2).map(tuple), FEW_WORDS, FEW_WORDS, FEW_WORDS)
@settings(max_examples=120, deadline=None)
def test_what_stands_behind_too_many_values_is_not_missed(
    asked: tuple[Finds, ...], subject: str, before: str, behind: str
) -> None:
    """Also where only those beside it would have made it count."""
    when, then = When(all=asked), (Action(Verb.QUARANTINE),)
    rule = Rule("r", "test", "A rule", Status.ENFORCE, "high", "o@clinic.example", when, then)
    policy = Policy(Organization("Example Clinic", ("clinic.example",)), (rule,))
    assert_the_same(policy, subject, f"{before} {'x' * 70} {behind}", 1)


def assert_the_same(policy: Policy, subject: str, text: str, most: int) -> None:
    """With and without sparing."""
    raw = f"From: a@clinic.example\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()
    envelope = Envelope("a@clinic.example", (Recipient("bo@lab.example"), Recipient("in@clinic.example")))
    transaction = Transaction(Session(), envelope, raw, "Q1", "20260101-i")

    everything, spared = (outcomes(transaction, policy, most=number) for number in (None, most))

    for recipient, outcome in everything.items():
        other = spared[recipient]
        assert (other.disposition, other.method) == (outcome.disposition, outcome.method)
        assert {repr(action) for action in other.actions} == {repr(action) for action in outcome.actions}
