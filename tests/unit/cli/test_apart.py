"""A language model in a process of its own, with real processes"""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from gateway.cli import apart
from gateway.cli.apart import Apart
from gateway.detect.names.base import Mark
from gateway.detect.names.build import _Later
from gateway.detect.names.card import digest_of
from gateway.detect.names.nlp import build_tagger
from gateway.processes.channel import receive, send

MODEL = Path(__file__).parents[3] / "models" / "names-en"
TEXTS = ["Please call Mr. Anton Weber about his results.", "Nothing is told here.", ""]


@dataclass(frozen=True, slots=True)
class Running:
    """Such a process, and our end of the channel."""

    process: subprocess.Popen[bytes]
    other: Apart


@pytest.fixture
def running() -> Iterator[Running]:
    """One that was told of no model yet; not forked from this process, which may have threads."""
    ours, theirs = socket.socketpair()
    program = f"import socket; from gateway.cli.apart import main; main(socket.socket(fileno={theirs.fileno()}))"
    with ours, subprocess.Popen([sys.executable, "-c", program], pass_fds=(theirs.fileno(),)) as process:
        theirs.close()
        yield Running(process, Apart(ours))
        process.kill()


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[bytes], bytes]], Apart]]:
    """Makes the other side of a channel, which answers one question."""
    ours, theirs = socket.socketpair()

    def answer(with_: Callable[[bytes], bytes]) -> None:
        question, _ = receive(theirs)
        send(theirs, with_(question))

    def make(with_: Callable[[bytes], bytes]) -> Apart:
        Thread(target=answer, args=(with_,), daemon=True).start()
        return Apart(ours)

    yield make
    ours.close()
    theirs.close()


def test_its_marks_are_those_of_the_model_loaded_here(running: Running) -> None:
    """Text by text; a model that it was not told of, or of other bytes, it does not answer for."""
    other = running.other
    other.load([MODEL / "nothing", MODEL])
    other.bound(memory_bytes=1 << 30, cpu_seconds=20)
    digest = digest_of(MODEL)

    told = other.tag(MODEL, digest, TEXTS)

    assert told == build_tagger(MODEL, digest).tag(TEXTS)
    assert told is not None
    assert any(told)
    assert other.tag(MODEL, "0" * 64, TEXTS) is None
    assert other.tag(MODEL / "nothing", digest, TEXTS) is None


def test_it_is_confined_before_it_is_shown_a_text(running: Running) -> None:
    """Seccomp filters, no new privileges, bounded memory; and when the channel closes it ends."""
    other = running.other
    other.load([])
    other.bound(memory_bytes=64 << 20, cpu_seconds=20)
    assert other.tag(MODEL, "", ["x"]) is None  # it has answered, so it has got there
    of_process = Path(f"/proc/{running.process.pid}")
    status = (of_process / "status").read_text("ascii").split()
    limits = (of_process / "limits").read_text("ascii").splitlines()

    assert status[status.index("Seccomp:") + 1] == "2"
    assert status[status.index("NoNewPrivs:") + 1] == "1"
    assert "unlimited" not in next(line for line in limits if "address space" in line)

    other.close()
    assert running.process.wait(30) == 0


def test_when_it_is_gone_the_model_is_loaded_here(running: Running) -> None:
    """What was asked of it is answered all the same, and it is not asked again."""
    other = running.other
    running.process.kill()
    running.process.wait(30)
    other.load([MODEL])  # told to nobody
    digest = digest_of(MODEL)
    tagger = _Later(MODEL, digest, other)

    assert tagger.tag(TEXTS) == build_tagger(MODEL, digest).tag(TEXTS)
    assert tagger._tagger is not None


def test_the_answer_to_another_question_is_none_of_ours(answering: Callable[..., Apart]) -> None:
    """A worker that died with its question leaves its answer on the channel."""
    late = answering(lambda question: json.dumps(["0" * 64, [[[0, 4, "PERSON"]]]]).encode())

    assert late.tag(MODEL, "", ["Anna"]) is None


def test_marks_come_as_they_were_sent(answering: Callable[..., Apart]) -> None:
    """With lone surrogates and line ends in the text."""
    asked: list[str] = []

    def answer(question: bytes) -> bytes:
        asked.extend(json.loads(question)[2])
        return apart._answer(question, {(str(MODEL), "d"): Telling()})

    assert answering(answer).tag(MODEL, "d", ["a\udc80\r\n", ""]) == [(Mark(0, 1, "X"),), ()]
    assert asked == ["a\udc80\r\n", ""]


class Telling:
    """Marks the first code point of every text."""

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        return [(Mark(0, 1, "X"),) if text else () for text in texts]
