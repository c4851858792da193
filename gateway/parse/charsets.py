"""Charsets: decoding that never fails, encoding, and where in the octets a code point stands. By Python's codecs."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_REPLACEMENT = "\ufffd"
_ESCAPED = re.compile("[\udc80-\udcff]")  # how "surrogateescape" writes an undecodable octet
_SURROGATE = re.compile("[\ud800-\udfff]")

# windows-1252 as browsers have it: the five free positions are C1 controls, so every octet decodes.
_WINDOWS_1252 = (
    bytes(range(256))
    .decode("latin-1")
    .translate({code: text for code in range(0x80, 0xA0) if (text := bytes([code]).decode("cp1252", "ignore"))})
)
_WINDOWS_1252_MAP = codecs.charmap_build(_WINDOWS_1252)

_STATEFUL = ("iso2022", "utf-7", "hz")
_SINGLE = (
    "ascii",
    "iso8859",
    "cp125",
    "koi8",
    "mac-",
    "cp437",
    "cp85",
    "cp86",
    "cp874",
    "cp77",
    "cp73",
    "kz1048",
    "ptcp154",
    "windows-1252",
)


@dataclass(frozen=True, slots=True)
class Charset:
    """One charset. `name` is Python's codec, or "windows-1252"."""

    name: str

    @property
    def stateful(self) -> bool:
        """The meaning of an octet depends on shift sequences before it."""
        return self.name.startswith(_STATEFUL)

    def decode(self, octets: bytes) -> str:
        """Text; an octet that cannot be decoded gives U+FFFD. No lone surrogates come out."""
        if self.name == "windows-1252":
            return codecs.charmap_decode(octets, "strict", _WINDOWS_1252)[0]
        if self.name == "utf-8":
            return _decode_utf8(octets)
        text = octets.decode(self.name, "replace")
        return text if text.isascii() else _SURROGATE.sub(_REPLACEMENT, text)

    def encode(self, text: str) -> bytes:
        """Octets; a character that the charset lacks becomes "?"."""
        if self.name == "windows-1252":
            return codecs.charmap_encode(text, "replace", _WINDOWS_1252_MAP)[0]
        return text.encode(self.name, "replace")

    def offsets(self, octets: bytes, positions: Sequence[int]) -> list[int]:
        """Octet offsets of ascending code-point positions of decode(octets)."""
        if self.name.startswith(_SINGLE):
            return [min(position, len(octets)) for position in positions]
        if self.name == "utf-8":
            return _utf8_offsets(octets, positions)
        return _walk_offsets(self.name, octets, positions)


def _decode_utf8(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return _ESCAPED.sub(_REPLACEMENT, octets.decode("utf-8", "surrogateescape"))


def _utf8_offsets(octets: bytes, positions: Sequence[int]) -> list[int]:
    text = octets.decode("utf-8", "surrogateescape")
    offsets: list[int] = []
    total = 0
    for start, end in pairwise([0, *positions]):
        total += len(text[start:end].encode("utf-8", "surrogateescape"))
        offsets.append(total)
    return offsets


def _walk_offsets(name: str, octets: bytes, positions: Sequence[int]) -> list[int]:
    """Octet by octet: slow, for the charsets that redaction meets rarely."""
    decoder = codecs.getincrementaldecoder(name)("replace")
    offsets: list[int] = []
    count = 0
    wanted = iter([*positions, -1])
    target = next(wanted)
    for index in range(len(octets) + 1):
        while target >= 0 and count >= target:
            offsets.append(index if count == target else index - 1)
            target = next(wanted)
        if target < 0:
            break
        count += len(decoder.decode(octets[index : index + 1], final=index >= len(octets)))
    return offsets + [len(octets)] * (len(positions) - len(offsets))


ASCII = Charset("ascii")
WINDOWS_1252 = Charset("windows-1252")
UTF_8 = Charset("utf-8")
