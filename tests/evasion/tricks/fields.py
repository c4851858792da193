"""Data in fields themselves, for the tricks in headers.py: subjects, other fields, names of files."""

from tests.evasion.tricks.base import (
    COVER,
    COVER_PART,
    LINE,
    NUMBER,
    PLAIN,
    Trick,
    b64,
    mail,
    part,
    parts,
)

_MIXED = 'Content-Type: multipart/mixed; boundary="b1"'


def _subject(name: str, what: str, subject: str | bytes) -> Trick:
    return Trick(name, what, mail(COVER, PLAIN, subject=subject))


def _field(name: str, what: str, *fields: str | bytes) -> Trick:
    return Trick(name, what, mail(COVER, *fields))


VALUES = [
    _subject("subject-plain", "the number in the subject", f"Subject: {LINE}"),
    _subject(
        "subject-words-split",
        "two encoded words that split the number",
        "Subject: =?utf-8?q?SSN_219-0?= =?utf-8?q?9-9999=2C_diabetes?=",
    ),
    _subject(
        "subject-words-folded",
        "encoded words on folded lines",
        "Subject: =?utf-8?q?SSN_219-?=\n =?utf-8?b?MDktOTk5OSwgZGlhYmV0ZXM=?=",
    ),
    _subject("subject-fold-in-number", "a fold within the number", "Subject: SSN 219-09\n -9999, diabetes"),
    _subject(
        "subject-words-charsets",
        "encoded words of two charsets that split the number",
        "Subject: =?iso-8859-1?q?SSN_219-0?= =?utf-8?q?9-9999=2C_diabetes?=",
    ),
    _subject(
        "subject-word-unpadded",
        "an encoded word in base64 without its padding",
        "Subject: =?utf-8?b?" + b64(LINE).replace("\n", "").rstrip("=") + "?=",
    ),
    _subject(
        "subject-word-language", "an encoded word with a language", f"Subject: =?utf-8*en?q?{LINE.replace(' ', '_')}?="
    ),
    _subject("subject-word-spaces", "an encoded word with spaces in it", f"Subject: =?utf-8?q?{LINE}?="),
    _subject(
        "subject-word-no-gap",
        "encoded words without a gap",
        "Subject: =?utf-8?q?SSN_219-0?==?utf-8?q?9-9999=2C_diabetes?=",
    ),
    _subject(
        "subject-word-unclosed",
        "an encoded word that is never closed",
        "Subject: =?utf-8?q?=53SN=20219=2D09=2D9999=2C=20diabetes",
    ),
    _subject(
        "subject-word-twice",
        "an encoded word that holds an encoded word",
        "Subject: =?utf-8?b?" + b64("=?utf-8?q?SSN_219=2D09=2D9999_diabetes?=").replace("\n", "") + "?=",
    ),
    _subject(
        "subject-word-unknown-charset",
        "an encoded word of an unknown charset",
        "Subject: =?x-odd?q?SSN_219=2D09=2D9999_diabetes?=",
    ),
    _subject(
        "subject-word-utf-7", "an encoded word in UTF-7", "Subject: =?utf-7?q?SSN_+ADIAMQA5-=2D09=2D9999_diabetes?="
    ),
    _subject(
        "subject-word-utf-16",
        "an encoded word in UTF-16",
        "Subject: =?utf-16be?b?" + b64(LINE.encode("utf-16-be")).replace("\n", "") + "?=",
    ),
    _subject(
        "subject-word-split-character",
        "base64 split in the middle of a character",
        "Subject: =?utf-8?b?U1NOIDIxOS0wOS05OTk5IMM=?= =?utf-8?b?qSBkaWFiZXRlcw==?=",
    ),
    _subject(
        "subject-word-quoted", "an encoded word in quotes", 'Subject: "=?utf-8?q?SSN_219=2D09=2D9999=2C_diabetes?="'
    ),
    _subject(
        "subject-word-long-charset",
        "an encoded word that is cut into single characters",
        "Subject: " + " ".join(f"=?utf-8?q?={ord(c):02X}?=" for c in f"SSN {NUMBER} diabetes"),
    ),
    _subject("subject-raw-utf-8", "raw UTF-8 with digits of full width", "Subject: SSN ２１９-０９-９９９９, diabetes"),
    _subject("subject-percent", "percent signs as in an address", "Subject: SSN%20219%2D09%2D9999%20diabetes"),
    _subject("subject-entities", "character references of HTML", "Subject: SSN &#50;&#49;&#57;-09-9999, diabetes"),
    Trick("subject-twice", "two subjects, the number in the second", mail(COVER, f"Subject: {LINE}", PLAIN)),
    _field(
        "from-display-name", "the number in the name beside the sender's address", f'From: "{LINE}" <a@clinic.example>'
    ),
    _field("to-comment", "the number in a comment of an address", f"Cc: bo@partner.example ({LINE})"),
    _field("x-field", "the number in a field of its own", f"X-Note: {LINE}"),
    _field(
        "x-field-encoded",
        "encoded words in a field of its own",
        "X-Note: =?utf-8?b?" + b64(LINE).replace("\n", "") + "?=",
    ),
    _field("x-field-base64", "bare base64 in a field of its own", f"X-Data: {b64(LINE, 300)}"),
    _field("x-field-name", "the number as the name of a field", "X-SSN-219-09-9999: diabetes"),
    _field("keywords", "the number among the keywords", f"Keywords: {LINE}"),
    _field("message-id", "the number as an identifier", "References: <SSN.219-09-9999.diabetes@clinic.example>"),
    _field(
        "received-comment",
        "the number in a comment of a trace field",
        f"Received: from a.example ({LINE}) by b.example; Mon, 2 Mar 2026 10:11:12 +0000",
    ),
    _field(
        "date-comment", "the number in a comment of the date", f"Resent-Date: Mon, 2 Mar 2026 10:11:12 +0000 ({LINE})"
    ),
    _field(
        "content-type-parameter",
        "the number in a parameter of the content type",
        f'Content-Type: text/plain; x-note="{LINE}"',
    ),
    _field("content-description", "the number in a description", f"Content-Description: {LINE}"),
    _field(
        "dkim-tag",
        "the number in a tag of a signature",
        "DKIM-Signature: v=1; a=rsa-sha256; d=x.example; z=SSN 219-09-9999 diabetes; b=aa",
    ),
    _field(
        "list-unsubscribe",
        "the number in an address of a list field",
        "List-Unsubscribe: <mailto:x@y.example?subject=SSN%20219-09-9999%20diabetes>",
    ),
    Trick(
        "field-after-junk", "a field behind a line that is no field", mail(COVER, "no field here", f"X-Note: {LINE}")
    ),
    Trick("field-after-cr", "a field behind a bare CR", mail(COVER, b"X-A: b\rX-Note: " + LINE.encode())),
    Trick(
        "mbox-line",
        "a line of an mbox before the header, with the number",
        b"From 219-09-9999 SSN diabetes\r\n" + mail(COVER),
    ),
]

FILENAMES = [
    Trick(name, what, mail(parts(COVER_PART, part("x", "Content-Type: text/csv", field)), _MIXED))
    for name, what, field in [
        (
            "filename-plain",
            "the number in a file's name",
            f'Content-Disposition: attachment; filename="SSN {NUMBER} diabetes.csv"',
        ),
        (
            "filename-2231",
            "an encoded file name",
            "Content-Disposition: attachment; filename*=utf-8''SSN%20219%2D09%2D9999%20diabetes.csv",
        ),
        (
            "filename-2231-split",
            "a file name in sections that split the number",
            "Content-Disposition: attachment; filename*0*=utf-8''SSN%20219%2D0;\n filename*1*=9%2D9999%20diabetes.csv",
        ),
        (
            "filename-2231-gap",
            "sections with a number left out",
            'Content-Disposition: attachment; filename*0="SSN 219-0"; filename*2="9-9999 diabetes.csv"',
        ),
        (
            "filename-word",
            "a file name as an encoded word",
            'Content-Disposition: attachment; filename="=?utf-8?q?SSN_219=2D09=2D9999_diabetes.csv?="',
        ),
        (
            "filename-second",
            "a second file name",
            f'Content-Disposition: attachment; filename="a.csv"; filename="SSN {NUMBER} diabetes.csv"',
        ),
        (
            "filename-name-differs",
            "another name in the content type",
            f'Content-Type: text/csv; name="SSN {NUMBER} diabetes.csv"\nContent-Disposition: attachment; filename="a.csv"',
        ),
        (
            "filename-percent",
            "percent signs in a plain file name",
            'Content-Disposition: attachment; filename="SSN%20219%2D09%2D9999%20diabetes.csv"',
        ),
    ]
]
