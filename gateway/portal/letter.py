"""A message as its recipient sees it: header, text, HTML, attachments. Pure; nothing here opens a file of the message.

Read in this process: what parses mail and reads the text of HTML is Python of our own, in linear time and within
limits, and the message was read by a worker before it was sealed. What is in attachments is never looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.limits import Limits
from gateway.core.message import Part
from gateway.extract.html import render
from gateway.parse import parse
from gateway.parse.transfer import decoded_octets, decoded_text

SHOWN = ("From", "To", "Cc", "Date")
MOST_TEXT = 500_000  # characters that a page shows
MOST_HTML = 2_000_000  # characters of a part
MOST_MARKUP = 500_000  # characters of HTML whose text is read; dense mark-up of that size takes about a second
LONGEST_NAME = 120
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
    """`html`: the parts that a mail program would show as HTML. `is_cut`: there is more text than this."""

    subject: str = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    text: str = field(repr=False)
    is_cut: bool
    html: tuple[str, ...]
    attachments: tuple[Attachment, ...] = field(repr=False)


def read_letter(octets: bytes) -> Letter:
    """What a page shows of a message."""
    root = parse(octets, Limits()).root
    leaves = list(_leaves(root))
    texts = [decoded_text(part).text for part in leaves if _is_body(part, "text/plain")]
    pages = [part for part in leaves if _is_body(part, "text/html")]
    said = "\n\n".join(text for text in texts if text.strip())
    text, is_cut = (said[:MOST_TEXT], len(said) > MOST_TEXT) if said else _as_text(pages)
    return Letter(
        subject=root.header("Subject") or "",
        fields=tuple((name, value) for name in SHOWN if (value := root.header(name))),
        text=text,
        is_cut=is_cut,
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
    return decoded_text(part).text[:MOST_HTML]


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


def _as_text(pages: list[Part]) -> tuple[str, bool]:
    """What somebody would see of pages, and whether there is more."""
    texts, left = [], MOST_MARKUP
    for page in pages:
        markup = decoded_text(page).text
        texts.append(render(markup[:left]).visible.text.strip())
        left -= len(markup)
        if left <= 0:
            break
    is_cut = left < 0 or len(texts) < len(pages)
    return _GAPS.sub("\n\n", "\n\n".join(texts)).strip(), is_cut
