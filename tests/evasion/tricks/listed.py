"""What a program writes before an item, into a field or a page; files and comments in places that few look into."""

import binascii
from xml.sax.saxutils import quoteattr

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import LINE, NUMBER, PLAIN, Trick, html, mail, multipart, part, text
from tests.makers.office import ODF, TYPES, P, W, docx, paragraph, zipped

LABEL = "SSN of the patient with diabetes: "


def level(place: int, start: int, words: str, form: str = "decimal") -> str:
    return f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{words}"/></w:lvl>'


def item(place: int = 0, words: str = "") -> str:
    """A paragraph of the list."""
    run = f"<w:r><w:t>{words}</w:t></w:r>"
    return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="1"/></w:numPr></w:pPr>{run}</w:p>'


def numbered(levels: str, items: str, override: str = "", styles: str = "") -> bytes:
    """A document of Word with a list."""
    number = f'<w:num w:numId="1"><w:abstractNumId w:val="0"/>{override}</w:num>'
    numbering = f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>{number}</w:numbering>'
    more = {"word__styles_xml": f"<w:styles {W}>{styles}</w:styles>"} if styles else {}
    return docx(paragraph(LABEL) + items, word__numbering_xml=numbering, **more)


def field(*instructions: str) -> bytes:
    """A document of Word with fields that have no result."""
    runs = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in instructions)
    return docx(paragraph(LABEL) + f"<w:p>{runs}</w:p>")


def slide(*paragraphs: str) -> bytes:
    """A presentation. A paragraph is its properties and its words."""
    made = "".join(f"<a:p>{one}</a:p>" for one in (f"<a:r><a:t>{LABEL}</a:t></a:r>", *paragraphs))
    shape = f"<p:sld {P}><p:cSld><p:spTree><p:sp><p:txBody>{made}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    return zipped({"[Content_Types].xml": TYPES, "ppt/slides/slide1.xml": shape})


def open_text(body: str, styles: str = "") -> bytes:
    """A text of OpenDocument."""
    content = (
        f'<office:document-content {ODF} xmlns:style="urn:s" xmlns:form="urn:f">{styles}<office:body><office:text>'
        f"<text:p>{LABEL}</text:p>{body}</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def open_list(attributes: str, words: str = "", begins: str = "", kind: str = "number") -> bytes:
    """A list of OpenDocument of one item."""
    style = (
        f'<text:list-style style:name="L"><text:list-level-style-{kind} text:level="1" {attributes}/></text:list-style>'
    )
    one = (
        f'<text:list text:style-name="L"><text:list-item {begins}><text:p>{words}</text:p></text:list-item></text:list>'
    )
    return open_text(one, f"<office:automatic-styles>{style}</office:automatic-styles>")


_OVERRIDE = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="219"/></w:lvlOverride>'
_STYLE = '<w:style w:styleId="N"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
_STYLED = '<w:p><w:pPr><w:pStyle w:val="N"/></w:pPr><w:r><w:t>-09-9999</w:t></w:r></w:p>'
_GROUPS = level(0, 219, "%1") + level(1, 9, "%1-%2", "decimalZero") + level(2, 9999, "%1-%2-%3")
_DIGITS = "".join(level(place, int(digit), f"%{place + 1}") for place, digit in enumerate("219099999"))
_OUTLINE = (
    "<office:styles><text:outline-style>"
    '<text:outline-level-style text:level="1" style:num-format="1" text:start-value="219"/>'
    "</text:outline-style></office:styles>"
)
_FILES = {
    "docx-list-prefix": ("words before the number of an item", numbered(level(0, 9999, "219-09-%1"), item())),
    "docx-list-words": ("an item's sign that is the number", numbered(level(0, 1, NUMBER, "bullet"), item())),
    "docx-list-begins": ("a list that begins at 219", numbered(level(0, 219, "%1"), item(0, "-09-9999"))),
    "docx-list-third": ("the third item", numbered(level(0, 217, "%1-09-9999"), item() * 3)),
    "docx-list-levels": ("a level for each group", numbered(_GROUPS, item() + item(1) + item(2))),
    "docx-list-digits": ("a level for each digit", numbered(_DIGITS, "".join(map(item, range(9))))),
    "docx-list-override": ("a list that begins again", numbered(level(0, 1, "%1-09-9999"), item(), _OVERRIDE)),
    "docx-list-style": ("a style with a list", numbered(level(0, 219, "%1"), _STYLED, styles=_STYLE)),
    "docx-field-symbols": ("a field for each sign", field(*(f"SYMBOL {ord(sign)}" for sign in NUMBER))),
    "docx-field-quote": ("strings of a field", field('QUOTE "219-" "09-" "9999"')),
    "docx-field-codes": ("codes of a field", field("QUOTE " + " ".join(str(ord(sign)) for sign in NUMBER))),
    "docx-choice": ("a choice of a form", docx(
        f'<w:p><w:r><w:t>{LABEL}</w:t></w:r></w:p><w:sdt><w:listItem w:displayText="{NUMBER}" w:value="1"/></w:sdt>')),
    "pptx-number": ("a paragraph that begins at 219", slide(
        '<a:pPr><a:buAutoNum type="arabicPlain" startAt="219"/></a:pPr><a:r><a:t>-09-9999</a:t></a:r>')),
    "pptx-bullet": ("digits as signs of paragraphs", slide(
        *(f'<a:pPr><a:buChar char="{sign}"/></a:pPr>' for sign in "219099999"))),
    "odt-list-prefix": ("words before the number of an item", open_list(
        'style:num-format="1" text:start-value="9999" style:num-prefix="219-09-"')),
    "odt-list-begins": ("an item that begins at 219", open_list(
        'style:num-format="1"', "-09-9999", 'text:start-value="219"')),
    "odt-list-bullet": ("an item's sign that is the number", open_list(f'text:bullet-char="{NUMBER}"', kind="bullet")),
    "odt-heading": ("the number of a heading", open_text(
        '<text:h text:outline-level="1">-09-9999</text:h>', _OUTLINE)),
    "odt-condition": ("a text that a condition shows", open_text(
        f'<text:p><text:conditional-text text:condition="1" text:string-value-if-true="{NUMBER}"/></text:p>')),
    "odt-variables": ("three variables", open_text("".join(
        f'<text:variable-set office:value="{group}"/>' for group in ("219", "-09-", "9999")))),
    "odt-form": ("the value of a form", open_text(f'<form:text form:current-value={quoteattr(NUMBER)}/>')),
    "xml-ebcdic": ("XML in EBCDIC", f'<?xml version="1.0" encoding="cp037"?><a><b>{LINE}</b></a>'.encode("cp037")),
}  # fmt: skip
_PAGES = {
    "html-places": (
        "a rule for each of several children",
        "b:nth-child(1):before{content:'219-'}b:nth-child(2):before{content:'09-'}b:nth-child(3):before{content:'9999'}",
        "<p><b></b><b></b><b></b></p>",
    ),
    "html-attributes": (
        "a rule for each value of an attribute",
        "i[k=a]:before{content:'219-'}i[k=b]:before{content:'09-'}i[k=c]:before{content:'9999'}",
        "<i k=a></i><i k=b></i><i k=c></i>",
    ),
    "html-increments": (
        "a counter that is raised",
        "i{counter-increment:x 100}b:before{content:counter(x) '-09-9999'}",
        "<p style='counter-reset:x 19'><i></i><i></i><b></b>",
    ),
    "html-zero": (
        "a counter with its nought",
        "b:before{content:counter(x) '-' counter(y,decimal-leading-zero) '-' counter(z)}",
        "<b style='counter-reset:x 219 y 9 z 9999'></b>",
    ),
    "html-counted-variable": (
        "a counter of a variable",
        ":root{--n:219}b{counter-reset:x var(--n)}b:before{content:counter(x) '-09-9999'}",
        "<b></b>",
    ),
    "html-own-variable": ("a variable of an element", ".a:before{content:var(--x)}", "<b class=a style='--x:\"219-09-\"'></b>9999"),
    "html-item-counter": ("the counter of items", "", "<ol style='counter-reset:list-item 218'><li>-09-9999</ol>"),
    "html-style-prefix": (
        "words before the number of an item",
        "@counter-style x{system:extends decimal;prefix:'219-09-'} .a{list-style:x}",
        "<ol class=a start=9999><li></ol>",
    ),
    "html-style-pad": (
        "nines in front of it",
        "@counter-style x{system:extends decimal;pad:4 '9';prefix:'219-09-'} ol{list-style:x}",
        "<ol start=9><li></ol>",
    ),
    "html-style-symbols": (
        "signs of items",
        "@counter-style x{system:fixed;symbols:'219' '09' '9999';suffix:'-'} ol{list-style:x}",
        "<ol><li><li><li></ol>",
    ),
}  # fmt: skip


def uuencoded(octets: bytes, mode: str = "644") -> str:
    lines = [binascii.b2a_uu(octets[at : at + 45], backtick=True).decode() for at in range(0, len(octets), 45)]
    return f"begin {mode} a.txt\n{''.join(lines)}`\nend\n"


def yenc(octets: bytes, number: int, total: int, begin: int) -> bytes:
    """A part of a file in yEnc."""
    shifted = bytes((octet + 42) % 256 for octet in octets)
    head = f"=ybegin part={number} total={total} line=128 size=99 name=a.txt\n=ypart begin={begin} end={begin + len(octets) - 1}\n"
    return head.encode() + shifted + f"\n=yend size={len(octets)}\n".encode()


def zero_width(octets: bytes) -> str:
    """Bits as signs without a width."""
    return "".join("\u200b\u200c"[octet >> place & 1] for octet in octets for place in range(7, -1, -1))


_CODED = LINE.encode()
_HALVES = (yenc(_CODED[:20], 1, 2, 1), yenc(_CODED[20:], 2, 2, 21))
_ESCAPED = uuencoded(_CODED).replace("&", "&amp;").replace("<", "&lt;")
_LATIN = PLAIN.replace("utf-8", "latin-1")
TRICKS = (
    *(Trick(name, what, attached(octets, *(["a.xml", "application/xml"] if name.startswith("xml") else [])))
      for name, (what, octets) in _FILES.items()),
    *(Trick(name, what, html(f"<style>{style}</style><p>{LABEL}</p>{body}")) for name, (what, style, body) in _PAGES.items()),
    Trick("uu-mode", "uuencode with a mode of one digit", text(uuencoded(_CODED, "0"))),
    Trick("uu-mode-letters", "uuencode with a mode in letters", text(uuencoded(_CODED, "rw-r--r--"))),
    Trick("uu-indented", "uuencode in indented lines", text("".join(
        f"\t{line}\n" for line in uuencoded(_CODED).splitlines()))),
    Trick("uu-page", "uuencode in a page", html(f"<pre>{_ESCAPED}</pre>")),
    Trick("uu-page-lines", "uuencode in a page, with a break for each line", html(_ESCAPED.replace("\n", "<br>"))),
    Trick("yenc-parts", "two parts of yEnc, the second first", text(b"\n".join(_HALVES[::-1]), charset="latin-1")),
    Trick("yenc-part", "a part of yEnc whose others are elsewhere", multipart(
        *(part(half, _LATIN, "Content-Transfer-Encoding: 8bit") for half in _HALVES)), "held"),
    Trick("bits-without-width", "bits of signs without a width", text("Hello" + zero_width(_CODED))),
    Trick("bits-in-page", "the same in a page", html("Hello" + zero_width(_CODED))),
    *(Trick(f"comments-{name.lower()}", f"comments between the digits of {name}", mail(
        "See above.", f"{name}: SSN diabetes {'(x)'.join('219099999')}{more}"))
      for name, more in (("X-Note", ""), ("Received", ""), ("Reply-To", " <bo@partner.example>"))),
    Trick("comments-subject", "comments between the digits of the Subject", mail(
        "See above.", subject=f"Subject: SSN diabetes {'(x)'.join('219099999')}")),
)  # fmt: skip
