"""The names stage with a made-up model: what is shown to it, what becomes of its marks, who counts as a patient."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span, View
from gateway.detect.names import Mark, gate
from gateway.detect.names.stage import NamesStage

PATIENT = "patient-identifier"
SPEC = DetectorSpec("people", "PERSON", "people", frozenset({PATIENT, "person"}), engine="names", labels=("PER",))
STREET = DetectorSpec(
    "streets", "STREET_ADDRESS", "streets", frozenset({PATIENT, "location"}), engine="names", labels=("ADR",)
)
CARE = DetectorSpec("houses", "FACILITY", "houses", frozenset({"facility"}), engine="names", labels=("FAC",))
LABELS = (
    ("PER", re.compile(r"Ann?a(?: [A-Z][a-z]+)?|Bo(?: Silva)?|DOE, JANE|Foley|Crohn|anna|quick|C\.T\.")),
    ("ADR", re.compile(r"\d+ Elm St")),
    ("FAC", re.compile(r"Mercy Hospital")),
)


class Words:
    """Marks the names of these tests; remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        self.shown.extend(texts)
        return [
            tuple(Mark(*m.span(), label) for label, words in LABELS for m in words.finditer(text)) for text in texts
        ]


def _known(text: str, value: str, entity: str, group: str, segment: int = 0) -> list[Finding]:
    """What patterns would have found: every place of a value."""
    spans = [Span(*m.span()) for m in re.finditer(re.escape(value), text)]
    return [
        Finding(
            entity,
            frozenset({group}),
            entity.lower(),
            Confidence.MEDIUM,
            0.75,
            "1",
            Place.BODY,
            segment,
            span,
            "***",
            value,
        )
        for span in spans
    ]


def _detect(
    text: str, *headers: tuple[str, str], spec: DetectorSpec = SPEC, more: Sequence[DetectorSpec] = ()
) -> list[Finding]:
    segments = [Segment("1", Place.BODY, text), *(Segment("1", Place.HEADER, v, header=h) for h, v in headers)]
    found = _known(text, "asthma", "HEALTH_TERM", "health") + _known(text, "Crohn's disease", "HEALTH_TERM", "health")
    found += _known(text, "MRN 4711", "MEDICAL_RECORD_NUMBER", PATIENT)
    findings, failures, _ = NamesStage([spec, *more], Words()).detect(segments, found, Limits())
    assert failures == []
    return findings


def _patients(findings: Sequence[Finding]) -> list[str]:
    return [f.value for f in findings if PATIENT in f.groups and f.confidence >= Confidence.MEDIUM]


def test_text_without_a_reason_is_not_shown_to_the_model() -> None:
    """No health content, no identifier, no cue word: nothing is read."""
    words = Words()

    assert NamesStage([SPEC], words).detect([Segment("1", Place.BODY, "Lunch with Anna Silva?")], [], Limits()) == (
        [],
        [],
        [],
    )
    assert words.shown == []


@pytest.mark.parametrize(
    "cue", ["patient", "Dr. Roe", "the clinic", "insurance", "DOB", "pat\u0131ent", "CL\u0130N\u0130C", "\udcff clinic"]
)
def test_cue_word_opens_the_gate(cue: str) -> None:
    """A weak cue is reason enough to look, not reason enough to take somebody for a patient."""
    (finding,) = _detect(f"Anna Silva, {cue}")

    assert (finding.value, finding.confidence) == ("Anna Silva", Confidence.LOW)


def test_long_text_is_read_around_what_matters() -> None:
    """Windows of some 400 characters, cut at lines; the rest is never shown."""
    far, near = "Bo Silva is far.\n" + "x y z\n" * 2_000, "Anna has asthma.\n" + "x y z\n" * 2_000
    text, words = far + near + far, Words()

    findings, _, _ = NamesStage([SPEC], words).detect(
        [Segment("1", Place.BODY, text)], _known(text, "asthma", "HEALTH_TERM", "health"), Limits()
    )

    assert [f.value for f in findings] == ["Anna"]
    assert 700 < sum(map(len, words.shown)) < 1_500
    assert text[findings[0].span.start : findings[0].span.end] == "Anna"


def test_name_that_lies_half_over_another_is_told_beside_it() -> None:
    """The longest stays, and it is known how far the other one went: on both sides."""

    class Halves:
        def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
            return [(Mark(0, 10, "PER"), Mark(5, 20, "PER"), Mark(16, 26, "PER")) for _ in texts]

    text = "Anna Silva Marie Foley Bush has asthma"
    segment, found = Segment("1", Place.BODY, text), _known(text, "asthma", "HEALTH_TERM", "health")

    findings, _, overlapped = NamesStage([SPEC], Halves()).detect([segment], found, Limits())

    assert [f.value for f in findings] == [text[5:20]]
    assert [f.value for f in overlapped] == [text[0:10], text[17:26]]


def test_entity_that_a_rule_asks_for_alone_is_looked_for_in_all_text() -> None:
    """Others stay where care is spoken of, so that what other rules see is the same."""
    text = "Lunch with Anna Silva at 12 Elm St?\n" + "x y z\n" * 2_000 + "Bo has asthma, 7 Elm St"
    segments, found = [Segment("1", Place.BODY, text)], _known(text, "asthma", "HEALTH_TERM", "health")
    anywhere = NamesStage([SPEC, STREET], Words(), anywhere=frozenset({"PERSON"}))

    findings, failures, _ = anywhere.detect(segments, found, Limits())

    assert failures == []
    assert [f.value for f in findings] == ["Anna Silva", "Bo", "7 Elm St"]
    assert findings[0].confidence is Confidence.LOW


def test_text_too_long_to_be_read_everywhere_is_a_failure() -> None:
    """What stands near words of care is read all the same."""
    text = "Bo has asthma. " + "x y z\n" * 60_000 + "Anna"
    stage_ = NamesStage([SPEC], Words(), anywhere=frozenset({"PERSON"}))

    findings, failures, _ = stage_.detect(
        [Segment("1", Place.BODY, text)], _known(text, "asthma", "HEALTH_TERM", "health"), Limits()
    )

    assert [f.value for f in findings] == ["Bo"]
    assert failures == [DetectorFailure("people", FailureKind.LIMIT)]


def test_too_much_text_is_a_failure_of_each_detector_and_the_first_part_counts() -> None:
    """Beyond the limit nothing is silent."""
    text = "Anna has asthma. " * 2_000
    limits = Limits(model_characters=30_000)

    findings, failures, _ = NamesStage([SPEC, STREET], Words()).detect(
        [Segment("1", Place.BODY, text)], _known(text, "asthma", "HEALTH_TERM", "health"), limits
    )

    assert failures == [DetectorFailure("people", FailureKind.LIMIT), DetectorFailure("streets", FailureKind.LIMIT)]
    assert 0.9 * limits.model_characters < findings[-1].span.end <= limits.model_characters


@pytest.mark.parametrize("length", [2_999, 3_001, 10_000])
def test_chunks_cover_a_window_and_overlap(length: int) -> None:
    """Every character is shown, cuts fall between words, and a name at a cut is whole in one of two chunks."""
    text = ("word " * length)[:length]

    chunks = list(gate.chunks(text, (0, length)))

    assert (chunks[0][0], chunks[-1][1]) == (0, length)
    assert all(a[1] > b[0] > a[0] and a[1] - b[0] <= gate.OVERLAP for a, b in pairwise(chunks))
    assert all(end - start <= gate.CHUNK for start, end in chunks)


def test_name_across_the_cut_of_two_chunks_is_one_finding() -> None:
    """What both chunks show is stated once."""
    text = "asthma " + "Anna Silva has asthma, " * 400

    values = [f.value for f in _detect(text)]

    assert values == ["Anna Silva"] * 400


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("Anna Silva was diagnosed with asthma.", ["Anna Silva"]),
        ("Refill for anna please, asthma is worse", ["anna"]),
        ("Anna has asthma", ["Anna"]),
        ("Asthma is common, said Anna Silva of the asthma society.", []),
        ("MRN 4711 Anna Silva", ["Anna Silva"]),
        ("Anna Silva 04/05/1961 asthma", ["Anna Silva"]),
        ("My name is Anna Silva and asthma keeps me awake", ["Anna Silva"]),
        ("Anna Silva wrote about asthma." + " " * 300 + "She was diagnosed.", []),
    ],
)
def test_patient_is_who_care_is_told_about(text: str, patients: list[str]) -> None:
    """A name counts beside an identifier, or near health content with a word of care, not by itself."""
    assert _patients(_detect(text)) == patients


def test_confidence_is_medium_at_most() -> None:
    """A model alone never makes a finding high, whatever stands beside it."""
    findings = _detect(
        "Patient Anna Silva, MRN 4711, diagnosed with asthma", spec=replace(SPEC, confidence=Confidence.MEDIUM)
    )

    assert [f.confidence for f in findings] == [Confidence.MEDIUM]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Anna Silva treated asthma",
        "Treated for asthma. Signed by: Anna Silva, MD",
        "Treated for asthma by Anna Silva, RN",
        "Attending: Anna Silva. Treated for asthma.",
        "Dear Anna,\ntreatment of asthma works.",
        "Treatment of asthma works.\n\nBest regards,\nAnna Silva\nDirector",
        "Treatment of asthma works. Thanks, Anna",
        "On Monday Anna Silva wrote:\n> treated for asthma",
        "From: Anna Silva\nSubject: treated for asthma",
    ],
)
def test_clinicians_and_correspondents_are_people_but_no_patients(text: str) -> None:
    """Titles, letters of a profession, greetings, signatures and quoted heads take the group away, not the finding."""
    findings = _detect(text)

    assert {f.value for f in findings} <= {"Anna Silva", "Anna"}
    assert findings
    assert all(f.groups == {"person"} for f in findings)


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("Dear Anna Silva,\nyour asthma is under control.", ["Anna Silva"]),
        ("I have asthma. Can I run?\nRegards,\nAnna Silva", ["Anna Silva"]),
        ("Dear Anna Silva,\nI have asthma.", []),
        ("Your asthma is under control.\nRegards,\nAnna Silva", []),
    ],
)
def test_letter_about_its_reader_or_its_writer_has_a_patient(text: str, patients: list[str]) -> None:
    """ "Your asthma" is the greeted person's, "I have asthma" is the signer's: then they are who it is about."""
    assert _patients(_detect(text)) == patients


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("Anna here, 212-555-0101. My asthma again, can I run? I have a fever", ["Anna"]),
        ("Anna, this is a reminder. We talk about your asthma", ["Anna"]),
        ("Good news Anna, your asthma is better", ["Anna"]),
        ("From: Anna Silva\n\nDid my results come back? I think it is asthma", ["Anna Silva"]),
        ("On Monday Anna Silva wrote:\n> my asthma is worse\n\nstay in bed", ["Anna Silva"]),
        ("Can I run? I have asthma. Anna Silva", ["Anna Silva"]),
        ("Hi, this is Anna from the clinic about asthma", []),
        ("Questions about asthma? Sign up with Anna Silva", []),
        ("asthma desk: Anna Silva, ext. 4417", []),
        ("Anna Silva will cover the asthma line", []),
    ],
)
def test_who_writes_or_is_spoken_to_of_their_own_health_is_a_patient(text: str, patients: list[str]) -> None:
    """In a short note too; a caller of the house, a teacher and somebody on shift are not."""
    assert _patients(_detect(text)) == patients


@pytest.mark.parametrize("ward", ["Cardiology", "MRI", "dermatology", "Physical therapy"])
def test_name_of_a_ward_or_a_test_says_nothing_of_anybody(ward: str) -> None:
    """Unless a word says that somebody comes to it, or it is theirs."""

    def patients(text: str) -> list[str]:
        found = _known(text, ward, "HEALTH_TERM", "health")
        return _patients(NamesStage([SPEC], Words()).detect([Segment("1", Place.BODY, text)], found, Limits())[0])

    assert patients(f"The list of Anna Silva: {ward}, lunch, parking") == []
    assert patients(f"Anna Silva has an appointment, {ward}") == ["Anna Silva"]
    assert patients(f"Anna Silva asked about her {ward}") == ["Anna Silva"]


def test_scientist_who_is_quoted_is_no_patient() -> None:
    """By profession, or by a university behind the name, also where mail broke the line."""
    text = '"It helps in asthma," says biologist Anna\n> Silva of Example University. Asthma was treated. ' + "x" * 700

    assert _patients(_detect(text)) == []


@pytest.mark.parametrize(
    "header",
    [
        ("From", "Anna Silva <a@clinic.example>"),
        ("To", '"Silva, Anna" <a@x.example>, Bo <b@x.example>'),
        ("Cc", "anna.silva@x.example"),
    ],
)
def test_those_in_the_address_headers_are_no_patients(header: tuple[str, str]) -> None:
    """By display name in either order, or by the mailbox; another person of the same given name still is one."""
    findings = _detect("Anna Silva was treated for asthma. Anna Roe was treated for asthma.", header)

    assert _patients(findings) == ["Anna Roe"]


def test_staff_list_takes_names_in_any_order() -> None:
    """The organisation's own people are people, not patients."""
    spec = replace(SPEC, staff_names=("Silva Anna  # cardiology",))

    assert _patients(_detect("Anna Silva and Bo were treated for asthma", spec=spec)) == ["Bo"]


@pytest.mark.parametrize(
    "text",
    [
        "A Foley catheter for asthma",
        "treated: Crohn's disease",
        "asthma treated at https://Anna.example",
        "asthma: treated by get_Anna(x)",
        "treatment of asthma needs quick help, Thursday",
        "C.T. scan, treated for asthma",
    ],
)
def test_instruments_diseases_code_and_words_are_no_names(text: str) -> None:
    """What the model marks must be able to be a name where it stands."""
    assert _detect(text, spec=replace(SPEC, given_names=("anna",))) == []


def test_eponym_with_a_title_is_a_person() -> None:
    """A stop list never hides Mrs. Foley."""
    spec = replace(SPEC, lexicon_terms=("foley",))

    assert _patients(_detect("Mrs. Foley was treated for asthma", spec=spec)) == ["Foley"]
    assert _detect("Foley was placed for asthma", spec=spec) == []


def test_last_first_beside_a_date_and_initials_need_no_model() -> None:
    """Rows of a list in capitals, and a patient given by initials."""
    text = "DOE, JANE 04/05/1961 asthma\nRoe, Richard Q. 05/06/1970 asthma\nA.B., a 45-year-old man with asthma"

    assert _patients(_detect(text)) == ["DOE, JANE", "Roe, Richard Q.", "A.B."]


def test_name_a_pattern_took_by_its_title_is_judged_like_the_models() -> None:
    """ "Mr. Roe" beside an illness is a patient although the model missed him."""
    text = "Mr. Roe was treated for asthma"
    found = _known(text, "asthma", "HEALTH_TERM", "health") + _known(text, "Roe", "PERSON", "person")

    findings, _, _ = NamesStage([SPEC], Words()).detect([Segment("1", Place.BODY, text)], found, Limits())

    assert _patients(findings) == ["Roe"]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Anna, treated for asthma, lives at 12 Elm St", True),
        ("Treated for asthma: Anna, 12 Elm St", True),
        ("Mercy Hospital, 12 Elm St, treats asthma", False),
        ("Come to our office at 12 Elm St for asthma", False),
        ("Treated for asthma.\nRegards,\nBo\n12 Elm St", False),
    ],
)
def test_address_is_a_patients_behind_a_patient_or_a_word_of_living(text: str, counts: bool) -> None:
    """An institution's address, or the sender's, is a place and nobody's home."""
    findings = _detect(text, more=[STREET, CARE])

    assert [PATIENT in f.groups for f in findings if f.entity == "STREET_ADDRESS"] == [counts]


def test_whole_text_of_a_part_is_not_read_a_second_time() -> None:
    """Where a part has a visible text, that one is read."""
    text, words = "Anna has asthma", Words()
    segments = [Segment("1", Place.BODY, text, View.VISIBLE), Segment("1", Place.BODY, f"<p>{text}", View.ALL)]
    found = _known(text, "asthma", "HEALTH_TERM", "health") + _known(text, "asthma", "HEALTH_TERM", "health", 1)

    findings, _, _ = NamesStage([SPEC], words).detect(segments, found, Limits())

    assert (words.shown, [f.segment for f in findings]) == ([text], [0])


def test_name_of_a_file_is_read_with_spaces() -> None:
    """Underscores part words as spaces do; the span is the file name's own."""
    segment = Segment("1.2", Place.FILENAME, "patient_Anna_Silva_treated_asthma.pdf")
    found = _known(segment.text, "asthma", "HEALTH_TERM", "health")

    findings, _, _ = NamesStage([SPEC], Words()).detect([segment], found, Limits())

    assert [f.value for f in findings] == ["Anna_Silva"]


def test_reasons_and_masked_value_do_not_tell_the_name() -> None:
    """What goes into logs and audit is free of it."""
    (finding,) = _detect("Anna Silva was diagnosed with asthma")

    told = " ".join((*finding.why, finding.masked, finding.fingerprint, repr(finding)))
    assert "Anna" not in told
    assert "Silva" not in told


@pytest.mark.parametrize("half_read", [(), (0,)])
def test_text_without_passages_is_about_nobody_only_where_all_of_it_was_read(
    half_read: tuple[int, ...],
) -> None:
    """Else a long text before it would hide a patient."""
    text = "The bus is late again today.\n" * 40 + "Anna Silva has asthma and she is well."
    found = _known(text, "asthma", "HEALTH_TERM", "health")
    names = NamesStage([SPEC], Words(), reads_passages=True)

    ((finding,), _, _) = names.detect([Segment("1", Place.BODY, text)], found, Limits(), half_read)

    assert finding.value == "Anna Silva"
    assert ("nothing around it tells of anybody's care" in finding.why) == (half_read == ())
