"""What every process keeps of the rules for months takes little memory, and is the same."""

import pickle

import pytest

from gateway.core.detector import DetectorSpec, Words
from gateway.detect.database import Compiled, Expression, Occurrences, adopt, compiled

LONG = tuple(f"term {number}" for number in range(1_000))


def test_a_long_list_is_one_text_and_says_the_same() -> None:
    """In order, by number, and as the digest of the rules has it."""
    spec = DetectorSpec("x", "X", "x", frozenset(), lexicon_terms=LONG)

    words = spec.lexicon_terms

    assert isinstance(words, Words)
    assert (tuple(words), len(words), words[7], words[:2]) == (LONG, 1_000, "term 7", ["term 0", "term 1"])
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert DetectorSpec.read(spec.octets) == spec


@pytest.mark.parametrize("terms", [LONG[:3], (*LONG, "two\nlines")])
def test_a_short_list_or_one_with_line_feeds_stays_as_it_is(terms: tuple[str, ...]) -> None:
    """No word is torn in two."""
    assert DetectorSpec("x", "X", "x", frozenset(), lexicon_terms=terms).lexicon_terms == terms


def test_a_squeezed_database_answers_as_before() -> None:
    """Squeezed twice it is the same as once."""
    expressions = [Expression(b"squeezed[0-9]{4}"), Expression(b"never there")]
    Occurrences(expressions)
    (key, whole) = list(compiled().items())[-1]
    small = whole.squeezed
    adopt({key: small})

    assert len(small.octets) < len(whole.octets)
    assert (small.squeezed, small.database, Compiled.unpacked(small.packed)) == (small, whole.octets, whole)
    assert Occurrences(expressions).of(b"a squeezed1234 text") == [0]
    assert compiled()[key] == small
