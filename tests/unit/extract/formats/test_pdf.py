"""PDF."""

import zlib

import pytest

from gateway.extract.ocr import READER
from tests.makers.found import Attached
from tests.makers.pdf import FONT, START, document, line, page, stream, updated
from tests.makers.pictures import drawn

SECRET = "SSN 219-09-9999"
OCTAL = "".join(f"\\{ord(sign):03o}" for sign in SECRET)
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


def test_file_that_hangs_on_a_note_is_read(attached: Attached) -> None:
    """It is in no list of the document's files."""
    note = "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 7 0 R >>"
    specification = "<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F 8 0 R >> >>"
    more = (note, specification, stream(SECRET.encode(), "/Type /EmbeddedFile"))
    found = attached(page(line("See the note."), "/Annots [6 0 R]", more=more))

    assert SECRET in found.text
    assert "a.txt" in found.names


def test_address_behind_a_link_is_read(attached: Attached) -> None:
    """What is shown for it says nothing of it."""
    link = (
        "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://x.example/?ssn=219-09-9999) >> >>"
    )

    assert "ssn=219-09-9999" in attached(page(line("here"), "/Annots [6 0 R]", more=(link,))).text


def test_words_around_the_document_are_read(attached: Attached) -> None:
    """Programs skip them, and whoever looks into the file does not."""
    octets = page(line("hello there"))

    assert SECRET in attached(SECRET.encode() + b"\n" + octets).text
    assert SECRET in attached(octets + SECRET.encode()).text


def test_page_that_is_not_counted_is_read(attached: Attached) -> None:
    """Both engines believe the count, but one can be asked for more. Files cut out of others have such pages, too."""
    octets = document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 1 >>",
            f"{START} /Resources << /Font << /F1 5 0 R >> >> >>",
            stream(line("hello there").encode()),
            FONT,
            f"{START.replace('4 0 R', '7 0 R')} /Resources << /Font << /F1 5 0 R >> >> >>",
            stream(line(SECRET).encode()),
        ]
    )
    found = attached(octets)

    assert SECRET in found.text
    assert found.reasons == []


@eyes
@pytest.mark.parametrize("extra", ["", "/Rotate 90"])
def test_small_picture_beside_text_is_read(attached: Attached, extra: str) -> None:
    """130 by 16 points on a full page of text, which may be turned."""
    image = drawn(SECRET, (400, 110)).convert("L")
    picture = stream(
        image.tobytes(),
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceGray "
        "/BitsPerComponent 8",
    )
    words = line("Enclosed you find what we talked about.")
    content = f"{words} q 130 0 0 36 72 500 cm /I Do Q"
    resources = "/Resources << /Font << /F1 5 0 R >> /XObject << /I 6 0 R >> >>"
    octets = document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"{START} {resources} {extra} >>",
            stream(content.encode()),
            FONT,
            picture,
        ]
    )

    assert "219-09-9999" in attached(octets).text


def test_stream_that_unpacks_to_more_than_the_limit_is_named_before_an_engine_has_it(attached: Attached) -> None:
    """Deflated once or in several layers; a page that says it is a picture is measured, too."""
    blank = b" " * 20_000_000
    once = zlib.compress(blank, 9)
    for data, filters in ((once, "/FlateDecode"), (zlib.compress(once, 9), "/FlateDecode /FlateDecode")):
        made = document(
            [
                "<< /Type /Catalog /Pages 2 0 R >>",
                "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                f"{START} >>",
                stream(data, f"/Filter [{filters}]"),
            ]
        )
        found = attached(made)
        assert (found.reasons, found.visible.strip()) == (["limit-ratio"], "")


def test_more_pages_than_the_limit_are_named_and_the_first_are_read(attached: Attached) -> None:
    """The second engine, whose time grows with the square of their number, is not asked."""
    kids = " ".join(["3 0 R"] * 1_001)
    made = page(line(SECRET)).replace(b"/Kids [3 0 R] /Count 1", f"/Kids [{kids}] /Count 1001".encode())
    found = attached(made)

    assert SECRET in found.text
    assert "limit-pages" in found.reasons


@pytest.mark.parametrize(
    ("extra", "more"),
    [
        ("", [stream(zlib.compress(line(SECRET).encode()), "/Filter /FlateDecode")]),
        ("", [f"<< /S /JavaScript /JS <{SECRET.encode().hex()}> >>"]),
        ("", [f"<< /S /Figure /Alt <feff{SECRET.encode('utf-16-be').hex()}> >>"]),
        ("", [f"<< /S /Figure /Alt ({OCTAL}) >>"]),
        ("", [f"<< /S /Figure /Alt (\\8\\9{SECRET}) >>"]),
        (
            "/AF [6 0 R]",
            ["<< /Type /Filespec /F (a) /EF << /F 7 0 R >> >>", stream(SECRET.encode(), "/Type /EmbeddedFile")],
        ),
    ],
    ids=["a page", "a script", "a description", "an escaped one", "a needless escape", "an associated file"],
)
def test_what_no_engine_comes_upon_is_read(attached: Attached, extra: str, more: list[bytes | str]) -> None:
    """Strings of objects in whatever form, and streams."""
    assert SECRET in attached(page(line("hello"), extra, more=more)).text
