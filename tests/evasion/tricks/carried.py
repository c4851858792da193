"""Files and corners of files for the tricks in carriers.py."""

import binascii
import gzip
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path

from tests.evasion.tricks.base import (
    HTML,
    LINE,
    NUMBER,
    b64,
    mail,
    part,
    parts,
)
from tests.makers.office import zipped
from tests.makers.pdf import document, line, page, stream
from tests.makers.pictures import drawn, png, saved

WORDS = f"SSN {NUMBER}"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="60">{}</svg>'


def database() -> bytes:
    """A file of SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with sqlite3.connect(path) as base:
            base.execute("CREATE TABLE intake (line TEXT)")
            base.execute("INSERT INTO intake VALUES (?)", (LINE,))
        base.close()
        octets = bytearray(path.read_bytes())
    octets[96:100] = b"\0\0\0\0"  # the version that wrote it
    return bytes(octets)


def associated() -> bytes:
    """A file that only /AF of the page names."""
    return page(
        line("See the file"),
        "/AF [6 0 R]",
        more=[
            "<< /Type /Filespec /F (a.csv) /UF (a.csv) /AFRelationship /Data /EF << /F 7 0 R >> >>",
            stream(zlib.compress(LINE.encode()), "/Type /EmbeddedFile /Filter /FlateDecode"),
        ],
    )


def unlabelled_file() -> bytes:
    """A file of a PDF that does not call itself one."""
    return page(
        line("See the file"),
        "/AF [6 0 R]",
        more=["<< /Type /Filespec /F (a) /EF << /F 7 0 R >> >>", stream(zipped({"a.txt": LINE}))],
    )


def orphan() -> bytes:
    """A page that nothing refers to."""
    return page(line("hello"), more=[stream(zlib.compress(line(LINE).encode()), "/Filter /FlateDecode")])


def actual_text() -> bytes:
    """The text for those who cannot see."""
    return page(f"/Span << /ActualText ({LINE}) >> BDC {line('hello')} EMC")


def alternative() -> bytes:
    return page(
        line("hello"), root_extra=f"/StructTreeRoot << /Type /StructTreeRoot /K << /S /Figure /Alt ({LINE}) >> >>"
    )


def pdf_script() -> bytes:
    return page(line("hello"), root_extra=f"/OpenAction << /S /JavaScript /JS (app.alert\\('{LINE}'\\)) >>")


def layer() -> bytes:
    """Text of a layer that is switched off."""
    return page(
        f"/OC /A BDC {line(WORDS)} EMC",
        "/Resources << /Font << /F1 5 0 R >> /Properties << /A 6 0 R >> >>",
        "/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>",
        ["<< /Type /OCG /Name (x) >>"],
    )


def spaced() -> bytes:
    """A number whose digits are placed far apart in the file and side by side on the page."""
    shown = "".join(
        f"BT /F1 12 Tf {72 + 7 * at} 700 Td ({sign}) Tj ET\n" for at, sign in reversed(list(enumerate(WORDS)))
    )
    return page(shown)


def deflated_ascii85() -> bytes:
    from base64 import a85encode

    data = a85encode(zlib.compress(line(WORDS).encode())) + b"~>"
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            stream(data, "/Filter [/ASCII85Decode /FlateDecode]"),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def shortcut() -> bytes:
    """A link of Windows with its arguments (MS-SHLLINK)."""
    words = f"/c echo {LINE}"
    head = struct.pack("<I16sI", 0x4C, bytes.fromhex("0114020000000000c000000000000046"), 0x20 | 0x80) + bytes(52)
    return head + struct.pack("<H", len(words)) + words.encode("utf-16-le")


def mht() -> bytes:
    return mail(
        parts(part(f"<p>{LINE}</p>", HTML, "Content-Location: http://x.example/")),
        'Content-Type: multipart/related; boundary="b1"',
    )


def parquet() -> bytes:
    """As much of the format as tells it: its marks, and a page of plain strings."""
    return (
        b"PAR1" + bytes(20) + struct.pack("<I", len(LINE)) + LINE.encode() + bytes(40) + struct.pack("<I", 40) + b"PAR1"
    )


def avro() -> bytes:
    return b"Obj\x01\x04\x14avro.codec\x08null\x00" + bytes(16) + bytes([2, 2 * len(LINE)]) + LINE.encode()


def pickled() -> bytes:
    return b"\x80\x04\x95" + struct.pack("<Q", len(LINE) + 4) + b"\x8c" + bytes([len(LINE)]) + LINE.encode() + b"\x94."


def gif_comment() -> bytes:
    whole = saved(drawn("hello"), "GIF")
    place = whole.rindex(b";")
    return whole[:place] + b"\x21\xfe" + bytes([len(LINE)]) + LINE.encode() + b"\0;"


def jpeg_segment(marker: int, data: bytes) -> bytes:
    whole = saved(drawn("hello"), "JPEG")
    return whole[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + whole[2:]


def png_chunk(kind: bytes, data: bytes) -> bytes:
    whole = png("hello")
    made = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return whole[:33] + made + whole[33:]


def iptc() -> bytes:
    """A caption in IPTC."""
    record = b"\x1c\x02\x78" + struct.pack(">H", len(LINE)) + LINE.encode()
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
    return jpeg_segment(0xED, b"Photoshop 3.0\0" + block)


def turned(angle: int) -> bytes:
    from PIL import Image

    image = drawn(WORDS).rotate(angle, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    return saved(image)


def large() -> bytes:
    """Words of an ordinary size on a very large sheet."""
    image = drawn("", (6000, 5000))
    image.paste(drawn(WORDS), (2000, 3000))
    return saved(image.convert("L"))


def uu(octets: str | bytes) -> str:
    data = octets.encode() if isinstance(octets, str) else octets
    lines = [binascii.b2a_uu(data[at : at + 45]).decode() for at in range(0, len(data), 45)]
    return "begin 644 a.bin\n" + "".join(lines) + "`\nend"


def wav() -> bytes:
    """A sound with a comment."""
    words = LINE.encode() + b"\0"
    words += b"\0" * (len(words) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(words)) + words
    body = (
        b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 4) + b"\x80" * 4
    )
    body += b"LIST" + struct.pack("<I", len(info)) + info
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3() -> bytes:
    frame = b"TIT2" + struct.pack(">I", len(LINE) + 1) + b"\0\0\x03" + LINE.encode()
    return b"ID3\x03\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 127]) + frame + b"\xff\xfb\x90\0" * 50


def pages() -> bytes:
    """A document of Apple's Pages: its text is packed by Snappy in an archive of its own."""
    words = LINE.encode()
    snappy = bytes([len(words), (len(words) - 1) << 2 if len(words) <= 60 else 60 << 2]) + (
        b"" if len(words) <= 60 else bytes([len(words) - 1])
    )
    block = snappy + words
    iwa = b"\0" + len(block).to_bytes(3, "little") + block
    return zipped({"Index/Document.iwa": iwa, "Metadata/Properties.plist": b"bplist00"}, method=zipfile.ZIP_STORED)


def tar_long_name() -> bytes:
    """A tar whose entry has a name of the POSIX kind, in a header of its own."""
    import io
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.pax_headers = {"comment": LINE}
        archive.addfile(entry)
    return target.getvalue()


def symlink(words: str) -> bytes:
    """A link whose target is the message."""
    import io
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("a")
        entry.type, entry.linkname = tarfile.SYMTYPE, words
        archive.addfile(entry)
    return target.getvalue()


def folder_name(words: str) -> bytes:
    import io
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(words)
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
    return target.getvalue()


def zip_extra() -> bytes:
    """Words in the extra field of an entry."""
    import io

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("a.txt")
        entry.extra = struct.pack("<HH", 0x4242, len(LINE)) + LINE.encode()
        archive.writestr(entry, "x")
    return target.getvalue()


def zip_entry_comment() -> bytes:
    import io

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("a.txt")
        entry.comment = LINE.encode()
        archive.writestr(entry, "x")
    return target.getvalue()


def gzip_field(flag: int) -> bytes:
    """Words in the name or the comment of gzip."""
    whole = gzip.compress(b"hello", mtime=0)
    return whole[:3] + bytes([flag]) + whole[4:10] + LINE.encode("latin-1") + b"\0" + whole[10:]


def deep(words: str, layers: int) -> str:
    for _ in range(layers):
        words = b64(words) + "\n"
    return words


def reference(words: str) -> str:
    return "".join(f"&#{ord(sign)};" for sign in words)


CALENDAR = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n{}\nEND:VEVENT\nEND:VCALENDAR"
CARD = "BEGIN:VCARD\nVERSION:3.0\nN:Ann\n{}\nEND:VCARD"
CHART = '<c:chartSpace xmlns:c="c"><c:v>{}</c:v></c:chartSpace>'
SECRET = b64encode(LINE.encode()).decode()
UTF7 = "+" + b64encode(NUMBER.encode("utf-16-be")).decode().rstrip("=") + "-"
