"""YAML with positions, for rules, detectors and `gatepost.yaml`: a safe subset, and every mistake as a `Fault`.

Plain values mean what the core schema of YAML 1.2 says (chapter 10.3): only `true` and `false` are booleans, so `no`
for Norway is the text "no". Tags, anchors, aliases and several documents in a file are refused: nothing here executes
or multiplies anything. Built on PyYAML's events, so nothing recurses and no message of PyYAML reaches a reader.
"""

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from gateway.core.errors import Fault

Kind = Literal["mapping", "sequence", "scalar"]

MAX_BYTES = 1_048_576
MAX_DEPTH = 20
MAX_NODES = 20_000

_NULL = re.compile(r"(?:null|Null|NULL|~)?")
_BOOL = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_INT_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 40
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BAD_INDENT = re.compile(r"^ *([\t\u00a0])", re.MULTILINE)
_CURLY = re.compile("[“”„‘’].*[“”‘’]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands. `line` and `column` count from 1; `path` reads like `when.all[0].finds`.

    `text` is a scalar as it was written, without quotes; `scalar` is what it means.
    """

    kind: Kind
    file: str
    line: int
    column: int
    path: str
    text: str = field(default="", repr=False)
    scalar: str | int | float | bool | None = field(default=None, repr=False)
    entries: tuple[tuple[str, "Node", "Node"], ...] = field(default=(), repr=False)
    members: tuple["Node", ...] = field(default=(), repr=False)

    @property
    def plain(self) -> object:
        """As plain Python: dict, list, str, int, float, bool or None."""
        if self.kind == "mapping":
            return {key: value.plain for key, _, value in self.entries}
        if self.kind == "sequence":
            return [member.plain for member in self.members]
        return self.scalar

    def get(self, key: str) -> "Node | None":
        """The value of a mapping's key; None where there is none, or this is no mapping."""
        return next((value for name, _, value in self.entries if name == key), None)

    def items(self) -> list[tuple[str, "Node", "Node"]]:
        """Key, node of the key, node of the value; empty where this is no mapping."""
        return list(self.entries)

    def elements(self) -> list["Node"]:
        """Members of a sequence; empty where this is no sequence."""
        return list(self.members)

    def at(self, path: Sequence[str | int]) -> "Node":
        """The node at that path, or the nearest above it that exists (a place for a pydantic error)."""
        node = self
        for step in path:
            below = node.get(step) if isinstance(step, str) else next(iter(node.members[step : step + 1]), None)
            if below is None:
                return node
            node = below
        return node

    def fault(self, subject: str, problem: str, remedy: str) -> Fault:
        """A mistake at this place."""
        return Fault(self.file, self.line, self.column, subject, problem, remedy)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt word most likely meant; None where nothing is near."""
    names = {name.casefold(): name for name in sorted(known)}
    close = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def load_document(path: Path, faults: list[Fault], *, subject: str = "") -> Node | None:
    """The one document of a file. None where there is nothing to work with; every mistake goes into `faults`.

    `subject` names in faults what the file is about, for example the id of a rule.
    """
    octets = read_octets(path, faults, subject=subject)
    return None if octets is None else parse_octets(octets, str(path), faults, subject=subject)


def read_octets(path: Path, faults: list[Fault], *, subject: str = "") -> bytes | None:
    """The bytes of a file that a person wrote, 1 MiB at the most; None and a fault where that is not to be had."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            octets = stream.read(MAX_BYTES + 1)
    except OSError as error:
        why = (error.strerror or "input/output error").lower()
        faults.append(Fault(file, 0, 0, subject, f"cannot be read ({why})", "check the name and the permissions"))
        return None
    if len(octets) > MAX_BYTES:
        faults.append(_too_large(file, subject))
        return None
    return octets


def decode_octets(octets: bytes, file: str, faults: list[Fault], *, subject: str = "") -> str | None:
    """The text of a file, which must be UTF-8; None and a fault with the place where it is not."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        column = error.start - octets.rfind(b"\n", 0, error.start)
        faults.append(Fault(file, line, column, subject, "the file is not UTF-8 text", "save it with encoding UTF-8"))
        return None


def parse_octets(octets: bytes, file: str, faults: list[Fault], *, subject: str = "") -> Node | None:
    """The one document of a file's bytes."""
    text = decode_octets(octets, file, faults, subject=subject)
    return None if text is None else parse_document(text, file, faults, subject=subject)


def _too_large(file: str, subject: str) -> Fault:
    problem = f"the file is larger than {MAX_BYTES // 1024} KiB"
    return Fault(file, 0, 0, subject, problem, "move long lists into a list file, one entry a line")


def parse_document(text: str, file: str, faults: list[Fault], *, subject: str = "") -> Node | None:
    """The one document of a text. `file` names it in faults. None where there is nothing to work with."""
    before = len(faults)
    faults.extend(_strange_characters(text, file, subject))
    if len(faults) > before:
        return None
    builder = _Builder(file, subject, faults)
    try:
        return builder.build(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        faults.append(_explain(error, file, subject))
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML lets "\\UFFFFFFFF" and "%YAML 9…9" escape
        faults.append(Fault(file, 0, 0, subject, "this is not YAML", "compare it with a rule that works"))
    return None


def _strange_characters(text: str, file: str, subject: str) -> Iterator[Fault]:
    """Characters that editors and word processors bring in and that nobody sees."""
    if len(text) > MAX_BYTES:
        yield _too_large(file, subject)
        return
    if found := _UNPRINTABLE.search(text):
        line, column = _place(text, found.start())
        problem = f"an invisible control character (U+{ord(found[0]):04X})"
        yield Fault(file, line, column, subject, problem, "delete it; save the file as plain text")
    if found := _BAD_INDENT.search(text):
        line, column = _place(text, found.start(1))
        what = "a tab" if found[1] == "\t" else "a non-breaking space"
        yield Fault(file, line, column, subject, f"{what} at the start of the line", "indent with ordinary spaces")


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _spot(mark: object) -> tuple[int, int]:
    """Line and column from 1; (0, 0) where PyYAML gives no mark."""
    return (mark.line + 1, mark.column + 1) if isinstance(mark, yaml.Mark) else (0, 0)


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is not closed yet."""

    kind: Kind
    line: int
    column: int
    path: str
    entries: list[tuple[str, Node, Node]] = field(default_factory=list)
    members: list[Node] = field(default_factory=list)
    key: Node | None = None

    def path_of_next(self) -> str:
        if self.kind == "sequence":
            return f"{self.path}[{len(self.members)}]"
        if self.key is None:
            return self.path
        return f"{self.path}.{self.key.text}" if self.path else self.key.text


class _Stop(Exception):
    """The rest of the document is not worth reading; the fault is noted."""


class _Builder:
    """Events to nodes, with an explicit stack."""

    def __init__(self, file: str, subject: str, faults: list[Fault]) -> None:
        self._file = file
        self._subject = subject
        self._faults = faults
        self._stack: list[_Frame] = []
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0

    def build(self, events: Iterable[yaml.Event]) -> Node | None:
        try:
            for event in events:
                self._take(event)
        except _Stop:
            return None
        root = self._root
        if root is None or (root.kind == "scalar" and root.scalar is None):
            self._faults.append(Fault(self._file, 0, 0, self._subject, "the file is empty", "write it, or delete it"))
            return None
        return root

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._note(event, f'"*{event.anchor}" is an alias', _ALIAS)
            self._place_node(self._scalar_node(event, "", None))
        elif isinstance(event, yaml.ScalarEvent):
            self._count(event)
            self._place_node(self._scalar_node(event, event.value, self._meaning(event)))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()

    def _note(self, event: yaml.Event, problem: str, remedy: str) -> None:
        self._faults.append(Fault(self._file, *_spot(event.start_mark), self._subject, problem, remedy))

    def _start_document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._note(event, 'a second document begins here ("---")', "one document a file: split the file")
            raise _Stop

    def _count(self, event: yaml.NodeEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._note(event, f"more than {MAX_NODES:,} values in one file", "move long lists into a list file")
            raise _Stop
        if event.anchor is not None:
            self._note(event, f'"&{event.anchor}" is an anchor', _ANCHOR)
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self._note(event, f'"{shown}" is a tag', 'leave it out; to start a text with "!", put it in single quotes')

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._count(event)
        if len(self._stack) >= MAX_DEPTH:
            self._note(event, f"nested deeper than {MAX_DEPTH} levels", "close the brackets, or mend the indentation")
            raise _Stop
        kind: Kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
        path = self._stack[-1].path_of_next() if self._stack else ""
        self._stack.append(_Frame(kind, *_spot(event.start_mark), path))

    def _close(self) -> None:
        frame = self._stack.pop()
        entries, members = tuple(frame.entries), tuple(frame.members)
        place = (self._file, frame.line, frame.column, frame.path)
        self._place_node(Node(frame.kind, *place, entries=entries, members=members))

    def _scalar_node(self, event: yaml.Event, text: str, meaning: str | float | bool | None) -> Node:
        path = self._stack[-1].path_of_next() if self._stack else ""
        return Node("scalar", self._file, *_spot(event.start_mark), path, text=text, scalar=meaning)

    def _place_node(self, node: Node) -> None:
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        if frame.kind == "sequence":
            frame.members.append(node)
        elif frame.key is None:
            self._check_key(frame, node)
            frame.key = node
        else:
            frame.entries.append((frame.key.text, frame.key, node))
            frame.key = None

    def _check_key(self, frame: _Frame, key: Node) -> None:
        if key.kind != "scalar" or not key.text:
            problem, remedy = "the name before the colon is missing or is a list", 'write it as "name: value"'
            self._faults.append(key.fault(self._subject, problem, remedy))
            return
        first = next((node for name, node, _ in frame.entries if name == key.text), None)
        if first is not None:
            problem = f'"{key.text}" is given twice; first on line {first.line}'
            self._faults.append(key.fault(self._subject, problem, "keep one of the two"))

    def _meaning(self, event: yaml.ScalarEvent) -> str | float | bool | None:
        """YAML 1.2 core schema: quoted and block scalars are text."""
        text: str = event.value
        if found := _UNPRINTABLE.search(text):
            problem = f"a backslash sequence that means a control character (U+{ord(found[0]):04X})"
            self._note(event, problem, "put patterns in single quotes: '...'")
        if event.style is not None:
            return text
        if _CURLY.fullmatch(text):
            self._note(event, "curly quotation marks around the text", "use straight quotation marks: ' or \"")
        if _NULL.fullmatch(text):
            return None
        if truth := _BOOL.fullmatch(text):
            return truth[1] is not None
        return self._number(event, text)

    def _number(self, event: yaml.ScalarEvent, text: str) -> str | float:
        if not (_FLOAT.fullmatch(text) or _INT_BASE.fullmatch(text)):
            return text
        if len(text) > _LONGEST_NUMBER:
            self._note(event, "the number is too long", "if it is meant as text, put it in single quotes")
            return 0
        if _INT.fullmatch(text):
            return int(text)
        if _INT_BASE.fullmatch(text):
            return int(text, 0)
        value = float(text)
        if not math.isfinite(value):
            self._note(event, "the number is too large", "if it is meant as text, put it in single quotes")
        return value


_ALIAS = 'write the value out; to start a text with "*", put it in single quotes'
_ANCHOR = 'leave it out; to start a text with "&", put it in single quotes'

# What PyYAML says, what the reader is told, and how to mend it. The first line whose words occur wins.
_PLAIN_WORDS = (
    (
        "found unexpected end of stream",
        "a quotation mark is opened here and never closed",
        "close it with the same kind of mark",
    ),
    (
        "found unknown escape character",
        "a backslash inside double quotes",
        "put patterns in single quotes: '...'",
    ),
    ("hexadecimal numbers", "a backslash inside double quotes", "put patterns in single quotes: '...'"),
    (
        "mapping values are not allowed here",
        "a colon where no new name may begin",
        "put a text that has a colon in it in single quotes, or mend the indentation of this line and the one above",
    ),
    (
        "sequence entries are not allowed here",
        'a list entry ("- ") where none may begin',
        "begin the list on the line after the name, indented",
    ),
    (
        "could not find expected ':'",
        "a name without a colon, or a text that runs over into the next line",
        'write "name: value" on one line, or put a long text in quotes',
    ),
    (
        "found character '@'",
        'a text that starts with "@"',
        "put the text in single quotes",
    ),
    ("found character '`'", "a text that starts with a back quote", "put the text in single quotes"),
    ("found character '%'", 'a text that starts with "%"', "put the text in single quotes"),
    ("found character '\\t'", "a tab where a value should begin", "use ordinary spaces"),
    (
        "expected alphabetic or numeric character",
        'a text that starts with "*" or "&"',
        "put the text in single quotes",
    ),
    (
        "expected ',' or ']'",
        "a square bracket is opened here and never closed, or a comma is missing",
        "close it with ], and put commas between the entries",
    ),
    (
        "expected ',' or '}'",
        "a curly bracket is opened here and never closed, or a comma is missing",
        "close it with }, and put commas between the entries",
    ),
    (
        "expected <block end>",
        "this line is not indented like the lines it belongs to, or text follows a closing quote or bracket",
        "give lines that belong together the same number of spaces in front; quote the whole text",
    ),
    (
        "expected the node content",
        "a value is missing, or a bracket or comma stands alone",
        "write the value, or put the text in single quotes",
    ),
    ("chomping or indentation", 'text on the same line as "|" or ">"', "begin the text on the next line, indented"),
    ("a comment or a line break", 'text on the same line as "|" or ">"', "begin the text on the next line, indented"),
    ("indentation indicator", 'text on the same line as "|" or ">"', "begin the text on the next line, indented"),
    ("tag", 'a text that starts with "!"', "put the text in single quotes"),
    ("expected '<document start>'", "text after the end of the document", "mend the indentation of this line"),
)

_OPENED_EARLIER = ("end of stream", "expected ',' or", "could not find expected ':'")


def _explain(error: yaml.MarkedYAMLError, file: str, subject: str) -> Fault:
    said = f"{error.problem or ''} {error.context or ''}"
    default = ("", "this line is not YAML", "check the indentation, colons and quotes of this line and the one above")
    _, problem, remedy = next((row for row in _PLAIN_WORDS if row[0] in said), default)
    mark = error.problem_mark or error.context_mark
    if any(words in said for words in _OPENED_EARLIER) and error.context_mark is not None:
        mark = error.context_mark
    return Fault(file, *_spot(mark), subject, problem, remedy)
