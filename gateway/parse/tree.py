"""The tree of a message. Without recursion: a worklist downwards, then parts are made from the leaves upwards."""

from dataclasses import dataclass, field

from gateway.core.limits import Limits
from gateway.core.message import Ambiguity, AmbiguousReason, ByteRange, Message, Opaque, OpaqueReason, Part
from gateway.parse.codings import decode_body
from gateway.parse.ends import line_ends
from gateway.parse.entity import Entity, describe, repeated_fields
from gateway.parse.head import Head, decoded_headers, has_bare_cr, read_head
from gateway.parse.multipart import split

_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_ELSEWHERE = frozenset({"message/external-body", "message/partial"})
_IDENTITY = frozenset({"7bit", "8bit", "binary"})


@dataclass(slots=True)
class _Node:
    """An entity on its way to a Part."""

    path: str
    depth: int
    buffer: bytes
    start: int
    end: int
    default_type: str = "text/plain"
    is_original: bool = True
    boundaries: tuple[str, ...] = ()  # of the multiparts around it
    parent: "_Node | None" = None
    children: list["_Node"] = field(default_factory=list)
    part: Part | None = None


@dataclass(slots=True)
class _Build:
    """All that reading one message gathers."""

    limits: Limits
    bare_cr: bool  # somewhere in the message
    mixed_ends: bool
    nodes: list[_Node] = field(default_factory=list)
    decoded: int = 0  # bytes of buffers made for nested messages
    opaque: list[Opaque] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def unread(self, node: _Node, reason: OpaqueReason) -> None:
        self.opaque.append(Opaque(node.path, reason))

    def doubt(self, node: _Node, reason: AmbiguousReason) -> None:
        ambiguity = Ambiguity(node.path, reason)
        if ambiguity not in self.ambiguous[-8:]:
            self.ambiguous.append(ambiguity)


def parse(raw: bytes, limits: Limits) -> Message:
    """The message in `raw`. Never raises, whatever the bytes are.

    What a limit keeps from being read is in `opaque`; where programs would read another message, in `ambiguous`;
    harmless sloppiness, in `defects` (words, each at most once).
    """
    ends = line_ends(raw)
    build = _Build(limits, ends.bare_cr, ends.mixed)
    if not ends.crlf and raw:
        build.defects.append("lf-line-ends")
    root = _Node("1", 0, raw, 0, len(raw))
    build.nodes.append(root)
    for node in build.nodes:  # grows while it is walked
        _read(node, build)
    for node in reversed(build.nodes):
        _freeze(node)
    assert root.part is not None
    return Message(raw, root.part, tuple(build.opaque), tuple(build.ambiguous), tuple(dict.fromkeys(build.defects)))


def _read(node: _Node, build: _Build) -> None:
    """Read one entity and put what it contains on the worklist."""
    head = read_head(node.buffer, node.start, node.end, build.limits)
    entity = describe(node.buffer, head.fields, node.default_type)
    build.defects.extend(head.defects)
    build.defects.extend(entity.defects)
    for reason in entity.ambiguous:
        build.doubt(node, reason)
    if head.cut:
        build.unread(node, OpaqueReason.LIMIT_HEADERS)
    if head.broken or (_is_message_root(node) and repeated_fields(head.fields)):
        build.doubt(node, AmbiguousReason.HEADER_SYNTAX)
    if build.bare_cr or build.mixed_ends:
        _check_line_ends(node, head, build)
    node.part = _part(node, head, entity)
    _descend(node, node.part, build)


def _is_message_root(node: _Node) -> bool:
    return node.parent is None or (node.parent.part is not None and not _is_multipart(node.parent.part))


def _part(node: _Node, head: Head, entity: Entity) -> Part:
    return Part(
        node.path,
        decoded_headers(node.buffer, head.fields),
        entity.content_type,
        entity.parameters,
        entity.transfer_encoding,
        entity.disposition,
        entity.filename,
        node.buffer,
        ByteRange(node.start, head.end),
        ByteRange(head.end, node.end),
        (),
        node.is_original,
    )


def _check_line_ends(node: _Node, head: Head, build: _Build) -> None:
    """Line ends that programs see differently matter where they make or unmake header fields."""
    header = node.buffer[node.start : head.end]
    crlf = header.count(b"\r\n")
    if has_bare_cr(node.buffer, node.start, head.end) or 0 < crlf < header.count(b"\n"):
        build.doubt(node, AmbiguousReason.LINE_ENDS)


def _is_multipart(part: Part) -> bool:
    return part.content_type.startswith("multipart/")


def holds_message(part: Part) -> bool:
    """A part whose body is a message; also a file with the name of one.

    Of the text types plain text alone: HTML of that name is shown as HTML.
    """
    if part.content_type in _MESSAGES:
        return True
    kind = part.content_type
    return part.filename.lower().endswith(".eml") and (kind.startswith("application/") or kind == "text/plain")


def _descend(node: _Node, part: Part, build: _Build) -> None:
    if part.content_type in _ELSEWHERE:
        build.unread(node, OpaqueReason.EXTERNAL_BODY)
    elif _is_multipart(part) or holds_message(part):
        if node.depth >= build.limits.depth:
            build.unread(node, OpaqueReason.LIMIT_DEPTH)
        elif _is_multipart(part):
            _open_multipart(node, part, build)
        else:
            _open_message(node, part, build)


def _open_multipart(node: _Node, part: Part, build: _Build) -> None:
    """Put the parts of a multipart on the worklist."""
    if part.transfer_encoding not in _IDENTITY:  # RFC 2045 section 6.4 forbids it; some programs decode first
        build.defects.append("encoded-multipart")
        if part.transfer_encoding in ("base64", "x-uuencode"):
            build.doubt(node, AmbiguousReason.TRANSFER_ENCODING)
    boundary = part.parameters.get("boundary", "").rstrip(" \t")
    found = None
    if boundary:
        room = max(build.limits.parts - len(build.nodes), 0)
        found = split(part.buffer, part.body, boundary.encode("utf-8", "replace"), room)
        if found.cut:
            build.unread(node, OpaqueReason.LIMIT_PARTS)
        if found.mixed:
            build.doubt(node, AmbiguousReason.LINE_ENDS)
        if not found.closed:
            build.defects.append("no-final-boundary")
        kind = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        around = (*node.boundaries, boundary)
        for number, child in enumerate(found.parts, 1):
            _add(node, build, f"{node.path}.{number}", (node.buffer, child.start, child.end), kind, around)
    if _boundary_doubtful(node, part, boundary, found is None or found.odd, build):
        build.doubt(node, AmbiguousReason.BOUNDARY)


def _boundary_doubtful(node: _Node, part: Part, boundary: str, odd: bool, build: _Build) -> bool:
    """Whether programs could see other parts than we do."""
    if not node.children:
        return bool(part.buffer[part.body.start : part.body.start + 4096].strip())
    if odd or boundary in node.boundaries or not boundary.isascii():
        return True
    return build.bare_cr and part.buffer.find(b"\r--" + boundary.encode(), part.body.start, part.body.end) >= 0


def _open_message(node: _Node, part: Part, build: _Build) -> None:
    """Put the message inside a part on the worklist; an encoded one gets a buffer of its own."""
    if len(build.nodes) >= build.limits.parts:
        build.unread(node, OpaqueReason.LIMIT_PARTS)
        return
    if part.transfer_encoding in _IDENTITY:
        _add(node, build, f"{node.path}.1", (node.buffer, part.body.start, part.body.end))
        return
    decoded = decode_body(part.transfer_encoding, part.buffer[part.body.start : part.body.end])
    build.decoded += len(decoded.octets)
    if build.decoded > build.limits.text_bytes:
        build.unread(node, OpaqueReason.LIMIT_BYTES)
        return
    if decoded.problem is not None:
        build.unread(node, decoded.problem)
    if decoded.odd:
        build.doubt(node, AmbiguousReason.TRANSFER_ENCODING)
    _add(node, build, f"{node.path}.1", (decoded.octets, 0, len(decoded.octets)))


def _add(
    parent: _Node,
    build: _Build,
    path: str,
    place: tuple[bytes, int, int],
    default_type: str = "text/plain",
    boundaries: tuple[str, ...] = (),
) -> None:
    buffer, start, end = place
    original = parent.is_original and buffer is parent.buffer
    node = _Node(path, parent.depth + 1, buffer, start, end, default_type, original, boundaries, parent)
    parent.children.append(node)
    build.nodes.append(node)


def _freeze(node: _Node) -> None:
    """Give a part its children, which are complete by now."""
    part = node.part
    if part is None or not node.children:
        return
    children = tuple(child.part for child in node.children if child.part is not None)
    node.part = Part(
        part.part_path,
        part.headers,
        part.content_type,
        part.parameters,
        part.transfer_encoding,
        part.disposition,
        part.filename,
        part.buffer,
        part.head,
        part.body,
        children,
        part.is_original,
    )
