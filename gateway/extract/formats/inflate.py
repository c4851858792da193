"""Decompressing in steps, so that a bomb ends at the limit and not in memory."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget, Unreadable

STEP = 1 << 18
_LZMA_PROPERTIES = 5


class _Stepwise(Protocol):
    """What the decompressors of bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Unpacked:
    """What came out of a stream, and whether it ended as it should. `used`: so many octets of it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        self.whole = False
        self.used = 0

    def octets(self) -> bytes:
        joined = b"".join(self.pieces)
        self.pieces = [joined]
        return joined

    def take(self, piece: bytes, packed: int, budget: Budget) -> None:
        """Count and keep a piece. Raises Unreadable at a limit."""
        self.size += len(piece)
        budget.check_time()
        budget.ratio(packed, self.size)
        budget.unpacked(len(piece))
        self.pieces.append(piece)


def inflate(data: memoryview, budget: Budget, into: Unpacked, window: int = -15) -> None:
    """One zlib stream: raw deflate by default (RFC 1951), window 31 for gzip (RFC 1952), 15 for zlib (RFC 1950)."""
    machine = zlib.decompressobj(window)
    position, tail = 0, b""
    try:
        while not machine.eof and (tail or position < len(data)):
            if not tail:
                tail = bytes(data[position : position + STEP])
                position += len(tail)
            piece = machine.decompress(tail, STEP)
            tail = machine.unconsumed_tail
            into.take(piece, position, budget)
        piece = machine.flush()
        into.take(piece, position, budget)
    except zlib.error:
        into.used = position
        return
    into.whole = machine.eof
    into.used = position - len(machine.unused_data)


def _steps(machine: _Stepwise, data: memoryview) -> Iterator[tuple[bytes, int]]:
    position = 0
    while not machine.eof and (position < len(data) or not machine.needs_input):
        feed = b""
        if machine.needs_input:
            feed = bytes(data[position : position + STEP])
            position += len(feed)
        yield machine.decompress(feed, STEP), position


def _unpack(make: Callable[[], _Stepwise], data: memoryview, budget: Budget, into: Unpacked) -> None:
    position = 0
    try:
        machine = make()
        for piece, position in _steps(machine, data):
            into.take(piece, position, budget)
        into.whole = machine.eof
        into.used = position - len(getattr(machine, "unused_data", b""))
    except (OSError, EOFError, ValueError, lzma.LZMAError):
        return


def unbzip(data: memoryview, budget: Budget, into: Unpacked) -> None:
    _unpack(bz2.BZ2Decompressor, data, budget, into)


def unxz(data: memoryview, budget: Budget, into: Unpacked) -> None:
    _unpack(lambda: lzma.LZMADecompressor(memlimit=1 << 27), data, budget, into)


def unlzma(data: memoryview, budget: Budget, into: Unpacked) -> None:
    """LZMA as ZIP has it (APPNOTE.TXT 5.8): version, length of the properties, properties, stream."""
    length = int.from_bytes(data[2:4], "little")
    if length != _LZMA_PROPERTIES:
        return
    first = data[4]
    filters = [
        {
            "id": lzma.FILTER_LZMA1,
            "lc": first % 9,
            "lp": first // 9 % 5,
            "pb": first // 45,
            "dict_size": min(int.from_bytes(data[5:9], "little"), 1 << 26),
        }
    ]
    _unpack(lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters), data[4 + length :], budget, into)


def store(data: memoryview, budget: Budget, into: Unpacked) -> None:
    into.take(bytes(data), len(data), budget)
    into.whole = True
    into.used = len(data)


def refuse(data: memoryview, budget: Budget, into: Unpacked) -> None:
    """A method that nobody here knows."""
    raise Unreadable(OpaqueReason.UNSUPPORTED_FORMAT)
