"""Numbers whose label stands elsewhere: in the Subject, or in the question that is quoted below the answer."""

from collections.abc import Iterable, Iterator

import re2

from gateway.core.message import Place, Segment, View

LABEL = re2.compile(
    r"(?i)\bssn\b|\bsocial security\b|\bmrn\b|\bmedical record (?:number|no\b)|\bmember id\b|\bcard number\b"
)
_HALF = re2.compile(r"(?:^|[^0-9 .\-])[ ]*[0-9](?:[ .\-]?[0-9]){1,6}[ .\-]*$")  # a Subject that ends within a number
_GOES_ON = re2.compile(r"^\s*[\-.]?[0-9]{2,7}\b")
_NUMBER = re2.compile(r"[0-9](?:[ .\-]{0,3}[0-9]){3}")
_QUOTED = re2.compile(r"\n>|wrote:[ \t\r]*\n|\n-{3,}[A-Za-z ]{0,40}Original Message")
_ANSWER = re2.compile(r"(?m)^[^0-9\n>]{0,40}[0-9](?:[ .\-]{0,3}[0-9]){5,15}[ .!]*\r?$")
_NEAR = 300  # characters of a body that go on from the Subject
_FAR = 4_000  # characters of a question, and of what stands above it


def labelled_elsewhere(segments: Iterable[Segment]) -> Iterator[Segment]:
    """What bodies say right behind the Subject, and answers behind the label in the question below them."""
    subject = ""
    for segment in segments:
        if segment.place is Place.SUBJECT:
            subject = subject or segment.text
        elif segment.place is Place.BODY and segment.view is View.VISIBLE:
            if subject and (said := _behind(subject, segment.text[:_NEAR])):
                yield Segment(segment.part_path, Place.BODY, said, View.ALL, runs=())
            if said := _answered(segment.text):
                yield Segment(segment.part_path, Place.BODY, said, View.ALL, runs=())


def _behind(subject: str, start: str) -> str:
    """A Subject that leaves its number to the body, with that."""
    if LABEL.search(subject) is not None and _NUMBER.search(subject) is None:
        goes_on = _NUMBER.search(start) is not None
    else:
        goes_on = _HALF.search(subject) is not None and _GOES_ON.search(start) is not None
    return f"{subject}\n{start}" if goes_on else ""


def _answered(text: str) -> str:
    """The label of a question with the numbers that stand alone above it."""
    quoted = _QUOTED.search(text)
    if quoted is None:
        return ""
    label = LABEL.search(text[quoted.start() : quoted.start() + _FAR])
    if label is None:
        return ""
    above = text[max(quoted.start() - _FAR, 0) : quoted.start()]
    return "\n".join(f"{label.group(0)}: {found.group(0).strip()}" for found in _ANSWER.finditer(above))
