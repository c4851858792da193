"""Compound files: old Word, Excel, PowerPoint, Outlook; RTF; winmail.dat."""

import io
import struct

import olefile
import pytest

from gateway.extract.formats.compound import compound as one_stream
from tests.makers.found import Attached
from tests.makers.office import docx, paragraph, zipped
from tests.makers.ole import compound, doc, msg, native, ppt, tnef, xls
from tests.makers.pictures import png

SECRET = "SSN 219-09-9999"


def test_word_document_is_read_over_all_its_pieces(attached: Attached) -> None:
    """Pieces of one and of two octets a character."""
    found = attached(compound(doc("Dear Ann,\rSSN 219-09-9999 and œuvre\x07next cell\r")))

    assert "Dear Ann,\nSSN 219-09-9999 and œuvre\tnext cell\n" in found.visible
    assert found.reasons == []


def test_sheet_and_slides_are_read(attached: Attached) -> None:
    """Cells between tabs; atoms of text."""
    sheet = attached(compound(xls("MRN of Ann", 4482913.0)))

    assert "MRN of Ann\t4482913" in sheet.visible
    assert (sheet.reasons, SECRET in attached(compound(ppt(SECRET))).visible) == ([], True)


def test_sheet_in_a_container_that_goes_in_circles_is_read(attached: Attached) -> None:
    """The directory's sector is followed by itself: a library that follows it takes all the memory there is."""
    octets = bytearray(compound(xls("MRN of Ann", 4482913.0)))
    table, directory = (struct.unpack_from("<I", octets, at)[0] for at in (76, 48))
    struct.pack_into("<I", octets, 512 * (table + 1) + 4 * directory, directory)

    assert "MRN of Ann\t4482913" in attached(bytes(octets)).visible


def test_sheet_inside_a_document_is_read_by_its_cells(attached: Attached) -> None:
    """As one that is a file of its own."""
    inside = {f"ObjectPool/_1/{name}": octets for name, octets in xls("MRN of Ann", 4482913.0).items()}

    assert "MRN of Ann\t4482913" in attached(compound(doc("Dear Ann") | inside)).visible


def test_a_file_of_one_stream_is_one_for_others_too() -> None:
    """Short, a whole number of sectors, and more than one table tells of."""
    for size in (1, 4096, 4097, 5 << 20):
        stream = bytes(range(1, 256)) * (size // 255 + 1)
        with olefile.OleFileIO(io.BytesIO(one_stream("Workbook", stream[:size]))) as container:
            assert container.openstream("workbook").read().rstrip(b"\0") == stream[:size]
            assert container.parsing_issues == []


@pytest.mark.parametrize(
    "streams",
    [
        doc(SECRET, flags=0x0100),
        xls("x", 1.0, locked=True),
        {"EncryptionInfo": b"x" * 40, "EncryptedPackage": b"y" * 400},
        {**ppt("x"), "EncryptedSummary": b"x"},
    ],
)
def test_document_under_a_password_is_named(attached: Attached, streams: dict[str, bytes]) -> None:
    """Each kind says so in its own way."""
    assert attached(compound(streams)).reasons == ["encrypted-document"]


def test_message_of_outlook_is_read_with_its_files(attached: Attached) -> None:
    """Subject, body, the name of the file and what is in it."""
    found = attached(compound(msg("Papers", SECRET, "smith.zip", zipped({"a.txt": "MRN 4482913"}))))

    assert ("Papers" in found.visible, SECRET in found.visible, "MRN 4482913" in found.visible) == (True, True, True)
    assert "smith.zip" in found.names
    assert found.reasons == []


def test_message_within_a_message_of_outlook_is_read(attached: Attached) -> None:
    """A storage inside the one of the attachment."""
    inner = {f"__attach_version1.0_#00000000/__substg1.0_3701000D/{name}": o for name, o in msg("s", SECRET).items()}

    assert SECRET in attached(compound(msg("outer", "x") | inner)).visible


def test_object_embedded_in_a_message_of_outlook_is_read(attached: Attached) -> None:
    """It stands where a message within the message would (attach method 6, [MS-OXCMSG] 2.2.2.9)."""
    place = "__attach_version1.0_#00000000/__substg1.0_3701000D"

    assert SECRET in attached(compound(msg("outer", "x") | {f"{place}/Package": docx(paragraph(SECRET))})).text
    found = attached(compound(msg("outer", "x") | {f"{place}/\x01Ole10Native": native("a.txt", SECRET.encode())}))
    assert SECRET in found.text


def test_packed_file_and_pictures_of_a_document_are_read(attached: Attached) -> None:
    """An object of the shell, a picture between other octets."""
    streams = doc("x") | {
        "ObjectPool/_1/\x01Ole10Native": native("jones.txt", SECRET.encode()),
        "Data": b"\0" * 80 + png("x", comment="MRN 4482913"),
    }
    found = attached(compound(streams))

    assert (SECRET in found.text, "MRN 4482913" in found.text, "jones.txt" in found.names) == (True, True, True)


def test_source_of_macros_is_read(attached: Attached) -> None:
    """Compressed as [MS-OVBA] has it; here one chunk of plain octets."""
    source = b'Attribute VB_Name = "A"\r\n\' ' + SECRET.encode()
    chunk = b"".join(b"\0" + source[at : at + 8] for at in range(0, len(source), 8))
    module = b"\x01" + struct.pack("<H", 0xB000 | len(chunk) - 1) + chunk

    assert SECRET in attached(compound({"VBA/Module1": b"noise" * 4 + module, "PROJECT": b"x"})).text


def test_compound_file_of_nobody_is_named(attached: Attached) -> None:
    """What words it has are read."""
    found = attached(compound({"Something": SECRET.encode() + bytes(600)}))

    assert found.reasons == ["unsupported-format"]
    assert SECRET in found.text


@pytest.mark.parametrize(
    "rtf",
    [
        rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 SSN 219-{\b 09}-9999\par}",
        rb"{\rtf1 SSN 219-\'30\'39-9999}",
        b"{\\rtf1 SSN 21\r\n9-09-99\n99}",
        rb"{\rtf1\uc1 SSN \u50?19-09-9999}",
        rb"{\rtf1 SSN 219-{\v x}09-9999}",
        rb"{\rtf1 x{\*\unheard SSN 219-09-9999}}",
        rb"{\rtf1 x{\info{\title SSN 219-09-9999}}}",
        b"  {\\rtf SSN 219-09-9999",
        rb"{\rtf1{\pict\pngblip 00}{\bin5 SSN }SSN 219-09-9999}",
    ],
)
def test_rich_text_is_read_as_it_shows(attached: Attached, rtf: bytes) -> None:
    """Whatever stands between its digits; with what it hides."""
    found = attached(rtf)

    assert SECRET in found.text
    assert "Arial" not in found.text


def test_object_of_rich_text_is_read(attached: Attached) -> None:
    """Hexadecimal digits of a packed file."""
    inside = native("a.txt", SECRET.encode())
    ole1 = struct.pack("<II", 0x501, 2) + struct.pack("<I", 8) + b"Package\0" + bytes(8) + inside
    found = attached(rb"{\rtf1 x{\object\objemb{\*\objdata " + ole1.hex().encode() + rb"}}}")

    assert (SECRET in found.text, found.reasons) == (True, [])


def test_raw_octets_of_rich_text_are_a_file(attached: Attached) -> None:
    """A picture need not be written in hexadecimal digits."""
    picture = png("x", comment=SECRET)
    found = attached(b"{\\rtf1 x{\\pict\\pngblip\\bin%d %b}}" % (len(picture), picture))

    assert SECRET in found.text


def test_winmail_is_read_with_its_files(attached: Attached) -> None:
    """Its body is a property, its file an attribute."""
    found = attached(tnef("Body words", "jones.txt", SECRET.encode()))

    assert ("Body words" in found.visible, SECRET in found.visible) == (True, True)
    assert ("jones.txt" in found.names, found.reasons) == (True, [])


def test_cut_winmail_is_named(attached: Attached) -> None:
    """What is whole is read."""
    found = attached(tnef(SECRET, "a", b"x" * 900)[:-200])

    assert (SECRET in found.visible, found.reasons) == (True, ["damaged"])
