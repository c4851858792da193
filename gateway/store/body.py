"""What an object store answers, read within a time."""

import time
from typing import Any


class Body:
    """An answer as a file: `read` gives as much as asked for, but at the end. TimeoutError for one that trickles."""

    def __init__(self, body: Any, seconds: float) -> None:
        self._body = body
        self._seconds = seconds

    def read(self, size: int) -> bytes:
        octets = bytearray()
        until = time.monotonic() + self._seconds
        while len(octets) < size and (piece := self._body.read(size - len(octets))):
            octets += piece
            if time.monotonic() > until:
                raise TimeoutError("it took too long")
        return bytes(octets)
