"""A value of a YAML file and where it stands."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gateway.core.errors import Fault

Kind = Literal["mapping", "sequence", "scalar"]

SHORTENED = 4  # from this length on, a part of a name is taken for the name


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
    """The known name that a misspelt or shortened word most likely meant; None where nothing is near."""
    names, wanted = {name.casefold(): name for name in sorted(known)}, word.casefold()
    long = len(wanted) >= SHORTENED
    near = (
        *sorted((name for name in names if long and name.startswith(wanted)), key=len),
        *difflib.get_close_matches(wanted, names, n=1, cutoff=0.8),
        *sorted((name for name in names if long and wanted in name), key=len),
        *difflib.get_close_matches(wanted, names, n=1, cutoff=0.6),
    )
    return names[near[0]] if near else None
