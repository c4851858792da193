"""Connections that bring no request: they are ended, so that they keep nobody else out."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from gateway.web import prompt
from gateway.web.prompt import Prompt
from gateway.web.serving import Server

GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"


async def _counts(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)} octets")(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server that waits for a request for a second."""
    monkeypatch.setattr(prompt, "REQUEST_SECONDS", 1.0)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        up = threading.Event()
        server = Server(uvicorn.Config(_counts, http=Prompt, log_config=None, lifespan="off"), up.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert up.wait(20)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(20)


def asked(client: socket.socket) -> None:
    """A request, and all of its answer."""
    client.sendall(GET)
    answer = b""
    while not answer.endswith(b"0 octets"):
        piece = client.recv(4_096)
        assert piece
        answer += piece


def rest(client: socket.socket) -> bytes:
    """What comes before the other side ends the connection."""
    try:
        return client.recv(4_096)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", GET[:-2], b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nhalf"],
)
def test_who_sends_no_whole_request_is_cut_off(port: int, begun: bytes) -> None:
    """Nothing, a part of the header, a part of the body; after another request too."""
    for is_first in (True, False):
        with closing(socket.create_connection(("127.0.0.1", port), 20)) as client:
            if not is_first:
                asked(client)
            if begun or is_first:
                client.sendall(begun)
                assert rest(client) == b""


def test_a_connection_with_whole_requests_stays(port: int) -> None:
    """Also where they come one after the other for longer than one may take."""
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as client:
        for _ in range(5):
            asked(client)
            threading.Event().wait(0.3)
