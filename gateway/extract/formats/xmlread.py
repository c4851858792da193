"""XML by expat, which obeys no DTD: whether something is XML, its root, its elements in order."""

import re
from collections.abc import Callable
from xml.parsers import expat

_ASIDE = re.compile(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|[A-Za-z_!])")
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,60})[\s/>]")


def is_xml(octets: bytes) -> bool:
    """Whether they begin as XML does."""
    return _START.match(octets) is not None or octets.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<"))


def root_of(octets: bytes) -> str:
    """Local name of the first element, "" where none is near the start."""
    found = _ROOT.search(_ASIDE.sub(b"", narrow(octets[:4096])))
    return found[1].decode("ascii", "replace") if found else ""


def narrow(octets: bytes) -> bytes:
    """UTF-16 as UTF-8; others as they are."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", "replace").encode("utf-8")
    return octets


Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def parse_xml(octets: bytes, start: Start | None, end: End | None, text: End | None, aside: End | None = None) -> bool:
    """Feed expat; whether the document is well formed. A document with a DTD of its own is not.

    `aside` gets what comments and processing instructions say.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = _refuse
    if aside is not None:
        parser.CommentHandler = aside
        parser.ProcessingInstructionHandler = lambda _, data: aside(data)
    try:
        parser.Parse(octets, True)
    except (expat.ExpatError, _DeclaredEntity, LookupError, ValueError):
        return False
    return True


class _DeclaredEntity(Exception):
    pass


def _refuse(*_: object) -> None:
    raise _DeclaredEntity
