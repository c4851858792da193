"""Content-transfer-encodings undone (RFC 2045 section 6): quoted-printable, base64 and uuencode, tolerant.

Nothing that a reader could see is dropped: a broken sequence stays as it is, junk in base64 is skipped as the
RFC says, and what stands after the padding is read too.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pybase64

from gateway.core.message import OpaqueReason

# Octet by hexadecimal digits, or a soft line break (white space after "=" is against the RFC and common).
QUOTED_TOKEN = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*+\r?(?:\n|\Z))")
_QUOTED_ODD = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)")

_BASE64_JUNK = bytes(
    sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
)
# An equals sign that starts nothing, beside a digit; a soft line break that ends with a bare CR.
_QUOTED_DOUBT = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n)(?:(?=[0-9\r-])|(?<=[0-9]=))")
_NEAR = 300  # octets around it
_BASE64_SPACE = b" \t\r\n"
_BASE64_CLEAN = bytes(sorted(set(range(256)) - set(_BASE64_JUNK) | set(b" \t\r\n")))
_BASE64_URL = bytes.maketrans(b"-_", b"+/")
_BASE64_JUNK_URL = bytes(sorted(set(_BASE64_JUNK) - set(b"-_")))
_BASE64_COMMENT = re.compile(rb"\([^()]{0,200}\)")
_LARGE, _SHORTEST = 4_096, 4  # octets of a body, and of its lines, that are worth a look at their length
_CR = 0x0D
_BASE64_RUN = re.compile(rb"[^=]+")
_UU_BEGIN = re.compile(rb"(?:\A|(?<=\n))begin(?:-base64)? [0-7]{3,4} [^\n]*\n")
_UU_END = re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Octets:
    """`odd`: two programs could decode it differently. `plain`: it is written as its encoding wants it."""

    octets: bytes
    odd: bool = False
    problem: OpaqueReason | None = None
    plain: bool = False


def decode_body(encoding: str, body: bytes) -> Octets:
    """Undo a content-transfer-encoding given in lower case; an unknown one is read as it is, with a problem."""
    if encoding in ("7bit", "8bit", "binary"):
        return Octets(body)
    if encoding == "quoted-printable":
        return decode_quoted(body)
    if encoding == "base64":
        return decode_base64(body)
    if encoding == "x-uuencode":
        return decode_uuencode(body)
    return Octets(body, problem=OpaqueReason.UNKNOWN_ENCODING)


def other_decodings(encoding: str, body: bytes) -> Iterator[bytes]:
    """What other programs make of a body that is not written as its encoding wants it, the body as it stands first."""
    if encoding == "base64":
        junk = body.translate(None, _BASE64_CLEAN)
        padding = body.find(b"=")
        if not junk and (padding < 0 or not body[padding:].strip(b"= \t\r\n")) and not _is_short(body):
            return
        yield body
        flat = _BASE64_COMMENT.sub(b"", body).translate(_BASE64_URL, _BASE64_JUNK_URL)
        yield from (_decode_run(flat[shift:].replace(b"=", b"")) for shift in range(4))
    elif encoding == "quoted-printable":
        near = [_around(body, *found.span()) for found in _QUOTED_DOUBT.finditer(body)]
        if near:
            yield b"\n".join(near)


def _around(body: bytes, start: int, end: int) -> bytes:
    """What stands around an equals sign, and around the digit before it."""
    start -= body[start - 1 : start].isdigit()
    return body[max(start - _NEAR, 0) : end + _NEAR]


def _is_short(body: bytes) -> bool:
    """A character too many for whole groups of four: decoders differ in which one they leave out."""
    return len(body.translate(None, b" \t\r\n=")) % 4 == 1


def decode_quoted(body: bytes) -> Octets:
    """Quoted-printable undone (RFC 2045 section 6.7). A "=" that starts nothing is kept."""
    if _QUOTED_ODD.search(body) is None and not body.endswith(b"="):
        return Octets(binascii.a2b_qp(body))
    return Octets(QUOTED_TOKEN.sub(_quoted_octet, body))


def _quoted_octet(token: re.Match[bytes]) -> bytes:
    digits: bytes | None = token[1]
    return binascii.unhexlify(digits) if digits else b""


def decode_base64(body: bytes) -> Octets:
    """Base64 undone (RFC 2045 section 6.8). Each run between paddings is decoded on its own."""
    try:
        return Octets(pybase64.b64decode(_joined(body), validate=True), plain=True)
    except binascii.Error:  # not in lines of one length, or not as the RFC wants it
        pass
    flat = body.translate(None, _BASE64_SPACE)
    try:
        return Octets(_decode_strictly(flat), plain=True)
    except binascii.Error:
        pass
    padding = body.find(b"=")
    if padding < 0 or not body[padding:].strip(b"= \t\r\n"):
        try:
            return Octets(binascii.a2b_base64(body))
        except binascii.Error:
            pass  # padding is missing or short
    runs = _BASE64_RUN.findall(body.translate(None, _BASE64_JUNK))
    return Octets(b"".join(_decode_run(run) for run in runs), odd=len(runs) > 1)


def _joined(body: bytes) -> bytes | bytearray:
    """The lines of a body without their ends, if all but the last have one length: a quarter of the time of a look at
    each octet. Else the body with white space in it."""
    length = body.find(b"\n") + 1
    if len(body) < _LARGE or length < _SHORTEST:
        return body
    whole = len(body) // length * length
    lines = bytearray(memoryview(body)[:whole])
    for end in (b"\n", b"\r") if body[length - 2] == _CR else (b"\n",):
        if lines[length - 1 :: length] != end * (len(lines) // length):
            return body
        del lines[length - 1 :: length]
        length -= 1
    lines += body[whole:].translate(None, _BASE64_SPACE)
    return lines


def _decode_strictly(flat: bytes) -> bytes:
    """As the RFC wants it, line ends aside. Raises binascii.Error."""
    try:
        return pybase64.b64decode(flat, validate=True)
    except binascii.Error:  # Python's own lets more padding pass, and is asked for what is not as usual alone
        return binascii.a2b_base64(flat, strict_mode=True)


def _decode_run(run: bytes) -> bytes:
    """A run of base64 characters without its padding; a lone last character holds no octet."""
    if len(run) % 4 == 1:
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def decode_uuencode(body: bytes) -> Octets:
    """Uuencode undone: text before and after the encoded lines stays in its place."""
    begin = _UU_BEGIN.search(body)
    if begin is None:
        return Octets(body, odd=bool(body.strip()))
    ended = _UU_END.search(body, begin.end())
    stop, rest = (ended.start(), body[ended.end() :]) if ended else (len(body), b"")
    before = body[: begin.start()]
    data = b"".join(uu_line(line) for line in body[begin.end() : stop].splitlines())
    return Octets(before + data + rest, odd=bool(before.strip() or rest.strip()))


def uu_line(line: bytes) -> bytes:
    """One line; a damaged one is cut to what its length byte says, or kept as it is."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        length = ((line[0] - 32) & 63) if line else 0
        try:
            return binascii.a2b_uu(line[: 1 + (length * 4 + 2) // 3])
        except binascii.Error:
            return line + b"\n"


def encode_uuencode(octets: bytes, eol: bytes) -> bytes:
    """Octets as one uuencoded file."""
    lines = [
        binascii.b2a_uu(octets[index : index + 45], backtick=True).rstrip(b"\n") for index in range(0, len(octets), 45)
    ]
    return eol.join([b"begin 644 text", *lines, b"`", b"end", b""])
