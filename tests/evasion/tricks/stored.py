"""Fields and files that say a number to whoever opens them with the program they are made for."""

import zlib
from base64 import b64encode

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import (
    COVER,
    COVER_PART,
    LINE,
    NUMBER,
    PLAIN,
    Trick,
    html,
    mail,
    multipart,
    part,
    parts,
    text,
)
from tests.makers.office import TYPES, S, docx, odf, sheet, zipped
from tests.makers.pdf import line, page, stream
from tests.makers.pictures import drawn, saved

LABEL = "SSN of the patient with diabetes: "
CODED = b64encode(LINE.encode()).decode()
SHORT = b64encode(f"SSN {NUMBER} for diabetes".encode()).decode()
MAC_ARABIC = b"SSN " + bytes(0xB0 + int(sign) if sign.isdigit() else ord(sign) for sign in NUMBER) + b", diabetes"
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def run(words: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


def alternative(requires: str, choice: str, fallback: str) -> bytes:
    """A document with a stretch in two forms, one for programs that know an extension."""
    both = f'<mc:Choice Requires="{requires}">{run(choice)}</mc:Choice><mc:Fallback>{run(fallback)}</mc:Fallback>'
    within = f"<mc:AlternateContent {MC}>{both}</mc:AlternateContent>"
    return docx(f"<w:p>{run(LABEL)}{run('219-')}{within}{run('-9999')}</w:p>")


def phonetic() -> bytes:
    """A string of a sheet with small writing above it."""
    said = f'<r><t>{LABEL}219-</t></r><rPh sb="0" eb="1"><t>55</t></rPh><r><t>09-9999</t></r>'
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "xl/workbook.xml": f"<workbook {S}><sheets><sheet name='S' sheetId='1'/></sheets></workbook>",
            "xl/sharedStrings.xml": f"<sst {S}><si>{said}</si></sst>",
            "xl/worksheets/sheet1.xml": sheet(['<c r="A1" t="s"><v>0</v></c>']),
        }
    )


def open_text(inside: str) -> bytes:
    return odf(f"<text:p>{LABEL}{inside}</text:p>")


def rich(inside: str) -> bytes:
    return rf"{{\rtf1\ansi {LABEL}{inside}}}".encode("latin-1")


def stamped() -> bytes:
    """A page with prose and a stamp that is a picture."""
    image = drawn(f"SSN {NUMBER} diabetes", (800, 200)).convert("L")
    picture = "/Type /XObject /Subtype /Image /Width 800 /Height 200 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return page(
        line("Thank you for your visit. Please pay within thirty days."),
        "/Annots [6 0 R]",
        more=[
            "<< /Type /Annot /Subtype /Stamp /Rect [50 500 450 600] /AP << /N 7 0 R >> >>",
            stream(
                b"400 0 0 100 0 0 cm /I Do",
                "/Type /XObject /Subtype /Form /BBox [0 0 400 100] /Resources << /XObject << /I 8 0 R >> >>",
            ),
            stream(zlib.compress(image.tobytes(), 9), f"{picture} /Filter /FlateDecode"),
        ],
    )


_FIELDS = {
    "references": ("base64 among identifiers", f"References: <{CODED}@x.example>"),
    "list-id": ("base64 as the name of a list", f"List-Id: <{CODED}>"),
    "list-unsubscribe-path": ("base64 in the path of an address", f"List-Unsubscribe: <https://x.example/u/{CODED}>"),
    "received-id": (
        "base64 as the number of a hop",
        f"Received: from a by b with ESMTP id {CODED[:56]}; Mon, 2 Mar 2026 10:11:12 +0000",
    ),
    "received-for": (
        "base64 as the address of a hop",
        f"Received: from a by b with ESMTP id 1 for <{CODED}@x.example>; Mon, 2 Mar 2026 10:11:12 +0000",
    ),
    "return-path": ("base64 as a return path", f"Return-Path: <{CODED}@x.example>"),
}
_RECORDS = {
    "hl7-spaced": (
        "HL7 with spaces around its marks",
        "a.hl7",
        "MSH |^~\\& |A |B\rPID |1 | |219099999 ||Roe^Jane||19610314|F\r",
    ),
    "astm": (
        "a record of a laboratory",
        "a.txt",
        "H|\\^&|||LIS\rP|1||219-09-9999||Roe^Jane||19610314|F\rR|1|^^^HIV1|positive\r",
    ),
    "edifact": ("a report of EDIFACT", "a.edi", "UNH+1+MEDRPT:0:1'PNA+PAT+219-09-9999:::ROE:JANE'CIN+DI+E11.9'"),
    "fhir-script": (
        "FHIR in a script",
        "a.js",
        'const p = {resourceType:"Patient", identifier:[{value:"219099999"}]};',
    ),
    "omop": (
        "a table of OMOP",
        "a.csv",
        "person_id,birth_datetime,condition_source_value,person_source_value\n1,1961-03-14,E11.9,219099999\n",
    ),
}
_SHIFTED = b"Subject: \x1b$B#S#S#N!!#2#1#9!]#0#9!]#9#9#9#9\x1b(B diabetes"
TRICKS = (
    *(Trick(name, what, mail(COVER, field)) for name, (what, field) in _FIELDS.items()),
    Trick("message-id", "base64 as an identifier", mail(COVER).replace(b"<1@", f"<{CODED}@".encode())),
    Trick("message-id-hex", "hexadecimal digits as an identifier", mail(COVER).replace(b"<1@", f"<{LINE.encode().hex()}@".encode())),
    Trick("boundary", "base64 that parts are separated by", mail(parts(COVER_PART, boundary=SHORT), f'Content-Type: multipart/mixed; boundary="{SHORT}"')),
    Trick("content-id", "base64 as the identifier of a part", multipart(COVER_PART, part("x", PLAIN, f"Content-ID: <{CODED}@x>"))),
    Trick("subject-shifted", "digits of full width after a shift, as they stand in the Subject", mail(COVER, subject=_SHIFTED)),
    Trick("path", "base64 in the path of an address", text(f"{COVER}\nhttps://x.example/u/{CODED}")),
    Trick("path-in-page", "the same in a page", html(f"<p>{COVER}</p><a href='https://x.example/a1/{CODED}/x'>here</a>")),
    Trick("mac-arabic", "digits of an Arabic Macintosh", text(MAC_ARABIC, charset="x-mac-arabic")),
    Trick("docx-choice-known", "a stretch for programs that know an extension", attached(alternative("wps", "09", "55"), "a.docx")),
    Trick("docx-choice-unknown", "a stretch for programs that do not", attached(alternative("zz", "55", "09"), "a.docx")),
    Trick("docx-note-within", "a text box that begins within the number", attached(docx(f"<w:p>{run(LABEL)}{run('219-')}<w:r><w:pict><w:txbxContent><w:p>{run('55')}</w:p></w:txbxContent></w:pict></w:r>{run('09-9999')}</w:p>"), "a.docx")),
    Trick("xlsx-phonetic", "small writing above a string, within the number", attached(phonetic(), "a.xlsx")),
    Trick("odt-remark", "a remark within the number", attached(open_text("219-<office:annotation><text:p>55</text:p></office:annotation>09-9999"), "a.odt")),
    Trick("odt-ruby", "small writing above a group", attached(open_text("<text:ruby><text:ruby-base>219-</text:ruby-base><text:ruby-text>55</text:ruby-text></text:ruby>09-9999"), "a.odt")),
    Trick("rtf-unicode-pair", "a stretch in two forms", attached(rich(r"{\upr{55}{\*\ud{219-09-9999}}}"), "a.rtf")),
    Trick("rtf-index", "an entry of an index within the number", attached(rich(r"219-{\xe 55}09-9999"), "a.rtf")),
    Trick("rtf-contents", "an entry of the contents within the number", attached(rich(r"219-{\tc 55}09-9999"), "a.rtf")),
    Trick("rtf-of-html", "what only viewers of RTF show", attached(rich(r"219-\htmlrtf 55\htmlrtf0 09-9999"), "a.rtf")),
    Trick("rtf-footnote-within", "a footnote within the number", attached(rich(r"219-{\super\chftn}{\footnote 55}09-9999"), "a.rtf")),
    *(Trick(name, what, attached(said.encode(), file), "held") for name, (what, file, said) in _RECORDS.items()),
    Trick("jpeg-behind-jpeg", "a picture behind the end of another one", attached(saved(drawn("Thank you"), "JPEG") + saved(drawn(f"SSN {NUMBER} diabetes"), "JPEG"), "a.jpg", "image/jpeg")),
    Trick("pdf-stamp", "a picture in a stamp on a page of prose", attached(stamped(), "a.pdf")),
)  # fmt: skip
