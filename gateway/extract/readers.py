"""The formats that are read, in the order in which they are asked. The last one takes everything."""

from dataclasses import replace

from gateway.extract.formats.items import Inner
from gateway.extract.leaf import Leaf, Read, Reader, covered
from gateway.extract.sealed import is_binary, is_pkcs7, read_binary, read_pkcs7
from gateway.extract.signs import is_mostly_binary
from gateway.extract.textual import is_html, is_labelled_text, is_text, read_html, read_text
from gateway.parse.codings import enclosed_files
from gateway.parse.labels import decode_best


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


def read_leaf(leaf: Leaf) -> Read:
    """The leaf as its format reads it; the files that stand uuencoded in its text are for their own readers."""
    reader = next(reader for reader in READERS if reader.accepts(leaf))
    read = reader.read(leaf)
    if not read.ledger:
        read = replace(read, ledger=(covered(leaf, reader.name, read),))
    if reader.name != "text":
        return read
    enclosed = tuple(Inner(octets, decode_best(name)) for name, octets in enclosed_files(leaf.octets))
    return replace(read, inner=(*read.inner, *enclosed)) if enclosed else read
