"""Lines that a program broke are read as one, those that a person ended are not, and offsets come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.text import fold
from gateway.detect.wrapped import LONGEST, SHORTEST, unwrapped

LONG = "nobody had been in the quiet garden for a long time and"


@pytest.mark.parametrize("end", ["\n", "\r\n", " \r\n", "\r\n> ", "\n>> > "])
def test_a_line_that_was_full_goes_on(end: str) -> None:
    """With LF or CRLF, flowed, and behind quote marks of the same depth."""
    marks = end.lstrip(" \r\n")

    assert unwrapped(f"{marks}{LONG}{end}the house")[0] == f"{marks}{LONG} the house"


@pytest.mark.parametrize(
    "text",
    [
        f"{'x' * (SHORTEST - 1)}\nthe house",
        f"{'x' * (LONGEST + 1)}\nthe house",
        f"{LONG}\n\nthe house",
        f"{LONG}\n  the house",
        f"{LONG}\n- the house",
        f"{LONG}\n2. the house",
        f"{LONG}\n-- \nJo",
        f"{LONG}\n----",
        f"{LONG}\nname\tnumber",
        f"{LONG} | cell\nthe house",
        f"{LONG}\n> the house",
        f"> {LONG}\nthe house",
        f"> {LONG}\n>> the house",
        f"> {LONG}\n>",
    ],
)
def test_a_line_that_somebody_ended_stays(text: str) -> None:
    """Short and endless lines, paragraphs, indentation, lists, signatures, rows and other depths of quotes."""
    assert unwrapped(text) == (text, ())


PIECES = st.sampled_from(["é", "\u200b", "> ", "\r\n", "\n", " ", "a word ", "x" * 30, "1", "- ", "\t", "🙂"])


@given(st.lists(PIECES, max_size=60).map("".join))
def test_every_character_leads_back_and_none_is_lost(text: str) -> None:
    """A space stands for a break; all else is where it was."""
    folded = fold(text, join=True)
    plain = folded.octets.decode()
    starts = [len(plain[:index].encode()) for index in range(len(plain))]
    spans = [folded.span(start, start + len(char.encode())) for start, char in zip(starts, plain, strict=True)]

    assert spans == sorted(spans, key=lambda span: span.start)
    for span, char in zip(spans, plain, strict=True):
        original = text[span.start : span.end]
        assert fold(original).octets.decode() == char or (char == " " and original.isspace())
    assert _letters(plain) == _letters(fold(text).octets.decode())


def test_a_value_over_a_break_is_found_where_it_stands() -> None:
    """With the break and the quote marks in its span."""
    text = f"> {LONG} 4111\r\n> 1111 1111 1111 in it"
    folded = fold(text, join=True)
    start = folded.octets.index(b"4111 1111 1111 1111")

    span = folded.span(start, start + 19)
    assert text[span.start : span.end] == "4111\r\n> 1111 1111 1111"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize("length", [SHORTEST - 1, SHORTEST])
@pytest.mark.parametrize("letter", ["a", "é"])
def test_in_a_large_text_one_full_line_is_joined_as_in_a_small_one(length: int, letter: str) -> None:
    """A table whose rows are short is not looked at row by row; one line that had to end somewhere is found in it."""
    rows = "1;name;0.5\n" * 10_000
    line = (letter + "x" * (length - 1)) + "\nthe house"

    assert unwrapped(f"{rows}\n{line}")[0] == f"{rows}\n{unwrapped(line)[0]}"
    assert (unwrapped(line)[0] != line) == (length == SHORTEST)
