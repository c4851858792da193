"""Transfer encodings written so that decoders differ, and encodings within a text."""

import base64
import binascii

from tests.evasion.tricks.base import (
    B64,
    BASE64,
    COVER,
    COVER_PART,
    LINE,
    NUMBER,
    PLAIN,
    QP,
    Trick,
    b64,
    mail,
    multipart,
    part,
    text,
)

_FLAT = B64.replace("\n", "")
_UU = (
    "begin 644 a.txt\n"
    + binascii.b2a_uu(LINE.encode()[:45]).decode()
    + binascii.b2a_uu(LINE.encode()[45:]).decode()
    + "`\nend"
)


def _base64(name: str, what: str, body: str | bytes) -> Trick:
    return Trick(name, what, mail(body, PLAIN, BASE64))


def _quoted(name: str, what: str, body: str | bytes) -> Trick:
    return Trick(name, what, mail(body, PLAIN, QP))


def _within(name: str, what: str, body: str | bytes, expect: str = "found") -> Trick:
    """Encoded within a plain text."""
    return Trick(name, what, text(body), expect)


def _yenc(data: bytes) -> bytes:
    return bytes((octet + 42) % 256 for octet in data)


def _binhex() -> bytes:
    """BinHex 4.0 (RFC 1741) of a file with the line in its data fork."""
    alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    head = bytes([5]) + b"a.txt" + b"\0TEXTttxt\0\0" + len(LINE).to_bytes(4, "big") + bytes(4)
    data = head + _crc(head) + LINE.encode() + _crc(LINE.encode()) + _crc(b"")
    bits = "".join(f"{octet:08b}" for octet in data.replace(b"\x90", b"\x90\0"))
    bits += "0" * (-len(bits) % 6)
    coded = "".join(alphabet[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))
    lines = [(":" + coded + ":")[at : at + 64] for at in range(0, len(coded) + 2, 64)]
    return ("(This file must be converted with BinHex 4.0)\r\n\r\n" + "\r\n".join(lines)).encode()


def _crc(data: bytes) -> bytes:
    return binascii.crc_hqx(data, 0).to_bytes(2, "big")


TRICKS = [
    _base64("base64", "plain base64", B64),
    _base64("base64-one-line", "base64 in one line", b64(LINE * 40, 10_000)),
    _base64("base64-short-lines", "base64 in lines of three characters", b64(LINE, 3)),
    _base64("base64-unpadded", "base64 without its padding", _FLAT.rstrip("=")),
    _base64("base64-padding-early", "padding in the middle", b64("Order 12") + b64(LINE)),
    _base64(
        "base64-padding-early-lines",
        "several padded pieces",
        "\n".join(b64(LINE[at : at + 7]) for at in range(0, len(LINE), 7)),
    ),
    _base64("base64-padding-many", "more padding than there is need for", b64("x") + "====" + _FLAT),
    _base64(
        "base64-padding-inside-number",
        "padding that splits the number",
        b64("SSN 219-0").rstrip("=") + "=" + b64("9-9999, diabetes"),
    ),
    _base64("base64-junk", "characters that do not belong, between all others", "!".join(_FLAT)),
    _base64(
        "base64-junk-dots", "full stops within base64", ".".join(_FLAT[at : at + 5] for at in range(0, len(_FLAT), 5))
    ),
    _base64(
        "base64-nul", "NULs within base64", b"\0".join(_FLAT.encode()[at : at + 5] for at in range(0, len(_FLAT), 5))
    ),
    _base64(
        "base64-8bit",
        "letters outside ASCII within base64",
        "é".join(_FLAT[at : at + 9] for at in range(0, len(_FLAT), 9)),
    ),
    _base64("base64-spaces", "spaces within base64", " ".join(_FLAT)),
    _base64(
        "base64-url",
        "the alphabet of base64 for addresses",
        base64.urlsafe_b64encode(("??>>~~ÿÿ " + LINE).encode()).decode(),
    ),
    _base64("base64-plain-before", "a line of text before the base64", f"See below:\n{B64}"),
    _base64("base64-plain-after", "plain text with the number behind the base64", f"{b64(COVER)}\n{LINE}"),
    _base64("base64-plain-after-dash", "plain text behind dashes after the base64", f"{b64(COVER)}\n--\n{LINE}"),
    Trick("base64-lone-character", "one character too many", mail("A" + _FLAT, PLAIN, BASE64), "held"),
    _base64("base64-lone-character-end", "one character too many at the end", _FLAT.rstrip("=") + "A"),
    _base64("base64-twice", "base64 within base64", b64(B64)),
    _base64("base64-of-qp", "quoted-printable within base64", b64("".join(f"={o:02X}" for o in LINE.encode()))),
    _base64("base64-comment", "a comment of RFC 822 within base64", _FLAT[:20] + "(x)" + _FLAT[20:]),
    _base64("base64-cr", "base64 in lines that end with CR", B64.replace("\n", "\r").encode()),
    _base64("base64-first-line-cut", "a first line whose length is no multiple of four", _FLAT[:7] + "\n" + _FLAT[7:]),
    _quoted(
        "qp",
        "every character quoted",
        "=\n".join("".join(f"={o:02X}" for o in LINE.encode()[at : at + 20]) for at in range(0, len(LINE), 20)),
    ),
    _quoted("qp-lower", "small hexadecimal digits", LINE.replace("-", "=2d")),
    _quoted(
        "qp-soft-break",
        "soft line breaks within the number",
        "Intake form: SSN 219=\n-09=\n-9999, diagnosis type 2 diabetes.",
    ),
    _quoted(
        "qp-soft-break-spaces", "soft line breaks with white space behind them", "SSN 219= \t\n-09=  \n-9999, diabetes"
    ),
    _quoted("qp-soft-break-lf", "soft line breaks that end with LF", b"SSN 219=\n-09=\n-9999, diabetes"),
    _quoted("qp-soft-break-cr", "soft line breaks that end with CR", b"SSN 219=\r-09=\r-9999, diabetes"),
    _quoted("qp-broken", "an equals sign that starts nothing within the number", "SSN 219=-09-9999, diabetes"),
    _quoted("qp-space-digit", "a space after the equals sign", "SSN 219= 2D09-9999, 219-09-=39999, diabetes"),
    _quoted("qp-twice", "quoted-printable within quoted-printable", LINE.replace("-", "=3D2D")),
    _quoted("qp-nul", "quoted NULs within the number", LINE.replace("-", "=00-")),
    _quoted("qp-control", "quoted controls within the number", LINE.replace("9", "9=08=7F")),
    _quoted("qp-end", "an equals sign at the end of the body", LINE + "="),
    _within(
        "qp-left-over", "quoted-printable in a body that is not labelled so", "=53=53=4E 219=2D09=2D9999, diabetes"
    ),
    _within(
        "qp-left-over-break",
        "soft line breaks in a body that is not labelled so",
        "Intake form: SSN 219-0=\n9-9999, diagnosis type 2 diabetes and so on, with a long line=\n that goes on =E2=80=93 here",
    ),
    _within("uuencode", "a uuencoded file in a text", f"{COVER}\n\n{_UU}"),
    _within("uuencode-no-end", "a uuencoded file without its end", f"{COVER}\n\n{_UU[:-4]}"),
    _within(
        "uuencode-base64", "a file in the base64 form of uuencode", f"{COVER}\n\nbegin-base64 644 a.txt\n{B64}\n===="
    ),
    _within("uuencode-no-begin", "uuencoded lines without their beginning", f"{COVER}\n\n" + _UU.split("\n", 1)[1]),
    _within("uuencode-indented", "a uuencoded file that is quoted", f"{COVER}\n\n> " + _UU.replace("\n", "\n> ")),
    Trick("uuencode-label", "a body labelled as uuencoded", mail(_UU, PLAIN, "Content-Transfer-Encoding: x-uuencode")),
    Trick(
        "uuencode-label-no-begin",
        "labelled as uuencoded, and is plain text",
        mail(LINE, PLAIN, "Content-Transfer-Encoding: uuencode"),
    ),
    _within(
        "yenc",
        "a yEnc file in a text",
        COVER.encode()
        + b"\r\n\r\n=ybegin line=128 size=60 name=a.txt\r\n"
        + _yenc(LINE.encode())
        + b"\r\n=yend size=60\r\n",
    ),
    Trick(
        "yenc-label",
        "a body labelled as yEnc",
        mail(
            b"=ybegin line=128 size=60 name=a.txt\r\n" + _yenc(LINE.encode()) + b"\r\n=yend size=60",
            PLAIN,
            "Content-Transfer-Encoding: x-yenc",
        ),
    ),
    _within("binhex", "a BinHex file in a text", COVER.encode() + b"\r\n\r\n" + _binhex()),
    Trick(
        "binhex-part",
        "a part of the BinHex type",
        multipart(COVER_PART, part(_binhex(), "Content-Type: application/mac-binhex40")),
    ),
    _within("base64-blob", "base64 within a text", f"Here it is:\n\n{B64}\n\nRegards"),
    _within("base64-blob-one-line", "base64 in one line of a text", f"Decode this: {b64(LINE, 300)} please"),
    _within(
        "base64-blob-url",
        "base64 for addresses within a text",
        "Decode this: " + base64.urlsafe_b64encode(LINE.encode()).decode().rstrip("="),
    ),
    _within("base64-blob-twice", "base64 within base64 within a text", f"Here it is:\n\n{b64(B64, 300)}"),
    _within("base64-blob-quoted", "base64 in a reply", "> " + b64(LINE, 40).replace("\n", "\n> ")),
    _within(
        "base64-blob-utf-16",
        "base64 of UTF-16 within a text, as PowerShell takes it",
        "run -enc " + b64(LINE.encode("utf-16-le"), 400),
    ),
    _within("hex-blob", "hexadecimal digits within a text", f"Here it is: {LINE.encode().hex()}"),
    _within("hex-blob-spaced", "hexadecimal digits in pairs", "Here it is: " + LINE.encode().hex(" ")),
    _within(
        "hex-blob-0x",
        "hexadecimal digits as in a program",
        "Here it is: " + ", ".join(f"0x{o:02x}" for o in LINE.encode()),
    ),
    _within(
        "hex-escapes", "backslash escapes of a program", "Here it is: " + "".join(f"\\x{o:02x}" for o in LINE.encode())
    ),
    _within(
        "unicode-escapes",
        "backslash escapes of JSON in a text",
        "SSN " + "".join(f"\\u{ord(c):04x}" for c in NUMBER) + ", diabetes",
    ),
    _within("octal-escapes", "octal escapes", "SSN " + "".join(f"\\{ord(c):03o}" for c in NUMBER) + ", diabetes"),
    _within("base32-blob", "base32 within a text", "Here it is: " + base64.b32encode(LINE.encode()).decode()),
    _within(
        "base85-blob", "Ascii85 within a text", "Here it is: " + base64.a85encode(LINE.encode(), adobe=True).decode()
    ),
    _within(
        "percent", "percent signs as in an address", "Here it is: https://x.example/?q=SSN%20219%2D09%2D9999%20diabetes"
    ),
    _within(
        "percent-all",
        "every character with a percent sign",
        "Here it is: " + "".join(f"%{o:02X}" for o in LINE.encode()),
    ),
    _within(
        "percent-twice", "percent signs twice over", "https://x.example/?q=SSN%2520219%252D09%252D9999%2520diabetes"
    ),
    _within(
        "entities-in-plain",
        "character references of HTML in a plain text",
        "SSN " + "".join(f"&#{ord(c)};" for c in NUMBER) + " diabetes",
    ),
    _within("data-uri", "a data: address in a text", f"Open data:text/plain;base64,{b64(LINE, 300)} please"),
    _within(
        "data-uri-percent",
        "a data: address with percent signs",
        "Open data:text/plain,SSN%20219%2D09%2D9999%20diabetes",
    ),
    _within("binary-digits", "ones and zeros", "Here it is: " + " ".join(f"{o:08b}" for o in LINE.encode())),
    _within(
        "decimal-codes", "decimal codes of the characters", "Here it is: " + " ".join(str(o) for o in LINE.encode())
    ),
    _within(
        "gzip-base64-blob",
        "compressed, then base64, within a text",
        "Here it is: " + b64(__import__("gzip").compress(LINE.encode(), mtime=0), 300),
        "held",
    ),
    Trick(
        "attachment-base64-text",
        "a text file whose content is base64",
        multipart(COVER_PART, part(b64(B64), "Content-Type: text/plain; name=a.txt", BASE64)),
    ),
]
