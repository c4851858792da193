"""Large answers: sent in pieces, given up where nobody takes them, and what they held is given back each time."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from starlette.types import Message

from gateway.web import sending
from gateway.web.sending import PIECE, Paced, pieces

T = TypeVar("T")
SCOPE = {"type": "http", "asgi": {"spec_version": "2.3"}, "method": "GET", "headers": []}


class Client:
    """One side of a connection: it takes so many messages, then none; it may go away then."""

    def __init__(self, takes: int, *, leaves: bool = False) -> None:
        self.taken: list[Message] = []
        self._takes = takes
        self._leaves = leaves
        self._full = asyncio.Event()

    async def send(self, message: Message) -> None:
        if len(self.taken) == self._takes:
            self._full.set()
            await asyncio.Event().wait()
        self.taken.append(message)

    async def receive(self) -> Message:
        await self._full.wait()
        if not self._leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.taken)


def finished(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: Playwright's loop may run in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_all_of_it_is_sent_in_pieces() -> None:
    """With its length, and never more than a piece at once."""
    octets, ended = bytes(range(256)) * 1_000, []

    async def run() -> Client:
        client = Client(100)
        answer = Paced(pieces(octets), len(octets), {}, seconds=20, done=lambda: ended.append(1))
        await answer(SCOPE, client.receive, client.send)
        return client

    client = finished(run())
    assert client.body == octets
    assert max(len(message.get("body", b"")) for message in client.taken) == PIECE
    assert (b"content-length", b"256000") in client.taken[0]["headers"]
    assert ended == [1]


def test_nothing_is_read_ahead_of_a_client_that_leaves() -> None:
    """The rest of the body is never made, and what it held is given back."""
    made, ended = [], []

    def body() -> Iterator[bytes]:
        for number in range(50):
            made.append(number)
            yield b"x"

    async def run() -> None:
        client = Client(3, leaves=True)
        await Paced(body(), 50, {}, seconds=20, done=lambda: ended.append(1))(SCOPE, client.receive, client.send)

    finished(run())
    assert (made, ended) == ([0, 1, 2], [1])


@pytest.mark.parametrize(("stall", "whole"), [(0.1, 60.0), (60.0, 0.1)])
def test_a_client_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, stall: float, whole: float) -> None:
    """After the time for one piece, or for all of it."""
    monkeypatch.setattr(sending, "STALL_SECONDS", stall)
    ended = []

    async def run() -> None:
        client = Client(3)
        answer = Paced(pieces(b"x" * 10 * PIECE), 10 * PIECE, {}, seconds=whole, done=lambda: ended.append(1))
        await answer(SCOPE, client.receive, client.send)

    with pytest.raises(TimeoutError):
        finished(run())
    assert ended == [1]
