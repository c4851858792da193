"""The header block of one entity: where it ends, and its fields (RFC 5322 section 2.2 and 4.5).

A line that is no field ends the block, as Postfix does it; other programs skip such a line, which is an ambiguity.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.core.limits import Limits
from gateway.core.message import ByteRange, Header
from gateway.parse.headers import decode_header_value

# Field name, obsolete white space before the colon, body with its continuation lines.
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:()[^\n]*+(?>(?:\n[ \t][^\n]*+)*)(?:\n|\Z)")
_BLANK = re.compile(rb"\r?\n")
_BLOCK_END = re.compile(rb"\n\r?\n")
_MAILBOX_LINE = re.compile(rb">?From [^\n]*+(?:\n|\Z)")  # the separator of an mbox file
_BLANK_CONTINUATION = re.compile(rb"\n[ \t]+\r?(?=\n)")
_BARE_CR = re.compile(rb"\r(?!\n)")


class RawField(NamedTuple):
    """One field as it stands: `octets` whole with its line end, what follows the colon from `body` on."""

    name: str
    octets: ByteRange
    body: int


@dataclass(frozen=True, slots=True)
class Head:
    """`end` is where the body starts; the blank line belongs to the head."""

    fields: tuple[RawField, ...]
    end: int
    cut: bool = False  # a limit was reached: there are more fields than `fields`
    broken: bool = False  # two programs could see other fields
    defects: tuple[str, ...] = ()


@dataclass(slots=True)
class _Scan:
    """State of reading one header block."""

    position: int
    fields: list[RawField] = field(default_factory=list)
    cut: bool = False


def read_head(buffer: bytes, start: int, end: int, limits: Limits) -> Head:
    """The header block of the entity in buffer[start:end]."""
    defects: list[str] = []
    scan = _Scan(start)
    mailbox_line = _MAILBOX_LINE.match(buffer, start, end)
    if mailbox_line:
        defects.append("mailbox-line")
        scan.position = mailbox_line.end()
    _read_fields(buffer, scan, start, end, limits)
    blank = _BLANK.match(buffer, scan.position, end)
    body = blank.end() if blank else scan.position
    if scan.cut:
        block_end = _BLOCK_END.search(buffer, scan.position - 1, end)
        body = block_end.end() if block_end else end
    unended = not scan.cut and not blank and scan.position < end
    if unended:
        defects.append("header-line-without-colon" if scan.fields else "no-header")
    if b"\0" in buffer[start : scan.position]:
        defects.append("nul-in-header")
    broken = (unended and bool(scan.fields)) or _blank_inside(buffer, start, scan.position)
    return Head(tuple(scan.fields), body, scan.cut, broken, tuple(defects))


def _read_fields(buffer: bytes, scan: _Scan, start: int, end: int, limits: Limits) -> None:
    """Collect fields from `scan.position` on until something else stands there or a limit is reached."""
    match = _FIELD.match
    fields = scan.fields
    position = scan.position
    last = start + limits.header_bytes
    while found := match(buffer, position, end):
        after = found.end()
        if after > last or len(fields) >= limits.headers:
            scan.cut = True
            break
        fields.append(RawField(found[1].decode("ascii"), ByteRange(position, after), found.start(2)))
        position = after
    scan.position = position


def _blank_inside(buffer: bytes, start: int, end: int) -> bool:
    """A continuation line of nothing but white space, with more header after it: some programs see a blank line."""
    found = _BLANK_CONTINUATION.search(buffer, start, end)
    return found is not None and found.end() + 1 < end


def has_bare_cr(buffer: bytes, start: int, end: int) -> bool:
    """A CR without its LF, which some programs take for a line end."""
    return _BARE_CR.search(buffer, start, end) is not None


def decoded_headers(buffer: bytes, fields: tuple[RawField, ...]) -> tuple[Header, ...]:
    """The fields with their values decoded."""
    decode = decode_header_value
    return tuple(
        [Header(name, decode(buffer[body : octets.end]), octets) for name, octets, body in fields]  # a list is faster
    )
