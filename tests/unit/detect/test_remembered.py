"""What was found in a text is remembered, and changes nothing but the time it takes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.core.detector import Confidence, Context, DetectorSpec, Pattern
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect import remembered as module
from gateway.detect.judging import Candidate
from gateway.detect.remembered import Known, Remembered
from gateway.detect.tally import Tallies
from gateway.detect.text import WholeText

MRN = DetectorSpec(
    "mrn",
    "MEDICAL_RECORD_NUMBER",
    "MRN",
    frozenset({"patient-identifier"}),
    patterns=(Pattern("digits", r"\d{8}", None, Confidence.MEDIUM),),
    context=Context(("mrn",), 20, 20),
)
TEXT = "Nothing to see here. " * 40 + "MRN 00482913, and no more. " + "The rest of the page. " * 20


def segment(text: str, part: str = "1", place: Place = Place.BODY) -> Segment:
    return Segment(part, place, text)


def test_a_text_that_comes_again_gives_the_same_findings_where_it_stands_now() -> None:
    """Its part, its place and its number are those of the new message."""
    engine = Engine([MRN])
    (first,) = engine.detect([segment(TEXT)], Limits()).findings
    (again,) = engine.detect([segment("x"), segment(TEXT, "2.1", Place.ATTACHMENT)], Limits()).findings

    assert (again.part_path, again.place, again.segment) == ("2.1", Place.ATTACHMENT, 1)
    assert replace(again, part_path="1", place=Place.BODY, segment=0) == first


def test_a_text_that_comes_again_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that differs by a letter taken for it."""
    engine = Engine([MRN])
    looked: list[WholeText] = []
    look = engine._search._looked_for

    def counted(text: WholeText, tallies: Tallies) -> Iterator[Candidate]:
        looked.append(text)
        return look(text, tallies)

    monkeypatch.setattr(engine._search, "_looked_for", counted)
    for text in (TEXT, TEXT, TEXT.replace("00482913", "00482914"), TEXT):
        engine.detect([segment(text)], Limits())

    assert len(looked) == 2


def test_limits_count_what_is_remembered_too() -> None:
    """Else a message with the same page many times would have more findings than one with many pages."""
    engine = Engine([MRN])
    pages = [segment(TEXT, str(number)) for number in range(5)]
    engine.detect(pages[:1], Limits())
    detection = engine.detect(pages, Limits(findings=3))

    assert len(detection.findings) == 3
    assert detection.failures == (DetectorFailure("mrn", FailureKind.LIMIT),)


def test_what_was_cut_off_by_a_limit_is_not_remembered() -> None:
    engine = Engine([MRN])
    page = segment(TEXT.replace("and no more", "MRN 00482914"))
    assert len(engine.detect([page], Limits(findings=1)).findings) == 1
    assert len(engine.detect([page], Limits()).findings) == 2


def test_nothing_of_the_text_is_kept() -> None:
    engine = Engine([MRN])
    engine.detect([segment(TEXT)], Limits())
    kept = repr(list(engine._search._pages._known.items()))

    assert "MEDICAL_RECORD_NUMBER" in kept
    assert "00482913" not in kept


def test_the_oldest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """By number of texts, and by number of places in them."""
    monkeypatch.setattr(module, "_MOST", 3)
    monkeypatch.setattr(module, "_MOST_PLACES", 5)
    memory: Remembered[int] = Remembered()
    for digest in (b"a", b"b", b"c"):
        memory.put(digest, Known((1,), {}))
    assert memory.get(b"a") is not None  # asked for: young again
    memory.put(b"d", Known((1,), {}))
    assert [digest for digest in (b"a", b"b", b"c", b"d") if memory.get(digest)] == [b"a", b"c", b"d"]
    memory.put(b"e", Known((1, 2, 3, 4), {}))
    assert [digest for digest in (b"a", b"c", b"d", b"e") if memory.get(digest)] == [b"d", b"e"]


def test_a_line_that_comes_again_is_known_too_and_no_number_of_lines_pushes_out_a_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sender's name stands in each of their messages; subjects are seldom twice the same."""
    monkeypatch.setattr(module, "_MOST", 3)
    engine = Engine([MRN])
    engine.detect([segment(TEXT)], Limits())
    looked: list[bytes] = []
    look = engine._search._looked_for

    def counted(text: WholeText, tallies: Tallies) -> Iterator[Candidate]:
        looked.append(text.lines.octets)
        return look(text, tallies)

    monkeypatch.setattr(engine._search, "_looked_for", counted)
    lines = [f"MRN 0048291{number}" for number in range(5)]
    for line in (*lines, lines[-1], TEXT):
        assert len(engine.detect([segment(line)], Limits()).findings) == 1

    assert looked == [line.encode() for line in lines]
