"""What a detector is made of, as a file in `rules/detectors/` declares it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, overload


class Confidence(IntEnum):
    """How sure a finding is. The scores are those of common DLP practice: 0.65, 0.75, 0.85."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Confidence":
        """From "low", "medium" or "high"; KeyError otherwise."""
        return cls[word.upper()]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way an entity is written.

    `regex` is RE2 syntax; a group named `value` narrows the span. Each level says what a value is worth in one
    situation; None: it stays silent there. The validator, if the detector has one, answers valid or invalid.
    """

    name: str
    regex: str
    alone: Confidence | None = None  # without context words; valid, or no validator
    with_context: Confidence | None = Confidence.HIGH  # context words near; valid, or no validator
    invalid_alone: Confidence | None = None
    invalid_with_context: Confidence | None = None
    case_sensitive: bool = False
    hint: str = ""  # RE2 that occurs wherever `regex` does and is cheaper to look for; "": made from `regex`


@dataclass(frozen=True, slots=True)
class Context:
    """What makes a value believable within so many characters: whole words in any case, findings of other groups."""

    words: tuple[str, ...] = ()
    before: int = 80
    after: int = 40
    groups: tuple[str, ...] = ()  # of findings of detectors that ask for no groups themselves
    against: tuple[str, ...] = ()  # words near which a value is worth little: low at most
    not_after: tuple[str, ...] = ()  # labels of something else: right behind one of them there is no value


@dataclass(frozen=True, slots=True)
class Samples:
    """Values that must and must not be found; checked at load."""

    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words(Sequence[str]):
    """A long list of words, none with a line feed in it, kept as one text: apart they take five times the memory.

    Every process has the lists, and looks at one when its detector is compiled. Whoever goes through it has it split.
    """

    text: str = field(repr=False)

    def __len__(self) -> int:
        return self.text.count("\n") + 1

    def __iter__(self) -> Iterator[str]:
        return iter(self.text.split("\n"))

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self.text.split("\n")[index]


def hashable(words: Iterable[str]) -> Sequence[str]:
    """The words in a form that a cache can know them by."""
    return words if isinstance(words, tuple | Words) else tuple(words)


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """One detector for one entity: patterns, a lexicon of terms, a classifier's weights, or labels of a model.

    With a model, `lexicon` lists what is never the entity, and `staff` people who are nobody's patients.
    """

    id: str
    entity: str
    title: str
    groups: frozenset[str]
    patterns: tuple[Pattern, ...] = ()
    validator: str = ""
    context: Context = Context()
    exclude: tuple[str, ...] = ()  # RE2, full match on the value: never a finding
    lexicon: str = ""  # word list, relative to the detector's file
    lexicon_terms: Sequence[str] = field(default=(), repr=False)
    classifier: str = ""  # weights of words, relative to the detector's file
    classifier_weights: Sequence[str] = field(default=(), repr=False)
    reads: str = "notes"  # what the classifier weighs: notes and their paragraphs, or "sentences" by themselves
    network: str = ""  # that reads what the weights leave open, relative to the detector's file
    network_digest: str = ""  # of its file, at load
    confidence: Confidence = Confidence.MEDIUM  # of a lexicon term; the highest of what a model finds
    engine: str = ""  # "names": found by a language model; "exact": in a list; "forms": a known form
    model: str = ""  # its folder, or a Presidio NLP configuration, relative to the detector's file
    model_digest: str = ""  # of all its files, at load
    labels: tuple[str, ...] = ()  # of the model, that mean this entity
    given: str = ""  # list of given names, for names without capitals; relative to the detector's file
    given_names: Sequence[str] = field(default=(), repr=False)
    family: str = ""  # list of family names, for names that stand alone; relative to the detector's file
    family_names: Sequence[str] = field(default=(), repr=False)
    staff: str = ""  # list of names, relative to the detector's file
    staff_names: Sequence[str] = field(default=(), repr=False)
    index: str = ""  # of a list or of forms, relative to the detector's file
    index_digest: str = ""  # of all that is in it, at load
    columns: tuple[str, ...] = ()  # of the list, whose values must be of one row
    within: int = 300  # characters from the first of these values to the end of the last
    forms: tuple[str, ...] = ()  # known forms, by name; (): all
    threshold: int = 60  # percent of a form that must be there
    mask: str = "keep-last-4"  # keep-last-4, keep-first-1 or all
    samples: Samples = Samples()
    references: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    enough: int = (
        0  # findings in a message after which the rest is of no interest; 0: all, and more than the limit fails
    )

    lists: tuple[tuple[str, str], ...] = ()  # all files of words and networks that it names, with their digests at load

    def __post_init__(self) -> None:
        """Long lists as one text each."""
        for name in _LISTS:
            words = getattr(self, name)
            if len(words) >= _LONG and isinstance(words, tuple) and not any("\n" in word for word in words):
                object.__setattr__(self, name, Words("\n".join(words)))

    @property
    def octets(self) -> bytes:
        """The detector as it is in force, the words of its lists included; without the places of files."""
        known = _octets.get(self)
        return _remembered(self, _written(self)) if known is None else known

    @classmethod
    def read(
        cls, octets: bytes, *, file: str = "", line: int = 0, lists: tuple[tuple[str, str], ...] = ()
    ) -> "DetectorSpec":
        """The detector that `octets` was written of, with what it leaves out."""
        parts = json.loads(octets)
        parts["groups"] = frozenset(parts["groups"])
        parts["patterns"] = [Pattern(**_levelled(pattern)) for pattern in parts["patterns"]]
        parts["context"] = Context(**_tupled(parts["context"]))
        parts["samples"] = Samples(**_tupled(parts["samples"]))
        parts["confidence"] = Confidence(parts["confidence"])
        spec = cls(**_tupled(parts), file=file, line=line, lists=lists)
        _remembered(spec, octets)
        return spec


_octets: dict[DetectorSpec, bytes] = {}  # asked for several digests; with long lists it takes milliseconds to write
_MOST = 256
_LISTS = ("lexicon_terms", "classifier_weights", "given_names", "family_names", "staff_names")
_LONG = 100  # words: from here on their number tells
_ELSEWHERE = ("file", "line", "lists")
_LEVELS = ("alone", "with_context", "invalid_alone", "invalid_with_context")


def _remembered(spec: DetectorSpec, octets: bytes) -> bytes:
    if len(_octets) >= _MOST:
        _octets.clear()
    _octets[spec] = octets
    return octets


def _written(spec: DetectorSpec) -> bytes:
    parts = {name: value for name, value in _fields_of(spec).items() if name not in _ELSEWHERE}
    return json.dumps(parts, sort_keys=True, default=_plain).encode()


def _levelled(pattern: dict[str, Any]) -> dict[str, Any]:
    levels = {name: Confidence(pattern[name]) for name in _LEVELS if pattern[name] is not None}
    return {**pattern, **levels}


def _tupled(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in parts.items()}


def _plain(value: Any) -> object:
    """What JSON does not know. Not `asdict`, which copies every term of every lexicon."""
    if isinstance(value, Words):
        return list(value)
    return sorted(value) if isinstance(value, frozenset) else _fields_of(value)


def _fields_of(value: Any) -> dict[str, object]:
    return {known.name: getattr(value, known.name) for known in fields(value)}
