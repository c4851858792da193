"""Sends what is large: in pieces, no faster than it is taken, and not for ever.

A server that is given all of an answer at once keeps it in memory until the client has taken it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

PIECE = 1 << 16
STALL_SECONDS = 30.0  # for one piece to be taken


class Paced(StreamingResponse):
    """`body` comes from a thread, piece by piece; `done` is called once it is sent, or the client is gone or too slow.

    `seconds`: for all of it.
    """

    def __init__(
        self,
        body: Iterable[bytes],
        size: int,
        headers: Mapping[str, str],
        *,
        seconds: float,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(body, headers={**headers, "Content-Length": f"{size}"}, media_type="application/octet-stream")
        self._seconds = seconds
        self._done = done
        self._close: Callable[[], None] = getattr(body, "close", lambda: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def pacing(message: Message) -> None:
            async with asyncio.timeout(STALL_SECONDS):
                await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await super().__call__(scope, receive, pacing)
        finally:
            self.body_iterator = _nothing()  # what it held is let go of
            with suppress(ValueError):  # a thread is at work in it, and ends it
                self._close()
            self._done()


def pieces(octets: bytes) -> Iterator[bytes]:
    """No more of it is copied at once than is about to be sent."""
    for start in range(0, len(octets), PIECE):
        yield octets[start : start + PIECE]


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield
