"""From what is known about a value to a confidence and a score."""

from dataclasses import dataclass

from gateway.core.detector import Confidence, Pattern

_BASE = {Confidence.LOW: 0.65, Confidence.MEDIUM: 0.75, Confidence.HIGH: 0.85}
_CEILING = {Confidence.LOW: 0.74, Confidence.MEDIUM: 0.84, Confidence.HIGH: 0.95}
_BONUS = 0.05


@dataclass(frozen=True, slots=True)
class Grade:
    confidence: Confidence
    score: float


def grade(pattern: Pattern, *, in_context: bool, valid: bool | None) -> Grade | None:
    """What a value is worth in its situation; None: silent. `valid` None: nothing could check it."""
    if valid is False:
        confidence = pattern.invalid_with_context if in_context else pattern.invalid_alone
    else:
        confidence = pattern.with_context if in_context else pattern.alone
    if confidence is None:
        return None
    return Grade(confidence, score(confidence, in_context=in_context, valid=valid))


def stated(confidence: Confidence, *, in_context: bool, valid: bool | None) -> str:
    """Which of a detector's levels it was, in plain words."""
    situation = "with context words" if in_context else "without context words"
    return (
        f"{confidence.word}: what the detector says of one {situation}{', though not valid' if valid is False else ''}"
    )


def score(confidence: Confidence, *, in_context: bool = False, valid: bool | None = None) -> float:
    """0.65, 0.75 or 0.85, and 0.05 more for context and for a valid check, without reaching the next level.

    Monotone: a higher confidence always scores higher, and evidence never lowers a score.
    """
    bonus = _BONUS * (in_context + (valid is True))
    return round(min(_BASE[confidence] + bonus, _CEILING[confidence]), 2)
