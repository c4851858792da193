"""The confined process: it unpacks one archive and reads the rule set that was written from it, or reads a folder.

It is a clean interpreter with one channel and the detectors in force. What comes in from outside is looked at once
nothing can be opened any more but the libraries and the folder of this one candidate.
"""

import pickle
import resource
import socket
from dataclasses import dataclass, field
from pathlib import Path

from gateway.candidates.unpacking import members
from gateway.core.detector import DetectorSpec
from gateway.core.errors import FaultyFiles, SetupError
from gateway.logs import places
from gateway.processes.channel import ChannelClosed, dumps_plain, receive, send
from gateway.processes.sandbox import confine, leave_no_core
from gateway.ruleset import load_ruleset

MOST_FAULTS = 20
Answer = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What it may take. `memory_bytes`: on top of what a process has at its start."""

    memory_bytes: int
    cpu_seconds: int


@dataclass(frozen=True, slots=True)
class Work:
    """A candidate. `detectors` None: it has its own. `packed`: comes as an archive. `readable`: beside the folder."""

    folder: Path
    detectors: tuple[DetectorSpec, ...] | None = field(repr=False)
    bounds: Bounds
    packed: bool = False
    readable: tuple[Path, ...] = ()


def main(descriptor: int) -> None:
    """The work, an archive where there is one, then leave to read: an answer to each but the first."""
    channel = socket.socket(fileno=descriptor)
    try:
        _serve(channel)
    except ChannelClosed:
        return
    except Exception as error:  # noqa: BLE001 - told by its place: the text of an unforeseen exception may hold content
        send(channel, dumps_plain(("bug", f"{type(error).__name__} at {places(error)}")))


def _serve(channel: socket.socket) -> None:
    leave_no_core()
    frame, _ = receive(channel)
    work: Work = pickle.loads(frame)  # noqa: S301 - from the console's process, which trusts itself
    resource.setrlimit(resource.RLIMIT_CPU, (work.bounds.cpu_seconds, work.bounds.cpu_seconds))
    confine(work.bounds.memory_bytes, [work.folder, *work.readable])
    if work.packed:
        archive, _ = receive(channel)
        send(channel, dumps_plain(_unpacked(archive)))
    receive(channel)
    send(channel, dumps_plain(_read(work)))


def _unpacked(archive: bytes) -> Answer:
    try:
        return "files", members(archive)
    except ValueError as error:
        return "refused", str(error)


def _read(work: Work) -> Answer:
    try:
        ruleset = load_ruleset(work.folder / "policy.yaml", detectors=work.detectors)
    except FaultyFiles as error:
        told = [str(fault) for fault in error.faults[:MOST_FAULTS]]
        more = len(error.faults) - len(told)
        return "refused", "\n".join([*told, *([f"and {more} more"] if more else [])])
    except SetupError as error:
        return "refused", str(error)
    return "rules", (ruleset.policy, ruleset.detectors if work.detectors is None else None)
