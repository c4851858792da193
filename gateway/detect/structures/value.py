"""A value whose meaning its place in a structure tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """`entity` at the bytes [start, end) of a folded text. `why` names the field, never what stands in it."""

    entity: str
    start: int
    end: int
    why: str
