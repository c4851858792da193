"""Values of one row near one another; and what is none."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.core.detector import Confidence
from gateway.core.errors import SetupError
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.exact import reading as reading_module
from gateway.detect.exact import stage as stage_module
from gateway.detect.exact.kinds import Kind
from gateway.detect.exact.stage import ExactStage
from tests.unit.detect.exact.conftest import KEY, PEOPLE, asking, written

if TYPE_CHECKING:
    from tests.unit.detect.exact.conftest import Find


@pytest.mark.parametrize(
    ("columns", "text", "value"),
    [
        (
            "family born",
            "Mrs de la Cruz, Ana, born March 1st, 1984",
            "de la Cruz, Ana, born March 1st, 1984",
        ),
        ("family born", "CRUZ 3/1/84", "CRUZ 3/1/84"),
        ("family born", "delacruz 01.03.1984", "delacruz 01.03.1984"),
        ("family born", "J. Mueller dob 09-Jul-2001.", "Mueller dob 09-Jul-2001"),
        ("family born", "PID|1||x||MÜLLER^J||20010709|M", "MÜLLER^J||20010709"),
        ("mrn given", "see mrn 00123456 for Ana", "mrn 00123456 for Ana"),
        ("mrn family", "(123456; Cruz)", "123456; Cruz"),
        ("mrn family", "case a123 4567: Müller", "a123 4567: Müller"),
        ("phone family", "call (555) 010-4477, Mrs. Cruz", "555) 010-4477, Mrs. Cruz"),
        ("phone family", "May: 020 7946 0018 or +442079460018", "May: 020 7946 0018 or +442079460018"),
        ("street city", "at 12 North Main Street in Springfield", "12 North Main Street in Springfield"),
        ("name zip", "Will O\u2019Brien, NY 10001", "Will O\u2019Brien, NY 10001"),
        ("name city", "O'BRIEN, WILL lives in New\nYork", "O'BRIEN, WILL lives in New\nYork"),
        ("email family", "ana@m.test (de la Cruz)", "ana@m.test (de la Cruz"),
        ("family given born", "April May, 1984-03-01", "April May, 1984-03-01"),
    ],
)
def test_values_of_one_row_are_found_however_they_are_written(
    find: "Find", columns: str, text: str, value: str
) -> None:
    """The finding reaches from the first of them to the last."""
    findings = find(text, *columns.split())

    assert [f.value.strip("+(") for f in findings] == [value.strip("+(")]
    assert findings[0].confidence is Confidence.HIGH


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ("family born", "Cruz was born on 31 December 1990"),  # the day of another row
        ("family born", "We may meet on 3/1/1985"),
        ("family born", "It may be done by 12/31/1990"),  # a name of one row, the day of another
        ("family born", "March 1, 1984 is a date and nothing else"),
        ("given family born", "May 1984-03-01"),  # one word is not two names
        ("mrn given", "Ana has order 1234567"),
        ("name zip", "Will the shop at 10001 open? O'Brien"),
        ("mrn family", "MRN 123456, Obrien"),
    ],
)
def test_values_of_different_rows_are_nothing(find: "Find", columns: str, text: str) -> None:
    """Nor is a common word that happens to be a name."""
    assert find(text, *columns.split()) == []


def test_distance_counts_from_the_first_value_to_the_end_of_the_last(find: "Find") -> None:
    """One character more is too far."""
    text = "Cruz" + " " * 30 + "3/1/1984"

    assert len(find(text, "family", "born", within=42)) == 1
    assert find(text, "family", "born", within=41) == []


def test_offsets_are_those_of_the_original_text(find: "Find") -> None:
    """With letters of more bytes and invisible characters before and within."""
    text = "Grüße\u200b, Frau Mül\u00adler (9.7.2001) 😀"

    (finding,) = find(text.replace("9.7.2001", "7/9/2001"), "family", "born")

    assert finding.value == "Mül\u00adler (7/9/2001"


def test_one_person_has_one_fingerprint_however_found(find: "Find") -> None:
    """By other columns, in other words: rules count people, and audit finds them again."""
    prints = {f.fingerprint for f in find("Cruz 3/1/84", "family", "born") + find("MRN 123456 Ana", "mrn", "given")}
    other = find("April May 1984-03-01", "family", "born")

    assert len(prints) == 1
    assert other[0].fingerprint not in prints


def test_fingerprint_outlives_the_next_build(tmp_path: Path, find: "Find") -> None:
    """Another salt, another order of rows: the same person."""
    path = tmp_path / "next.index"
    path.write_bytes(written(PEOPLE[::-1], salt="bb" * 16))
    stage = ExactStage([asking(path, "family", "born")], KEY, b"f" * 32)

    findings, _ = stage.detect([Segment("1", Place.BODY, "Cruz 3/1/84")], Limits())

    assert [f.fingerprint for f in findings] == [f.fingerprint for f in find("Cruz 3/1/84", "family", "born")]


def test_finding_is_masked_and_says_why_without_values(find: "Find") -> None:
    """What goes into reports and audit has nothing of the person."""
    (finding,) = find("Cruz, 3/1/84", "family", "born")

    assert finding.masked == "***"
    assert finding.why[0] == "family and born of one row of patients (204 rows) within 12 characters"
    assert "cruz" not in repr(finding).lower()


def test_common_values_together_are_less_sure(tmp_path: Path) -> None:
    """Everybody has the name, many the day: chance may well have put them together, and the finding says so."""
    path = tmp_path / "alike.index"
    people = [f"Smith|Ann{'abcdefghij'[n % 10]}|1984-03-{n % 20 + 1:02}|55{n:05}|||||" for n in range(400)]
    path.write_bytes(written(people))
    stage = ExactStage([asking(path, "family", "born")], KEY, b"")

    ((finding,), _) = stage.detect([Segment("1", Place.BODY, "Smith, 3/1/1984")], Limits())

    assert finding.confidence is Confidence.LOW
    assert finding.why[1] == "values as common as these are in 13 rows by chance"


@pytest.mark.parametrize(
    ("rows", "values", "confidence"),
    [
        (3, [(Kind.NAME, 1), (Kind.DATE, 1)], Confidence.HIGH),
        (1_000_000, [(Kind.ID, 1), (Kind.NAME, 10_000)], Confidence.HIGH),  # a record number and Smith
        (1_000_000, [(Kind.DATE, 33), (Kind.NAME, 20)], Confidence.HIGH),
        (1_000_000, [(Kind.DATE, 33), (Kind.NAME, 10_000)], Confidence.MEDIUM),  # a birth date and Smith
        (1_000_000, [(Kind.DATE, 33), (Kind.NAME, 30_000)], Confidence.LOW),  # a birth date and John
        (1_000_000, [(Kind.DATE, 33), (Kind.NAME, 30_000), (Kind.NAME, 10_000)], Confidence.HIGH),
    ],
)
def test_confidence_is_how_little_chance_explains(
    rows: int, values: list[tuple[Kind, int]], confidence: Confidence
) -> None:
    """By how many rows have each value, out of how many."""
    chance = stage_module.by_chance(rows, values)

    assert stage_module.confidence_of(chance) is confidence


def test_every_row_of_a_table_is_one_finding(find: "Find") -> None:
    """A list of people is as many findings."""
    lines = [f"Fam{'abcdefghij'[n % 10]}x,Giv{'abcde'[n % 5]}n,44{n:05}" for n in range(200)]

    findings = find("\n".join(lines), "mrn", "family")

    assert len(findings) == len({f.fingerprint for f in findings}) == 200


def test_findings_of_the_engine_stand_beside_others(index: Path) -> None:
    """A record takes no place of what patterns find within it."""
    engine = Engine([asking(index, "family", "born")], exact_key=KEY)

    detection = engine.detect([Segment("1", Place.BODY, "Cruz 3/1/84")], Limits())

    assert [f.entity for f in detection.findings] == ["PATIENT_RECORD"]


def test_too_much_to_look_at_is_a_failure(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never silence."""
    monkeypatch.setattr(stage_module, "MOST_LOOKS", 50)
    stage = ExactStage([asking(index, "mrn", "family")], KEY, b"")

    _, failures = stage.detect([Segment("1", Place.BODY, "123456 " * 100)], Limits())

    assert failures == [DetectorFailure("patient-record", FailureKind.LIMIT)]


def test_more_numbers_than_are_cut_are_a_failure(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is all digits takes bounded time, and is not passed over in silence."""
    monkeypatch.setattr(reading_module, "MOST_TOKENS", 50)
    stage = ExactStage([asking(index, "mrn", "family")], KEY, b"")

    _, failures = stage.detect([Segment("1", Place.BODY, "1 " * 51)], Limits())

    assert failures == [DetectorFailure("patient-record", FailureKind.LIMIT)]


def test_more_findings_than_the_limit_are_a_failure_unless_some_are_enough(index: Path) -> None:
    """As of every detector."""
    text = "MRN 123456 Cruz; A1234567 Müller; 987654 O'Brien"

    def failures(enough: int) -> list[DetectorFailure]:
        stage = ExactStage([asking(index, "mrn", "family", enough=enough)], KEY, b"")
        return stage.detect([Segment("1", Place.BODY, text)], Limits(findings=2))[1]

    assert len(failures(0)) == 1
    assert failures(1) == []
    assert len(failures(3)) == 1  # the limit came before what is enough


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda octets: b"", "cannot be read (it is empty)"),
        (lambda octets: b"x" * 5000, "no index of this program"),
        (lambda octets: octets[: len(octets) // 2], "cut off"),
        (lambda octets: octets.replace(b'"rows": 204', b'"rows": 203'), "another keyring than yours, or changed"),
        (lambda octets: octets[:-9] + b"\xff" * 9, "damaged"),
    ],
)
def test_an_index_that_cannot_be_used_is_refused_before_any_mail(tmp_path: Path, spoil: object, said: str) -> None:
    """With the detector's file, the index and what to do."""
    path = tmp_path / "patients.index"
    path.write_bytes(spoil(written()))  # type: ignore[operator]

    with pytest.raises(SetupError) as refused:
        stage_module.check([asking(path, "family", "born")], KEY)

    assert str(refused.value).startswith(f"rules/detectors/patient-record.yaml:1:1: patient-record: the index {path}")
    assert said in str(refused.value)


def test_an_index_of_another_keyring_is_refused(index: Path) -> None:
    """So is one without any."""
    for key, said in ((b"x" * 32, "another keyring"), (b"", "without the keyring")):
        with pytest.raises(SetupError, match=said):
            ExactStage([asking(index, "family", "born")], key, b"")
