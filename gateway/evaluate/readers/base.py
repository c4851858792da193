"""What a reader of labelled data is, and what all of them share."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.core.message import Span
from gateway.evaluate.kinds import kind_of
from gateway.evaluate.layout import Layout
from gateway.evaluate.sample import Corpus, Expected, Sample, message_of


class Unreadable(Exception):
    """Data that is not what its layout promised; the text says what is wrong, without content."""


@dataclass(frozen=True, slots=True)
class Reader:
    """`accepts` looks at names and first lines only; `read` gives the whole corpus or raises."""

    layout: Layout
    accepts: Callable[[Path], bool]
    read: Callable[[Path], Corpus]


def lines_of(path: Path) -> Iterator[Any]:
    """The objects of a JSON Lines file. Raises Unreadable with the line that is none."""
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    raise Unreadable(f"line {number} is not JSON") from None


def first_keys(path: Path) -> frozenset[str]:
    """The keys of the first object of a JSON Lines file; none where it is not one."""
    try:
        with path.open(encoding="utf-8") as stream:
            first = json.loads(stream.readline())
    except (OSError, ValueError):
        return frozenset()
    return frozenset(first) if isinstance(first, dict) else frozenset()


def only(path: Path, pattern: str) -> Path | None:
    """The file itself, or the only file of that name in a folder."""
    if path.is_file():
        return path if path.match(pattern) else None
    found = sorted(path.glob(pattern)) if path.is_dir() else []
    return found[0] if len(found) == 1 else None


def name_of(path: Path) -> str:
    """A folder's name; of a file the name without its extensions."""
    absolute = path.absolute()
    return absolute.name if path.is_dir() else absolute.name.partition(".")[0]


def labelled(label: str, start: int, end: int, *, optional: bool = False) -> Expected:
    """A labelled span."""
    return Expected(kind_of(label), Span(start, end), optional=optional)


def text_sample(ident: str, text: str, expected: tuple[Expected, ...], *, protected: bool | None = None) -> Sample:
    """A sample whose message is one plain text. Raises Unreadable where a span is outside of it."""
    for label in expected:
        if label.span is not None and not 0 <= label.span.start < label.span.end <= len(text):
            raise Unreadable(f"{ident}: a span is outside of its text")
    return Sample(ident, message_of(text), text, expected, protected)
