"""A notice at the end of the text that a person reads, once, in each alternative of it."""

import re
from collections.abc import Iterator
from html import escape

from gateway.actions.draft import SEALED, Change, Draft, has_text
from gateway.actions.headers import add, safe_value
from gateway.core.message import Part, Span
from gateway.parse.transfer import decoded_text

HEADER = "X-Gatepost-Notice"  # where the body may not be touched

_END_OF_BODY = re.compile(r"</body[ \t\r\n\f]*>", re.IGNORECASE | re.ASCII)
_SEALED_LEAVES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})  # RFC 8551


def append_notice(draft: Draft, text: str, html: str = "") -> Draft:
    """The draft with the notice at the end of every readable body; attachments and nested messages never have it.

    `html` is mark-up of the rule's author; without it the text is shown. Signed, encrypted and unreadable bodies stay
    as they are, and the header says it instead. A message without any text gets nothing.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    root = draft.message.root
    bodies = (root,) if root.content_type in _SEALED_LEAVES else tuple(_bodies(root))
    if not text or not bodies:
        return draft
    written = [part for part in bodies if has_text(part) and _is_writable(part)]
    for part in written:
        draft = draft.with_changes(part.part_path, _change_of(part, text, html.strip()))
    if len(written) == len(bodies) or _has_header(draft, text):
        return draft
    return draft.with_fields(add(draft.fields, HEADER, text))


def _bodies(part: Part) -> Iterator[Part]:
    """What a mail program shows as the body: text leaves, and sealed parts that may have text inside."""
    if part.content_type in SEALED:
        yield part
    elif part.content_type == "multipart/alternative":
        for child in part.children:
            yield from _bodies(child)
    elif part.content_type.startswith("multipart/"):
        # Only the first body of mixed, related and the like: the others belong to it, or are forwarded with it.
        first = next((found for child in part.children if (found := tuple(_bodies(child)))), ())
        yield from first
    elif has_text(part) and not part.is_attachment:
        yield part


def _is_writable(part: Part) -> bool:
    return part.is_original and decoded_text(part).problem is None


def _change_of(part: Part, text: str, html: str) -> tuple[Change, ...]:
    body = decoded_text(part).text
    return _html_change(body, text, html) if part.content_type == "text/html" else _text_change(body, text)


def _text_change(body: str, text: str) -> tuple[Change, ...]:
    lines = text.splitlines()
    tail = body.rstrip()[-2 * len(text) - 200 :]
    if [line.rstrip() for line in tail.splitlines()[-len(lines) :]] == lines:
        return ()
    end = _line_end(body)
    before = "" if not body else end if body.endswith("\n") else end * 2
    return ((Span(len(body), len(body)), before + end.join(lines) + end),)


def _html_change(body: str, text: str, html: str) -> tuple[Change, ...]:
    end = _line_end(body)
    place = _place_in_html(body)
    snippet = f'<div class="gatepost-notice">{html or _as_html(text)}</div>'
    # Numbers for what is not ASCII: right in every charset.
    octets = snippet.encode("ascii", "xmlcharrefreplace").decode().replace("\r\n", "\n").replace("\n", end)
    if body[:place].rstrip().endswith(octets):
        return ()
    return ((Span(place, place), octets + end),)


def _as_html(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.splitlines())


def _place_in_html(body: str) -> int:
    """Before the last end tag of the body that stands in no comment; else at the end."""
    place = len(body)
    for found in _END_OF_BODY.finditer(body):
        place = found.start()
    opened = body.rfind("<!--", 0, place)
    return place if opened < 0 or body.find("-->", opened, place) >= 0 else len(body)


def _line_end(body: str) -> str:
    return "\r\n" if "\r\n" in body or "\n" not in body else "\n"


def _has_header(draft: Draft, text: str) -> bool:
    value = safe_value(text)
    return any(f.name.lower() == HEADER.lower() and f.value == value for f in draft.fields)
