"""What a message becomes when everything that was found in it is taken out."""

from dataclasses import dataclass, field

from gateway.core.plan import Edit


@dataclass(frozen=True, slots=True)
class Left:
    """A value that cannot be taken out. `obstacle`: why, a word of a closed list."""

    entity: str
    part_path: str
    obstacle: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """`edits` take out what `entities` name; `fingerprints` (keyed) tell those values. `left`: what stays.

    `unfinished`: detectors for which some values are enough to decide, and which stopped before they had all of them.
    """

    edits: tuple[Edit, ...] = field(repr=False)
    entities: tuple[str, ...]
    fingerprints: frozenset[str]
    left: tuple[Left, ...]
    unfinished: tuple[str, ...] = ()
