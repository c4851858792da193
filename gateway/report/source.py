"""Which lines of the log a report was made of, and their digest."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.audit.reading import Event, at
from gateway.report.document import Source


class Read:
    """Lines as they are read. The digest is that of `events.jsonl` in an export of the same events."""

    def __init__(self) -> None:
        self.events = 0
        self.first = 0
        self.last = 0
        self._hash: Any = hashlib.sha256()

    def take(self, line: bytes, event: Event) -> None:
        seq = at(event, "seq")
        self.events += 1
        self.last = seq if isinstance(seq, int) else self.last
        self.first = self.first or self.last
        self._hash.update(line)

    def through(self, lines: Iterable[tuple[bytes, Event]]) -> Iterator[Event]:
        """The events of these lines, each taken as it passes."""
        for line, event in lines:
            self.take(line, event)
            yield event

    def source(self, verified: str, *, is_whole: bool = True) -> Source:
        """What the report was made of. `verified` says what checking the chain gave."""
        return Source(self.first, self.last, self._hash.hexdigest(), verified, is_whole)
