"""The formats that are read, in the order in which they are asked. The last one takes everything."""

from gateway.extract.leaf import Leaf, Read, Reader
from gateway.extract.sealed import is_binary, is_pkcs7, read_binary, read_pkcs7
from gateway.extract.textual import is_html, is_text, read_html, read_text

READERS: tuple[Reader, ...] = (
    Reader("pkcs7", is_pkcs7, read_pkcs7),
    Reader("binary", is_binary, read_binary),
    Reader("html", is_html, read_html),
    Reader("text", is_text, read_text),
    Reader("unsupported", lambda leaf: True, read_binary),
)


def read_leaf(leaf: Leaf) -> Read:
    """The leaf as its format reads it."""
    return next(reader.read(leaf) for reader in READERS if reader.accepts(leaf))
