"""The clean process that workers are forked from.

It loads the detectors once, has one thread and no keys, and forks a worker whenever the front process asks for one:
a new worker costs milliseconds and shares the memory of the loaded models. As their parent it alone may kill and reap
them, so a process id is never mistaken for another.
"""

import contextlib
import gc
import os
import pickle
import signal
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from gateway.actions import Notices
from gateway.core.envelope import Transaction
from gateway.core.errors import SetupError
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.detect.database import Compiled, adopt
from gateway.detect.names import Elsewhere
from gateway.extract.warm import compile_signs, warm
from gateway.pipeline import inspect
from gateway.policy.demand import Demand
from gateway.processes.channel import ChannelClosed, dumps_lean, dumps_plain, loads_known, receive, send
from gateway.processes.sandbox import address_space, confine, leave_no_core, limit_cpu, limit_memory
from gateway.processes.thrift import give_back
from gateway.ruleset import RuleSet
from gateway.workers import rehearsal
from gateway.workers.comparing import Comparing, Kept, Told, Trial, demands, loads_batch, same_detectors
from gateway.workers.handing import loads_transaction

_LARGE = 1 << 17  # octets of a message whose worker has much to give back
_COPIES = 4  # of a message: as it came, decoded, as text, and what is found in that


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs to know.

    `memory_bytes`: for one message, beside what the nursery uses and four times the message's own size;
    `message_bytes`: of the largest message there is; `cpu_seconds`: processor time for one message.
    """

    ruleset: RuleSet
    limits: Limits
    notices: Notices
    fingerprint_key: bytes = field(repr=False, default=b"")
    exact_key: bytes = field(repr=False, default=b"")  # of the indexes of lists
    memory_bytes: int = 424 << 20
    message_bytes: int = 150 << 20
    cpu_seconds: int = 20
    reveal: bool = False
    explain: bool = False
    show: bool = False  # the text of messages to people who may see it
    passages: bool = False  # what stands around each finding
    databases: Mapping[str, Compiled] = field(repr=False, default_factory=dict)  # compiled already, to be taken over
    later: bool = False  # a worker loads models and compiles regexes when a text needs them: for few messages
    single: bool = False  # one message is to come: its worker loads what it needs for reading files
    comparing: Comparing | None = None  # nothing is inspected but what this and another rule set make of messages
    read_all: bool = False  # show all text to language models, whatever the policy needs: to measure them


class Order(StrEnum):
    """What the front process may ask of the nursery."""

    FORK = "fork"
    REAP = "reap"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a nursery that was forked has before its Setup comes.

    `known`: values that the Setup names instead of holding them; `draft`: what the Setup will be but for keys and
    limits; `elsewhere`: where a worker may find a model loaded.
    """

    known: tuple[object, ...] = ()
    draft: Setup | None = None
    elsewhere: Elsewhere | None = None


def main(descriptor: int, ahead: Ahead = Ahead()) -> None:
    """Receive the Setup on a socket, make the engine, then obey until the front process closes the channel."""
    control = socket.socket(fileno=descriptor)
    leave_no_core()
    gc.disable()  # nothing of what is loaded becomes rubbish
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the front process ends us by closing the channel
    with contextlib.suppress(ChannelClosed):
        early = _made_early(ahead)
        frame, _ = receive(control)
        setup: Setup = loads_known(frame, ahead.known)
        adopt(setup.databases)
        if early is not None and _asks_the_same(ahead.draft, setup):
            engine = early
            engine.use(setup.fingerprint_key, setup.exact_key)
        else:
            engine = engine_of(setup, ahead.elsewhere)
        engine.detect((), setup.limits)
        trial = trial_of(setup, engine)
        if not setup.single:
            warm()
            if not setup.later:
                for transaction in rehearsal.transactions():
                    if trial is None:
                        _answer(transaction, setup, engine, demand_of(setup))
                    else:
                        _told(Kept(transaction.incident, transaction.raw, transaction.envelope), trial)
            gc.collect()
            give_back()
        gc.freeze()
        gc.enable()
        send(control, b"ready")
        while True:
            frame, _ = receive(control)
            _obey(pickle.loads(frame), control, setup, engine, trial)  # noqa: S301 - from the front process


def draft_for_one(ruleset: RuleSet) -> Setup:
    """What is known already of the Setup that explains one message."""
    return Setup(ruleset, Limits(), Notices("", "", ""), later=True, single=True, explain=True)


def _made_early(ahead: Ahead) -> Engine | None:
    """What is the matter with a draft shows when the Setup is there."""
    if ahead.draft is None:
        return None
    with contextlib.suppress(SetupError):
        compile_signs()
        return engine_of(ahead.draft, ahead.elsewhere)
    return None


def _asks_the_same(draft: Setup | None, setup: Setup) -> bool:
    """Whether their engines would be the same but for the keys."""
    return draft is not None and all(
        one == other
        for one, other in (
            (id(draft.ruleset), id(setup.ruleset)),
            (draft.later, setup.later),
            (draft.read_all, setup.read_all),
            (demand_of(draft), demand_of(setup)),
        )
    )


def engine_of(setup: Setup, elsewhere: Elsewhere | None = None) -> Engine:
    """All detectors, each looking where the policy needs it to; models that it never asks are not loaded."""
    models = frozenset(spec.entity for spec in setup.ruleset.detectors if spec.engine == "names")
    anywhere = models if setup.read_all else setup.ruleset.anywhere
    demand = demand_of(setup)
    asked = [setup.ruleset, *([setup.comparing.beside] if setup.comparing else [])]
    spared = demand is not None and not any(ruleset.asks_models for ruleset in asked)
    return Engine(
        [spec for spec in setup.ruleset.detectors if not (spared and spec.engine == "names")],
        fingerprint_key=setup.fingerprint_key,
        exact_key=setup.exact_key,
        anywhere=anywhere,
        later=setup.later,
        elsewhere=elsewhere,
        first=demand.first if demand else None,
    )


def demand_of(setup: Setup) -> Demand | None:
    """What is looked for first; None where somebody wants to see all that there is."""
    if any((setup.reveal, setup.explain, setup.show, setup.passages, setup.read_all)):
        return None
    return demands(setup.ruleset, setup.comparing.beside)[0] if setup.comparing else setup.ruleset.demand


def models_of(setup: Setup) -> set[Path]:
    """The models of language that a worker may have to load itself."""
    named = {(Path(spec.file).parent / spec.model).resolve() for spec in setup.ruleset.detectors if spec.model}
    return {path for path in named if path.exists()}


def trial_of(setup: Setup, engine: Engine) -> Trial | None:
    """The two rule sets of a comparison, with one engine where it would be the same for both."""
    comparing = setup.comparing
    if comparing is None:
        return None
    other = None
    if not same_detectors(setup.ruleset, comparing.beside):
        other = engine_of(replace(setup, ruleset=comparing.beside, comparing=None))
    return Trial(setup.ruleset, comparing, engine, other, setup.limits)


def _obey(order: tuple[Order, int], control: socket.socket, setup: Setup, engine: Engine, trial: Trial | None) -> None:
    verb, pid = order
    if verb is Order.REAP:
        send(control, pickle.dumps(_reap(pid)))
        return
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        control.close()
        theirs.close()
        _live(ours, setup, engine, trial)
    ours.close()
    send(control, pickle.dumps(child), (theirs.fileno(),))
    theirs.close()


def _reap(pid: int) -> int | None:
    """End a worker that may have ended by itself; its wait status, None for a process that is no child of ours."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    if not ended:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    return status


def _live(channel: socket.socket, setup: Setup, engine: Engine, trial: Trial | None) -> None:
    """A worker's life; never returns."""
    code = 1
    try:
        used = address_space()
        confine(setup.memory_bytes + _COPIES * setup.message_bytes, models_of(setup))
        if trial is None:
            work(channel, setup, engine, used=used)
        else:
            compare(channel, setup, trial, used=used)
        code = 0
    except ChannelClosed:
        code = 0
    finally:
        os._exit(code)


def work(channel: socket.socket, setup: Setup, engine: Engine, *, used: int) -> None:
    """Inspect one message after another until the channel closes. Raises ChannelClosed.

    `used`: bytes that were mapped before the first one.
    """
    demand = demand_of(setup)
    while True:
        frame, descriptors = receive(channel, descriptors=1, alone=True)
        transaction = loads_transaction(frame, _read(descriptors[0]) if descriptors else None)
        _limit(setup, used, len(transaction.raw))
        send(channel, _answer(transaction, setup, engine, demand))
        if len(transaction.raw) >= _LARGE:
            del transaction
            give_back()


def compare(channel: socket.socket, setup: Setup, trial: Trial, *, used: int) -> None:
    """Tell of one batch of messages after another, as `work` does. Each message has its own limits."""
    while True:
        frame, descriptors = receive(channel, descriptors=1, alone=True)
        batch = loads_batch(frame, _read(descriptors[0]) if descriptors else None)
        told: list[Told | FailureKind] = []
        for kept in batch:
            _limit(setup, used, len(kept.raw))
            told.append(_told(kept, trial))
        send(channel, dumps_plain(tuple(told)))
        if max(len(kept.raw) for kept in batch) >= _LARGE:
            del batch, kept
            give_back()


def _limit(setup: Setup, used: int, octets: int) -> None:
    limit_cpu(setup.cpu_seconds)
    limit_memory(used + setup.memory_bytes + _COPIES * octets)


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        return file.read()


def _told(kept: Kept, trial: Trial) -> Told | FailureKind:
    try:
        return trial.tell(kept, time.process_time)
    except MemoryError:
        return FailureKind.MEMORY
    except Exception as error:  # noqa: BLE001 - as in `_answer`
        _report(kept.name, error)
        return FailureKind.ERROR


def _answer(transaction: Transaction, setup: Setup, engine: Engine, demand: Demand | None) -> bytes:
    try:
        inspection = inspect(
            transaction,
            setup.ruleset.policy,
            engine,
            setup.limits,
            setup.notices,
            time.perf_counter,
            cpu=time.process_time,
            reveal=setup.reveal,
            explain=setup.explain,
            show=setup.show,
            passages=setup.passages,
            demand=demand,
        )
        return dumps_lean(inspection)
    except MemoryError:
        failure = DetectorFailure("inspection", FailureKind.MEMORY)
    except Exception as error:  # noqa: BLE001 - a bug of ours met this message: the policy decides, and we are told where
        _report(transaction.incident, error)
        failure = DetectorFailure("inspection", FailureKind.ERROR)
    return dumps_lean(failure)


def _report(incident: str, error: Exception) -> None:
    """Where it happened, never the text of the exception: that may hold content."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    print(f"gatepost: inspection of {incident} failed: {type(error).__name__} at {places}", file=sys.stderr)  # noqa: T201
