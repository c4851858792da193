"""Frames over a stream socket between the front process, the nursery and the workers.

A frame is a length (8 bytes, big-endian) and that many bytes; descriptors travel with the length.
"""

import io
import os
import pickle
import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, partial
from importlib import import_module
from operator import attrgetter
from select import POLLIN, POLLOUT, poll
from typing import Any, TypeVar

LENGTH = struct.Struct(">Q")
LARGEST = 1 << 31
TOGETHER = 16 * 1024  # bytes of a frame that may be read together with its length
_T = TypeVar("_T")
VOCABULARY = "gateway.core."
TRUSTED_NAMES = frozenset({("builtins", "frozenset"), ("gateway.pipeline", "Inspection")})


_WRITTEN: dict[type, Callable[[Any], Any]] = {}  # of the classes that were sent


class ChannelClosed(Exception):
    """The other side is gone."""


def send(
    channel: socket.socket, frame: bytes, descriptors: tuple[int, ...] = (), *, until: float | None = None
) -> None:
    """Send one frame. Raises ChannelClosed, TimeoutError.

    `until`, by the monotonic clock, holds for the whole frame; without it the channel's own timeout does.
    """
    try:
        head = LENGTH.pack(len(frame))
        # at once: the other side wakes up for it once
        sent = _wait_until(until, channel, POLLOUT, lambda: socket.send_fds(channel, [head, frame], descriptors))
        left = memoryview(head + frame)[sent:] if sent < len(head) + len(frame) else b""
        while left:
            left = left[_wait_until(until, channel, POLLOUT, partial(channel.send, left)) :]
    except TimeoutError:
        raise
    except OSError as error:
        raise ChannelClosed from error


def receive(
    channel: socket.socket,
    descriptors: int = 0,
    *,
    until: float | None = None,
    most: int = LARGEST,
    alone: bool = False,
) -> tuple[bytes, list[int]]:
    """Receive one frame and up to so many descriptors. Raises ChannelClosed, TimeoutError.

    `until`, by the monotonic clock, holds for the whole frame, however slowly it comes. `alone`: the other side sends
    no more before it has heard of us, so that a short frame may be read together with its length.
    """
    try:
        ahead = LENGTH.size + (TOGETHER if alone else 0)
        octets, received, _, _ = _wait_until(
            until, channel, POLLIN, lambda: socket.recv_fds(channel, ahead, max(descriptors, 1))
        )
        for descriptor in received[descriptors:]:  # nobody asked for it; first of all, whatever else fails
            os.close(descriptor)
        while 0 < len(octets) < LENGTH.size:
            more = _wait_until(until, channel, POLLIN, partial(channel.recv, LENGTH.size - len(octets)))
            if not more:
                raise ChannelClosed
            octets += more
        if not octets:
            raise ChannelClosed
        (length,) = LENGTH.unpack_from(octets)
        if length > most or len(octets) > LENGTH.size + length:
            raise ChannelClosed
        return _exactly(channel, octets[LENGTH.size :], length, until), received[:descriptors]
    except TimeoutError:
        raise
    except OSError as error:
        raise ChannelClosed from error


def _wait_until(until: float | None, channel: socket.socket, event: int, do: Callable[[], _T]) -> _T:
    """What `do` gives once it can be done: the channel does not block where there is an end. Raises TimeoutError."""
    if until is None:
        return do()
    if channel.gettimeout() != 0.0:
        channel.setblocking(False)
    while (left := until - time.monotonic()) > 0:
        with suppress(BlockingIOError):
            return do()
        waiting = poll()
        waiting.register(channel, event)
        waiting.poll(1000 * left)
    raise TimeoutError


def _exactly(channel: socket.socket, begun: bytes, length: int, until: float | None) -> bytes:
    if len(begun) == length:
        return begun
    buffer = bytearray(length)
    buffer[: len(begun)] = begun
    view = memoryview(buffer)[len(begun) :]
    while view:
        count = _wait_until(until, channel, POLLIN, partial(channel.recv_into, view))
        if not count:
            raise ChannelClosed
        view = view[count:]
    return bytes(buffer)


class _Plain(pickle.Pickler):
    """Writes a member of an enumeration by its value: Python 3.11.2, Debian's, has it fetched by getattr, which nobody
    who reads what a worker sent may be asked to call."""

    def reducer_override(self, value: Any) -> Any:
        return (type(value), (value.value,)) if isinstance(value, Enum) else NotImplemented


class _Lean(_Plain):
    """Writes a value of ours as a call of its class: its own way goes through its fields by name, there and back."""

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        written = _WRITTEN.get(kind)
        if written is None:
            written = _WRITTEN[kind] = _written(kind)
        return written(value)


def _written(kind: type) -> Callable[[Any], Any]:
    """How values of a class are written; what does not change is made once."""
    if issubclass(kind, Enum):
        members = {id(member): (kind, (member.value,)) for member in kind}
        return lambda value: members.get(id(value)) or (kind, (value.value,))  # the latter of flags together
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    if not names:
        return lambda value: NotImplemented
    told = attrgetter(*names)
    return (lambda value: (kind, told(value))) if len(names) > 1 else lambda value: (kind, (told(value),))


def dumps_lean(value: object) -> bytes:
    """A value as the other side of a channel reads it; of classes that are made of their fields, in order."""
    frame = io.BytesIO()
    _Lean(frame, pickle.HIGHEST_PROTOCOL).dump(value)
    return frame.getvalue()


class _Naming(pickle.Pickler):
    """Writes the number of a value that the other side has."""

    def __init__(self, file: io.BytesIO, known: Sequence[object]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._known = {id(value): number for number, value in enumerate(known)}

    def persistent_id(self, value: object) -> int | None:
        return self._known.get(id(value))


class _Named(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, known: Sequence[object]) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, number: Any) -> object:
        return self._known[number]


def dumps_known(value: object, known: Sequence[object]) -> bytes:
    """For a process of ours that was forked with `known`: what it holds of these is named, not sent."""
    frame = io.BytesIO()
    _Naming(frame, known).dump(value)
    return frame.getvalue()


def loads_known(frame: bytes, known: Sequence[object]) -> Any:
    """What the front process, which trusts itself, sent to such a process."""
    return _Named(io.BytesIO(frame), known).load()


def dumps_plain(value: object) -> bytes:
    """The same for values of any class."""
    frame = io.BytesIO()
    _Plain(frame, pickle.HIGHEST_PROTOCOL).dump(value)
    return frame.getvalue()


@cache
def _trusted(module: str, name: str, also: frozenset[str]) -> Any:
    """The class of that name. Raises UnpicklingError for anything but the vocabulary."""
    known = module.startswith(VOCABULARY) or (module, name) in TRUSTED_NAMES or module in also
    if not known or "." in name:
        raise pickle.UnpicklingError("not of the vocabulary")
    found = getattr(import_module(module), name)
    if not isinstance(found, type) or found.__module__ != module:
        raise pickle.UnpicklingError("not of the vocabulary")
    return found


class _Vocabulary(pickle.Unpickler):
    """Builds values of the shared vocabulary and nothing else: a worker that a hostile message took over
    must not be able to run code in the front process."""

    def __init__(self, file: io.BytesIO, also: frozenset[str]) -> None:
        super().__init__(file)
        self._also = also

    def find_class(self, module: str, name: str) -> Any:
        return _trusted(module, name, self._also)


def loads_from_worker(frame: bytes, also: frozenset[str] = frozenset()) -> Any:
    """Read what a worker answered. Raises pickle.UnpicklingError for anything but the shared vocabulary.

    `also`: further modules whose classes are no more than values.
    """
    try:
        return _Vocabulary(io.BytesIO(frame), also).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:
        raise pickle.UnpicklingError("damaged") from error
