"""Documents whose programs show something else than they store: looks, orders, formulas, formats, symbols."""

import zlib
from collections.abc import Sequence

from PIL import Image, ImageChops

from tests.evasion.tricks.attachments import WORDS, attached
from tests.evasion.tricks.base import COVER, LINE, NUMBER, Trick, b64, text
from tests.makers.office import TYPES, P, W, cell, docx, odf, paragraph, sheet, xlsx, zipped
from tests.makers.pdf import line, page
from tests.makers.pictures import drawn, saved

SSN = "SSN of the patient with diabetes: "
STYLES = (
    f'<w:styles {W}><w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Kin"><w:basedOn w:val="Ghost"/></w:style></w:styles>'
)
BLACK, WHITE, NOTHING = (0, 0, 0, 255), (255, 255, 255, 255), (255, 255, 255, 0)
_XX = "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def within(properties: str) -> bytes:
    """Two digits that look otherwise within the number."""
    return attached(docx(paragraph(f"{SSN}219-", run("77", properties), "09-9999"), word__styles_xml=STYLES))


def field(instruction: str) -> str:
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return f"{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r>{end}"


def symbols(font: str, nought: int) -> bytes:
    """The digits as symbols of a font in which they stand from `nought` on."""
    signs = "".join(
        f'<w:r><w:sym w:font="{font}" w:char="F0{nought + int(sign):02X}"/></w:r>' if sign.isdigit() else run(sign)
        for sign in NUMBER
    )
    return attached(docx(paragraph(SSN, signs)))


def in_font(font: str, nought: int) -> bytes:
    """The same as letters in that font."""
    letters = "".join(chr(nought + int(sign)) if sign.isdigit() else sign for sign in NUMBER)
    return attached(docx(paragraph(SSN, run(letters, f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>'))))


def workbook(rows: Sequence[str], styles: str = "") -> bytes:
    return attached(xlsx([sheet(rows)], styles=styles))


def row(value: str) -> str:
    """A row with the label, a cell and the illness."""
    return cell("A1", "SSN") + value + cell("C1", "diabetes")


def formed(code: str, value: str, kind: str = "n") -> bytes:
    """A cell whose format shows digits of its own."""
    styles = (
        f'<numFmts><numFmt numFmtId="170" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
    )
    return workbook([row(cell("B1", value, kind, 1))], styles)


def pivot(fields: str, records: str) -> bytes:
    """What a pivot table keeps of rows that no sheet has any more."""
    return attached(
        docx(
            "",
            xl__pivotCache__definition1_xml=f"<pivotCacheDefinition><cacheFields>{fields}</cacheFields></pivotCacheDefinition>",
            xl__pivotCache__records1_xml=f"<pivotCacheRecords>{records}</pivotCacheRecords>",
        )
    )


def slide(*shapes: str) -> bytes:
    tree = f"<p:sld {P}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"
    return attached(zipped({"[Content_Types].xml": TYPES, "ppt/slides/slide1.xml": tree}))


def shape(inside: str, left: int = 0) -> str:
    place = f'<p:spPr><a:xfrm><a:off x="{left}" y="0"/><a:ext cx="90" cy="90"/></a:xfrm></p:spPr>'
    return f"<p:sp>{place}<p:txBody><a:p>{inside}</a:p></p:txBody></p:sp>"


def said(words: str, properties: str = "") -> str:
    return f"<a:r><a:rPr {properties}/><a:t>{words}</a:t></a:r>"


def slide_within(properties: str) -> bytes:
    return slide(shape(said(f"{SSN}219-") + said("77", properties) + said("09-9999")))


def drawn_apart(order: Sequence[int]) -> bytes:
    """A page that draws the letters of the number in another order."""
    letters = (line(NUMBER[place], 140 + 8 * place, 660) for place in order)
    return attached(page("\n".join((line(SSN), *letters))))


def transparent(ink: tuple[int, ...], paper: tuple[int, ...]) -> bytes:
    """A picture with words in one colour with an opacity, and everything else in another one."""
    mask = drawn(WORDS, (800, 120)).convert("L").point(lambda shade: 255 - shade)
    image = Image.new("RGBA", mask.size, paper)
    image.paste(ink, (0, 0), mask)
    return attached(saved(image))


def covered() -> bytes:
    """Words of which nothing shows, since all of the picture is transparent."""
    image = drawn(WORDS, (800, 120)).convert("RGBA")
    image.putalpha(0)
    return attached(saved(image))


def aslant(degrees: int) -> Image.Image:
    return drawn(WORDS).rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)


def shadowed() -> Image.Image:
    """A form that is dark at one end."""
    form = Image.new("L", (1200, 1500), 255)
    for place, words in enumerate(("Northside Clinic", "Intake form", WORDS, "Diagnosis diabetes", "Please call us.")):
        form.paste(drawn(words, (500, 80)).resize((1000, 160)).convert("L"), (100, 150 + 160 * place))
    light = Image.linear_gradient("L").resize(form.size).point(lambda shade: 90 + shade * 165 // 255)
    return ImageChops.multiply(form, light)


def two_names() -> bytes:
    """An archive whose header before the entry has another name than its directory."""
    name = f"{WORDS} diabetes"
    return attached(zipped({"a" * len(name): "x"}).replace(b"a" * len(name), name.encode(), 1))


def raw_deflated() -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return machine.compress(LINE.encode()) + machine.flush()


def xxencoded(octets: bytes) -> str:
    lines = ["begin 644 a.txt"]
    for at in range(0, len(octets), 45):
        piece = octets[at : at + 45]
        padded = piece + bytes(-len(piece) % 3)
        numbers = (int.from_bytes(padded[start : start + 3], "big") for start in range(0, len(padded), 3))
        lines.append(
            _XX[len(piece)] + "".join(_XX[number >> shift & 63] for number in numbers for shift in (18, 12, 6, 0))
        )
    return "\n".join((*lines, "+", "end"))


SHARED = (
    '<cacheField name="Note"><sharedItems><s v="diabetes"/></sharedItems></cacheField>'
    '<cacheField name="SSN"><sharedItems><n v="219099999"/></sharedItems></cacheField>'
)
BARE = '<cacheField name="Note"/><cacheField name="SSN"/>'
COLOURS = rb"{\colortbl;\red255\green255\blue255;\red0\green0\blue0;}"
SPAN = '<text:p>SSN of the patient with diabetes: 219-<text:span text:style-name="T1">77</text:span>09-9999</text:p>'

TRICKS = (
    Trick("docx-style", "digits within the number that a named style hides", within('<w:rStyle w:val="Ghost"/>')),
    Trick("docx-style-of-style", "the same by a style that builds on another", within('<w:rStyle w:val="Kin"/>')),
    Trick("docx-on-its-colour", "digits in the colour of what is below them", within('<w:shd w:fill="FF0000"/><w:color w:val="FF0000"/>')),
    Trick("docx-narrow", "digits as narrow as a hair", within('<w:w w:val="1"/>')),
    Trick("docx-from-the-right", "a stretch whose letters go from right to left", attached(docx(paragraph(
        SSN, f'<w:bdo w:val="rtl"><w:r><w:t>{NUMBER[:3:-1]}</w:t></w:r><w:r><w:t>{NUMBER[3::-1]}</w:t></w:r></w:bdo>')))),
    Trick("docx-list-in-equation", "a list of an equation", attached(docx(paragraph(SSN, field(r" EQ \l(219,-09,-9999) "))))),
    Trick("docx-over-in-equation", "letters drawn over nothing", attached(docx(paragraph(SSN, field(r" EQ \o(2,)\o(1,)\o(9,)\o(-,)09-9999 "))))),
    Trick("docx-computed-field", "a field that adds numbers", attached(docx(paragraph(SSN, field(r' = 219099998+1 \# "000-00-0000" ')))), "held"),
    Trick("docx-wingdings", "circled digits of a font of symbols", symbols("Wingdings", 0x80)),
    Trick("docx-wingdings-black", "black circled digits", symbols("Wingdings", 0x8B)),
    Trick("docx-wingdings-2", "circled digits of another font of symbols", symbols("Wingdings 2", 0x69)),
    Trick("docx-wingdings-letters", "letters that such a font draws as digits", in_font("Wingdings 2", 0x69)),
    Trick("docx-wingdings-octets", "letters beyond ASCII that it draws as digits", in_font("Wingdings", 0x80)),
    Trick("docx-word-art", "words along a line", attached(docx(
        paragraph(SSN) + f'<w:p><w:r><w:pict><v:shape xmlns:v="v"><v:textpath string="{NUMBER}"/></v:shape></w:pict></w:r></w:p>'))),
    Trick("docx-ruby", "the number above a letter", attached(docx(
        f"<w:p>{run(SSN)}<w:r><w:ruby><w:rt>{run(NUMBER)}</w:rt><w:rubyBase>{run('x')}</w:rubyBase></w:ruby></w:r></w:p>"))),
    Trick("odt-note", "a remark that begins right behind a letter", attached(
        odf("<text:p>diabetes x<office:annotation><text:p>SSN 219-09-9999</text:p></office:annotation> y</text:p>"))),
    Trick("odt-footnote", "a footnote that begins right behind its sign", attached(
        odf("<text:p>diabetes x<text:note><text:note-citation>a</text:note-citation><text:note-body><text:p>SSN 219-09-9999</text:p></text:note-body></text:note> y</text:p>"))),
    Trick("rtf-footnote", "a footnote that begins right behind a letter", attached(
        rb"{\rtf1 diabetes x{\footnote SSN 219-09-9999} y}")),
    Trick("odt-style", "digits within the number that a style hides", attached(odf(SPAN))),
    Trick("rtf-white", "white digits within the number", attached(rb"{\rtf1" + COLOURS + rb" SSN diabetes 219-{\cf1 77}09-9999}")),
    Trick("rtf-tiny", "digits of one point", attached(rb"{\rtf1 SSN diabetes 219-{\fs2 77}09-9999}")),
    Trick("rtf-style", "digits that a named style hides", attached(rb"{\rtf1{\stylesheet{\*\cs15 \v Ghost;}} SSN diabetes 219-{\cs15 77}09-9999}")),
    Trick("rtf-narrow", "digits as narrow as a hair", attached(rb"{\rtf1 SSN diabetes 219-{\charscalex1 77}09-9999}")),
    Trick("rtf-wingdings", "circled digits of a font of symbols", attached(
        rb"{\rtf1{\fonttbl{\f0 Arial;}{\f1\fcharset2 Wingdings;}} SSN diabetes {\f1 "
        + "".join(f"\\'{0x80 + int(sign):02x}" if sign.isdigit() else sign for sign in NUMBER).encode() + b"}}")),
    Trick("rtf-style-name", "the name of a style", attached(rb"{\rtf1{\stylesheet{\s1 SSN 219-09-9999 diabetes;}} x}")),
    Trick("rtf-list", "the text of a level of a list", attached(
        rb"{\rtf1{\*\listtable{\list{\listlevel{\leveltext\'1aSSN 219-09-9999 diabetes;}}}} x}")),
    Trick("rtf-bullet", "the text before a numbered line, right beside it", attached(rb"{\rtf1 SSN diabetes {\*\pn{\pntxtb 219-09-9999}}x}")),
    Trick("rtf-data", "what Word keeps for itself", attached(rb"{\rtf1{\*\datastore " + LINE.encode().hex().encode() + b"} x}")),
    Trick("rtf-theme", "the same as an archive", attached(
        rb"{\rtf1{\*\themedata " + zipped({"a.xml": f"<a>{LINE}</a>"}).hex().encode() + b"} x}")),
    Trick("pptx-struck", "digits struck out within the number", slide_within('strike="sngStrike"')),
    Trick("pptx-tiny", "digits of one point", slide_within('sz="100"')),
    Trick("pptx-white", "white digits within the number", slide(shape(
        said(f"{SSN}219-") + '<a:r><a:rPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></a:rPr><a:t>77</a:t></a:r>' + said("09-9999")))),
    Trick("pptx-shapes", "shapes in another order than on the slide", slide(
        shape(said("-9999"), 3000), shape(said(SSN)), shape(said("-09"), 2000), shape(said("219"), 1000))),
    Trick("pptx-shape-each", "a shape for each letter, from the last to the first", slide(
        shape(said(SSN)), *(shape(said(sign), 1000 + 100 * place) for place, sign in reversed(list(enumerate(NUMBER)))))),
    Trick("xlsx-joined", "a formula that joins pieces, without the value it had", workbook([row('<c r="B1" t="str"><f>"219"&amp;"-09"&amp;"-9999"</f></c>')])),
    Trick("xlsx-joined-cells", "a formula that joins cells elsewhere", workbook([
        row('<c r="B1" t="str"><f>D9&amp;"-"&amp;D10&amp;"-"&amp;D11</f></c>'), '<c r="D9"><v>219</v></c>', cell("D10", "09"), '<c r="D11"><v>9999</v></c>'])),
    Trick("xlsx-text-function", "a formula that formats a number", workbook([row('<c r="B1"><f>TEXT(219099999,"000-00-0000")</f></c>')])),
    Trick("xlsx-sum", "a formula that adds numbers", workbook([row('<c r="B1"><f>219099998+1</f></c>')])),
    Trick("xlsx-stale", "a formula beside a value that it does not have any more", workbook([row('<c r="B1"><f>219099000+999</f><v>7</v></c>')])),
    Trick("xlsx-codes", "a formula of codes", workbook([row(f'<c r="B1" t="str"><f>{"&amp;".join(f"CHAR({ord(sign)})" for sign in NUMBER)}</f></c>')])),
    Trick("xlsx-choice", "a formula that chooses", workbook([row('<c r="B1" t="str"><f>IF(1,"219-09-","")&amp;"9999"</f></c>')])),
    Trick("xlsx-repeated", "a formula that repeats", workbook([row('<c r="B1" t="str"><f>"219-0"&amp;"9-"&amp;REPT("9",4)</f></c>')])),
    Trick("xlsx-replaced", "a formula that replaces", workbook([row('<c r="B1" t="str"><f>SUBSTITUTE("219x09x9999","x","-")</f></c>')])),
    Trick("xlsx-cut", "a formula that cuts", workbook([row('<c r="B1" t="str"><f>MID("zz219-09-9999zz",3,11)</f></c>')])),
    Trick("xlsx-format", "a format that shows the number whatever the value", formed(f"&quot;{NUMBER}&quot;", "1")),
    Trick("xlsx-format-escaped", "the same, each sign escaped", formed("".join(f"\\{sign}" for sign in NUMBER), "1")),
    Trick("xlsx-format-start", "a format that shows the first group", formed("&quot;219-&quot;00-0000", "99999")),
    Trick("xlsx-format-text", "a format that shows the first group before a text", formed("&quot;219-&quot;@", "09-9999", "inlineStr")),
    Trick("xlsx-format-negative", "a format that shows it for what is below nought", formed(f"0;&quot;{NUMBER}&quot;", "-1")),
    Trick("xlsx-rich", "white digits within the number in one cell", attached(zipped({
        "[Content_Types].xml": TYPES, "xl/sharedStrings.xml": "<sst><si><r><t>SSN diabetes 219-</t></r><r><rPr><color rgb='FFFFFFFF'/>"
        "</rPr><t>77</t></r><r><t>09-9999</t></r></si></sst>", "xl/worksheets/sheet1.xml": sheet([cell("A1", "0", "s")])}))),
    Trick("xlsx-pivot", "rows that a pivot table keeps", pivot(BARE, '<r><s v="diabetes"/><n v="219099999"/></r>')),
    Trick("xlsx-pivot-shared", "the same by numbers of shared values", pivot(SHARED, '<r><x v="0"/><x v="0"/></r>')),
    Trick("xlsx-pivot-headless", "rows of a pivot table without their fields", pivot("", f'<r><s v="SSN"/><s v="{NUMBER}"/><s v="diabetes"/></r>')),
    Trick("pdf-backwards", "a page that draws the number from its end", drawn_apart(range(len(NUMBER))[::-1])),
    Trick("pdf-in-turns", "a page that draws every second letter first", drawn_apart((*range(0, len(NUMBER), 2), *range(1, len(NUMBER), 2)))),
    Trick("pdf-groups", "a page that draws the last group first", attached(page("\n".join((
        line(SSN), line("9999", 185, 660), line("09-", 164, 660), line("219-", 140, 660)))))),
    Trick("pdf-white-within", "white digits within the number, the rest of it drawn over them", attached(page(
        line(SSN) + "BT /F1 12 Tf 72 650 Td (219) Tj 1 1 1 rg (77) Tj 0 0 0 rg (-09-9999) Tj ET"))),
    Trick("pdf-tiny-within", "tiny digits within the number", attached(page(
        line(SSN) + "BT /F1 12 Tf 72 650 Td (219) Tj /F1 1 Tf (77) Tj /F1 12 Tf (-09-9999) Tj ET"))),
    Trick("png-white-on-nothing", "white letters on transparency", transparent(WHITE, (0, 0, 0, 0))),
    Trick("png-white-in-white", "letters that are a shape in the transparency of white", transparent(WHITE, NOTHING)),
    Trick("png-nothing-shows", "a picture of which all is transparent", covered()),
    Trick("png-red-on-green", "red on a green that is as light", attached(saved(drawn(WORDS, ink="#ff0000", paper="#008200")))),
    Trick("png-aslant", "words at an angle of 25 degrees", attached(saved(aslant(25)))),
    Trick("png-aslant-little", "words at an angle of 5 degrees, in which OCR sees a gap", attached(saved(aslant(5)))),
    Trick("jpeg-shadow", "a photograph of a form in the shadow", attached(saved(shadowed(), "JPEG", quality=60))),
    Trick("variation-selectors", "octets in characters that hang on a letter", text(
        f"{COVER} A" + "".join(chr(0xE0100 + ord(sign) - 16) for sign in f"{SSN}{NUMBER}"))),
    Trick("zip-two-names", "a name that the directory does not have", two_names()),
    Trick("base64-raw-deflate", "a deflated text without a header in base64", text(f"{COVER}\n\n{b64(raw_deflated())}")),
    Trick("xxencode", "xxencode", text(f"{COVER}\n\n{xxencoded(LINE.encode())}\n")),
    Trick("xxencode-lines", "several lines of xxencode", text(f"{COVER}\n\n{xxencoded(f'{COVER} {LINE} {COVER}'.encode())}\n")),
)  # fmt: skip
