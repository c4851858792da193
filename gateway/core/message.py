"""What parsing and extracting yield: parts, segments of text, and what could not be read."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import overload


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points in a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Half-open range of bytes in a buffer."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Header:
    """One header field (RFC 5322 section 2.2).

    `value` is unfolded, encoded words decoded; `octets` is the whole field in its part's buffer, line end included.
    """

    name: str
    value: str = field(repr=False)
    octets: ByteRange


class OpaqueReason(StrEnum):
    """Why a part could not be read. A closed list: metrics, rules and notices use these words."""

    ENCRYPTED_SMIME = "encrypted-smime"
    ENCRYPTED_PGP = "encrypted-pgp"
    ENCRYPTED_ARCHIVE = "encrypted-archive"
    ENCRYPTED_DOCUMENT = "encrypted-document"
    UNSUPPORTED_FORMAT = "unsupported-format"
    UNKNOWN_CHARSET = "unknown-charset"
    UNKNOWN_ENCODING = "unknown-encoding"
    EXTERNAL_BODY = "external-body"
    DAMAGED = "damaged"
    SPLIT_ARCHIVE = "split-archive"  # one of several volumes
    READERS_DISAGREE = "readers-disagree"  # two programs see different text in the file
    LIMIT_BYTES = "limit-bytes"
    LIMIT_DEPTH = "limit-depth"
    LIMIT_PARTS = "limit-parts"
    LIMIT_HEADERS = "limit-headers"
    LIMIT_UNPACKED = "limit-unpacked"
    LIMIT_RATIO = "limit-ratio"
    LIMIT_ENTRIES = "limit-entries"
    LIMIT_PAGES = "limit-pages"
    LIMIT_PIXELS = "limit-pixels"
    LIMIT_SECONDS = "limit-seconds"
    FAILURE = "failure"  # the inspection of this message died before it could say more


class AmbiguousReason(StrEnum):
    """Two programs could read the part differently."""

    CONTENT_TYPE = "content-type"
    TRANSFER_ENCODING = "transfer-encoding"
    BOUNDARY = "boundary"
    HEADER_SYNTAX = "header-syntax"
    LINE_ENDS = "line-ends"
    CHARSET = "charset"


@dataclass(frozen=True, slots=True)
class Opaque:
    part_path: str
    reason: OpaqueReason


@dataclass(frozen=True, slots=True)
class Ambiguity:
    part_path: str
    reason: AmbiguousReason


@dataclass(frozen=True, slots=True)
class Coverage:
    """A line of the coverage ledger: how much of one part was read, and by which reader.

    `octets`: so many there were to read, transfer encoding undone; `read`: so many of them the reader took. `unread`:
    why the others were not, or why what was read may not be all. `member` counts files inside the part ("3.1" is the
    first file in the third one), "" is the part itself; never a name, which could be protected.
    """

    part_path: str
    reader: str  # "fields", "around" (what stands beside the parts of a multipart), "text", "html", …; "none"
    octets: int
    read: int
    unread: tuple[OpaqueReason, ...] = ()
    member: str = ""

    @property
    def complete(self) -> bool:
        return self.read >= self.octets and not self.unread


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity (RFC 2045).

    `part_path` is "1" for the message itself, "1.2" for the second child of a multipart, and the
    message inside a message/rfc822 part "1.2" is "1.2.1".
    `buffer` holds the bytes that `head` and `body` count in. `is_original` says that it is the raw message itself,
    so that a byte of this part can be edited in place; a message decoded out of base64 has a buffer of its own.
    """

    part_path: str
    headers: tuple[Header, ...]
    content_type: str  # lower case, without parameters; RFC 2045 section 5.2 default where absent
    parameters: Mapping[str, str]  # of Content-Type, names in lower case, RFC 2231 decoded
    transfer_encoding: str  # lower case, "7bit" where absent
    disposition: str  # "inline", "attachment" or ""
    filename: str  # decoded, "" where none; never used as a path
    buffer: bytes = field(repr=False)
    head: ByteRange
    body: ByteRange  # as transferred, not decoded; without the line end that belongs to a boundary
    children: tuple["Part", ...] = ()
    is_original: bool = True

    def header(self, name: str) -> str | None:
        """Decoded value of the first field of that name."""
        wanted = name.lower()
        return next((h.value for h in self.headers if h.name.lower() == wanted), None)

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))

    @property
    def is_attachment(self) -> bool:
        return self.disposition == "attachment" or bool(self.filename)


@dataclass(frozen=True, slots=True)
class Message:
    """The tree of a message and what reading it met. `defects` are sloppiness worth noting, harmless by themselves."""

    raw: bytes = field(repr=False)
    root: Part
    opaque: tuple[Opaque, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    defects: tuple[str, ...] = ()


class Place(StrEnum):
    """Where in a message a text stands."""

    SUBJECT = "subject"
    HEADER = "header"
    BODY = "body"
    ATTACHMENT = "attachment"
    FILENAME = "filename"


class View(StrEnum):
    """Which reading of a part a segment is."""

    VISIBLE = "visible"  # as a person sees it
    ALL = "all"  # with what is hidden: comments, attributes, invisible text


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a segment's text and where it came from.

    Of equal length: code point by code point; else as a whole.
    """

    text: Span
    origin: Span


class Runs(Sequence[Run]):
    """Runs as bare numbers, made into values when one is asked for: a page of mark-up has thousands."""

    __slots__ = ("_numbers",)

    def __init__(self, numbers: Sequence[int]) -> None:
        """Four of each run: start and end in the text, start and end of where it came from."""
        self._numbers = numbers

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> "Runs": ...

    def __getitem__(self, index: int | slice) -> "Run | Runs":
        if isinstance(index, slice):
            return Runs([number for place in range(*index.indices(len(self))) for number in self._four(place)])
        start, end, first, last = self._four(range(len(self))[index])
        return Run(Span(start, end), Span(first, last))

    def _four(self, place: int) -> Sequence[int]:
        return self._numbers[4 * place : 4 * place + 4]

    def __len__(self) -> int:
        return len(self._numbers) // 4

    def __iter__(self) -> Iterator[Run]:
        numbers = iter(self._numbers)
        for start, end, first, last in zip(numbers, numbers, numbers, numbers, strict=True):
            yield Run(Span(start, end), Span(first, last))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Runs):
            return self._numbers == other._numbers
        return isinstance(other, tuple) and tuple(self) == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Runs({list(self)!r})"

    def first_beyond(self, position: int) -> int:
        """The place of the first run that ends behind a position of the text."""
        return bisect_right(range(len(self)), position, key=lambda place: self._numbers[4 * place + 1])


def first_beyond(runs: Sequence[Run], position: int) -> int:
    """The place of the first run that ends behind a position of the text."""
    return runs.first_beyond(position) if isinstance(runs, Runs) else bisect_right(runs, position, key=_end_of)


def _end_of(run: Run) -> int:
    return run.text.end


@dataclass(frozen=True, slots=True)
class Segment:
    """Text of one part, ready for detecting.

    `runs` map code points of `text` to code points of the part's decoded text (content-transfer-encoding and charset
    undone, mark-up still there); sorted, without overlap; text between them was made by us (a space for a tag).
    None: one to one. A header's origin is its decoded value (`header` names it).
    """

    part_path: str
    place: Place
    text: str = field(repr=False)
    view: View = View.VISIBLE
    header: str = ""
    runs: Sequence[Run] | None = field(default=None, repr=False)
    editable: bool = False  # a span can be rewritten in the original message

    def origin(self, span: Span) -> tuple[Span, ...]:
        """Where a span of `text` came from, in order; one span for each run it touches."""
        if self.runs is None:
            return (span,)
        spans: list[Span] = []
        for index in range(first_beyond(self.runs, span.start), len(self.runs)):
            run = self.runs[index]
            start, end = max(span.start, run.text.start), min(span.end, run.text.end)
            if start >= end:
                break
            if run.text.end - run.text.start == run.origin.end - run.origin.start:
                shift = run.origin.start - run.text.start
                spans.append(Span(start + shift, end + shift))
            else:
                spans.append(run.origin)
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A picture inside a part, told by its first bytes. `part_path` is "1.2/3.1": the part, then which file in it."""

    part_path: str
    content_type: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Content:
    """All that could be read of a message, and what could not. `ledger` has a line or more for every part.

    Segments and Opaques of files inside a part have its path, a slash and their `member` in the ledger.
    """

    segments: tuple[Segment, ...]
    opaque: tuple[Opaque, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    ledger: tuple[Coverage, ...] = ()
    files: tuple[InnerFile, ...] = ()
