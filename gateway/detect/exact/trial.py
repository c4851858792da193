"""Trying a text against an index, for people who set one up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.errors import SetupError
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect.exact.columns import LEADS, lead_of, refusals
from gateway.detect.exact.index import Column, read_header
from gateway.detect.exact.kinds import Kind
from gateway.detect.exact.stage import ExactStage


@dataclass(frozen=True, slots=True)
class Trial:
    """Values of these columns of one row at [start, end), in code points."""

    columns: tuple[str, ...]
    start: int
    end: int
    confidence: str
    why: tuple[str, ...]


def trials(index: Path, key: bytes, asked: Sequence[str], within: int, text: str) -> Iterator[Trial]:
    """What a detector for these columns would find; without columns, what one for any two would. Raises SetupError."""
    header = read_header(index)
    for problem, remedy in refusals(header, asked) if asked else ():
        raise SetupError(f"--columns: {problem}: {remedy}")
    pairs = [pair for pair in combinations(header.columns, 2) if lead_of(pair).kind in LEADS and _are_two(pair)]
    for columns in [tuple(asked)] if asked else [tuple(column.name for column in pair) for pair in pairs]:
        spec = DetectorSpec(
            id="test",
            entity="TEST",
            title="",
            groups=frozenset(),
            engine="exact",
            index=str(index.absolute()),
            columns=columns,
            within=within,
            confidence=Confidence.HIGH,
        )
        found, _ = ExactStage([spec], key, b"").detect([Segment("1", Place.BODY, text)], Limits())
        for finding in found:
            yield Trial(columns, finding.span.start, finding.span.end, finding.confidence.word, finding.why)


def _are_two(pair: tuple[Column, Column]) -> bool:
    """A whole name and half of it are one thing."""
    return {column.kind for column in pair} != {Kind.NAMES, Kind.NAME}
