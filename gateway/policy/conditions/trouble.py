"""Conditions about what could not be read, could be read in two ways, or went wrong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.core.facts import Facts
from gateway.core.finding import FailureKind
from gateway.core.message import AmbiguousReason, OpaqueReason
from gateway.core.message import Opaque as OpaquePart
from gateway.policy.conditions.base import Condition, Seen, Situation, count_of, one_of
from gateway.policy.conditions.parts import Globs, globs, size_text
from gateway.policy.kinds import Choice, ContentType, Size
from gateway.policy.settings import Form, Known, Many, Readings, Setting, values_of

ANY = "any"
OPAQUE_REASONS = tuple(reason.value for reason in OpaqueReason)
_AMBIGUOUS_REASONS = tuple(reason.value for reason in AmbiguousReason)
_FAILURE_KINDS = tuple(kind.value for kind in FailureKind)


def _wanted(value: str, wanted: tuple[str, ...]) -> bool:
    return ANY in wanted or value in wanted


def _tally(reasons: Iterable[str]) -> str:
    counted = sorted(Counter(reasons).items())
    return ", ".join(f"{number} {reason}" for reason, number in counted) or "none"


def _of(wanted: tuple[str, ...], lead: str) -> str:
    return "" if ANY in wanted else f" {lead}{one_of(wanted)}"


_ALL_READ = Seen(False, "none")


@dataclass(frozen=True, slots=True)
class Opaque(Condition):
    """Parts that could not be read, by reason.

    `except-type` leaves out parts of those content types up to `except-up-to` bytes as transferred; a part whose type
    is not known is never left out.
    """

    word: ClassVar[str] = "opaque"
    of_content: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "opaque",
        (
            Setting("reason", Many(Choice((ANY, *OPAQUE_REASONS), "a reason why a part is unread")), required=True),
            Setting("except-type", Many(ContentType())),
            Setting("except-up-to", Size()),
        ),
        shorthand="reason",
    )
    reason: tuple[str, ...]
    except_type: Globs | None = None
    except_up_to: int | None = None

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        values = values_of(readings)
        types = values.get("except_type")
        return cls(values["reason"], globs(types) if types else None, values.get("except_up_to"))

    @property
    def english(self) -> str:
        but = f", other than {one_of(self.except_type.written)}" if self.except_type else ""
        small = f" up to {size_text(self.except_up_to)}" if but and self.except_up_to is not None else ""
        return f"a part could not be read{_of(self.reason, 'because of ')}{but}{small}"

    def evaluate(self, situation: Situation) -> Seen:
        if not situation.facts.opaque:
            return _ALL_READ
        unread = [part for part in situation.facts.opaque if _wanted(part.reason, self.reason)]
        counted = [part for part in unread if not self._is_excepted(part, situation.facts)]
        words = _tally(part.reason for part in counted)
        if len(counted) < len(unread):
            words += f"; {count_of(len(unread) - len(counted), 'part')} of harmless type left out"
        return Seen(bool(counted), words)

    def _is_excepted(self, part: OpaquePart, facts: Facts) -> bool:
        if self.except_type is None:
            return False
        described = [attached for attached in facts.attachments if attached.part_path == part.part_path]
        most = self.except_up_to
        return bool(described) and all(
            self.except_type.fit(attached.content_type) and (most is None or attached.size <= most)
            for attached in described
        )


@dataclass(frozen=True, slots=True)
class Ambiguous(Condition):
    """Parts that two programs could read differently."""

    word: ClassVar[str] = "ambiguous"
    of_content: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "ambiguous",
        (Setting("reason", Many(Choice((ANY, *_AMBIGUOUS_REASONS), "an ambiguity")), required=True),),
        shorthand="reason",
    )
    reason: tuple[str, ...]

    @property
    def english(self) -> str:
        return f"a part can be read in two ways{_of(self.reason, 'because of ')}"

    def evaluate(self, situation: Situation) -> Seen:
        reasons = [part.reason for part in situation.facts.ambiguous if _wanted(part.reason, self.reason)]
        return Seen(bool(reasons), _tally(reasons))


@dataclass(frozen=True, slots=True)
class Coverage(Condition):
    """Whether every byte of every part was read, as the coverage ledger has it. A harmless picture counts as unread."""

    word: ClassVar[str] = "coverage"
    of_content: ClassVar[bool] = True
    of_detection: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "coverage", (Setting("is", Choice(("complete", "partial"), "a coverage"), required=True),), shorthand="is"
    )
    complete: bool

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(values_of(readings)["is"] == "complete")

    @property
    def english(self) -> str:
        return "every part was read to its end" if self.complete else "not every part was read to its end"

    def evaluate(self, situation: Situation) -> Seen:
        facts = situation.facts
        partial = {line.part_path for line in facts.ledger if not line.complete}
        partial |= {part.part_path for part in facts.opaque}
        complete = bool(facts.ledger) and not partial and not facts.failures
        words = f"{count_of(len(partial), 'part')} not or only partly read" if partial else "every part read"
        return Seen(complete is self.complete, words if facts.ledger else "nothing was read")


@dataclass(frozen=True, slots=True)
class Failure(Condition):
    """A detector, or the whole inspection, that did not finish."""

    word: ClassVar[str] = "failure"
    of_content: ClassVar[bool] = True
    of_detection: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "failure",
        (Setting("kind", Many(Choice((ANY, *_FAILURE_KINDS), "a kind of failure")), required=True),),
        shorthand="kind",
    )
    kind: tuple[str, ...]

    @property
    def english(self) -> str:
        return f"the inspection did not finish{_of(self.kind, 'because of ')}"

    def evaluate(self, situation: Situation) -> Seen:
        kinds = [failure.kind for failure in situation.facts.failures if _wanted(failure.kind, self.kind)]
        return Seen(bool(kinds), _tally(kinds))
