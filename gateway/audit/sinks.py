"""Where events go besides the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Record:
    """One event as it stands in the log; `line` with its line end."""

    seq: int
    line: bytes = field(repr=False)
    event: Mapping[str, object] = field(repr=False)


class Sink(Protocol):
    """Gets every durable record once, in order. `required`: no mail without it."""

    @property
    def required(self) -> bool: ...

    def send(self, records: Sequence[Record]) -> None:
        """Raises OSError if they could not be handed over and the sink is required."""
