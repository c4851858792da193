"""Multipart bodies split at their boundary lines (RFC 2046 section 5.1)."""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.message import ByteRange, Part
from gateway.parse.glance import Places

_TAIL = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\Z)")
_LONGEST = 100  # octets of a boundary, at most 70 by the RFC
_NEAR = 20_000  # octets from the start of a body on
_LARGE = 65_536  # octets of a body that is looked through by Hyperscan
DASHES = Places(rb"\n--", 4_096)
_SLACK = 4  # boundary-like lines looked at for each part allowed


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a multipart body as ranges of entities (head and body).

    `closed`: there is a final boundary line. `cut`: more parts than allowed. `odd`: programs could split otherwise.
    `mixed`: some boundary lines follow a CRLF, some a bare LF.
    """

    parts: tuple[ByteRange, ...]
    closed: bool = False
    cut: bool = False
    odd: bool = False
    mixed: bool = False


@dataclass(slots=True)
class _Lines:
    """Boundary lines found: (start of the line, end with its line end, closing)."""

    found: list[tuple[int, int, bool]]
    prefixed: int = 0  # lines that start as a boundary line and go on otherwise
    cut: bool = False


def split(buffer: bytes, body: ByteRange, boundary: bytes, most: int) -> Split:
    """Split a body into at most `most` parts. A boundary line after the final one starts a part all the same."""
    lines = _boundary_lines(buffer, body, boundary, most)
    parts: list[ByteRange] = []
    after_close = False
    line_ends: set[bytes] = set()
    for index, (start, end, closing) in enumerate(lines.found):
        line_ends.add(buffer[max(start - 2, 0) : start])
        if closing:
            continue
        after_close = after_close or any(line[2] for line in lines.found[max(index - 1, 0) : index])
        stop = lines.found[index + 1][0] if index + 1 < len(lines.found) else body.end
        parts.append(ByteRange(end, _without_line_end(buffer, end, stop, last=index + 1 == len(lines.found))))
    closed = bool(lines.found) and lines.found[-1][2]
    mixed = len({line_end == b"\r\n" for line_end in line_ends if line_end.endswith(b"\n")}) > 1
    return Split(tuple(parts[:most]), closed, lines.cut, bool(lines.prefixed) or after_close, mixed)


def _boundary_lines(buffer: bytes, body: ByteRange, boundary: bytes, most: int) -> _Lines:
    lines = _Lines([])
    needle = b"\n--" + boundary
    budget = (most + 1) * _SLACK
    position = max(body.start - 1, 0)  # the line end before the body counts as the first one's
    next_from = _finder(buffer, needle, position, body.end)
    while (hit := next_from(position)) >= 0:
        tail = _TAIL.match(buffer, hit + len(needle), body.end)
        position = hit + len(needle)
        if tail:
            lines.found.append((hit + 1, tail.end(), tail[1] is not None))
            position = tail.end() - 1 if tail.end() > position else position
        elif not _is_anothers(buffer, body, boundary, hit + 3):
            lines.prefixed += 1
        budget -= 1
        if len(lines.found) > most or budget < 0:
            lines.cut = True
            break
    return lines


def _finder(buffer: bytes, needle: bytes, start: int, end: int) -> Callable[[int], int]:
    """Gives the first place of `needle` from an octet on, -1 for none."""
    dashes = DASHES.of(memoryview(buffer)[start:end]) if end - start >= _LARGE else None
    if dashes is None:
        return lambda position: buffer.find(needle, position, end)
    places = [start + found - len(b"\n--") for found in dashes]
    hits = [place for place in places if buffer.startswith(needle, place, end)]
    return lambda position: (*hits[bisect_left(hits, position) :][:1], -1)[0]


def _is_anothers(buffer: bytes, body: ByteRange, boundary: bytes, start: int) -> bool:
    """Whether a line is the boundary of a multipart within, whose name goes on from ours: Eudora wrote such."""
    end = buffer.find(b"\n", start, start + _LONGEST)
    name = buffer[start : end if end >= 0 else start + _LONGEST].rstrip()
    named = (b'boundary="' + one + b'"' for one in (name, name.removesuffix(b"--")))
    return any(buffer.find(one, body.start, min(start, body.start + _NEAR)) >= 0 for one in named)


def _without_line_end(buffer: bytes, start: int, stop: int, *, last: bool) -> int:
    """End of a part: the line end before a boundary line belongs to that line."""
    if last:
        return stop
    if stop > start and buffer[stop - 1] == 0x0A:
        stop -= 1
        if stop > start and buffer[stop - 1] == 0x0D:
            stop -= 1
    return stop


def outskirts(part: Part) -> tuple[ByteRange, ...]:
    """Preamble and epilogue of a multipart: what belongs to no child and no boundary line; empty ones left out.

    Where a limit cut the parts off, the rest of the body is not an epilogue and is left out.
    """
    if not part.children:
        return ()
    first, last = part.children[0], part.children[-1]
    line = part.buffer.rfind(b"\n", 0, max(first.head.start - 1, 0)) + 1
    ranges = [ByteRange(part.body.start, max(line, part.body.start))]
    after = part.buffer.find(b"--", last.body.end, part.body.end)
    if after >= 0:
        newline = part.buffer.find(b"\n", after, part.body.end)
        line_text = part.buffer[after : newline if newline >= 0 else part.body.end].rstrip()
        if newline >= 0 and line_text.endswith(b"--"):
            ranges.append(ByteRange(newline + 1, part.body.end))
    return tuple(found for found in ranges if len(found))
