"""Rows and paragraphs of texts."""

import pytest

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine

SPEC = DetectorSpec("x", "X", "x", frozenset(), (Pattern("x", "X[0-9]", Confidence.HIGH),))


@pytest.mark.parametrize(
    ("text", "rows", "paragraphs"),
    [
        ("X1 X2", [0, 0], [0, 0]),
        ("X1;a\nX2;b\n\nX3", [0, 1, 3], [0, 0, 1]),
        ("X1\r\nX2\r\n \r\nX3", [0, 1, 3], [0, 0, 1]),
        ("X1\rX2", [0, 1], [0, 0]),
        ("\n\n\n\nX1", [4], [2]),
    ],
)
def test_findings_know_their_row_and_paragraph(text: str, rows: list[int], paragraphs: list[int]) -> None:
    """By where they begin; line ends of every kind."""
    findings = Engine([SPEC]).detect([Segment("1", Place.BODY, text)], Limits()).findings

    assert [f.row for f in findings] == rows
    assert [f.paragraph for f in findings] == paragraphs
