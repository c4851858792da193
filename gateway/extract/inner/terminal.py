"""Text as a terminal shows it: backspaces take a character away, escape sequences show nothing (ECMA-48)."""

import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

_SEQUENCE = re.compile(
    "(?P<back>\x08+)|\x1b(?:\\[[0-9;?]{0,20}[A-Za-z]|\\][^\x07\x1b]{0,200}\x07|[%().$*+-]{1,2}[@-~])"
)


def on_terminal(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text without sequences, and without what was taken back."""
    if "\x08" in text or "\x1b" in text:
        yield from changed(text, _taken(text), margin)


def _taken(text: str) -> Iterator[Change]:
    done = 0
    for found in _SEQUENCE.finditer(text):
        back = len(found["back"] or "")
        start = max(found.start() - back, done, 0)
        done = found.end()
        yield Change(start, done, "")
