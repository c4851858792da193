"""The engine: context, validators, overlaps, views, limits, offsets."""

import hashlib
import hmac
from dataclasses import replace

import pytest

from gateway.core.detector import Confidence, Context, DetectorSpec, Pattern
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Run, Segment, Span, View
from gateway.detect import Engine
from gateway.detect.patterns import RefusedPattern, compile_pattern

LEVELS = Pattern(
    "digits",
    r"\b\d{3}-\d{2}-\d{4}\b",
    alone=Confidence.MEDIUM,
    with_context=Confidence.HIGH,
    invalid_alone=None,
    invalid_with_context=Confidence.LOW,
)
SSN = DetectorSpec(
    "ssn",
    "US_SSN",
    "SSN",
    frozenset({"us-pii"}),
    (LEVELS,),
    validator="us_ssn",
    context=Context(("ssn", "social security"), 20, 10),
)


def _detect(text: str, *specs: DetectorSpec, key: bytes = b"", limits: Limits | None = None) -> list[Finding]:
    segments = [Segment("1", Place.BODY, text)]
    return list(Engine(specs or (SSN,), fingerprint_key=key).detect(segments, limits or Limits()).findings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("219-09-9999", (Confidence.MEDIUM, 0.80)),
        ("ssn 219-09-9999", (Confidence.HIGH, 0.95)),
        ("ssn 000-09-9999", (Confidence.LOW, 0.70)),
        ("000-09-9999", None),
    ],
)
def test_situation_decides_confidence(text: str, expected: tuple[Confidence, float] | None) -> None:
    """Context and validator make four situations, each with its level and score."""
    assert [(f.confidence, f.score) for f in _detect(text)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("SSN 219-09-9999", True),
        ("219-09-9999 (SSN)", True),
        ("Social\r\n Security: 219-09-9999", True),
        ("my_ssn=219-09-9999", True),
        ("ssn" + " " * 17 + "219-09-9999", True),
        ("ssn" + " " * 18 + "219-09-9999", False),
        ("219-09-9999" + " " * 8 + "ssn", False),
        ("missn 219-09-9999", False),
        ("ssnx 219-09-9999", False),
    ],
)
def test_context_counts_as_whole_words_within_its_distance(text: str, near: bool) -> None:
    """Whole words and phrases, any case, 20 characters before and 10 after."""
    assert [f.confidence is Confidence.HIGH for f in _detect(text)] == [near]


def test_distance_counts_characters_not_bytes() -> None:
    """Characters of several bytes do not push a context word away."""
    assert [f.confidence for f in _detect("ssn " + "中" * 15 + " 219-09-9999")] == [Confidence.HIGH]


def test_why_tells_pattern_context_and_validator_without_the_value() -> None:
    """The reasons are plain words."""
    (finding,) = _detect("SSN: 219-09-9999")

    assert finding.why == (
        "pattern digits",
        "context word 'ssn' 2 characters before",
        "validator us_ssn: valid",
        f"{finding.confidence.word}: what the detector says of one with context words",
    )


def test_one_character_is_one() -> None:
    """Before and behind."""
    whys = [finding.why[1] for text in ("SSN 219-09-9999", "219-09-9999 SSN") for finding in _detect(text)]

    assert whys == ["context word 'ssn' 1 character before", "context word 'ssn' 1 character after"]


def test_span_counts_code_points_in_text_of_any_script() -> None:
    """Accents, emoji, wide digits and invisible characters keep offsets true."""
    text = "é🙂 ２１９‑０９\u200b‑９９９９ x"

    (finding,) = _detect(text)

    assert finding.value == text[finding.span.start : finding.span.end] == "２１９‑０９\u200b‑９９９９"
    assert finding.span == Span(3, 15)


def test_lone_surrogates_and_control_characters_are_text_like_any_other() -> None:
    """Nothing that a decoder can yield upsets the engine."""
    assert [f.value for f in _detect("\ud800\x00\x00 219-09-9999 \udfff")] == ["219-09-9999"]


def test_offsets_hold_far_into_a_long_text() -> None:
    """A value behind a megabyte of two-byte characters is found at its code points."""
    text = "ж" * 1_000_000 + " 219-09-9999"

    assert [f.span for f in _detect(text)] == [Span(1_000_001, 1_000_012)]


def test_values_that_share_a_separator_are_all_found() -> None:
    """A pattern that takes its surroundings does not swallow the next value's."""
    spec = replace(SSN, patterns=(replace(LEVELS, regex=r"(?:^|\s)(?P<value>\d{3}-\d{2}-\d{4})(?:\s|$)"),))

    assert [f.value for f in _detect("219-09-9999 219-09-9998\n219-09-9997", spec)] == [
        "219-09-9999",
        "219-09-9998",
        "219-09-9997",
    ]


def test_excluded_value_is_no_finding() -> None:
    """`exclude` takes the whole value."""
    assert _detect("219-09-9999", replace(SSN, exclude=(r"219-.*",))) == []
    assert len(_detect("219-09-9999", replace(SSN, exclude=(r"219",)))) == 1


def _plain(name: str, entity: str, regex: str, level: Confidence = Confidence.MEDIUM) -> DetectorSpec:
    return DetectorSpec(name, entity, name, frozenset({"x"}), (Pattern("p", regex, level, level),))


def test_overlap_within_an_entity_keeps_the_most_confident_then_the_longest() -> None:
    """One value, one finding of its kind."""
    short = _plain("short", "RECORD", r"\d{4}")
    long = _plain("long", "RECORD", r"\d{4}-\d")
    sure = _plain("sure", "RECORD", r"-\d", Confidence.HIGH)

    assert [f.detector for f in _detect("1234-5", short, long)] == ["long"]
    assert [f.detector for f in _detect("1234-5", short, long, sure)] == ["short", "sure"]


def test_run_of_digits_has_one_meaning() -> None:
    """Across entities the more confident finding with digits stays; words overlap freely."""
    phone = _plain("phone", "PHONE_NUMBER", r"\d{10}")
    record = _plain("record", "MEDICAL_RECORD_NUMBER", r"\d{10}", Confidence.HIGH)
    word = _plain("word", "HEALTH_TERM", r"mrn")
    label = _plain("label", "PERSON", r"mrn")

    assert [f.entity for f in _detect("mrn 2127365000", phone, record, word, label)] == [
        "HEALTH_TERM",
        "PERSON",
        "MEDICAL_RECORD_NUMBER",
    ]


def test_what_gave_way_is_told_beside_what_stayed() -> None:
    """Nothing decides on it, but whoever takes out what was found must know how far it reached."""
    card = _plain("card", "CREDIT_CARD", r"\d{4}-\d{4}", Confidence.HIGH)
    record = _plain("record", "MEDICAL_RECORD_NUMBER", r"\d{4}-[A-Z]{5}")

    detection = Engine((card, record)).detect([Segment("1", Place.BODY, "no 1234-5678-ABCDE")], Limits())
    hidden = Engine((card, record)).detect([Segment("1", Place.BODY, "no 1234-5678")], Limits())

    assert [f.value for f in detection.findings] == ["1234-5678"]
    assert [f.value for f in detection.overlapped] == ["5678-ABCDE"]
    assert hidden.overlapped == ()


def test_label_beside_it_does_not_hide_a_social_security_number() -> None:
    """A surer finding of another kind at the same place leaves US_SSN standing."""
    member = _plain("member", "HEALTH_PLAN_MEMBER_ID", r"\d{3}-\d{2}-\d{4}", Confidence.HIGH)

    assert {f.entity for f in _detect("219-09-9999", SSN, member)} == {"US_SSN", "HEALTH_PLAN_MEMBER_ID"}


def test_same_place_in_both_views_is_one_finding() -> None:
    """What is seen in the visible and in the whole text of a part counts once; what is only hidden counts too."""
    visible = Segment("1.2", Place.BODY, "a 219-09-9999", View.VISIBLE, runs=(Run(Span(0, 13), Span(3, 16)),))
    whole = Segment(
        "1.2", Place.BODY, "<p>a 219-09-9999<!-- 219-09-9998 -->", View.ALL, runs=(Run(Span(0, 36), Span(0, 36)),)
    )

    findings = Engine((SSN,)).detect([visible, whole], Limits()).findings

    assert [(f.segment, f.value) for f in findings] == [(0, "219-09-9999"), (1, "219-09-9998")]


def test_same_value_in_two_parts_or_headers_is_two_findings() -> None:
    """Only the same origin is the same finding."""
    segments = [
        Segment("1.1", Place.BODY, "219-09-9999", View.VISIBLE),
        Segment("1.2", Place.BODY, "219-09-9999", View.ALL),
        Segment("1", Place.HEADER, "219-09-9999", View.ALL, header="x-one"),
        Segment("1", Place.HEADER, "219-09-9999", View.ALL, header="x-two"),
    ]

    assert len(Engine((SSN,)).detect(segments, Limits()).findings) == 4


def test_more_than_the_limit_is_a_failure_and_the_first_stay() -> None:
    """A detector past its limit says so; the others go on."""
    text = " ".join(f"219-09-{n:04d}" for n in range(1, 30)) + " word"
    other = _plain("other", "HEALTH_TERM", "word")

    detection = Engine((SSN, other)).detect([Segment("1", Place.BODY, text)], Limits(findings=10))

    assert [f.value for f in detection.findings if f.entity == "US_SSN"] == [f"219-09-{n:04d}" for n in range(1, 11)]
    assert detection.failures == (DetectorFailure("ssn", FailureKind.LIMIT),)
    assert detection.findings[-1].entity == "HEALTH_TERM"


def test_exactly_the_limit_is_no_failure() -> None:
    """Ten of ten allowed is fine."""
    text = " ".join(f"219-09-{n:04d}" for n in range(1, 11))

    detection = Engine((SSN,)).detect([Segment("1", Place.BODY, text)], Limits(findings=10))

    assert (len(detection.findings), detection.failures) == (10, ())


def test_ten_megabytes_of_digits_end(shipped_engine: Engine) -> None:
    """A run of digits, and one of phone-like groups, come to an answer."""
    segments = [Segment("1", Place.BODY, "7" * 10_000_000), Segment("1", Place.BODY, "212 736 " * 1_250_000)]

    detection = shipped_engine.detect(segments, Limits())

    assert detection.findings == ()


def test_fingerprint_is_keyed_and_blind_to_separators() -> None:
    """The same number written in another way has the same fingerprint, under the key alone."""
    spec = replace(SSN, patterns=(replace(LEVELS, regex=r"\d{3}[- ]\d{2}[- ]\d{4}"),))
    first, second = _detect("219-09-9999 or 219 09 9999", spec, key=b"key")

    expected = hmac.digest(b"key", b"US_SSN\x00219099999", hashlib.sha256).hex()[:32]
    assert first.fingerprint == second.fingerprint == expected
    assert _detect("219-09-9999", spec)[0].fingerprint == ""


def test_lexicon_terms_are_whole_words_and_marked_ones_count_as_written() -> None:
    """Case and white space do not matter but for a marked term."""
    spec = DetectorSpec(
        "terms",
        "HEALTH_TERM",
        "t",
        frozenset({"health"}),
        lexicon="terms.txt",
        lexicon_terms=("high blood pressure", "flu", "Crohn's disease", "=AIDS"),
    )
    text = "Flu, fluid, HIGH\n>  blood-pressure; crohn's  disease AIDS aids"

    assert [f.value for f in _detect(text, spec)] == ["Flu", "HIGH\n>  blood-pressure", "crohn's  disease", "AIDS"]


def test_a_phrase_that_is_marked_so_is_none_and_hides_the_terms_in_it() -> None:
    """Alone, and beyond it, they count."""
    terms = ("health insurance", "diabetes", "-health insurance portability")
    spec = DetectorSpec("t", "HEALTH_TERM", "t", frozenset({"health"}), lexicon="t", lexicon_terms=terms)
    text = "the Health Insurance Portability and diabetes, health insurance; health insurance"

    assert sorted(f.span.start for f in _detect(text, spec)) == [text.index("diabetes"), 47, text.rindex("health")]


def test_lexicon_term_is_found_over_the_edge_of_a_block() -> None:
    """Long texts are taken block by block; a phrase across the cut is found once."""
    spec = DetectorSpec("t", "HEALTH_TERM", "t", frozenset({"health"}), lexicon="t", lexicon_terms=("blood pressure",))
    for shift in range(-16, 4):
        text = "x" * 7 + " y" * (((1 << 20) + shift - 7) // 2) + " blood pressure and" + " z" * 5_000

        assert [f.value for f in _detect(text, spec)] == ["blood pressure"]


def test_what_is_compiled_later_finds_the_same(shipped: tuple[DetectorSpec, ...], shipped_engine: Engine) -> None:
    """Every sample of every shipped detector, by an engine that compiles a regex when a text needs it."""
    later = Engine([spec for spec in shipped if not spec.engine], fingerprint_key=b"k" * 32, later=True)
    samples = [sample for spec in shipped for sample in (*spec.samples.match, *spec.samples.no_match)]
    segments = [Segment("1", Place.BODY, sample) for sample in samples]

    assert len(segments) > 100
    assert later.detect(segments, Limits()) == shipped_engine.detect(segments, Limits())


def test_refused_regex_is_told_at_once_or_when_it_is_needed() -> None:
    """Without `later` no engine is made of it."""
    spec = replace(SSN, patterns=(replace(LEVELS, regex="(?=x)"),))

    with pytest.raises(RefusedPattern):
        Engine((spec,))
    later = compile_pattern(spec.patterns[0], later=True)
    with pytest.raises(RefusedPattern):
        list(later.spans(b"x"))


def test_order_does_not_depend_on_the_order_of_detectors() -> None:
    """The same message gives the same findings in the same order."""
    other = _plain("other", "EMAIL_ADDRESS", r"\w+@\w+")
    text = "ssn 219-09-9999 a@b 219-09-9998"

    assert _detect(text, SSN, other) == _detect(text, other, SSN)


def test_finding_keeps_its_value_out_of_its_repr() -> None:
    """A finding in a traceback or log shows nothing."""
    (finding,) = _detect("219-09-9999")

    assert "219" not in repr(finding)
    assert finding.masked == "***-**-9999"


def _counted(
    context: Context, level: Confidence | None = Confidence.HIGH, alone: Confidence | None = None
) -> DetectorSpec:
    pattern = Pattern("digits", r"\d{6}", alone, level)
    return DetectorSpec("number", "NUMBER", "number", frozenset({"reference"}), (pattern,), context=context)


def test_findings_of_another_group_are_context() -> None:
    """A number beside health content is believed; `why` names the group, never what was found."""
    word = Pattern("word", "asthma", Confidence.MEDIUM)
    health = DetectorSpec("illness", "HEALTH_TERM", "illness", frozenset({"health"}), (word,))
    number = _counted(Context(groups=("health",), before=20, after=20))

    near = _detect("482913 for asthma", number, health)
    far = _detect("482913" + " " * 40 + "asthma", number, health)

    assert [f.why[:-1] for f in near] == [("pattern digits", "health content 5 characters after"), ("pattern word",)]
    assert [f.detector for f in far] == ["illness"]


@pytest.mark.parametrize("text", ["told " * 30 + "482913", "482913" + " told" * 30, "told " * 5 + "told482913"])
def test_long_finding_is_near_where_its_nearer_end_is(text: str) -> None:
    """A passage that begins far off and ends beside a number, or in the middle of it, is beside it."""
    story = Pattern("story", r"told(?: ?told)*(?:482)?", Confidence.MEDIUM)
    health = DetectorSpec("story", "CARE_CONTENT", "story", frozenset({"health", "passage"}), (story,))
    number = _counted(Context(groups=("health",), before=20, after=20))

    assert [f.value for f in _detect(text, number, health) if f.entity == "NUMBER"] == ["482913"]


def test_words_against_a_value_leave_it_low() -> None:
    """It is still stated, since it may be one, but rules that ask for more do not see it."""
    (finding,) = _detect("claim 482913 has shipped", _counted(Context(("claim",), against=("shipped",))))

    assert finding.confidence is Confidence.LOW
    assert finding.why[-1] == "worth little: context word 'shipped' 5 characters after"


def test_label_of_something_else_right_before_a_value_rules_it_out() -> None:
    """ "Lot no. 482913" is a lot, however much care is spoken of."""
    number = _counted(Context(not_after=("lot",)), alone=Confidence.LOW)

    assert [f.value for f in _detect("lot no. 482913, lots of 482914", number)] == ["482914"]


def test_keys_may_come_after_the_engine() -> None:
    """Fingerprints are those of an engine that was made with the key, also in its first look."""
    segments = [Segment("1", Place.BODY, "ssn 219-09-9999")]
    late, early = (Engine([SSN], fingerprint_key=key, first=["ssn"]) for key in (b"", b"k" * 32))
    late.use(b"k" * 32, b"")

    assert late.detect(segments, Limits()) == early.detect(segments, Limits())
    assert late.glance(segments, Limits(), [Place.BODY]) == early.glance(segments, Limits(), [Place.BODY])
    assert early.detect(segments, Limits()) != Engine([SSN]).detect(segments, Limits())


@pytest.mark.parametrize(("level", "left"), [(Confidence.LOW, []), (Confidence.MEDIUM, ["Gordon"])])
def test_guessed_name_in_an_address_gives_way(level: Confidence, left: list[str]) -> None:
    """ "935 Gordon Terrace" names a street; a name that something vouches for stays, in an address too."""
    street = Pattern("street", r"\d+ \w+ Terrace", Confidence.MEDIUM)
    address = DetectorSpec("street", "STREET_ADDRESS", "street", frozenset({"location"}), (street,))
    person = DetectorSpec("name", "PERSON", "name", frozenset({"person"}), (Pattern("name", "Gordon", level),))

    found = _detect("935 Gordon Terrace", address, person)

    assert [f.value for f in found if f.entity == "PERSON"] == left
