"""PDF."""

import pytest

from gateway.extract.ocr import READER
from tests.makers.found import Attached
from tests.makers.pdf import line, page, stream, updated
from tests.makers.pictures import drawn

SECRET = "SSN 219-09-9999"
eyes = pytest.mark.skipif(not READER.is_ready, reason="tesseract's language data are not installed")


def test_text_of_a_page_is_read(attached: Attached) -> None:
    """Whatever the name says."""
    found = attached(page(line(SECRET)), name="holiday.jpg")

    assert SECRET in found.visible
    assert (found.reasons, found.readers) == ([], {"fields", "pdf"})


@pytest.mark.parametrize(
    ("content", "extra"),
    [
        (line(SECRET, more="3 Tr"), ""),
        (line(SECRET, more="1 1 1 rg"), ""),
        (line(SECRET, x=-400, y=2000), ""),
        (line(SECRET), "/CropBox [0 0 50 50]"),
        (line("219-09-", y=700) + line("9999 is the SSN 219-09-9999", y=680), ""),
    ],
)
def test_text_that_nobody_sees_is_read(attached: Attached, content: str, extra: str) -> None:
    """Invisible, white, off the page, cropped."""
    assert "219-09-9999" in attached(page(content, extra)).text


def test_notes_and_fields_are_read(attached: Attached) -> None:
    """The words of a note, the value of a field."""
    note = f"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents ({SECRET}) >>"
    field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (who) /V (MRN 4482913) /Rect [0 0 9 9] >>"
    made = page(line("hi"), "/Annots [6 0 R 7 0 R]", "/AcroForm << /Fields [7 0 R] >>", [note, field])
    found = attached(made)

    assert (SECRET in found.text, "MRN 4482913" in found.text) == (True, True)


def test_embedded_file_is_read(attached: Attached) -> None:
    """By its own reader, under its own name."""
    made = page(
        line("hi"),
        root_extra="/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>",
        more=[
            "<< /Type /Filespec /F (jones.csv) /UF (jones.csv) /EF << /F 7 0 R >> >>",
            stream(SECRET.encode(), "/Type /EmbeddedFile"),
        ],
    )
    found = attached(made)

    assert SECRET in found.text
    assert "jones.csv" in found.names


def test_earlier_revision_is_read(attached: Attached) -> None:
    """What was painted over is still in the file."""
    made = updated(page(line(SECRET)), 4, stream(line("nothing here").encode()))
    found = attached(made)

    assert "nothing here" in found.visible
    assert SECRET in found.text


@eyes
def test_page_without_text_is_read_as_a_picture(attached: Attached) -> None:
    """A scan."""
    image = drawn("SSN 219-09-9999", (800, 200))
    made = page(
        "q 400 0 0 100 50 600 cm /I Do Q",
        "/Resources << /XObject << /I 6 0 R >> >>",
        more=[
            stream(
                image.convert("L").tobytes(),
                "/Type /XObject /Subtype /Image /Width 800 /Height 200 /ColorSpace /DeviceGray /BitsPerComponent 8",
            )
        ],
    )

    assert "219-09-9999" in attached(made).visible


def test_damaged_document_is_named(attached: Attached) -> None:
    """Neither engine opens it."""
    assert attached(b"%PDF-1.7\n1 0 obj <<").reasons == ["damaged"]
