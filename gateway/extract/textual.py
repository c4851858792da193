"""Readers of text in any of its forms, HTML included."""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.core.message import OpaqueReason, Place, Segment, View
from gateway.extract import html
from gateway.extract.caseless import Caseless
from gateway.extract.inner.direction import goes_from_the_right, groups_turned, numbers_turned, turned
from gateway.extract.inner.pieces import Reading, compose
from gateway.extract.inner.terminal import on_terminal
from gateway.extract.inner.unseen import unseen_bits
from gateway.extract.joined import decoded_fields, joined_reading
from gateway.extract.leaf import Leaf, Read
from gateway.extract.openpgp import armored, is_encrypted, is_readable
from gateway.extract.plain import render_plain
from gateway.extract.sealed import is_archive, read_binary
from gateway.extract.signs import is_clean, unlike_text
from gateway.parse.labels import byte_order_mark, is_wide_text
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
_TURNED = Caseless("<bdo|bidi-override|\u202e|&\\#8238|&\\#x202e|dir(?:ection)?\\s*[=:]\\s*[\"']?rtl")
_TURNING = ("<bdo", "bidi-override", "&#8238", "&#x202e", "rtl")  # one of these, in ASCII
_SHIFTING = ("utf-16", "utf-32", "iso2022")  # charsets that write text with control octets
_RTF = b"{\\rtf"
_PROGRAMS = (b"%!PS", b"%!Adobe")  # PostScript: what it shows has to be computed


def is_html(leaf: Leaf) -> bool:
    """By type; a file of no telling type by its name or first tag."""
    if leaf.content_type in _HTML_TYPES:
        return True
    if leaf.content_type.startswith(("text/", "multipart/", "message/")):
        return leaf.extension in _HTML_NAMES and leaf.part.is_attachment
    return looks_textual(leaf) and (leaf.extension in _HTML_NAMES or _HTML_START.match(leaf.octets) is not None)


def is_text(leaf: Leaf) -> bool:
    """By type, or because every octet could stand in a text."""
    return is_labelled_text(leaf) or looks_textual(leaf)


def is_labelled_text(leaf: Leaf) -> bool:
    """By type: programs show it as text, whatever it is."""
    kind = leaf.content_type
    return (
        kind.startswith(("text/", "multipart/", "message/"))
        or kind in _TEXT_TYPES
        or kind in _HTML_TYPES
        or kind.endswith(("+json", "+xml"))
    )


def looks_textual(leaf: Leaf) -> bool:
    """No octet that only binary formats have, or UTF-16 by its mark and its characters."""
    marked = byte_order_mark(leaf.octets)
    if marked is not None and marked.name != "utf-8" and is_wide_text(leaf.octets, marked):
        return True
    return is_clean(leaf.octets)


def read_html(leaf: Leaf) -> Read:
    """What is seen, and, where there is more, all of it."""
    decoded = text_of(leaf.part, leaf.decoded)
    rendered = html.render(decoded.text)
    segments = [
        Segment(leaf.part.part_path, place_of(leaf), view.text, name, runs=view.runs, editable=_editable(leaf))
        for name, view in _views(rendered)
    ]
    segments += [_second(leaf, reading) for reading in unseen_bits(decoded.text)]
    if _may_turn(decoded.text) and _TURNED.search(decoded.text):
        segments += [
            _second(leaf, replace(reading, runs=compose(segment.runs, reading.runs)))
            for segment in tuple(segments)
            for reading in (*numbers_turned(segment.text), *groups_turned(segment.text))
        ]
    for other in decoded.others:
        segments += [_underivable(leaf, view.text) for _, view in _views(html.render(other))]
    unread = (OpaqueReason.LIMIT_UNPACKED,) if rendered.cut else ()
    return Read(tuple(segments), (*_problems(leaf, decoded), *unread), decoded.ambiguous)


def _may_turn(source: str) -> bool:
    return not source.isascii() or any(map(source.lower().__contains__, _TURNING))


def _views(rendered: html.Rendered) -> list[tuple[View, html.View]]:
    return [(View.VISIBLE, rendered.visible), *((View.ALL, view) for view in rendered.others)]


def read_text(leaf: Leaf) -> Read:
    """Plain text, or a format that reads as such."""
    decoded = text_of(leaf.part, leaf.decoded)
    text, runs = render_plain(decoded.text)
    joined = joined_reading(leaf, decoded.text)
    view = View.VISIBLE if joined is None else View.ALL
    segments = [Segment(leaf.part.part_path, place_of(leaf), text, view, runs=runs, editable=_editable(leaf))]
    if joined is not None:
        segments.insert(
            0, Segment(leaf.part.part_path, place_of(leaf), joined[0], runs=joined[1], editable=_editable(leaf))
        )
    if runs is not None:  # something does not show, and may decide how the rest does
        segments += [_second(leaf, reading) for reading in _hidden_in(decoded.text)]
    if goes_from_the_right(decoded.text):
        segments += [_second(leaf, reading) for reading in groups_turned(decoded.text)]
    fields = decoded_fields(leaf)
    if fields:
        segments.append(_underivable(leaf, fields))
    segments += [_underivable(leaf, render_plain(other)[0]) for other in decoded.others]
    return Read(tuple(segments), _problems(leaf, decoded), decoded.ambiguous)


def _hidden_in(text: str) -> Iterator[Reading]:
    """What signs say that do not show."""
    yield from turned(text)
    yield from on_terminal(text)
    yield from unseen_bits(text)


def _second(leaf: Leaf, reading: Reading) -> Segment:
    """Another reading that leads back to the text."""
    return Segment(
        leaf.part.part_path, place_of(leaf), reading.text, View.ALL, runs=reading.runs, editable=_editable(leaf)
    )


def _underivable(leaf: Leaf, text: str) -> Segment:
    """Another reading of the same octets: nothing of it leads back to the text that can be rewritten."""
    return Segment(leaf.part.part_path, place_of(leaf), text, View.ALL, runs=())


def place_of(leaf: Leaf) -> Place:
    return Place.ATTACHMENT if leaf.part.is_attachment else Place.BODY


def _editable(leaf: Leaf) -> bool:
    return leaf.part.is_original and leaf.decoded.problem is None


def _problems(leaf: Leaf, decoded: DecodedText) -> tuple[OpaqueReason, ...]:
    problems = [] if decoded.problem is None else [decoded.problem]
    for message in armored(decoded.text):
        if message is None or not (is_encrypted(message) or is_readable(message)):
            problems.append(OpaqueReason.DAMAGED)
        elif is_encrypted(message):
            problems.append(OpaqueReason.ENCRYPTED_PGP)
    if leaf.octets.startswith(_PROGRAMS):
        problems.append(OpaqueReason.UNSUPPORTED_FORMAT)
    if leaf.octets[:16].lstrip().startswith(_RTF):
        problems.append(OpaqueReason.UNSUPPORTED_FORMAT)  # mark-up may stand within any word
    problems.extend(_unlike_text(leaf, decoded))
    return tuple(dict.fromkeys(problems))


def _unlike_text(leaf: Leaf, decoded: DecodedText) -> tuple[OpaqueReason, ...]:
    """Octets that a label calls text and that are none: read all the same, and named."""
    octets = leaf.octets
    if is_archive(octets):
        return read_binary(leaf).opaque
    shifts = decoded.charset.startswith(_SHIFTING)
    reason = unlike_text(octets, decoded.text, leaf.extension, shifts=shifts)
    return () if reason is None else (reason,)
