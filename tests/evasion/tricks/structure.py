"""Where parts begin and end, and messages within messages."""

from tests.evasion.tricks.base import (
    B64,
    BASE64,
    COVER,
    COVER_PART,
    FIELDS,
    HTML,
    LINE,
    PLAIN,
    QP,
    Trick,
    b64,
    mail,
    multipart,
    part,
    parts,
)

_MIXED = 'Content-Type: multipart/mixed; boundary="b1"'
_HIDDEN = part(B64, PLAIN, BASE64)
_EML = "\r\n".join([*FIELDS, "Subject: inside", PLAIN, BASE64]) + "\r\n\r\n" + B64
_RFC822 = "Content-Type: message/rfc822"


def _mixed(name: str, what: str, body: str | bytes, expect: str = "found") -> Trick:
    return Trick(name, what, mail(body, _MIXED), expect)


def _nested(levels: int) -> bytes:
    inside = _HIDDEN
    for level in range(levels):
        boundary = f"n{level}"
        inside = part(parts(inside, boundary=boundary), f"Content-Type: multipart/mixed; boundary={boundary}")
    return multipart(inside)


def _eml(name: str, what: str, *fields: str, body: str | bytes = _EML.encode()) -> Trick:
    return Trick(name, what, multipart(COVER_PART, part(body, *fields)))


TRICKS = [
    _mixed("preamble", "the text before the first boundary", LINE + "\n" + parts(COVER_PART).decode()),
    _mixed("preamble-encoded", "a base64 part before the first boundary", _HIDDEN + b"\r\n" + parts(COVER_PART)),
    _mixed("epilogue", "the text after the last boundary", parts(COVER_PART) + b"\r\n" + LINE.encode()),
    _mixed("epilogue-encoded", "a base64 part after the last boundary", parts(COVER_PART) + b"\r\n" + _HIDDEN),
    _mixed("part-after-end", "one more part after the last boundary", parts(COVER_PART) + b"\r\n" + parts(_HIDDEN)),
    _mixed("all-preamble", "no boundary line at all", LINE),
    _mixed("unclosed", "no final boundary", parts(COVER_PART, _HIDDEN)[: -len("\r\n--b1--")]),
    _mixed(
        "unclosed-inner",
        "an inner multipart that never ends",
        parts(part(b"--b2\r\n" + _HIDDEN, "Content-Type: multipart/mixed; boundary=b2"), COVER_PART),
    ),
    _mixed(
        "equal-boundaries",
        "an inner multipart with the boundary of the outer one",
        parts(COVER_PART, part(parts(_HIDDEN), _MIXED)),
    ),
    _mixed(
        "prefix-boundaries",
        "an inner boundary that starts like the outer one",
        parts(COVER_PART, part(parts(_HIDDEN, boundary="b11"), "Content-Type: multipart/mixed; boundary=b11")),
    ),
    _mixed(
        "prefix-boundaries-outer",
        "an outer boundary that starts like the inner one",
        parts(COVER_PART, part(parts(_HIDDEN, boundary="b"), "Content-Type: multipart/mixed; boundary=b")),
    ),
    _mixed(
        "boundary-line-junk",
        "letters after a boundary line",
        parts(COVER_PART).replace(b"--b1--", b"--b1 x\r\n") + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-spaces",
        "white space after a boundary line",
        b"--b1 \t \r\n" + COVER_PART + b"\r\n--b1  \r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-indented",
        "a space before a boundary line",
        b"--b1\r\n" + COVER_PART + b"\r\n --b1\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-dash",
        "one dash more before a boundary line",
        b"--b1\r\n" + COVER_PART + b"\r\n---b1\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-one-dash",
        "a boundary line with one dash",
        b"--b1\r\n" + COVER_PART + b"\r\n-b1\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-no-dashes",
        "a boundary line without dashes",
        b"--b1\r\n" + COVER_PART + b"\r\nb1\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-case",
        "a boundary line in capitals",
        b"--b1\r\n" + COVER_PART + b"\r\n--B1\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-nul",
        "a NUL in a boundary line",
        b"--b1\r\n" + COVER_PART + b"\r\n--b1\0\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "boundary-line-cr",
        "boundary lines after a bare CR",
        b"--b1\r\n" + COVER_PART + b"\r--b1\r" + _HIDDEN.replace(b"\r\n", b"\r") + b"\r--b1--\r",
    ),
    _mixed(
        "boundary-line-lf",
        "boundary lines after a bare LF",
        b"--b1\n" + COVER_PART.replace(b"\r\n", b"\n") + b"\n--b1\n" + _HIDDEN.replace(b"\r\n", b"\n") + b"\n--b1--\n",
    ),
    _mixed(
        "boundary-line-mid",
        "a boundary line that starts within a line",
        b"--b1\r\n" + COVER_PART + b" --b1\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed(
        "end-spaced",
        "a final boundary with a space in it, and a part behind it",
        b"--b1\r\n" + COVER_PART + b"\r\n--b1 --\r\n" + _HIDDEN + b"\r\n--b1--",
    ),
    _mixed("no-blank-line", "a part whose text follows its boundary without an empty line", f"--b1\n{LINE}\n--b1--"),
    _mixed("fields-only", "a part that has only fields, the number in one", f"--b1\nX-Note: {LINE}\n--b1--"),
    _mixed(
        "fields-then-text",
        "fields that are followed by text without an empty line",
        f"--b1\nContent-Type: text/plain\n{LINE}\n--b1--",
    ),
    _mixed("empty-multipart", "a closed multipart without parts, text behind it", f"--b1--\n{LINE}"),
    Trick("multipart-base64", "a whole multipart in base64", mail(b64(parts(COVER_PART, _HIDDEN)), _MIXED, BASE64)),
    Trick(
        "multipart-base64-label",
        "a multipart labelled base64 that is not",
        mail(parts(COVER_PART, _HIDDEN), _MIXED, BASE64),
    ),
    Trick(
        "multipart-qp",
        "a whole multipart in quoted-printable",
        mail(parts(part(LINE, PLAIN)).replace(b"=", b"=3D").replace(b"--b1", b"=2D-b1"), _MIXED, QP),
    ),
    Trick(
        "multipart-qp-label",
        "a multipart labelled quoted-printable that is not",
        mail(parts(COVER_PART, _HIDDEN), _MIXED, QP),
    ),
    Trick(
        "alternative-html-only",
        "the number in the HTML alternative alone",
        multipart(COVER_PART, part(f"<p>{LINE}</p>", HTML), subtype="alternative"),
    ),
    Trick(
        "alternative-plain-only",
        "the number in the plain alternative alone",
        multipart(part(LINE, PLAIN), part(f"<p>{COVER}</p>", HTML), subtype="alternative"),
    ),
    Trick(
        "alternative-third",
        "a third alternative of an odd type",
        multipart(
            COVER_PART,
            part(f"<p>{COVER}</p>", HTML),
            part(LINE, "Content-Type: text/x-watch-html"),
            subtype="alternative",
        ),
    ),
    Trick(
        "related-not-referred",
        "a related part that nothing refers to",
        multipart(
            part("<p>x</p>", HTML),
            part(B64, "Content-Type: text/html", BASE64, "Content-ID: <x@y.example>"),
            subtype="related",
        ),
    ),
    Trick("digest", "a message of a digest without a type", multipart(part(_EML), subtype="digest")),
    Trick(
        "report",
        "the number in the report of a delivery",
        multipart(
            COVER_PART,
            part(
                f"Reporting-MTA: dns; a.example\n\nDiagnostic-Code: x; {LINE}", "Content-Type: message/delivery-status"
            ),
            subtype="report",
        ),
    ),
    Trick(
        "report-headers",
        "an encoded word in returned headers",
        multipart(
            COVER_PART,
            part("Subject: =?utf-8?b?" + b64(LINE).replace("\n", "") + "?=", "Content-Type: text/rfc822-headers"),
            subtype="report",
        ),
    ),
    Trick(
        "signed-part",
        "the number in a signed part",
        multipart(
            _HIDDEN,
            part(
                "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----",
                "Content-Type: application/pgp-signature",
            ),
            subtype="signed",
        ),
    ),
    Trick("nested-12", "twelve multiparts within one another", _nested(12)),
    Trick("nested-40", "forty multiparts within one another", _nested(40), "held"),
    Trick("parts-2500", "2,500 parts, the number in the last one", multipart(*[part("x")] * 2500, part(LINE)), "held"),
    Trick(
        "fields-2500",
        "2,500 fields, the number in the last one",
        mail(COVER, *["X-A: b"] * 2500, f"X-Note: {LINE}"),
        "held",
    ),
    Trick(
        "partial",
        "a fragment of a message",
        mail(_EML[:400], "Content-Type: message/partial; id=a; number=1; total=2"),
        "held",
    ),
    Trick(
        "external-body",
        "a body that is elsewhere",
        mail(
            "Content-Type: text/plain\n\n",
            'Content-Type: message/external-body; access-type=URL; URL="http://x.example/"',
        ),
        "held",
    ),
    _eml("message", "a message within the message", _RFC822),
    _eml("message-base64", "a message in base64", _RFC822, BASE64, body=b64(_EML)),
    _eml("message-qp", "a message in quoted-printable", _RFC822, QP, body=_EML.replace("=", "=3D")),
    _eml("message-global", "a message of the internationalized kind", "Content-Type: message/global"),
    _eml(
        "message-as-octets",
        "a message as a file of octets with its name",
        "Content-Type: application/octet-stream; name=a.eml",
        BASE64,
        body=b64(_EML),
    ),
    _eml(
        "message-as-octets-unnamed",
        "a message as a file of octets without a name",
        "Content-Type: application/octet-stream",
        BASE64,
        body=b64(_EML),
    ),
    _eml("message-as-text", "a message as a text file with its name", "Content-Type: text/plain; name=a.eml"),
    _eml(
        "message-as-text-unnamed", "a message as a text file under another name", "Content-Type: text/plain; name=a.txt"
    ),
    _eml("message-as-html-name", "a message under the name of a page", "Content-Type: text/html; name=a.html"),
    _eml("message-odd-subtype", "a message of a kind that nobody knows", "Content-Type: message/x-odd"),
    _eml(
        "message-after-empty-lines", "a message that starts with empty lines", _RFC822, body=b"\r\n\r\n" + _EML.encode()
    ),
    _eml(
        "message-after-mbox-line",
        "a message that starts as in an mbox",
        _RFC822,
        body=b"From a@b.example Mon Mar  2 10:11:12 2026\r\n" + _EML.encode(),
    ),
    _eml(
        "mbox",
        "two messages in an mbox",
        "Content-Type: application/mbox; name=a.mbox",
        body=b"From a@b.example Mon Mar  2 10:11:12 2026\r\nSubject: one\r\n\r\nx\r\n\r\nFrom a@b.example Mon Mar  2 10:11:13 2026\r\n"
        + _EML.encode(),
    ),
    _eml(
        "mhtml",
        "a web archive",
        "Content-Type: application/x-mimearchive; name=a.mht",
        body=mail(parts(part(f"<p>{LINE}</p>".replace("9-0", "9=2D0"), HTML, QP)), _MIXED),
    ),
]
