"""A message as its recipient sees it: header, text, HTML, attachments. Pure; nothing here opens a file of the message.

Read in this process: the parser is Python without a native reader, within limits, and the message was read by a worker
before it was sealed. What is in attachments is never looked at.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import nh3

from gateway.core.limits import Limits
from gateway.core.message import Part
from gateway.parse import parse
from gateway.parse.transfer import decoded_octets, decoded_text

SHOWN = ("From", "To", "Cc", "Date")
MOST_TEXT = 2_000_000  # characters
LONGEST_NAME = 120
_LINES = re.compile(r"<br>|</(?:p|div|tr|li|h[1-6]|blockquote|pre|table|ul|ol)>")
_BLOCKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol"}
_NEVER = {"script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object", "textarea"}
_TAG = re.compile(r"<[^>]*>")
_GAPS = re.compile(r"\n\s*\n\s*\n+")


class NoSuchPart(Exception):
    """The message has no part of that number that could be given out."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """`size` in bytes as transferred. `name` is safe for a file; "" never."""

    part: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """`html`: the parts that a mail program would show as HTML."""

    subject: str = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    text: str = field(repr=False)
    html: tuple[str, ...]
    attachments: tuple[Attachment, ...] = field(repr=False)


def read_letter(octets: bytes) -> Letter:
    """What a page shows of a message."""
    root = parse(octets, Limits()).root
    leaves = list(_leaves(root))
    texts = [decoded_text(part).text for part in leaves if _is_body(part, "text/plain")]
    pages = [part for part in leaves if _is_body(part, "text/html")]
    said = "\n\n".join(text for text in texts if text.strip())
    return Letter(
        subject=root.header("Subject") or "",
        fields=tuple((name, value) for name in SHOWN if (value := root.header(name))),
        text=(said or "\n\n".join(_as_text(decoded_text(part).text) for part in pages))[:MOST_TEXT],
        html=tuple(part.part_path for part in pages),
        attachments=tuple(
            Attachment(part.part_path, name_of(part), part.content_type, len(part.body))
            for part in leaves
            if _is_attached(part)
        ),
    )


def html_of(octets: bytes, path: str) -> str:
    """The mark-up of a part as it came, not cleaned. Raises NoSuchPart."""
    part = _part(octets, path)
    if not _is_body(part, "text/html"):
        raise NoSuchPart
    return decoded_text(part).text[:MOST_TEXT]


def attachment_of(octets: bytes, path: str) -> tuple[str, bytes]:
    """Name and content of an attachment, transfer encoding undone. Raises NoSuchPart."""
    part = _part(octets, path)
    if not _is_attached(part):
        raise NoSuchPart
    return name_of(part), decoded_octets(part).octets


def name_of(part: Part) -> str:
    """A name for a file that leads nowhere and shows what it is: no path, no control, no turned writing."""
    last = re.split(r"[/\\:]", part.filename)[-1]
    plain = "".join(sign if sign.isprintable() and sign not in '"<>|?*' else "_" for sign in last).strip(" .")
    if not plain:
        return f"part-{part.part_path}.{'eml' if part.content_type.startswith('message/') else 'bin'}"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 16:
        return plain[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def _leaves(root: Part) -> Iterator[Part]:
    """Parts that are not multiparts; a message in the message is one, and what is in it is not told."""
    stack = [root]
    while stack:
        part = stack.pop()
        if part.content_type.startswith("multipart/") and part.children:
            stack.extend(reversed(part.children))
        else:
            yield part


def _is_body(part: Part, kind: str) -> bool:
    return part.content_type == kind and not part.is_attachment


def _is_attached(part: Part) -> bool:
    return not _is_body(part, "text/plain") and not _is_body(part, "text/html")


def _part(octets: bytes, path: str) -> Part:
    for part in _leaves(parse(octets, Limits()).root):
        if part.part_path == path:
            return part
    raise NoSuchPart


def _as_text(markup: str) -> str:
    """The words of a page, a line for each block."""
    cut = markup[:MOST_TEXT]
    bare = nh3.clean(cut, tags=set(_BLOCKS), clean_content_tags=set(_NEVER), attributes={}, link_rel=None)
    lined = _LINES.sub("\n", bare.replace("\n", " "))
    text = html.unescape(_TAG.sub("", lined))
    return _GAPS.sub("\n\n", "\n".join(" ".join(line.split()) for line in text.split("\n"))).strip()
