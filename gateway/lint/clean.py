"""What rules, detectors and patterns do on clean mail."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from hashlib import sha256

from gateway.casework import Casework
from gateway.core.detector import Confidence
from gateway.core.envelope import Transaction
from gateway.core.message import Place
from gateway.detect.database import Shelf
from gateway.detect.made_of import engine_digest
from gateway.detect.patterns import CompiledPattern, compile_pattern
from gateway.detect.text import fold
from gateway.ruleset import RuleSet

LEAST_TIMED = 65_536  # bytes that a pattern is timed on: the clean texts, again and again
MOST_TIMED = 1_048_576
SHOWN = 3


@dataclass(frozen=True, slots=True)
class PatternRun:
    """One pattern of one detector on all clean text."""

    detector: str
    pattern: str
    values: int  # that its expression finds, before context and validator
    seconds_per_mib: float  # of processor time


@dataclass(frozen=True)
class CleanRun:
    """`spoke`: for each rule, the messages that it matched. `found`: in how many each detector found a value."""

    messages: int
    octets: int
    spoke: dict[str, list[str]] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)
    patterns: tuple[PatternRun, ...] = ()


def run_clean(casework: Casework, messages: Iterable[Transaction], memory: Shelf | None = None) -> CleanRun:
    """Judge every message, and try every pattern on its texts by itself.

    `memory`: where it is remembered what patterns did on the same texts; unchanged detectors are not timed again.
    """
    spoke: dict[str, list[str]] = {}
    found: Counter[str] = Counter()
    texts: list[bytes] = []
    number = 0
    for message in messages:
        number += 1
        for hit in casework.verdict_of(message).hits:
            spoke.setdefault(hit.rule, []).append(message.incident)
        reading = casework.read(message)
        found.update(
            {
                finding.detector
                for finding in reading.detection.findings
                if finding.confidence >= Confidence.MEDIUM and finding.place in (Place.BODY, Place.SUBJECT)
            }
        )
        texts.extend(fold(segment.text).octets for segment in reading.content.segments)
    octets = b"\n".join(texts)
    return CleanRun(number, len(octets), spoke, found, _timed(casework.ruleset, octets, memory))


def _timed(ruleset: RuleSet, octets: bytes, memory: Shelf | None) -> tuple[PatternRun, ...]:
    """As `_patterns`, or what it said of exactly these texts, detectors and libraries."""
    if memory is None:
        return _patterns(ruleset, octets)
    name = f"timed-{engine_digest(ruleset.detectors, sha256(octets).hexdigest())}"
    runs = _read(memory.get(name))
    if runs is None:
        runs = _patterns(ruleset, octets)
        memory.put(name, json.dumps([astuple(run) for run in runs]).encode())
    return runs


def _read(octets: bytes | None) -> tuple[PatternRun, ...] | None:
    """None for what `_timed` did not write."""
    try:
        return tuple(
            PatternRun(str(detector), str(pattern), int(values), float(seconds))
            for detector, pattern, values, seconds in json.loads(octets or b"null")
        )
    except (TypeError, ValueError):
        return None


def _patterns(ruleset: RuleSet, octets: bytes) -> tuple[PatternRun, ...]:
    if not octets:
        return ()
    runs = []
    for spec in ruleset.detectors:
        for pattern in spec.patterns:
            compiled = compile_pattern(pattern)
            found = list(compiled.spans(octets))
            runs.append(PatternRun(spec.id, pattern.name, len(found), _seconds(compiled, octets, found)))
    return tuple(runs)


def _seconds(pattern: CompiledPattern, octets: bytes, found: Iterable[tuple[int, int]]) -> float:
    """Processor time that searching a MiB takes where there is nothing to find: a busy machine makes nothing slow."""
    blank = bytearray(octets)
    for start, end in found:
        blank[start:end] = b" " * (end - start)
    text = bytes(blank[:MOST_TIMED]) * max(1, -(-LEAST_TIMED // len(blank)))
    begun = time.thread_time()
    for _ in pattern.spans(text):
        pass
    return (time.thread_time() - begun) * (1 << 20) / len(text)
