"""Marks of less usual languages within a number, groups in columns of their own, and what stands behind compressed data."""

import bz2
import gzip
import lzma
import zlib

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import COVER, LINE, NUMBER, Trick, b64, html, text
from tests.evasion.tricks.strays import tarred

_LABEL = "SSN of the patient with diabetes: "
_BETWEEN = (
    ("rst-escape", "reStructuredText: a backslash and a space between the signs", "\\ "),
    ("asciidoc-empty", "AsciiDoc: an attribute without a value", "{empty}"),
    ("asciidoc-pass", "AsciiDoc: plus signs that say nothing", "++++++"),
    ("org-zero-width", "Org: a character of no width", "\\zwnj{}"),
    ("org-export", "Org: an export that is empty", "@@html:@@"),
    ("tex-relax", "TeX: a command that does nothing", "\\relax{}"),
    ("tex-kern", "TeX: a move of no width", "\\kern0pt "),
    ("tex-discretionary", "TeX: a place where no hyphen stands", "\\discretionary{}{}{}"),
    ("roff-moves", "roff: moves of no width", "\\h'0'"),
    ("roff-size", "roff: sizes", "\\s0"),
    ("roff-lines", "roff: lines that go on", "\\c\n"),
    ("wiki-switch", "a switch of MediaWiki", "__NOTOC__"),
    ("wiki-template", "a template of MediaWiki without a name", "{{}}"),
    ("jira-colour", "marks of colour in Jira", "{color}"),
    ("template-remark", "a remark of a template", "{{!x}}"),
    ("server-remark", "a remark of a page of a server", "<%# x %>"),
    ("program-remark", "remarks of a program", "/*x*/"),
    ("shell-variable", "a variable of a shell without a value", "${x}"),
    ("terminal-written", "sequences of a terminal, written out", "\\e[0m"),
    ("terminal-octal", "the same with an octal number", "\\033[0m"),
    ("cdata-borders", "borders of CDATA in plain text", "]]><![CDATA["),
    ("empty-links", "links without words", "[]()"),
    ("entity-no-break", "references of no width in plain text", "&NoBreak;"),
    ("strings-in-lines", "strings below one another", '"\n"'),
    ("wide-gaps", "nine spaces between the signs", " " * 9),
)
_AROUND = (
    ("rst-role", "reStructuredText: each digit in a role", ":sub:`{}`\\ "),
    ("asciidoc-role", "AsciiDoc: each digit in a role", "[.x]#{}#"),
    ("tex-underline", "TeX: each digit underlined", "\\underline{{{}}}"),
    ("tex-raised", "TeX: each digit in a box", "\\raisebox{{0pt}}{{{}}}"),
    ("tex-mathematics", "TeX: each digit a formula", "$\\mathrm{{{}}}$"),
    ("roff-colour", "roff: each digit in a colour", "\\m[red]{}\\m[]"),
    ("roff-struck", "roff: each digit without its width", "\\z{}"),
    ("tags-written", "tags whose angles are references", "&lt;b&gt;{}&lt;/b&gt;"),
)
_TABLES = {
    "columns-comma": ("an SSN in three columns", "name,ssn1,ssn2,ssn3,dx\nJane,219,09,9999,diabetes\n"),
    "columns-without-nought": ("in three columns of numbers", "ssn1,ssn2,ssn3,dx\n219,9,9999,diabetes\n"),
    "columns-two": ("in two columns", "ssn_first5,ssn_last4,dx\n21909,9999,diabetes\n"),
    "columns-turned": ("in columns, the last first", "ssn3;ssn1;ssn2;dx\n9999;219;09;diabetes\n"),
    "columns-spaces": ("in columns of spaces", "SSN1 SSN2 SSN3 DX\n219  09   9999 diabetes\n"),
    "keys-numbered": ("under three keys", '{"ssn1":"219","ssn2":"09","ssn3":"9999","dx":"diabetes"}'),
}


def _old_tar() -> bytes:
    """A tar of one file without the magic number that it has since 1988."""
    octets = bytearray(tarred())
    octets[257:265] = b"\0" * 8
    octets[148:156] = b" " * 8
    octets[148:156] = b"%06o\0 " % sum(octets[:512])
    return bytes(octets)


_LZMA, _OTHER = (lzma.compress(one.encode(), format=lzma.FORMAT_ALONE) for one in (LINE, COVER))
_FILES = {
    "lzma-behind-lzma": ("a second .lzma behind the end of the first", _OTHER + _LZMA),
    "words-behind-lzma-in-gzip": (
        "words behind the end of a .lzma, compressed again",
        gzip.compress(_OTHER + LINE.encode(), mtime=0),
    ),
    "words-behind-bzip2-in-gzip": (
        "the same with bzip2",
        gzip.compress(bz2.compress(COVER.encode()) + LINE.encode(), mtime=0),
    ),
}
_WITHIN = {
    "zeros-between": (
        "a text with three zeros behind each octet",
        b"".join(bytes([one, 0, 0, 0]) for one in LINE.encode()),
    ),
    "base64-of-old-tar": ("a tar without its magic number in base64", _old_tar()),
    "base64-of-lzma": (".lzma in base64", _LZMA),
    "base64-of-utf-32": ("UTF-32 in base64", LINE.encode("utf-32-be")),
    "base64-behind-zlib": (
        "words behind the end of a stream of zlib in base64",
        zlib.compress(COVER.encode()) + LINE.encode(),
    ),
    "base64-of-program": ("words in a program in base64", b"\x7fELF\2\1\1" + bytes(60) + LINE.encode()),
}

TRICKS = (
    *(Trick(name, what, text(_LABEL + mark.join(NUMBER))) for name, what, mark in _BETWEEN),
    *(
        Trick(name, what, text(_LABEL + "".join(mark.format(one) if one.isdigit() else one for one in NUMBER)))
        for name, what, mark in _AROUND
    ),
    Trick("stray-marks", "stray marks within the groups", text(_LABEL + "21*9-0*9-99*99")),
    Trick("one-stray-space", "one space of another kind within the last group", text(_LABEL + "219-09-9\u2007999")),
    *(Trick(name, what, text(said)) for name, (what, said) in _TABLES.items()),
    Trick(
        "columns-html",
        "in three columns of a page",
        html(
            "<table><tr><th>SSN1</th><th>SSN2</th><th>SSN3</th><th>dx</th></tr>"
            "<tr><td>219</td><td>09</td><td>9999</td><td>diabetes</td></tr></table>"
        ),
    ),
    Trick(
        "placed-signs",
        "each sign at its place, the last one first in the page",
        html(
            _LABEL
            + "".join(
                f'<b style="position:absolute;left:{9 * place}px">{one}</b>'
                for place, one in reversed(list(enumerate(NUMBER)))
            )
        ),
    ),
    Trick(
        "sections-in-text",
        "sections of a parameter in a text that no program takes for fields",
        text('Content-Type: text/plain; name*0="SSN 219-0"; name*1="9-9999 diabetes"', kind="x-note"),
    ),
    *(Trick(name, what, attached(octets, "a.dat")) for name, (what, octets) in _FILES.items()),
    *(Trick(name, what, text(f"{COVER}\n\n{b64(octets)}")) for name, (what, octets) in _WITHIN.items()),
)
