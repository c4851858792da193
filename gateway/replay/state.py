"""A file from which an interrupted replay goes on: one line a message, keyed by what the message is.

Envelope addresses and masked samples stand in it, nothing else of a message; it is for its user alone (0600).
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from gateway.core.errors import SetupError
from gateway.replay.compare import Fate, Record, Side

VERSION = 2


class StateRefused(SetupError):
    """The file belongs to another comparison, or is none."""


class StateFile:
    """Append-only. `purpose` is what must be equal for a line to count: both digests and the envelope asked for."""

    def __init__(self, path: Path, purpose: dict[str, str]) -> None:
        """Open, or begin. Raises StateRefused, OSError."""
        self._path = path
        self._head = {"version": VERSION, **purpose}
        self.records: dict[str, Record] = {}
        if path.exists():
            self.records = dict(self._read())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._file: TextIO = os.fdopen(handle, "a", encoding="utf-8", errors="surrogateescape")
        if not path.stat().st_size:
            self._write(self._head)

    def add(self, records: Iterable[Record]) -> None:
        """On disk as far as the system is, before the next ones."""
        self._write(*[_plain(record) for record in records])

    def close(self) -> None:
        self._file.close()

    def _write(self, *values: object) -> None:
        self._file.write("".join([json.dumps(value) + "\n" for value in values]))
        self._file.flush()

    def _read(self) -> Iterator[tuple[str, Record]]:
        text = self._path.read_text(encoding="utf-8", errors="surrogateescape")
        if json.dumps(self._head).startswith(text):  # cut off in its first line, or empty
            self._path.write_text("")
            return
        lines = text.splitlines()
        if _parsed(lines[0]) != self._head:
            problem = "belongs to a comparison of other rules or other settings, or is no state of a replay"
            raise StateRefused(f"{self._path}: {problem}: give another file, or delete it")
        if not text.endswith("\n"):  # cut off by a crash
            lines.pop()
            self._path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
        for line in lines[1:]:
            record = _record(_parsed(line))
            if record is not None:
                yield record.key, record


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _plain(record: Record) -> dict[str, object]:
    """Not by `asdict`, which takes as long as deciding."""
    return {
        "key": record.key,
        "path": record.path,
        "index": record.index,
        "fates": [
            {"recipient": fate.recipient, "old": _plain_side(fate.old), "new": _plain_side(fate.new)}
            for fate in record.fates
        ],
        "old_spoke": record.old_spoke,
        "new_spoke": record.new_spoke,
        "masked": record.masked,
        "failed": record.failed,
    }


def _plain_side(side: Side) -> dict[str, object]:
    return {"disposition": side.disposition, "actions": side.actions, "rules": side.rules}


def _record(plain: object) -> Record | None:
    """None for a line that no `add` wrote: its message is done again."""
    if not isinstance(plain, dict):
        return None
    try:
        fates = tuple(Fate(fate["recipient"], _side(fate["old"]), _side(fate["new"])) for fate in plain["fates"])
        words = {name: tuple(plain[name]) for name in ("old_spoke", "new_spoke", "masked")}
        return Record(plain["key"], plain["path"], plain["index"], fates, **words, failed=plain["failed"])
    except (KeyError, TypeError):
        return None


def _side(plain: dict[str, object]) -> Side:
    actions, rules = plain["actions"], plain["rules"]
    if not isinstance(actions, list) or not isinstance(rules, list):
        raise TypeError
    return Side(str(plain["disposition"]), tuple(actions), tuple(rules))
