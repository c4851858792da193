"""The formats that are read, in the order in which they are asked. The last one takes everything."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from gateway.core.message import OpaqueReason
from gateway.extract.formats.items import Inner
from gateway.extract.further import Room, further
from gateway.extract.inner.blobs import FILES
from gateway.extract.leaf import Leaf, Read, Reader, covered
from gateway.extract.openpgp import armored, is_encrypted
from gateway.extract.sealed import is_binary, is_pkcs7, read_binary, read_pkcs7
from gateway.extract.signs import is_mostly_binary
from gateway.extract.textual import is_html, is_labelled_text, is_text, read_html, read_text
from gateway.parse.enclosed import (
    ARMOR,
    MOST_ENTITIES,
    enclosed_entities,
    enclosed_files,
    lacks_parts,
    may_enclose,
    quoted_files,
)
from gateway.parse.labels import decode_best, find_charset

TEXTUAL = frozenset({"text", "html"})  # readers whose text may say more than it shows


def _is_plainly_binary(leaf: Leaf) -> bool:
    """A binary format by its first octets; one that is labelled as text only if the rest is no text either."""
    return is_binary(leaf) and (not is_labelled_text(leaf) or is_mostly_binary(leaf.octets))


READERS: tuple[Reader, ...] = (
    Reader("pkcs7", is_pkcs7, read_pkcs7),
    Reader("binary", _is_plainly_binary, read_binary),
    Reader("html", is_html, read_html),
    Reader("text", is_text, read_text),
    Reader("unsupported", lambda leaf: True, read_binary),
)


def read_leaf(leaf: Leaf, room: Room) -> Read:
    """The leaf as its format reads it, and what its text says in other forms.

    The files that stand in the text are for their own readers. `room`: for all such readings of the message.
    """
    reader = next(reader for reader in READERS if reader.accepts(leaf))
    read = reader.read(leaf)
    if not read.ledger:
        read = replace(read, ledger=(covered(leaf, reader.name, read),))
    if reader.name not in TEXTUAL:
        return read
    room.left -= max(sum(len(segment.text) for segment in read.segments) - len(leaf.octets), 0)
    stands = _is_as_it_stands(leaf, read)
    more = further(read.segments, room, leaf.octets if stands else None)
    shown = "\n".join(segment.text for segment in read.segments) if reader.name == "html" else ""
    encloses = not (more.plain and stands) and may_enclose(leaf.octets)
    inner = _enclosed(leaf, more.files, shown) if encloses else map(Inner, more.files)
    enclosed = tuple(islice(inner, MOST_ENTITIES + 1))
    if encloses and lacks_parts(leaf.octets):
        read = replace(read, opaque=(*read.opaque, OpaqueReason.SPLIT_ARCHIVE))
    if len(enclosed) > MOST_ENTITIES:
        read = replace(read, opaque=(*read.opaque, OpaqueReason.LIMIT_PARTS))
    if more.cut:
        read = replace(read, opaque=(*read.opaque, OpaqueReason.LIMIT_BYTES))
    if not (more.segments or enclosed or more.cut):
        return read
    return replace(
        read,
        segments=(*read.segments, *more.segments),
        opaque=tuple(dict.fromkeys(read.opaque)),
        inner=(*read.inner, *enclosed[:MOST_ENTITIES]),
    )


def _is_as_it_stands(leaf: Leaf, read: Read) -> bool:
    """Whether the text is the octets, one for each character."""
    octets, text = leaf.octets, read.segments[0].text if len(read.segments) == 1 else ""
    return len(octets) == len(text) and text.isascii() and octets == text.encode("ascii")


def _enclosed(leaf: Leaf, files: tuple[bytes, ...], shown: str) -> Iterator[Inner]:
    """What stands in a text and is to be opened by itself. `shown`: by a page, in lines of its own."""
    for line, octets in enclosed_files(leaf.octets):
        yield Inner(octets, decode_best(line))
    for line, octets in enclosed_files(shown.encode("utf-8", "replace")) if "begin " in shown else ():
        yield Inner(octets, decode_best(line))
    for octets in files:
        yield Inner(octets)
    yield from map(Inner, quoted_files(leaf.octets))
    for message in armored(decode_best(leaf.octets)) if ARMOR in leaf.octets else ():
        if message is not None and not is_encrypted(message):
            yield Inner(message)
    for entity, octets in enclosed_entities(leaf.octets):
        charset = find_charset(entity.parameters.get("charset", ""))
        plain = octets if charset is None or octets.startswith(FILES) else charset.decode(octets).encode()
        yield Inner(plain, entity.filename, entity.content_type)
