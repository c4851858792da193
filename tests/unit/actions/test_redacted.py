"""What a reviewer releases redacted: every value, wherever it stands, or a reason why not."""

from typing import Any

from gateway.actions.apply import apply_edits
from gateway.actions.redacted import without_findings
from gateway.core.finding import Detection, DetectorFailure, FailureKind
from gateway.core.redacted import Redacted

SSN = "123-45-6789"


def redacted(bench: Any, places: int = 1, **more: Any) -> Redacted:
    """With as many of the planted findings as a detector told."""
    return without_findings(bench.message, bench.content, Detection(tuple(bench.findings[:places]), **more))


def test_a_value_goes_from_where_no_detector_told_it_too(bench: Any) -> None:
    """Without its label in a table, in other spelling, in the subject; nothing that only begins like it."""
    text = f"SSN {SSN}\r\n123 45 6789, {SSN}\r\nSSN123456789, 123-45-67890, 123 apples 45 pears\r\n"
    made = bench(f"Subject: about 123.45.6789\r\nX-Case: {SSN}\r\n\r\n{text}".encode())
    made.find(SSN)
    made.findings = [finding for finding in made.findings if finding.place.value == "body"]

    left = apply_edits(made.raw, redacted(made).edits).decode()

    assert left.count("[REDACTED:US_SSN]") == 6
    assert "123-45-67890, 123 apples 45 pears" in left


def test_a_value_in_a_file_name_keeps_the_message_here(bench: Any) -> None:
    """It cannot be taken out there."""
    made = bench(
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nPaul Sample\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=sample_paul_Sample.pdf\r\n"
        b"\r\nx\r\n--b--\r\n"
    )
    made.find("Paul Sample", "PERSON")

    assert {(left.entity, left.obstacle) for left in redacted(made).left} == {("PERSON", "filename")}


def test_correspondents_stay_named_and_short_values_are_no_names(bench: Any) -> None:
    """Who writes may sign, and an age is not every number of two digits."""
    made = bench(b"From: Ann Sample <ann@clinic.example>\r\nSubject: x\r\n\r\nage 67, room 67\r\nAnn Sample\r\n")
    made.find("Ann Sample", "PERSON")
    made.findings = [finding for finding in made.findings if finding.place.value != "body"]
    made.find("67", "AGE")

    left = apply_edits(made.raw, redacted(made, 2).edits)

    assert b"age [REDACTED:AGE], room 67\r\nAnn Sample" in left


def test_a_detector_that_stopped_counting_is_told(bench: Any) -> None:
    """For a decision a thousand dates are enough; the rest of them would stay. One that failed is told as that."""
    made = bench(b"Subject: x\r\n\r\n123-45-6789\r\n")
    made.find(SSN)
    failed = (DetectorFailure("phone", FailureKind.LIMIT),)

    assert redacted(made, spent=frozenset({"date", "phone"}), failures=failed).unfinished == ("date",)


def test_what_gave_way_to_another_finding_goes_to_its_end(bench: Any) -> None:
    """A member id that begins within a social security number: its tail is no rest that may be read. Elsewhere, too."""
    made = bench(f"Subject: x\r\n\r\nid {SSN}-QX7731 of today\r\nand 6789 QX7731\r\n".encode())
    made.find(SSN)
    (wider,) = made.find("6789-QX7731", "HEALTH_PLAN_MEMBER_ID")

    done = without_findings(made.message, made.content, Detection((made.findings[0],), overlapped=(wider,)))

    left = apply_edits(made.raw, done.edits)
    assert b"id [REDACTED:HEALTH_PLAN_MEMBER_ID+US_SSN] of today\r\nand [REDACTED:HEALTH_PLAN_MEMBER_ID]\r\n" in left
    assert done.entities == ("HEALTH_PLAN_MEMBER_ID", "US_SSN")


def test_what_gave_way_and_is_covered_changes_nothing(bench: Any) -> None:
    """Of two findings that touch, the third between them is gone with them."""
    made = bench(b"Subject: x\r\n\r\n123-45-6789/Paul Sample\r\n")
    made.find(SSN)
    made.find("/Paul Sample", "PERSON")
    (inner,) = made.find("6789/Paul", "ACCOUNT")

    done = without_findings(made.message, made.content, Detection(tuple(made.findings[:2]), overlapped=(inner,)))

    assert done.entities == ("PERSON", "US_SSN")
