"""Misses and false alarms, one by one. Without `reveal` they have the shape of a value, never the value."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.message import Span
from gateway.evaluate.judge import Judgement

AROUND = 60  # characters shown on either side of a value
BEGINNING = 400  # characters shown of a whole message


class Sort(StrEnum):
    """What went wrong. The values are for people."""

    MISSED = "not found"
    ALARM = "found, but not there"
    PASSED = "message passed"
    FLAGGED = "message held for nothing"


@dataclass(frozen=True, slots=True)
class Mistake:
    """`shown` is the value or its shape; `before` and `after` stand around it, empty without `reveal`."""

    sort: Sort
    sample: str
    kind: str
    note: str
    shown: str
    before: str = ""
    after: str = ""


def mistakes(judgements: Iterable[Judgement], *, reveal: bool) -> Iterator[Mistake]:
    """All of them, in the order of the samples."""
    for judgement in judgements:
        yield from _of_message(judgement, reveal=reveal)
        for asked in judgement.asked:
            if not asked.found:
                note = f"found as {asked.by}" if asked.by else ""
                yield _at(judgement, Sort.MISSED, asked.kind, note, asked.span, "", reveal=reveal)
        for claim in judgement.claims:
            if not claim.right:
                found = claim.finding
                note = f"detector {found.detector}, {found.confidence.word}"
                yield _at(judgement, Sort.ALARM, found.kind, note, found.span, found.masked, reveal=reveal)


def _of_message(judgement: Judgement, *, reveal: bool) -> Iterator[Mistake]:
    sample = judgement.sample
    if sample.protected is None or sample.protected == judgement.acted:
        return
    sort = Sort.PASSED if sample.protected else Sort.FLAGGED
    shown = judgement.text[:BEGINNING] if reveal else ""
    yield Mistake(sort, sample.id, "", ", ".join(judgement.rules), shown)


def _at(judgement: Judgement, sort: Sort, kind: str, note: str, span: Span, masked: str, *, reveal: bool) -> Mistake:
    text, ident = judgement.text, judgement.sample.id
    value = text[span.start : span.end]
    if not reveal:
        return Mistake(sort, ident, kind, note, masked or shape(value))
    before, after = text[max(0, span.start - AROUND) : span.start], text[span.end : span.end + AROUND]
    return Mistake(sort, ident, kind, note, value[:BEGINNING], before, after)


def shape(value: str) -> str:
    """How a value is written, without what it says: "Ann Lee 12" is "Aaa Aaa 99"."""
    return "".join(_shape(char) for char in value[:AROUND])


def _shape(char: str) -> str:
    if char.isdigit():
        return "9"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return char if char.isprintable() else " "
