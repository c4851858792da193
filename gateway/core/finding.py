"""What detecting states. Facts only: a rule decides what they mean."""

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.detector import Confidence
from gateway.core.message import Place, Span

# Kinds of numbers that stand for one another: which of them one is, the words around it say, whoever found it.
NUMBERS = ("MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_MEMBER_ID", "HEALTH_REFERENCE_NUMBER")


def names_of(entity: str) -> frozenset[str]:
    """What a value may be called that a detector of this entity finds."""
    return frozenset(NUMBERS if entity in NUMBERS else [entity])


class Mark(StrEnum):
    """How health content is meant, as far as the words around it tell."""

    NEGATED = "negated"
    FAMILY = "family"
    HYPOTHETICAL = "hypothetical"


@dataclass(frozen=True, slots=True)
class Also:
    """A second name of a value whose kind is nearly even, less sure than the first; its own fingerprint under it."""

    entity: str
    confidence: Confidence
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One value found.

    `segment` is the index of its segment in `Content.segments`; `span` counts code points of that segment's text.
    `value` is protected data: it never leaves the worker but for `--reveal`. `why` tells, in plain words and
    without the value, which pattern, context and validator made it. `also`: what else it may be. It remains one value
    at one place; only who asks for that name finds it by it.
    """

    entity: str
    groups: frozenset[str]
    detector: str
    confidence: Confidence
    score: float
    part_path: str
    place: Place
    segment: int
    span: Span
    masked: str
    value: str = field(repr=False, default="")
    fingerprint: str = ""
    why: tuple[str, ...] = ()
    marks: frozenset[Mark] = frozenset()  # of health content
    row: int = 0  # line of its text, of a table too, that it begins in
    paragraph: int = 0  # of its text
    also: tuple[Also, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All that it may be called."""
        return frozenset([self.entity, *(other.entity for other in self.also)])

    @property
    def bare(self) -> "Finding":
        """Without the value. Not by `replace`, which costs a message with many findings half a millisecond."""
        return Finding(
            self.entity,
            self.groups,
            self.detector,
            self.confidence,
            self.score,
            self.part_path,
            self.place,
            self.segment,
            self.span,
            self.masked,
            "",
            self.fingerprint,
            self.why,
            self.marks,
            self.row,
            self.paragraph,
            self.also,
        )


class FailureKind(StrEnum):
    """How an inspection, or a part of one, failed because of the message."""

    TIMEOUT = "timeout"
    CRASH = "crash"
    MEMORY = "memory"
    LIMIT = "limit"
    ERROR = "error"

    @property
    def words(self) -> str:
        """What goes after the detector's name, for people."""
        return _FAILED[self]


_FAILED = {
    FailureKind.TIMEOUT: "ran out of time",
    FailureKind.CRASH: "crashed",
    FailureKind.MEMORY: "ran out of memory",
    FailureKind.LIMIT: "met a limit",
    FailureKind.ERROR: "could not do it",
}


@dataclass(frozen=True, slots=True)
class DetectorFailure:
    """A detector, or the whole inspection (`detector` "inspection"), did not finish. A fact the policy decides on."""

    detector: str
    kind: FailureKind


class Depth(StrEnum):
    """How much of what there is was looked for."""

    ALL = "all"
    ENOUGH = "enough"  # of some kinds more values than were found could change nothing
    FIRST = "first"  # of long texts no more than what rules need first, and it was not there


@dataclass(frozen=True, slots=True)
class Detection:
    """`echoes`: findings again, in another reading of what they were found in; for what stands near them there.

    `overlapped`: what gave way to a finding at its place. No fact about the message, but it may reach further
    than what stayed.
    """

    findings: tuple[Finding, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()
    echoes: tuple[Finding, ...] = ()
    spent: frozenset[str] = frozenset()  # detectors that stopped at a limit, also where that is no failure
    depth: Depth = Depth.ALL
    overlapped: tuple[Finding, ...] = ()
