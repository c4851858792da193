"""In which row and paragraph of its text a finding stands.

A row is a line: of a table, a file of separated values, a list. A paragraph ends with an empty line; in HTML, whose
blocks become lines, it is the whole text between two gaps.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.finding import Finding
from gateway.core.message import Segment

_ROW = re.compile(r"\n|\r(?!\n)")
_PARAGRAPH = re.compile(r"(?:\r\n|\n|\r(?!\n))[ \t]*(?:\r\n|\n|\r(?!\n))")


def placed(findings: Sequence[Finding], segments: Sequence[Segment]) -> list[Finding]:
    """The same findings, each with the numbers of its row and paragraph, counted from 0; by where it begins."""
    ends: dict[int, tuple[list[int], list[int]]] = {}
    out = []
    for finding in findings:
        number, start = finding.segment, finding.span.start
        if number not in ends:
            text = segments[number].text
            ends[number] = ([f.end() for f in _ROW.finditer(text)], [f.end() for f in _PARAGRAPH.finditer(text)])
        row, paragraph = (bisect_right(places, start) for places in ends[number])
        out.append(replace(finding, row=row, paragraph=paragraph) if row else finding)
    return out
