"""HTML in a text that is not labelled so."""

import re
from collections.abc import Iterator

from gateway.extract import html
from gateway.extract.inner.pieces import Reading

# A tag beside a digit, or a page.
_TAGGED = re.compile(
    r"[0-9]<[/!?a-zA-Z][^<>]{0,500}>|<[/!?a-zA-Z][^<>]{0,500}>[0-9]|<(?:html|!doctype html|body)\b", re.IGNORECASE
)


def as_markup(text: str, margin: int = 0) -> Iterator[Reading]:
    """The text as a browser shows it, all of it; with a margin nothing but what is visible."""
    if "<" not in text or ">" not in text or _TAGGED.search(text) is None:
        return
    if margin:  # one of many, of which the first is wanted
        view = html.shown(text)
        yield Reading(view.text, view.runs)
        return
    rendered = html.render(text)
    for view in (rendered.visible, *rendered.others):
        yield Reading(view.text, view.runs, cut=rendered.cut)
