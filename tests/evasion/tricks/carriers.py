"""Formats and corners of formats that carry the number past programs which know the usual ones."""

import binascii
import gzip
import json
import plistlib
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import (
    BASE64,
    COVER,
    COVER_PART,
    HTML,
    LINE,
    NUMBER,
    PLAIN,
    Trick,
    b64,
    html,
    mail,
    multipart,
    part,
    parts,
    text,
)
from tests.makers.office import cell, docx, odf, paragraph, pptx, sheet, xlsx, zipped
from tests.makers.ole import compound, doc, tnef, xls
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


def _deep(words: str, layers: int) -> str:
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

TRICKS = (
    Trick("sqlite", "a database", attached(database(), "a.txt", "text/plain")),
    Trick("parquet", "a table of Parquet", attached(parquet(), "a.parquet"), "held"),
    Trick("avro", "a table of Avro", attached(avro(), "a.avro"), "held"),
    Trick("pickle", "an object of Python", attached(pickled(), "a.pkl"), "held"),
    Trick("iwork", "a document of Pages", attached(pages(), "a.pages"), "held"),
    Trick("url-file", "a link of Windows", attached(f"[InternetShortcut]\r\nURL=https://x.example/?a={WORDS} diabetes\r\n".encode(), "a.url")),
    Trick("lnk-file", "a shortcut with arguments", attached(shortcut(), "a.lnk"), "held"),
    Trick("webloc", "a link of macOS", attached(plistlib.dumps({"URL": f"https://x.example/?q={LINE}"}), "a.webloc")),
    Trick("plist-binary", "a binary property list", attached(plistlib.dumps({"a": LINE}, fmt=plistlib.FMT_BINARY), "a.plist"), "held"),
    Trick("mht", "an archived page", attached(mht(), "a.mht", "application/octet-stream")),
    Trick("mht-in-zip", "an archived page in a ZIP", attached(zipped({"a.mht": mht()}))),
    Trick("winmail-in-zip", "winmail.dat in a ZIP", attached(zipped({"winmail.dat": tnef("x", "a.txt", LINE.encode())}))),
    Trick("eml-in-eml-in-zip", "messages in messages in a ZIP", attached(zipped({"a.eml": multipart(COVER_PART, part(text(LINE), "Content-Type: message/rfc822"))}))),
    Trick("ipynb", "a notebook", attached(json.dumps({"cells": [{"cell_type": "raw", "source": [LINE]}], "nbformat": 4}).encode(), "a.ipynb")),
    Trick("json-escaped", "JSON that escapes every character", attached(("{\"a\": \"" + "".join(f"\\u{ord(c):04x}" for c in LINE) + "\"}").encode(), "a.json", "application/json")),
    Trick("yaml-folded", "a folded text of YAML", attached(b"ssn: >-\n  diabetes SSN 219-09-\\\n  9999\n", "a.yaml", "text/yaml")),
    Trick("wav-comment", "the comment of a sound", attached(wav(), "a.wav", "audio/wav"), "held"),
    Trick("mp3-title", "the title of a song", attached(mp3(), "a.mp3", "audio/mpeg"), "held"),
    Trick("wav-as-png", "a sound labelled as a picture", attached(wav(), "a.png", "image/png"), "held"),
    Trick("gif-comment", "the comment of a GIF", attached(gif_comment(), "a.gif", "image/gif")),
    Trick("jpeg-comment", "the comment of a JPEG", attached(jpeg_segment(0xFE, LINE.encode()), "a.jpg", "image/jpeg")),
    Trick("jpeg-iptc", "a caption in IPTC", attached(iptc(), "a.jpg", "image/jpeg")),
    Trick("jpeg-xmp", "XMP of a JPEG", attached(jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><a>" + LINE.encode() + b"</a></x:xmpmeta>"), "a.jpg", "image/jpeg")),
    Trick("jpeg-app9", "a segment that no program knows", attached(jpeg_segment(0xE9, LINE.encode()), "a.jpg", "image/jpeg")),
    Trick("png-private-chunk", "a chunk that no program knows", attached(png_chunk(b"prVt", LINE.encode()), "a.png", "image/png")),
    Trick("png-deflated-chunk", "a deflated comment", attached(png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LINE.encode())), "a.png", "image/png")),
    Trick("png-deflated-private", "a deflated chunk that no program knows", attached(png_chunk(b"prVt", zlib.compress(LINE.encode())), "a.png", "image/png")),
    Trick("png-turned-90", "words that stand on their side", attached(turned(90), "a.png", "image/png")),
    Trick("png-turned-180", "words upside down", attached(turned(180), "a.png", "image/png")),
    Trick("png-small-in-large", "small words in a large picture", attached(large(), "a.png", "image/png")),
    Trick("svg-text", "a drawing with letters apart", attached(SVG.format("<text>SSN " + "".join(f"<tspan x='{9 * at}'>{sign}</tspan>" for at, sign in enumerate(NUMBER)) + " diabetes</text>").encode(), "a.svg", "image/svg+xml")),
    Trick("svg-desc", "the description of a drawing", attached(SVG.format(f"<desc>{LINE}</desc>").encode(), "a.svg", "image/svg+xml")),
    Trick("svg-image", "a picture in a drawing", attached(SVG.format(f'<image href="data:image/png;base64,{b64encode(png(WORDS)).decode()}"/>').encode(), "a.svg", "image/svg+xml")),
    Trick("svgz", "a packed drawing", attached(gzip.compress(SVG.format(f"<text>{LINE}</text>").encode(), mtime=0), "a.svgz", "image/svg+xml")),
    Trick("html-data-image", "a picture as an address in a page", html(f'<p>{COVER}</p><img src="data:image/png;base64,{b64encode(png(WORDS)).decode()}">')),
    Trick("html-data-frame", "a page as an address in a page", html(f'<iframe src="data:text/html;base64,{SECRET}"></iframe>')),
    Trick("html-data-percent", "a page as an address with percent signs", html("<iframe src='data:text/html," + "".join(f"%{ord(c):02X}" for c in LINE) + "'></iframe>")),
    Trick("html-srcdoc", "a page in an attribute", html(f'<iframe srcdoc="{reference("<p>" + LINE + "</p>")}"></iframe>')),
    Trick("html-template", "a template", html(f"<template><p>{LINE}</p></template>")),
    Trick("html-details", "what unfolds", html(f"<details><summary>More</summary>{LINE}</details>")),
    Trick("html-noscript", "what is shown without scripts", html(f"<noscript>{LINE}</noscript>")),
    Trick("html-before", "text of a style sheet", html(f"<style>p::before {{ content: '{LINE}' }}</style><p></p>")),
    Trick("html-before-escaped", "escaped text of a style sheet", html("<style>p::before { content: '" + "".join(f"\\{ord(c):06x}" for c in LINE) + "' }</style><p></p>")),
    Trick("html-attr-content", "text of an attribute that a style shows", html(f'<style>p::after {{ content: attr(data-x) }}</style><p data-x="{LINE}"></p>')),
    Trick("html-ruby", "what stands above the words", html(f"<ruby>x<rt>{LINE}</rt></ruby>")),
    Trick("html-option", "an entry of a list", html(f"<select><option>x<option value=y>{LINE}</select>")),
    Trick("html-input", "the value of a field", html(f'<input type=hidden value="{LINE}">')),
    Trick("html-meta", "the description of a page", html(f'<meta name="description" content="{LINE}">')),
    Trick("html-math", "a formula", html("<p>SSN, diabetes: <math><mn>219</mn><mo>-</mo><mn>09</mn><mo>-</mo><mn>9999</mn></math></p>")),
    Trick("html-svg-use", "a drawing in a page", html(f"<svg><text>{WORDS}</text></svg><p>diabetes</p>")),
    Trick("html-wbr", "breaks within the number", html("<p>SSN 2<wbr>1<wbr>9<wbr>-0<wbr>9-<wbr>99<wbr>99, diabetes</p>")),
    Trick("html-link-tel", "the address of a telephone link", html(f'<p>diabetes</p><a href="tel:SSN {NUMBER}">call</a>')),
    Trick("html-font-file", "a font as an address in a style", html(f"<style>@font-face {{ src: url(data:font/woff;base64,{b64encode(b'wOFF' + bytes(40)).decode()}) }}</style><p>{WORDS} diabetes</p>")),
    Trick("ics-alarm", "the text of an alarm", multipart(COVER_PART, part(CALENDAR.format(f"BEGIN:VALARM\nDESCRIPTION:{LINE}\nEND:VALARM"), "Content-Type: text/calendar"))),
    Trick("ics-attach", "a file in a calendar", multipart(COVER_PART, part(CALENDAR.format(f"ATTACH;ENCODING=BASE64;VALUE=BINARY:{SECRET}"), "Content-Type: text/calendar"))),
    Trick("ics-folded-base64", "a folded file in a calendar", multipart(COVER_PART, part(CALENDAR.format("ATTACH;ENCODING=BASE64;VALUE=BINARY:\n " + "\n ".join(SECRET[at : at + 20] for at in range(0, len(SECRET), 20))), "Content-Type: text/calendar"))),
    Trick("ics-alt-html", "a page in a property", multipart(COVER_PART, part(CALENDAR.format("X-ALT-DESC;FMTTYPE=text/html:<p>SSN 219-<b>09</b>-9999\\, diabetes</p>"), "Content-Type: text/calendar"))),
    Trick("vcard-quoted", "quoted-printable in a card", multipart(COVER_PART, part(CARD.format("NOTE;ENCODING=QUOTED-PRINTABLE:" + "".join(f"={ord(c):02X}" for c in LINE)), "Content-Type: text/vcard"))),
    Trick("vcard-photo", "a photo of the number in a card", multipart(COVER_PART, part(CARD.format(f"PHOTO;ENCODING=b;TYPE=PNG:{b64encode(png(WORDS)).decode()}"), "Content-Type: text/vcard"))),
    Trick("csv-utf-16", "a table in UTF-16 without a mark", attached(f"name;ssn;note\r\nAnn;{NUMBER};diabetes\r\n".encode("utf-16-le"), "a.csv", "text/csv")),
    Trick("utf-16-no-mark", "UTF-16 without a mark and a label", attached(LINE.encode("utf-16-be"), "a.txt", "text/plain")),
    Trick("utf-32", "UTF-32 without a mark", attached(LINE.encode("utf-32-le"), "a.txt", "text/plain")),
    Trick("utf-7-file", "UTF-7 in a file", attached(f"SSN {UTF7}, diabetes".encode(), "a.txt", "text/plain")),
    Trick("hz-label", "the label HZ", text(LINE, charset="hz-gb-2312")),
    Trick("iso-2022-shift", "a shift to a charset of double octets", text(b"\x1b$B#S#S#N!!#2#1#9!]#0#9!]#9#9#9#9\x1b(B diabetes", charset="iso-2022-jp")),
    Trick("ebcdic-500", "the label of another EBCDIC", text(LINE.encode("cp500"), charset="cp500")),
    Trick("ebcdic-unlabelled", "EBCDIC without a label", attached((LINE + " ").encode("cp037") * 4, "a.txt", "text/plain")),
    Trick("scsu-label", "a charset that nobody has", text(LINE, charset="scsu")),
    Trick("punycode-label", "a charset that is a codec of Python", text(LINE, charset="rot13")),
    Trick("rfc-2231-pieces", "the name of a file in pieces out of order", multipart(COVER_PART, part("x", PLAIN, "Content-Disposition: attachment; filename*1*=%2D09%2D9999%20diabetes; filename*0*=utf-8''SSN%20219"))),
    Trick("description-field", "the description of a part", multipart(COVER_PART, part("x", PLAIN, f"Content-Description: {LINE}"))),
    Trick("content-id", "the identifier of a part", multipart(COVER_PART, part("x", PLAIN, f"Content-ID: <SSN-{NUMBER}-diabetes@x.example>"))),
    Trick("uu-in-base64", "uuencode within base64", multipart(COVER_PART, part(b64(uu(LINE)), PLAIN, BASE64))),
    Trick("uu-of-zip", "a ZIP in uuencode in a text", text(uu(zipped({"a.txt": LINE})))),
    Trick("base64-of-docx", "a document in base64 within a text", text(COVER + "\n\n" + b64(docx(paragraph(LINE))))),
    Trick("hex-of-zip", "a ZIP in hexadecimal digits", text(COVER + "\n\n" + zipped({"a.txt": LINE}).hex())),
    Trick("docx-altchunk", "a page within a document", attached(docx("<w:altChunk/>", word__afchunk_html="<html><p>SSN 219-<b>09</b>-9999 diabetes</p></html>"))),
    Trick("docx-altchunk-mht", "an archived page within a document", attached(docx("<w:altChunk/>", word__afchunk_mht=mht()))),
    Trick("docx-field", "the instruction of a field", attached(docx(f'<w:p><w:r><w:instrText>QUOTE "{LINE}"</w:instrText></w:r></w:p>'))),
    Trick("docx-variable", "a variable of a document", attached(docx("", word__settings_xml=f'<w:settings xmlns:w="w"><w:docVars><w:docVar w:name="a" w:val="{LINE}"/></w:docVars></w:settings>'))),
    Trick("docx-custom-xml", "base64 in custom XML", attached(docx("", customXml__item1_xml=f"<a>{SECRET}</a>"))),
    Trick("docx-macro-text", "a document whose XML escapes every character", attached(docx(f"<w:p><w:r><w:t>{reference(LINE)}</w:t></w:r></w:p>"))),
    Trick("docx-entity", "a document type with an entity", attached(docx("", word__a_xml=f'<!DOCTYPE a [<!ENTITY n "{NUMBER}">]><a>SSN &n; diabetes</a>')), "held"),
    Trick("docx-one-letter-runs", "a run for each letter", attached(docx("<w:p>" + "".join(f"<w:r><w:t>{c}</w:t></w:r>" for c in WORDS) + "</w:p>" + paragraph("diabetes")))),
    Trick("docx-symbols", "digits as symbols", attached(docx("<w:p><w:r><w:t>SSN diabetes </w:t></w:r>" + "".join(f'<w:r><w:sym w:font="Arial" w:char="F0{ord(c):02X}"/></w:r>' for c in NUMBER) + "</w:p>"))),
    Trick("docx-text-box", "a text box", attached(docx(f"<w:p><w:r><w:pict><v:textbox xmlns:v='v'><w:txbxContent>{paragraph(LINE)}</w:txbxContent></v:textbox></w:pict></w:r></w:p>"))),
    Trick("docx-form-field", "the default of a form field", attached(docx(f'<w:p><w:r><w:ffData><w:textInput><w:default w:val="{LINE}"/></w:textInput></w:ffData></w:r></w:p>'))),
    Trick("xlsx-chart", "the values of a chart", attached(docx("", word__charts__c_xml=CHART.format(LINE)))),
    Trick("xlsx-sheet-name", "the name of a sheet", attached(docx("", xl__workbook_xml=f'<workbook><sheets><sheet name="{WORDS} diabetes"/></sheets></workbook>'))),
    Trick("xlsx-defined-name", "a name of a workbook", attached(docx("", xl__workbook_xml=f'<workbook><definedNames><definedName name="a">"{LINE}"</definedName></definedNames></workbook>'))),
    Trick("xlsx-split-cells", "three cells of a row", attached(xlsx([sheet([cell("A1", "SSN diabetes") + cell("B1", "219", "n") + cell("C1", "09") + cell("D1", "9999", "n")])]))),
    Trick("xlsx-validation", "the list of a validation", attached(xlsx([f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/><dataValidations><dataValidation prompt="{LINE}"/></dataValidations></worksheet>']))),
    Trick("pptx-comment", "a comment of a slide", attached(docx("", ppt__comments__c_xml=f"<p:cmLst xmlns:p='p'><p:cm><p:text>{LINE}</p:text></p:cm></p:cmLst>"))),
    Trick("pptx-hidden", "the notes of a hidden slide", attached(pptx("x", notes=LINE))),
    Trick("odt-macro", "a macro of OpenDocument", attached(zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a>x</a>", "Basic/Standard/M.xml": f"<m>Print &quot;{LINE}&quot;</m>"}))),
    Trick("odt-hidden-section", "a section that is not shown", attached(odf(f'<text:section text:display="none"><text:p>{LINE}</text:p></text:section>'))),
    Trick("odt-variable", "a value that is not shown", attached(odf(f'<text:user-field-decl office:string-value="{LINE}"/><text:p>x</text:p>'))),
    Trick("odt-flat", "OpenDocument as one XML file", attached(b'<?xml version="1.0"?><office:document xmlns:office="o" xmlns:text="t"><office:body><text:p>SSN 219-<text:span>09</text:span>-9999 diabetes</text:p></office:body></office:document>', "a.fodt")),
    Trick("word-2003-xml", "Word as one XML file", attached(b'<?xml version="1.0"?><w:wordDocument xmlns:w="w"><w:p><w:r><w:t>SSN 219-</w:t></w:r><w:r><w:t>09-9999 diabetes</w:t></w:r></w:p></w:wordDocument>', "a.doc")),
    Trick("pdf-af", "a file that only the page names", attached(associated(), "a.pdf")),
    Trick("pdf-af-unlabelled", "a file in a stream without a type", attached(unlabelled_file(), "a.pdf")),
    Trick("pdf-orphan", "a page that nothing refers to", attached(orphan(), "a.pdf")),
    Trick("pdf-actual-text", "the text behind the text", attached(actual_text(), "a.pdf")),
    Trick("pdf-alternative", "the text for a picture", attached(alternative(), "a.pdf")),
    Trick("pdf-script", "a text in a script", attached(pdf_script(), "a.pdf")),
    Trick("pdf-layer-off", "a layer that is switched off", attached(layer(), "a.pdf")),
    Trick("pdf-letters-reversed", "letters drawn from the last to the first", attached(spaced(), "a.pdf")),
    Trick("pdf-ascii85", "a page in Ascii85", attached(deflated_ascii85(), "a.pdf")),
    Trick("zip-extra", "the extra field of an entry", attached(zip_extra(), "a.zip")),
    Trick("zip-entry-comment", "the comment of an entry", attached(zip_entry_comment(), "a.zip")),
    Trick("gzip-name", "the name in gzip", attached(gzip_field(8), "a.gz")),
    Trick("gzip-comment", "the comment in gzip", attached(gzip_field(16), "a.gz")),
    Trick("tar-pax", "a field of a tar header", attached(tar_long_name(), "a.tar")),
    Trick("tar-link", "the target of a link", attached(symlink(f"{WORDS} diabetes"), "a.tar")),
    Trick("tar-folder", "the name of an empty folder", attached(folder_name(f"{WORDS} diabetes"), "a.tar")),
    Trick("zip-folder", "the name of an empty folder of a ZIP", attached(zipped({f"{WORDS} diabetes/": ""}), "a.zip")),
    Trick("xps-letters", "a page of XPS with a stretch for each letter", attached(zipped({"[Content_Types].xml": "<Types/>", "Documents/1/Pages/1.fpage": "<FixedPage>" + "".join(f'<Glyphs UnicodeString="{c}"/>' for c in LINE) + "</FixedPage>"}), "a.xps")),
    Trick("ole-stranger", "a stream beside an old document", attached(compound({**doc("hello"), "Stray": LINE.encode()}), "a.doc")),
    Trick("ole-stranger-wide", "a stream in UTF-16 beside an old sheet", attached(compound({**xls("hello", 1.0), "Stray": LINE.encode("utf-16-le")}), "a.xls")),
    Trick("base64-of-zlib", "a deflated text in base64", text(COVER + "\n\n" + b64(zlib.compress(LINE.encode())))),
    Trick("autocrypt", "a key that says something", text("x", f"Autocrypt: addr=a@x.example; keydata={SECRET}")),
    Trick("dkim-signature", "a signature that says something", text("x", f"DKIM-Signature: v=1; a=rsa-sha256; d=x.example; h=from; bh=x; b={SECRET}")),
    Trick("thread-index", "an index that says something", text("x", f"Thread-Index: {SECRET}")),
    Trick("face", "a portrait of the number", text("x", f"Face: {b64encode(png(WORDS)).decode()}"), "held"),
    Trick("script-codes", "codes of characters in a script", html(f"<script>document.write(String.fromCharCode({','.join(str(ord(c)) for c in LINE)}))</script>")),
    Trick("epub", "a book", attached(zipped({"mimetype": "application/epub+zip", "OEBPS/a.xhtml": "<html><body><p>SSN 219-<b>09</b>-9999 diabetes</p></body></html>"}), "a.epub")),
    Trick("rtf-hexadecimal", "RTF that escapes every digit", attached(b"{\\rtf1 SSN " + b"".join(b"\\'%02x" % ord(c) for c in NUMBER) + b" diabetes}")),
    Trick("heic", "a picture of a telephone", attached(b"\0\0\0\x18ftypheic" + bytes(60) + LINE.encode(), "a.heic", "image/heic"), "held"),
    Trick("icon", "an icon", attached(b"\0\0\2\0\1\0" + bytes(60) + LINE.encode(), "a.ico", "image/x-icon"), "held"),
    Trick("font", "a font", attached(b"wOFF" + bytes(40) + LINE.encode(), "a.woff", "font/woff"), "held"),
    Trick("class-file", "a program of Java", attached(b"\xca\xfe\xba\xbe\0\0\0\x34" + LINE.encode(), "A.class"), "held"),
    Trick("access", "a database of Access", attached(b"\0\1\0\0Standard Jet DB\0" + bytes(600) + LINE.encode(), "a.mdb"), "held"),
    Trick("onenote", "a section of OneNote", attached(bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(600) + LINE.encode("utf-16-le"), "a.one"), "held"),
    Trick("base64-9-deep", "base64 nine times over", text(_deep(LINE, 9)), "held"),
    Trick("base64-decoy", "layers with an escape of another kind far from each", text(b64(reference(b64(LINE)) + "\n" + "words " * 200 + "%41"))),
    Trick("base64-before-words", "base64 that goes on into the words after it", text(b64(LINE + "  "[: -len(LINE) % 3]) + "\n" + "regards " * 200)),
    Trick("base64-after-noise", "base64 of a number between noise", text(b64(bytes(range(128, 256)) + LINE.encode() + bytes(range(128, 256))))),
)  # fmt: skip
