"""A language model in a process of its own, for a command with one message: it loads while the rules are read.

The process is forked before there is a rule, a key or a message. Before it is shown a text it is confined as a worker
is. Nobody depends on it: a worker that gets no answer loads the model itself, and fares as it would have without.
"""

import gc
import json
import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.core.errors import SetupError
from gateway.detect.names.base import Mark, Tagger
from gateway.detect.names.card import digest_of
from gateway.processes.channel import ChannelClosed, receive, send
from gateway.processes.sandbox import confine, leave_no_core, limit_cpu

_Key = tuple[str, str]  # a model's path and its digest


def main(channel: socket.socket) -> None:
    """Load models, then answer until the other side closes the channel."""
    gc.disable()  # nothing of what is loaded becomes rubbish
    leave_no_core()
    with suppress(ChannelClosed):
        from gateway.detect.names import lean

        lean.spacy()  # what takes longest; meanwhile somebody finds out which model it is
        taggers = dict(_loaded(map(Path, _told(channel))))
        memory_bytes, cpu_seconds = _told(channel)
        gc.freeze()
        gc.enable()
        confine(memory_bytes)
        while True:
            question, _ = receive(channel)
            limit_cpu(cpu_seconds)
            send(channel, _answer(question, taggers))


def _told(channel: socket.socket) -> Any:
    frame, _ = receive(channel)
    return json.loads(frame)


def _loaded(models: Iterable[Path]) -> Iterable[tuple[_Key, Tagger]]:
    """What cannot be loaded is of no use, or is told when the rules name it."""
    from gateway.detect.names.nlp import build_tagger

    for model in models:
        with suppress(SetupError, OSError):
            digest = digest_of(model)
            yield (str(model), digest), build_tagger(model, digest)


def _answer(question: bytes, taggers: Mapping[_Key, Tagger]) -> bytes:
    """The marks of each text of a question; null for a model that is not here."""
    model, digest, texts = json.loads(question)
    tagger = taggers.get((model, digest))
    marks = None if tagger is None else [[(m.start, m.end, m.label) for m in of] for of in tagger.tag(texts)]
    return json.dumps([sha256(question).hexdigest(), marks]).encode()


class Apart:
    """The other side: what the front process tells such a process, and what a worker asks it."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def load(self, models: Sequence[Path]) -> None:
        """To be told once. A process that is gone is told nothing."""
        self._send([str(model) for model in models])

    def bound(self, *, memory_bytes: int, cpu_seconds: int) -> None:
        """To be told once, after the models: the memory it may use beside its own, and the time for a question."""
        self._send([memory_bytes, cpu_seconds])

    def close(self) -> None:
        """It ends where nobody else has this side of the channel."""
        self._channel.close()

    def _send(self, words: Sequence[str] | Sequence[int]) -> None:
        with suppress(ChannelClosed):
            send(self._channel, json.dumps(words).encode())

    def tag(self, model: Path, digest: str, texts: Sequence[str]) -> list[tuple[Mark, ...]] | None:
        """The marks of each text, in order; None where it does not answer, or has no such model."""
        question = json.dumps([str(model), digest, list(texts)]).encode()
        try:
            send(self._channel, question)
            frame, _ = receive(self._channel)
        except ChannelClosed:
            return None
        asked, marks = json.loads(frame)
        if asked != sha256(question).hexdigest() or marks is None:  # an answer to a worker that is gone
            return None
        return [tuple(Mark(start, end, label) for start, end, label in of) for of in marks]
