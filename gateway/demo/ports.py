"""Loopback ports for servers that are about to start."""

import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"


class PortHold:
    """A free loopback port, kept from other programs until `close`.

    The socket is bound but never listens, so that a server that sets SO_REUSEADDR (Postfix, Python's) can have the
    port meanwhile, and nobody who asks the kernel for any free port gets it.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()


def answers(port: int) -> bool:
    """Somebody listens on that loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=5).close()
    except OSError:
        return False
    return True


def wait_until(true: Callable[[], bool], seconds: float, what: str, every: float = 0.02) -> None:
    """Ask again and again until `true()`; TimeoutError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)
