"""What stands in the objects of a PDF, whatever refers to them, and how much their streams unpack to (ISO 32000).

Engines follow references from the pages on. Here the octets are read as they stand: streams one after the other, and
the strings between and in them. What that shows and no engine did is text, too.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.signs import is_clean

_STREAM = re.compile(rb"stream(?<!endstream)\r?\n")  # the word first, which is found quickly
_END = b"endstream"
_MOST_DICTIONARY = 4096  # octets
_STEP = 1 << 18
_KEPT = 4 << 20  # octets of a stream that are looked into
_COLOURS = 4  # octets of a pixel
_LAYER = re.compile(rb"/Fl(?:ateDecode)?\b")
# Streams that hold no words: pictures, fonts, tables of numbers.
_NUMBERS = re.compile(
    rb"/Subtype\s*/Image|/Length1\b|/Type\s*/XRef|/FunctionType|/ShadingType|/FontFile|/CIDFontType0C|/Type1C|/OpenType"
    rb"|/Alternate\b|/N\s+[134]\b(?!.{0,60}/First)|/Type\s*/CMap",
    re.DOTALL,
)
_MAP = b"/CIDInit"
_FILES = (b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG", b"\x1f\x8b\x08", b"7z\xbc\xaf", b"Rar!")
# A string with brackets within it, two deep; a hexadecimal one; how far apart two pieces of a line stand; its end. Each
# begins with a plain sign, which lets the search skip the rest quickly.
_TOKEN = re.compile(
    rb"\(((?>(?:[^()\\]|\\.|\((?>(?:[^()\\]|\\.|\((?>(?:[^()\\]|\\.)*)\))*)\))*))\)"
    rb"|<([0-9A-Fa-f\s]{8,20000})>|-(\d{3,})(?=[\s(<])|T[*JdDmj]|ET|'|\"|/[A-Z]\w*|endobj",
    re.DOTALL,
)
_LITERAL, _SPACE = 1, 3  # groups of it
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_OCTAL = frozenset(b"%d" % digit for digit in range(8))
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b""}
_APART = 180  # thousandths of the size of the letters: as wide as a space
_WORD = re.compile(r"[^\s]{4,}")
_LEAST = 6
_LETTERS = bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))
_SHARE = 0.6  # of what is no letter
_PRINTABLE = 0.95  # of the characters of a string that says something


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. `octets` are unpacked where it is deflated, and the start of them alone where there are many."""

    dictionary: bytes = field(repr=False)
    octets: bytes = field(repr=False)

    @property
    def is_words(self) -> bool:
        return _NUMBERS.search(self.dictionary) is None and not self.octets.startswith(_MAP)

    @property
    def is_file(self) -> bool:
        """A file that the document holds, by its label or by its first octets."""
        return b"/EmbeddedFile" in self.dictionary or self.octets.startswith(_FILES)


def streams_of(octets: bytes, budget: Budget) -> tuple[Stream, ...]:
    """All streams. Raises Unreadable where they unpack to more than the limits allow."""
    found: list[Stream] = []
    total = 0
    for mark in _STREAM.finditer(octets):
        budget.check_time()
        begin = octets.rfind(b"obj", max(mark.start() - _MOST_DICTIONARY, 0), mark.start())
        dictionary = octets[begin + 3 : mark.start()] if begin >= 0 else b""
        layers = len(_LAYER.findall(dictionary))
        if layers:
            data, size = _inflated(octets, mark.end(), layers, budget)
        else:
            end = octets.find(_END, mark.end())
            data, size = octets[mark.end() : end if end >= 0 else len(octets)][:_KEPT], 0
        stream = Stream(dictionary, data)
        if b"/Image" not in dictionary:
            total += size
            budget.ratio(len(octets), size)
        if total > budget.limits.unpacked_bytes:
            raise Unreadable(OpaqueReason.LIMIT_UNPACKED)
        found.append(stream)
    return tuple(found)


def _inflated(octets: bytes, start: int, layers: int, budget: Budget) -> tuple[bytes, int]:
    """The start of a deflated stream, and how much the largest of its layers unpacks to."""
    data, size = _layer(memoryview(octets)[start:], budget)
    for _ in range(layers - 1):
        data, more = _layer(memoryview(data), budget)
        size = max(size, more)
    return data, size


def _layer(packed: memoryview, budget: Budget) -> tuple[bytes, int]:
    most = max(budget.limits.unpacked_bytes, _COLOURS * budget.limits.pixels)
    machine = zlib.decompressobj()
    kept, size, position, tail = bytearray(), 0, 0, b""
    while not machine.eof and (tail or position < len(packed)):
        if not tail:
            tail = bytes(packed[position : position + _STEP])
            position += len(tail)
        try:
            piece = machine.decompress(tail, _STEP)
        except zlib.error:
            break
        tail = machine.unconsumed_tail
        size += len(piece)
        if len(kept) < _KEPT:
            kept += piece
        if size > most:
            raise Unreadable(OpaqueReason.LIMIT_UNPACKED)
    return bytes(kept), size


def unsaid(octets: bytes, streams: tuple[Stream, ...], said: set[str]) -> str:
    """What strings say in words that are not among those `said`, a line each."""
    lines: dict[str, None] = {}
    for words in (_between(octets), *(stream.octets for stream in streams if stream.is_words)):
        for line in _lines(words):
            if not said.issuperset(_WORD.findall(line)):
                lines[line] = None
    return "\n".join(lines)


def words_of(text: str) -> set[str]:
    """What `unsaid` compares with."""
    return set(_WORD.findall(text))


def _between(octets: bytes) -> bytes:
    """The file without what its streams hold."""
    pieces = []
    position = 0
    for mark in _STREAM.finditer(octets):
        if mark.start() >= position:
            pieces.append(octets[position : mark.start()])
            end = octets.find(_END, mark.end())
            position = end if end >= 0 else len(octets)
    return b"\n".join((*pieces, octets[position:]))


def _lines(octets: bytes) -> Iterator[str]:
    """The strings of an object or of a page, those of one line of it put together."""
    pieces: list[str] = []
    if b"(" not in octets and is_clean(octets) and _is_prose(octets):
        pieces.append(octets.decode("latin-1"))  # a script, a text
    for token in _TOKEN.finditer(octets):
        kind = token.lastindex
        if kind is None:
            if pieces:
                yield from _line(pieces)
                pieces = []
        elif kind == _SPACE:
            if pieces and int(token[kind]) > _APART:
                pieces.append(" ")
        else:
            pieces.append(_plain(token[kind]) if kind == _LITERAL else _hexadecimal(token[kind]))
    yield from _line(pieces)


def _is_prose(octets: bytes) -> bool:
    """More letters than the numbers that draw a page."""
    return len(octets.translate(None, _LETTERS)) < len(octets) * _SHARE


def _line(pieces: list[str]) -> Iterator[str]:
    line = "".join(pieces).strip()
    if len(line) >= _LEAST and sum(map(str.isprintable, line)) >= _PRINTABLE * len(line):
        yield line


def _plain(literal: bytes) -> str:
    return _decoded(_ESCAPE.sub(_escaped, literal) if b"\\" in literal else literal)


def _escaped(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    if sign[:1] in _OCTAL:
        return bytes([int(sign, 8) & 0xFF])
    return b"" if sign.endswith(b"\n") else _ESCAPED.get(sign, sign)


def _hexadecimal(digits: bytes) -> str:
    flat = b"".join(digits.split())
    return _decoded(bytes.fromhex((flat + b"0" * (len(flat) % 2)).decode("ascii")))


def _decoded(octets: bytes) -> str:
    """A text string (7.9.2.2)."""
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace")
    if octets.startswith(b"\xef\xbb\xbf"):
        return octets[3:].decode("utf-8", "replace")
    return octets.decode("latin-1")
