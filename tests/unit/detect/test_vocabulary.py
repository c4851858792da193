"""Words of lists and of context: which of them a text has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.detector import Context, DetectorSpec
from gateway.detect.context import context_search
from gateway.detect.text import folded
from gateway.detect.vocabulary import Vocabulary, gates_of

WORDS = (b"flu", b"crohn s", b"pressure")
CONTEXTS = ("mrn#", "d.o.b", "date of birth", "i've had", "médico", "soc. sec.", "ms.", "y/o", "icd-10")


def test_words_are_found_whole_and_with_their_signs() -> None:
    """Whatever stands around them, at both ends of a text, and not within longer words."""
    vocabulary = Vocabulary(WORDS)

    assert vocabulary.of(b"Flu, CROHN's;blood_PRESSURE") == set(WORDS)
    assert vocabulary.of(b"fluid crohn  s pressured") == set()
    assert Vocabulary(()).of(b"flu") == set()


@pytest.mark.parametrize("place", ["behind", "before", "across"])
def test_a_word_at_the_edge_of_a_block_is_found(place: str) -> None:
    """However it lies there: long texts are made plain piece by piece."""
    vocabulary = Vocabulary(WORDS)
    for shift in range(12):
        before = {"behind": 1 << 17, "before": (1 << 17) - 9, "across": (1 << 17) - 4}[place] - shift
        text = b"x" * (before - 1) + b" pressure " + b"y" * 1_000

        assert vocabulary.of(text) == {b"pressure"}


@given(st.lists(st.sampled_from([*CONTEXTS, "MRN", "birth", "_", " ", "\n", "'", "é", "."]), max_size=12).map("".join))
def test_wherever_context_words_stand_their_gate_is_open(written: str) -> None:
    """It may be open for more: the words of a phrase anywhere."""
    octets = folded(written).joined.octets
    gates = gates_of(dict(enumerate([word] for word in CONTEXTS)))
    open_ = gates.open(Vocabulary(gates.words).of(octets))

    for number, word in enumerate(CONTEXTS):
        search = context_search(Context(words=(word,)))
        assert search is not None
        assert number in open_ or not search.places(octets).starts


def test_every_shipped_context_word_opens_its_gate(shipped: tuple[DetectorSpec, ...]) -> None:
    """In capitals and with a line break in it."""
    words = sorted({word for spec in shipped for word in spec.context.words if word.isascii()})
    gates = gates_of(dict(enumerate([word] for word in words)))
    vocabulary = Vocabulary(gates.words)

    assert len(words) > 500
    for number, word in enumerate(words):
        text = f"_{re.sub(' ', chr(10), word).upper()}_"
        assert number in gates.open(vocabulary.of(folded(text).joined.octets))


def test_a_gate_of_signs_alone_is_always_open() -> None:
    """Nothing in plain text tells of them."""
    gates = gates_of({3: ["#"], 4: ["x"]})

    assert gates.words == {b"x"}
    assert gates.open(Vocabulary(gates.words).of(b"nothing")) == {3}
