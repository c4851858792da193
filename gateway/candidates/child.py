"""The confined process: it unpacks one archive, then reads the rule set that was written from it.

It is a clean interpreter with one channel and the detectors in force. What comes in from outside is looked at once
nothing can be opened any more but the libraries and the folder of this one archive.
"""

import pickle
import resource
import socket
from pathlib import Path

from gateway.candidates.unpacking import members
from gateway.channel import ChannelClosed, dumps_plain, receive, send
from gateway.core.errors import FaultyFiles, SetupError
from gateway.ruleset import load_ruleset
from gateway.sandbox import confine, leave_no_core

MEMORY_BYTES = 512 << 20
CPU_SECONDS = 20
MOST_FAULTS = 20
Answer = tuple[str, object]


def main(descriptor: int) -> None:
    """Folder and detectors, then an archive, then leave to read what was written: an answer to each of the two."""
    channel = socket.socket(fileno=descriptor)
    leave_no_core()
    frame, _ = receive(channel)
    folder, detectors = pickle.loads(frame)  # noqa: S301 - from the console's process, which trusts itself
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    confine(MEMORY_BYTES, [folder])
    try:
        archive, _ = receive(channel)
        send(channel, dumps_plain(_unpacked(archive)))
        receive(channel)
        send(channel, dumps_plain(_read(folder, detectors)))
    except ChannelClosed:
        return


def _unpacked(archive: bytes) -> Answer:
    try:
        return "files", members(archive)
    except ValueError as error:
        return "refused", str(error)


def _read(folder: Path, detectors: tuple[object, ...]) -> Answer:
    try:
        return "policy", load_ruleset(folder / "policy.yaml", detectors=detectors).policy  # type: ignore[arg-type]  # as they came
    except FaultyFiles as error:
        told = [str(fault) for fault in error.faults[:MOST_FAULTS]]
        more = len(error.faults) - len(told)
        return "refused", "\n".join([*told, *([f"and {more} more"] if more else [])])
    except SetupError as error:
        return "refused", str(error)
