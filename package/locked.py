"""The libraries of requirements.lock, and which of them a gateway needs to run.

python -m package.locked                    the part of the lock that runs, hashes and all
python -m package.locked pip setuptools     that of the named ones and of what they need
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ \\]+)")
_HASH = re.compile(r"--hash=(\w+):([0-9a-f]+)")


class LockUnreadable(Exception):
    """The lock is not what pip-compile writes, or lacks something that was asked for."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One library: `hashes` of its files, `needed_by` those that pulled it in, `text` as it stands there."""

    name: str
    version: str
    hashes: tuple[tuple[str, str], ...]
    needed_by: frozenset[str]
    text: str


def canonical(name: str) -> str:
    """A name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(path: Path = LOCK) -> dict[str, Locked]:
    """All entries by name. Raises LockUnreadable."""
    found = {entry.name: entry for entry in _entries(path.read_text("utf-8"))}
    if not found:
        raise LockUnreadable(f"{path}: no pinned library: make it with pip-compile --generate-hashes")
    return found


def _entries(text: str) -> Iterator[Locked]:
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    for block in blocks[1:]:
        pin = _PIN.match(block)
        if pin is None or not _HASH.search(block):
            raise LockUnreadable(f"{block.splitlines()[0]}: without a version or a hash")
        comment = " ".join(line.partition("#")[2].strip() for line in block.splitlines() if "#" in line)
        origins = comment.removeprefix("via").replace("(pyproject.toml)", "").split()
        yield Locked(
            canonical(pin[1]),
            pin[2],
            tuple((kind, digest) for kind, digest in _HASH.findall(block)),
            frozenset(map(canonical, origins)),
            block,
        )


def declared(path: Path = ROOT / "pyproject.toml", extra: str = "") -> tuple[str, ...]:
    """What the project itself asks for in order to run; with `extra` what that one adds."""
    project = tomllib.loads(path.read_text("utf-8"))["project"]
    lines: Sequence[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return tuple(canonical(re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0]) for line in lines)


def closure(lock: Mapping[str, Locked], roots: Iterable[str]) -> tuple[Locked, ...]:
    """The named ones and all that they need, by name. Raises LockUnreadable."""
    wanted = set(roots)
    if absent := wanted - lock.keys():
        raise LockUnreadable(f"not in the lock: {', '.join(sorted(absent))}: make it anew with pip-compile")
    while more := {name for name, entry in lock.items() if name not in wanted and entry.needed_by & wanted}:
        wanted |= more
    return tuple(lock[name] for name in sorted(wanted))


def running(lock: Mapping[str, Locked]) -> tuple[Locked, ...]:
    """What a package has inside: all that runs, traces and drivers of servers too, so that these need a setting and no
    installation."""
    return closure(lock, (*declared(), *declared(extra="traces"), *declared(extra="cluster")))


def main(names: Sequence[str]) -> int:
    """Print a part of the lock."""
    try:
        lock = read()
        part = closure(lock, {*names} - {"run"} | {entry.name for entry in running(lock) if "run" in names})
    except LockUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(entry.text for entry in part))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
