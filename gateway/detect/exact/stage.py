"""Which values of one row of a list stand together in a text.

Each detector leads with the most telling of its columns: values of that one are looked for in all of the text, those of
the others only around it. So mail without such a value costs one pass and no look-up of a word.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log10
from pathlib import Path

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.errors import SetupError
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Segment
from gateway.detect.exact.columns import lead_of
from gateway.detect.exact.index import Column, Index, IndexRefused, check_body
from gateway.detect.exact.kinds import Kind
from gateway.detect.exact.reading import Reading, Spent, Spot
from gateway.detect.grading import score
from gateway.detect.masking import fingerprint, mask
from gateway.detect.text import FoldedText, fold

MOST_LOOKS = 4_000_000  # values hashed and rows compared for one detector in one message
COMMON = {
    Kind.NAME: 10_000,
    Kind.NAMES: 1_000_000,
    Kind.DATE: 30_000,  # days of a lifetime
    Kind.ID: 1_000_000,
    Kind.PHONE: 100_000_000,
    Kind.EMAIL: 1_000_000_000,
    Kind.STREET: 10_000_000,
    Kind.ZIP: 40_000,
    Kind.WORDS: 1_000,
}
_FEW = 16  # values of the leading column whose surroundings are read one by one
_SURE, _LIKELY = 0.05, 0.5  # rows that chance alone may account for


@dataclass(frozen=True, slots=True)
class _Hit:
    """A value of a column, in the text and in the list."""

    start: int
    end: int
    rows: Sequence[int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Together:
    """Values of one row, near one another."""

    start: int
    end: int
    row: int
    chance: float  # as by_chance()


_Nearby = Callable[[Column, int, int], list[_Hit]]


class _Looks:
    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, count: int = 1) -> None:
        self._left -= count
        if self._left < 0:
            raise Spent


class _Detector:
    """One detector file, ready."""

    def __init__(self, spec: DetectorSpec, index: Index) -> None:
        self.spec = spec
        self.index = index
        columns = {column.name: column for column in index.header.columns}
        chosen = [columns[name] for name in spec.columns]
        self._lead = lead_of(chosen)
        self._others = [column for column in chosen if column is not self._lead]
        self._names_known = any(column.kind is Kind.NAME for column in index.header.columns)

    def together(self, text: FoldedText, reading: Reading, looks: _Looks) -> Iterator[_Together]:
        """What stands together in one text, in order, apart. Raises Spent."""
        leads = sorted(self._hits(self._lead, reading, 0, len(text.octets), looks), key=_place)
        nearby = self._nearby(len(leads), text, reading, looks)
        done = 0
        for lead in leads:
            if lead.start < done:
                continue
            found = self._around(lead, text, nearby, looks)
            if found is not None:
                yield found
                done = found.end

    def _nearby(self, leads: int, text: FoldedText, reading: Reading, looks: _Looks) -> _Nearby:
        """Finds the values of another column in a stretch: where many ask, all of the text is read once for them."""
        if leads <= _FEW:
            return lambda column, low, high: list(self._hits(column, reading, low, high, looks))
        all_hits = {c.name: list(self._hits(c, reading, 0, len(text.octets), looks)) for c in self._others}
        for hits in all_hits.values():
            hits.sort(key=_place)
        starts = {name: [hit.start for hit in hits] for name, hits in all_hits.items()}

        def between(column: Column, low: int, high: int) -> list[_Hit]:
            first, last = (bisect_left(starts[column.name], place) for place in (low, high))
            return [hit for hit in all_hits[column.name][first:last] if hit.end <= high]

        return between

    def _around(self, lead: _Hit, text: FoldedText, nearby: _Nearby, looks: _Looks) -> _Together | None:
        within = self.spec.within
        low, high = text.window(lead.start, lead.end, within, within)
        near = []
        for column in self._others:
            near.append(nearby(column, low, high))
            if not near[-1]:
                return None
        for row in _shared(lead, near, looks):
            values = _apart(lead, near, row)
            start, end = min(v.start for v in values), max(v.end for v in values)
            if len(values) > len(near) and text.count(start, end) <= within:
                shared = zip((self._lead, *self._others), values, strict=True)
                chance = by_chance(self.index.header.rows, [(column.kind, len(v.rows)) for column, v in shared])
                return _Together(start, end, row, chance)
        return None

    def _hits(self, column: Column, reading: Reading, low: int, high: int, looks: _Looks) -> Iterator[_Hit]:
        known = reading.known.setdefault(column.name, {})
        for spot in self._spots(column, reading, low, high, looks):
            looks.take()
            rows = known.get(spot.form)
            if rows is None:
                number = self.index.hashes.of(column.kind, spot.form)
                rows = known[spot.form] = self.index.rows(column.name, number) if self.index.may_have(number) else ()
            if rows:
                yield _Hit(spot.start, spot.end, rows)

    def _spots(self, column: Column, reading: Reading, low: int, high: int, looks: _Looks) -> Iterable[Spot]:
        """Of whole names only those whose words are names, where the list knows its names one by one too."""
        if column.kind is Kind.ID:
            return reading.numbers(low, high, column.shortest, column.longest)
        if column.kind is not Kind.NAMES or not self._names_known:
            return reading.spots(column.kind, low, high)
        known: dict[str, bool] = {}

        def is_known(form: str) -> bool:
            if form not in known:
                looks.take()
                known[form] = self.index.may_have(self.index.hashes.of(Kind.NAME, form))
            return known[form]

        return reading.pairs(reading.words(low, high), is_known)


class ExactStage:
    """All detectors of lists."""

    def __init__(self, specs: Sequence[DetectorSpec], key: bytes, fingerprint_key: bytes) -> None:
        """Opens each index once. Raises SetupError."""
        self._fingerprint_key = fingerprint_key
        opened: dict[Path, Index] = {}
        self._detectors = [_Detector(spec, _opened(spec, key, opened)) for spec in specs]

    def detect(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]:
        """Same segments, same findings. A detector that had too much to look at is a failure too."""
        findings: list[Finding] = []
        failures: list[DetectorFailure] = []
        texts = [fold(segment.text) for segment in segments]
        for detector in self._detectors:
            most = min(detector.spec.enough or limits.findings, limits.findings)
            found, complete = self._of(detector, segments, texts, most)
            findings += found
            if not complete:
                failures.append(DetectorFailure(detector.spec.id, FailureKind.LIMIT))
        return findings, failures

    def _of(
        self, detector: _Detector, segments: Sequence[Segment], texts: Sequence[FoldedText], most: int
    ) -> tuple[list[Finding], bool]:
        """Up to `most`, and whether these are all, or enough."""
        looks, findings = _Looks(MOST_LOOKS), list[Finding]()
        try:
            for number, (segment, text) in enumerate(zip(segments, texts, strict=True)):
                reading = Reading(text.octets, detector.index.header.ways)
                for found in detector.together(text, reading, looks):
                    if len(findings) == most:
                        return findings, most == detector.spec.enough
                    findings.append(self._finding(detector, found, text, segment, number))
        except Spent:
            return findings, False
        return findings, True

    def _finding(
        self, detector: _Detector, found: _Together, text: FoldedText, segment: Segment, number: int
    ) -> Finding:
        spec, header = detector.spec, detector.index.header
        span = text.span(found.start, found.end)
        value = segment.text[span.start : span.end]
        confidence = min(confidence_of(found.chance), spec.confidence)
        rows, across = f"{Path(spec.index).stem} ({header.rows:,} rows)", text.count(found.start, found.end)
        return Finding(
            entity=spec.entity,
            groups=spec.groups,
            detector=spec.id,
            confidence=confidence,
            score=score(confidence, in_context=True, valid=True),
            part_path=segment.part_path,
            place=segment.place,
            segment=number,
            span=span,
            masked=mask(value, spec.mask),
            value=value,
            fingerprint=fingerprint(self._fingerprint_key, spec.entity, detector.index.person(found.row)),
            why=(f"{_listed(spec.columns)} of one row of {rows} within {across} characters", _odds(found.chance)),
        )


def check(specs: Sequence[DetectorSpec], key: bytes) -> None:
    """Open and read all that the specs name. Raises SetupError."""
    opened: dict[Path, Index] = {}
    for spec in specs:
        _opened(spec, key, opened)
    for spec in specs:
        try:
            check_body(Path(spec.file).parent / spec.index)
        except IndexRefused as refused:
            raise _unusable(spec, str(refused)) from None


def _unusable(spec: DetectorSpec, problem: str) -> SetupError:
    return SetupError(f"{spec.file}:{spec.line}:1: {spec.id}: the index {spec.index}: {problem}")


def _opened(spec: DetectorSpec, key: bytes, opened: dict[Path, Index]) -> Index:
    path = Path(spec.file).parent / spec.index
    if path not in opened:
        if not key:
            raise _unusable(spec, "it is of no use without the keyring that it was made with")
        try:
            opened[path] = Index(path, key)
        except IndexRefused as refused:
            raise _unusable(spec, str(refused)) from None
    index = opened[path]
    if missing := set(spec.columns) - {column.name for column in index.header.columns}:
        raise _unusable(spec, f"it has no column {', '.join(sorted(missing))}")
    return index


def _place(hit: _Hit) -> tuple[int, int]:
    """In order of the text; of those that begin together the longest first."""
    return hit.start, -hit.end


def _shared(lead: _Hit, near: Sequence[Sequence[_Hit]], looks: _Looks) -> Iterator[int]:
    """The rows that have the lead's value and, near it, one of each other column."""
    rows: Iterable[int] = lead.rows
    for hits in near:
        rows = _in_both(rows, hits, looks)
    yield from rows


def _in_both(rows: Iterable[int], hits: Sequence[_Hit], looks: _Looks) -> Iterator[int]:
    for row in rows:
        looks.take(len(hits))
        if any(_has(hit.rows, row) for hit in hits):
            yield row


def _apart(lead: _Hit, near: Sequence[Sequence[_Hit]], row: int) -> list[_Hit]:
    """The lead and the nearest of each other column; fewer where two columns would be one and the same word."""
    values = [lead]
    for hits in near:
        having = [h for h in hits if _has(h.rows, row) and all(h.end <= v.start or v.end <= h.start for v in values)]
        if not having:
            break
        values.append(min(having, key=lambda h: (max(h.start - lead.end, lead.start - h.end), h.start - h.end)))
    return values


def _has(rows: Sequence[int], row: int) -> bool:
    at = bisect_left(rows, row)
    return at < len(rows) and rows[at] == row


def by_chance(rows: int, values: Sequence[tuple[Kind, int]]) -> float:
    """How many rows of a list are expected to have the values of somebody who is not on it.

    `values`: for each its kind, and how many rows have it. How common a value is among people is what the other rows
    show of it, and where they are too few to show anything one in COMMON of its kind.
    """
    expected = float(rows)
    for kind, having in values:
        expected *= (having - 1 + min(1.0, rows / COMMON[kind])) / rows
    return expected


def confidence_of(chance: float) -> Confidence:
    if chance <= _SURE:
        return Confidence.HIGH
    return Confidence.MEDIUM if chance <= _LIKELY else Confidence.LOW


def _odds(chance: float) -> str:
    """In plain words: how surprising it would be if these values were not of somebody on the list."""
    if chance < 1:
        times = min(10 ** round(-log10(chance)), 10**9) if chance < _SURE else round(1 / chance)
        return f"values as common as these meet in a row by chance once in {times:,} such texts"
    return f"values as common as these are in {chance:.0f} rows by chance"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:-1]) + f" and {columns[-1]}" if len(columns) > 1 else columns[0]
