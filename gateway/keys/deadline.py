"""A connection that ends at its deadline, whatever the other side does.

A timeout of a socket counts from byte to byte: a server that sends one now and then would hold us for ever.
"""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

MOST_ADDRESSES = 4  # of one host that are tried


class Deadline:
    """For the connections of one dialogue; used by one thread. Leaving it closes nothing but its own hold on them."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for held in self._held:
                held.close()
            self._held.clear()

    @property
    def left(self) -> float:
        """Seconds. Raises TimeoutError where there are none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        return left

    def connect(self, address: tuple[str, int], *_others: object) -> socket.socket:
        """In place of `socket.create_connection`. Raises OSError."""
        host, port = address
        failure: OSError = OSError("it has no address")
        for family, kind, protocol, _name, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[
            :MOST_ADDRESSES
        ]:
            try:
                return self._connected(socket.socket(family, kind, protocol), place)
            except TimeoutError:
                raise
            except OSError as error:
                failure = error
        raise failure

    def _connected(self, made: socket.socket, place: object) -> socket.socket:
        try:
            made.settimeout(self.left)
            made.connect(place)  # type: ignore[arg-type]  # as getaddrinfo gave it
            with self._lock:
                self._held.append(made.dup())  # TLS takes the first one over
        except OSError:
            made.close()
            raise
        return made

    def _end(self) -> None:
        with self._lock:
            for held in self._held:
                with suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)
