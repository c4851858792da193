"""Plain words."""

import pytest

from gateway.actions.redact import Obstacle
from gateway.actions.settle import NO_ENCRYPTION, NOT_INSPECTED, NOT_REMOVED
from gateway.actions.words import AMBIGUOUS, OBSTACLES, OPAQUE, entity_words, obstacle_words, unread_words
from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Ambiguity, AmbiguousReason, Content, Opaque, OpaqueReason, Place, Span


def finding(entity: str, confidence: Confidence = Confidence.HIGH) -> Finding:
    return Finding(entity, frozenset(), "d", confidence, 0.9, "1", Place.BODY, 0, Span(0, 1), "*", "secret-value")


def test_every_closed_list_has_words() -> None:
    """A new reason without words would stop a notice."""
    assert set(OPAQUE) == set(OpaqueReason)
    assert set(AMBIGUOUS) == set(AmbiguousReason)
    assert set(OBSTACLES) == {*Obstacle, NO_ENCRYPTION, NOT_INSPECTED, NOT_REMOVED}


@pytest.mark.parametrize(
    ("entity", "words"),
    [("US_SSN", "Social Security number"), ("CLINIC_BADGE_ID", "clinic badge id")],
)
def test_entities_in_words(entity: str, words: str) -> None:
    """An entity of the customer's own is readable too."""
    assert entity_words(entity) == words


def test_reasons_once_each() -> None:
    """Ten locked archives are one reason."""
    locked = Opaque("1.2", OpaqueReason.ENCRYPTED_ARCHIVE)
    content = Content((), (locked, locked), (Ambiguity("1", AmbiguousReason.BOUNDARY),))

    assert unread_words(content) == ("a password-protected archive", "it is not clear where a part ends")
    assert obstacle_words([Obstacle.FILENAME, Obstacle.FILENAME]) == ("the data stands in the name of a file",)
