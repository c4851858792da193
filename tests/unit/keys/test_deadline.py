"""Servers that answer a byte at a time: what is fetched or tried ends at its deadline all the same."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gateway.keys.fetching import fetch, fetch_over_http
from gateway.keys.probe import probe

SECONDS = 0.4
PATIENT = 5.0  # far more than the deadline, far less than the drip would take


@contextmanager
def drip(*pieces: bytes) -> Iterator[int]:
    """A server that sends these and then one more byte every twentieth of a second; its port."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(10)

    def serve() -> None:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            try:
                for piece in pieces:
                    client.sendall(piece)
                while not stop.wait(0.05):
                    client.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        stop.set()
        server.close()
        thread.join(10)


@pytest.mark.parametrize(
    "pieces",
    [(), (b"HTTP/1.1 200 OK\r\n", b"X-Long: "), (b"HTTP/1.1 200 OK\r\n", b"\r\n", b"body")],
    ids=["status", "header", "body"],
)
def test_slow_authority_is_given_up(pieces: tuple[bytes, ...]) -> None:
    """OCSP responders and lists: in the status line, in the header, in the body."""
    with drip(*pieces) as port:
        assert seconds_of(lambda: fetch_over_http(f"http://127.0.0.1:{port}/", b"question", SECONDS)) < PATIENT


def test_slow_handshake_is_given_up() -> None:
    """WKD and MTA-STS: a record of TLS that never comes to its end."""
    with drip(b"\x16\x03\x03\x40\x00") as port:
        assert seconds_of(lambda: fetch(f"https://localhost:{port}/", 100, SECONDS)) < PATIENT


def test_slow_mail_server_is_given_up() -> None:
    """A greeting that never ends."""
    with drip(b"220-") as port:
        assert seconds_of(lambda: probe("127.0.0.1", port, "client.example", SECONDS)) < PATIENT


def seconds_of(ask: Callable[[], object]) -> float:
    begun = time.monotonic()
    with pytest.raises(OSError):  # noqa: PT011 - each its own words
        ask()
    return time.monotonic() - begun
