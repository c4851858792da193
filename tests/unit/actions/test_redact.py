"""Values taken out of subject, text and mark-up."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.actions.apply import apply_edits
from gateway.actions.draft import draft_of, edits
from gateway.actions.redact import Obstacle, Piece, Redaction, chosen, label, merge, redact
from gateway.core.detector import Confidence
from gateway.core.finding import Also
from gateway.core.message import Content, Place, Run, Segment, Span
from gateway.core.verdict import Action, Verb

SSN = "219-09-9999"


def outcome(bench: Any, is_label: bool = True, leaving: frozenset[str] = frozenset()) -> Redaction:
    asked = [(finding, is_label) for finding in bench.findings]
    return redact(draft_of(bench.message), bench.content, asked, leaving)


def rewritten(bench: Any, is_label: bool = True) -> bytes:
    found = outcome(bench, is_label)
    assert found.kept == ()
    return apply_edits(bench.raw, edits(found.draft))


def test_value_in_text_becomes_a_label_and_every_other_byte_stays(bench: Any) -> None:
    """Trailing spaces, tabs and odd line ends are nobody's business."""
    raw = f"Subject: s\r\n\r\nSSN {SSN} \t\r\n.\r\n-- \r\nend".encode()
    case = bench(raw)
    case.find(SSN)

    assert rewritten(case) == raw.replace(SSN.encode(), b"[REDACTED:US_SSN]")


def test_mask_shows_what_the_detector_lets_show(bench: Any) -> None:
    """The masked form of the finding is what stands there."""
    case = bench(f"Subject: s\r\n\r\nSSN {SSN}.\r\n".encode())
    case.find(SSN)

    assert rewritten(case, is_label=False).endswith(b"\r\n\r\nSSN ***-**-6789.\r\n")


@pytest.mark.parametrize("masked", ["", SSN])
def test_mask_that_hides_nothing_becomes_a_label(bench: Any, masked: str) -> None:
    """A value too short to be masked is not shown."""
    case = bench(f"\r\nSSN {SSN}.\r\n".encode())
    case.find(SSN, masked=masked)

    assert rewritten(case, is_label=False) == b"\r\nSSN [REDACTED:US_SSN].\r\n"


def test_value_with_tags_inside_leaves_the_tags(bench: Any) -> None:
    """The label goes into the first stretch, the others become empty."""
    case = bench(b"Content-Type: text/html\r\n\r\n<p>SSN 219-<b>09</b>-9999 <i>x</i></p>\r\n")
    case.find(SSN)

    assert rewritten(case).endswith(b"<p>SSN [REDACTED:US_SSN]<b></b> <i>x</i></p>\r\n")


def test_replacement_is_escaped_in_mark_up(bench: Any) -> None:
    """A mask with angle brackets must not become a tag."""
    case = bench(b"Content-Type: text/html\r\n\r\n<p>id 4711</p>\r\n")
    case.find("4711", masked='<"&11')

    assert rewritten(case, is_label=False).endswith(b"<p>id &lt;&quot;&amp;11</p>\r\n")


def test_value_in_the_subject_goes_and_the_rest_reads_the_same(bench: Any) -> None:
    """Encoded words are decoded, changed and encoded again."""
    case = bench(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_219-09-9999_an?= alle\r\n\r\nx\r\n")
    case.find(SSN)
    out = bench(rewritten(case)).message

    assert out.root.header("subject") == "Grüße [REDACTED:US_SSN] an alle"


def test_value_in_one_of_several_equal_fields_goes_from_all_that_have_it(bench: Any) -> None:
    """A repeated field is known by its value."""
    case = bench(f"Comments: a\r\nComments: id {SSN}\r\nComments: id {SSN}\r\n\r\nx\r\n".encode())
    case.find(SSN)

    assert rewritten(case) == b"Comments: a\r\n" + b"Comments: id [REDACTED:US_SSN]\r\n" * 2 + b"\r\nx\r\n"


@pytest.mark.parametrize(
    ("raw", "obstacle"),
    [
        (f"To: {SSN} <a@b.test>\r\n\r\nx\r\n", Obstacle.HEADER),
        (f"Content-Disposition: attachment; filename={SSN}.txt\r\n\r\nx\r\n", Obstacle.FILENAME),
        (
            (
                "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
                f"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nSSN {SSN}\r\n--c--\r\n--b--\r\n"
            ),
            Obstacle.SEALED,
        ),
        (f"Content-Disposition: attachment\r\n\r\n{SSN}\r\n", Obstacle.ATTACHMENT),
        (
            (
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
                f"Subject: {SSN}\r\n\r\nx\r\n--b--\r\n"
            ),
            Obstacle.HEADER,
        ),
        (
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nDQoyMTktMDktOTk5OQ0K\r\n",
            Obstacle.NESTED,
        ),
    ],
    ids=["structured-header", "filename", "signed", "attachment", "nested-header", "nested-encoded"],
)
def test_value_that_cannot_be_taken_out_is_named_with_its_obstacle(bench: Any, raw: str, obstacle: Obstacle) -> None:
    """Nothing is silently left in."""
    case = bench(raw.encode())
    case.find(SSN)
    found = outcome(case)

    assert obstacle in {reason for _, reason in found.kept}
    assert len(found.kept) + len(found.redacted) == len(case.findings)


def test_value_in_a_field_that_another_action_takes_away_is_no_obstacle(bench: Any) -> None:
    """Removing the field removes the value."""
    case = bench(f"Patient: {SSN}\r\n\r\nx\r\n".encode())
    case.find(SSN)
    found = outcome(case, leaving=frozenset({"patient"}))

    assert (len(found.redacted), found.kept) == (1, ())


@pytest.mark.parametrize("entity", ["EMAIL_ADDRESS", "PERSON"])
def test_correspondents_in_address_fields_are_passed_over(bench: Any, entity: str) -> None:
    """A rule that takes addresses out would else hold every message."""
    case = bench(b"From: Ann <ann@partner.example>\r\n\r\nWrite to ann@partner.example\r\n")
    case.find("ann@partner.example", entity=entity)

    assert rewritten(case) == f"From: Ann <ann@partner.example>\r\n\r\nWrite to {label([entity])}\r\n".encode()


def test_other_values_in_address_fields_are_an_obstacle(bench: Any) -> None:
    """A number in a display name is no address."""
    case = bench(f"To: {SSN} <ann@partner.example>\r\n\r\nx\r\n".encode())
    case.find(SSN)

    assert [reason for _, reason in outcome(case).kept] == [Obstacle.HEADER]


HALF = (Run(Span(0, 6), Span(4, 10)),)


@pytest.mark.parametrize(
    "segment",
    [
        Segment("1.9", Place.BODY, SSN, editable=True),
        Segment("1", Place.BODY, SSN, runs=(), editable=True),
        Segment("1", Place.BODY, SSN, runs=HALF, editable=True),
    ],
    ids=["no-part", "no-origin", "half-an-origin"],
)
def test_text_that_comes_from_no_byte_of_a_part_cannot_be_redacted(bench: Any, segment: Segment) -> None:
    """A segment of an unknown part, or one without origin, is an obstacle and no error."""
    case = bench(f"\r\nSSN {SSN}\r\n".encode())
    (finding,) = case.find(SSN)
    moved = replace(finding, segment=0, span=Span(0, 11))

    found = redact(draft_of(case.message), Content((segment,)), [(moved, True)])

    assert [reason for _, reason in found.kept] == [Obstacle.NESTED]


def test_finding_of_a_segment_that_is_not_there_is_kept(bench: Any) -> None:
    """A mistake of ours ends as a reason not to deliver."""
    case = bench(f"\r\nSSN {SSN}\r\n".encode())
    (finding,) = case.find(SSN)

    assert redact(draft_of(case.message), case.content, [(replace(finding, segment=99), True)]).kept


def piece(start: int, end: int, text: str, entity: str = "A", is_label: bool = True) -> Piece:
    return Piece(Span(start, end), text, entity, is_label)


@pytest.mark.parametrize(
    ("pieces", "changes"),
    [
        ([piece(0, 5, "[A]"), piece(0, 5, "[A]")], [(Span(0, 5), "[A]")]),
        ([piece(0, 5, "[A]"), piece(3, 9, "[A]")], [(Span(0, 9), "[A]")]),
        ([piece(0, 5, "[A]"), piece(5, 9, "[B]", "B")], [(Span(0, 5), "[A]"), (Span(5, 9), "[B]")]),
        ([piece(3, 9, "[B]", "B"), piece(0, 5, "[A]")], [(Span(0, 9), "[REDACTED:A+B]")]),
        ([piece(0, 9, "**6", "A", False), piece(2, 4, "*5", "A", False)], [(Span(0, 9), "[REDACTED:A]")]),
        ([piece(0, 9, "**6", "A", False), piece(0, 9, "**6", "A", False)], [(Span(0, 9), "**6")]),
        ([piece(0, 9, "**6", "A", False), piece(4, 5, "", "B")], [(Span(0, 9), "[REDACTED:A]")]),
        ([piece(0, 2, ""), piece(1, 3, "")], [(Span(0, 3), "")]),
        ([piece(0, 9, "[A]"), piece(1, 2, "[A]"), piece(8, 12, "[A]")], [(Span(0, 12), "[A]")]),
    ],
    ids=["same", "overlap", "touch", "two-entities", "masks", "same-mask", "mask-over-rest", "rests", "chain"],
)
def test_overlapping_stretches_become_one(pieces: list[Piece], changes: list[tuple[Span, str]]) -> None:
    """Changes are sorted and apart; a mask never survives an overlap."""
    assert list(merge(pieces)) == changes
    assert list(merge(reversed(pieces))) == changes


def test_same_value_found_by_two_detectors_is_replaced_once(bench: Any) -> None:
    """One label that names both."""
    case = bench(f"\r\nid {SSN}\r\n".encode())
    case.find(SSN)
    case.find(SSN, entity="MEMBER_ID")

    assert rewritten(case) == b"\r\nid [REDACTED:MEMBER_ID+US_SSN]\r\n"


def test_label_has_no_white_space() -> None:
    """It stays whole in bare attributes and folded lines, and adds no column to a table."""
    assert label(["B", "A", "B"]) == "[REDACTED:A+B]"


@pytest.mark.parametrize(
    ("settings", "entities"),
    [
        ({}, ["US_SSN", "PHONE_NUMBER"]),
        ({"entities": ("US_SSN",)}, ["US_SSN"]),
        ({"entities": "US_SSN"}, ["US_SSN"]),
        ({"entities": ("contact",)}, ["PHONE_NUMBER"]),
        ({"groups": ("contact",)}, ["PHONE_NUMBER"]),
        ({"entities": ("CREDIT_CARD",)}, []),
        ({"confidence": "medium"}, ["US_SSN"]),
    ],
)
def test_redact_action_chooses_by_entity_group_and_confidence(
    bench: Any, settings: dict[str, object], entities: list[str]
) -> None:
    """No names mean everything found."""
    case = bench(f"\r\nid {SSN} tel 555-0100\r\n".encode())
    case.find(SSN)
    case.find("555-0100", entity="PHONE_NUMBER", groups=frozenset({"contact"}), confidence=Confidence.LOW)

    assert [f.entity for f in chosen(case.findings, Action(Verb.REDACT, settings))] == entities


def test_what_may_be_of_a_named_kind_goes_as_well(bench: Any) -> None:
    """Once, and under its first name."""
    case = bench(f"Subject: s\r\n\r\nNo {SSN}.\r\n".encode())
    case.find(SSN)
    found = replace(case.findings[0], also=(Also("HEALTH_PLAN_MEMBER_ID", Confidence.LOW),))

    assert chosen([found], Action(Verb.REDACT, {"entities": ("HEALTH_PLAN_MEMBER_ID",)})) == (found,)
    assert chosen([found], Action(Verb.REDACT, {"entities": ("MEDICAL_RECORD_NUMBER",)})) == ()
