"""Splices in a quoted-printable body: only the octets asked for change (RFC 2045 section 6.7)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.message import ByteRange
from gateway.core.plan import Splice
from gateway.parse.codings import QUOTED_TOKEN

_LINE = 76  # with the "=" of a soft line break
_SOFT = b"="
_PLAIN = frozenset(range(0x21, 0x7F)) - {0x3D} | {0x20, 0x09}
# A "=" at the end of what stays before a splice that starts nothing by itself, but would with what follows.
_DANGLING = re.compile(rb"=(?:[0-9A-Fa-f]?|[ \t]*\r?)\Z")


@dataclass(frozen=True, slots=True)
class _Line:
    """The raw line around a splice: octets before it, octets after it up to the line end."""

    before: bytes
    after: bytes


def quoted_splices(
    buffer: bytes, body: ByteRange, changes: Sequence[tuple[ByteRange, bytes]], eol: bytes
) -> tuple[Splice, ...]:
    """Splices of `buffer` that change these ranges of decoded octets, ascending and apart.

    Soft line breaks are put in where a line would pass 76 octets; those between changed octets go.
    """
    places = _places(buffer, body, [change[0] for change in changes])
    splices: list[Splice] = []
    written = b""  # what the last splice left on its line
    for index, ((start, end), (_, octets)) in enumerate(zip(places, changes, strict=True)):
        follows = splices[-1].end if splices else body.start
        line_start = buffer.rfind(b"\n", follows, start) + 1
        before = buffer[line_start:start] if line_start else written + buffer[follows:start]
        line_end = buffer.find(b"\n", end, body.end)
        after = buffer[end : body.end if line_end < 0 else line_end].rstrip(b"\r")
        text = _encode(octets, _Line(before, after), eol)
        if not text and not before and after.startswith(b"--") and _is_free(places, index):
            end, text = end + 1, b"=2D"  # what is left must not become a boundary line
        splices.append(Splice(start, end, text))
        written = text[text.rfind(b"\n") + 1 :] if b"\n" in text else before + text
    return tuple(splices)


def _is_free(places: list[tuple[int, int]], index: int) -> bool:
    """Whether the octet after a place is left alone by the next one."""
    return index + 1 == len(places) or places[index + 1][0] > places[index][1]


def _places(buffer: bytes, body: ByteRange, ranges: Sequence[ByteRange]) -> list[tuple[int, int]]:
    """Raw start and end of ranges of decoded octets: from the first octet's token to the end of the last one's.

    An empty range lies after the token of the octet before it: behind a last soft line break it would revive the "=".
    """
    cursor = _Cursor(buffer, body)
    places: list[tuple[int, int]] = []
    for found in ranges:
        start = cursor.start_of(found.start) if len(found) else cursor.end_of(found.start - 1)
        places.append((start, cursor.end_of(found.end - 1)))
    return places


class _Cursor:
    """Walks the tokens of a body once, from decoded offsets to raw ones; offsets must not descend."""

    __slots__ = ("_body", "_decoded", "_raw", "_stretch", "_tokens")

    def __init__(self, buffer: bytes, body: ByteRange) -> None:
        self._tokens = QUOTED_TOKEN.finditer(buffer, body.start, body.end)
        self._body = body
        self._decoded = 0  # decoded offset where the current stretch begins
        self._raw = body.start
        self._stretch = next(self._tokens, None)  # the token that ends it

    def start_of(self, offset: int) -> int:
        """Raw position where the token of a decoded octet starts."""
        return self._place(offset)[0]

    def end_of(self, offset: int) -> int:
        """Raw position after the token of a decoded octet; -1 means the start of the body."""
        return self._place(offset)[1]

    def _place(self, offset: int) -> tuple[int, int]:
        while self._stretch is not None:
            token = self._stretch
            literal = token.start() - self._raw
            width = 1 if token[1] else 0
            if offset < self._decoded + literal:
                break
            if offset < self._decoded + literal + width:
                return token.span()
            self._decoded += literal + width
            self._raw = token.end()
            self._stretch = next(self._tokens, None)
        position = self._raw + offset - self._decoded
        return position, min(position + 1, self._body.end)


def _encode(octets: bytes, line: _Line, eol: bytes) -> bytes:
    """Octets as they go in the place of a splice."""
    out: list[bytes] = []
    column = len(line.before)
    if _DANGLING.search(line.before):
        out.append(_SOFT + eol)
        column = 0
    pieces = octets.split(eol)
    for piece in pieces[:-1]:
        _wrap(_tokens(piece, ends_line=True), column, 0, out, eol)
        out.append(eol)
        column = 0
    tail = len(line.after)
    tokens = _tokens(pieces[-1], ends_line=not tail)
    if not tokens and column + tail > _LINE and column and not line.after.startswith(b"--"):
        out.append(_SOFT + eol)  # the span took a line end with it
    column = _wrap(tokens, column, tail, out, eol)
    if tokens and column + tail > _LINE and tail and not line.after.startswith(b"--"):
        out.append(_SOFT + eol)  # not even the last octet fits beside what follows
    return b"".join(out)


def _wrap(tokens: list[bytes], column: int, tail: int, out: list[bytes], eol: bytes) -> int:
    """Write tokens from a column on; `tail` octets follow on the line of the last one. The column then."""
    for left, token in zip(range(len(tokens) - 1, -1, -1), tokens, strict=True):
        room = _LINE - len(_SOFT) - (0 if left else tail)  # the next splice may need the break
        if column and column + len(token) > room:
            out.append(_SOFT + eol)
            column = 0
        written = b"=2D" if token == b"-" and not column else token  # no boundary line
        out.append(written)
        column += len(written)
    return column


def _tokens(octets: bytes, *, ends_line: bool) -> list[bytes]:
    """One token for each octet; white space at the end of a line is encoded, since it may be lost on the way."""
    tokens = [bytes([octet]) if octet in _PLAIN else b"=%02X" % octet for octet in octets]
    if tokens and ends_line and octets[-1] in b" \t":
        tokens[-1] = b"=%02X" % octets[-1]
    return tokens
