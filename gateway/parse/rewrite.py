"""Changes of a part's text as splices of the raw message.

Three steps: code points to decoded octets (charset), decoded octets to raw ones (transfer encoding), and a check
that what comes out reads as it should; where a charset with shift states needs it, whole lines are written anew.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.core.message import ByteRange, Part, Span
from gateway.core.plan import Splice
from gateway.parse.charsets import Charset
from gateway.parse.codings import encode_uuencode
from gateway.parse.quoted import quoted_splices

Change = tuple[Span, str]
OctetChange = tuple[ByteRange, bytes]

_BREAK = re.compile(r"\r\n|\r|\n")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/=]+")
_MOST_BASE64_LINE = 76  # RFC 2045 section 6.8


@dataclass(frozen=True, slots=True)
class Source:
    """A part's text with all that is needed to write it."""

    part: Part
    octets: bytes = field(repr=False)
    text: str = field(repr=False)
    charset: Charset


def splices_of(source: Source, changes: Sequence[Change]) -> tuple[Splice, ...]:
    """Splices of the message that make these changes of the text."""
    if not changes:
        return ()
    eol = _line_end(source)
    written = [(span, _sendable(source, _BREAK.sub(eol, text))) for span, text in changes]
    return _octet_splices(source, _octet_changes(source, written), eol.encode("ascii"))


def _line_end(source: Source) -> str:
    """The line end the part is written with."""
    if "\n" in source.text:
        return "\r\n" if "\r\n" in source.text else "\n"
    head = source.part.buffer[source.part.head.start : source.part.head.end]
    return "\n" if b"\n" in head and b"\r\n" not in head else "\r\n"


def _sendable(source: Source, text: str) -> str:
    """Text with "?" for what the charset lacks, and for 8-bit characters where the part has to stay 7-bit."""
    charset = source.charset
    if text.isascii():
        return text
    text = charset.decode(charset.encode(text))
    if source.part.transfer_encoding != "7bit" or charset.stateful or not source.octets.isascii():
        return text
    return text.encode("ascii", "replace").decode("ascii")


def _octet_changes(source: Source, changes: Sequence[Change]) -> list[OctetChange]:
    """The changes in decoded octets: of the spans alone, else of their lines, else of everything."""
    wanted = _applied(source.text, changes)
    for candidate in (changes, _whole_lines(source.text, changes)):
        found = _encoded(source, candidate)
        if source.charset.decode(_spliced(source.octets, found)) == wanted:
            return found
    return [(ByteRange(0, len(source.octets)), source.charset.encode(wanted))]


def _encoded(source: Source, changes: Sequence[Change]) -> list[OctetChange]:
    positions = [edge for span, _ in changes for edge in (span.start, span.end)]
    offsets = source.charset.offsets(source.octets, positions)
    return [
        (ByteRange(start, end), source.charset.encode(text))
        for start, end, (_, text) in zip(offsets[0::2], offsets[1::2], changes, strict=True)
    ]


def _applied(text: str, changes: Sequence[Change]) -> str:
    pieces: list[str] = []
    position = 0
    for span, new in changes:
        pieces += (text[position : span.start], new)
        position = span.end
    return "".join([*pieces, text[position:]])


def _spliced(octets: bytes, changes: Sequence[OctetChange]) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for found, new in changes:
        pieces += (octets[position : found.start], new)
        position = found.end
    return b"".join([*pieces, octets[position:]])


def _whole_lines(text: str, changes: Sequence[Change]) -> list[Change]:
    """The changes widened to the lines they stand on, so that shift states begin and end with them."""
    return [(span, _applied(text[span.start : span.end], inner)) for span, inner in _by_lines(text, changes)]


def _by_lines(text: str, changes: Sequence[Change]) -> Iterator[tuple[Span, list[Change]]]:
    """Changes that share lines, with the lines' span; the spans inside count from its start."""
    start, end = 0, -1
    inside: list[Change] = []
    for span, new in changes:
        if span.start > end:
            if inside:
                yield Span(start, end), inside
            start, inside = text.rfind("\n", 0, span.start) + 1, []
        found = text.find("\n", span.end)
        end = max(end, len(text) if found < 0 else found)
        inside.append((Span(span.start - start, span.end - start), new))
    if inside:
        yield Span(start, end), inside


def _octet_splices(source: Source, changes: list[OctetChange], eol: bytes) -> tuple[Splice, ...]:
    """Changes of decoded octets as splices of the raw body."""
    part, body = source.part, source.part.body
    if part.transfer_encoding == "quoted-printable":
        return quoted_splices(part.buffer, body, changes, _raw_line_end(part))
    if part.transfer_encoding == "base64":
        octets = _base64_body(part, _spliced(source.octets, changes))
    elif part.transfer_encoding == "x-uuencode":
        octets = encode_uuencode(_spliced(source.octets, changes), _raw_line_end(part))
    else:
        return tuple(Splice(body.start + found.start, body.start + found.end, octets) for found, octets in changes)
    return (Splice(body.start, body.end, octets),)


def _raw_line_end(part: Part) -> bytes:
    """The line end of the raw message around a part."""
    newline = part.buffer.find(b"\n", part.body.start, part.body.end)
    if newline < 0:
        newline = part.buffer.find(b"\n", part.head.start, part.head.end)
    return b"\n" if newline == 0 or (newline > 0 and part.buffer[newline - 1] != 0x0D) else b"\r\n"


def _base64_body(part: Part, octets: bytes) -> bytes:
    """Octets in base64 with the line length and the final line end the body had."""
    raw = part.buffer[part.body.start : part.body.end]
    eol = _raw_line_end(part)
    first = _BASE64_LINE.search(raw)
    width = len(first[0]) if first and b"\n" in raw.strip() else _MOST_BASE64_LINE
    width = max(min(width, _MOST_BASE64_LINE), 4)
    encoded = b64encode(octets)
    lines = [encoded[index : index + width] for index in range(0, len(encoded), width)]
    return eol.join(lines) + (eol if raw.endswith(b"\n") else b"")
