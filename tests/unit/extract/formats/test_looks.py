"""Pieces of numbers of another look, at another place, in a font of symbols."""

import time

import pytest

from gateway.extract.formats.looks import without_looks
from gateway.extract.formats.placed import Placed, side_by_side
from gateway.extract.formats.symbols import digits_of
from gateway.extract.formats.xmlread import parse_xml
from gateway.extract.formats.xmltext import _Reader, read_xml
from gateway.extract.formats.xmlwoven import Woven
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


WORDS = "Patient Martin has epilepsy"


@pytest.mark.parametrize("where", ["ascii", "cs", "eastAsia"])
def test_letters_in_a_font_of_symbols_are_read_as_letters_too(attached: Attached, where: str) -> None:
    """Word shows them in another font where that of symbols is named for other scripts, or is not there."""
    font = f'<w:r><w:rPr><w:rFonts w:hAnsi="Arial" w:{where}="Wingdings 2"/></w:rPr><w:t>{WORDS}</w:t></w:r>'
    found = attached(docx(paragraph(font)))

    assert (WORDS in found.visible, digits_of(WORDS, "Wingdings 2") in found.text) == (True, True)


def test_letters_of_rich_text_are_read_as_letters_too(attached: Attached) -> None:
    """The table may name a font of symbols that nobody shows, and the text itself may look like an entry."""
    found = attached(rb"{\rtf1{\fonttbl{\f0 Arial;}}\f0 Wingdings 2; " + WORDS.encode() + rb" caf\'e9}")

    assert f"{WORDS} caf\u00e9" in found.visible


RUN = rb"{\rtlch\fcs1 \af31507\afs22 \ltrch\fcs0 \f37\fs22\cf1\lang1033\langfe1033\langnp1033\insrsid12345678 it }"
TABLE = (
    rb"{\rtf1\ansi{\fonttbl{\f0\froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman;}"
    rb"{\f10\fnil\fcharset2\fprq2{\*\panose 05000000000000000000}Wingdings;}}"
)


def test_the_font_table_is_found_as_word_writes_it(attached: Attached) -> None:
    """Between number and name stands a group of its own."""
    found = attached(TABLE + rb"{\f10 \'82\'81\'89-\'80\'89-\'89\'89\'89\'89}}")

    assert NUMBER in found.text


@pytest.mark.parametrize(
    "body", [RUN * 2_000, rb"\f1" + (b"\\" + b"a" * 40) * 50, rb"\f1" * 20_000], ids=["Word", "words", "numbers"]
)
def test_looking_for_fonts_takes_time_as_the_text_is_long(attached: Attached, body: bytes) -> None:
    """Word writes many words of its own in front of each run."""
    start = time.process_time()
    attached(TABLE + body + b"}")

    assert time.process_time() - start < 5


def shapes_of(body: str) -> Woven:
    reader = _Reader("document")
    assert parse_xml(
        f'<document xmlns:a="a" xmlns:w="w">{body}</document>'.encode(), reader.start, reader.end, reader.text
    )
    return reader.woven


def test_a_shape_in_shapes_is_one_shape() -> None:
    """Else each of a thousand around a long text would keep a copy of it."""
    woven = shapes_of("<sp>" * 50 + '<a:off x="1" y="1"/>219-' + "</sp>" * 50)

    assert [shape.text for shape in woven.shapes] == ["219-"]


def test_spans_in_spans_look_different_and_cost_little() -> None:
    """However deep they are."""
    woven = shapes_of("".join(f'<span a="{n}">{n}' for n in range(1_000)) + "</span>" * 1_000)
    looks = list(woven.looks.values())

    assert (len(set(looks)), max(map(len, looks)) <= 200) == (1_000, True)


def test_a_style_of_many_words_costs_little() -> None:
    """It is read to its end: what comes last makes a look, too."""
    many = "".join(f'<w:x w:v="{n}"/>' for n in range(1_000))
    woven = shapes_of("".join(f'<r><rPr>{many}<w:color w:val="{n}"/></rPr><t>{n}</t></r>' for n in range(3)))
    looks = list(woven.looks.values())

    assert (len(set(looks)), max(map(len, looks)) <= 200) == (3, True)


def test_a_place_that_is_no_number_leaves_the_text_behind_it() -> None:
    """The rest of the part is read."""
    part = b'<p:sld xmlns:p="p" xmlns:a="a"><a:off x="--5" y="%s"/><a:t>after</a:t></p:sld>' % (b"9" * 5_000)

    assert any("after" in getattr(item, "text", "") for item in read_xml(part))
