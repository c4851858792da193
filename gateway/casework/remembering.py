"""What detecting found in the messages of cases, remembered from one run to the next.

A case that nobody changed is not searched again, and where none was, no engine is made at all: its model alone takes a
second. Verdicts are never remembered: they are what the rules say today. Values are not kept: they are in the text.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from gateway.core.detector import Confidence
from gateway.core.finding import Also, Detection, DetectorFailure, FailureKind, Finding, Mark
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect import Engine
from gateway.detect.database import Shelf

MOST = 2_000  # texts remembered of one engine


class Remembering:
    """An engine that is made when something new is to be searched. `digest`: of all that its findings depend on."""

    def __init__(self, make: Callable[[], Engine], digest: str, shelf: Shelf) -> None:
        self._make = make
        self._shelf = shelf
        self._name = f"found-{digest}"
        self._known = _read(shelf.get(self._name))
        self._used: dict[str, Any] = {}

    @cached_property
    def engine(self) -> Engine:
        return self._make()

    def detect(self, segments: Sequence[Segment], limits: Limits) -> Detection:
        """As the engine does."""
        key = _key(segments, limits)
        plain = self._known.get(key)
        found = None if plain is None else _detection(plain, segments)
        if found is None:
            found = self.engine.detect(segments, limits)
            plain = _plain(found, segments)
        if plain is not None:
            self._used[key] = plain
        return found

    def keep(self) -> None:
        """Put down what was found since, and what was not asked for as long as there is room."""
        if self._used.keys() <= self._known.keys():
            return
        rest = {key: plain for key, plain in self._known.items() if key not in self._used}
        room = max(0, MOST - len(self._used))
        self._known = {**dict(list(rest.items())[-room:] if room else ()), **self._used}
        self._shelf.put(self._name, json.dumps(self._known, separators=(",", ":")).encode())


def _read(octets: bytes | None) -> dict[str, Any]:
    try:
        known = json.loads(octets or b"{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _key(segments: Sequence[Segment], limits: Limits) -> str:
    total = sha256(repr(limits).encode())
    for segment in segments:
        octets = repr([getattr(segment, known.name) for known in fields(segment)]).encode("utf-8", "surrogatepass")
        total.update(f" {len(octets)} ".encode() + octets)
    return total.hexdigest()


def _plain(found: Detection, segments: Sequence[Segment]) -> dict[str, Any] | None:
    """As JSON can say it; None where a value is not the text that it stands for."""
    everything = (*found.findings, *found.echoes)
    if any(finding.value != _value(finding, segments) for finding in everything):
        return None
    return {
        "findings": [_plain_finding(finding) for finding in found.findings],
        "echoes": [_plain_finding(finding) for finding in found.echoes],
        "failures": [[failure.detector, failure.kind.value] for failure in found.failures],
    }


def _plain_finding(finding: Finding) -> dict[str, Any]:
    plain: dict[str, Any] = {
        known.name: getattr(finding, known.name) for known in fields(finding) if known.name != "value"
    }
    for name in ("groups", "marks"):
        plain[name] = sorted(plain[name])
    plain["also"] = [[other.entity, int(other.confidence), other.fingerprint] for other in finding.also]
    plain["confidence"], plain["span"] = int(finding.confidence), [finding.span.start, finding.span.end]
    return plain


def _detection(plain: dict[str, Any], segments: Sequence[Segment]) -> Detection | None:
    """None for what `_plain` did not write."""
    try:
        return Detection(
            findings=tuple(_finding(each, segments) for each in plain["findings"]),
            echoes=tuple(_finding(each, segments) for each in plain["echoes"]),
            failures=tuple(DetectorFailure(name, FailureKind(kind)) for name, kind in plain["failures"]),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def _finding(plain: dict[str, Any], segments: Sequence[Segment]) -> Finding:
    finding = Finding(
        **{
            **plain,
            "groups": frozenset(plain["groups"]),
            "marks": frozenset(map(Mark, plain["marks"])),
            "confidence": Confidence(plain["confidence"]),
            "place": Place(plain["place"]),
            "span": Span(*plain["span"]),
            "why": tuple(plain["why"]),
            "also": tuple(Also(name, Confidence(sure), digest) for name, sure, digest in plain["also"]),
        }
    )
    return replace(finding, value=_value(finding, segments))


def _value(finding: Finding, segments: Sequence[Segment]) -> str:
    return segments[finding.segment].text[finding.span.start : finding.span.end]
