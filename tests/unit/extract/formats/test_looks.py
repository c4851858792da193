"""Pieces of numbers of another look, at another place, in a font of symbols."""

import pytest

from gateway.extract.formats.looks import without_looks
from gateway.extract.formats.placed import Placed, side_by_side
from gateway.extract.formats.symbols import digits_of
from tests.makers.found import Attached
from tests.makers.office import docx, paragraph
from tests.makers.pdf import line, page

NUMBER = "219-09-9999"
BOLD = "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r>"


def placed(*pieces: tuple[str, float, float]) -> list[Placed]:
    """Text, left edge and height on the page, each six wide for a letter."""
    return [Placed(text, left, left + 6 * len(text), top, 12) for text, left, top in pieces]


def test_a_piece_of_another_look_is_left_out_of_the_number() -> None:
    """Whatever the look is; the words before the line stay, since they give it a meaning."""
    said = without_looks(["SSN", "\n", "219-", "77", NUMBER[4:]], {3: "bold"})

    assert f"SSN\n{NUMBER}" in said


def test_plain_digits_between_those_of_a_look_are_left_out() -> None:
    """The decoy may be the only piece without a look."""
    assert NUMBER in without_looks(["219-", "77", NUMBER[4:]], {0: "black", 2: "black"})


@pytest.mark.parametrize(
    ("pieces", "looks"),
    [
        (["219-", "09", "-9999"], {}),
        (["219-", "09", "-9999"], {0: "b", 1: "b", 2: "b"}),
        (["call ", "555-0100", " on 12 May 2026"], {1: "b"}),
        (["room ", "7", " of ", "12"], {1: "b", 3: "b"}),
        (["219-", "\n", "77", "\n", "09-9999"], {2: "b"}),
    ],
    ids=["no look", "one look", "words around", "few digits", "other lines"],
)
def test_ordinary_lines_have_no_other_reading(pieces: list[str], looks: dict[int, str]) -> None:
    """Bold words among others cost a glance, no text."""
    assert without_looks(pieces, looks) == ""


def test_an_ordinary_document_is_read_once(attached: Attached) -> None:
    """Runs in bold, a number in pieces: one view says it all."""
    found = attached(docx(paragraph("The order of ", BOLD.format("12 May"), " is 219-", BOLD.format("09"), "-9999.")))

    assert found.text.count("The order of") == 1


def test_pieces_side_by_side_are_read_from_left_to_right() -> None:
    """Where the file has them in another order."""
    assert list(side_by_side(placed(("9999", 42, 0), ("219-", 0, 0), ("09-", 24, 1)), 0.7)) == [NUMBER]


@pytest.mark.parametrize(
    "pieces",
    [
        placed(("219-", 0, 0), ("09-", 24, 0), ("9999", 42, 0)),
        placed(("9999", 142, 0), ("219-", 0, 0), ("09-", 64, 0)),
        placed(("9999", 42, 0), ("219-", 0, 40), ("09-", 24, 80)),
        placed(("Nine", 42, 0), ("219-", 0, 0), ("09-", 24, 0)),
        placed(("99", 42, 0), ("219-", 0, 0), ("09-", 24, 0)),
    ],
    ids=["in order", "columns of a table", "lines of their own", "a word", "few digits"],
)
def test_pieces_that_make_no_new_number_say_nothing(pieces: list[Placed]) -> None:
    """Tables are full of numbers."""
    assert list(side_by_side(pieces, 0.7)) == []


def test_a_table_of_numbers_on_a_page_is_read_once(attached: Attached) -> None:
    """Columns apart stay apart, even where the last one is drawn first."""
    cells = (line(str(number), 400 - 80 * (number % 4), 700 - 20 * (number // 4)) for number in range(1_000, 1_040))
    found = attached(page("\n".join(cells)))

    assert found.text.count("1000") == 1


def test_only_fonts_of_symbols_change_letters() -> None:
    """The letter that is a digit in one of them is a letter in all others."""
    assert (digits_of("jk", "Wingdings 2"), digits_of("jk", "Arial"), digits_of("\uf081", "Wingdings")) == (
        "12",
        "jk",
        "1",
    )
