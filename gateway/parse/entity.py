"""What the fields of one entity say about its body (RFC 2045), and where programs would disagree about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.message import AmbiguousReason
from gateway.parse.head import RawField
from gateway.parse.structured import Structured, decode_parameter, read_structured

_IDENTITY = {"": "7bit", "7-bit": "7bit", "8-bit": "8bit", "8bits": "8bit", "7bits": "7bit", "none": "7bit"}
_ENCODINGS = {"x-uue": "x-uuencode", "uuencode": "x-uuencode", "x-uu": "x-uuencode", "base-64": "base64"}
_MIME_FIELDS = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})
_ONCE = frozenset({"subject", "from", "date", "message-id", "to", "cc", "sender", "mime-version"})
_NOTHING = Structured("")
_WORDS_OF_ENCODING = ("content", "encod", "ransfer")
_NO_LETTERS, _ENCODING_NAME, _LONGEST_NAME = re.compile(rb"[^a-z]"), b"transferenc", 60
_CODING, _NOTHING_BESIDE = re.compile(rb"base64|quotedprintable|uuencode"), re.compile(rb"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Entity:
    """The description of one body."""

    content_type: str
    parameters: Mapping[str, str] = field(repr=False)
    transfer_encoding: str = "7bit"
    disposition: str = ""
    filename: str = field(default="", repr=False)
    ambiguous: tuple[AmbiguousReason, ...] = ()
    defects: tuple[str, ...] = ()


def describe(buffer: bytes, fields: tuple[RawField, ...], default_type: str) -> Entity:
    """Read the MIME fields of an entity. Of several fields of one name the first counts."""
    reasons: list[AmbiguousReason] = []
    defects: list[str] = []
    found = _mime_fields(buffer, fields)
    content_type = _first(found, "content-type", AmbiguousReason.CONTENT_TYPE, reasons, defects)
    encoding = _first(found, "content-transfer-encoding", AmbiguousReason.TRANSFER_ENCODING, reasons, defects)
    disposition = _first(found, "content-disposition", None, reasons, defects)
    kind = _media_type(content_type, default_type, reasons, defects)
    if not encoding.value and _names_encoding(buffer, fields):
        reasons.append(AmbiguousReason.TRANSFER_ENCODING)
    if "charset" in content_type.odd:
        reasons.append(AmbiguousReason.CHARSET)
    if "boundary" in content_type.odd and kind.startswith("multipart/"):
        reasons.append(AmbiguousReason.BOUNDARY)
    return Entity(
        kind,
        content_type.parameters,
        _encoding(encoding, reasons, defects),
        _disposition(disposition),
        _filename(content_type, disposition),
        tuple(dict.fromkeys(reasons)),
        tuple(defects),
    )


def _mime_fields(buffer: bytes, fields: tuple[RawField, ...]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for entry in fields:
        name = entry.name.lower()
        if name in _MIME_FIELDS:
            found.setdefault(name, []).append(buffer[entry.body : entry.octets.end])
    return found


def _names_encoding(buffer: bytes, fields: tuple[RawField, ...]) -> bool:
    """Whether a field that is misspelt, or ran into another one, speaks of a transfer encoding that changes a body."""
    for entry in fields:
        name = entry.name.lower()
        if not any(word in name for word in _WORDS_OF_ENCODING):
            continue
        line = buffer[entry.octets.start : entry.octets.end].lower()
        begins = _NO_LETTERS.sub(b"", line[:_LONGEST_NAME])
        said = line if _ENCODING_NAME in begins else line.partition(b"content-transfer-")[2]
        if _CODING.search(_NOTHING_BESIDE.sub(b"", said)):
            return True
    return False


def _first(
    found: dict[str, list[bytes]],
    name: str,
    reason: AmbiguousReason | None,
    reasons: list[AmbiguousReason],
    defects: list[str],
) -> Structured:
    """The first field of a name. Another one that says something else is an ambiguity, a mere repetition a defect."""
    bodies = found.get(name)
    if not bodies:
        return _NOTHING
    first = read_structured(bodies[0])
    if len(bodies) > 1:
        same = all(read_structured(body) == first for body in bodies[1:])
        defects.append(f"repeated-{name}")
        if not same and reason is not None:
            reasons.append(reason)
    return first


def _media_type(content_type: Structured, default_type: str, reasons: list[AmbiguousReason], defects: list[str]) -> str:
    """The type; the default where there is none; text/plain where it cannot be read (RFC 2045 section 5.2)."""
    value = content_type.value
    if not value:
        return default_type
    if "/" in value:
        if content_type.junk:
            defects.append("junk-after-content-type")
            reasons.append(AmbiguousReason.CONTENT_TYPE)
        return value
    defects.append("content-type-without-subtype")
    if value != "text" or content_type.junk:  # "text" alone is RFC 1049, and means what the default means
        reasons.append(AmbiguousReason.CONTENT_TYPE)
    return "text/plain"


def _encoding(found: Structured, reasons: list[AmbiguousReason], defects: list[str]) -> str:
    value = found.value
    if found.junk or found.parameters:
        defects.append("junk-after-transfer-encoding")
        if value not in ("7bit", "8bit", "binary"):
            reasons.append(AmbiguousReason.TRANSFER_ENCODING)
    return _IDENTITY.get(value, _ENCODINGS.get(value, value))


def _disposition(found: Structured) -> str:
    """RFC 2183 section 2.8: what is unknown counts as an attachment."""
    if found.value in ("", "inline"):
        return found.value
    return "attachment"


def _filename(content_type: Structured, disposition: Structured) -> str:
    name = disposition.parameters.get("filename") or content_type.parameters.get("name") or ""
    return decode_parameter(name)


def repeated_fields(fields: tuple[RawField, ...]) -> bool:
    """A field that may occur once occurs twice (RFC 5322 section 3.6): programs show different ones."""
    seen: set[str] = set()
    for entry in fields:
        name = entry.name.lower()
        if name in seen:
            return True
        if name in _ONCE:
            seen.add(name)
    return False
