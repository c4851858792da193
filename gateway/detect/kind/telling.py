"""Which kind of number one is, where detectors are not sure: the label that stands nearest says it.

Detectors each look for their own labels, so a number between two labels, or behind a label that is in no list, may be
found under the wrong name. A person reads the words around it, nearest first. So does this: weights of those words
(trained, models/number-kinds) are added up for each kind, and the detector that found it has a say as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from gateway.core.finding import NUMBERS
from gateway.detect.kind.reading import features, is_cell
from gateway.detect.text import FoldedText

KINDS = NUMBERS
_CALLED = ("a record number", "a member number", "a reference number")
Three = tuple[float, float, float]  # record, member, reference
NOTHING: Three = (0.0, 0.0, 0.0)
# In hundredths, of who found it as a record, a member, a reference: the last is what numbers without a label go by. One
# that is sure is not asked.
_SAY = (150.0, 100.0, 75.0)
_BEFORE, _BEHIND = 500, 500  # characters: a long list of numbers may stand between one and its label
# Hundredths between what a number is called and a record, a member, a reference: with less it may be that as well.
_EVEN = (150.0, 150.0, 100.0)
_SHOWN = 3  # reasons
_PLACES = {
    "first": "right before it",
    "near": "right before it",
    "some": "some words before it",
    "far": "some words before it",
    "above": "in a line above it",
    "beyond": "before another number",
    "behind": "behind it",
    "brackets": "in brackets behind it",
    "about": "in the text around it",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a number rather is, and why, without anything of it."""

    entity: str
    why: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What speaks for each kind, in hundredths, and by which features."""

    sums: Three
    given: Mapping[str, Three] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Weights of each kind in hundredths, by feature."""

    weights: Mapping[str, tuple[int, int, int]] = field(repr=False)
    bias: tuple[int, int, int]

    def weighed(self, entity: str, text: FoldedText, start: int, end: int) -> Weighed | None:
        """What stands around the number that was found as `entity`; None for a cell: its heading says what it is."""
        low, high = text.window(start, end, _BEFORE, _BEHIND)
        around, at = text.text(low, high), text.count(low, start)
        stop = at + text.count(start, end)
        if is_cell(around, at, stop):
            return None
        found = features(around, at, stop)
        given = {
            name: (three[0] * much, three[1] * much, three[2] * much)
            for name, much in found.items()
            if (three := self.weights.get(name))
        }
        record, member, reference = (
            self.bias[kind] + sum(three[kind] for three in given.values()) for kind in range(3)
        )
        return Weighed(plus((record, member, reference), says(entity, _SAY[KINDS.index(entity)])), given)


def told(entity: str, weighed: Weighed, alike: Three = NOTHING) -> Told | None:
    """What a number that was found as `entity` is instead. `alike`: what speaks for each kind in numbers like it."""
    was = KINDS.index(entity)
    sums = plus(weighed.sums, alike)
    best = max(range(3), key=lambda kind: (sums[kind], kind == was))
    if best == was:
        return None
    gains = {name: three[best] - three[was] for name, three in (*weighed.given.items(), ("alike", alike))}
    return Told(KINDS[best], f"rather {_CALLED[best]} than {_CALLED[was]}: {_reasons(gains)}")


def also(entity: str, weighed: Weighed, alike: Three = NOTHING) -> tuple[Told, ...]:
    """What a number that is called `entity` may be as well: the kinds that are nearly as likely, the likelier first."""
    is_called = KINDS.index(entity)
    sums = plus(weighed.sums, alike)
    others = sorted((kind for kind in range(3) if kind != is_called), key=lambda kind: -sums[kind])
    named = []
    for other in others:
        if sums[is_called] - sums[other] < _EVEN[other]:
            every = (*weighed.given.items(), ("alike", alike))
            gains = {name: three[other] - three[is_called] for name, three in every}
            named.append(Told(KINDS[other], f"may also be {_CALLED[other]}: {_reasons(gains)}"))
    return tuple(named)


def says(entity: str, much: float) -> Three:
    """For one kind."""
    record, member, reference = (much * (kind == entity) for kind in KINDS)
    return record, member, reference


def plus(one: Three, other: Three, times: float = 1) -> Three:
    """The sum, of the other so many times."""
    return one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    """As trained."""
    lines = files("gateway.detect.kind").joinpath("weights.txt").read_text("utf-8").splitlines()
    weights = {name: _three(numbers) for *numbers, name in (line.split(" ", 3) for line in lines[1:])}
    return Kinds(weights, _three(lines[0].split()))


def _three(numbers: Sequence[str]) -> tuple[int, int, int]:
    record, member, reference = map(int, numbers)
    return record, member, reference


def _reasons(gains: Mapping[str, float]) -> str:
    stems = {name[: -len("*")] for name in gains if name.endswith("*")}
    said = {stem for stem in stems for name in gains if name.startswith(stem) and not name.endswith("*")}
    telling = [name for name in gains if gains[name] > 0 and name.removesuffix("*") not in said]
    best = sorted(telling, key=lambda name: (-gains[name], name))
    return ", ".join(list(dict.fromkeys(map(_reason, best)))[:_SHOWN]) or "nothing around it says otherwise"


def _reason(name: str) -> str:
    """Plain words for a feature. What is written in the number itself is not shown."""
    what, _, words = name.replace("*", "…").partition(" ")
    if what == "pair":
        return f"'{words}' before it"
    if what == "called":
        return f"called '{words}'"
    if what == "alike":
        return "others written like it"
    if what == "whose":
        return f"'{words}' beside it"
    if what == "name":
        return "a name before it"
    if what in _PLACES:
        return f"'{words}' {_PLACES[what]}"
    return "the way it is written"
