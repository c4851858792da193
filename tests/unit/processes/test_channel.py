"""gateway.processes.channel"""

import os
import pickle
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import pytest

from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.verdict import Action, Disposition, Outcome, Verb, Verdict
from gateway.processes.channel import (
    LENGTH,
    ChannelClosed,
    dumps_known,
    dumps_lean,
    dumps_plain,
    loads_from_worker,
    loads_known,
    receive,
    send,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.settimeout(5)
        yield ours, theirs


@pytest.mark.parametrize("frame", [b"", b"x", bytes(100_000)])
def test_a_frame_arrives_as_it_was_sent(pair: Pair, frame: bytes) -> None:
    """Frames of any size arrive whole."""
    send(pair[0], frame)

    assert receive(pair[1]) == (frame, [])


def test_a_descriptor_travels_with_its_frame(pair: Pair) -> None:
    """The receiver gets a descriptor of its own for the same file."""
    reading, writing = os.pipe()
    send(pair[0], b"here", (reading,))
    frame, descriptors = receive(pair[1], descriptors=1)
    os.write(writing, b"through")

    assert frame == b"here"
    assert os.read(descriptors[0], 10) == b"through"
    for descriptor in (reading, writing, *descriptors):
        os.close(descriptor)


def test_a_closed_channel_is_told_apart_from_a_slow_one(pair: Pair) -> None:
    """End of file in the middle of a frame is ChannelClosed; silence is TimeoutError."""
    pair[1].settimeout(0.01)
    with pytest.raises(TimeoutError):
        receive(pair[1])
    pair[0].sendall(b"\0\0\0\0\0\0\0\x09half")
    pair[0].close()

    with pytest.raises(ChannelClosed):
        receive(pair[1])


def test_what_the_other_side_has_is_named_not_sent() -> None:
    """The very objects that it was forked with; what only equals one of them is sent."""
    known, same = ("a" * 1_000,), "".join(["a"] * 1_000)

    frame = dumps_known([known, same], [known])
    read, equal = loads_known(frame, [known])

    assert read is known
    assert (equal, equal is same) == (same, False)
    assert len(frame) < 1_100
    assert loads_known(dumps_known([known], ()), ()) == [known]


def test_the_vocabulary_comes_back_equal() -> None:
    """A verdict survives the way from the worker."""
    outcome = Outcome("a@b.example", Disposition.QUARANTINE, (Action(Verb.QUARANTINE, {"n": 1}),))
    verdict = Verdict(Disposition.QUARANTINE, "sha256:0", (outcome,))

    assert loads_from_worker(dumps_lean(verdict)) == verdict
    failure = DetectorFailure("x", FailureKind.CRASH)
    assert loads_from_worker(dumps_lean(failure)) == failure
    assert loads_from_worker(dumps_plain(failure)) == failure


class Call:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize(
    "evil",
    [Call(os.system, "true"), Call(subprocess.Popen, ["true"]), Call(eval, "1"), Call(getattr, "a", "upper"), Call],
    ids=["os.system", "Popen", "eval", "getattr", "a class from elsewhere"],
)
def test_a_worker_cannot_make_the_front_process_call_anything(evil: object) -> None:
    """Whatever is not of the vocabulary is refused before it is built."""
    with pytest.raises(pickle.UnpicklingError):
        loads_from_worker(pickle.dumps(evil))


def test_names_that_a_vocabulary_module_only_imports_are_refused() -> None:
    """`gateway.core.plan.dataclass` is no word of the vocabulary."""
    with pytest.raises(pickle.UnpicklingError):
        loads_from_worker(b"cgateway.core.plan\ndataclass\n.")


def test_a_frame_that_comes_byte_by_byte_ends_at_the_deadline(pair: Pair) -> None:
    """A worker that somebody took over must not hold a thread of the front process for as long as it likes."""
    ours, theirs = pair
    over = threading.Event()

    def drip() -> None:
        theirs.sendall(LENGTH.pack(1_000))
        while not over.wait(0.02):
            theirs.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(TimeoutError):
            receive(ours, until=time.monotonic() + 0.2)
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("dumps", [dumps_lean, dumps_plain])
def test_members_of_enumerations_come_as_their_values(
    dumps: Callable[[object], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from a Python that pickles them as calls of getattr, as Debian's 3.11.2 does: it is not called."""
    monkeypatch.setattr(Enum, "__reduce_ex__", lambda self, _: (getattr, (type(self), self.name)))
    values = (Disposition.QUARANTINE, Verb.REDACT, DetectorFailure("names", FailureKind.TIMEOUT))

    assert loads_from_worker(dumps(values)) == values


def test_a_descriptor_that_nobody_asked_for_is_closed_whatever_follows(pair: Pair) -> None:
    """One octet with a descriptor, then nothing: a worker could leave one open for each message."""
    reading, writing = os.pipe()
    socket.send_fds(pair[0], [b"\0"], [writing])
    os.close(writing)
    with pytest.raises(TimeoutError):
        receive(pair[1], until=time.monotonic() + 0.05)

    assert os.read(reading, 1) == b"", "no writer is left"
    os.close(reading)
