"""Charsets that are mislabelled, unknown, shifting or wider than they look."""

from tests.evasion.tricks.base import BASE64, COVER, LINE, NUMBER, Trick, b64, mail, text

_HTML_16 = f'<html><head><meta charset="utf-16"></head><body>{LINE}</body></html>'

# The digits 2, 1 and 9 of mathematics, each half of their surrogates in UTF-8.
_CESU = "".join(map(chr, (0xD835, 0xDFD0, 0xD835, 0xDFCF, 0xD835, 0xDFD7))).encode("utf-8", "surrogatepass")


def _in(name: str, what: str, octets: bytes, label: str, kind: str = "plain", expect: str = "found") -> Trick:
    """Octets in base64 with the label of a charset ("": none)."""
    charset = f"; charset={label}" if label else ""
    return Trick(name, what, mail(b64(octets), f"Content-Type: text/{kind}{charset}", BASE64), expect)


def _utf7(line: str) -> bytes:
    return "".join("+" + b64(c.encode("utf-16-be")).rstrip("=") + "-" if c.isdigit() else c for c in line).encode()


TRICKS = [
    _in("utf-7", "UTF-7, digits shifted", _utf7(LINE), "utf-7"),
    _in("utf-7-unlabelled", "UTF-7 without a label", _utf7(LINE), ""),
    _in("utf-7-as-ascii", "UTF-7 labelled as ASCII", _utf7(LINE), "us-ascii"),
    _in("utf-7-as-utf-8", "UTF-7 labelled as UTF-8", _utf7(LINE), "utf-8"),
    _in(
        "utf-7-html-meta",
        "UTF-7 that only a declaration in the page names",
        b'<meta charset="utf-7"><p>' + _utf7(LINE),
        "",
        "html",
    ),
    _in("utf-7-imap", "the UTF-7 of IMAP", _utf7(LINE).replace(b"+", b"&"), "x-imap4-modified-utf7"),
    _in("utf-16-bom", "UTF-16 with its mark", LINE.encode("utf-16"), "utf-16"),
    _in("utf-16-bom-unlabelled", "UTF-16 with its mark and without a label", LINE.encode("utf-16"), ""),
    _in("utf-16-bom-as-ascii", "UTF-16 with its mark labelled as ASCII", LINE.encode("utf-16"), "us-ascii"),
    _in("utf-16-bom-as-utf-8", "UTF-16 with its mark labelled as UTF-8", LINE.encode("utf-16"), "utf-8"),
    _in("utf-16-le", "UTF-16 without a mark, little-endian", LINE.encode("utf-16-le"), "utf-16"),
    _in("utf-16-be", "UTF-16 without a mark, big-endian", LINE.encode("utf-16-be"), "utf-16"),
    _in("utf-16-le-unlabelled", "UTF-16 without mark and label", LINE.encode("utf-16-le"), ""),
    _in("utf-16-be-as-ascii", "UTF-16 without a mark labelled as ASCII", LINE.encode("utf-16-be"), "us-ascii"),
    _in("utf-16-le-as-be", "little-endian UTF-16 labelled as big-endian", LINE.encode("utf-16-le"), "utf-16be"),
    _in("utf-16-bom-other", "a mark that contradicts the label", b"\xfe\xff" + LINE.encode("utf-16-be"), "utf-16le"),
    _in("utf-16-html", "a page in UTF-16 without a label", _HTML_16.encode("utf-16-le"), "", "html"),
    _in("utf-16-label-ascii", "plain ASCII labelled as UTF-16", LINE.encode(), "utf-16"),
    _in("utf-16-label-ascii-odd", "plain ASCII of odd length labelled as UTF-16", LINE.encode() + b"x", "utf-16le"),
    _in("utf-32", "UTF-32 with its mark", LINE.encode("utf-32"), "utf-32"),
    _in("utf-32-unlabelled", "UTF-32 without a label", LINE.encode("utf-32"), ""),
    _in("utf-32-le-as-ascii", "UTF-32 without a mark labelled as ASCII", LINE.encode("utf-32-le"), "us-ascii"),
    _in("utf-8-bom", "UTF-8 with a mark labelled as Latin-1", b"\xef\xbb\xbf" + LINE.encode(), "iso-8859-1"),
    _in(
        "utf-8-full-width-as-latin-1",
        "digits of full width in UTF-8 labelled as Latin-1",
        LINE.replace("9", "９").encode(),
        "iso-8859-1",
    ),
    _in(
        "utf-8-overlong",
        "overlong UTF-8",
        b"".join(bytes([0xC0 | o >> 6, 0x80 | o & 63]) if 48 <= o < 58 else bytes([o]) for o in LINE.encode()),
        "utf-8",
    ),
    _in(
        "utf-8-overlong-3",
        "overlong UTF-8 of three octets",
        b"".join(bytes([0xE0, 0x80 | o >> 6, 0x80 | o & 63]) if 48 <= o < 58 else bytes([o]) for o in LINE.encode()),
        "utf-8",
    ),
    _in(
        "utf-8-invalid-between",
        "octets that UTF-8 does not have within the number",
        LINE.encode().replace(b"-", b"\xff-"),
        "utf-8",
    ),
    _in("utf-8-cut-between", "half a character within the number", LINE.encode().replace(b"-", b"\xe2\x80-"), "utf-8"),
    _in("cesu-8", "a digit of mathematics in surrogates", LINE.encode().replace(b"219", _CESU), "cesu-8"),
    _in("ebcdic-037", "EBCDIC of the United States", LINE.encode("cp037"), "ibm037"),
    _in("ebcdic-500", "EBCDIC under another name", LINE.encode("cp500"), "ebcdic-cp-be"),
    _in("ebcdic-unlabelled", "EBCDIC without a label", LINE.encode("cp037"), "", expect="held"),
    _in("ebcdic-as-utf-8", "EBCDIC labelled as UTF-8", LINE.encode("cp037"), "utf-8", expect="held"),
    _in("iso-2022-jp", "shifts between the digits", LINE.encode().replace(b"-", b"\x1b$B\x1b(B-"), "iso-2022-jp"),
    _in(
        "iso-2022-jp-full-width",
        "digits of full width after a shift",
        LINE.replace("219", "２１９").encode("iso-2022-jp"),
        "iso-2022-jp",
    ),
    _in("iso-2022-jp-unlabelled", "shifts without a label", LINE.replace("219", "２１９").encode("iso-2022-jp"), ""),
    _in(
        "iso-2022-jp-as-utf-8", "shifts labelled as UTF-8", LINE.replace("219", "２１９").encode("iso-2022-jp"), "utf-8"
    ),
    _in(
        "iso-2022-kr",
        "the shifts of Korean",
        b"\x1b$)C" + LINE.encode().replace(b"219", b"\x0e#2#1#9\x0f"),
        "iso-2022-kr",
    ),
    _in("hz", "HZ, digits of full width", LINE.replace("219", "２１９").encode("hz"), "hz-gb-2312"),
    _in("hz-unlabelled", "HZ without a label", LINE.replace("219", "２１９").encode("hz"), "us-ascii"),
    _in("hz-empty-shifts", "empty shifts of HZ within the number", LINE.encode().replace(b"-", b"~{~}-"), "hz-gb-2312"),
    _in("hz-continuation", "line ends that HZ takes away", LINE.encode().replace(b"-", b"~\n-"), "hz-gb-2312"),
    _in("gb18030", "digits of full width in GB 18030", LINE.replace("219", "２１９").encode("gb18030"), "gb2312"),
    _in(
        "shift-jis", "digits of full width in Shift_JIS", LINE.replace("219", "２１９").encode("shift_jis"), "shift_jis"
    ),
    _in(
        "shift-jis-as-latin-1",
        "Shift_JIS labelled as Latin-1",
        LINE.replace("9", "９").encode("shift_jis"),
        "iso-8859-1",
        expect="held",
    ),
    _in("big5", "digits of full width in Big5", LINE.replace("219", "２１９").encode("big5"), "big5"),
    _in("euc-kr", "digits of full width in EUC-KR", LINE.replace("219", "２１９").encode("euc_kr"), "ks_c_5601-1987"),
    _in("mac-roman", "Macintosh Roman with its dash", LINE.replace("-", "–").encode("mac-roman"), "macintosh"),
    _in("koi8-r", "Cyrillic around the number", (f"Анкета: {LINE}").encode("koi8-r"), "koi8-r"),
    _in("unknown-label", "a charset that nobody knows", LINE.encode(), "x-odd"),
    _in(
        "unknown-label-shifted",
        "an unknown charset, octets moved by one",
        bytes(o + 1 for o in LINE.encode()),
        "x-odd",
        expect="held",
    ),
    _in("scsu", "a compressed charset", b"\x0e" + LINE.encode("utf-16-be"), "scsu", expect="held"),
    _in("label-quoted", "the charset in quotes with a space", LINE.encode("utf-16-le"), '" utf-16le "'),
    _in("label-comment", "a comment behind the charset", LINE.encode("utf-16-le"), "utf-16le (us-ascii)"),
    Trick(
        "label-encoded",
        "the charset in the form of RFC 2231",
        mail(b64(LINE.encode("utf-16-le")), "Content-Type: text/plain; charset*=us-ascii''utf-16le", BASE64),
    ),
    _in("label-twice", "two charsets, the second one counts", LINE.encode("utf-16-le"), "utf-8; charset=utf-16le"),
    _in("label-twice-ebcdic", "two charsets, one of them EBCDIC", LINE.encode("cp037"), "utf-8; charset=ibm037"),
    _in("label-single-quotes", "the charset in single quotes", LINE.encode("utf-16-le"), "'utf-16le'"),
    Trick(
        "label-semicolon-less",
        "the charset without its semicolon",
        mail(b64(LINE.encode("utf-16-le")), "Content-Type: text/plain charset=utf-16le", BASE64),
    ),
    _in(
        "meta-ebcdic",
        "a page that says it is EBCDIC, and the label agrees",
        f'<meta charset="ibm037"><p>{LINE}'.encode("cp037"),
        "ibm037",
        "html",
    ),
    _in(
        "meta-against-label",
        "a declaration in the page that contradicts the label",
        b'<meta charset="utf-7"><p>' + _utf7(LINE),
        "utf-8",
        "html",
    ),
    _in(
        "xml-against-label",
        "a declaration in XML that contradicts the label",
        b'<?xml version="1.0" encoding="utf-7"?><p>' + _utf7(LINE) + b"</p>",
        "utf-8",
        "xml",
    ),
    Trick("dots-of-smtp", "a line that starts with two dots", text(f".\n..\n{LINE}\n.{COVER}")),
    Trick(
        "lines-cr", "lines that end with CR", text(b"Intake form:\rSSN " + NUMBER.encode() + b"\rdiagnosis: diabetes\r")
    ),
    Trick("nul-between", "NULs within the number", text(LINE.encode().replace(b"-", b"\0-"))),
    Trick("backspace-between", "backspaces within the number", text(LINE.encode().replace(b"9-", b"9x\x08-"))),
    Trick(
        "escape-sequences",
        "colours of a terminal within the number",
        text(LINE.encode().replace(b"-", b"\x1b[31m-\x1b[0m")),
    ),
]
