"""Codings whose field no program of ours would understand, and files beside the parts of a multipart."""

import binascii
import io
import tarfile

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import (
    BASE64,
    COVER,
    COVER_PART,
    LINE,
    PLAIN,
    QP,
    Trick,
    b64,
    mail,
    octets,
    part,
    parts,
    text,
)
from tests.evasion.tricks.carried import CARD, uu
from tests.makers.office import docx, paragraph, zipped
from tests.makers.pdf import line, page

_MIXED = 'Content-Type: multipart/mixed; boundary="b1"'
_ZIP = zipped({"a.txt": LINE})
_PDF = page(line(LINE))
_EBCDIC = "Content-Type: text/plain; charset=ibm037"
_WIDE = "Content-Type: text/plain; charset=utf-16le"
_MISSPELT = "Content-Transfer-Encodings: "


def quoted(data: bytes, *, all_of_it: bool = False) -> str:
    """Quoted-printable in lines of 75 signs; of every octet, or of those that need it."""
    lines = [""]
    for octet in data:
        plain = not all_of_it and 32 < octet < 127 and octet != ord("=")
        token = chr(octet) if plain else f"={octet:02X}"
        if len(lines[-1]) + len(token) > 75:
            lines.append("")
        lines[-1] += token
    return "=\n".join(lines)


def tarred() -> bytes:
    """A tar of one file."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(LINE)
        archive.addfile(entry, io.BytesIO(LINE.encode()))
    return written.getvalue()


def around(before: str | bytes = "", after: str | bytes = "") -> bytes:
    """A message whose parts are harmless, with something before the first and behind the last."""
    inside = (octets(before), parts(COVER_PART, part("x", PLAIN)), octets(after))
    return mail(b"\r\n".join(piece for piece in inside if piece), _MIXED)


_PADDED = "".join(b64(LINE[at : at + 4]) for at in range(0, len(LINE), 4))
_ZIP_PART = part(quoted(_ZIP), "Content-Type: application/zip", QP)

TRICKS = (
    Trick(
        "quoted-zip-misspelt-field",
        "a ZIP in quoted-printable, the name of the field misspelt",
        mail(quoted(_ZIP), "Content-Type: application/zip", _MISSPELT + "quoted-printable"),
    ),
    Trick(
        "quoted-docx-as-7bit",
        "a document in quoted-printable, labelled 7bit",
        mail(quoted(docx(paragraph(LINE))), "Content-Type: application/msword", "Content-Transfer-Encoding: 7bit"),
    ),
    Trick(
        "quoted-pdf-every-octet",
        "a PDF of which every octet is quoted, without a field",
        mail(quoted(_PDF, all_of_it=True), "Content-Type: application/pdf"),
    ),
    Trick("quoted-zip-in-preamble", "a part with a ZIP before the first boundary", around(_ZIP_PART)),
    Trick(
        "quoted-zip-behind-close",
        "a part with a ZIP behind an indented boundary after the last one",
        around(after=b"\r\n --b1\r\n" + _ZIP_PART + b"\r\n --b1--"),
    ),
    Trick("uu-zip-in-preamble", "a ZIP in uuencode before the first boundary", around(uu(_ZIP))),
    Trick("pdf-in-epilogue", "a PDF as it stands behind the last boundary", around(after=b"\r\n" + _PDF)),
    Trick(
        "utf-16-in-epilogue",
        "a text in UTF-16 behind the last boundary, with its fields",
        around(after=b"\r\n" + part(LINE.encode("utf-16-le"), _WIDE)),
    ),
    Trick(
        "ebcdic-in-epilogue",
        "EBCDIC in base64 behind the last boundary, with its fields",
        around(after=b"\r\n" + part(b64(LINE.encode("cp037")), _EBCDIC, BASE64)),
    ),
    Trick("ebcdic-label-over-ascii", "ASCII that is labelled EBCDIC", text(LINE, charset="ibm037")),
    Trick(
        "gb-18030-digits",
        "digits that are parts of characters in GB 18030 alone",
        text(b"Diabetes, SSN 2\x811\x819-09-9999", charset="gb2312"),
    ),
    Trick(
        "ebcdic-base64-misspelt-field",
        "EBCDIC in base64, the name of its field misspelt",
        mail(b64(LINE.encode("cp037")), _EBCDIC, _MISSPELT + "base64"),
    ),
    Trick(
        "ebcdic-quoted-misspelt-field",
        "EBCDIC in quoted-printable, the name of its field misspelt",
        mail(quoted(LINE.encode("cp037"), all_of_it=True), _EBCDIC, _MISSPELT + "quoted-printable"),
    ),
    Trick(
        "utf-16-as-base64",
        "a file in UTF-16 as it stands, labelled base64",
        mail(LINE.encode("utf-16-le"), _WIDE, BASE64, "Content-Disposition: attachment; filename=a.txt"),
    ),
    Trick(
        "vcard-quoted-utf-16",
        "a card in quoted-printable of UTF-16",
        mail(
            parts(
                COVER_PART,
                part(
                    CARD.format(
                        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-16:"
                        + quoted(LINE.encode("utf-16-le"), all_of_it=True)
                    ),
                    "Content-Type: text/vcard",
                ),
            ),
            _MIXED,
        ),
    ),
    Trick(
        "delivered-to-word-unclosed",
        "an encoded word in an address that is never closed",
        mail(COVER, "Delivered-To: =?utf-8?B?" + b64(LINE).replace("\n", "")),
    ),
    Trick(
        "delivered-to-percent",
        "an address with percent signs",
        mail(COVER, "Delivered-To: utf-8''SSN%20%32%31%39-09-99%39%39%20diabetes"),
    ),
    Trick(
        "type-parameter-percent",
        "a usual parameter of the content type with percent signs",
        mail(COVER, "Content-Type: text/plain; format=SSN%20%32%31%39-09-99%39%39%20diabetes"),
    ),
    Trick(
        "short-lines-misspelt-field",
        "base64 in lines of four signs, the name of its field misspelt",
        mail(b64(LINE, 4), PLAIN, "Content-Transfer_Encoding: base64"),
        "held",
    ),
    Trick(
        "padded-runs-joined-field",
        "base64 of which each group is padded, its field grown together with the one before",
        mail(_PADDED, 'Content-Type: text/plain; name="a.txt"Content-Transfer-Encoding: base64'),
        "held",
    ),
    Trick(
        "dotted-zip-in-unseen-part",
        "a ZIP in base64 with dots, in a part of a multipart whose own field is misspelt",
        mail(
            parts(COVER_PART, part(".".join(b64(_ZIP, 4).split()), PLAIN, "Content-Transfer-Encoding: =base64")),
            "Content_Type: multipart/mixed; boundary=b1",
        ),
    ),
    Trick(
        "quoted-zip-octet-by-octet",
        "a ZIP in quoted-printable with a line for each octet, without a field",
        mail("=\n".join(f"={octet:02X}" for octet in _ZIP), "Content-Type: application/zip"),
    ),
    Trick("base64-of-ebcdic", "EBCDIC in base64 that nothing labels", text(COVER + "\n\n" + b64(LINE.encode("cp037")))),
    Trick("base64-of-tar", "a tar in base64 within a text", text(COVER + "\n\n" + b64(tarred()))),
    Trick("hex-of-tar", "a tar in hexadecimal digits in a file", attached(binascii.hexlify(tarred()), "a.txt")),
)
