"""Office documents that are ZIP archives of XML."""

import pytest

from tests.makers.found import Attached
from tests.makers.office import cell, docx, odf, paragraph, pptx, sheet, xlsx

NUMBER = "219-09-9999"


def test_number_in_several_runs_is_one_number(attached: Attached) -> None:
    """Formatting in the middle of a word splits it into runs."""
    found = attached(docx(paragraph("SSN 219-", "<w:r><w:rPr><w:b/></w:rPr><w:t>09</w:t></w:r>", "-9999")))

    assert "SSN 219-09-9999" in found.visible
    assert found.reasons == []


def test_deleted_and_hidden_text_stands_in_the_other_view(attached: Attached) -> None:
    """What a reader sees is whole without it, and it is read all the same."""
    gone = "<w:del><w:r><w:delText>old MRN 77</w:delText></w:r></w:del>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>"
    found = attached(docx(paragraph("219-", hidden, "09-9999", gone)))

    assert "219-09-9999" in found.visible
    assert "old MRN 77" not in found.visible
    assert "old MRN 77" in found.text


@pytest.mark.parametrize("part", ["word__comments_xml", "word__header1_xml", "word__footnotes_xml", "any__where_xml"])
def test_no_part_is_left_out(attached: Attached, part: str) -> None:
    """Comments, headers, notes, and what the document does not even refer to."""
    found = attached(docx(paragraph("hello"), **{part: f"<x><t>{NUMBER}</t></x>"}))

    assert NUMBER in found.text


@pytest.mark.parametrize(
    "inside",
    [
        f"<w:t><![CDATA[SSN {NUMBER}]]></w:t>",
        f"<w:t>SSN {NUMBER} ></w:t>",
        f"<w:t>></w:t><w:t>> SSN {NUMBER}</w:t>",
        f"<!-- SSN {NUMBER} -->",
        f"<?note SSN {NUMBER}?>",
    ],
    ids=["section", "raw sign", "two raw signs", "comment", "instruction"],
)
def test_text_in_other_forms_of_xml_is_text(attached: Attached, inside: str) -> None:
    """A part without text between its tags is not parsed: what counts as text must not be missed."""
    assert NUMBER in attached(docx("<w:p/>", word__footer1_xml=f'<x xmlns:w="w">{inside}</x>')).text


@pytest.mark.parametrize("decoy", ["<!--<worksheet >-->", "<!--<sst >-->", "<?a <sst >?>"])
def test_a_root_in_a_comment_is_no_root(attached: Attached, decoy: str) -> None:
    """The reader of sheets would look for cells alone."""
    part = f'{decoy}<w:ftr xmlns:w="w"><w:p><w:r><w:t>SSN {NUMBER}</w:t></w:r></w:p></w:ftr>'

    assert NUMBER in attached(docx("<w:p/>", word__footer1_xml=part)).text


def test_words_in_attributes_are_read_and_style_names_are_not(attached: Attached) -> None:
    """The text behind a picture, the address behind a link."""
    found = attached(
        docx(
            '<w:p><wp:docPr xmlns:wp="w" id="1" name="Picture 1" descr="scan of SSN 219-09-9999"/></w:p>',
            word__styles_xml='<w:styles xmlns:w="w"><w:style w:name="Table Grid Light"/></w:styles>',
        )
    )

    assert NUMBER in found.text
    assert "Table Grid" not in found.text


def test_cells_keep_apart_and_headings_go_with_their_columns(attached: Attached) -> None:
    """Rows are lines, cells between tabs; a column's heading stands beside each value in a second view."""
    rows = [
        cell("A1", "Name") + cell("B1", "MRN"),
        cell("A2", "0", "s") + cell("B2", "4482913", "n"),
        cell("A3", "1", "s") + cell("B3", "4482914", "n"),
    ]
    found = attached(xlsx([sheet(rows)], strings=["Ann", "Bo"], state="veryHidden"))

    assert "Name\tMRN\nAnn\t4482913\nBo\t4482914" in found.visible
    assert "MRN: 4482914" in found.text


def test_numbers_show_as_their_format_shows_them(attached: Attached) -> None:
    """A date is a count of days, a social security number nine digits with a mask."""
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="000\\-00\\-0000"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs>'
    )
    row = cell("A1", "22345", "n", 1) + cell("B1", "219099999", "n", 2) + cell("D1", "2.19099999E8", "n")
    found = attached(xlsx([sheet([row])], styles=styles))

    assert "03/05/1961\t219-09-9999\t\t219099999" in found.visible


def test_string_that_no_cell_shows_any_more_is_read(attached: Attached) -> None:
    """It is still in the file."""
    assert NUMBER in attached(xlsx([sheet([cell("A1", "0", "s")])], strings=["shown", NUMBER])).text


def test_notes_of_a_slide_are_read(attached: Attached) -> None:
    """Slides and what the speaker says to them."""
    found = attached(pptx("Quarter", notes=NUMBER))

    assert ("Quarter" in found.visible, NUMBER in found.visible) == (True, True)


def test_open_document_is_read_with_its_repeated_cells(attached: Attached) -> None:
    """Tabs for empty cells that one element stands for."""
    table = (
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="2"/>'
        "<table:table-cell><text:p>219-<text:span>09</text:span>-9999</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )

    assert f"a\t\t\t{NUMBER}" in attached(odf(table, "spreadsheet")).visible.replace(" ", "")


def test_encrypted_open_document_is_named(attached: Attached) -> None:
    """Its manifest says so."""
    manifest = '<manifest:manifest xmlns:manifest="m"><manifest:encryption-data/></manifest:manifest>'

    assert attached(odf("x", manifest=manifest)).reasons == ["encrypted-document"]


def test_entity_of_a_document_is_not_expanded(attached: Attached) -> None:
    """An office document has no DTD; one that has is damaged."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x><t>&b;</t></x>'
    found = attached(docx(paragraph("hello"), word__x_xml=bomb))

    assert found.reasons == ["damaged"]
    assert "aaaa" not in found.visible


@pytest.mark.parametrize("part", ["word/fonts/x.ttf", "word/fonts/font1.odttf", "word/printerSettings1.bin"])
def test_a_name_of_a_font_hides_nothing(attached: Attached, part: str) -> None:
    """Another document under it is a document; words in it are words."""
    assert NUMBER in attached(docx("<w:p/>", **{part: docx(paragraph(f"SSN {NUMBER}"))})).text
    assert NUMBER in attached(docx("<w:p/>", **{part: f"SSN {NUMBER}".encode()})).text
