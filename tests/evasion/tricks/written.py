"""Numbers written in another way than in digits, and texts that a person reads after a step of their own."""

import codecs
import gzip
import struct

from tests.evasion.tricks.attachments import attached, tar
from tests.evasion.tricks.base import LINE, NUMBER, Trick, text
from tests.makers.office import cell, docx, sheet, xlsx
from tests.makers.pictures import drawn

LABEL = "SSN of the patient with diabetes: "
_HEX = [f"{ord(sign):02x}" for sign in LINE]
_WRITTEN = {
    "words": ("digits in words", "two one nine, zero nine, nine nine nine nine"),
    "words-hyphens": ("with hyphens", "two-one-nine-zero-nine-nine-nine-nine-nine"),
    "words-joined": ("without gaps", "TwoOneNineZeroNineNineNineNineNine"),
    "words-mixed": ("words and digits", "2 one 9, zero 9, 9 nine 9 nine"),
    "words-oh": ("oh for zero", "two one nine oh nine nine nine nine nine"),
    "words-radio": ("niner", "two one niner zero niner niner niner niner niner"),
    "words-spanish": ("in Spanish", "dos uno nueve cero nueve nueve nueve nueve nueve"),
    "words-tens": ("hundreds and tens", "two hundred nineteen, oh nine, ninety-nine ninety-nine"),
    "words-double": ("double nine", "two one nine, zero nine, double nine double nine"),
    "words-between": ("a word between the groups", "219 then 09 then 9999"),
    "exponent": ("as spreadsheets write large numbers", "2.19099999E8"),
    "exponent-comma": ("with a comma", "2,19099999E+08"),
    "end-to-start": ("from its end", "9999-90-912 (backwards)"),
    "morse": ("Morse code", "..--- .---- ----. ----- ----. ----. ----. ----. ----."),
    "han-formal": ("numbers of Chinese cheques", "贰壹玖零玖玖玖玖玖"),
    "markdown-bold": ("Markdown", "2**1**9-**09**-9999"),
    "markdown-struck": ("struck out in Markdown", "219~~77~~-09-9999"),
    "markdown-links": ("links of Markdown", "[219](http://a)[-09](http://b)[-9999](http://c)"),
    "markdown-notes": ("notes of Markdown", "219[^1]-09[^2]-9999"),
    "bbcode": ("marks of forums", "[b]219[/b]-[i]09[/i]-9999"),
    "tex": ("TeX", "219\\textbf{-09-}9999"),
    "tex-dashes": ("dashes of TeX", "219\\textendash 09\\textendash 9999"),
    "strings": ("strings that a formula joins", '"219"&"-09-"&"9999"'),
    "symbol-font": ("digits of the font Symbol", "".join(chr(0xF000 + ord(sign)) for sign in NUMBER)),
    "wingdings": ("digits of the font Wingdings", "".join(chr(0xF080 + int(sign)) for sign in "219099999")),
    "charset-switch": ("after a switch to UTF-8", f"\x1b%G{NUMBER}\x1b%@"),
}
_WHOLE = {
    "rot13": ("letters moved by 13", codecs.encode(f"{LABEL}two one nine, zero nine, nine nine nine nine", "rot13")),
    "backwards": ("a text from its end", f"{LABEL}{NUMBER}."[::-1]),
    "next-line": ("NEL for line ends", f"SSN\x85{NUMBER}\x85diabetes"),
    "one-word": ("the label and the number in one word", "patientSSN219099999diabetes"),
    "hex-dots": ("codes between dots", ".".join(_HEX)),
    "hex-dashes": ("codes between dashes", "-".join(_HEX)),
    "hex-basic": ("codes of Basic", " ".join(f"&H{code}" for code in _HEX)),
    "hex-quoted": ("codes in quotes", ",".join(f'"0x{code}"' for code in _HEX)),
    "hex-unicode": ("names of code points", " ".join(f"U+00{code}" for code in _HEX)),
    "hex-percent-u": ("escapes of old scripts", "".join(f"%u00{code}" for code in _HEX)),
    "codes-lines": ("a code a line", "\n".join(str(ord(sign)) for sign in LINE)),
    "codes-dashes": ("codes between dashes", "-".join(str(ord(sign)) for sign in LINE)),
    "codes-chr": ("codes of Basic", "&".join(f"Chr({ord(sign)})" for sign in LINE)),
    "binary-lines": ("an octet a line", "\n".join(f"{ord(sign):08b}" for sign in LINE)),
}


def owned() -> bytes:
    """A tar archive whose owner is the text."""
    head = bytearray(tar("a.txt", b"x"))
    said = f"SSN {NUMBER} diabetes".encode()
    head[265 : 265 + len(said)] = said
    head[148:156] = b" " * 8
    head[148:156] = f"{sum(head[:512]):06o}\0 ".encode()
    return bytes(head)


def extra_field() -> bytes:
    """A gzip file with the text in a field of its header (RFC 1952 section 2.3.1.1)."""
    said = LINE.encode()
    field = b"AB" + struct.pack("<H", len(said)) + said
    return b"\x1f\x8b\x08\x04" + bytes(6) + struct.pack("<H", len(field)) + field + gzip.compress(b"x", mtime=0)[10:]


def netpbm() -> bytes:
    """A picture in zeros and ones."""
    image = drawn(f"SSN {NUMBER}").convert("1")
    rows = ["".join("0" if image.getpixel((x, y)) else "1" for x in range(image.width)) for y in range(image.height)]
    return "\n".join((f"P1\n{image.width} {image.height}", *rows)).encode()


_STRUCK = (
    "<w:p><w:r><w:t>SSN of the patient with diabetes: 219</w:t></w:r><w:r><w:rPr><w:strike/></w:rPr><w:t>77</w:t></w:r>"
    "<w:r><w:t>-09-9999</w:t></w:r></w:p>"
)
_ROWS = [
    cell("A1", "SSN") + cell("B1", "diagnosis"),
    cell("A2", "2.19099999E8", "n") + cell("B2", "diabetes"),
]
_FILES = {
    "tar-owner": ("the name of an owner", owned()),
    "gzip-extra": ("a field of gzip", extra_field()),
    "zstd-skipped": (
        "a frame that zstd passes over",
        b"\x50\x2a\x4d\x18" + struct.pack("<I", len(LINE)) + LINE.encode(),
    ),
    "rtf-short": ("RTF that says less of itself", b"{\\rt SSN 219-{\\b 09}-9999, type 2 diabetes}"),
    "rtf-struck": ("struck out in RTF", b"{\\rtf1 SSN of the patient with diabetes: 219{\\strike 77}-09-9999}"),
    "docx-struck": ("struck out in a document", docx(_STRUCK)),
    "xlsx-exponent": ("a number of a sheet with an exponent", xlsx([sheet(_ROWS)])),
    "csv-exponent": ("a column after a spreadsheet had it", b"ssn,diagnosis\n2.19099999E+08,diabetes\n"),
}
_PICTURES = {
    "netpbm": ("a picture in zeros and ones", netpbm()),
    "xpm": ("a picture as source of C", b'/* XPM */\nstatic char *a[] = {"3 1 2 1", "  c #FFF", "# c #000", "# #"};\n'),
}
TRICKS = (
    *(Trick(name, what, text(LABEL + said)) for name, (what, said) in _WRITTEN.items()),
    *(Trick(name, what, text(said)) for name, (what, said) in _WHOLE.items()),
    *(Trick(name, what, attached(octets)) for name, (what, octets) in _FILES.items()),
    *(Trick(name, what, attached(octets), "held") for name, (what, octets) in _PICTURES.items()),
)
