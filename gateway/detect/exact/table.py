"""A list as people export it: separated values, with whatever separator, encoding and broken rows.

Nothing here shows a value: faults tell lines and columns.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from gateway.core.errors import SetupError
from gateway.detect.exact.build import Row
from gateway.documents import nearest

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_HEAD = 1 << 20  # bytes that the encoding is judged by
_LONGEST_FIELD = 1 << 20
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is left out. `line` is the one it ends on."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list is written."""

    encoding: str
    separator: str
    has_header: bool
    width: int
    places: Mapping[str, int] = field(default_factory=dict)  # by name of our column


class Table:
    """Reads a list once, from front to end."""

    def __init__(
        self, file: BinaryIO, sources: Mapping[str, str], *, encoding: str, separator: str, has_header: bool
    ) -> None:
        """`sources`: for each of our columns the title or number (from 1) of theirs. "": judged by the list itself.

        Raises SetupError.
        """
        head = _peek(file)
        encoding = encoding or _encoding_of(head)
        try:
            text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
        except LookupError:
            raise SetupError(f'--encoding: there is no encoding "{encoding}"') from None
        first = head.split(b"\n", 1)[0].decode(encoding, "replace")
        separator = SEPARATORS.get(separator, separator) or max(SEPARATORS.values(), key=first.count)
        csv.field_size_limit(_LONGEST_FIELD)
        self._reader = csv.reader(text, delimiter=separator, strict=True)
        titles = self._first(has_header=has_header)
        self.layout = Layout(encoding, separator, has_header, len(titles), _places(sources, titles, has_header))

    def _first(self, *, has_header: bool) -> list[str]:
        self._waiting: list[list[str]] = []
        try:
            titles = next(self._reader)
        except StopIteration:
            raise SetupError("the list is empty: export it again, one person a line") from None
        except (csv.Error, UnicodeError):
            raise SetupError("the first line of the list cannot be read: check --separator and --encoding") from None
        if not has_header:
            self._waiting.append(titles)
        return titles

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row that is not empty, in order."""
        for fields in self._waiting:
            yield self._row(fields)
        while True:
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(self._reader.line_num, _PROBLEMS.get(str(error), "its quotation marks do not match"))
                continue
            except UnicodeError:
                raise SetupError(f"the list cannot be read as {self.layout.encoding}: give --encoding") from None
            if any(field.strip() for field in fields):
                yield self._row(fields)

    def _row(self, fields: Sequence[str]) -> Row | BadRow:
        line, layout = self._reader.line_num, self.layout
        if len(fields) != layout.width:
            return BadRow(line, f"it has {len(fields)} fields where the first line has {layout.width}")
        values = {name: fields[place] for name, place in layout.places.items()}
        if any("\udc80" <= character <= "\udcff" for value in values.values() for character in value):
            return BadRow(line, f"it is not {layout.encoding}")
        return Row(line, values)


_PROBLEMS = {f"field larger than field limit ({_LONGEST_FIELD})": "a field is too long: a quotation mark is missing"}


def _peek(file: BinaryIO) -> bytes:
    peek = getattr(file, "peek", None)
    return bytes(peek(_HEAD)[:_HEAD]) if peek else b""


def _encoding_of(head: bytes) -> str:
    """By its mark; else UTF-8 where that fits, and what Windows writes where it does not."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    try:
        head[: max(0, len(head) - 4)].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 8:
            return "windows-1252"
    return "utf-8"


def _places(sources: Mapping[str, str], titles: Sequence[str], has_header: bool) -> dict[str, int]:
    known = {" ".join(title.casefold().split()): place for place, title in reversed(list(enumerate(titles)))}
    places = {}
    for name, source in sources.items():
        place = known.get(" ".join(source.casefold().split())) if has_header else None
        if place is None and source.isdecimal() and 1 <= int(source) <= len(titles):
            place = int(source) - 1
        if place is None:
            raise SetupError(f"--columns: {name}: {_absent(source, titles, has_header)}")
        places[name] = place
    return places


def _absent(source: str, titles: Sequence[str], has_header: bool) -> str:
    """Titles are told only where they look like titles: a list without them begins with somebody's data."""
    if not has_header:
        return f'"{source}" is no number from 1 to {len(titles)}'
    said = f'the list has no column "{source}"'
    if any(character.isdigit() or character == "@" for title in titles for character in title):
        return f"{said}; its first line does not look like titles: see --no-header"
    near = nearest(source, titles)
    return f'{said}: did you mean "{near}"?' if near else f"{said}; it has {', '.join(titles)}"
