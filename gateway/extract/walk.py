"""All text of a message: fields, file names, bodies, and what stands around the parts of a multipart."""

from dataclasses import dataclass, field, replace

from gateway.core.limits import Limits
from gateway.core.message import (
    Ambiguity,
    AmbiguousReason,
    Content,
    Coverage,
    Message,
    Opaque,
    OpaqueReason,
    Part,
    Place,
    Segment,
    View,
)
from gateway.extract.headers import filename_segments, header_segments
from gateway.extract.leaf import Leaf
from gateway.extract.readers import read_leaf
from gateway.parse.labels import decode_best
from gateway.parse.multipart import outskirts
from gateway.parse.transfer import Decoded, decoded_octets

_UNOPENED = frozenset({OpaqueReason.LIMIT_DEPTH, OpaqueReason.LIMIT_PARTS, OpaqueReason.LIMIT_BYTES})
_CUT_HEAD = frozenset({OpaqueReason.LIMIT_HEADERS})
_AROUND = frozenset({OpaqueReason.LIMIT_PARTS, OpaqueReason.LIMIT_BYTES, OpaqueReason.ENCRYPTED_PGP})


@dataclass(slots=True)
class _Gathered:
    """What has been read so far."""

    room: int  # bytes of text that may still be read
    segments: list[Segment] = field(default_factory=list)
    opaque: list[Opaque] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    ledger: list[Coverage] = field(default_factory=list)

    def take(self, path: str, octets: bytes) -> tuple[bytes, int]:
        """As much as the limit on text allows, and how much is missing."""
        missing = max(len(octets) - self.room, 0)
        if missing:
            octets = octets[: self.room]
            self.opaque.append(Opaque(path, OpaqueReason.LIMIT_BYTES))
        self.room -= len(octets)
        return octets, missing

    def reasons(self, path: str, among: frozenset[OpaqueReason]) -> tuple[OpaqueReason, ...]:
        """Why a part is unread so far, as far as it is for one of these reasons."""
        return tuple(dict.fromkeys(one.reason for one in self.opaque if one.part_path == path and one.reason in among))


def extract(message: Message, limits: Limits) -> Content:
    """All that can be read of a message, in the order of its parts.

    Every part without parts of its own gives a segment, if only an empty one, or an `Opaque`. What parsing could
    not read or found ambiguous is carried on.
    """
    gathered = _Gathered(limits.text_bytes, opaque=list(message.opaque), ambiguous=list(message.ambiguous))
    unopened = {opaque.part_path for opaque in message.opaque if opaque.reason in _UNOPENED}
    roots = {message.root.part_path}
    for part in message.root.walk():
        is_message = part.part_path in roots
        gathered.segments.extend(header_segments(part, is_message=is_message, is_root=part is message.root))
        gathered.segments.extend(filename_segments(part))
        gathered.ledger.append(_fields_read(part, gathered))
        if part.children:
            if not part.content_type.startswith("multipart/"):
                roots.add(part.children[0].part_path)
            _read_container(part, gathered)
            if part.content_type == "text/plain":  # a message by its name: programs show it as it stands, too
                _read_leaf(part, gathered, hidden=True)
        elif part.part_path not in unopened:
            _read_leaf(part, gathered)
        else:
            reasons = gathered.reasons(part.part_path, _UNOPENED)
            gathered.ledger.append(Coverage(part.part_path, "none", len(part.body), 0, reasons))
    return Content(tuple(gathered.segments), tuple(gathered.opaque), tuple(gathered.ambiguous), tuple(gathered.ledger))


def _fields_read(part: Part, gathered: _Gathered) -> Coverage:
    """The header of a part, which a limit may have cut."""
    reasons = gathered.reasons(part.part_path, _CUT_HEAD) if gathered.opaque else ()
    end = part.head.end
    if reasons:
        end = part.headers[-1].octets.end if part.headers else part.head.start
    return Coverage(part.part_path, "fields", len(part.head), end - part.head.start, reasons)


def _read_container(part: Part, gathered: _Gathered) -> None:
    """What a multipart holds beside its parts: programs without MIME show it, and anybody can hide text there."""
    path = part.part_path
    if not part.content_type.startswith("multipart/"):
        gathered.ledger.append(Coverage(path, "message", len(part.body), len(part.body)))
        return
    if part.content_type == "multipart/encrypted":
        gathered.opaque.append(Opaque(path, OpaqueReason.ENCRYPTED_PGP))
    lost = 0
    for outskirt in outskirts(part):
        octets, missing = gathered.take(path, part.buffer[outskirt.start : outskirt.end])
        lost += missing
        text = decode_best(octets)
        if text.strip():
            gathered.segments.append(Segment(path, Place.BODY, text, View.ALL))
    beside = len(part.body) - sum(child.body.end - child.head.start for child in part.children)
    reasons = gathered.reasons(path, _AROUND) if gathered.opaque else ()
    if OpaqueReason.LIMIT_PARTS in reasons:
        lost += part.body.end - part.children[-1].body.end
    gathered.ledger.append(Coverage(path, "around", beside, beside - lost, reasons))


def _read_leaf(part: Part, gathered: _Gathered, *, hidden: bool = False) -> None:
    """`hidden`: another reading of what is read elsewhere."""
    decoded = decoded_octets(part)
    octets, missing = gathered.take(part.part_path, decoded.octets)
    read = read_leaf(Leaf(part, Decoded(octets, decoded.problem, decoded.ambiguous), missing))
    gathered.ledger.extend(read.ledger)
    gathered.segments.extend(
        replace(segment, view=View.ALL, editable=False) if hidden else segment for segment in read.segments
    )
    gathered.opaque.extend(Opaque(part.part_path, reason) for reason in read.opaque)
    if decoded.problem is not None and decoded.problem not in read.opaque:
        gathered.opaque.append(Opaque(part.part_path, decoded.problem))
    if decoded.ambiguous:
        gathered.ambiguous.append(Ambiguity(part.part_path, AmbiguousReason.TRANSFER_ENCODING))
    if read.ambiguous:
        gathered.ambiguous.append(Ambiguity(part.part_path, AmbiguousReason.CHARSET))
