"""Numbers that were found as one kind, under the name of the kind that they are."""

from collections.abc import Sequence, Set
from dataclasses import replace

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.detect.judging import Candidate
from gateway.detect.kind.telling import KINDS, kinds
from gateway.detect.masking import fingerprint
from gateway.detect.text import FoldedText

_ALL = frozenset(KINDS)
_MOST = 500  # numbers of one text that are asked about; a longer list keeps the names it was found under
Found = tuple[Candidate, Finding]


def called_right(
    stay: Sequence[Finding], found: Sequence[Found], text: FoldedText, known: Set[str], key: bytes
) -> list[Finding]:
    """The findings of one text in the same order, each under its right name, by the detector that found it.

    `found`: with what they were made of; `known`: entities that any detector states, or nothing is called otherwise.
    """
    if not known >= _ALL:
        return list(stay)
    asked = {id(f): c for c, f in found if f.entity in KINDS and f.confidence < Confidence.HIGH and not c.of_lines}
    right: list[Finding] = []
    left = _MOST
    for finding in stay:
        candidate = asked.get(id(finding)) if left else None
        if candidate is not None:
            left -= 1
            finding = _called(finding, candidate, text, key)
        right.append(finding)
    return right


def _called(finding: Finding, candidate: Candidate, text: FoldedText, key: bytes) -> Finding:
    told = kinds().other(finding.entity, finding.confidence, text, candidate.start, candidate.end)
    if told is None:
        return finding
    digest = fingerprint(key, told.entity, text.text(candidate.start, candidate.end))
    return replace(finding, entity=told.entity, fingerprint=digest, why=(*finding.why, told.why))
