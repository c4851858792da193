"""The text of a part, and changing it in the original message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, Part, Span
from gateway.core.plan import Splice
from gateway.parse.codings import decode_body
from gateway.parse.labels import Reading, find_charset, resolve
from gateway.parse.rewrite import Source, splices_of
from gateway.parse.second import other_texts

_META = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{1,40})")
_SNIFF = 4096  # bytes looked at for a declaration inside the document


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body without its content-transfer-encoding.

    `ambiguous`: two programs could decode it differently; `plain`: every program decodes it so.
    """

    octets: bytes = field(repr=False)
    problem: OpaqueReason | None = None
    ambiguous: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A body as text; `text` stands for all octets, byte order mark and line ends included, no lone surrogates.

    `charset`: name of the codec used. `ambiguous`: two programs could take another charset. `others`: the text as
    other programs could see it, where that is known.
    """

    text: str = field(repr=False)
    charset: str
    problem: OpaqueReason | None = None
    ambiguous: bool = False
    others: tuple[str, ...] = field(default=(), repr=False)


def decoded_octets(part: Part) -> Decoded:
    """The body of a part with its content-transfer-encoding undone; an unknown one is left as it is."""
    found = decode_body(part.transfer_encoding, part.buffer[part.body.start : part.body.end])
    return Decoded(found.octets, found.problem, found.odd, found.plain)


def decoded_text(part: Part) -> DecodedText:
    """The body of a part as text. An unknown charset is read as UTF-8 or windows-1252, and named as the problem."""
    decoded = decoded_octets(part)
    return text_of(part, decoded)


def text_of(part: Part, decoded: Decoded) -> DecodedText:
    """As decoded_text, of octets that are at hand already."""
    reading = charset_of(part, decoded.octets)
    problem = decoded.problem or (None if reading.known else OpaqueReason.UNKNOWN_CHARSET)
    text = reading.charset.decode(decoded.octets)
    others = [] if reading.other is None else [reading.other.decode(decoded.octets)]
    others += other_texts(decoded.octets, reading.charset, _declared(part, decoded.octets))
    others = [other for other in dict.fromkeys(others) if other != text]
    return DecodedText(text, reading.charset.name, problem, reading.odd, tuple(others))


def charset_of(part: Part, octets: bytes) -> Reading:
    """The charset of a part: its label, else what an HTML or XML document says of itself, else a guess."""
    label = part.parameters.get("charset", "")
    if not label and not octets.isascii():
        name = _declared(part, octets)
        label = name if find_charset(name) else ""
    return resolve(label, octets)


def _declared(part: Part, octets: bytes) -> str:
    """What an HTML or XML document says of its own charset."""
    if not part.content_type.endswith(("html", "xml")):
        return ""
    declared = _META.search(octets, 0, _SNIFF) or _XML.match(octets, 0, _SNIFF)
    return declared[1].decode("ascii") if declared else ""


def rewrite_text(part: Part, changes: Sequence[tuple[Span, str]]) -> tuple[Splice, ...]:
    """Splices of the raw message that change these spans of decoded_text(part).text, and nothing else in it.

    `changes` are sorted and apart; an empty span inserts. Line ends in the new texts become those of the part,
    characters that its charset lacks "?". 7bit, 8bit and quoted-printable bodies keep every byte outside the spans, but
    for charsets with shift states, where the lines of the spans are written anew; base64 bodies keep their octets and
    line length. The part must be one of the original message.
    """
    assert part.is_original, "a part of a decoded message has no place in the raw one"
    octets = decoded_octets(part).octets
    charset = charset_of(part, octets).charset
    return splices_of(Source(part, octets, charset.decode(octets), charset), changes)
