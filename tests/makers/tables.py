"""The tables in `tests/unit/detect/tables/`: for each detector what it finds, and what it leaves alone.

A file holds a group of detectors, each with four parts:

    us-npi:
      source:                              where the numbers are from
        - '1234567893: the example of …'
      positive:                            text, values in double square brackets: confidence of them all
        'NPI: [[1234567893]]': high
      negative:                            texts in which it finds nothing
        - 'the provider number is below'
      near-miss:                           the same as a positive but in one place: what is different
        'ref 1234567890': the check digit is 3

`{alnum:36}` in a text stands for 36 letters and digits, the same at each reading, and so do the other names in
`_LETTERS`: nothing in this repository looks like a secret. `{words:130}` is harmless prose of that length.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from gateway.core.detector import Confidence
from gateway.core.errors import Fault
from gateway.core.finding import Finding
from gateway.documents import Node, load_document

FOLDER = Path(__file__).parents[1] / "unit" / "detect" / "tables"
PARTS = ("source", "positive", "negative", "near-miss")
ONE_PLACE = 20  # characters that a near miss may have instead of others

_MARKED = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_MADE = re.compile(r"\{([a-z0-9]+):(\d+)\}")
_PROSE = "the house in the garden with the small trees beside it stands quiet and green "
_LETTERS: Mapping[str, str] = {
    "alnum": ascii_letters + digits,
    "alpha": ascii_letters,
    "base32": ascii_uppercase + "234567",
    "base64": ascii_letters + digits + "+/",
    "capitals": ascii_uppercase + digits,
    "dashes": "-",
    "digits": digits,
    "few": "4f1e9a",
    "hex": digits + "abcdef",
    "small": ascii_lowercase + digits,
}

Span = tuple[int, int]


class BadTable(Exception):
    """A table that says less than it must, or what cannot be so: file, detector, what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text, and where in it values stand."""

    text: str
    spans: tuple[Span, ...] = ()
    confidence: Confidence = Confidence.LOW


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of one detector."""

    detector: str
    source: tuple[str, ...] = ()
    positive: tuple[Row, ...] = ()
    negative: tuple[Row, ...] = ()
    near: tuple[Row, ...] = ()
    differs: tuple[str, ...] = field(default=())  # each near miss from a positive

    @property
    def lacks(self) -> list[str]:
        """The parts that have nothing in them."""
        filled = (self.source, self.positive, self.negative, self.near)
        return [part for part, rows in zip(PARTS, filled, strict=True) if not rows]


def row(marked: str, confidence: Confidence = Confidence.LOW) -> Row:
    """A text without its brackets, and where they stood."""
    marked = _MADE.sub(_made, marked)
    spans: list[Span] = []
    for number, place in enumerate(_MARKED.finditer(marked)):
        start = place.start() - 4 * number
        spans.append((start, start + len(place[1])))
    return Row(_MARKED.sub(r"\1", marked), tuple(spans), confidence)


def _made(place: re.Match[str]) -> str:
    """The same letters for the same name, so that texts that differ in a number differ in one place."""
    kind, length = place[1], int(place[2])
    if kind == "words":
        return (_PROSE * (length // len(_PROSE) + 1))[:length]
    return "".join(Random(kind).choices(_LETTERS[kind], k=length))


def tables_of(path: Path) -> list[Table]:
    """All tables of one file. Raises BadTable for what is not as the head of this module says."""
    faults: list[Fault] = []
    root = load_document(path, faults)
    if root is None or faults:
        raise BadTable("; ".join(map(str, faults)))
    return [_table(f"{path.name}: {detector}", detector, node) for detector, _, node in root.items()]


def tables(folder: Path = FOLDER) -> dict[str, Table]:
    """Of each detector its own. Raises BadTable, also where a detector has two."""
    known: dict[str, Table] = {}
    for path in sorted(folder.glob("*.yaml")):
        for table in tables_of(path):
            if table.detector in known:
                raise BadTable(f"{path.name}: {table.detector}: has a table in another file too")
            known[table.detector] = table
    return known


def _table(place: str, detector: str, node: Node) -> Table:
    for part, _, below in node.items():
        if part not in PARTS:
            raise BadTable(f"{place}: {part} is none of {', '.join(PARTS)}")
        if below.kind != ("mapping" if part in {"positive", "near-miss"} else "sequence"):
            raise BadTable(f"{place}: {part} is not written as the head of tests/makers/tables.py says")
    positive = tuple(_positive(place, text, level.text) for text, level in _entries(node, "positive"))
    near = tuple(_silent(place, text) for text, _ in _entries(node, "near-miss"))
    for each in near:
        if not any(differ_in_one_place(each.text, other.text) for other in positive):
            raise BadTable(f"{place}: {each.text!r} differs from each positive in more than one place")
    return Table(
        detector,
        tuple(_texts(node, "source")),
        positive,
        tuple(_silent(place, text) for text in _texts(node, "negative")),
        near,
        tuple(said.text for _, said in _entries(node, "near-miss") if said.text.strip()),
    )


def _entries(node: Node, part: str) -> list[tuple[str, Node]]:
    below = node.get(part)
    return [] if below is None else [(key, value) for key, _, value in below.items()]


def _texts(node: Node, part: str) -> list[str]:
    below = node.get(part)
    return [] if below is None else [member.text for member in below.elements() if member.text.strip()]


def _positive(place: str, marked: str, level: str) -> Row:
    if level.upper() not in Confidence.__members__:
        raise BadTable(f"{place}: {marked!r}: {level!r} is no confidence")
    found = row(marked, Confidence.of(level))
    _no_bracket_left(place, found)
    if not found.spans:
        raise BadTable(f"{place}: {marked!r} marks no value")
    return found


def _silent(place: str, marked: str) -> Row:
    silent = row(marked)
    _no_bracket_left(place, silent)
    if silent.spans:
        raise BadTable(f"{place}: {marked!r} marks a value where nothing is to be found")
    return silent


def _no_bracket_left(place: str, of: Row) -> None:
    if "[[" in of.text or "]]" in of.text:
        raise BadTable(f"{place}: {of.text!r}: a bracket has no other")


def differ_in_one_place(one: str, other: str) -> bool:
    """Is some text put in, taken out, or a little of it exchanged, and more of it the same?"""
    before = _same(one, other)
    behind = min(_same(one[::-1], other[::-1]), len(one) - before, len(other) - before)
    apart = sorted((len(one) - before - behind, len(other) - before - behind))
    return apart[1] > 0 and (apart[0] == 0 or apart[1] <= min(ONE_PLACE, before + behind))


def _same(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def differences(expected: Row, findings: Iterable[Finding], shift: int = 0) -> list[str]:
    """What one detector found otherwise than its table says, in a text that begins so many characters later."""
    found = {(f.span.start - shift, f.span.end - shift): f.confidence for f in findings}
    marked = dict.fromkeys(expected.spans, expected.confidence)
    return [
        f"{expected.text!r}: {expected.text[slice(*span)]!r} at {span} is "
        f"{_level(found.get(span))} instead of {_level(marked.get(span))}"
        for span in sorted(found.keys() | marked.keys())
        if found.get(span) != marked.get(span)
    ]


def _level(confidence: Confidence | None) -> str:
    return "not found" if confidence is None else confidence.word
