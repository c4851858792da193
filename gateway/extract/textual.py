"""Readers of text in any of its forms, HTML included."""

import re

from gateway.core.message import OpaqueReason, Place, Segment, View
from gateway.extract.html import render
from gateway.extract.leaf import Leaf, Read
from gateway.extract.plain import render_plain
from gateway.parse.transfer import DecodedText, text_of

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_HTML_NAMES = frozenset({"html", "htm", "xhtml", "shtml"})
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--[^>]{0,200}-->\s*)?<(?:!doctype\s+html|html[\s>])", re.IGNORECASE
)
_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "application/hl7-v2",
        "application/edi-x12",
        "application/edifact",
        "application/javascript",
        "application/x-javascript",
        "application/sql",
        "application/pgp-encrypted",
        "application/pgp-signature",
        "application/pgp-keys",
    }
)
# Octets that no text has, whatever its charset. ESC stays: ISO-2022 shifts with it.
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
_GLANCE = 4096  # octets looked at before the rest
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
_RTF = b"{\\rtf"


def is_html(leaf: Leaf) -> bool:
    """By type; a file of no telling type by its name or first tag."""
    if leaf.content_type in _HTML_TYPES:
        return True
    if leaf.content_type.startswith(("text/", "multipart/", "message/")):
        return leaf.extension in _HTML_NAMES and leaf.part.is_attachment
    return looks_textual(leaf) and (leaf.extension in _HTML_NAMES or _HTML_START.match(leaf.octets) is not None)


def is_text(leaf: Leaf) -> bool:
    """By type, or because every octet could stand in a text."""
    kind = leaf.content_type
    return (
        kind.startswith(("text/", "multipart/", "message/"))
        or kind in _TEXT_TYPES
        or kind.endswith(("+json", "+xml"))
        or looks_textual(leaf)
    )


def looks_textual(leaf: Leaf) -> bool:
    """No octet that only binary formats have."""
    octets = leaf.octets
    return octets.startswith(_WIDE) or (_clean(octets[:_GLANCE]) and _clean(octets))


def _clean(octets: bytes) -> bool:
    return len(octets.translate(None, _CONTROLS)) == len(octets)


def read_html(leaf: Leaf) -> Read:
    """What is seen, and, where there is more, all of it."""
    decoded = text_of(leaf.part, leaf.decoded)
    rendered = render(decoded.text)
    views = [(View.VISIBLE, rendered.visible)]
    if rendered.everything is not None:
        views.append((View.ALL, rendered.everything))
    segments = tuple(
        Segment(leaf.part.part_path, place_of(leaf), text.text, view, runs=text.runs, editable=_editable(leaf))
        for view, text in views
    )
    return Read(segments, _problems(leaf, decoded), decoded.ambiguous)


def read_text(leaf: Leaf) -> Read:
    """Plain text, or a format that reads as such."""
    decoded = text_of(leaf.part, leaf.decoded)
    text, runs = render_plain(decoded.text)
    segment = Segment(leaf.part.part_path, place_of(leaf), text, runs=runs, editable=_editable(leaf))
    return Read((segment,), _problems(leaf, decoded), decoded.ambiguous)


def place_of(leaf: Leaf) -> Place:
    return Place.ATTACHMENT if leaf.part.is_attachment else Place.BODY


def _editable(leaf: Leaf) -> bool:
    return leaf.part.is_original and leaf.decoded.problem is None


def _problems(leaf: Leaf, decoded: DecodedText) -> tuple[OpaqueReason, ...]:
    problems = [] if decoded.problem is None else [decoded.problem]
    if _PGP_MESSAGE in decoded.text:
        problems.append(OpaqueReason.ENCRYPTED_PGP)
    if leaf.octets[:16].lstrip().startswith(_RTF):
        problems.append(OpaqueReason.UNSUPPORTED_FORMAT)  # mark-up may stand within any word
    return tuple(problems)
