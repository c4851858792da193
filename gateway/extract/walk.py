"""All text of a message: fields, file names, bodies, and what stands around the parts of a multipart."""

from collections.abc import Callable, Iterator
from dataclasses import replace

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
from gateway.extract.asked import labelled_elsewhere
from gateway.extract.budget import Budget
from gateway.extract.gathered import Gathered
from gateway.extract.headers import filename_segments, header_segments
from gateway.extract.leaf import Leaf
from gateway.extract.opening import Opener
from gateway.extract.openpgp import armored, is_encrypted
from gateway.extract.signs import is_clean
from gateway.parse import parse
from gateway.parse.codings import other_decodings
from gateway.parse.enclosed import may_enclose
from gateway.parse.labels import decode_best
from gateway.parse.multipart import outskirts
from gateway.parse.transfer import Decoded, decoded_octets

_UNOPENED = frozenset({OpaqueReason.LIMIT_DEPTH, OpaqueReason.LIMIT_PARTS, OpaqueReason.LIMIT_BYTES})
_WIDE = 3  # one octet in so many is zero in UTF-16 of ASCII
_IDENTITY = frozenset({"7bit", "8bit", "binary"})
_CUT_HEAD = frozenset({OpaqueReason.LIMIT_HEADERS})
_WITHIN = {Place.SUBJECT: Place.HEADER, Place.BODY: Place.ATTACHMENT}  # of a message inside a file
_AROUND = frozenset(
    {OpaqueReason.LIMIT_PARTS, OpaqueReason.LIMIT_BYTES, OpaqueReason.ENCRYPTED_PGP, OpaqueReason.DAMAGED}
)


def extract(message: Message, limits: Limits, clock: Callable[[], float] | None = None) -> Content:
    """All that can be read of a message, in the order of its parts.

    Every part without parts of its own gives a segment, if only an empty one, or an `Opaque`. What parsing could
    not read or found ambiguous is carried on. `clock` gives seconds from anywhere, for the limit on them.
    """
    gathered = Gathered(limits.text_bytes, Budget(limits, clock))
    _read_tree(message, gathered)
    elsewhere = tuple(labelled_elsewhere(gathered.segments))
    return Content(
        (*gathered.segments, *elsewhere),
        tuple(gathered.opaque),
        tuple(gathered.ambiguous),
        tuple(gathered.ledger),
        tuple(gathered.files),
    )


def _read_tree(message: Message, gathered: Gathered) -> None:
    gathered.opaque.extend(message.opaque)
    gathered.ambiguous.extend(message.ambiguous)
    unopened = {opaque.part_path for opaque in message.opaque if opaque.reason in _UNOPENED}
    roots = {message.root.part_path}
    for part in message.root.walk():
        is_message = part.part_path in roots
        gathered.read(part.part_path, header_segments(part, is_message=is_message, is_root=part is message.root))
        gathered.read(part.part_path, filename_segments(part))
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


def _read_mail(octets: bytes, leaf: Leaf, depth: int, gathered: Gathered) -> None:
    """A message that is a file inside a part: what it brings is named by the path of that file."""
    limits = gathered.budget.limits
    message = parse(octets, replace(limits, depth=max(limits.depth - depth, 1)))
    inside = Gathered(gathered.room, gathered.budget, readings=gathered.readings)
    _read_tree(message, inside)
    gathered.room = inside.room
    gathered.segments.extend(
        replace(
            segment,
            part_path=f"{leaf.path}/{segment.part_path}",
            place=_WITHIN.get(segment.place, segment.place),
            editable=False,
        )
        for segment in inside.segments
    )
    gathered.opaque.extend(replace(one, part_path=f"{leaf.path}/{one.part_path}") for one in inside.opaque)
    gathered.ambiguous.extend(replace(one, part_path=f"{leaf.path}/{one.part_path}") for one in inside.ambiguous)
    gathered.files.extend(replace(one, part_path=f"{leaf.path}/{one.part_path}") for one in inside.files)
    for line in inside.ledger:
        member = "/".join(name for name in (leaf.member, line.part_path, line.member) if name)
        gathered.ledger.append(replace(line, part_path=leaf.part.part_path, member=member))


def _fields_read(part: Part, gathered: Gathered) -> Coverage:
    """The header of a part, which a limit may have cut."""
    reasons = gathered.reasons(part.part_path, _CUT_HEAD) if gathered.opaque else ()
    end = part.head.end
    if reasons:
        end = part.headers[-1].octets.end if part.headers else part.head.start
    return Coverage(part.part_path, "fields", len(part.head), end - part.head.start, reasons)


def _read_container(part: Part, gathered: Gathered) -> None:
    """What a multipart holds beside its parts: programs without MIME show it, and anybody can hide text there."""
    path = part.part_path
    if not part.content_type.startswith("multipart/"):
        gathered.ledger.append(Coverage(path, "message", len(part.body), len(part.body)))
        return
    if part.content_type == "multipart/encrypted":
        sealed = any(_is_pgp(child) for child in part.children)
        gathered.opaque.append(Opaque(path, OpaqueReason.ENCRYPTED_PGP if sealed else OpaqueReason.DAMAGED))
    missing = []  # where an outskirt starts, and how much of it was too much
    for outskirt in outskirts(part):
        octets, cut = gathered.take(path, part.buffer[outskirt.start : outskirt.end])
        missing.append((outskirt.start, cut))
        if is_clean(octets) and not may_enclose(octets):
            text = decode_best(octets)
            if text.strip():
                gathered.read(path, [Segment(path, Place.BODY, text, View.ALL)])
        else:
            _open_outskirt(replace(part, body=outskirt), octets, gathered)
    beside = len(part.body) - sum(child.body.end - child.head.start for child in part.children)
    reasons = gathered.reasons(path, _AROUND) if gathered.opaque else ()
    # Behind the last part that the limit leaves there are more of them, which nobody took apart.
    end = part.body.end
    if OpaqueReason.LIMIT_PARTS in reasons:
        end = part.children[-1].body.end if part.children else part.body.start
    lost = part.body.end - end + sum(cut for start, cut in missing if start < end)
    gathered.ledger.append(Coverage(path, "around", beside, beside - lost, reasons))


def _open_outskirt(part: Part, octets: bytes, gathered: Gathered) -> None:
    """What stands around the parts and is more than words: programs that look for other parts open it."""
    bare = replace(part, content_type="text/plain", parameters={}, disposition="", filename="", children=())
    leaf = Leaf(bare, Decoded(octets), member="around")
    Opener(gathered, _read_mail).open(leaf, depth=part.part_path.count("."), hidden=True)


def _other_decodings(part: Part, decoded: Decoded) -> Iterator[Segment]:
    """A body that is not as its transfer encoding wants it, as other programs take it, where that is a text."""
    if decoded.plain or part.transfer_encoding in _IDENTITY:
        return
    place = Place.ATTACHMENT if part.is_attachment else Place.BODY
    for other in other_decodings(part.transfer_encoding, part.buffer[part.body.start : part.body.end]):
        plain = other.replace(b"\0", b"") if other.count(0) * _WIDE >= len(other) else other
        if other != decoded.octets and is_clean(plain):
            yield Segment(part.part_path, place, decode_best(plain), View.ALL, runs=())


def _is_pgp(part: Part) -> bool:
    """By its packets, in whatever form they are written."""
    octets = decoded_octets(part).octets
    return is_encrypted(octets) or any(one and is_encrypted(one) for one in armored(octets.decode("latin-1")))


def _read_leaf(part: Part, gathered: Gathered, *, hidden: bool = False) -> None:
    """`hidden`: another reading of what is read elsewhere."""
    decoded = decoded_octets(part)
    known = len(gathered.opaque)
    opener = Opener(gathered, _read_mail)
    opener.open(Leaf(part, decoded), depth=part.part_path.count("."), hidden=hidden)
    gathered.read(part.part_path, _other_decodings(part, decoded))
    met = {one.reason for one in gathered.opaque[known:] if one.part_path == part.part_path}
    if decoded.problem is not None and decoded.problem not in met:
        gathered.opaque.append(Opaque(part.part_path, decoded.problem))
    if decoded.ambiguous:
        gathered.ambiguous.append(Ambiguity(part.part_path, AmbiguousReason.TRANSFER_ENCODING))
