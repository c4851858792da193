"""Files of docs/limits.md: each holds the number where a person sees it and Gatepost does not."""

import io
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from tests.evasion import unseen_pictures as pictures
from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import LINE, NUMBER
from tests.evasion.tricks.computed import formatted
from tests.evasion.unseen_pictures import PROSE, WORDS
from tests.makers.office import TYPES, P, docx, paragraph, zipped
from tests.makers.pdf import FONT, START, document, line, page, stream
from tests.makers.pictures import drawn, saved

LABEL = "SSN of the patient with diabetes: "
# The strokes of a digital clock: from, to, in units of the height.
_STROKES = {
    "a": ((0, 1), (0.5, 1)), "b": ((0.5, 1), (0.5, 0.5)), "c": ((0.5, 0.5), (0.5, 0)), "d": ((0, 0), (0.5, 0)),
    "e": ((0, 0.5), (0, 0)), "f": ((0, 1), (0, 0.5)), "g": ((0, 0.5), (0.5, 0.5)),
}  # fmt: skip
_SIGNS = {"0": "abcdef", "1": "bc", "2": "abged", "9": "abcdfg", "-": "g"}


def strokes() -> bytes:
    """A page with text, and the number drawn in lines below it."""
    drawing = ["2 w"]
    for place, sign in enumerate(NUMBER):
        for stroke in _SIGNS[sign]:
            (x1, y1), (x2, y2) = _STROKES[stroke]
            left, size = 72 + 16 * place, 18
            drawing.append(
                f"{left + x1 * size:.1f} {600 + y1 * size:.1f} m {left + x2 * size:.1f} {600 + y2 * size:.1f} l S"
            )
    return page("\n".join((line(PROSE), line("SSN of the patient with diabetes:", y=640), *drawing)))


def lying_font() -> bytes:
    """Codes that the page shows as digits, and a map for copying that calls them letters."""
    codes = {sign: chr(97 + number) for number, sign in enumerate("0129-")}
    names = "/zero /one /two /nine /hyphen"
    mapped = "".join(f"<{97 + number:02x}> <{ord(letter):04x}>\n" for number, letter in enumerate("kitel"))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <ff> "
        f"endcodespacerange 5 beginbfchar\n{mapped}endbfchar endcmap end end"
    )
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"{START} /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
            stream(f"{line(PROSE)} BT /F2 12 Tf 72 650 Td ({''.join(codes[sign] for sign in NUMBER)}) Tj ET".encode()),
            FONT,
            FONT.replace(">>", f"/Encoding << /Differences [97 {names}] >> /ToUnicode 7 0 R >>"),
            stream(cmap.encode()),
        ]
    )


def web_font() -> bytes:
    """A page with a font of its own, whose letters are drawn as digits."""
    letters = {"k": "0", "i": "1", "t": "2", "e": "9", "l": "-"}
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", *letters]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): letter for letter in letters})
    builder.setupGlyf({".notdef": _glyph(""), **{letter: _glyph(_SIGNS[sign]) for letter, sign in letters.items()}})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (700, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "x", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    target = io.BytesIO()
    builder.save(target)
    said = "".join(next(letter for letter, drawn_as in letters.items() if drawn_as == sign) for sign in NUMBER)
    source = f"data:font/ttf;base64,{b64encode(target.getvalue()).decode()}"
    return (
        f"<html><style>@font-face {{ font-family: x; src: url({source}) }} b {{ font-family: x }}</style>"
        f"<p>SSN of the patient with diabetes: <b>{said}</b></p></html>"
    ).encode()


def _glyph(strokes: str) -> Any:
    """Strokes as bars of 60 units."""
    pen = TTGlyphPen(None)
    for stroke in strokes:
        ends = _STROKES[stroke]
        left, right = sorted(int(1000 * x) + 60 for x, _ in ends)
        low, high = sorted(int(700 * y) for _, y in ends)
        pen.moveTo((left - 30, low - 30))
        for corner in ((left - 30, high + 30), (right + 30, high + 30), (right + 30, low - 30)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def slide_number() -> bytes:
    """A presentation that counts its slides from 219, with the rest of the number behind that of the slide."""
    words = f"<a:p><a:r><a:t>{LABEL}</a:t></a:r></a:p><a:p><a:fld type='slidenum'/><a:r><a:t>-09-9999</a:t></a:r></a:p>"
    shape = f"<p:sld {P}><p:cSld><p:spTree><p:sp><p:txBody>{words}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    first = f'<p:presentation {P} firstSlideNum="219"/>'
    return zipped({"[Content_Types].xml": TYPES, "ppt/slides/slide1.xml": shape, "ppt/presentation.xml": first})


def rich_list() -> bytes:
    """A list of RTF that begins at 219."""
    lists = r"{\*\listtable{\list{\listlevel\levelnfc0\levelstartat219{\leveltext\'01\'00;}}\listid1}}"
    return rf"{{\rtf1{lists}{LABEL}\par\ls1 -09-9999}}".encode()


def old_sheet() -> bytes:
    """XML of Excel 2003 with a formula."""
    space = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    cells = f'<Cell><Data ss:Type="String">{LABEL}</Data></Cell><Cell ss:Formula="=219&amp;&quot;-09-&quot;&amp;9999"/>'
    return f"<Workbook {space}><Worksheet><Table><Row>{cells}</Row></Table></Worksheet></Workbook>".encode()


def link_file() -> bytes:
    """Symbolic link (SYLK), a cell a line."""
    return f'ID;P\nC;X1;Y1;K"{LABEL}"\nC;X2;Y1;K219099999\nE\n'.encode()


def tiled() -> bytes:
    """A page whose pattern is the number."""
    pattern = (
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 612 600] /XStep 612 /YStep 600 "
        "/Resources << /Font << /F1 5 0 R >> >>"
    )
    fill = "/Pattern cs /P1 scn 0 0 612 600 re f"
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"{START} /Resources << /Font << /F1 5 0 R >> /Pattern << /P1 6 0 R >> >> >>",
            stream(f"{line(PROSE)} {line(LABEL, y=670)} {fill}".encode()),
            FONT,
            stream(line(NUMBER, 50, 300).encode(), pattern),
        ]
    )


def page_label() -> bytes:
    """A document whose first page is numbered 219-09-9999."""
    return page(line(LABEL), root_extra=f"/PageLabels << /Nums [0 << /P ({NUMBER}) >>] >>")


def halves() -> bytes:
    """The left half of a picture and the right one, in a document that shows them side by side."""
    whole = drawn(WORDS)
    left, right = whole.crop((0, 0, 150, 120)), whole.crop((150, 0, 640, 120))
    return docx(paragraph("See"), word__media__a=saved(left), word__media__b=saved(right))


def drawn_letter() -> bytes:
    """A page with a font of its own (Type 3), one letter of which is drawn as the number."""
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 97 "
        "/LastChar 97 /Widths [6000] /Encoding << /Differences [97 /x] >> /CharProcs << /x 7 0 R >> "
        "/Resources << /Font << /F1 5 0 R >> >> >>"
    )
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"{START} /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
            stream(f"{line(PROSE)} {line(LABEL, y=670)} BT /F2 12 Tf 290 670 Td (a) Tj ET".encode()),
            FONT,
            font,
            stream(f"6000 0 d0 BT /F1 1000 Tf ({NUMBER}) Tj ET".encode()),
        ]
    )


def from_the_right() -> bytes:
    """A page that puts the signs one by one, the last one first."""
    return page(line(LABEL) + " ".join(line(sign, 300 - 8 * place) for place, sign in enumerate(NUMBER[::-1])))


def form_in_pieces() -> bytes:
    """A form of XFA in two packets that part within the number."""
    pieces = (f"<d><ssn>{LABEL} 219-0".encode(), b"9-9999</ssn></d>")
    form = "/AcroForm << /Fields [] /XFA [(a) 6 0 R (b) 7 0 R] >>"
    packed = [stream(zlib.compress(piece), "/Filter /FlateDecode") for piece in pieces]
    return page(line("x"), root_extra=form, more=packed)


def turned_box() -> bytes:
    """A slide with a box on its head, the number in it from its end."""
    words = f"<a:bodyPr rot='10800000'/><a:p><a:r><a:t>{LABEL}{NUMBER[::-1]}</a:t></a:r></a:p>"
    shape = f"<p:sld {P}><p:cSld><p:spTree><p:sp><p:txBody>{words}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    return zipped({"[Content_Types].xml": TYPES, "ppt/slides/slide1.xml": shape})


def form_data() -> bytes:
    """The data of a form of PDF (FDF), a group in each field."""
    values = {"ssn1": "219", "ssn2": "09", "ssn3": "9999", "dx": "diabetes"}
    fields = " ".join(f"<< /T ({name}) /V ({value}) >>" for name, value in values.items())
    root = f"1 0 obj\n<< /FDF << /Fields [{fields}] >> >>\nendobj\ntrailer << /Root 1 0 R >>"
    return f"%FDF-1.2\n{root}\n%%EOF".encode()


def hours() -> bytes:
    """A span of 219 hours, which its format shows with the rest of the number behind."""
    return formatted('[h]"-09-9999"', "9.125")


def filled() -> bytes:
    """A format that fills the cell with nines."""
    return formatted('"219-09-"*9', "1")


def high_octets() -> bytes:
    """As seven bits with a parity that is always set."""
    return bytes(octet | 0x80 for octet in LINE.encode())


def turned_octets() -> bytes:
    """Each octet from 255."""
    return bytes(0xFF - octet for octet in LINE.encode())


def packed_digits() -> bytes:
    """As a mainframe keeps numbers."""
    return LABEL.encode() + bytes.fromhex(NUMBER.replace("-", "") + "f")


def film_in_base64() -> bytes:
    """What follows the first eight octets of such a film is a stream of zlib."""
    return b"See the film:\r\n" + b64encode(b"CWS\x08\x40\0\0\0" + zlib.compress(LINE.encode()))


def painted_over() -> bytes:
    """A page that draws two digits too many and a white box over them."""
    box = "1 1 1 rg 99 645 20 20 re f 0 0 0 rg"
    return page(" ".join((line(LABEL), line("219-", y=650), line("55", 100, 650), box, line("09-9999", 100, 650))))


def mirrored_line() -> bytes:
    """The number from its end, in a mirror."""
    return page(f"{line(LABEL)} BT /F1 12 Tf -1 0 0 1 300 300 Tm ({NUMBER[::-1]}) Tj ET")


def drawn_lines() -> bytes:
    """A drawing with the strokes of a digital clock."""
    strokes = [
        f"M{20 * at + 16 * x1:.0f} {30 - 24 * y1:.0f}L{20 * at + 16 * x2:.0f} {30 - 24 * y2:.0f}"
        for at, sign in enumerate(NUMBER)
        for stroke in _SIGNS[sign]
        for (x1, y1), (x2, y2) in (_STROKES[stroke],)
    ]
    path = f'<path stroke="black" d="{"".join(strokes)}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg"><title>{LABEL}</title>{path}</svg>'.encode()


def cells() -> bytes:
    """A table of black and white cells, five by three for each sign."""
    shapes = {"0": "757577", "1": "262227", "2": "717477", "9": "757177", "-": "007000"}
    rows = []
    for row in range(5):
        dots = "".join(f"{int(shapes[sign][row]):03b}0" for sign in NUMBER)
        rows.append("".join(f"<td width=4 height=4 bgcolor={'black' if dot == '1' else 'white'}>" for dot in dots))
    table = f"<table cellspacing=0><tr>{'<tr>'.join(rows)}</table>"
    return f"<html><p>{LABEL}</p>{table}</html>".encode()


def bound() -> bytes:
    """A control of a document that is bound to a file of XML in it (ECMA-376 part 1, 17.5.2.6)."""
    binding = '<w:dataBinding w:xpath="/a/b" w:storeItemID="{1}"/>'
    control = f"<w:sdt><w:sdtPr>{binding}</w:sdtPr><w:sdtContent><w:r><w:t>x</w:t></w:r></w:sdtContent></w:sdt>"
    words = f"<w:p><w:r><w:t>{LABEL}</w:t></w:r>{control}</w:p>"
    return docx(words, customXml__item1_xml=f"<a><b>{NUMBER}</b></a>")


FILES: Mapping[str, Callable[[], bytes]] = {
    "at-an-angle": pictures.at_an_angle,
    "painted-over": painted_over,
    "mirrored-line": mirrored_line,
    "drawn-lines": drawn_lines,
    "bound": bound,
    "cells": cells,
    "high-octets": high_octets,
    "turned-octets": turned_octets,
    "packed-digits": packed_digits,
    "film-in-base64": film_in_base64,
    "web-font": web_font,
    "slide-number": slide_number,
    "rich-list": rich_list,
    "old-sheet": old_sheet,
    "link-file": link_file,
    "tiled": tiled,
    "page-label": page_label,
    "halves": halves,
    "letters-apart": pictures.letters_apart,
    "below-one-another": pictures.below_one_another,
    "blurred": pictures.blurred,
    "coarse": pictures.coarse,
    "embossed": pictures.embossed,
    "chequered": pictures.chequered,
    "on-a-gradient": pictures.on_a_gradient,
    "squeezed-flat": pictures.squeezed_flat,
    "aslant": pictures.aslant,
    "outlined": pictures.outlined,
    "zigzag": pictures.zigzag,
    "drawn-letter": drawn_letter,
    "from-the-right": from_the_right,
    "form-data": form_data,
    "form-in-pieces": form_in_pieces,
    "turned-box": turned_box,
    "hours": hours,
    "filled": filled,
    "bars-without-check-digit": pictures.bars_without_check_digit,
    "small-beside-large": pictures.small_beside_large,
    "small-in-photograph": pictures.small_in_photograph,
    "strokes": strokes,
    "lying-font": lying_font,
    "mirrored": pictures.mirrored,
    "crossed-by-lines": pictures.crossed_by_lines,
}


def message(name: str) -> bytes:
    """A letter with the file."""
    return attached(FILES[name](), name)
