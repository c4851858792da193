"""Reading a log line by line, for those who do not check it: `verify` does that."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from gateway.audit.chain import digest, segment_numbers, segment_path
from gateway.audit.errors import ChainBroken

Event = Mapping[str, Any]


def read_lines(folder: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Every whole line and the event in it; one still being written at the very end is left out.

    Raises ChainBroken for a line that is no event, OSError.
    """
    for number in segment_numbers(folder):
        path = segment_path(folder, number)
        with path.open("rb") as file:
            for count, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    event = json.loads(line)
                except (ValueError, RecursionError):
                    event = None
                if not isinstance(event, dict):
                    raise ChainBroken(path.name, count, 0, "it is not an event")
                yield line, event


def has_event(folder: Path, seq: int, hash_: str) -> bool:
    """Whether the event of that number stands there as it did when its line had that hash. Reads one segment.

    Raises OSError.
    """
    for number in reversed(segment_numbers(folder)):
        with segment_path(folder, number).open("rb") as file:
            first = _seq(file.readline())
            if first is not None and first <= seq:
                file.seek(0)
                line = next(islice(file, seq - first, None), b"")
                return digest(line) == hash_
    return False


def _seq(line: bytes) -> int | None:
    try:
        seq = at(json.loads(line), "seq")
    except (ValueError, RecursionError):
        return None
    return seq if isinstance(seq, int) else None


def at(event: object, *names: str) -> Any:
    """What stands at that place; None where there is nothing: a log may have been tampered with."""
    for name in names:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def word(event: object, *names: str) -> str:
    """The text at that place, "" where there is none."""
    found = at(event, *names)
    return "" if found is None else str(found)


def code(event: Event) -> str:
    """Our own word for the event, such as "message-decided"."""
    return word(event, "metadata", "event_code")


def incident(event: Event) -> str:
    return word(event, "metadata", "correlation_uid")


def milliseconds(event: Event) -> int:
    """When it was written, since 1970; 0 for a time that no log of ours has."""
    found = event.get("time")
    return found if isinstance(found, int) and 0 <= found < 1 << 43 else 0
