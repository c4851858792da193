"""Numbers that were found as one kind, under the name of the kind that they are.

A message writes the numbers of one house alike. So those that are written like one another (the same letters in front,
the same groups of digits) have a say in what each is called.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from gateway.core.detector import Confidence
from gateway.core.finding import Also, Finding
from gateway.core.message import Span
from gateway.detect.judging import Candidate
from gateway.detect.kind.telling import KINDS, NOTHING, Three, Weighed, also, kinds, plus, says, told
from gateway.detect.masking import fingerprint
from gateway.detect.text import FoldedText

_ALL = frozenset(KINDS)
_MOST = 500  # numbers of one text that are asked about; a longer list keeps the names it was found under
_ALIKE = 0.5  # of what speaks for a kind in a number written alike
_SURE = 400.0  # hundredths, for the kind of one that is found with high confidence
_DIGITS = re.compile(r"\d")
Found = tuple[Candidate, Finding]


def called_right(
    stay: Sequence[Finding], found: Sequence[Found], text: FoldedText, known: Set[str], key: bytes
) -> list[Finding]:
    """The findings of one text in the same order, each under its right name, by the detector that found it, and with
    the other names that it may have where kinds are nearly as likely.

    `found`: with what they were made of; `known`: entities that any detector states, or nothing is called otherwise.
    """
    if not known >= _ALL:
        return list(stay)
    of = {id(f): c for c, f in found if f.entity in KINDS and not c.of_lines}
    weighed: dict[int, Weighed] = {}
    alike: dict[str, dict[Span, Three]] = {}
    for finding in stay:
        candidate = of.get(id(finding))
        if candidate is None:
            continue
        if finding.confidence is Confidence.HIGH:
            alike.setdefault(_written(finding), {}).setdefault(finding.span, _centred(says(finding.entity, _SURE)))
        elif len(weighed) < _MOST and (one := kinds().weighed(finding.entity, text, candidate.start, candidate.end)):
            weighed[id(finding)] = one
            alike.setdefault(_written(finding), {}).setdefault(finding.span, _centred(one.sums))
    sums = {written: _sum(places) for written, places in alike.items()}
    return [
        _called(f, of[id(f)], one, _others(f, sums, alike), text, key) if (one := weighed.get(id(f))) else f
        for f in stay
    ]


def _called(
    finding: Finding, candidate: Candidate, weighed: Weighed, alike: Three, text: FoldedText, key: bytes
) -> Finding:
    value = text.text(candidate.start, candidate.end)
    if rather := told(finding.entity, weighed, alike):
        digest = fingerprint(key, rather.entity, value)
        finding = replace(finding, entity=rather.entity, fingerprint=digest, why=(*finding.why, rather.why))
    if others := also(finding.entity, weighed, alike):
        less = Confidence(max(finding.confidence - 1, Confidence.LOW))
        named = tuple(Also(other.entity, less, fingerprint(key, other.entity, value)) for other in others)
        finding = replace(finding, also=named, why=(*finding.why, *(other.why for other in others)))
    return finding


def _others(finding: Finding, sums: Mapping[str, Three], alike: Mapping[str, Mapping[Span, Three]]) -> Three:
    """What the numbers written like this one, at other places, say."""
    written = _written(finding)
    others = plus(sums[written], alike[written][finding.span], -1)
    return plus(NOTHING, others, _ALIKE)


def _written(finding: Finding) -> str:
    return _DIGITS.sub("9", finding.value)


def _sum(places: Mapping[Span, Three]) -> Three:
    every = NOTHING
    for three in places.values():
        every = plus(every, three)
    return every


def _centred(three: Three) -> Three:
    mean = sum(three) / 3
    return three[0] - mean, three[1] - mean, three[2] - mean
