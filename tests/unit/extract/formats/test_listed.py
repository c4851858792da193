"""Numbers of lists, results of fields and values of forms that no text of a document has."""

import pytest

from gateway.extract.formats.listed import lists_of
from tests.evasion.tricks.listed import field, item, level, numbered, open_list, open_text, slide
from tests.makers.found import Attached
from tests.makers.office import W, docx, paragraph


def test_items_count_on_from_where_their_list_begins(attached: Attached) -> None:
    """Deeper levels begin again below each."""
    levels = level(0, 7, "%1.") + level(1, 3, "%1.%2)")
    found = attached(numbered(levels, item(0, "a") + item(1, "b") + item(1, "c") + item(0, "d") + item(1, "e")))

    assert "7.a\n7.3)b\n7.4)c\n8.d\n8.3)e" in found.text


def test_a_list_that_begins_at_one_gives_no_other_text(attached: Attached) -> None:
    """Nearly every document has one."""
    found = attached(numbered(level(0, 1, "%1."), item(0, "The order") * 2))

    assert found.text.count("The order") == 2


def test_a_list_has_as_many_levels_as_programs_know() -> None:
    """Thousands of lists may stand on one, and each has levels of its own."""
    levels = "".join(level(place, 7, "%1") for place in range(1_000))
    override = '<w:lvlOverride w:ilvl="99"><w:startOverride w:val="2"/></w:lvlOverride>'
    number = f'<w:num w:numId="1"><w:abstractNumId w:val="0"/>{override}</w:num>'
    part = f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>{number}</w:numbering>'

    assert sorted(lists_of([("numbering", part.encode())]).levels["1"]) == list(range(10))


def test_paragraphs_around_an_item_are_none(attached: Attached) -> None:
    """Its number stands before it once, however deep it lies."""
    found = attached(numbered(level(0, 219, "%1"), f"<w:p><w:p>{item(0, '-09')}</w:p></w:p>"))

    assert ("219-09" in found.text, "220" in found.text) == (True, False)


def test_a_level_without_a_list_says_nothing(attached: Attached) -> None:
    """Documents name lists that they do not have."""
    found = attached(numbered(level(0, 7, "%1-%9"), item(5, "a") + item(0, "b")))

    assert "7-1b" in found.text


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("SYMBOL 50", "2"),
        ('QUOTE "21" 57', "219"),
        ("SEQ part \\r 219", "219"),
        ("QUOTE 99999", ""),
        ("SYMBOL x", ""),
        ("SEQ part", ""),
        ("DATE 50", ""),
    ],
)
def test_a_field_shows_what_it_asks_for(attached: Attached, instruction: str, said: str) -> None:
    """Where the file has no result for it."""
    found = attached(field(instruction, 'QUOTE "7 end"'))

    assert f"\n{said}7 end" in found.text


def test_paragraphs_of_a_slide_count_on(attached: Attached) -> None:
    """Each begins at the same number."""
    one = '<a:pPr><a:buAutoNum type="arabicPlain" startAt="219"/></a:pPr><a:r><a:t>-a</a:t></a:r>'
    found = attached(slide(one, one))

    assert "219-a\n220-a" in found.text


def test_lists_of_open_document_have_words_around_their_numbers(attached: Attached) -> None:
    """And begin where their style or an item says."""
    style = 'style:num-format="1" style:num-prefix="A 1-" style:num-suffix=")"'
    found = attached(open_list(style, "x", 'text:start-value="7"'))

    assert "A 1-7)x" in found.text


def test_lists_of_a_document_that_are_too_many_are_no_burden(attached: Attached) -> None:
    """Anybody writes a file."""
    levels = "".join(f'<w:lvl w:ilvl="{n}"><w:start w:val="9999999999999"/></w:lvl>' for n in range(2_000))
    found = attached(numbered(levels + level(0, 2, "%1" * 500), item(0, "a") * 30_000))

    assert len(found.text) < 8_000_000


def test_values_of_forms_stand_in_their_places(attached: Attached) -> None:
    """Beside the words around them."""
    box = '<w:sdt><w:listItem w:displayText="12 b" w:value="1"/></w:sdt>'
    found = attached(docx(paragraph("a") + box))

    assert "a\n12 b" in found.text


def test_a_broken_list_is_read_as_far_as_it_goes(attached: Attached) -> None:
    """Ends without beginnings, levels that are no numbers."""
    found = attached(open_text('<text:list-item text:start-value="7"><text:p>a</text:p></text:list-item>'))

    assert "7a" in found.text
