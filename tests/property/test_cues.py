"""What is asked first may say yes too often, never no too often."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.names import animals, gate

WORDS = (
    "patient",
    "Pts",
    "DOC",
    "er",
    "ward",
    "bed ٣",
    "room 12",
    "y/o",
    "year-old",
    "ſymptoms",
    "meds",
    "x-ray",
    "icu",
    "ｄｒ",
)
PIECES = st.sampled_from(WORDS) | st.text(alphabet=" -/.éß̈'_0٣aZ\n", max_size=4)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_text_with_a_cue_is_never_passed_over(text: str) -> None:
    """The points are those that the cue words alone would give."""
    assert gate.points(text, ()) == sorted(cue.span() for cue in gate.CUE.finditer(text))


SIGNS = (
    "DVM",
    "veterinarian",
    "heartworm",
    "neutered",
    "your dog",
    "your é dog",
    "their Kittens",
    "rabies vaccin",
    "rabies vacciné",
    "ſpayed",
    "leaſh",
    "fur",
)
SIGN_PIECES = st.sampled_from(SIGNS) | st.text(alphabet=" -/.éß̈'_0ıİ\n", max_size=3)


@given(st.lists(SIGN_PIECES, max_size=6).map("".join))
def test_a_text_with_a_sign_of_an_animal_is_never_passed_over(text: str) -> None:
    """Nothing that the signs themselves would find is missed by the quick look before them."""
    assert animals._SIGNS.search(text) is None or animals._SOME_SIGN.search(text.encode())


def test_ordinary_text_is_passed_over() -> None:
    """Else the quick look spares nothing."""
    text = b"Please ask the desk for Saskia's desk key; skis stand in the kitchen."

    assert gate._SOME_CUE.search(text) is None
    assert animals._SOME_SIGN.search(text) is None
