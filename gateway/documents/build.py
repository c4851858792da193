"""Events of PyYAML to nodes, with an explicit stack: nothing recurses, nothing executes or multiplies."""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

import yaml

from gateway.core.errors import Fault
from gateway.documents.node import Kind, Node
from gateway.documents.words import spot

MAX_DEPTH = 20
MAX_NODES = 20_000

UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# They come along with text from a web page or a word processor, and nobody sees them: zero-width characters, soft
# hyphens, marks of direction, byte order marks; at an end, spaces that are none.
INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|^[\u00a0\u202f\u3000]|[\u00a0\u202f\u3000]$"
)
_NULL = re.compile(r"(?:null|Null|NULL|~)?")
_BOOL = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_INT_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 40
_CURLY = re.compile("[“”„‘’].*[“”‘’]", re.DOTALL)
_ALIAS = 'write the value out; to start a text with "*", put it in single quotes'
_ANCHOR = 'leave it out; to start a text with "&", put it in single quotes'


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


class Builder:
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
            self._see(event)
            self._place_node(self._scalar_node(event, event.value, self._meaning(event)))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()

    def _note(self, event: yaml.Event, problem: str, remedy: str) -> None:
        self._faults.append(Fault(self._file, *spot(event.start_mark), self._subject, problem, remedy))

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

    def _see(self, event: yaml.ScalarEvent) -> None:
        """What nobody sees does not belong into a plain text: told once, and then it is as if it were not there."""
        if not event.style and (found := INVISIBLE.search(event.value)):
            problem = f"an invisible character (U+{ord(found[0]):04X})"
            self._note(event, problem, "type the word anew; where it is meant, put the text in quotes")
            event.value = INVISIBLE.sub("", event.value)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._count(event)
        if len(self._stack) >= MAX_DEPTH:
            self._note(event, f"nested deeper than {MAX_DEPTH} levels", "close the brackets, or mend the indentation")
            raise _Stop
        kind: Kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
        path = self._stack[-1].path_of_next() if self._stack else ""
        self._stack.append(_Frame(kind, *spot(event.start_mark), path))

    def _close(self) -> None:
        frame = self._stack.pop()
        entries, members = tuple(frame.entries), tuple(frame.members)
        place = (self._file, frame.line, frame.column, frame.path)
        self._place_node(Node(frame.kind, *place, entries=entries, members=members))

    def _scalar_node(self, event: yaml.Event, text: str, meaning: str | float | bool | None) -> Node:
        path = self._stack[-1].path_of_next() if self._stack else ""
        return Node("scalar", self._file, *spot(event.start_mark), path, text=text, scalar=meaning)

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
        if stranger := _stranger(key.text):
            problem = f'the "{stranger}" in "{key.text}" only looks like a Latin letter (U+{ord(stranger):04X})'
            self._faults.append(key.fault(self._subject, problem, "type the word anew"))
        first = next((node for name, node, _ in frame.entries if name == key.text), None)
        if first is not None:
            problem = f'"{key.text}" is given twice; first on line {first.line}'
            self._faults.append(key.fault(self._subject, problem, "keep one of the two"))

    def _meaning(self, event: yaml.ScalarEvent) -> str | float | bool | None:
        """YAML 1.2 core schema: quoted and block scalars are text."""
        text: str = event.value
        if found := UNPRINTABLE.search(text):
            problem = f"a backslash sequence that means a control character (U+{ord(found[0]):04X})"
            self._note(event, problem, "put patterns in single quotes: '...'")
        if event.style:  # libyaml: "" for a plain one
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


def _stranger(word: str) -> str:
    """A letter of another alphabet in a word that has Latin ones; "" where there is none."""
    if word.isascii() or not any(char.isascii() and char.isalpha() for char in word):
        return ""
    return next((char for char in word if char.isalpha() and not unicodedata.name(char, "").startswith("LATIN")), "")
