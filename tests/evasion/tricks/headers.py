"""Fields that say how a body is to be read, written so that programs disagree; and data in fields themselves."""

from tests.evasion.tricks.base import (
    B64,
    BASE64,
    COVER_PART,
    LINE,
    NUMBER,
    PLAIN,
    Trick,
    mail,
    part,
    parts,
)
from tests.evasion.tricks.fields import FILENAMES, VALUES

_CT = "Content-Type"
_CTE = "Content-Transfer-Encoding"
_MIXED = 'Content-Type: multipart/mixed; boundary="b1"'
_INNER = parts(COVER_PART, part(B64, PLAIN, BASE64))


def _encoding(name: str, what: str, *fields: str | bytes) -> Trick:
    """The body is base64; the fields say so in a way of their own."""
    return Trick(name, what, mail(B64, PLAIN, *fields))


def _boundary(name: str, what: str, field: str | bytes, boundary: str = "b1") -> Trick:
    """The second part is base64; the boundary is given in a way of its own."""
    return Trick(name, what, mail(parts(COVER_PART, part(B64, PLAIN, BASE64), boundary=boundary), field))


ENCODINGS = [
    _encoding("cte-twice-base64-first", "two transfer encodings, base64 first", BASE64, f"{_CTE}: 7bit"),
    _encoding("cte-twice-base64-last", "two transfer encodings, base64 last", f"{_CTE}: 7bit", BASE64),
    _encoding("cte-twice-qp-and-base64", "quoted-printable, then base64", f"{_CTE}: quoted-printable", BASE64),
    Trick("cte-twice-plain-body", "base64 and 7bit, and the body is plain", mail(LINE, PLAIN, BASE64, f"{_CTE}: 7bit")),
    Trick("cte-base64-plain-body", "labelled base64, but the body is plain text", mail(LINE, PLAIN, BASE64)),
    Trick(
        "cte-base64-plain-html",
        "labelled base64, but the body is plain HTML",
        mail(f"<p>{LINE}</p>", "Content-Type: text/html", BASE64),
    ),
    Trick(
        "cte-qp-plain-equals",
        "labelled quoted-printable, the number written with equals signs as in the raw text",
        mail(f"SSN={NUMBER}=diabetes", PLAIN, f"{_CTE}: quoted-printable"),
    ),
    _encoding("cte-semicolon", "a semicolon after the transfer encoding", f"{_CTE}: base64;"),
    _encoding("cte-parameter", "a parameter after the transfer encoding", f"{_CTE}: base64; x=y"),
    _encoding("cte-comment-before", "a comment before the transfer encoding", f"{_CTE}: (7bit) base64"),
    _encoding("cte-comment-after", "a comment after the transfer encoding", f"{_CTE}: base64 (7bit)"),
    _encoding("cte-comment-inside", "a comment within the transfer encoding", f"{_CTE}: ba(x)se64"),
    _encoding("cte-quoted", "the transfer encoding in quotes", f'{_CTE}: "base64"'),
    _encoding("cte-list", "a list of transfer encodings", f"{_CTE}: 7bit, base64"),
    _encoding("cte-list-slash", "two transfer encodings with a slash", f"{_CTE}: base64/7bit"),
    _encoding("cte-junk", "a word after the transfer encoding", f"{_CTE}: base64 7bit"),
    _encoding("cte-upper", "the transfer encoding in capitals", f"{_CTE.upper()}: BASE64"),
    _encoding("cte-folded", "the transfer encoding on a folded line", f"{_CTE}:\n base64"),
    _encoding("cte-folded-inside", "the transfer encoding folded in its middle", f"{_CTE}: ba\n se64"),
    _encoding("cte-spaced", "a space within the transfer encoding", f"{_CTE}: base 64"),
    _encoding("cte-dash", "base64 written with a dash", f"{_CTE}: base-64"),
    _encoding("cte-x", "base64 with an x- before it", f"{_CTE}: x-base64"),
    _encoding("cte-encoded-word", "the transfer encoding as an encoded word", f"{_CTE}: =?us-ascii?q?base64?="),
    _encoding("cte-dot", "a full stop after the transfer encoding", f"{_CTE}: base64."),
    _encoding("cte-nul", "a NUL within the transfer encoding", b"Content-Transfer-Encoding: bas\0e64"),
    _encoding("cte-space-before-colon", "a space before the colon", f"{_CTE} : base64"),
    _encoding("cte-nul-in-name", "a NUL within the name of the field", b"Content-Transfer-En\0coding: base64"),
    _encoding(
        "cte-vertical-tab", "a vertical tab before the transfer encoding", b"Content-Transfer-Encoding:\x0bbase64"
    ),
    _encoding("cte-after-cr", "the field behind a bare CR", b"X-A: b\rContent-Transfer-Encoding: base64"),
    _encoding("cte-after-lf", "the field behind a bare LF", b"X-A: b\nContent-Transfer-Encoding: base64"),
    _encoding("cte-after-junk-line", "the field behind a line that is no field", "this is no field", BASE64),
    _encoding("cte-after-blank-fold", "the field behind a line of white space", "X-A: b\n ", BASE64),
    _encoding("cte-indented", "the field indented, as if it went on with the one before", f"X-A: b\n {_CTE}: base64"),
    _encoding("cte-misspelt", "the name of the field with an underscore", "Content_Transfer_Encoding: base64"),
    _encoding("cte-missing", "a base64 body without any transfer encoding"),
    _encoding("cte-unknown", "a base64 body with a made-up transfer encoding", f"{_CTE}: x-secret"),
    _encoding("cte-8bit", "a base64 body labelled 8bit", f"{_CTE}: 8bit"),
    _encoding("cte-qp-for-base64", "a base64 body labelled quoted-printable", f"{_CTE}: quoted-printable"),
    Trick("cte-no-mime-version", "base64 without MIME-Version", mail(B64, PLAIN, BASE64, mime=False)),
    Trick(
        "cte-in-body-after-blank",
        "an empty line before the MIME fields, so that they are text for some programs",
        mail(f"{PLAIN}\n{BASE64}\n\n{B64}"),
    ),
]

TYPES = [
    Trick("type-twice-multipart-first", "two content types, multipart first", mail(_INNER, _MIXED, PLAIN)),
    Trick("type-twice-multipart-last", "two content types, multipart last", mail(_INNER, PLAIN, _MIXED)),
    Trick(
        "type-twice-html",
        "text/plain and text/html, and the number is split by tags",
        mail("<p>SSN 219<b>-09-</b>9999, diabetes</p>", "Content-Type: text/plain", "Content-Type: text/html"),
    ),
    _boundary(
        "type-comments",
        "comments all over the content type",
        "Content-Type: (a) multipart (b) / (c) mixed (d); boundary=b1",
    ),
    _boundary(
        "type-folded", "the content type folded after the slash", "Content-Type: multipart/\n mixed; boundary=b1"
    ),
    _boundary("type-tab", "tabs in the content type", "Content-Type:\tmultipart/mixed\t;\tboundary\t=\tb1"),
    _boundary("type-no-subtype", "multipart without a subtype", "Content-Type: multipart; boundary=b1"),
    _boundary("type-odd-subtype", "a subtype that nobody knows", "Content-Type: multipart/x-odd; boundary=b1"),
    _boundary("type-quoted", "the content type in quotes", 'Content-Type: "multipart/mixed"; boundary=b1'),
    _boundary(
        "type-encoded-word",
        "the content type as an encoded word",
        "Content-Type: =?us-ascii?q?multipart/mixed?=; boundary=b1",
    ),
    _boundary("type-comma", "commas in place of semicolons", "Content-Type: multipart/mixed, boundary=b1"),
    _boundary("type-no-semicolon", "no semicolon before the boundary", "Content-Type: multipart/mixed boundary=b1"),
    _boundary(
        "type-leading-semicolon", "a semicolon before everything", "Content-Type: ; multipart/mixed; boundary=b1"
    ),
    _boundary(
        "type-after-cr", "the content type behind a bare CR", b"X-A: b\rContent-Type: multipart/mixed; boundary=b1"
    ),
    _boundary("type-nul", "a NUL within the content type", b"Content-Type: multi\0part/mixed; boundary=b1"),
    _boundary("type-space-before-colon", "a space before the colon", "Content-Type : multipart/mixed; boundary=b1"),
    _boundary("type-8bit", "a letter outside ASCII in the content type", "Content-Type: multipart/mïxed; boundary=b1"),
    Trick("type-plain-over-multipart", "labelled text/plain, but the body is a multipart", mail(_INNER, PLAIN)),
    Trick("type-missing-over-multipart", "no content type, but the body is a multipart", mail(_INNER)),
    Trick(
        "type-html-as-plain",
        "HTML labelled as plain text, the number split by tags",
        mail("<html><body>SSN 219<b>-09-</b>9999, diabetes</body></html>", PLAIN),
    ),
    Trick(
        "type-html-as-octets",
        "HTML labelled as a file of octets, the number split by tags",
        mail("<html><body>SSN 219<b>-09-</b>9999, diabetes</body></html>", "Content-Type: application/octet-stream"),
    ),
    Trick("type-image-over-text", "text labelled as a picture", mail(LINE, "Content-Type: image/png")),
]

BOUNDARIES = [
    _boundary(
        "boundary-twice-first",
        "two boundaries, the first one counts",
        'Content-Type: multipart/mixed; boundary="b1"; boundary="b2"',
    ),
    _boundary(
        "boundary-twice-last",
        "two boundaries, the last one counts",
        'Content-Type: multipart/mixed; boundary="b2"; boundary="b1"',
    ),
    _boundary("boundary-2231", "an encoded boundary", "Content-Type: multipart/mixed; boundary*=us-ascii''b%31"),
    _boundary(
        "boundary-2231-and-plain",
        "an encoded boundary beside another plain one",
        "Content-Type: multipart/mixed; boundary=b2; boundary*=us-ascii''b1",
    ),
    _boundary(
        "boundary-plain-and-2231",
        "a plain boundary beside another encoded one",
        "Content-Type: multipart/mixed; boundary=b1; boundary*=us-ascii''b2",
    ),
    _boundary(
        "boundary-sections",
        "a boundary in two sections",
        'Content-Type: multipart/mixed; boundary*0="b"; boundary*1="1"',
    ),
    _boundary(
        "boundary-sections-swapped",
        "the sections in the wrong order",
        'Content-Type: multipart/mixed; boundary*1="1"; boundary*0="b"',
    ),
    _boundary(
        "boundary-encoded-word",
        "a boundary as an encoded word",
        'Content-Type: multipart/mixed; boundary="=?us-ascii?q?b1?="',
    ),
    _boundary(
        "boundary-encoded-word-raw",
        "an encoded word that is the boundary as it stands",
        'Content-Type: multipart/mixed; boundary="=?us-ascii?q?b1?="',
        "=?us-ascii?q?b1?=",
    ),
    _boundary("boundary-escape", "a backslash within the boundary", 'Content-Type: multipart/mixed; boundary="b\\1"'),
    _boundary(
        "boundary-escape-raw",
        "a backslash that belongs to the boundary",
        'Content-Type: multipart/mixed; boundary="b\\1"',
        "b\\1",
    ),
    _boundary("boundary-unclosed-quote", "a quote that is never closed", 'Content-Type: multipart/mixed; boundary="b1'),
    _boundary("boundary-single-quotes", "single quotes that are none", "Content-Type: multipart/mixed; boundary='b1'"),
    _boundary(
        "boundary-single-quotes-raw",
        "single quotes that belong to the boundary",
        "Content-Type: multipart/mixed; boundary='b1'",
        "'b1'",
    ),
    _boundary("boundary-comment", "a comment behind the boundary", "Content-Type: multipart/mixed; boundary=b1(x)"),
    _boundary(
        "boundary-comment-raw",
        "parentheses that belong to the boundary",
        "Content-Type: multipart/mixed; boundary=b1(x)",
        "b1(x)",
    ),
    _boundary(
        "boundary-space-inside", "a space in a boundary without quotes", "Content-Type: multipart/mixed; boundary=b1 b2"
    ),
    _boundary(
        "boundary-space-inside-raw",
        "a space that belongs to the boundary",
        "Content-Type: multipart/mixed; boundary=b1 b2",
        "b1 b2",
    ),
    _boundary(
        "boundary-trailing-space", "a space at the end of the boundary", 'Content-Type: multipart/mixed; boundary="b1 "'
    ),
    _boundary(
        "boundary-folded",
        "a boundary folded within its quotes",
        'Content-Type: multipart/mixed; boundary="b\n 1"',
        "b 1",
    ),
    _boundary(
        "boundary-spaces-around", "spaces around the equals sign", "Content-Type: multipart/mixed; boundary = b1"
    ),
    _boundary(
        "boundary-name-upper", "the name of the parameter in capitals", "Content-Type: multipart/mixed; BOUNDARY=b1"
    ),
    _boundary(
        "boundary-8bit", "a boundary outside ASCII", b'Content-Type: multipart/mixed; boundary="b\xc3\xa91"', "bé1"
    ),
    _boundary("boundary-nul", "a NUL within the boundary", b'Content-Type: multipart/mixed; boundary="b\x001"'),
    _boundary(
        "boundary-long",
        "a boundary longer than allowed",
        f'Content-Type: multipart/mixed; boundary="{"b" * 200}"',
        "b" * 200,
    ),
    _boundary("boundary-empty", "an empty boundary", 'Content-Type: multipart/mixed; boundary=""', ""),
    _boundary("boundary-missing", "no boundary, but boundary lines", "Content-Type: multipart/mixed"),
    _boundary("boundary-equals", "two equals signs", "Content-Type: multipart/mixed; boundary==b1"),
    _boundary(
        "boundary-equals-raw",
        "an equals sign that belongs to the boundary",
        "Content-Type: multipart/mixed; boundary==b1",
        "=b1",
    ),
    _boundary(
        "boundary-semicolon-in-quotes",
        "a semicolon within the quotes",
        'Content-Type: multipart/mixed; boundary="b;1"',
        "b;1",
    ),
    _boundary(
        "boundary-semicolon-cut",
        "a boundary that ends at the semicolon in the quotes",
        'Content-Type: multipart/mixed; boundary="b1;x"',
    ),
    _boundary(
        "boundary-in-other-parameter",
        "a boundary within the quotes of another parameter",
        'Content-Type: multipart/mixed; x="; boundary=b2; "; boundary=b1',
    ),
    _boundary(
        "boundary-prefix-of-name",
        "a parameter whose name only starts like boundary",
        "Content-Type: multipart/mixed; boundaryx=b2; boundary=b1",
    ),
    _boundary(
        "boundary-quoted-then-junk", "letters behind the closing quote", 'Content-Type: multipart/mixed; boundary="b"1'
    ),
]

TRICKS = [*ENCODINGS, *TYPES, *BOUNDARIES, *VALUES, *FILENAMES]
