"""What is asked first may say yes too often, never no too often."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.names import gate

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
