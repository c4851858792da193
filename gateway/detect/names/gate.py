"""Where names matter: whether a message is shown to the model at all, and which windows of it.

A model costs milliseconds where patterns cost microseconds. It is asked once a health term, an identifier or a cue word
of care is there, and in long text only about what stands near one of these.
"""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import re2

from gateway.core.detector import Confidence
from gateway.core.finding import Finding

SHORT = 1_000  # characters; a text up to this is read as a whole
CUED = 200_000  # characters; in a longer text cue words do not count, only what was found
REACH = 400  # characters read before and after what makes names matter
CHUNK = 3_000  # characters shown to the model at once
OVERLAP = 150  # of two chunks: longer than a name or an address line
_SLACK = 150  # characters a window may grow to end with its line or sentence
HEALTH = "health"
_GATES = frozenset({HEALTH, "patient-identifier"})
CUE = re.compile(
    r"\b(?:patients?|pts?|clinics?|clinical|hospital|hospice|"
    r"doctor|physician|surgeon|surgery|nurse|therapist|"
    r"pharmacy|dr|doc|rn|lpn|lcsw|pcp|medicare|medicaid|insurance|copay|deductible|claimant|"
    r"diagnos(?:is|es|ed)|prescri(?:bed|ption)|"
    r"rx|refill|meds|medications?|mg|dose|dob|mrn|ssn|icd|hipaa|referral|admitted|"
    r"discharged?|y/o|year[- ]old|icu|er|npo|"
    r"appointment|chart|ward|(?:bed|room) \d+|symptoms?|fever|rash|allergic|"
    r"infection|infusion|pregnant|biopsy|mri|ekg|x-ray|swab|therapy|dialysis|vaccine|implant|pacemaker|stitches|"
    r"concussion|psychiatric|caregiver)\b",
    re.IGNORECASE,
)
# Says in a fraction of the time where there is none: whatever CUE finds, this does. Its \b and \d know ASCII alone, so
# what else counts as a digit, an i, an s or a k is asked for by itself.
_SOME_CUE = re2.compile("(?i)" + CUE.pattern + r"|(?:bed|room) \p{Nd}|(?-i:[\x{130}\x{131}\x{17f}\x{212a}])")
_BREAK = re.compile(r"\n|[.!?] ")

Window = tuple[int, int]


def health(found: Iterable[Finding]) -> list[Window]:
    """The spans of what tells of health, however faintly, sorted.

    Where all of that was looked for, a name matters near it alone: rules ask for a person and health content together.
    """
    return sorted((f.span.start, f.span.end) for f in found if HEALTH in f.groups)


def points(text: str, found: Iterable[Finding]) -> list[Window]:
    """The spans in one text that make names near them matter, sorted."""
    spans = [(f.span.start, f.span.end) for f in found if f.groups & _GATES and f.confidence >= Confidence.MEDIUM]
    if len(text) <= CUED and _SOME_CUE.search(text.encode("utf-8", "replace")):  # half a surrogate pair is a "?" to it
        spans.extend(cue.span() for cue in CUE.finditer(text))
    return sorted(spans)


def windows(text: str, around: Sequence[Window]) -> list[Window]:
    """What of a text is read, without overlap: all of a short one, else some 400 characters around each point."""
    if not around:
        return []
    if len(text) <= SHORT:
        return [(0, len(text))]
    merged: list[Window] = []
    for start, end in around:
        low, high = _line_start(text, max(0, start - REACH)), _line_end(text, min(len(text), end + REACH))
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def merged(spans: Iterable[Window]) -> Iterator[Window]:
    """Sorted windows, those that overlap as one."""
    last: Window | None = None
    for start, end in spans:
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def within(sorted_windows: Sequence[Window], place: int) -> bool:
    """Whether a place lies in one of these windows, which are in order and apart."""
    at = bisect_right(sorted_windows, (place, sys.maxsize))
    return at > 0 and place < sorted_windows[at - 1][1]


def chunks(text: str, window: Window) -> Iterator[Window]:
    """A window in overlapping pieces of at most CHUNK characters, cut between lines or sentences where it can be."""
    start, end = window
    while end - start > CHUNK:
        cut = _last_break(text, start + CHUNK // 2, start + CHUNK)
        yield start, cut
        start = _first_space(text, max(cut - OVERLAP, start + 1), cut)
    yield start, end


def _line_start(text: str, near: int) -> int:
    places = [found.end() for found in _BREAK.finditer(text, max(0, near - _SLACK), near)]
    return places[-1] if places else _first_space(text, near, near + _SLACK) if near else 0


def _line_end(text: str, near: int) -> int:
    found = _BREAK.search(text, near, min(len(text), near + _SLACK))
    return found.end() if found else near


def _last_break(text: str, low: int, high: int) -> int:
    places = [found.end() for found in _BREAK.finditer(text, low, high)]
    if places:
        return places[-1]
    space = text.rfind(" ", low, high)
    return high if space < 0 else space + 1


def _first_space(text: str, low: int, high: int) -> int:
    space = text.find(" ", low, high)
    return low if space < 0 else space + 1
