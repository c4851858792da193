"""Files and MIME entities that stand within a text, as some programs show them: as attachments.

Uuencode (POSIX), yEnc (yEnc draft 1.3), BinHex 4.0 (RFC 1741), and fields with their bodies (RFC 2045) that the
structure of the message does not know of.
"""

import binascii
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from gateway.core.limits import Limits
from gateway.parse.codings import decode_base64, decode_body, decode_quoted, uu_line
from gateway.parse.entity import Entity, describe
from gateway.parse.glance import Glance
from gateway.parse.head import read_head

_UU_BEGIN = re.compile(rb"(?:\A|(?<=\n))begin(?:-base64)? (?:[0-7]{1,6}|[rwxst-]{9}) [^\n]*\n")
_UU_INDENTED = re.compile(rb"^[ \t]+begin [0-7r-]", re.MULTILINE)
_INDENT = re.compile(rb"^[ \t]+", re.MULTILINE)
_YENC_PART = re.compile(
    rb"^=ybegin part=([0-9]{1,6}) (?:total=([0-9]{1,6}) )?[^\n]*\n=ypart begin=([0-9]{1,12}) ", re.MULTILINE
)
_UU_END = re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_UU_BASE64_END = re.compile(rb"^====[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_UU_LINES = re.compile(rb"(?:^M[ -`]{60}\r?\n)+(?:^[!-L][ -`]{1,60}\r?(?:\n|\Z))?", re.MULTILINE)
_UU_LINE = re.compile(rb"\nM[ -`]{60}\r?\n")  # quicker to find than the above
_QUOTE = re.compile(rb"^(?:>[ ]?)+", re.MULTILINE)
_YENC = re.compile(rb"^=ybegin [^\n]*\n(?:=ypart [^\n]*\n)?", re.MULTILINE)
_YENC_END = re.compile(rb"^=y(?:end|begin )", re.MULTILINE)
_YENC_ESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YENC_SHIFT = bytes((octet - 42) % 256 for octet in range(256))
_BINHEX = re.compile(rb"must be converted with BinHex[^\n]*\n\s*:([^:]*):")
_BINHEX_ALPHABET = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_XX_ALPHABET = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_XX_TO_BASE64 = bytes.maketrans(_XX_ALPHABET, _BASE64_ALPHABET)
_TO_BASE64 = bytes.maketrans(_BINHEX_ALPHABET, _BASE64_ALPHABET)
_NOT_BINHEX = bytes(sorted(set(range(256)) - set(_BINHEX_ALPHABET)))
_RUN = re.compile(rb"(.)\x90(.)", re.DOTALL)

# Octets that no text has, in quoted-printable: a few together are a binary file whose encoding nobody named.
_QUOTED = rb"=(?:0[0-8BCEFbcef]|1[0-9A-Fa-f])(?:=\r?\n)?=[0-9A-Fa-f]{2}"
_QUOTED_OCTETS = re.compile(_QUOTED)
_LEAST_QUOTED, _MOST_STARTS = 3, 3
_FILE_STARTS = tuple(
    re.compile(start, re.DOTALL)
    for start in (
        rb"PK\x03\x04", rb"%PDF-", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", rb"\x1f\x8b\x08", rb"7z\xbc\xaf\x27\x1c",
        rb"Rar!\x1a\x07", rb"BZh[1-9]1AY", rb"\xfd7zXZ\x00", rb"\x28\xb5\x2f\xfd", rb"\x89PNG\r\n", rb"\xff\xd8\xff",
        rb"GIF8[79]a", rb"II\*\x00", rb"MM\x00\*", rb"\x78\x9f\x3e\x22",
    )
)  # fmt: skip

_FIELD = re.compile(rb"^[ \t]*content-(?:type|transfer-encoding)[ \t]*:", re.MULTILINE | re.IGNORECASE)
_NEXT = re.compile(rb"^[ \t]*-{1,3}[!-~][^\n]{0,200}$", re.MULTILINE)
ARMOR = b"-----BEGIN PGP MESSAGE-----"
_SIGNS_OF_WORDS = (b"begin", b"BinHex", rb"(?i)content-t", b"=ypart ", _QUOTED, ARMOR)
_SIGNS_OF_LINES = (rb"(?:^|\n)M[ -`]{60}\r?\n",)
_LARGE = 65_536  # octets: from here on it is quicker to look for lines apart
_OF_LARGE = (Glance([_SIGNS_OF_WORDS]), Glance([_SIGNS_OF_LINES]))
SIGNS = (*_SIGNS_OF_WORDS, *_SIGNS_OF_LINES)
_OF_SMALL = (Glance([SIGNS]),)
GLANCES = (*_OF_LARGE, *_OF_SMALL)
# In fields that say so in no usual way.
_CODINGS = {b"base64": "base64", b"quotedprintable": "quoted-printable"}
_CODING = re.compile(b"|".join(_CODINGS), re.IGNORECASE)
_NO_LETTERS = re.compile(rb"[^A-Za-z0-9]")
_LINE = 40  # octets behind the fields, where a line that was broken goes on
_CODED = frozenset({"base64", "quoted-printable", "x-uuencode"})
_ASCII = frozenset({"", "us-ascii", "ascii", "utf-8", "iso-8859-1", "windows-1252"})
MOST_ENTITIES = 200


class File(NamedTuple):
    """A file within a text. `line`: what introduces it, with its name."""

    line: bytes
    octets: bytes


class Enclosed(NamedTuple):
    """An entity within a text, with its transfer encoding undone."""

    entity: Entity
    octets: bytes


def may_enclose(octets: bytes) -> bool:
    """Whether a file, a piece of one, an entity or an OpenPGP message can stand within a text at all."""
    return any(glance.of(octets) for glance in (_OF_SMALL if len(octets) < _LARGE else _OF_LARGE))


def enclosed_files(octets: bytes) -> Iterator[File]:
    """The files that stand within a text."""
    if b"begin" in octets:
        if b"> begin" in octets:
            octets = _QUOTE.sub(b"", octets)
        # a line of uuencode never begins with a space, one of yEnc may
        yield from _uuencoded(_INDENT.sub(b"", octets) if _UU_INDENTED.search(octets) else octets)
        yield from _yencoded(octets)
    elif octets.startswith(b"M") or _UU_LINE.search(octets):
        for found in _UU_LINES.finditer(octets):
            yield File(b"", b"".join(map(uu_line, found[0].splitlines())))
    if b"BinHex" in octets:
        for found in _BINHEX.finditer(octets):
            yield File(b"", _binhex(found[1]))


def quoted_files(octets: bytes) -> Iterator[bytes]:
    """Binary files in quoted-printable that stand in a text, because the field that says so was not understood."""
    if b"=" not in octets or len(tuple(islice(_QUOTED_OCTETS.finditer(octets), _LEAST_QUOTED))) < _LEAST_QUOTED:
        return
    plain = decode_quoted(octets).octets
    places = sorted(found.start() for start in _FILE_STARTS if (found := start.search(plain)))
    for place in places[:_MOST_STARTS]:
        yield plain[place:]


def _uuencoded(octets: bytes) -> Iterator[File]:
    position = 0
    while begin := _UU_BEGIN.search(octets, position):
        position = begin.end()
        base64 = begin[0].startswith(b"begin-base64")
        line_end = octets.find(b"\n", position)
        first = octets[position : line_end if line_end >= 0 else len(octets)]
        if not base64 and _is_xx_line(first):
            yield File(begin[0].strip(), b"".join(map(_xx_line, _to_next(octets, position).splitlines())))
        if not base64 and not _is_uu_line(first):
            continue  # words of a text
        ended = (_UU_BASE64_END if base64 else _UU_END).search(octets, position)
        inside = octets[position : ended.start() if ended else len(octets)]
        position = ended.end() if ended else len(octets)
        data = decode_base64(inside).octets if base64 else b"".join(map(uu_line, inside.splitlines()))
        yield File(begin[0].strip(), data)


def _to_next(octets: bytes, position: int) -> bytes:
    """Up to where the next one begins."""
    following = _UU_BEGIN.search(octets, position)
    return octets[position : following.start() if following else len(octets)]


def _is_uu_line(line: bytes) -> bool:
    """Whether a line is as long as its first octet says, and has no other octets than such a line may have."""
    line = line.rstrip()
    if not line or not all(32 <= octet <= 96 for octet in line):
        return False
    wanted = 1 + (((line[0] - 32) & 63) * 4 + 2) // 3
    return line[0] != 32 and len(line) <= wanted + 4 and len(line) >= wanted // 2


def _is_xx_line(line: bytes) -> bool:
    """Whether a line is one of xxencode: as long as its first sign says, all of it letters of that alphabet."""
    line = line.rstrip()
    count = _XX_ALPHABET.find(line[:1]) if line else 0
    return (
        count > 0
        and not line.translate(None, _XX_ALPHABET)
        and len(line) - 1 in (-(-count // 3) * 4, (count * 4 + 2) // 3)
    )


def _xx_line(line: bytes) -> bytes:
    """What a line of xxencode says; nothing where it is none."""
    line = line.rstrip()
    if not _is_xx_line(line):
        return b""
    flat = line[1:].translate(_XX_TO_BASE64)
    return binascii.a2b_base64(flat + b"A" * (-len(flat) % 4))[: _XX_ALPHABET.find(line[:1])]


def _yencoded(octets: bytes) -> Iterator[File]:
    """Each part, and what several are together, by where they begin."""
    pieces: list[tuple[int, bytes]] = []
    for begin in _YENC.finditer(octets):
        ended = _YENC_END.search(octets, begin.end())  # or another begins, which no line of a file looks like
        inside = yenc(octets[begin.end() : ended.start() if ended else len(octets)])
        yield File(begin[0].strip(), inside)
        if part := _YENC_PART.match(begin[0]):
            pieces.append((int(part[3]), inside))
    if len(pieces) > 1:
        yield File(b"", b"".join(piece for _, piece in sorted(pieces)))


def lacks_parts(octets: bytes) -> bool:
    """Whether a file in yEnc goes on in another text (yEnc draft 1.3, multi-part messages)."""
    if b"=ypart " not in octets:
        return False
    known: dict[int, set[int]] = {}
    for number, total, _ in _YENC_PART.findall(octets):
        known.setdefault(int(total or 1), set()).add(int(number))
    return any(len(numbers) < total for total, numbers in known.items())


def yenc(inside: bytes) -> bytes:
    """The lines between =ybegin and =yend undone."""
    flat = inside.translate(None, b"\r\n")
    return _YENC_ESCAPE.sub(lambda found: bytes([(found[1][0] - 64) % 256]), flat).translate(_YENC_SHIFT)


def _binhex(inside: bytes) -> bytes:
    """The data fork; all that follows the header where its length is not what it says."""
    flat = inside.translate(None, _NOT_BINHEX).translate(_TO_BASE64)
    flat = flat[: len(flat) - (len(flat) % 4 == 1)]
    coded = binascii.a2b_base64(flat + b"=" * (-len(flat) % 4))
    data = _RUN.sub(lambda found: found[1] * found[2][0] if found[2][0] else found[1] + b"\x90", coded)
    start = (data[0] if data else 0) + 2 + 4 + 4 + 2  # name with its length, version, type, creator, flags
    length = int.from_bytes(data[start : start + 4], "big")
    body = data[start + 10 :]
    return body[:length] if 0 < length <= len(body) else body


def enclosed_entities(octets: bytes) -> Iterator[Enclosed]:
    """Fields that say how what follows them is to be read, wherever they stand, where that is not as it stands."""
    if b":" not in octets or b"content-t" not in octets.lower():
        return
    octets = octets.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    limits = Limits()
    found = _FIELD.search(octets)
    while found:
        start = found.start()
        head = read_head(octets, start, len(octets), limits)
        entity = describe(octets, head.fields, "text/plain")
        found = _FIELD.search(octets, max(head.end, found.end()))
        line = _NEXT.search(octets, head.end, found.start() if found else len(octets))
        ends = [place.start() for place in (line, found) if place is not None]
        body = octets[head.end : min(ends, default=len(octets))]
        if not body.strip():
            continue
        if _is_coded(entity):
            yield Enclosed(entity, decode_body(entity.transfer_encoding, body).octets)
        elif coding := _coding_in(octets[start : head.end]):
            yield Enclosed(entity, decode_body(coding, body).octets)
        elif (coding := _coding_in(body[:_LINE])) and (rest := body.partition(b"\n\n")[2]):
            yield Enclosed(entity, decode_body(coding, rest).octets)


def _coding_in(octets: bytes) -> str:
    """The coding that fields speak of in no usual way; "" for none."""
    found = _CODING.search(_NO_LETTERS.sub(b"", octets))
    return _CODINGS[found[0].lower()] if found else ""


def _is_coded(entity: Entity) -> bool:
    """Whether the body says something else than it shows."""
    kind = entity.content_type
    if entity.transfer_encoding in _CODED:
        return not kind.startswith(("multipart/", "message/"))
    return kind.startswith("text/") and (
        kind != "text/plain" or entity.parameters.get("charset", "").lower() not in _ASCII
    )
