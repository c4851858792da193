"""How far each receiver has come: a small file, durable before the next event is sent.

    {"segment": 3, "offset": 81234, "seq": 4711}

`offset` is where the next line begins. A crash between an answer and this file sends an event twice: it has the same
id, which the receiver knows.
"""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway.audit.chain import MAX_LINE, segment_numbers, segment_path
from gateway.audit.reading import at
from gateway.core.errors import SetupError
from gateway.store.durable import locked, make_folder, write_file


@dataclass(frozen=True, slots=True)
class Position:
    """Behind the line with number `seq`."""

    segment: int
    offset: int
    seq: int


@dataclass(frozen=True, slots=True)
class Positions:
    """The file of one receiver."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.json"

    def held(self) -> AbstractContextManager[None]:
        """While held nobody else moves it: the service and a command may both want to."""
        make_folder(self.folder)
        return locked(self.folder / f"{self.name}.lock")

    def read(self) -> Position | None:
        """None for a receiver that is new. Raises SetupError for a file that is damaged, OSError."""
        try:
            document = json.loads(self.path.read_bytes())
            return Position(*(int(document[name]) for name in Position.__slots__))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise SetupError(
                f"{self.path}: this is not how far a receiver has come: remove it, and the receiver goes on from now"
            ) from None

    def write(self, position: Position) -> None:
        """Durable on return. Raises OSError."""
        make_folder(self.folder)
        write_file(self.path, json.dumps(asdict(position)).encode() + b"\n")


def end_of(log: Path) -> Position:
    """Behind the last whole line of the log. Raises OSError."""
    last = (segment_numbers(log) or [1])[-1]
    positions = (behind for _, behind in lines_from(log, Position(last, 0, 0)))
    return next(iter(deque(positions, maxlen=1)), Position(last, 0, 0))


def lines_from(log: Path, position: Position) -> Iterator[tuple[dict[str, Any], Position]]:
    """Each whole line behind the position that is there now, with the position behind it. Raises OSError.

    A line that is no event is passed over: `audit verify` tells of it.
    """
    segments = [number for number in segment_numbers(log) if number >= position.segment]
    for number in segments:
        offset = position.offset if number == position.segment else 0
        with segment_path(log, number).open("rb") as file:
            file.seek(offset)
            while (line := file.readline(MAX_LINE)).endswith(b"\n"):
                offset += len(line)
                event = _event(line)
                seq = at(event, "seq")
                position = Position(number, offset, seq if isinstance(seq, int) else position.seq)
                yield event, position


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    return event if isinstance(event, dict) else {}
