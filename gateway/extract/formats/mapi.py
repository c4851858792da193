"""Properties of Outlook items ([MS-OXPROPS]), as messages and winmail.dat have them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, View
from gateway.extract.formats.items import Inner, Item, Text
from gateway.parse.labels import decode_best

WIDE, NARROW, BINARY, OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_SHOWN = frozenset({_SUBJECT, _BODY, 0x0E04, 0x0E03, 0x0E02, 0x0C1A, 0x0C1F, 0x5D01, 0x3001, 0x39FE, 0x3003})
_DATA, _LONG_NAME, _SHORT_NAME = 0x3701, 0x3707, 0x3704
_RTF_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _PLAIN = b"LZFu", b"MELA"
_MOST_RTF = 1 << 26


@dataclass(slots=True)
class Properties:
    """Of one item: by id and type. Names of files are text alone."""

    values: dict[tuple[int, int], bytes] = field(repr=False, default_factory=dict)

    def text(self, number: int) -> str:
        wide = self.values.get((number, WIDE))
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return decode_best(self.values.get((number, NARROW), b"")).rstrip("\0")

    @property
    def file_name(self) -> str:
        return self.text(_LONG_NAME) or self.text(_SHORT_NAME)


def said(properties: Properties) -> Iterator[Item]:
    """All text of an item: its subject and body as shown, everything else beside it."""
    shown: list[str] = []
    beside: list[str] = []
    for number, kind in properties.values:
        if kind in (WIDE, NARROW):
            words = properties.text(number)
            if words.strip():
                (shown if number in _SHOWN else beside).append(words)
    if shown:
        yield Text("\n".join(shown))
    if beside:
        yield Text("\n".join(beside), View.ALL)
    for kind in (BINARY, NARROW, WIDE):
        page = properties.values.get((_HTML, kind))
        if page:
            yield Inner(page, content_type="text/html")
    rich = properties.values.get((_RTF, BINARY))
    if rich:
        yield from _rich(rich)


def _rich(octets: bytes) -> Iterator[Item]:
    try:
        unpacked = unpack_rtf(octets)
    except (struct.error, IndexError):
        unpacked = b""
    if unpacked:
        yield Inner(unpacked)
    else:
        yield OpaqueReason.DAMAGED


def unpack_rtf(octets: bytes) -> bytes:
    """Compressed RTF ([MS-OXRTFCP])."""
    _, _, kind, _ = struct.unpack_from("<II4sI", octets)
    if kind == _PLAIN:
        return octets[16:]
    if kind != _PACKED:
        return b""
    known = bytearray(_RTF_START.ljust(4096, b"\0"))
    write = len(_RTF_START)
    out = bytearray()
    at = 16
    while at < len(octets) and len(out) < _MOST_RTF:
        flags = octets[at]
        at += 1
        for bit in range(8):
            if at >= len(octets):
                break
            if not flags >> bit & 1:
                run = octets[at : at + 1]
                at += 1
            else:
                (token,) = struct.unpack_from(">H", octets, at)
                at += 2
                read = token >> 4
                if read == write:
                    return bytes(out)
                run = b""
                for step in range((token & 0x0F) + 2):
                    octet = known[(read + step) & 0xFFF]
                    known[(write + step) & 0xFFF] = octet
                    run += bytes([octet])
            for octet in run:
                known[write] = octet
                write = (write + 1) & 0xFFF
            out += run
    return bytes(out)


def data_of(properties: Properties) -> bytes:
    """The octets of an attached file."""
    return properties.values.get((_DATA, BINARY), b"")
