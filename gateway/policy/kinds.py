"""The kinds of values that settings have. Each says what is wrong in words that need no knowledge of YAML."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.detector import Confidence
from gateway.documents import Node
from gateway.policy.listfile import LIST_NAME
from gateway.policy.lists import ADDRESS, DOMAIN, sort_of
from gateway.policy.settings import Kind, Known, Notes, Schema, remedy_for
from gateway.policy.text import refusal

_UNITS = {"bytes": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_SIZE = re.compile(r"([0-9]{1,6}) ?([A-Za-z]+)")
_HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?) ?%?")
_WHOLE = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9.+*_-]+/[A-Za-z0-9.+*_-]+")


_TEXT: Schema = {"type": ["string", "number", "boolean"]}


def shown(node: Node) -> str:
    """A node in a message: short scalars as they stand."""
    if node.kind != "scalar":
        return f"a {'list' if node.kind == 'sequence' else 'group of settings'}"
    return f'"{node.text}"' if len(node.text) <= 60 else f'"{node.text[:57]}…"'


def _text(node: Node) -> str | None:
    """Anything written as one word or text: also numbers and booleans, as they stand in the file."""
    return node.text if node.kind == "scalar" and node.text.strip() else None


class Text(Kind):
    """Any text that is not empty."""

    def read(self, node: Node, notes: Notes) -> str | None:
        text = _text(node)
        if text is None:
            notes.add(node, "a text is missing here", "write it after the colon")
        return text

    def schema(self) -> Schema:
        return _TEXT | {"pattern": r"\S"}


class Line(Kind):
    """A text on one line, as a header field or a subject tag can carry it."""

    def read(self, node: Node, notes: Notes) -> str | None:
        text = Text().read(node, notes)
        if text is not None and _CONTROL.search(text):
            notes.add(node, "the text has a line break or a control character", "write it on one line")
            return None
        return text

    def schema(self) -> Schema:
        return _TEXT | {"pattern": r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"}


class Flag(Kind):
    """true or false."""

    def read(self, node: Node, notes: Notes) -> bool | None:
        if isinstance(node.scalar, bool):
            return node.scalar
        notes.add(node, f"{shown(node)} is neither true nor false", "write true or false, without quotes")
        return None

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number."""

    least: int = 1
    most: int = 1_000_000

    def read(self, node: Node, notes: Notes) -> int | None:
        value = node.scalar
        if isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most:
            return value
        fits = node.text.isascii() and node.text.isdecimal() and self.least <= int(node.text[:9]) <= self.most
        remedy = f"write {node.text}, without quotation marks" if fits else f"write {self.least:,} to {self.most:,}"
        notes.add(node, f"{shown(node)} is no number that fits here", remedy)
        return None

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Percent(Kind):
    """0 to 100, with a decimal point if need be; a % sign may follow."""

    def read(self, node: Node, notes: Notes) -> float | None:
        shape = _PERCENT.fullmatch(node.text)
        if shape is not None and float(shape[1]) <= _WHOLE:
            return float(shape[1])
        notes.add(node, f"{shown(node)} is not a percentage", "write 0 to 100, for example 10")
        return None

    def schema(self) -> Schema:
        return {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": _WHOLE},
                {"type": "string", "pattern": f"^{_PERCENT.pattern}$"},
            ]
        }


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One word of a closed list."""

    words: tuple[str, ...]
    what: str

    def read(self, node: Node, notes: Notes) -> str | None:
        text = _text(node)
        if text in self.words:
            return text
        problem = f"{shown(node)} is not {self.what}" if text is not None else f"{self.what} is missing here"
        notes.add(node, problem, remedy_for(text or "", self.words))
        return None

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


class Level(Kind):
    """A confidence."""

    def read(self, node: Node, notes: Notes) -> Confidence | None:
        words = tuple(level.word for level in Confidence)
        word = Choice(words, "a confidence").read(node, notes)
        return None if word is None else Confidence.of(word)

    def schema(self) -> Schema:
        return {"enum": [level.word for level in Confidence]}


class Size(Kind):
    """Bytes, written with a unit."""

    def read(self, node: Node, notes: Notes) -> int | None:
        shape = _SIZE.fullmatch(node.text)
        unit = _UNITS.get(shape[2]) if shape else None
        if shape is None or unit is None:
            notes.add(node, f"{shown(node)} is not a size", "write a whole number and KiB, MiB or GiB: 10 MiB")
            return None
        return int(shape[1]) * unit

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^[0-9]{{1,6}} ?({'|'.join(_UNITS)})$"}


class Pattern(Kind):
    """A regular expression, RE2 syntax."""

    def read(self, node: Node, notes: Notes) -> str | None:
        return Text().read(node, notes)

    def check(self, value: str, node: Node, known: Known, notes: Notes) -> None:
        why = refusal(value)
        if why:
            remedy = "see https://github.com/google/re2/wiki/Syntax; put patterns in single quotes"
            notes.add(node, f"the pattern is refused: {why}", remedy)

    def schema(self) -> Schema:
        return Text().schema()


class ContentType(Kind):
    """A content type; `*` stands for anything: image/*."""

    def read(self, node: Node, notes: Notes) -> str | None:
        if _CONTENT_TYPE.fullmatch(node.text):
            return node.text.lower()
        notes.add(node, f"{shown(node)} is not a content type", "write one such as application/pdf or image/*")
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{_CONTENT_TYPE.pattern}$"}


class Entity(Kind):
    """What a detector finds, such as US_SSN."""

    def read(self, node: Node, notes: Notes) -> str | None:
        return Text().read(node, notes)

    def check(self, value: str, node: Node, known: Known, notes: Notes) -> None:
        if known.complete and value not in known.entities:
            notes.add(node, f'no detector finds "{value}"', remedy_for(value, sorted(known.entities)))

    def schema(self) -> Schema:
        return Text().schema()


class Group(Kind):
    """A group of entities, such as patient-identifier."""

    def read(self, node: Node, notes: Notes) -> str | None:
        return Text().read(node, notes)

    def check(self, value: str, node: Node, known: Known, notes: Notes) -> None:
        if known.complete and value not in known.groups:
            notes.add(node, f'no detector belongs to the group "{value}"', remedy_for(value, sorted(known.groups)))

    def schema(self) -> Schema:
        return Text().schema()


class ListFile(Kind):
    """A file under lists/ beside policy.yaml."""

    def read(self, node: Node, notes: Notes) -> str | None:
        if LIST_NAME.fullmatch(node.text):
            return node.text
        notes.add(node, f"{shown(node)} is not the name of a list", "write it as lists/name.txt")
        return None

    def check(self, value: str, node: Node, known: Known, notes: Notes) -> None:
        if known.shelf.find(value) is None:
            names = known.shelf.names()
            remedy = remedy_for(value, names) if names else "write the list, or leave the setting out"
            notes.add(node, f'there is no list "{value}"', remedy)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{LIST_NAME.pattern}$"}


@dataclass(frozen=True, slots=True)
class _Entry(Kind):
    what: str
    sorts: tuple[str, ...]
    example: str

    def read(self, node: Node, notes: Notes) -> str | None:
        if node.kind == "scalar" and sort_of(node.text) in self.sorts:
            return node.text
        notes.add(node, f"{shown(node)} is not {self.what}", f"write it as {self.example}")
        return None

    def schema(self) -> Schema:
        shapes = [ADDRESS.pattern] if self.sorts == ("address",) else [DOMAIN.pattern, rf"\*\.{DOMAIN.pattern}"]
        return {"type": "string", "pattern": f"^({'|'.join(shapes)})$"}


def domain() -> Kind:
    """A domain, or `*.domain` for all below it."""
    return _Entry("a domain", ("domain", "below"), "clinic.example or '*.clinic.example'")


def address() -> Kind:
    """An address."""
    return _Entry("an address", ("address",), "name@clinic.example")


class Login(Kind):
    """The name of an authenticated user."""

    def read(self, node: Node, notes: Notes) -> str | None:
        return Line().read(node, notes)

    def schema(self) -> Schema:
        return Line().schema()


_STRUCTURE = ("content-", "mime-version", "received", "dkim-signature", "arc-", "return-path")


def may_change(name: str) -> bool:
    """Whether a header field (its name in lower case) holds nothing together."""
    return not name.startswith(_STRUCTURE)


def _in_any_case(text: str) -> str:
    """A pattern for a text in whatever letters, without flags, which the patterns of JSON Schema lack."""
    return "".join(f"[{sign.upper()}{sign}]" if sign.isalpha() else sign for sign in text)


@dataclass(frozen=True, slots=True)
class HeaderName(Kind):
    """The name of a header field (RFC 5322 section 3.6.8)."""

    allowed: Callable[[str], bool] = lambda _: True

    def read(self, node: Node, notes: Notes) -> str | None:
        if not _HEADER_NAME.fullmatch(node.text):
            remedy = "write the name alone, without colon and spaces: X-Classification"
            notes.add(node, f"{shown(node)} is not the name of a header field", remedy)
            return None
        if not self.allowed(node.text.lower()):
            remedy = "choose another; a name of your own starts with X-"
            notes.add(node, f'the header field "{node.text}" holds the message together', remedy)
            return None
        return node.text

    def schema(self) -> Schema:
        name: Schema = {"type": "string", "pattern": f"^{_HEADER_NAME.pattern}$"}
        if self.allowed is may_change:
            name["not"] = {"pattern": f"^({'|'.join(map(_in_any_case, _STRUCTURE))})"}
        return name
