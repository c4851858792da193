"""gateway.detect.noticed"""

from dataclasses import replace

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Place, Segment, Span
from gateway.detect.noticed import LONGEST, apart

NOTICE = "Confidentiality notice: this e-mail is for the intended recipient alone."


def body(text: str) -> Segment:
    return Segment("1", Place.BODY, text)


def found(segment: int, start: int, end: int) -> Finding:
    return Finding("X", frozenset(), "x", Confidence.HIGH, 0.9, "1", Place.BODY, segment, Span(start, end), "", "")


def test_a_notice_is_a_text_of_its_own_and_what_is_found_stands_where_it_stood() -> None:
    """Before it, in it and behind it."""
    whole = f"Roe is worse.\n\n{NOTICE}\n\n> Doe too.\n"
    parted = apart([body("other"), body(whole)])

    assert [s.text for s in parted.segments] == ["other", "Roe is worse.\n\n\n\n> Doe too.\n", NOTICE]
    for segment, word in ((1, "Roe"), (1, "Doe"), (2, "intended")):
        start = parted.segments[segment].text.index(word)
        (back,) = parted.back([found(segment, start, start + len(word))])
        assert (back.segment, whole[back.span.start : back.span.end]) == (1, word)


def test_what_stands_on_both_sides_of_a_notice_reaches_over_it() -> None:
    """A passage; and of nothing, nothing."""
    whole = f"Roe\n\n{NOTICE}\n\n> Doe"
    parted = apart([body(whole)])
    length = len(parted.segments[0].text)

    assert [f.span for f in parted.back([found(0, 0, length), found(0, 2, 2)])] == [Span(0, len(whole)), Span(2, 2)]


def test_a_notice_with_a_number_stays_where_its_label_may_be() -> None:
    """A telephone is none that needs one."""
    for more, number in ((" 00482913", 1), (" Call (217) 555-0143.", 2)):
        assert len(apart([body(f"MRN of Roe:\n\n{NOTICE}{more}")]).segments) == number


def test_other_texts_are_left_alone() -> None:
    """Subjects, attachments, long texts, a mail that is nothing but a notice in part."""
    segments = [
        replace(body(NOTICE), place=Place.SUBJECT),
        replace(body(NOTICE), place=Place.ATTACHMENT),
        body(f"{NOTICE}\n\n{'x' * LONGEST}"),
        body("no notice"),
    ]

    assert list(apart(segments).segments) == segments
    assert [s.text for s in apart([body(NOTICE)]).segments] == ["", NOTICE]
