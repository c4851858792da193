"""Labels that stand elsewhere than their numbers."""

import pytest

from gateway.core.message import Place, Segment, View
from gateway.extract.asked import labelled_elsewhere


def said(subject: str, body: str) -> list[str]:
    segments = (Segment("1", Place.SUBJECT, subject), Segment("1", Place.BODY, body))
    return [segment.text for segment in labelled_elsewhere(segments)]


@pytest.mark.parametrize(
    ("subject", "body", "text"),
    [
        ("SSN of Jane Roe", "219099999", "SSN of Jane Roe\n219099999"),
        ("SSN 219-09-", "9999", "SSN 219-09-\n9999"),
        ("Papers", "It is 219099999.\n\n> What is her SSN?", "SSN: It is 219099999."),
        ("Re: Papers", "219 09 9999\nOn Monday Bo wrote:\nHer social security number?", "social security: 219 09 9999"),
    ],
)
def test_a_number_is_read_behind_the_label_that_stands_elsewhere(subject: str, body: str, text: str) -> None:
    """In the Subject, or in the question below."""
    assert said(subject, body) == [text]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Papers", "219099999"),
        ("SSN of Jane Roe", "See you on Monday."),
        ("SSN 219-09-9999", "Call 219099999"),
        ("Papers", "219099999\n> Where is the order?"),
    ],
)
def test_other_mail_is_read_once(subject: str, body: str) -> None:
    """Without a label elsewhere, or without a number that wants one."""
    assert said(subject, body) == []


def test_hidden_text_of_a_page_is_no_answer() -> None:
    """Only what is seen goes on from the Subject."""
    segments = (Segment("1", Place.SUBJECT, "SSN"), Segment("1", Place.BODY, "219099999", View.ALL))

    assert list(labelled_elsewhere(segments)) == []
