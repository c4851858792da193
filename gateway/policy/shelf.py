"""The files of a rule set, each read once, and the lists among them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import Fault
from gateway.documents import Node, decode_octets, parse_octets, read_octets
from gateway.policy.listfile import LIST_NAME, read_list
from gateway.policy.lists import AddressList
from gateway.policy.settings import remedy_for

MAX_LIST_BYTES = 8_388_608


@dataclass(slots=True)
class Sources:
    """The files read, each once, so that what is digested is what was loaded."""

    root: Path
    faults: list[Fault]
    octets: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: Path, subject: str, most: int | None = None) -> bytes | None:
        octets = read_octets(path, self.faults, subject=subject, most=most)
        if octets is not None:
            self.octets[path.relative_to(self.root).as_posix()] = octets
        return octets

    def document(self, path: Path, subject: str) -> Node | None:
        octets = self.read(path, subject)
        return None if octets is None else parse_octets(octets, str(path), self.faults, subject=subject)


class ListShelf:
    """List files, read when they are first named."""

    def __init__(self, sources: Sources, faults: list[Fault]) -> None:
        self._sources = sources
        self._faults = faults
        self._read: dict[str, AddressList | None] = {}
        self._under_way: list[str] = []

    def find(self, name: str) -> AddressList | None:
        """The list of that name, with all that it includes; None where there is none."""
        if name not in self._read:
            self._under_way.append(name)
            self._read[name] = self._load(name)
            self._under_way.pop()
        return self._read[name]

    def names(self) -> list[str]:
        return sorted(f"lists/{path.name}" for path in (self._sources.root / "lists").glob("*.txt"))

    def _load(self, name: str) -> AddressList | None:
        path = self._sources.root / name
        if not path.is_file():
            return None
        octets = self._sources.read(path, name, MAX_LIST_BYTES)
        text = None if octets is None else decode_octets(octets, str(path), self._faults, subject=name)
        if text is None:
            return AddressList(name)
        return read_list(name, text, str(path), self._faults, self._include)

    def _include(self, name: str, note: Callable[[str, str], None]) -> AddressList | None:
        if not LIST_NAME.fullmatch(name):
            note(f'"{name}" is not the name of a list', "write it as include lists/name.txt")
            return None
        if name in self._under_way:
            way = " → ".join((*self._under_way[self._under_way.index(name) :], name))
            note(f"the lists include each other: {way}", "take one of the includes out")
            return None
        found = self.find(name)
        if found is None:
            note(f'there is no list "{name}"', remedy_for(name, self.names()))
        return found
