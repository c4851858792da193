"""What a setting in a rule may be: each kind reads its node (schema) and checks what it names (meaning).

A `Form` is the list of settings of a mapping. Rules, conditions, actions and `policy.yaml` are all described by forms,
so that the messages, and later the schema for editors, come from one place.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.core.errors import Fault
from gateway.documents import Node, nearest
from gateway.policy.lists import AddressList
from gateway.policy.meant import meant
from gateway.policy.organization import Organization

_SHOWN = 24
_LONGEST = 60

Schema = dict[str, Any]


class Shelf(Protocol):
    """Where list files come from."""

    def find(self, name: str) -> AddressList | None:
        """The list of that name; None where there is none."""
        ...

    def names(self) -> list[str]:
        """The lists there are."""
        ...


class Notes:
    """Collects the mistakes of one rule or file, and counts them."""

    def __init__(self, subject: str, faults: list[Fault]) -> None:
        self.subject = subject
        self.count = 0
        self._faults = faults

    def add(self, node: Node, problem: str, remedy: str) -> None:
        self.add_at((node.file, node.line, node.column), problem, remedy)

    def add_at(self, place: tuple[str, int, int], problem: str, remedy: str) -> None:
        """A mistake in another file, met by way of this one; each once."""
        self.count += 1
        fault = Fault(*place, self.subject, problem, remedy)
        if fault not in self._faults:
            self._faults.append(fault)


@dataclass(frozen=True, slots=True)
class Known:
    """What the names in a rule may refer to. `complete` is False where detectors failed to load."""

    organization: Organization
    groups: Mapping[str, frozenset[str]]  # entities of each group
    entities: frozenset[str]
    shelf: Shelf
    complete: bool = True


def remedy_for(word: str, known: Iterable[str]) -> str:
    """ "did you mean ..." where a known word is near, otherwise the words there are."""
    words = list(known)
    parts = [part.strip() for part in word.split(",")]
    if len(parts) > 1 and words and any(part in words for part in parts):
        return f"several are written in square brackets: [{', '.join(parts)}]"
    close = meant(word, words) or nearest(word, words)
    if close is not None:
        return f'did you mean "{close}"?'
    shown = ", ".join(words[:_SHOWN]) + (", …" if len(words) > _SHOWN else "")
    return f"use one of: {shown}" if words else "there are none"


class Kind(ABC):
    """One kind of value."""

    @abstractmethod
    def read(self, node: Node, notes: Notes) -> Any:
        """The value; None and a fault where the node is not of this kind."""

    def check(self, value: Any, node: Node, known: Known, notes: Notes) -> None:
        """Whether what the value names exists. Most kinds name nothing."""
        return

    def schema(self) -> Schema:
        """As JSON Schema: it takes whatever `read` takes."""
        return {}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a mapping."""

    name: str
    kind: Kind
    required: bool = False

    @property
    def field_name(self) -> str:
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that was read, and from where."""

    value: Any
    node: Node
    kind: Kind


Readings = Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Form:
    """The settings of a mapping. A bare value stands for the setting `shorthand`; of `one_of` exactly one is given.

    `may_be_empty`: the word alone is enough. `instead`: what is meant where the settings are those of another word.
    """

    what: str
    settings: tuple[Setting, ...] = ()
    shorthand: str = ""
    one_of: tuple[str, ...] = ()
    may_be_empty: bool = False
    instead: str = ""
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(setting.name for setting in self.settings))

    def read(self, node: Node, notes: Notes) -> dict[str, Reading] | None:
        """What is well-formed, by setting name; None where nothing can be made of the node."""
        if node.kind == "mapping":
            return self._read_mapping(node, notes)
        if self.shorthand and not _is_empty(node):
            setting = self._setting(self.shorthand)
            value = setting.kind.read(node, notes)
            return None if value is None else {setting.name: Reading(value, node, setting.kind)}
        if (self.may_be_empty or not self.settings) and (_is_empty(node) or node.scalar is True):
            return {}
        problem = f"{self.what} {'needs' if _is_empty(node) else 'is made of'} settings"
        bare = node.kind == "scalar" and not _is_empty(node) and node.column > 1 and self.names
        notes.add(node, problem, self._in_braces(node.text) if bare else self._usage())
        return None

    def check(self, readings: Readings, known: Known, notes: Notes) -> None:
        """The meaning pass over everything read."""
        for reading in readings.values():
            reading.kind.check(reading.value, reading.node, known, notes)

    def schema(self) -> Schema:
        """As JSON Schema (2020-12): what it refuses, `read` refuses too, and the other way round."""
        mapping: Schema = {
            "type": "object",
            "properties": {setting.name: setting.kind.schema() for setting in self.settings},
            "additionalProperties": False,
        }
        required = [setting.name for setting in self.settings if setting.required]
        if required:
            mapping["required"] = required
        if self.one_of:
            mapping["oneOf"] = [{"required": [name]} for name in self.one_of]
        choices = [mapping]
        if self.shorthand:
            choices.append(self._setting(self.shorthand).kind.schema())
        if self.may_be_empty or not self.settings:
            choices.append({"enum": [None, True]})
        return mapping if len(choices) == 1 else {"anyOf": choices}

    def _setting(self, name: str) -> Setting:
        return next(setting for setting in self.settings if setting.name == name)

    def _read_mapping(self, node: Node, notes: Notes) -> dict[str, Reading] | None:
        readings: dict[str, Reading] = {}
        given: set[str] = set()
        sound = True
        for name, key, value_node in node.items():
            given.add(name)
            if name not in self.names:
                remedy = self.instead or (remedy_for(name, self.names) if self.names else "leave it out")
                notes.add(key, f'{self.what} has no setting "{name}"', remedy)
                sound = False
                continue
            kind = self._setting(name).kind
            value = kind.read(value_node, notes)
            if value is None:
                sound = False
            else:
                readings[name] = Reading(value, value_node, kind)
        return readings if self._is_whole(node, given, notes, sound=sound) else None

    def _is_whole(self, node: Node, given: set[str], notes: Notes, *, sound: bool) -> bool:
        missing = [setting.name for setting in self.settings if setting.required and setting.name not in given]
        for name in missing:
            notes.add(node, f'{self.what} lacks "{name}"', self.instead or f'add a line "{name}: ..."')
        chosen = [name for name in self.one_of if name in given]
        if self.one_of and len(chosen) != 1 and (chosen or sound):
            problem = f"{self.what} has {'more than one' if chosen else 'none'} of {', '.join(self.one_of)}"
            notes.add(node, problem, "give exactly one of them")
            return False
        return sound and not missing

    def _in_braces(self, text: str) -> str:
        """How a value that stands alone is written with its name."""
        return f"put one of {', '.join(self.names)} before it, in braces: {{{self._likely(text)}: {text[:_LONGEST]}}}"

    def _likely(self, text: str) -> str:
        """The setting that such a value is most often of."""
        address = "address" if "@" in text else "in" if text.startswith("lists/") else ""
        return address if address in self.names else self.names[0]

    def _usage(self) -> str:
        return f'write "name: value" with: {", ".join(self.names)}' if self.names else "leave the value out"


def values_of(readings: Readings) -> dict[str, Any]:
    """Values by field name, ready for a constructor."""
    return {name.replace("-", "_"): reading.value for name, reading in readings.items()}


def _is_empty(node: Node) -> bool:
    return node.kind == "scalar" and node.scalar is None


class Raw(Kind):
    """A node that somebody else reads."""

    def read(self, node: Node, notes: Notes) -> Node:
        return node


@dataclass(frozen=True, slots=True)
class Nested(Kind):
    """A mapping with a form of its own."""

    form: Form

    def read(self, node: Node, notes: Notes) -> dict[str, Reading] | None:
        return self.form.read(node, notes)

    def check(self, value: dict[str, Reading], node: Node, known: Known, notes: Notes) -> None:
        self.form.check(value, known, notes)

    def schema(self) -> Schema:
        return self.form.schema()


@dataclass(frozen=True, slots=True)
class Many(Kind):
    """One value or a list of them; always a tuple, never empty."""

    kind: Kind

    def read(self, node: Node, notes: Notes) -> tuple[Any, ...] | None:
        nodes = _each(node)
        if not nodes:
            notes.add(node, "the list is empty", "give at least one entry, or leave the setting out")
            return None
        values = [self.kind.read(below, notes) for below in nodes]
        return None if any(value is None for value in values) else tuple(values)

    def check(self, value: Sequence[Any], node: Node, known: Known, notes: Notes) -> None:
        for single, below in zip(value, _each(node), strict=True):
            self.kind.check(single, below, known, notes)

    def schema(self) -> Schema:
        one = self.kind.schema()
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _each(node: Node) -> list[Node]:
    return node.elements() if node.kind == "sequence" else [node]
