"""Which of several findings at one place stay.

Of one entity, overlapping findings become one: the most confident, then the longest; of a name as much as the longest
of those that it is part of. Across entities, one run of
digits has one meaning: of overlapping findings with a digit in them the most confident stays, then a secret, then the
longest, then the entity named first in PRECEDENCE, then the one of more groups. A US_SSN or CREDIT_CARD gives way to
nothing but the other of the two, since a label beside it ("member id", "account") makes it no less what it is. Words
(names, health terms) overlap freely, but for a name that is no more than a guess and lies in an address. So does a
passage, which is of the group `passage`: it has no meaning of its digits.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Segment, Span, View
from gateway.detect.masking import normalised

PRECEDENCE = (
    "PRIVATE_KEY",
    "CREDIT_CARD",
    "US_SSN",
    "US_MBI",
    "US_NPI",
    "US_DEA",
    "DATE_OF_BIRTH",
    "ACCOUNT_NUMBER",
    "MEDICAL_RECORD_NUMBER",
    "HEALTH_PLAN_MEMBER_ID",
    "BIOMETRIC_ID",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "ICD10_CODE",
    "HEALTH_TERM",
    "GENERIC_SECRET",
)
PASSAGE = "passage"  # group of findings that are some sentences long
_FIRM = frozenset({"US_SSN", "CREDIT_CARD"})
_SECRETS = frozenset({"secret"})  # groups whose findings win over contacts and numbers
_ORDER = {entity: index for index, entity in enumerate(PRECEDENCE)}
_NUMBERS, _FIRM_NUMBERS = "<numbers>", "<firm>"  # lanes that are no entity: several entities share them
_ADDRESSES = "<addresses>"  # and of addresses that are more than a guess


def without_overlaps(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Those of one segment that stay, and those that give way. Best first wins; O(n log n)."""
    lanes: dict[str, list[tuple[int, int]]] = {}
    kept: list[Finding] = []
    overlapped: list[Finding] = []
    for finding in sorted(findings, key=_rank):
        if PASSAGE in finding.groups:
            kept.append(finding)
            continue
        number = any(map(str.isdigit, finding.value))
        asked = [finding.entity]
        if number:
            asked.append(_FIRM_NUMBERS if finding.entity in _FIRM else _NUMBERS)
        within = finding.entity == "PERSON" and finding.confidence is Confidence.LOW
        if within and _holds(lanes.get(_ADDRESSES, ()), finding.span):
            overlapped.append(finding)
            continue
        if any(_taken(lanes.get(lane, ()), finding.span) for lane in asked):
            overlapped.append(finding)
            if finding.entity == "PERSON" and (at := _part_of(kept, finding)) is not None:
                kept[at] = _as_long_as(finding, kept[at])
                _occupy(lanes, kept[at], number=number)
            continue
        kept.append(finding)
        _occupy(lanes, finding, number=number)
    return kept, overlapped


def without_repeats(findings: Sequence[Finding], segments: Sequence[Segment]) -> tuple[list[Finding], list[Finding]]:
    """The same value at the same origin, seen in the visible and in the whole text of a part, is one finding.

    The more confident of the two stays, the visible one where they are equal. The others are echoes.
    """
    if all(segment.view is View.VISIBLE for segment in segments):
        return list(findings), []
    best: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = _origin(finding, segments[finding.segment])
        other = best.get(key)
        if other is None or _better(finding, other, segments):
            best[key] = finding
    kept = set(map(id, best.values()))
    return list(best.values()), [finding for finding in findings if id(finding) not in kept]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By segment and place; the same for the same message, always."""
    return sorted(findings, key=lambda f: (f.segment, f.span.start, f.span.end, f.entity, f.detector))


def _rank(finding: Finding) -> tuple[object, ...]:
    length = finding.span.end - finding.span.start
    order = _ORDER.get(finding.entity, len(PRECEDENCE) - 1)
    return (
        -finding.confidence,
        not _SECRETS & finding.groups,
        finding.entity == "PERSON" and "patient-identifier" not in finding.groups,  # a patient before somebody longer
        -length,
        order,
        -len(finding.groups),  # a patient's phone number says more than a phone number
        -finding.score,
        finding.span.start,
        finding.detector,
    )


def _taken(lane: Sequence[tuple[int, int]], span: Span) -> bool:
    """Whether a lane, sorted and without overlaps, has something in this span."""
    index = bisect_left(lane, (span.end, -1))
    return index > 0 and lane[index - 1][1] > span.start


def _part_of(kept: Sequence[Finding], longer: Finding) -> int | None:
    """Which one of those that stay, a surer one, is part of this longer name."""
    inside = (
        index
        for index, finding in enumerate(kept)
        if finding.entity == longer.entity
        and longer.span.start <= finding.span.start
        and finding.span.end <= longer.span.end
    )
    return next(inside, None)


def _as_long_as(longer: Finding, surer: Finding) -> Finding:
    """The surer one, of the whole name."""
    return replace(surer, span=longer.span, masked=longer.masked, value=longer.value, fingerprint=longer.fingerprint)


def _holds(lane: Sequence[tuple[int, int]], span: Span) -> bool:
    """Whether one of a lane, sorted and without overlaps, has all of this span in it."""
    index = bisect_left(lane, (span.start + 1, -1)) - 1
    return index >= 0 and lane[index][1] >= span.end


def _occupy(lanes: dict[str, list[tuple[int, int]]], finding: Finding, *, number: bool) -> None:
    span = (finding.span.start, finding.span.end)
    names = [finding.entity]
    if number:
        names.append(_NUMBERS)
        if finding.entity in _FIRM:
            names.append(_FIRM_NUMBERS)
    if finding.entity == "STREET_ADDRESS" and finding.confidence > Confidence.LOW:
        names.append(_ADDRESSES)
    for name in names:
        lane = lanes.setdefault(name, [])
        if not _taken(lane, finding.span):
            insort(lane, span)


def _origin(finding: Finding, segment: Segment) -> tuple[object, ...]:
    spans = segment.origin(finding.span)
    place: tuple[object, ...] = (finding.segment, finding.span)  # made by us: nowhere else
    if spans:
        place = (spans[0].start, spans[-1].end)
    return (finding.part_path, finding.place, segment.header, finding.entity, normalised(finding.value), place)


def _better(finding: Finding, other: Finding, segments: Sequence[Segment]) -> bool:
    def merit(f: Finding) -> tuple[float, bool, int]:
        return (f.score, segments[f.segment].view is View.VISIBLE, -f.segment)

    return merit(finding) > merit(other)
