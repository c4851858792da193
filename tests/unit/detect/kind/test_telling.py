"""A number is called by the label that stands nearest, where the detector that found it is not sure."""

import pytest

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.kind.telling import KINDS, Told, Weighed, also, kinds, told
from gateway.detect.text import FoldedText, fold

RECORD, MEMBER, REFERENCE = KINDS


def other(before: str, entity: str, behind: str = "") -> str:
    """What a number found as `entity` is called instead; "" where it stays."""
    value = "PX4471820"
    text = fold(f"{before}{value}{behind}")
    return rather.entity if (rather := _told(entity, text, len(before), len(before) + len(value))) else ""


def _told(entity: str, text: FoldedText, start: int, end: int) -> Told | None:
    weighed = kinds().weighed(entity, text, start, end)
    return told(entity, weighed) if weighed is not None else None


@pytest.mark.parametrize(
    ("before", "entity"),
    [
        ("the surgery asks about subscriber no. ", MEMBER),
        ("please look into the chart ", RECORD),
        ("the plan says claim ref ", REFERENCE),
        ("asthma review. Prior approval number: ", REFERENCE),
    ],
)
def test_the_nearest_label_names_a_number(before: str, entity: str) -> None:
    for was in KINDS:
        assert other(before, was) == ("" if was == entity else entity)


def test_of_two_labels_the_nearer_one_wins() -> None:
    assert other("member of the health plan, claim number ", MEMBER) == REFERENCE
    assert other("the claim was denied, member number ", REFERENCE) == MEMBER


@pytest.mark.parametrize(
    ("entity", "confidence", "called"),
    [
        (RECORD, Confidence.MEDIUM, MEMBER),
        (RECORD, Confidence.HIGH, RECORD),
        ("ACCOUNT_NUMBER", Confidence.MEDIUM, "ACCOUNT_NUMBER"),
    ],
)
def test_a_sure_finding_and_a_number_of_another_kind_are_not_asked_about(
    entity: str, confidence: Confidence, called: str
) -> None:
    seen = Pattern("seen", r"\bPX[0-9]{7}\b", confidence, confidence)
    never = Pattern("never", r"\bQQ[0-9]{9}\b")
    specs = [DetectorSpec("it", entity, "it", frozenset(), (seen,))]
    specs += [DetectorSpec(kind.lower(), kind, "it", frozenset(), (never,)) for kind in KINDS if kind != entity]

    assert [f.entity for f in detect(Engine(specs), "member number PX4471820")] == [called]


def test_a_cell_of_a_table_is_left_to_its_heading() -> None:
    assert other("member number | ", RECORD, behind=" | asthma") == ""


def test_the_reasons_show_the_words_and_nothing_of_the_number() -> None:
    text = fold("asthma; subscriber no. PX4471820")
    rather = _told(RECORD, text, 23, 32)

    assert rather is not None
    assert rather.why.startswith("rather a member number than a record number: 'subscriber' right before it")
    assert "px" not in rather.why.lower()


@pytest.mark.parametrize(
    ("member", "reference", "may_be"),
    [
        (351.0, 0.0, [MEMBER]),
        (350.0, 0.0, []),
        (351.0, 401.0, [REFERENCE, MEMBER]),
        (420.0, 401.0, [MEMBER, REFERENCE]),
        (351.0, 400.0, [MEMBER]),
    ],
)
def test_kinds_that_are_nearly_as_likely_are_told_as_well(member: float, reference: float, may_be: list[str]) -> None:
    """Each up to its margin, the likelier first."""
    others = also(RECORD, Weighed((500.0, member, reference), {}))

    assert [other.entity for other in others] == may_be


def test_a_number_of_two_kinds_is_one_finding_with_a_second_name() -> None:
    """Less sure of that, with the fingerprint that the number has where it is called so, and with the reason."""
    seen = Pattern("seen", r"\bPX[0-9]{7}\b", Confidence.MEDIUM, Confidence.MEDIUM)
    never = Pattern("never", r"\bQQ[0-9]{9}\b")
    specs = [DetectorSpec(kind.lower(), kind, "it", frozenset(), (never,)) for kind in KINDS if kind != REFERENCE]
    specs.append(DetectorSpec("it", REFERENCE, "it", frozenset(), (seen,)))
    engine = Engine(specs, fingerprint_key=b"k" * 32)

    (both,) = detect(engine, "participant number PX4471820 has asthma")
    (sure,) = detect(engine, "member number PX4471820 has asthma")

    assert (both.entity, both.also[0].entity, both.also[0].confidence) == (REFERENCE, MEMBER, Confidence.LOW)
    assert both.also[0].fingerprint == sure.fingerprint != both.fingerprint
    assert any(why.startswith("may also be a member number: ") for why in both.why)
    assert (sure.entity, sure.also) == (MEMBER, ())


def detect(engine: Engine, text: str) -> list[Finding]:
    return list(engine.detect([Segment("1", Place.BODY, text)], Limits()).findings)


def test_a_finding_goes_by_the_name_that_its_label_gives_it(shipped_engine: Engine) -> None:
    """The label is in no detector's list; the number is found beside health content."""
    text = "Chemo is on Monday. Healthshare ministry: KR-440-9182"
    found = [f for f in detect(shipped_engine, text) if f.value == "KR-440-9182"]

    assert [f.entity for f in found] == [MEMBER]
    assert any(reason.startswith("rather a member number") for reason in found[0].why)
    assert found[0].masked.endswith("9182")


def test_a_glance_sees_a_number_under_each_name(shipped_engine: Engine) -> None:
    """A rule may ask for either."""
    text = "Chemo is on Monday. Healthshare ministry: KR-440-9182"
    glance = shipped_engine.glance([Segment("1", Place.BODY, text)], Limits(), ())

    assert {MEMBER, REFERENCE} <= {f.entity for f in glance.findings if f.value == "KR-440-9182"}


def test_a_long_list_of_numbers_takes_bounded_work(shipped_engine: Engine) -> None:
    text = "\n".join(f"Chemo. Healthshare QX-{n:05}-7." for n in range(600))
    renamed = [any(why.startswith("rather ") for why in f.why) for f in detect(shipped_engine, text)]

    assert sum(renamed) == 500


def names_of(engine: Engine, text: str) -> dict[str, str]:
    return {f.value: f.entity for f in detect(engine, text) if f.entity in KINDS}


def test_numbers_written_alike_are_called_alike(shipped_engine: Engine) -> None:
    """Nothing beside the second says what it is; the first has its label."""
    beside = "Asthma. Chart GKV-2201-5517. The biopsy of GKV-4410-9183 is back."
    otherwise = "Asthma. Chart 22-015517. The biopsy of GKV-4410-9183 is back."

    assert names_of(shipped_engine, beside)["GKV-4410-9183"] == RECORD
    assert names_of(shipped_engine, otherwise)["GKV-4410-9183"] == REFERENCE
