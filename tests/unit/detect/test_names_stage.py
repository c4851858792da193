"""The names stage with a made-up model: what is shown to it, and what becomes of its marks."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from gateway.core.detector import Confidence
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, View
from gateway.detect.names import Mark, gate
from gateway.detect.names.stage import NamesStage
from tests.makers.named import SPEC, STREET, Words, detect, known, patients_of


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
    (finding,) = detect(f"Anna Silva, {cue}")

    assert (finding.value, finding.confidence) == ("Anna Silva", Confidence.LOW)


def test_long_text_is_read_around_what_matters() -> None:
    """Windows of some 400 characters, cut at lines; the rest is never shown."""
    far, near = "Bo Silva is far.\n" + "x y z\n" * 2_000, "Anna has asthma.\n" + "x y z\n" * 2_000
    text, words = far + near + far, Words()

    findings, _, _ = NamesStage([SPEC], words).detect(
        [Segment("1", Place.BODY, text)], known(text, "asthma", "HEALTH_TERM", "health"), Limits()
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
    segment, found = Segment("1", Place.BODY, text), known(text, "asthma", "HEALTH_TERM", "health")

    findings, _, overlapped = NamesStage([SPEC], Halves()).detect([segment], found, Limits())

    assert [f.value for f in findings] == [text[5:20]]
    assert [f.value for f in overlapped] == [text[0:10], text[17:26]]


def test_entity_that_a_rule_asks_for_alone_is_looked_for_in_all_text() -> None:
    """Others stay where care is spoken of, so that what other rules see is the same."""
    text = "Lunch with Anna Silva at 12 Elm St?\n" + "x y z\n" * 2_000 + "Bo has asthma, 7 Elm St"
    segments, found = [Segment("1", Place.BODY, text)], known(text, "asthma", "HEALTH_TERM", "health")
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
        [Segment("1", Place.BODY, text)], known(text, "asthma", "HEALTH_TERM", "health"), Limits()
    )

    assert [f.value for f in findings] == ["Bo"]
    assert failures == [DetectorFailure("people", FailureKind.LIMIT)]


def test_too_much_text_is_a_failure_of_each_detector_and_the_first_part_counts() -> None:
    """Beyond the limit nothing is silent."""
    text = "Anna has asthma. " * 2_000
    limits = Limits(model_characters=30_000)

    findings, failures, _ = NamesStage([SPEC, STREET], Words()).detect(
        [Segment("1", Place.BODY, text)], known(text, "asthma", "HEALTH_TERM", "health"), limits
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

    values = [f.value for f in detect(text)]

    assert values == ["Anna Silva"] * 400


def test_confidence_is_medium_at_most() -> None:
    """A model alone never makes a finding high, whatever stands beside it."""
    findings = detect(
        "Patient Anna Silva, MRN 4711, diagnosed with asthma", spec=replace(SPEC, confidence=Confidence.MEDIUM)
    )

    assert [f.confidence for f in findings] == [Confidence.MEDIUM]


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
    assert detect(text, spec=replace(SPEC, given_names=("anna",))) == []


def test_eponym_with_a_title_is_a_person() -> None:
    """A stop list never hides Mrs. Foley."""
    spec = replace(SPEC, lexicon_terms=("foley",))

    assert patients_of(detect("Mrs. Foley was treated for asthma", spec=spec)) == ["Foley"]
    assert detect("Foley was placed for asthma", spec=spec) == []


def test_last_first_beside_a_date_and_initials_need_no_model() -> None:
    """Rows of a list in capitals, and a patient given by initials."""
    text = "DOE, JANE 04/05/1961 asthma\nRoe, Richard Q. 05/06/1970 asthma\nA.B., a 45-year-old man with asthma"

    assert patients_of(detect(text)) == ["DOE, JANE", "Roe, Richard Q.", "A.B."]


def test_whole_text_of_a_part_is_not_read_a_second_time() -> None:
    """Where a part has a visible text, that one is read."""
    text, words = "Anna has asthma", Words()
    segments = [Segment("1", Place.BODY, text, View.VISIBLE), Segment("1", Place.BODY, f"<p>{text}", View.ALL)]
    found = known(text, "asthma", "HEALTH_TERM", "health") + known(text, "asthma", "HEALTH_TERM", "health", 1)

    findings, _, _ = NamesStage([SPEC], words).detect(segments, found, Limits())

    assert (words.shown, [f.segment for f in findings]) == ([text], [0])


def test_name_of_a_file_is_read_with_spaces() -> None:
    """Underscores part words as spaces do; the span is the file name's own."""
    segment = Segment("1.2", Place.FILENAME, "patient_Anna_Silva_treated_asthma.pdf")
    found = known(segment.text, "asthma", "HEALTH_TERM", "health")

    findings, _, _ = NamesStage([SPEC], Words()).detect([segment], found, Limits())

    assert [f.value for f in findings] == ["Anna_Silva"]


def test_reasons_and_masked_value_do_not_tell_the_name() -> None:
    """What goes into logs and audit is free of it."""
    (finding,) = detect("Anna Silva was diagnosed with asthma")

    told = " ".join((*finding.why, finding.masked, finding.fingerprint, repr(finding)))
    assert "Anna" not in told
    assert "Silva" not in told


@pytest.mark.parametrize("half_read", [(), (0,)])
def test_text_without_passages_is_about_nobody_only_where_all_of_it_was_read(
    half_read: tuple[int, ...],
) -> None:
    """Else a long text before it would hide a patient."""
    text = "The bus is late again today.\n" * 40 + "Anna Silva has asthma and she is well."
    found = known(text, "asthma", "HEALTH_TERM", "health")
    names = NamesStage([SPEC], Words(), reads_passages=True)

    ((finding,), _, _) = names.detect([Segment("1", Place.BODY, text)], found, Limits(), half_read)

    assert finding.value == "Anna Silva"
    assert ("nothing around it tells of anybody's care" in finding.why) == (half_read == ())
